"""Upload and download of attachments: files of an upload are paired with their metadata by the end of the parts' names.

`file_metadata_01` describes `file_content_01`; metadata may be missing. A file that is refused does so inside an HTTP 200.
Sources: Intuit's guide to attaching images and notes, recorded uploads, and the list of accepted files of a published client.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import msgspec

from twins.http import Request, Response
from twins.quickbooks import writes
from twins.quickbooks.bodies import MAX_BODY, content_of
from twins.quickbooks.catalogue import ENTITIES
from twins.quickbooks.context import Context
from twins.quickbooks.faults import FaultError, Problem, business, missing, refusal
from twins.quickbooks.multipart import Part, parts_of
from twins.quickbooks.presenting import FILES_PATH, show, signature, temporary_link
from twins.quickbooks.values import Json, decode

EXTENSIONS = frozenset(
    {"ai", "csv", "doc", "docx", "eps", "gif", "jpeg", "jpg", "ods", "pages", "pdf", "png", "rtf", "tif", "txt", "xls"}
    | {"xlsx", "xml"}
)
_EPOCH = re.compile(r"[0-9]{1,12}")
_PART = re.compile(r"file_(metadata|content)_(\w+)")


@dataclass
class Files:
    """The contents of uploaded files, by company and id of the Attachable."""

    contents: dict[tuple[str, str], bytes] = field(default_factory=dict)


@dataclass
class _Pair:
    metadata: Part | None = None
    content: Part | None = None


def upload(context: Context, request: Request, files: Files) -> Json:
    """The AttachableResponse list, one entry for each file. Raises FaultError when the request cannot be taken at all."""
    if "content-length" not in request.headers:
        raise refusal("6020", "An upload needs a Content-Length")
    if len(request.body) > MAX_BODY:
        raise refusal("6030", "An upload can have at most 100 MB")
    pairs: dict[str, _Pair] = {}
    for part in parts_of(request.headers.get("content-type", ""), content_of(request)):
        named = _PART.fullmatch(part.name)
        if named is None:
            raise refusal("6040", f"Part {part.name} is neither file_metadata nor file_content")
        pair = pairs.setdefault(named[2], _Pair())
        if named[1] == "metadata":
            pair.metadata = part
        else:
            pair.content = part
    if not pairs:
        raise FaultError(missing("file_content"))
    return {"AttachableResponse": [_answer(context, pair, files) for _, pair in sorted(pairs.items())]}


def _answer(context: Context, pair: _Pair, files: Files) -> Json:
    try:
        record = _store(context, pair, files)
    except FaultError as fault:
        return fault.body()
    return {"Attachable": show(context, "Attachable", record)}


def _store(context: Context, pair: _Pair, files: Files) -> Json:
    content = pair.content
    if content is None:
        raise FaultError(missing("file_content"))
    metadata = _metadata(pair.metadata)
    described = {
        "FileName": metadata.get("FileName") or content.file_name,
        "ContentType": metadata.get("ContentType") or content.content_type or "application/octet-stream",
    }
    _check_file(str(described["FileName"]), content.content)
    record = writes.write(context, ENTITIES["Attachable"], {**metadata, **described})
    record = {**record, **described, "Size": len(content.content)}
    context.company.put("Attachable", record)
    files.contents[context.company.realm_id, record["Id"]] = content.content
    return record


def _metadata(part: Part | None) -> Json:
    if part is None:
        return {}
    try:
        metadata: Any = decode(part.content)
    except msgspec.DecodeError as error:
        raise FaultError(Problem("2010", f"Property Name:Can not parse the metadata: {error}")) from error
    if not isinstance(metadata, dict):
        raise refusal("6040", "The metadata is not an Attachable")
    return metadata


def _check_file(name: str, content: bytes) -> None:
    if not name:
        raise FaultError(missing("FileName"))
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if extension not in EXTENSIONS:
        raise refusal("6041", f"Files of this kind cannot be attached : {name}", "FileName")
    if not content:
        raise refusal("6041", f"The file is empty : {name}", "FileName")


def download(context: Context, key: str) -> Response:
    """The temporary address of a file, as plain text. Raises FaultError 610 when there is none of that id, 6000 for a note."""
    record = writes.find(context, ENTITIES["Attachable"], key)
    if "Size" not in record:
        raise business("There is no file attached, only a note.")
    return Response(200, {"Content-Type": "text/plain;charset=UTF-8"}, temporary_link(context, record).encode())


def fetch(files: Files, request: Request, now: float) -> Response:
    """What the storage service gives for a temporary address, to whoever has it: the file, or an error in its own XML."""
    realm_id, _, rest = request.path.removeprefix(FILES_PATH).partition("/")
    ends, given = request.parameter("X-Amz-Date"), request.parameter("X-Amz-Signature")
    content = files.contents.get((realm_id, rest.partition("/")[0]))
    if request.method not in {"GET", "HEAD"}:
        return _storage_error(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")
    if not _EPOCH.fullmatch(ends) or given != signature(request.path, ends):
        return _storage_error(403, "SignatureDoesNotMatch", "The signature does not fit the request.")
    if now >= int(ends):
        return _storage_error(403, "AccessDenied", "Request has expired")
    if content is None:
        return _storage_error(404, "NoSuchKey", "The specified key does not exist.")
    return Response(200, {"Content-Type": "application/octet-stream"}, content)


def _storage_error(status: int, code: str, message: str) -> Response:
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Response(status, {"Content-Type": "application/xml"}, text.encode())
