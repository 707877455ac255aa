"""What a request says: its body unpacked, as text, as JSON, and how large it may be.

The service reads XML as well; this twin only writes it and refuses XML bodies.
"""

import zlib
from typing import Any

import msgspec

from twins.http import Request
from twins.quickbooks.catalogue import Entity, Family
from twins.quickbooks.faults import FaultError, Problem, missing, refusal
from twins.quickbooks.values import decode

MAX_BODY = 100 * 1024 * 1024
_GZIP = 31  # zlib's window size for a gzip wrapper


def content_of(request: Request) -> bytes:
    """The body without its compression. Raises FaultError 500 for one that cannot be unpacked."""
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding == "identity":
        return request.body
    if coding != "gzip":
        raise refusal("500", f"Content-Encoding {coding} is not supported")
    unpacker = zlib.decompressobj(_GZIP)
    try:
        content = unpacker.decompress(request.body, MAX_BODY + 1)
    except zlib.error as error:
        raise refusal("500", "The compressed body cannot be read") from error
    if not unpacker.eof:
        raise refusal("500", "The compressed body is cut off or too large")
    return content


def text_of(request: Request) -> str:
    """The body as text. Raises FaultError 500 when it is not UTF-8 (as the service's own parser puts it)."""
    try:
        return content_of(request).decode()
    except UnicodeDecodeError as error:
        detail = f"MalformedByteSequenceException: Invalid byte {error.start + 1} of a UTF-8 sequence."
        raise refusal("500", detail) from error


def json_of(request: Request) -> Any:
    """The body as JSON. Raises FaultError 500 for another format, 2010 when it is none."""
    text = text_of(request)
    if "json" not in request.headers.get("content-type", ""):
        raise refusal("500", "This service reads application/json only")
    try:
        return decode(text.encode())
    except msgspec.DecodeError as error:
        raise FaultError(Problem("2010", f"Property Name:Can not parse the request: {error}")) from error


def writes_as_named(entity: Entity, operation: str, body: Any) -> None:
    """Refuse a body that does not do what the operation named beside it says: an update has an Id, a creation none.

    Raises FaultError 2020 or 500. Exchange rates have no ids: their currency and day tell.
    """
    if operation not in {"create", "update"}:
        raise refusal("500", f"Operation {operation} is not supported for {entity.name}")
    if not isinstance(body, dict) or entity.family is Family.RATE:
        return
    if operation == "update" and not body.get("Id"):
        raise FaultError(missing("Id"))
    if operation == "create" and body.get("Id"):
        raise refusal("500", "Operation create with an Id", "Id")
