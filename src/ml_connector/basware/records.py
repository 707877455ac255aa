"""Taking a page of any Basware list apart without touching its records: each keeps the very bytes it came in.

Lists come wrapped in an object or bare (both occur with the real service), a single record in the list's wrapper or alone. One
broken record must not cost the others, so only what identifies a record is read here.
"""

from collections.abc import Collection
from hashlib import sha256
from typing import Any

import msgspec

from ml_connector.basware.errors import UnreadablePage

_LONGEST_STAMP = 100  # three times what any time stamp needs: the text is part of a key
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """How a list is written: the property that holds it, the field that names a record, and how long that may be."""

    wrapper: str
    key: str
    longest: int


class RawRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A record as it came. `raw` is its own JSON, byte for byte; `fields` its properties, each as its own JSON. Without a usable
    key, `id` is empty and `problem` says why; `last_updated` is Basware's text, made for comparing."""

    id: str
    last_updated: str
    raw: bytes
    fields: dict[str, msgspec.Raw] = {}
    problem: str = ""


class RecordPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some records of a list. `continuation` leads to the next page and is empty on the last one."""

    records: tuple[RawRecord, ...]
    continuation: str = ""


def read_records(body: bytes, continuation: str, shape: Shape, request_id: str = "") -> RecordPage:
    """The records of an answer. Raises UnreadablePage when the body is not JSON of one of the known forms."""
    items = items_of(body, shape.wrapper, shape.key, continuation=continuation, request_id=request_id)
    return RecordPage(records=tuple(_read_record(item, shape) for item in items), continuation=continuation)


def items_of(body: bytes, wrapper: str, key: str, *, continuation: str, request_id: str) -> list[bytes]:
    """The JSON of each record of an answer: in its wrapper, as a bare list, or a single record, known by its key.

    Raises UnreadablePage.
    """
    body = body.removeprefix(_BYTE_ORDER_MARK)

    def unreadable(why: str) -> UnreadablePage:
        text = f"Basware's answer cannot be read as a list of {wrapper}: {why}."
        return UnreadablePage(text, body=body, continuation=continuation, request_id=request_id)

    try:
        tree = msgspec.json.decode(body, type=dict[str, msgspec.Raw] | list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise unreadable(str(error)) from error
    if isinstance(tree, list):
        return [bytes(item) for item in tree]
    if wrapper in tree:
        try:
            return [bytes(item) for item in msgspec.json.decode(tree[wrapper], type=list[msgspec.Raw] | None) or []]
        except msgspec.DecodeError as error:
            raise unreadable(f"{wrapper} is not a list") from error
    if key in tree:
        return [body]
    raise unreadable(f"there is no {wrapper} in it")


def text_of(value: msgspec.Raw | None) -> str:
    """A text field without outer white space; empty when it is missing or no text."""
    found = value_of(value, str)
    return found.replace("\0", " ").strip() if isinstance(found, str) else ""


def value_of(value: msgspec.Raw | None, kind: Any) -> Any:
    """A field as this type; None when it is missing or something else."""
    if value is None:
        return None
    try:
        return msgspec.json.decode(value, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def key_problem(found: msgspec.Raw | None, key: str, name: str, longest: int) -> str:
    """Why a key can be no key and no part of an address; empty when it can."""
    if not key:
        shown = "missing" if found is None else bytes(found)[:40].decode("utf-8", errors="replace")
        return f"{name} is {shown} where a text of 1 to {longest} characters was expected"
    if len(key) > longest:
        return f"{name} has {len(key)} characters where at most {longest} were expected"
    if not key.isprintable() or not key.strip("."):
        return f"{name} holds characters that cannot be part of an address"
    return ""


def content_hash(record: RawRecord, *, without: Collection[str] = ()) -> str:
    """SHA-256, in hexadecimal, of a record's content, whatever the order of its properties. `without` names properties that change
    without any change of content, such as a status of transport."""
    digest = sha256()
    for name in sorted(record.fields.keys() - set(without)):
        digest.update(name.encode() + b"\0" + bytes(record.fields[name]) + b"\0")
    return digest.hexdigest() if record.fields else sha256(record.raw).hexdigest()


def _read_record(raw: bytes, shape: Shape) -> RawRecord:
    try:
        fields = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return RawRecord(id="", last_updated="", raw=raw, problem=f"not a readable record: {error}")
    key = text_of(fields.get(shape.key))
    problem = key_problem(fields.get(shape.key), key, shape.key, shape.longest)
    stamp = text_of(fields.get("lastUpdated"))[:_LONGEST_STAMP]
    return RawRecord(id="" if problem else key, last_updated=stamp, raw=raw, fields=fields, problem=problem)
