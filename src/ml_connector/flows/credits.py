"""How much of a vendor credit is used up by which bills, or why it stays open.

Pure. QuickBooks uses credits up by a bill payment of zero whose lines name bills and credits with equal sums (Intuit's API
reference, BillPayment). What is open of each was just read; nothing is applied that QuickBooks would cut down.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from ml_connector.model.books import Account, Books
from ml_connector.model.credits import CreditPlan, OpenItem, Use
from ml_connector.model.money import ZERO
from ml_connector.rules.dates import is_closed


def plan_credit(
    credit: OpenItem | None, bills: Sequence[OpenItem], *, books: Books, bank_account_id: str, today: date
) -> CreditPlan:
    """What a payment of zero is to say. `bills` are those the credit names, in the order in which they are settled.

    Without uses, `why` says in words what stands against it, and `over` whether that is the end of it.
    """
    if credit is None:
        return CreditPlan(why="the credit is no longer in QuickBooks", over=True)
    if why := _against(credit, bills):
        return CreditPlan(why=why, over=True)
    uses = _uses(credit.open, bills)
    used = {use.target for use in uses}
    close_date = books.preferences.book_close_date
    day = max(credit.day, *(bill.day for bill in bills if bill.target in used))
    if is_closed(day, close_date):
        day = today
    if is_closed(day, close_date):
        return CreditPlan(why=f"the books are closed through {close_date}")
    bank, why = bank_account(books, bank_account_id, credit.currency)
    if bank is None:
        return CreditPlan(why=why, needs_person=True)
    amount = sum((use.amount for use in uses), ZERO)
    return CreditPlan(
        uses=(*uses, Use(target=credit.target, amount=amount)), amount=amount, day=day, bank_account_id=bank.id
    )


def _against(credit: OpenItem, bills: Sequence[OpenItem]) -> str:
    """What stands against using a credit for good; "" when nothing does."""
    if credit.open <= 0:
        return "the credit is used up in QuickBooks already"
    if not bills:
        return "the bill is no longer in QuickBooks"
    if all(bill.open <= 0 for bill in bills):
        names = ", ".join(bill.number or bill.target[1] for bill in bills)
        return f"bill {names} is paid already, so the credit stays open for the next payment"
    return next((told for bill in bills if (told := _does_not_fit(credit, bill))), "")


def _does_not_fit(credit: OpenItem, bill: OpenItem) -> str:
    """Why QuickBooks settles no such bill with this credit; "" when it does."""
    told = f"bill {bill.number or bill.target[1]}"
    if bill.vendor_id != credit.vendor_id:
        return f"{told} is of another vendor"
    if bill.currency != credit.currency:
        return f"{told} is in {bill.currency}, the credit in {credit.currency}"
    if bill.payable_account_id != credit.payable_account_id:
        return f"{told} stands on another payable account"
    return ""


def _uses(open_: Decimal, bills: Sequence[OpenItem]) -> list[Use]:
    """What is used of each bill: the first as far as it is open, then the next, until the credit is used up."""
    uses, rest = list[Use](), open_
    for bill in bills:
        amount = min(rest, bill.open)
        if amount > 0:
            uses.append(Use(target=bill.target, amount=amount))
            rest -= amount
    return uses


def bank_account(books: Books, wanted: str, currency: str) -> tuple[Account | None, str]:
    """The account QuickBooks wants on a payment even of zero, which nothing is booked on; or why there is none.

    The one the policy names, else the company's only bank account in the currency or in that of the books.
    """
    if wanted:
        account = books.accounts.get(wanted)
        if account is None or not account.active or account.type != "Bank":
            return None, f"`credit_bank_account_id` {wanted} is no active bank account of QuickBooks"
        return account, ""
    fitting = [
        account
        for account in books.accounts.values()
        if account.active
        and account.type == "Bank"
        and account.currency in {"", currency, books.preferences.home_currency}
    ]
    if len(fitting) == 1:
        return fitting[0], ""
    count = "no" if not fitting else "several"
    return None, f"QuickBooks has {count} bank accounts for a payment of zero: name one as `credit_bank_account_id`"
