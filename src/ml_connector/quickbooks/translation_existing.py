"""Transactions as QuickBooks has them, in the model's terms: what a document is compared with before it is posted.

Shapes follow Intuit's API reference of Bill, VendorCredit and JournalEntry.
"""

from collections.abc import Collection
from decimal import Decimal

from ml_connector.model.books import ExistingTransaction, TransactionType
from ml_connector.model.money import ZERO
from ml_connector.quickbooks.records import Record, day, members, number, reference, required, text
from ml_connector.quickbooks.wire import UnreadableError

# Links that are no settlement: an order the bill came from, and costs passed on to a customer.
_NOT_APPLIED = frozenset({"PurchaseOrder", "ReimburseCharge"})


def existing_transaction(
    kind: TransactionType, record: Record, *, payable_account_ids: Collection[str], home_currency: str = ""
) -> ExistingTransaction:
    """A transaction as read from QuickBooks.

    `payable_account_ids` are the Accounts Payable accounts, by which a journal entry's payable line is known; `home_currency`
    stands in where a record names no currency. Raises UnreadableError for a record that makes no sense.
    """
    journal = kind is TransactionType.JOURNAL_ENTRY
    vendor_id, total = _payable_line(record, payable_account_ids) if journal else _vendor_and_total(record)
    balance = None if journal else number(record, "Balance")
    linked = any(text(link, "TxnType") not in _NOT_APPLIED for link in members(record, "LinkedTxn"))
    return ExistingTransaction(
        type=kind,
        id=required(record, "Id"),
        sync_token=required(record, "SyncToken"),
        doc_number=text(record, "DocNumber"),
        memo=text(record, "PrivateNote"),
        vendor_id=vendor_id,
        txn_date=day(record, "TxnDate"),
        currency=reference(record, "CurrencyRef") or home_currency,
        total=total,
        balance=balance,
        settled=linked or (balance is not None and balance != total),
    )


def journal_accounts(record: Record) -> set[str]:
    """The ids of the accounts a journal entry is on, its payable one among them."""
    details = (line.get("JournalEntryLineDetail") or {} for line in members(record, "Line"))
    return {reference(detail, "AccountRef") for detail in details}


def _vendor_and_total(record: Record) -> tuple[str, Decimal]:
    total = number(record, "TotalAmt")
    if total is None:
        raise UnreadableError(f"transaction {text(record, 'Id')} has no total")
    return reference(record, "VendorRef"), total


def _payable_line(record: Record, payable_account_ids: Collection[str]) -> tuple[str, Decimal]:
    """The vendor and the amount of a journal entry's payable side; none and zero when it touches no payable account."""
    vendor_id, balance = "", ZERO
    for line in members(record, "Line"):
        detail = line.get("JournalEntryLineDetail") or {}
        if reference(detail, "AccountRef") not in payable_account_ids:
            continue
        amount = number(line, "Amount") or ZERO
        balance += amount if text(detail, "PostingType") == "Credit" else -amount
        if text(detail, "Entity", "Type") == "Vendor":
            vendor_id = text(detail, "Entity", "EntityRef", "value")
    return vendor_id, abs(balance)
