"""What counts as drift, when a case opens again, and what forbids bringing a transaction back."""

from datetime import date
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_connector.model.books import ExistingTransaction, TransactionType
from ml_connector.model.drift import Difference, DriftKind, DriftState
from ml_connector.model.postings import Posting, PostingLine, Side, TaxAmount, TaxMode
from ml_connector.rules.drift import compare, compare_summary, may_restore, number_taken, opens_again

LINES = (
    PostingLine(amount=Decimal("60.00"), account_id="10", class_id="100", description="Paper"),
    PostingLine(amount=Decimal("40.00"), account_id="11"),
)
BILL = Posting(
    type=TransactionType.BILL, vendor_id="56", txn_date=date(2026, 11, 5), doc_number="A-1", memo="Invoice A-1 [bw:a/0]",
    currency="USD", total=Decimal("100.00"), payable_account_id="33", lines=LINES, due_date=date(2026, 12, 5),
    location_id="1",
)  # fmt: skip
PRESENT = ExistingTransaction(
    type=TransactionType.BILL, id="145", sync_token="1", doc_number="A-1", vendor_id="56", txn_date=date(2026, 11, 5),
    total=Decimal("100.00"), balance=Decimal("100.00"),
)  # fmt: skip


def changed(**fields) -> Posting:
    return msgspec.structs.replace(BILL, **fields)


def with_line(number: int, **fields) -> Posting:
    lines = list(LINES)
    lines[number] = msgspec.structs.replace(lines[number], **fields)
    return changed(lines=tuple(lines))


def test_what_was_posted_is_no_drift_from_itself() -> None:
    assert compare(BILL, BILL) == ()


def test_an_item_brings_its_own_account_so_only_another_item_or_quantity_is_drift() -> None:
    pieces = {"item_id": "302", "quantity": Decimal(5), "unit_price": Decimal(12)}
    ours = with_line(0, **pieces)
    assert compare(ours, with_line(0, **pieces | {"account_id": "99"})) == ()
    for changed_field, value in (("item_id", "303"), ("quantity", Decimal(4))):
        (difference,) = compare(ours, with_line(0, **pieces | {changed_field: value}))
        assert (difference.field, difference.line) == (changed_field.removesuffix("_id"), 1)
    on_an_item = {one.field for one in compare(BILL, ours)}
    assert on_an_item == {"account", "item", "quantity"}


def test_a_markup_quickbooks_puts_there_itself_is_no_drift_and_a_changed_one_of_ours_is() -> None:
    usual = with_line(0, customer_id="80", billable=True)
    theirs = with_line(0, customer_id="80", billable=True, markup_percent=Decimal(10))
    assert compare(usual, theirs) == ()
    (difference,) = compare(with_line(0, customer_id="80", billable=True, markup_percent=Decimal(15)), theirs)
    assert (difference.field, difference.ours, difference.theirs) == ("markup", "15", "10")


@pytest.mark.parametrize(
    ("theirs", "field", "line"),
    [
        (changed(vendor_id="57"), "vendor", 0),
        (changed(txn_date=date(2026, 11, 6)), "date", 0),
        (changed(doc_number="A-1b"), "number", 0),
        (changed(total=Decimal("100.01")), "total", 0),
        (changed(payable_account_id="34"), "payable account", 0),
        (changed(location_id=""), "location", 0),
        (changed(memo="checked"), "memo", 0),
        (changed(due_date=None), "due date", 0),
        (with_line(0, amount=Decimal(61)), "amount", 1),
        (with_line(1, account_id="12"), "account", 2),
        (with_line(1, class_id="100"), "class", 2),
        (with_line(0, customer_id="80"), "customer", 1),
        (with_line(0, description="Ink"), "description", 1),
        (with_line(0, billable=True), "billable", 1),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_field_that_a_posting_decides_is_told_with_its_line(theirs: Posting, field: str, line: int) -> None:
    (found,) = compare(BILL, theirs)
    assert (found.field, found.line) == (field, line)
    assert found.ours != found.theirs


def test_what_we_left_to_quickbooks_is_not_compared() -> None:
    ours = changed(due_date=None, term_id="", exchange_rate=None)
    theirs = changed(due_date=date(2026, 12, 9), term_id="3", exchange_rate=Decimal("1.1"), multicurrency=True)
    assert compare(ours, theirs) == ()


def test_a_tax_code_that_quickbooks_itself_put_on_a_line_is_no_difference() -> None:
    assert compare(BILL, with_line(0, tax_code_id="NON")) == ()


def test_a_tax_code_that_we_chose_is_compared() -> None:
    lines = tuple(msgspec.structs.replace(line, tax_code_id="5") for line in LINES)
    ours = changed(lines=lines)
    (found,) = compare(ours, changed(lines=(lines[0], msgspec.structs.replace(lines[1], tax_code_id="6"))))
    assert (found.field, found.ours, found.theirs, found.line) == ("tax code", "5", "6", 2)


def test_tax_is_compared_as_a_whole_where_quickbooks_keeps_it_on_the_transaction() -> None:
    def taxed(amount: str) -> Posting:
        tax = TaxAmount(rate_id="1", percent=Decimal(25), net=Decimal(100), amount=Decimal(amount))
        return changed(tax_mode=TaxMode.EXCLUDED, tax_amounts=(tax,))

    assert compare(taxed("25.00"), taxed("25")) == ()
    assert [one.field for one in compare(taxed("25.00"), taxed("25.01"))] == ["tax"]


def test_lines_in_another_order_are_no_difference() -> None:
    assert compare(BILL, changed(lines=LINES[::-1])) == ()


def test_a_line_that_was_taken_away_or_added_is_told_field_by_field() -> None:
    gone = compare(BILL, changed(lines=LINES[:1]))
    assert {(one.line, one.theirs) for one in gone} == {(2, "")}
    assert Difference(field="amount", ours="40", theirs="", line=2) in gone
    added = compare(BILL, changed(lines=(*LINES, PostingLine(amount=Decimal(5), account_id="12"))))
    assert Difference(field="account", ours="", theirs="12", line=3) in added


def test_a_side_of_a_journal_entry_that_was_turned_is_told() -> None:
    entry = changed(lines=(PostingLine(amount=Decimal(1), account_id="10", side=Side.DEBIT),))
    turned = changed(lines=(PostingLine(amount=Decimal(1), account_id="10", side=Side.CREDIT),))
    assert [one.field for one in compare(entry, turned)] == ["side"]


@given(st.permutations(range(6)), st.data())
def test_whatever_single_amount_is_changed_is_found_and_nothing_else(order, data) -> None:
    lines = tuple(PostingLine(amount=Decimal(number + 1), account_id=str(number)) for number in order)
    at = data.draw(st.integers(0, 5))
    other = list(lines)
    other[at] = msgspec.structs.replace(other[at], amount=Decimal("99.99"))
    (found,) = compare(changed(lines=lines), changed(lines=tuple(other)))
    assert (found.line, found.theirs) == (at + 1, "99.99")


def test_of_a_transaction_that_was_only_linked_amount_date_and_number_are_compared() -> None:
    assert compare_summary(Decimal("100.00"), "2026-11-05", "A-1", with_line(0, account_id="99")) == ()
    found = compare_summary(Decimal("90.00"), "2026-11-04", "A-0", BILL)
    assert [one.field for one in found] == ["total", "date", "number"]


ONE = (Difference(field="total", ours="100", theirs="120"),)
TWO = (Difference(field="total", ours="100", theirs="130"),)


@pytest.mark.parametrize(
    ("state", "known", "seen", "again"),
    [
        (DriftState.IGNORED, (DriftKind.CHANGED, ONE), (DriftKind.CHANGED, ONE), False),
        (DriftState.IGNORED, (DriftKind.CHANGED, ONE), (DriftKind.CHANGED, TWO), True),
        (DriftState.IGNORED, (DriftKind.CHANGED, ONE), (DriftKind.DELETED, ()), True),
        (DriftState.ACCEPTED, (DriftKind.CHANGED, ONE), (DriftKind.CHANGED, ONE), True),
        (DriftState.ACCEPTED, (DriftKind.DELETED, ()), (DriftKind.DELETED, ()), False),
        (DriftState.RESTORED, (DriftKind.CHANGED, ONE), (DriftKind.CHANGED, ONE), True),
        (DriftState.UNDONE, (DriftKind.CHANGED, ONE), (DriftKind.CHANGED, ONE), True),
        (DriftState.ASKED, (DriftKind.CHANGED, ONE), (DriftKind.CHANGED, TWO), False),
        (DriftState.RESTORING, (DriftKind.CHANGED, ONE), (DriftKind.CHANGED, TWO), False),
    ],
)
def test_a_decided_case_opens_again_only_for_something_new(state, known, seen, again) -> None:
    assert opens_again(state, known, seen) is again


def test_an_open_unpaid_transaction_may_be_restored_and_a_deleted_one_posted_anew() -> None:
    assert may_restore(BILL, PRESENT, date(2026, 9, 30)) is None
    assert may_restore(BILL, None, None) is None


@pytest.mark.parametrize("fields", [{"balance": Decimal(0)}, {"balance": Decimal(40)}, {"settled": True}])
def test_a_paid_transaction_is_not_restored(fields) -> None:
    refusal = may_restore(BILL, msgspec.structs.replace(PRESENT, **fields), None)
    assert refusal is not None
    assert "paid" in refusal.why


def test_neither_the_agreed_nor_the_present_day_may_lie_in_closed_books() -> None:
    assert may_restore(BILL, PRESENT, date(2026, 11, 5)) is not None
    moved = msgspec.structs.replace(PRESENT, txn_date=date(2026, 10, 1))
    assert may_restore(BILL, moved, date(2026, 10, 31)) is not None
    assert may_restore(BILL, None, date(2026, 11, 5)) is not None


def test_what_was_never_written_by_us_cannot_be_brought_back() -> None:
    refusal = may_restore(None, PRESENT, None)
    assert refusal is not None
    assert "linked" in refusal.why


def test_a_deleted_bill_is_not_posted_anew_where_its_vendor_has_the_number_on_another_one() -> None:
    other = msgspec.structs.replace(PRESENT, id="200", doc_number="a-1")
    assert number_taken(BILL, [other]) is not None
    assert number_taken(BILL, [msgspec.structs.replace(other, vendor_id="99")]) is None
    assert number_taken(BILL, []) is None
