"""Reads a multipart/form-data body into its parts, as forgiving as the service: line ends may be CR LF or LF.

Knows nothing of what the parts mean.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from itertools import pairwise

from twins.quickbooks.faults import FaultError, Problem, refusal

_BLANK_LINE = re.compile(rb"\r?\n[ \t]*\r?\n")


@dataclass(frozen=True)
class Part:
    """One part of a form."""

    name: str
    file_name: str
    content_type: str
    content: bytes


def parts_of(content_type: str, body: bytes) -> list[Part]:
    """The parts in their order. Raises FaultError 500 when the body is no form, 6041 when a part cannot be decoded."""
    header = Message()
    header["Content-Type"] = content_type
    boundary = header.get_param("boundary")
    if header.get_content_type() != "multipart/form-data" or not isinstance(boundary, str) or not boundary:
        raise refusal("500", "An upload is a multipart/form-data body with a boundary")
    line = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary.encode()) + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    marks = list(line.finditer(body))
    if not marks or not marks[-1].group(1):
        raise refusal("500", "The multipart body does not end with its boundary")
    return [_part(body[mark.end() : following.start()]) for mark, following in pairwise(marks)]


def _part(text: bytes) -> Part:
    blank = _BLANK_LINE.search(text)
    if blank is None:
        raise refusal("500", "A part of the multipart body has no blank line behind its headers")
    headers = HeaderParser().parsestr(text[: blank.start()].decode("utf-8", "replace").lstrip("\r\n"))
    name = headers.get_param("name", header="content-disposition")
    content = text[blank.end() :]
    if headers.get("content-transfer-encoding", "").strip().lower() == "base64":
        content = _decoded(content)
    given = headers.get_content_type() if "content-type" in headers else ""
    return Part(name if isinstance(name, str) else "", headers.get_filename() or "", given, content)


def _decoded(content: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(content.split()), validate=True)
    except binascii.Error as error:
        raise FaultError(Problem("6041", "The file is not supported : its base64 form cannot be read")) from error
