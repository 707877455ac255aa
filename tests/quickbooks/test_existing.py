"""Transactions found in QuickBooks, as a document is compared with them."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ml_connector.model.books import ExistingTransaction, TransactionType
from ml_connector.quickbooks.translation import existing_transaction
from ml_connector.quickbooks.wire import UnreadableError, decode

BILL = decode(
    b"""{"DueDate":"2026-09-27","Balance":670.00,"domain":"QBO","sparse":false,"Id":"145","SyncToken":"0",
 "MetaData":{"CreateTime":"2026-08-28T05:58:07-07:00"},"DocNumber":"INV-88121","TxnDate":"2026-08-28",
 "CurrencyRef":{"value":"USD","name":"United States Dollar"},"PrivateNote":"Basware [bw:7f3c/0]",
 "LinkedTxn":[{"TxnId":"257","TxnType":"PurchaseOrder"}],"Line":[{"Id":"1","LineNum":1,"Amount":670.00,"LinkedTxn":[]}],
 "VendorRef":{"value":"71","name":"Nordlys Print AS"},"APAccountRef":{"value":"33"},"TotalAmt":670.00}"""
)
JOURNAL = decode(
    b"""{"Id":"160","SyncToken":"1","TxnDate":"2026-08-31","DocNumber":"INV-9","PrivateNote":"m","TotalAmt":0,"Adjustment":false,
 "Line":[{"Id":"0","Amount":300.00,"DetailType":"JournalEntryLineDetail",
   "JournalEntryLineDetail":{"PostingType":"Debit","AccountRef":{"value":"94"}}},
  {"Id":"1","Amount":120.50,"DetailType":"JournalEntryLineDetail",
   "JournalEntryLineDetail":{"PostingType":"Debit","AccountRef":{"value":"95"},"Entity":{"Type":"Customer","EntityRef":{"value":"26"}}}},
  {"Id":"2","Amount":420.50,"DetailType":"JournalEntryLineDetail",
   "JournalEntryLineDetail":{"PostingType":"Credit","AccountRef":{"value":"33"},"Entity":{"Type":"Vendor","EntityRef":{"value":"71"}}}},
  {"Description":"only a remark","DetailType":"DescriptionOnly"}]}"""
)


def found(kind: TransactionType, record: dict[str, Any]) -> ExistingTransaction:
    return existing_transaction(kind, record, payable_account_ids={"33"}, home_currency="USD")


def test_an_open_bill_is_known_by_vendor_number_and_memo() -> None:
    assert found(TransactionType.BILL, BILL) == ExistingTransaction(
        type=TransactionType.BILL,
        id="145",
        sync_token="0",
        doc_number="INV-88121",
        memo="Basware [bw:7f3c/0]",
        vendor_id="71",
        txn_date=date(2026, 8, 28),
        currency="USD",
        total=Decimal("670.00"),
        balance=Decimal("670.00"),
        settled=False,
    )


@pytest.mark.parametrize(
    "change",
    [{"Balance": 0}, {"Balance": Decimal("1.00")}, {"LinkedTxn": [{"TxnId": "9", "TxnType": "BillPaymentCheck"}]}],
)
def test_a_bill_with_any_payment_is_settled(change: dict[str, Any]) -> None:
    assert found(TransactionType.BILL, {**BILL, **change}).settled


def test_a_bill_without_currency_is_in_home_currency() -> None:
    record = {
        name: value
        for name, value in BILL.items()
        if name not in {"CurrencyRef", "LinkedTxn", "DocNumber", "PrivateNote"}
    }
    bill = found(TransactionType.BILL, record)
    assert (bill.currency, bill.doc_number, bill.settled) == ("USD", "", False)


def test_a_vendor_credit_is_positive_and_settled_once_used() -> None:
    credit = found(TransactionType.VENDOR_CREDIT, {**BILL, "TotalAmt": "90.00", "Balance": "40.00"})
    assert (credit.total, credit.balance, credit.settled) == (Decimal("90.00"), Decimal("40.00"), True)


def test_a_journal_entry_has_vendor_and_total_from_its_payable_line() -> None:
    entry = found(TransactionType.JOURNAL_ENTRY, JOURNAL)
    assert (entry.vendor_id, entry.total, entry.balance, entry.settled) == ("71", Decimal("420.50"), None, False)
    assert entry.currency == "USD"


def test_a_journal_entry_that_debits_the_payable_account_is_positive_too() -> None:
    flipped = decode(b'{"Id":"1","SyncToken":"0","Line":[{"Amount":90,"JournalEntryLineDetail":{"PostingType":"Debit",'
                     b'"AccountRef":{"value":"33"},"Entity":{"Type":"Vendor","EntityRef":{"value":"71"}}}}]}')  # fmt: skip
    assert found(TransactionType.JOURNAL_ENTRY, flipped).total == Decimal(90)


def test_a_journal_entry_of_another_kind_has_no_vendor() -> None:
    entry = existing_transaction(TransactionType.JOURNAL_ENTRY, JOURNAL, payable_account_ids={"34"})
    assert (entry.vendor_id, entry.total) == ("", Decimal(0))


def test_a_journal_entry_that_was_paid_is_settled() -> None:
    paid = {**JOURNAL, "LinkedTxn": [{"TxnId": "9", "TxnType": "BillPaymentCheck"}]}
    assert found(TransactionType.JOURNAL_ENTRY, paid).settled


@pytest.mark.parametrize(
    "change",
    [{"TotalAmt": None}, {"TotalAmt": "much"}, {"TxnDate": "yesterday"}, {"SyncToken": None}, {"LinkedTxn": 7}],
)
def test_a_transaction_that_makes_no_sense_is_not_guessed_at(change: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError):
        found(TransactionType.BILL, {**BILL, **change})
