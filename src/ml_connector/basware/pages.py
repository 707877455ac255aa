"""Taking a page of accounting documents apart without touching the documents: each keeps the very bytes it came in.

One broken document must not cost the others, so only what identifies a document is read here; `translation.py` reads the rest.
"""

import msgspec

from ml_connector.basware.records import items_of, key_problem, text_of

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


class _Company(msgspec.Struct, frozen=True, rename="camel"):
    """Which company something belongs to; documents and orders name it alike."""

    company_code: msgspec.Raw = msgspec.Raw(b"null")


def company_of(raw: bytes) -> str:
    """The Basware company code of a document or an order; empty where it names none that can be read."""
    try:
        return text_of(msgspec.json.decode(raw, type=_Company).company_code)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


def read_page(body: bytes, continuation: str, request_id: str = "") -> Page:
    """The documents of an answer: in their wrapper, as a bare list (both occur), or a single one.

    Raises UnreadablePage when the body is not JSON of one of these forms.
    """
    items = items_of(body, _WRAPPER, "invoiceId", continuation=continuation, request_id=request_id)
    return Page(documents=tuple(_read_head(item) for item in items), continuation=continuation)


def _read_head(raw: bytes) -> RawDocument:
    try:
        head = msgspec.json.decode(raw, type=_Head)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return RawDocument(
            invoice_id="", status="", last_updated="", raw=raw, problem=f"not a readable document: {error}"
        )
    invoice_id = text_of(head.invoice_id)
    problem = key_problem(head.invoice_id, invoice_id, "invoiceId", _LONGEST_ID)
    return RawDocument(
        invoice_id="" if problem else invoice_id,
        status=text_of(head.processing_status),
        last_updated=text_of(head.last_updated)[:_LONGEST_STAMP],
        raw=raw,
        problem=problem,
    )
