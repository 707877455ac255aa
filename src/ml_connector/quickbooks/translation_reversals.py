"""A transaction's opposite as the JSON QuickBooks takes, made of the transaction as just read: it cancels to the cent.

A bill is reversed by a vendor credit and the other way round, a journal entry by one with its sides swapped (Intuit's API reference
of Bill, VendorCredit and JournalEntry). Decides nothing: whether, and for which date, was decided before.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from ml_connector.model.books import TransactionType
from ml_connector.quickbooks.records import members, required, text
from ml_connector.quickbooks.wire import MAX_DOC_NUMBER, UnsendableError

Body = dict[str, Any]

OPPOSITE = {
    TransactionType.BILL: TransactionType.VENDOR_CREDIT,
    TransactionType.VENDOR_CREDIT: TransactionType.BILL,
    TransactionType.JOURNAL_ENTRY: TransactionType.JOURNAL_ENTRY,
}
_HEAD = ("GlobalTaxCalculation",)
_CURRENCY = ("CurrencyRef", "ExchangeRate")
_PURCHASE_HEAD = ("VendorRef", "APAccountRef", "DepartmentRef")
_PURCHASE_LINES = ("AccountBasedExpenseLineDetail", "ItemBasedExpenseLineDetail")
_JOURNAL = "JournalEntryLineDetail"
_JOURNAL_DETAIL = (
    "AccountRef", "ClassRef", "DepartmentRef", "Entity", "TaxApplicableOn", "TaxCodeRef", "TaxAmount",
)  # fmt: skip
_PURCHASE_DETAIL = (
    "AccountRef", "ItemRef", "Qty", "UnitPrice", "ClassRef", "CustomerRef", "TaxCodeRef",
)  # fmt: skip
_SIDES = {"Debit": "Credit", "Credit": "Debit"}


def deletion_body(record: Mapping[str, Any]) -> Body:
    """The JSON that deletes a transaction in the very version that was read."""
    return {"Id": required(record, "Id"), "SyncToken": required(record, "SyncToken")}


def reversal_number(record_id: str) -> str:
    """The number of a reversal: it names the transaction it reverses, and so is the same on every repetition."""
    return f"REV-{record_id}"[:MAX_DOC_NUMBER]


def reversal_body(
    kind: TransactionType, record: Mapping[str, Any], *, day: date, memo: str, multicurrency: bool
) -> Body:
    """The JSON that creates the opposite of a transaction, at its own rate. A currency is named only where the company uses
    several, for every other one refuses it. Raises UnsendableError saying what stands against it."""
    journal = kind is TransactionType.JOURNAL_ENTRY
    lines = [_journal_line(one) if journal else _purchase_line(one) for one in members(record, "Line")]
    head = [*(() if journal else _PURCHASE_HEAD), *_HEAD, *(_CURRENCY if multicurrency else ())]
    body = {name: _bare(record[name]) for name in head if record.get(name)}
    body |= {
        "TxnDate": day.isoformat(),
        "DocNumber": reversal_number(required(record, "Id")),
        "PrivateNote": memo,
        "Line": lines,
    }
    if taxes := [_tax_line(one) for one in members(record.get("TxnTaxDetail") or {}, "TaxLine")]:
        body["TxnTaxDetail"] = {"TaxLine": taxes}
    return body


def _purchase_line(line: Mapping[str, Any]) -> Body:
    kind = text(line, "DetailType")
    if kind not in _PURCHASE_LINES:
        raise UnsendableError(f"it has a line of the kind {kind}, which has no opposite")
    detail = line[kind]
    if text(detail, "BillableStatus") == "HasBeenBilled":
        raise UnsendableError("a line of it was billed to a customer already")
    kept = {name: _bare(detail[name]) for name in _PURCHASE_DETAIL if detail.get(name) not in (None, "")}
    if "CustomerRef" in kept:
        kept["BillableStatus"] = "NotBillable"
    return _line(kind, line, kept)


def _journal_line(line: Mapping[str, Any]) -> Body:
    kind = text(line, "DetailType")
    if kind == "DescriptionOnly":
        return {"DetailType": kind, "Description": text(line, "Description")}
    detail = line.get(_JOURNAL) or {}
    side = _SIDES.get(text(detail, "PostingType"))
    if kind != _JOURNAL or side is None:
        raise UnsendableError(f"it has a line of the kind {kind}, which has no opposite")
    kept = {name: _bare(detail[name]) for name in _JOURNAL_DETAIL if detail.get(name) not in (None, "")}
    return _line(kind, line, {"PostingType": side, **kept})


def _line(kind: str, line: Mapping[str, Any], detail: Body) -> Body:
    body: Body = {"DetailType": kind, "Amount": line["Amount"], kind: detail}
    if told := text(line, "Description"):
        body["Description"] = told
    return body


def _tax_line(line: Mapping[str, Any]) -> Body:
    detail = line.get("TaxLineDetail") or {}
    names = ("TaxRateRef", "PercentBased", "TaxPercent", "NetAmountTaxable")
    kept = {name: _bare(detail[name]) for name in names if name in detail}
    return {"DetailType": "TaxLineDetail", "Amount": line["Amount"], "TaxLineDetail": kept}


def _bare(value: Any) -> Any:
    """A reference without the name QuickBooks adds for reading, which may have changed since."""
    if isinstance(value, Mapping):
        return {name: _bare(inner) for name, inner in value.items() if name != "name"}
    return value
