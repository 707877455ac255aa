"""The opposite of a transaction: it cancels to the cent, and what has no opposite is refused in words."""

from datetime import date
from decimal import Decimal

import pytest

from ml_connector.model.books import TransactionType
from ml_connector.quickbooks.translation_reversals import deletion_body, reversal_body
from ml_connector.quickbooks.wire import UnsendableError

DAY = date(2026, 11, 20)


def bill(**detail) -> dict:
    kept = {"AccountRef": {"value": "55", "name": "Rent"}, "TaxCodeRef": {"value": "3"}} | detail
    return {
        "Id": "905", "SyncToken": "2", "DocNumber": "A-1", "VendorRef": {"value": "71", "name": "Oak"},
        "APAccountRef": {"value": "33"}, "DueDate": "2026-12-05", "SalesTermRef": {"value": "3"},
        "CurrencyRef": {"value": "EUR"}, "ExchangeRate": Decimal("1.1"), "GlobalTaxCalculation": "TaxExcluded",
        "Balance": Decimal(110), "TotalAmt": Decimal(110),
        "Line": [{"Id": "1", "LineNum": 1, "Amount": Decimal(100), "LinkedTxn": [],
                  "DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": kept}],
        "TxnTaxDetail": {"TotalTax": Decimal(10), "TaxLine": [{"Amount": Decimal(10), "DetailType": "TaxLineDetail",
                         "TaxLineDetail": {"TaxRateRef": {"value": "7"}, "PercentBased": True, "TaxPercent": Decimal(10),
                                           "NetAmountTaxable": Decimal(100)}}]},
    }  # fmt: skip


def reverse(kind: TransactionType, record: dict, *, multicurrency: bool = True) -> dict:
    return reversal_body(kind, record, day=DAY, memo="why", multicurrency=multicurrency)


def test_a_vendor_credit_has_the_lines_the_tax_and_the_rate_of_its_bill_and_nothing_of_its_due_date() -> None:
    body = reverse(TransactionType.BILL, bill())

    assert (body["DocNumber"], body["TxnDate"], body["PrivateNote"]) == ("REV-905", "2026-11-20", "why")
    assert (body["VendorRef"], body["ExchangeRate"]) == ({"value": "71"}, Decimal("1.1"))
    assert not body.keys() & {"Id", "SyncToken", "DueDate", "SalesTermRef", "Balance", "TotalAmt"}
    assert body["Line"][0]["AccountBasedExpenseLineDetail"]["AccountRef"] == {"value": "55"}
    assert not body["Line"][0].keys() & {"Id", "LineNum", "LinkedTxn"}
    assert body["TxnTaxDetail"]["TaxLine"][0]["Amount"] == Decimal(10)


def test_a_company_with_one_currency_is_named_none() -> None:
    assert not reverse(TransactionType.BILL, bill(), multicurrency=False).keys() & {"CurrencyRef", "ExchangeRate"}


def test_a_journal_entry_has_its_sides_swapped_and_keeps_names_and_places() -> None:
    detail = {"PostingType": "Credit", "AccountRef": {"value": "33"}, "DepartmentRef": {"value": "4"},
              "Entity": {"Type": "Vendor", "EntityRef": {"value": "71", "name": "Oak"}}}  # fmt: skip
    line = {"Id": "0", "Amount": Decimal(5), "DetailType": "JournalEntryLineDetail", "JournalEntryLineDetail": detail}

    (made,) = reverse(TransactionType.JOURNAL_ENTRY, {"Id": "9", "Line": [line]})["Line"]

    assert made["JournalEntryLineDetail"] == detail | {
        "PostingType": "Debit", "Entity": {"Type": "Vendor", "EntityRef": {"value": "71"}},
    }  # fmt: skip


def test_a_cost_for_a_customer_is_credited_without_being_billed() -> None:
    body = reverse(TransactionType.BILL, bill(CustomerRef={"value": "26"}, BillableStatus="Billable"))

    detail = body["Line"][0]["AccountBasedExpenseLineDetail"]
    assert (detail["CustomerRef"], detail["BillableStatus"]) == ({"value": "26"}, "NotBillable")


def test_a_line_that_was_billed_to_a_customer_has_no_opposite() -> None:
    with pytest.raises(UnsendableError, match="billed to a customer"):
        reverse(TransactionType.BILL, bill(CustomerRef={"value": "26"}, BillableStatus="HasBeenBilled"))


def test_a_line_of_an_unknown_kind_has_no_opposite() -> None:
    record = bill() | {"Line": [{"DetailType": "GroupLineDetail", "Amount": Decimal(1)}]}

    with pytest.raises(UnsendableError, match="GroupLineDetail"):
        reverse(TransactionType.BILL, record)


def test_exactly_the_version_that_was_read_is_deleted() -> None:
    assert deletion_body(bill()) == {"Id": "905", "SyncToken": "2"}
