"""Vendor credits and the bills they are applied to: what is open of each, and the payment of zero that settles one with the other.

Shapes follow Intuit's API reference of BillPayment, Bill and VendorCredit. Decides nothing.
"""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any

from ml_connector.model.credits import CreditPlan, OpenItem, Target
from ml_connector.quickbooks.records import Record, day, number, reference, required, text
from ml_connector.quickbooks.translation_payments import payment_lines
from ml_connector.quickbooks.translation_postings import fitting
from ml_connector.quickbooks.wire import MAX_PRIVATE_NOTE, UnreadableError, UnsendableError

Body = dict[str, Any]


def open_item(kind: str, record: Record, home_currency: str) -> OpenItem:
    """A bill or vendor credit with what is still open of it. Raises UnreadableError for one that does not say."""
    left, booked = number(record, "Balance"), day(record, "TxnDate")
    if left is None or booked is None:
        raise UnreadableError(f"{kind} {text(record, 'Id')} has no {'balance' if left is None else 'date'}")
    return OpenItem(
        target=(kind, required(record, "Id")),
        vendor_id=reference(record, "VendorRef"),
        currency=reference(record, "CurrencyRef") or home_currency,
        payable_account_id=reference(record, "APAccountRef"),
        day=booked,
        open=left,
        number=text(record, "DocNumber"),
        exchange_rate=number(record, "ExchangeRate"),
    )


def credit_payment_body(
    plan: CreditPlan, credit: OpenItem, bills: Collection[OpenItem], *, memo: str, multicurrency: bool
) -> Body:
    """The JSON that creates the payment of zero. Raises UnsendableError for one whose bills and credits do not come to the same.

    A currency is named only in companies that use several, its rate only where it is not that of the books: the bill's own, so
    that no gain or loss arises on the bill.
    """
    sums = [
        sum((use.amount for use in plan.uses if (use.target == credit.target) is own), Decimal(0))
        for own in (True, False)
    ]
    if sums[0] != sums[1] or sums[0] <= 0 or plan.day is None:
        raise UnsendableError(f"a credit of {sums[0]} does not settle bills of {sums[1]}")
    used = {use.target for use in plan.uses}
    rate = next((bill.exchange_rate for bill in bills if bill.target in used), None)
    body: Body = {
        "VendorRef": {"value": credit.vendor_id},
        "PayType": "Check",
        "CheckPayment": {"BankAccountRef": {"value": plan.bank_account_id}},
        "TotalAmt": 0,
        "APAccountRef": {"value": credit.payable_account_id},
        "TxnDate": _iso(plan.day),
        "PrivateNote": fitting("memo", memo, MAX_PRIVATE_NOTE),
        "Line": [
            {"Amount": use.amount, "LinkedTxn": [{"TxnId": use.target[1], "TxnType": use.target[0]}]}
            for use in plan.uses
        ],
    }
    if multicurrency:
        body["CurrencyRef"] = {"value": credit.currency}
        if rate is not None and rate != 1:
            body["ExchangeRate"] = rate
    return body


def uses_of(payment: Record) -> dict[Target, Decimal]:
    """How much of each transaction a payment settles, as QuickBooks has it or as it is sent."""
    found: dict[Target, Decimal] = {}
    for target, amount in payment_lines(payment):
        found[target] = found.get(target, Decimal(0)) + amount
    return found


def _iso(booked: date) -> str:
    return booked.isoformat()
