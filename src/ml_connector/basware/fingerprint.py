"""Telling changed content from a changed status: one hash over everything of a document that a posting is made from.

It is taken over the document as read, so the order of fields, the way numbers are written, missing or null, blank or absent make
no difference. A value is left out while it is empty, so a field added to the model later changes no hash kept before.
"""

import hashlib
from datetime import date
from decimal import Decimal

import msgspec

from ml_connector.model.documents import AccountingDocument

# Changed by Basware or by our own answers without any change of what is to be posted. Attachments may turn up only after
# the transfer. By which way a document came, and which other one it is about, changes nothing
# of it. Prices for one piece only say how an amount is shown.
_LEFT_OUT = {
    "content_hash", "processing_status", "last_updated", "transfer_responses", "attachments", "voucher_number",
    "row_index", "names", "payment_term_name", "bum_id", "prices",
    "parent_bum_id", "texts",
}  # fmt: skip


def fingerprint(document: AccountingDocument) -> str:
    """SHA-256, in hexadecimal, of the document's content. Rows count as a set: their order and numbering are Basware's affair."""
    return hashlib.sha256(msgspec.json.encode(_canonical(document))).hexdigest()


def _canonical(value: object) -> object:
    """Plain data that is equal exactly when the content is: numbers by value, empty values left out, rows and fields sorted."""
    if isinstance(value, msgspec.Struct):
        value = {name: part for name, part in msgspec.structs.asdict(value).items() if name not in _LEFT_OUT}
    if isinstance(value, dict):
        parts = ((name, _canonical(part)) for name, part in sorted(value.items()))
        return [[name, part] for name, part in parts if part not in (None, "", [], False)]
    if isinstance(value, tuple):
        return sorted((_canonical(part) for part in value), key=msgspec.json.encode)
    if isinstance(value, Decimal):
        return ["number", _plain(value)]
    return value.isoformat() if isinstance(value, date) else value


def _plain(number: Decimal) -> str:
    """A number in its shortest form: 1.00, 1.0 and 1 are all 1, and so is 10E-1; zero has no sign."""
    sign, digits, exponent = number.as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    kept = text.rstrip("0")
    if not kept:
        return "0"
    assert isinstance(exponent, int)  # noqa: S101  a document's amounts are finite: reading refuses the others
    return f"{'-' if sign else ''}{kept}e{exponent + len(text) - len(kept)}"
