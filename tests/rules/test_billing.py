"""Rows that are billed on to a customer: who says so, what they are marked up by, and what cannot be."""

from decimal import Decimal

import pytest

from ml_connector.model.policy import PostingPolicy, Sources

OWN_MARK = {"sources": Sources(billable="text1", item="productCode")}


def marks(posting):
    return [(line.billable, line.markup_percent) for line in posting.lines]


@pytest.fixture
def books(office):
    return office.books(billable_expenses=True)


@pytest.mark.parametrize(
    ("said", "policy_says", "marked"),
    [("yes", False, True), ("X", False, True), ("no", True, False), ("", True, True), ("", False, False)],
)
def test_the_rows_own_mark_comes_before_the_policy(office, books, said, policy_says, marked):
    row = office.row("100.00", customer="P1", **({"bill_on": said} if said else {}))
    bill = office.posted(office.invoice(row), books=books, policy=OWN_MARK | {"billable": policy_says})
    assert [line.billable for line in bill.lines] == [marked]


@pytest.mark.parametrize("coding", [{}, {"item": "CONS"}])
def test_a_billable_line_has_the_markup_of_the_company(office, books, coding):
    row = office.row("100.00", customer="P1", **coding)
    policy = OWN_MARK | {"billable": True, "markup_percent": Decimal("12.5")}
    plan = office.plan(office.invoice(row, office.row("1.00")), books=books, policy=policy)
    assert marks(plan.postings[0]) == [(True, Decimal("12.5")), (False, None)]
    assert office.explained(plan, "row 1: markup").result == "12.5 %"
    assert office.explained(plan, "row 1: billable").result == "Big client"


def test_a_customer_may_have_a_markup_of_its_own_or_none(office, books):
    document = office.invoice(office.row("100.00", customer="P1"))
    for own, shown in ((Decimal(8), Decimal(8)), (Decimal(0), None)):
        policy = {"billable": True, "markup_percent": Decimal(20), "markup_percents": {"80": own}}
        assert marks(office.posted(document, books=books, policy=policy)) == [(True, shown)]


def test_a_credit_note_gives_back_what_was_billed_on(office, books):
    row = office.row("-100.00", customer="P1")
    credit = office.posted(office.invoice(row), books=books, policy={"billable": True, "markup_percent": Decimal(5)})
    assert marks(credit) == [(True, Decimal(5))]


def test_a_journal_entry_is_billed_on_without_markup_and_says_so(office, books):
    rows = [office.row("100.00", customer="P1", location="NYC"), office.row("10.00", location="BOS")]
    policy = {"billable": True, "markup_percent": Decimal(5)}
    plan = office.plan(office.invoice(*rows), books=books, policy=policy)
    assert marks(plan.postings[0])[0] == (True, None)
    assert office.explained(plan, "row 1: markup").result == "none: a journal entry takes no markup"


@pytest.mark.parametrize(
    ("coding", "company", "causes"),
    [
        ({"bill_on": "yes"}, True, {"billable-without-customer"}),
        ({"bill_on": "perhaps", "customer": "P1"}, True, {"billable-unclear"}),
        ({"bill_on": "yes", "customer": "P1"}, False, {"billable-switched-off"}),
        ({"bill_on": "yes"}, False, {"billable-without-customer", "billable-switched-off"}),
        ({"bill_on": "yes", "customer": "nope"}, True, {"customer-not-mapped"}),
    ],
)
def test_a_mark_that_cannot_be_kept_holds_the_document(office, coding, company, causes):
    document = office.invoice(office.row("100.00", **coding))
    assert office.causes(document, books=office.books(billable_expenses=company), policy=OWN_MARK) == causes


def test_without_a_mark_of_its_own_a_row_is_simply_not_billed_on_where_quickbooks_does_not_do_that(office):
    bill = office.posted(office.invoice(office.row("100.00", customer="P1")), policy={"billable": True})
    assert marks(bill) == [(False, None)]


@pytest.mark.parametrize("percent", ["-1", "1001", "NaN"])
def test_a_markup_that_is_no_percentage_is_refused_when_it_is_set(percent):
    with pytest.raises(ValueError, match="percentage"):
        PostingPolicy(markup_percent=Decimal(percent))
    with pytest.raises(ValueError, match="percentage"):
        PostingPolicy(markup_percents={"80": Decimal(percent)})
