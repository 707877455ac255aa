"""What a vendor credit settles, and why it stays open: by the rules of docs/vendor-credits.md, each by name."""

from datetime import date
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_connector.flows.credits import plan_credit
from ml_connector.model.books import Account, Books, Preferences
from ml_connector.model.credits import OpenItem
from ml_connector.quickbooks.translation_credits import credit_payment_body, open_item, uses_of
from ml_connector.quickbooks.wire import UnreadableError, UnsendableError

BANK = Account(id="31", name="Checking", type="Bank", currency="USD")
BOOKS = Books(preferences=Preferences(book_close_date=date(2026, 9, 30)), accounts={"31": BANK})
TODAY = date(2026, 11, 20)
CREDIT = OpenItem(
    target=("VendorCredit", "900"), vendor_id="71", currency="USD", payable_account_id="33", day=date(2026, 11, 10),
    open=Decimal("90.00"), number="C-1",
)  # fmt: skip


def bill(id_="145", open_="1000.00", **more) -> OpenItem:
    usual = {"target": ("Bill", id_), "day": date(2026, 11, 5), "open": Decimal(open_), "number": f"A-{id_}"}
    return msgspec.structs.replace(CREDIT, **usual | more)


def plan(credit=CREDIT, *bills, books=BOOKS, bank="", today=TODAY):
    return plan_credit(credit, bills, books=books, bank_account_id=bank, today=today)


def settled(found):
    return {use.target[1]: use.amount for use in found.uses}


def test_a_credit_is_used_up_by_the_bill_it_names():
    found = plan(CREDIT, bill())
    assert settled(found) == {"145": Decimal(90), "900": Decimal(90)}
    assert (found.amount, found.day, found.bank_account_id) == (Decimal(90), date(2026, 11, 10), "31")


def test_what_the_bill_does_not_need_of_a_credit_stays_open():
    assert settled(plan(CREDIT, bill(open_="40.00"))) == {"145": Decimal(40), "900": Decimal(40)}


def test_parts_of_an_invoice_are_settled_one_after_the_other():
    found = plan(CREDIT, bill("1", "0.00"), bill("2", "50.00"), bill("3", "100.00"), bill("4", "5.00"))
    assert settled(found) == {"2": Decimal(50), "3": Decimal(40), "900": Decimal(90)}


@pytest.mark.parametrize(
    ("credit", "bills", "why"),
    [
        (None, [bill()], "no longer in QuickBooks"),
        (msgspec.structs.replace(CREDIT, open=Decimal(0)), [bill()], "used up"),
        (CREDIT, [], "the bill is no longer"),
        (CREDIT, [bill(open_="0.00")], "paid already"),
        (CREDIT, [bill(vendor_id="72")], "another vendor"),
        (CREDIT, [bill(currency="EUR")], "in EUR, the credit in USD"),
        (CREDIT, [bill("1"), bill("2", payable_account_id="34")], "another payable account"),
    ],
)
def test_a_credit_that_fits_no_bill_stays_open_for_good_and_says_why(credit, bills, why):
    found = plan(credit, *bills)
    assert (found.uses, found.over) == ((), True)
    assert why in found.why


def test_the_later_day_counts_and_today_where_that_is_closed():
    assert plan(CREDIT, bill(day=date(2026, 11, 12))).day == date(2026, 11, 12)
    closed = msgspec.structs.replace(BOOKS, preferences=Preferences(book_close_date=date(2026, 11, 15)))
    assert plan(CREDIT, bill(), books=closed).day == TODAY


def test_a_credit_waits_while_today_is_closed_too():
    closed = msgspec.structs.replace(BOOKS, preferences=Preferences(book_close_date=date(2026, 12, 31)))
    found = plan(CREDIT, bill(), books=closed)
    assert (found.uses, found.over, found.why) == ((), False, "the books are closed through 2026-12-31")


@pytest.mark.parametrize(
    ("accounts", "wanted", "chosen"),
    [
        ([BANK], "", "31"),
        ([], "", ""),
        ([BANK, Account(id="32", name="Savings", type="Bank")], "", ""),
        ([BANK, Account(id="32", name="Savings", type="Bank")], "32", "32"),
        ([BANK, Account(id="32", name="Euros", type="Bank", currency="EUR")], "", "31"),
        ([BANK, Account(id="32", name="Old", type="Bank", active=False)], "", "31"),
        ([BANK, Account(id="38", name="Card", type="Credit Card")], "38", ""),
        ([BANK], "404", ""),
    ],
)
def test_a_payment_of_zero_names_a_bank_account_that_a_person_or_the_books_leave_no_doubt_about(
    accounts, wanted, chosen
):
    books = msgspec.structs.replace(BOOKS, accounts={one.id: one for one in accounts})
    found = plan(CREDIT, bill(), books=books, bank=wanted)
    assert (found.bank_account_id, found.needs_person, bool(found.uses)) == (chosen, not chosen, bool(chosen))


cents = st.integers(0, 100_000).map(lambda value: value * Decimal("0.01"))


@given(cents, st.lists(cents, min_size=1, max_size=5))
def test_bills_and_credit_always_settle_each_other_to_the_cent_and_never_more_than_is_open(open_, bills):
    credit = msgspec.structs.replace(CREDIT, open=open_)
    found = plan(credit, *(bill(str(number), str(one)) for number, one in enumerate(bills)))
    by_kind = {
        kind: sum((use.amount for use in found.uses if use.target[0] == kind), Decimal(0))
        for kind in ("Bill", "VendorCredit")
    }
    assert by_kind["Bill"] == by_kind["VendorCredit"] == min(open_, sum(bills))
    assert all(use.amount <= bills[int(use.target[1])] for use in found.uses if use.target[0] == "Bill")
    assert bool(found.uses) != bool(found.why)
    if found.uses:
        body = credit_payment_body(found, credit, [], memo="m", multicurrency=False)
        assert (body["TotalAmt"], uses_of(body)) == (0, {use.target: use.amount for use in found.uses})


def test_currency_and_rate_are_named_only_where_the_company_uses_several():
    euros = {"currency": "EUR", "exchange_rate": Decimal("1.09")}
    credit, owed = msgspec.structs.replace(CREDIT, **euros), bill(**euros | {"exchange_rate": Decimal("1.08")})
    body = credit_payment_body(plan(credit, owed), credit, [owed], memo="m", multicurrency=True)
    assert (body["CurrencyRef"], body["ExchangeRate"]) == ({"value": "EUR"}, Decimal("1.08"))
    plain = credit_payment_body(plan(CREDIT, bill()), CREDIT, [bill()], memo="m", multicurrency=False)
    assert not {"CurrencyRef", "ExchangeRate"} & set(plain)


def test_a_payment_whose_sides_differ_never_leaves():
    found = plan(CREDIT, bill())
    lame = msgspec.structs.replace(found, uses=found.uses[:1])
    with pytest.raises(UnsendableError):
        credit_payment_body(lame, CREDIT, [bill()], memo="m", multicurrency=False)


def test_a_record_without_a_balance_is_not_believed():
    record = {"Id": "145", "TxnDate": "2026-11-05", "VendorRef": {"value": "71"}}
    with pytest.raises(UnreadableError):
        open_item("Bill", record, "USD")
