"""How far a document is paid: every rule of docs/payments.md by its name, and what holds for payments of any kind."""

from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_connector.flows.payments import (
    disagree,
    is_earlier,
    is_news,
    listed,
    payment_picture,
    response_message,
)
from ml_connector.model.payments import OwnWords, Part, Payment, Picture, Settled

BILL, OTHER_BILL, CREDIT_NOTE, ENTRY = ("Bill", "145"), ("Bill", "146"), ("VendorCredit", "151"), ("JournalEntry", "77")
CONNECTED = datetime(2026, 5, 1, tzinfo=UTC)


def money(text: str) -> Decimal:
    return Decimal(text)


def part(target=BILL, total: str = "1080", left: str | None = "0", **more) -> Part:
    return Part(target=target, total=money(total), open=None if left is None else money(left), **more)


def settles(target, amount: str, **more) -> Settled:
    return Settled(target=target, amount=money(amount), **more)


def paid(*lines: Settled, key: str = "9", day: date = date(2026, 5, 2), number: str = "", **more) -> Payment:
    money_ = sum((-line.amount if line.is_credit else line.amount for line in lines), Decimal(0))
    return Payment(
        **{"id": key, "method": "Check", "day": day, "number": number, "money": money_, "lines": lines, **more}
    )


def own(total: str = "1080", **more) -> OwnWords:
    return OwnWords(currency="USD", total=money(total), **more)


def picture(parts, payments, words: OwnWords | None = None, told: Picture | None = None) -> Picture:
    return payment_picture(parts, payments, words or own(), told)


def test_a_part_payment_is_told_with_its_day_method_and_number():
    shown = picture([part(left="580")], [paid(settles(BILL, "500"), number="10231")])

    assert (shown.paid, shown.open, shown.day) == (500, 580, date(2026, 5, 2))
    assert (shown.method, shown.check_number, shown.numbers) == ("Check", "10231", ("10231",))
    assert response_message(shown) == "Partly paid in QuickBooks: 500.00 USD of 1,080.00 USD."


def test_several_payments_of_one_bill_add_up_and_the_newest_gives_day_and_method():
    first = paid(settles(BILL, "500"), key="9", number="10231")
    second = paid(settles(BILL, "580"), key="10", day=date(2026, 5, 18), method="CreditCard")

    shown = picture([part()], [second, first])

    assert (shown.paid, shown.open, shown.day) == (1080, 0, date(2026, 5, 18))
    assert (shown.method, shown.check_number) == ("CreditCard", "")
    assert (shown.payments, shown.numbers) == (("10", "9"), ("#10", "10231"))
    assert response_message(shown) == "Paid in QuickBooks: 1,080.00 USD of 1,080.00 USD."


def test_one_payment_over_many_bills_counts_for_each_with_its_own_line():
    run = paid(settles(BILL, "1080"), settles(OTHER_BILL, "70"))

    assert picture([part()], [run]).paid == 1080
    assert picture([part(OTHER_BILL, "70")], [run], own("70")).paid == 70


def test_a_document_in_several_transactions_is_paid_as_far_as_all_of_them_are():
    parts = [part(BILL, "600"), part(OTHER_BILL, "480", "480")]

    shown = picture(parts, [paid(settles(BILL, "600"))])

    assert (shown.total, shown.paid, shown.open) == (1080, 600, 480)


def test_a_bill_settled_by_credit_is_paid():
    shown = picture([part()], [paid(settles(BILL, "1080"), settles(CREDIT_NOTE, "1080", is_credit=True))])

    assert (shown.paid, shown.discount, shown.method, shown.check_number) == (1080, 0, "Credit", "")


def test_money_and_credit_together_are_paid_by_the_money():
    shown = picture([part()], [paid(settles(BILL, "1080"), settles(CREDIT_NOTE, "90", is_credit=True), number="7")])

    assert (shown.paid, shown.method, shown.check_number) == (1080, "Check", "7")


def test_a_discount_is_taken_off_and_not_paid():
    discount = settles(CREDIT_NOTE, "80", is_credit=True, is_discount=True)

    shown = picture([part()], [paid(settles(BILL, "1080"), discount)])

    assert (shown.paid, shown.discount, shown.open) == (1000, 80, 0)


def test_the_discount_of_a_payment_over_several_bills_is_shared_by_what_it_settles_to_the_cent():
    discount = settles(CREDIT_NOTE, "10", is_credit=True, is_discount=True)
    run = paid(settles(BILL, "200"), settles(OTHER_BILL, "100"), discount)

    first = picture([part(BILL, "200")], [run], own("200"))
    second = picture([part(OTHER_BILL, "100")], [run], own("100"))

    assert (first.discount, second.discount) == (money("6.67"), money("3.33"))
    assert (first.paid, second.paid) == (money("193.33"), money("96.67"))


def test_the_balance_decides_where_no_payment_explains_it():
    changed = datetime(2026, 5, 4, 8, tzinfo=UTC)

    shown = picture([part(left="1000", changed_at=changed)], [])

    assert (shown.paid, shown.unexplained, shown.method, shown.day) == (80, 80, "Other", date(2026, 5, 4))


def test_what_no_payment_explains_keeps_the_day_basware_was_told():
    told = picture([part(left="1000", changed_at=datetime(2026, 5, 4, tzinfo=UTC))], [])

    later = picture([part(left="1000", changed_at=datetime(2026, 6, 4, tzinfo=UTC))], [], told=told)

    assert later == told


def test_a_journal_entry_is_paid_by_its_payments():
    shown = picture([part(ENTRY, left=None)], [paid(settles(ENTRY, "300"))])

    assert (shown.paid, shown.open, shown.unexplained) == (300, 780, 0)


@pytest.mark.parametrize(("basware", "sign"), [("-90", -1), ("90", 1)])
def test_a_credit_note_has_the_sign_of_basware(basware: str, sign: int):
    use = paid(settles(BILL, "90"), settles(CREDIT_NOTE, "90", is_credit=True))

    shown = picture([part(CREDIT_NOTE, "90", is_credit=True)], [use], own(basware))

    assert (shown.total, shown.paid, shown.open, shown.method) == (sign * 90, sign * 90, 0, "Credit")


def test_a_payment_that_settles_nothing_any_more_is_named_as_reversed():
    told = picture([part()], [paid(settles(BILL, "1080"))])

    shown = picture([part(left="1080")], [], told=told)

    assert (shown.paid, shown.payments, shown.reversed, shown.day) == (0, (), ("9",), told.day)
    assert response_message(shown) == "No payment in QuickBooks. No longer valid: BillPayment 9."
    assert is_news(shown, told)


def test_a_reversed_payment_stays_named_until_it_settles_something_again():
    first, second = paid(settles(BILL, "500"), key="9"), paid(settles(BILL, "500"), key="10")
    told = picture([part(left="580")], [first])
    voided = picture([part(left="1080")], [], told=told)

    again = picture([part(left="580")], [second], told=voided)
    back = picture([part(left="580")], [first], told=again)

    assert (again.payments, again.reversed) == (("10",), ("9",))
    assert (back.payments, back.reversed) == (("9",), ("10",))


def test_the_invoices_own_words_are_said_again():
    words = own(term_code="NET30", method="ACH", message="thanks", payment_block=True)

    unpaid, done = picture([part(left="1080")], [], words), picture([part()], [paid(settles(BILL, "1080"))], words)

    assert (unpaid.method, done.method) == ("ACH", "Check")
    assert all((one.term_code, one.message, one.payment_block) == ("NET30", "thanks", True) for one in (unpaid, done))


def test_nothing_paid_and_nothing_told_is_no_news():
    assert not is_news(picture([part(left="1080")], []), None)


def test_copies_that_do_not_add_up_are_noticed_whichever_is_older():
    payment = paid(settles(BILL, "500"))

    assert disagree([part(left="1080")], [payment])
    assert disagree([part(left="580")], [])
    assert not disagree([part(left="580")], [payment])
    assert not disagree([part(ENTRY, left=None)], [paid(settles(ENTRY, "1"))])


@pytest.mark.parametrize(("day", "earlier"), [(1, True), (15, False)])
def test_what_was_paid_before_the_connection_is_earlier_unless_it_changed_since(day: int, earlier: bool):
    changed = datetime(2026, 4, day, tzinfo=UTC) if earlier else datetime(2026, 5, day, tzinfo=UTC)
    payment = paid(settles(BILL, "1080"), changed_at=changed)

    assert is_earlier([part()], [payment], picture([part()], [payment]), CONNECTED) is earlier


def test_a_later_payment_makes_the_whole_picture_one_of_now():
    old = paid(settles(BILL, "500"), changed_at=datetime(2026, 4, 1, tzinfo=UTC))
    new = paid(settles(BILL, "580"), key="10", changed_at=datetime(2026, 6, 1, tzinfo=UTC))

    assert not is_earlier([part()], [old, new], picture([part()], [old, new]), CONNECTED)


def test_a_list_that_is_too_long_counts_what_it_leaves_out():
    assert listed(["a" * 20, "b" * 20, "c" * 20], 50) == "a" * 20 + ", " + "b" * 20 + " +1 more"
    assert listed([], 50) == ""


CENTS = st.integers(1, 100_000).map(lambda cents: Decimal(cents) / 100)
TARGETS = (BILL, OTHER_BILL)


@st.composite
def paid_bills(draw: st.DrawFn):
    """Bills with payments that never settle more than there is, some with a discount."""
    totals = {target: draw(CENTS) for target in TARGETS}
    left, payments = dict(totals), []
    for number in range(draw(st.integers(0, 4))):
        lines = []
        for target in TARGETS:
            cents = draw(st.integers(0, int(left[target] * 100)))
            if cents:
                left[target] -= Decimal(cents) / 100
                lines.append(Settled(target=target, amount=Decimal(cents) / 100))
        whole = sum((line.amount for line in lines), Decimal(0))
        off = draw(st.integers(0, int(whole * 100)))
        if off:
            lines.append(Settled(target=CREDIT_NOTE, amount=Decimal(off) / 100, is_credit=True, is_discount=True))
        payments.append(paid(*lines, key=str(number + 1), day=date(2026, 5, draw(st.integers(1, 28)))))
    return [part(target, str(totals[target]), str(left[target])) for target in TARGETS], payments


@given(paid_bills(), st.randoms())
def test_what_is_told_is_what_is_settled_whatever_the_order_of_the_payments(scene, random):
    parts, payments = scene
    words = own(str(sum(one.total for one in parts)))
    shuffled = random.sample(payments, len(payments))

    shown = picture(parts, payments, words)

    assert shown == picture(list(reversed(parts)), shuffled, words)
    assert shown.paid + shown.discount == sum(one.total - one.open for one in parts)
    assert shown.open == sum(one.open for one in parts)
    assert shown.unexplained == 0
    assert not disagree(parts, payments)


@given(paid_bills())
def test_the_shares_of_a_discount_add_up_over_the_bills_of_a_payment(scene):
    parts, payments = scene
    apart = [picture([one], payments, own(str(one.total))) for one in parts]

    every = sum((line.amount for one in payments for line in one.lines if line.is_discount), Decimal(0))
    assert sum(one.discount for one in apart) == every


@given(paid_bills(), paid_bills())
def test_the_same_facts_never_give_another_picture_after_they_were_told(before, after):
    told = picture(*before)
    shown = picture(*after, told=told)

    assert picture(*after, told=shown) == shown
    assert not set(shown.payments) & set(shown.reversed)
    assert set(told.payments) <= {*shown.payments, *shown.reversed}


@given(paid_bills())
def test_a_picture_can_be_kept_and_read_back(scene):
    shown = picture(*scene)

    assert msgspec.json.decode(msgspec.json.encode(shown), type=Picture) == shown
