"""What a document becomes: bill, vendor credit or journal entry, whole or by location."""

from decimal import Decimal

import pytest

from ml_connector.model.books import TransactionType
from ml_connector.model.policy import SeveralLocations
from ml_connector.model.postings import Outcome, Side


def test_an_invoice_becomes_a_bill_with_its_location_in_the_head(office):
    bill = office.posted(
        office.invoice(office.row("60.00", location="NYC", klass="AUD"), office.row("40.00", location="NYC"))
    )
    assert bill.type is TransactionType.BILL
    assert bill.location_id == "1"
    assert [(line.amount, line.account_id, line.class_id) for line in bill.lines] == [
        (Decimal("60.00"), "10", "5000000000000000100"),
        (Decimal("40.00"), "10", ""),
    ]
    assert all(line.location_id == "" for line in bill.lines)
    assert (bill.total, bill.vendor_id, bill.payable_account_id) == (Decimal("100.00"), "71", "33")


def test_a_negative_total_becomes_a_vendor_credit_with_positive_amounts(office):
    credit = office.posted(office.invoice(office.row("-60.00"), office.row("-40.00")))
    assert credit.type is TransactionType.VENDOR_CREDIT
    assert [line.amount for line in credit.lines] == [Decimal("60.00"), Decimal("40.00")]
    assert credit.total == Decimal("100.00")
    assert (credit.due_date, credit.term_id) == (None, "")


def test_a_credit_note_type_with_positive_amounts_becomes_a_vendor_credit_as_it_is(office):
    document = office.invoice(office.row("100.00"), office.row("-10.00"), invoice_type_code="CN")
    credit = office.posted(document, policy={"credit_note_type_codes": ("CN",)})
    assert credit.type is TransactionType.VENDOR_CREDIT
    assert [line.amount for line in credit.lines] == [Decimal("100.00"), Decimal("-10.00")]


def test_a_credit_note_type_that_is_negative_already_is_turned_once(office):
    document = office.invoice(office.row("-100.00"), invoice_type_code="CN")
    assert office.posted(document, policy={"credit_note_type_codes": ("CN",)}).total == Decimal("100.00")


def test_a_document_over_nothing_is_held(office):
    assert office.causes(office.invoice(office.row("10.00"), office.row("-10.00"))) == {"zero-total"}


def test_a_document_whose_net_and_total_have_different_signs_is_held(office):
    assert office.causes(office.invoice(office.row("100.00"), net_sum="-80.00", tax_sum="0.00")) == {"mixed-signs"}


def test_an_invoice_type_of_the_policy_becomes_a_journal_entry(office):
    document = office.invoice(office.row("100.00", location="NYC"), invoice_type_code="IC")
    entry = office.posted(document, policy={"journal_entry_type_codes": ("IC",)})
    assert entry.type is TransactionType.JOURNAL_ENTRY
    assert [(line.side, line.account_id, line.location_id) for line in entry.lines] == [
        (Side.DEBIT, "10", "1"),
        (Side.CREDIT, "33", ""),
    ]


def two_places(office, first="60.00", second="40.00", third="-10.00"):
    return office.invoice(
        office.row(first, location="NYC", klass="AUD"),
        office.row(second, location="BOS", klass="TAX", account="6200"),
        office.row(third, location="BOS"),
    )


def test_an_invoice_with_two_locations_becomes_one_balanced_journal_entry(office):
    entry = office.posted(two_places(office))
    assert entry.type is TransactionType.JOURNAL_ENTRY
    told = [
        (line.side, line.amount, line.account_id, line.location_id, line.class_id, line.vendor_id)
        for line in entry.lines
    ]
    assert told == [
        (Side.DEBIT, Decimal("60.00"), "10", "1", "5000000000000000100", ""),
        (Side.DEBIT, Decimal("40.00"), "11", "2", "5000000000000000200", ""),
        (Side.CREDIT, Decimal("10.00"), "10", "2", "", ""),
        (Side.CREDIT, Decimal("90.00"), "33", "", "", "71"),
    ]
    assert office.balance(entry) == 0
    assert entry.location_id == ""


def test_a_credit_note_with_two_locations_becomes_a_journal_entry_with_the_sides_reversed(office):
    entry = office.posted(two_places(office, "-60.00", "-40.00", "10.00"))
    assert entry.type is TransactionType.JOURNAL_ENTRY
    sides = [(line.side, line.amount) for line in entry.lines]
    assert sides == [
        (Side.CREDIT, Decimal("60.00")),
        (Side.CREDIT, Decimal("40.00")),
        (Side.DEBIT, Decimal("10.00")),
        (Side.DEBIT, Decimal("90.00")),
    ]
    assert [line.vendor_id for line in entry.lines] == ["", "", "", "71"]


def test_the_due_date_of_a_journal_entry_is_kept_in_the_memo(office):
    entry = office.posted(two_places(office))
    assert entry.due_date is None
    assert "Due 2026-12-02" in entry.memo


def test_rows_without_a_location_do_not_make_several_locations(office):
    plan = office.plan(office.invoice(office.row("60.00"), office.row("40.00", location="BOS")))
    (bill,) = plan.postings
    assert (bill.type, bill.location_id) == (TransactionType.BILL, "2")
    assert "rows 1 have none" in office.explained(plan, "location").rule


def test_several_locations_can_be_held_by_policy(office):
    plan = office.plan(two_places(office), policy={"several_locations": SeveralLocations.HOLD})
    (hold,) = plan.holds
    assert hold.cause.value == "several-locations"
    assert hold.facts["locations"] == "New York, Boston"


def test_several_locations_can_become_one_bill_each_with_numbers_of_their_own(office):
    document = office.invoice(
        office.row("60.00", location="BOS"), office.row("40.00", location="NYC"), office.row("5.00")
    )
    plan = office.plan(document, policy={"several_locations": SeveralLocations.ONE_BILL_PER_LOCATION})
    assert plan.outcome is Outcome.POST
    told = [(bill.type, bill.location_id, bill.total, bill.doc_number, bill.part) for bill in plan.postings]
    assert told == [
        (TransactionType.BILL, "2", Decimal("65.00"), "INV-1-1", 0),
        (TransactionType.BILL, "1", Decimal("40.00"), "INV-1-2", 1),
    ]
    assert [bill.memo.rpartition("/")[2] for bill in plan.postings] == ["0]", "1]"]


def test_a_credit_note_by_location_becomes_one_vendor_credit_each(office):
    plan = office.plan(
        two_places(office, "-60.00", "-40.00", "10.00"),
        policy={"several_locations": SeveralLocations.ONE_BILL_PER_LOCATION},
    )
    assert [(one.type, one.total) for one in plan.postings] == [
        (TransactionType.VENDOR_CREDIT, Decimal("60.00")),
        (TransactionType.VENDOR_CREDIT, Decimal("30.00")),
    ]


@pytest.mark.parametrize("second", ["-40.00", "-70.00", "0.01"])
def test_a_location_whose_rows_come_to_nothing_or_less_cannot_be_a_bill_of_its_own(office, second):
    document = office.invoice(
        office.row("100.00", location="NYC"), office.row("-0.01", location="BOS"), office.row(second, location="BOS")
    )
    plan = office.plan(document, policy={"several_locations": SeveralLocations.ONE_BILL_PER_LOCATION})
    assert [hold.cause.value for hold in plan.holds] == ["mixed-signs"]
    assert "Boston" in plan.holds[0].facts["what"]


def test_a_document_of_more_lines_than_quickbooks_takes_is_held(office):
    document = office.invoice(*[office.row("1.00") for _ in range(10_001)])
    assert office.causes(document) == {"too-many-lines"}


def test_a_document_of_exactly_ten_thousand_lines_is_posted(office):
    assert len(office.posted(office.invoice(*[office.row("1.00") for _ in range(10_000)])).lines) == 10_000
