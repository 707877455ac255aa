"""The Network's business message (JSON of UBL's manner) becomes a document on its way. Knows no transport.

No specification of this shape is public. What is known comes from one recorded message and the guide's excerpts, so every field
is looked for where UBL keeps it and in its plainest form, and a field that cannot be found costs the document nothing.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from ml_connector.model.network import FileRef, NetworkDocument, NetworkKind

_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_LONGEST = 250
_MOST_FILES = 100
_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,12})?", re.ASCII)
_VALUE = ("value", "_", "#text", "amount", "content")
_TYPE_CODES = ("documentTypeCode", "invoiceTypeCode", "creditNoteTypeCode", "typeCode")
_KINDS = {"invoice": NetworkKind.INVOICE, "creditnote": NetworkKind.CREDIT_NOTE}


class UnreadableMessage(ValueError):  # noqa: N818  named as what it is
    """A message that is no business document; the text says why, for the sender."""


def read_message(raw: bytes, bum_id: str, credit_note_codes: Collection[str]) -> NetworkDocument:
    """One message, as GET …/invoices/{bumId} gives it. Raises UnreadableMessage."""
    tree = _decode(raw)
    named = _text(tree.get("bumId"))
    if named and named.lower() != bum_id.lower():
        raise UnreadableMessage(f"the document calls itself {named} and not {bum_id}")
    data = tree.get("data")
    if not isinstance(data, dict) or not data:
        raise UnreadableMessage("the document has no content: its field data is missing or empty")
    remarks: list[str] = []
    return NetworkDocument(
        bum_id=bum_id,
        kind=_kind(tree, data, credit_note_codes),
        number=_first(data, "externalDocumentIdentifier", "id", "invoiceNumber"),
        supplier_name=_party_name(data.get("accountingSupplierParty")),
        order_number=_order_number(data.get("orderReference")),
        currency=_first(data, "documentCurrencyCode").upper()[:3],
        total=_total(data, remarks),
        issue_date=_day(data, remarks),
        files=tuple(_files(tree, remarks)),
        remarks=tuple(remarks),
    )


def _decode(raw: bytes) -> dict[str, Any]:
    try:
        tree = _DECODER.decode(raw.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, ArithmeticError, RecursionError) as error:  # of msgspec, UTF-8 and Decimal
        raise UnreadableMessage(f"the document is not readable JSON: {error}") from error
    if not isinstance(tree, dict):
        raise UnreadableMessage("the document is not a JSON object")
    return tree


def _kind(tree: Mapping[str, Any], data: Mapping[str, Any], credit_note_codes: Collection[str]) -> NetworkKind:
    """What it is. A credit note comes in an invoice's clothes, so the type code counts before the name of the document."""
    codes = [_text(one.get("value")) for one in _objects(tree.get("customFields")) if _named(one) in _TYPE_CODES]
    codes += [_text(_plain(data.get(name))) for name in _TYPE_CODES]
    if any(code in credit_note_codes for code in codes if code):
        return NetworkKind.CREDIT_NOTE
    told = re.sub(r"[^a-z]", "", _text(tree.get("documentType")).lower())
    return _KINDS.get(told, NetworkKind.INVOICE if not told else NetworkKind.OTHER)


def _named(field: Mapping[str, Any]) -> str:
    """A custom field's name, under whichever of the usual names it stands."""
    return next((text for key in ("name", "key", "id", "fieldId") if (text := _text(field.get(key)))), "")


def _party_name(party: Any) -> str:
    """A supplier's name: plain, or where UBL keeps it."""
    if isinstance(party, list):
        return next((name for one in party if (name := _party_name(one))), "")
    if not isinstance(party, dict):
        return _text(party)
    for key in ("name", "partyName", "registrationName", "party", "partyLegalEntity"):
        if name := _party_name(_plain(party.get(key))):
            return name
    return ""


def _order_number(reference: Any) -> str:
    """The first order number that is named."""
    for one in reference if isinstance(reference, list) else [reference]:
        inner = _plain(one)
        if isinstance(inner, dict):
            found = _first(inner, "id", "orderIdentifier", "orderNumber", "identifier", "salesOrderId")
        else:
            found = _text(inner)
        if found:
            return found
    return ""


def _total(data: Mapping[str, Any], remarks: list[str]) -> Decimal | None:
    """What is to be paid."""
    sums = data.get("legalMonetaryTotal")
    if not isinstance(sums, dict):
        return None
    for key in ("payableAmount", "taxInclusiveAmount", "payableTotal"):
        value = _plain(sums.get(key))
        if value in (None, ""):
            continue
        text = value.strip() if isinstance(value, str) else format(Decimal(value), "f") if _is_number(value) else ""
        if _NUMBER.fullmatch(text):
            return Decimal(text)
        remarks.append(f"{key} is no amount: {_shown(value)}")
    return None


def _day(data: Mapping[str, Any], remarks: list[str]) -> str:
    text = _first(data, "issueDate")
    try:
        return date.fromisoformat(text[:10]).isoformat() if text else ""
    except ValueError:
        remarks.append(f"issueDate is no date: {_shown(text)}")
        return ""


def _files(tree: Mapping[str, Any], remarks: list[str]) -> Iterator[FileRef]:
    """Files by their refId; where the document names none, those its links lead to."""
    references = _objects(tree.get("fileRefs"))[:_MOST_FILES]
    taken: set[str] = set()
    for one in references:
        ref = _text(one.get("refId"))
        if not ref or not ref.strip(".") or ref in taken:
            remarks.append("a file has no refId of its own")
            continue
        taken.add(ref)
        yield FileRef(
            ref_id=ref, file_type=_text(one.get("fileType")), name=_first(one, "fileName", "filename", "name")
        )
    if references:
        return
    for number, link in enumerate(_objects(tree.get("links"))[:_MOST_FILES], start=1):
        relation, href = _text(link.get("rel")), link.get("href")
        if relation.endswith("File") and isinstance(href, str) and href:
            yield FileRef(ref_id=f"link {number}", file_type=relation, href=href)


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _first(fields: Mapping[str, Any], *names: str) -> str:
    return next((text for name in names if (text := _text(_plain(fields.get(name))))), "")


def _plain(value: Any) -> Any:
    """A value without the wrapping in which UBL's JSON keeps attributes beside it."""
    if isinstance(value, list) and len(value) == 1:
        return _plain(value[0])
    if isinstance(value, dict):
        return next((value[key] for key in _VALUE if key in value and not isinstance(value[key], dict)), value)
    return value


def _text(value: Any) -> str:
    """A short text, cleaned of what cannot be shown; numbers count as texts, anything else as none."""
    if _is_number(value):
        value = format(Decimal(value), "f")
    if not isinstance(value, str):
        return ""
    return " ".join("".join(char if char.isprintable() else " " for char in value).split())[:_LONGEST]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool) and abs(Decimal(value)) < Decimal(10) ** 18


def _shown(value: Any) -> str:
    return _text(value)[:40] or type(value).__name__
