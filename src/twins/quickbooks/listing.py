"""A company's books as rows for people to read: documents, vendors, trial balance, ledger lines of an account or a vendor.

Reads finished records only and changes nothing.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from twins.quickbooks.company import Company
from twins.quickbooks.ledger import Posting
from twins.quickbooks.values import ZERO, Json, amount_of
from twins.rows import AccountRow, DocumentRow, VendorRow

KINDS = ("Bill", "VendorCredit", "JournalEntry", "BillPayment", "PurchaseOrder")
"""Entities that are listed as documents."""


def documents(company: Company, kinds: tuple[str, ...] = KINDS) -> list[DocumentRow]:
    """Bills, credits, entries, payments and orders, in the order in which they were entered within each kind."""
    return [
        _document(company, kind, record)
        for kind in kinds
        if kind in company.tables
        for record in company.tables[kind].records.values()
    ]


def vendors(company: Company) -> list[VendorRow]:
    """All vendors, inactive ones too, with what is owed to each in its currency."""
    return [
        VendorRow(
            id=key,
            code=str(record.get("AcctNum", "")),
            name=str(record["DisplayName"]),
            currency=_value(record, "CurrencyRef") or company.home_currency,
            active=bool(record.get("Active", True)),
            balance=company.vendor_balance.get(key, ZERO),
        )
        for key, record in company.tables["Vendor"].records.items()
    ]


def trial_balance(company: Company) -> list[AccountRow]:
    """Every account that anything was posted to, with what its postings come to in home currency."""
    rows = []
    for key, moved in company.account_movement.items():
        account: Json = company.get("Account", key) or {}
        rows.append(
            AccountRow(
                id=key,
                number=str(account.get("AcctNum", "")),
                name=str(account.get("FullyQualifiedName") or account.get("Name") or key),
                type=str(account.get("AccountType", "")),
                debit=max(moved, ZERO),
                credit=max(-moved, ZERO),
            )
        )
    return sorted(rows, key=lambda row: (row.number == "", row.number, row.name))


def ledger(company: Company, *, account: str = "", vendor: str = "", document: str = "") -> Iterator[Posting]:
    """The general ledger, or what concerns one account, one vendor, or one transaction (`Bill:145`)."""
    kind, _, key = document.partition(":")
    for posting in company.ledger():
        if (
            (not account or posting.account == account)
            and (not vendor or posting.vendor == vendor)
            and (not document or (posting.txn_type, posting.txn_id) == (kind, key))
        ):
            yield posting


def _document(company: Company, kind: str, record: Json) -> DocumentRow:
    vendor_id = _value(record, "VendorRef") or _vendor_of_lines(record)
    vendor: Json = company.get("Vendor", vendor_id) or {}
    still_open = amount_of(record, "Balance") if "Balance" in record else None
    return DocumentRow(
        kind=kind,
        id=str(record["Id"]),
        number=str(record.get("DocNumber", "")),
        supplier_code=str(vendor.get("AcctNum", "")),
        supplier=str(vendor.get("DisplayName", "")),
        date=str(record.get("TxnDate", "")),
        total=_total(company, kind, record),
        currency=_value(record, "CurrencyRef") or company.home_currency,
        status=_status(kind, record, still_open),
        open=still_open,
    )


def _total(company: Company, kind: str, record: Json) -> Decimal:
    """What the document adds to what is owed; for an entry without a payable line, its debits."""
    if kind == "VendorCredit":
        return -amount_of(record, "TotalAmt")
    if kind != "JournalEntry":
        return amount_of(record, "TotalAmt")
    owed, debits = ZERO, ZERO
    for line in record.get("Line", ()):
        detail: Json = line.get("JournalEntryLineDetail", {})
        is_debit = detail.get("PostingType") == "Debit"
        amount = amount_of(line, "Amount")
        debits += amount if is_debit else ZERO
        if company.is_payable(_value(detail, "AccountRef")):
            owed += -amount if is_debit else amount
    return owed or debits


def _status(kind: str, record: Json, still_open: Decimal | None) -> str:
    if kind == "PurchaseOrder":
        return str(record.get("POStatus", "Open")).lower()
    if still_open is None:
        return "voided" if "Voided" in str(record.get("PrivateNote", "")) else ""
    if not amount_of(record, "TotalAmt"):
        return "voided"
    if still_open == amount_of(record, "TotalAmt"):
        return "open"
    return "partly paid" if still_open else "paid"


def _vendor_of_lines(record: Json) -> str:
    """The vendor a journal entry is about: the one named on a line."""
    parties = (line.get("JournalEntryLineDetail", {}).get("Entity", {}) for line in record.get("Line", ()))
    return next((_value(party, "EntityRef") for party in parties if party.get("Type") == "Vendor"), "")


def _value(record: Json, name: str) -> str:
    reference: Any = record.get(name) or {}
    return str(reference.get("value", ""))
