"""Taking a page of accounting documents apart without touching the documents: each keeps the very bytes it came in.

One broken document must not cost the others, so only what identifies a document is read here; `translation.py` reads the rest.
"""

import msgspec

from ml_connector.basware.errors import UnreadablePage

_WRAPPER = "accountingDocuments"

_LONGEST_ID = 36  # Basware P2P spec, AccountingDocumentEntity.invoiceId
_LONGEST_STAMP = 100  # three times what any time stamp needs: the text is part of a key


class RawDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A document as it came. `raw` is its own JSON, byte for byte. Without a usable invoiceId, `invoice_id` is empty and
    `problem` says why; `last_updated` is Basware's text, made for comparing, not for reading."""

    invoice_id: str
    status: str
    last_updated: str
    raw: bytes
    problem: str = ""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Some documents of a list. `continuation` leads to the next page and is empty on the last one."""

    documents: tuple[RawDocument, ...]
    continuation: str = ""


class _Head(msgspec.Struct, frozen=True, rename="camel"):
    """The fields of AccountingDocumentEntity that identify a document; left raw, because each may be broken."""

    invoice_id: msgspec.Raw = msgspec.Raw(b"null")
    processing_status: msgspec.Raw = msgspec.Raw(b"null")
    last_updated: msgspec.Raw = msgspec.Raw(b"null")


def read_page(body: bytes, continuation: str, request_id: str = "") -> Page:
    """The documents of an answer: in their wrapper, as a bare list (both occur), or a single one.

    Raises UnreadablePage when the body is not JSON of one of these forms.
    """

    def unreadable(why: str) -> UnreadablePage:
        text = f"Basware's answer cannot be read as a list of documents: {why}."
        return UnreadablePage(text, body=body, continuation=continuation, request_id=request_id)

    try:
        tree = msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"), type=dict[str, msgspec.Raw] | list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise unreadable(str(error)) from error
    if isinstance(tree, list):
        items = tree
    elif _WRAPPER in tree:
        try:
            items = msgspec.json.decode(tree[_WRAPPER], type=list[msgspec.Raw] | None) or []
        except msgspec.DecodeError as error:
            raise unreadable(f"{_WRAPPER} is not a list") from error
    elif "invoiceId" in tree:
        items = [msgspec.Raw(body.removeprefix(b"\xef\xbb\xbf"))]
    else:
        raise unreadable(f"there is no {_WRAPPER} in it")
    return Page(documents=tuple(_read_head(bytes(item)) for item in items), continuation=continuation)


def _read_head(raw: bytes) -> RawDocument:
    try:
        head = msgspec.json.decode(raw, type=_Head)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return RawDocument(
            invoice_id="", status="", last_updated="", raw=raw, problem=f"not a readable document: {error}"
        )
    invoice_id = _text(head.invoice_id)
    problem = _id_problem(head.invoice_id, invoice_id)
    return RawDocument(
        invoice_id="" if problem else invoice_id,
        status=_text(head.processing_status),
        last_updated=_text(head.last_updated)[:_LONGEST_STAMP],
        raw=raw,
        problem=problem,
    )


def _text(value: msgspec.Raw) -> str:
    try:
        text = msgspec.json.decode(value, type=str)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    return text.replace("\0", " ").strip()


def _id_problem(found: msgspec.Raw, invoice_id: str) -> str:
    """Why an invoiceId can be no key and no part of an address; empty when it can."""
    if not invoice_id:
        shown = bytes(found)[:40].decode("utf-8", errors="replace")
        return f"invoiceId is {shown} where a text of 1 to 36 characters was expected"
    if len(invoice_id) > _LONGEST_ID:
        return f"invoiceId has {len(invoice_id)} characters where at most {_LONGEST_ID} were expected"
    if not invoice_id.isprintable() or not invoice_id.strip("."):
        return "invoiceId holds characters that cannot be part of an address"
    return ""
