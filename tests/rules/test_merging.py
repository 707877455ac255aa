"""More rows than QuickBooks has lines: merged by coding where the company allows it, else held."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_connector.model.policy import Sources, TooManyLines
from ml_connector.model.postings import PostingLine
from ml_connector.rules.merging import merge_lines

MERGE = {"too_many_lines": TooManyLines.MERGE_ROWS}


@pytest.fixture(scope="module")
def long_invoice(office):
    rows = [
        office.row("0.01", account="6100" if number % 2 else "6200", description=f"call {number}")
        for number in range(10_001)
    ]
    return office.invoice(*rows)


def test_rows_of_equal_coding_become_one_line_that_says_how_many_it_stands_for(office, long_invoice):
    plan = office.plan(long_invoice, policy=MERGE)
    (bill,) = plan.postings
    assert [(line.account_id, str(line.amount), len(line.rows)) for line in bill.lines] == [
        ("11", "50.01", 5001),
        ("10", "50.00", 5000),
    ]
    assert bill.lines[0].description == "5,001 rows, the first: call 0"
    assert bill.total == Decimal("100.01")
    assert office.explained(plan, "lines").result == "2 lines"


def test_by_default_such_a_document_is_held(office, long_invoice):
    assert office.causes(long_invoice) == {"too-many-lines"}


def test_rows_that_all_differ_are_held_all_the_same(office, monkeypatch):
    monkeypatch.setattr("ml_connector.rules.build.MOST_LINES", 1)
    document = office.invoice(office.row("1.00"), office.row("2.00", account="6200"))
    assert office.causes(document, policy=MERGE) == {"too-many-lines"}


def test_rows_on_items_stay_lines_of_their_own(office, monkeypatch):
    monkeypatch.setattr("ml_connector.rules.build.MOST_LINES", 3)
    rows = [office.row("1.00", item="TONER"), office.row("2.00", item="TONER"), office.row("3.00"), office.row("4.00")]
    policy = MERGE | {"sources": Sources(item="productCode")}
    bill = office.posted(office.invoice(*rows), policy=policy)
    assert [(line.item_id, line.rows) for line in bill.lines] == [("302", (1,)), ("302", (2,)), ("", (3, 4))]


def test_a_document_that_fits_keeps_every_row(office):
    bill = office.posted(office.invoice(office.row("1.00"), office.row("2.00")), policy=MERGE)
    assert [line.rows for line in bill.lines] == [(1,), (2,)]


def test_lines_of_an_order_and_lines_of_no_row_are_never_merged():
    order = PostingLine(amount=Decimal(1), account_id="10", rows=(1,), order_id="257", order_line_id="1")
    tax = PostingLine(amount=Decimal(1), account_id="10", description="Tax")
    lines = [order, order, tax, tax]
    assert merge_lines(lines) == lines


lines = st.lists(
    st.builds(
        PostingLine,
        amount=st.integers(-10_000, 10_000).map(lambda cents: Decimal(cents) / 100),
        account_id=st.sampled_from(["10", "11"]),
        class_id=st.sampled_from(["", "5"]),
        customer_id=st.sampled_from(["", "80"]),
        description=st.text(max_size=5),
        rows=st.integers(1, 99).map(lambda row: (row,)),
    )
)


@given(lines)
def test_no_cent_and_no_row_is_lost_and_every_coding_keeps_its_sum(given_lines):
    def sums(some):
        found = {}
        for line in some:
            coding = line.account_id, line.class_id, line.customer_id
            amount, rows = found.get(coding, (Decimal(0), []))
            found[coding] = amount + line.amount, [*rows, *line.rows]
        return found

    merged = merge_lines(given_lines)
    assert sums(merged) == sums(given_lines)
    assert len(merged) == len(sums(given_lines))
