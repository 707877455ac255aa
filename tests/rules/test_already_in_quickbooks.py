"""Duplicates, our own transactions, and documents that Basware sends again."""

from datetime import date
from decimal import Decimal

import pytest

from ml_connector.model.books import TransactionType
from ml_connector.model.policy import ClosedPeriod, SeveralLocations
from ml_connector.model.postings import Decision, DuplicateChoice, Outcome
from ml_connector.rules.marker import marker_text

INVOICE = "5f0c1d6b9a7e4c4f8b21d3e07a64f912"
BILL = TransactionType.BILL
BY_LOCATION = {"several_locations": SeveralLocations.ONE_BILL_PER_LOCATION}


def ours(office, part=0, **given):
    return office.existing(**({"memo": f"Basware invoice INV-1 {marker_text(INVOICE, part)}"} | given))


def outcome(plan):
    return plan.outcome, {hold.cause.value for hold in plan.holds}


# The number is taken


@pytest.mark.parametrize("type_", [TransactionType.BILL, TransactionType.VENDOR_CREDIT, TransactionType.JOURNAL_ENTRY])
@pytest.mark.parametrize("number", ["INV-1", "inv-1"])
def test_a_number_entered_by_hand_for_the_same_vendor_is_held(office, type_, number):
    (hold,) = office.plan(office.invoice(), existing=[office.existing(type=type_, doc_number=number)]).holds
    assert hold.cause.value == "duplicate-number"
    assert hold.facts["entered"] == "by hand"
    assert (hold.facts["type"], hold.facts["id"], hold.facts["date"]) == (type_.value, "900", "2026-11-05")
    assert hold.facts["amount"] == "100.00 USD"


def test_a_number_posted_for_another_basware_invoice_is_held(office):
    other = office.existing(memo="[bw:other-invoice/0]")
    (hold,) = office.plan(office.invoice(), existing=[other]).holds
    assert hold.facts["entered"] == "for Basware invoice other-invoice"


@pytest.mark.parametrize(
    "given", [{"vendor_id": "99"}, {"doc_number": "INV-10"}, {"vendor_id": "99", "type": TransactionType.JOURNAL_ENTRY}]
)
def test_another_vendors_number_or_another_number_is_no_duplicate(office, given):
    books = office.books(warn_duplicate_journal_number=True)
    assert office.plan(office.invoice(), existing=[office.existing(**given)], books=books).outcome is Outcome.POST


@pytest.mark.parametrize("warns", [True, False])
def test_a_journal_number_is_unique_in_the_company_if_it_says_so(office, warns):
    document = office.invoice(office.row("60.00", location="NYC"), office.row("40.00", location="BOS"))
    other = office.existing(type=TransactionType.JOURNAL_ENTRY, vendor_id="")
    books = office.books(warn_duplicate_journal_number=warns)
    plan = office.plan(document, existing=[other], books=books)
    assert outcome(plan) == ((Outcome.HOLD, {"duplicate-number"}) if warns else (Outcome.POST, set()))


def test_a_person_can_link_the_document_to_what_was_entered_by_hand(office):
    by_hand = office.existing(total=Decimal("99.00"))
    decision = Decision(duplicate=DuplicateChoice.LINK, link_to=(BILL, "900"), reason="same invoice")
    plan = office.plan(office.invoice(office.row("100.00", account="nope")), existing=[by_hand], decision=decision)
    assert (plan.outcome, plan.existing, plan.holds) == (Outcome.ADOPT, (by_hand,), ())
    assert plan.explanations[0].source == "same invoice"


def test_a_link_without_a_named_target_means_the_only_one(office):
    by_hand = office.existing()
    plan = office.plan(office.invoice(), existing=[by_hand], decision=Decision(duplicate=DuplicateChoice.LINK))
    assert (plan.outcome, plan.existing) == (Outcome.ADOPT, (by_hand,))
    two = [by_hand, office.existing(id="901")]
    plan = office.plan(office.invoice(), existing=two, decision=Decision(duplicate=DuplicateChoice.LINK))
    assert outcome(plan) == (Outcome.HOLD, {"duplicate-number"})
    assert len(plan.holds) == 2


def test_a_link_to_a_transaction_that_is_gone_is_held(office):
    decision = Decision(duplicate=DuplicateChoice.LINK, link_to=(BILL, "900"))
    assert outcome(office.plan(office.invoice(), decision=decision)) == (Outcome.HOLD, {"posted-transaction-gone"})


def test_a_person_can_post_anyway(office):
    decision = Decision(duplicate=DuplicateChoice.POST_ANYWAY)
    assert office.posted(office.invoice(), existing=[office.existing()], decision=decision).allow_duplicate_number
    assert not office.posted(office.invoice()).allow_duplicate_number


def test_a_person_can_reject_a_duplicate(office):
    decision = Decision(duplicate=DuplicateChoice.REJECT, reason="entered twice")
    plan = office.plan(office.invoice(), existing=[office.existing()], decision=decision)
    assert outcome(plan) == (Outcome.REFUSE, {"duplicate-number"})
    assert plan.holds[0].facts["decision"] == "entered twice"


def test_a_document_that_is_no_duplicate_can_be_rejected_too(office):
    decision = Decision(duplicate=DuplicateChoice.REJECT, reason="wrong company")
    plan = office.plan(office.invoice(), decision=decision)
    assert outcome(plan) == (Outcome.REFUSE, {"rejected"})
    assert plan.holds[0].facts["reason"] == "wrong company"


# It is ours already


def test_a_transaction_with_our_marker_is_adopted_whatever_became_of_the_mapping(office):
    document = office.invoice(office.row("100.00", account="nope"), voucher_date=date(2026, 9, 1))
    found = ours(office)
    plan = office.plan(document, existing=[found])
    assert (plan.outcome, plan.existing, plan.postings, plan.holds) == (Outcome.ADOPT, (found,), (), ())


def test_a_credit_note_is_adopted_by_its_positive_amount(office):
    found = ours(office, type=TransactionType.VENDOR_CREDIT)
    assert office.plan(office.invoice(office.row("-100.00")), existing=[found]).outcome is Outcome.ADOPT


def two_places(office, **given):
    return office.invoice(office.row("60.00", location="NYC"), office.row("40.00", location="BOS"), **given)


def first_part(office, **given):
    return ours(
        office, 0, **({"doc_number": "INV-1-1", "total": Decimal("60.00"), "balance": Decimal("60.00")} | given)
    )


@pytest.mark.parametrize("posted_hash", ["", "hash-1"])
def test_only_the_missing_part_is_posted(office, posted_hash):
    found = first_part(office)
    linked = [(BILL, "900")] if posted_hash else []
    plan = office.plan(two_places(office), existing=[found], policy=BY_LOCATION, linked=linked, posted_hash=posted_hash)
    assert (plan.outcome, plan.existing) == (Outcome.POST, (found,))
    assert [(one.part, one.doc_number, one.total) for one in plan.postings] == [(1, "INV-1-2", Decimal("40.00"))]


def test_a_missing_part_in_closed_books_is_held_as_such(office):
    document = two_places(office, voucher_date=date(2026, 9, 1))
    plan = office.plan(document, existing=[first_part(office)], policy=BY_LOCATION)
    assert outcome(plan) == (Outcome.HOLD, {"period-closed"})


def test_all_parts_found_are_adopted_together(office):
    second = ours(office, 1, id="901", doc_number="INV-1-2", total=Decimal("40.00"))
    plan = office.plan(two_places(office), existing=[second, first_part(office)], policy=BY_LOCATION)
    assert plan.outcome is Outcome.ADOPT
    assert [one.id for one in plan.existing] == ["900", "901"]


def test_our_transaction_over_another_amount_is_brought_to_the_document(office):
    plan = office.plan(office.invoice(), existing=[ours(office, total=Decimal("90.00"), balance=Decimal("90.00"))])
    assert (plan.outcome, plan.postings[0].total) == (Outcome.UPDATE, Decimal("100.00"))


def test_a_copy_of_our_transaction_does_not_pass_for_it(office):
    copies = [ours(office), ours(office, id="901")]
    assert outcome(office.plan(office.invoice(), existing=copies)) == (Outcome.HOLD, {"duplicate-number"})
    plan = office.plan(office.invoice(), existing=copies, linked=[(BILL, "901")], posted_hash="hash-1")
    assert (plan.outcome, [one.id for one in plan.existing]) == (Outcome.NOTHING, ["901"])


# Sent again


def again(office, document, *, posted_hash="hash-0", found=None, **given):
    found = found or ours(office)
    return office.plan(document, existing=[found], linked=[(found.type, found.id)], posted_hash=posted_hash, **given)


def test_the_same_content_again_changes_nothing(office):
    plan = again(office, office.invoice(office.row("100.00", account="nope")), posted_hash="hash-1")
    assert (plan.outcome, plan.holds, plan.postings) == (Outcome.NOTHING, (), ())


def test_the_same_content_again_leaves_an_amount_that_an_accountant_changed(office):
    found = ours(office, total=Decimal("95.00"), balance=Decimal("95.00"))
    assert again(office, office.invoice(), posted_hash="hash-1", found=found).outcome is Outcome.NOTHING


def test_the_same_content_again_leaves_what_a_person_linked(office):
    found = office.existing(total=Decimal("95.00"))
    document = office.invoice(office.row("100.00", account="nope"))
    assert again(office, document, posted_hash="hash-1", found=found).outcome is Outcome.NOTHING


def test_changed_content_updates_an_unpaid_bill_in_an_open_period(office):
    found = ours(office)
    plan = again(office, office.invoice(office.row("120.00")), found=found)
    assert (plan.outcome, plan.existing) == (Outcome.UPDATE, (found,))
    assert plan.postings[0].total == Decimal("120.00")
    assert not plan.postings[0].allow_duplicate_number


@pytest.mark.parametrize("paid", [{"settled": True}, {"balance": Decimal("40.00")}, {"balance": Decimal(0)}])
def test_changed_content_after_a_payment_is_held(office, paid):
    plan = again(office, office.invoice(office.row("120.00")), found=ours(office, **paid))
    assert outcome(plan) == (Outcome.HOLD, {"changed-after-payment"})


def test_a_journal_entry_without_a_balance_can_be_updated(office):
    document = office.invoice(office.row("70.00", location="NYC"), office.row("40.00", location="BOS"))
    found = ours(office, type=TransactionType.JOURNAL_ENTRY, balance=None)
    assert again(office, document, found=found).outcome is Outcome.UPDATE


@pytest.mark.parametrize("policy", [ClosedPeriod.HOLD, ClosedPeriod.FIRST_OPEN_DAY, ClosedPeriod.REFUSE])
def test_changed_content_of_a_bill_in_closed_books_is_held(office, policy):
    found = ours(office, txn_date=date(2026, 9, 15))
    plan = again(office, office.invoice(), found=found, policy={"closed_period": policy})
    assert outcome(plan) == (Outcome.HOLD, {"changed-in-closed-period"})


def test_changed_content_that_moves_a_bill_into_closed_books_is_held(office):
    plan = again(office, office.invoice(voucher_date=date(2026, 9, 15)))
    assert outcome(plan) == (Outcome.HOLD, {"changed-in-closed-period"})


def test_an_invoice_that_would_become_a_credit_note_is_held(office):
    assert outcome(again(office, office.invoice(office.row("-100.00")))) == (Outcome.HOLD, {"changed-kind"})


def test_a_bill_that_would_become_several_is_held(office):
    plan = again(office, two_places(office), policy=BY_LOCATION)
    assert outcome(plan) == (Outcome.HOLD, {"changed-kind"})


def test_several_bills_that_would_become_one_are_held(office):
    found = [first_part(office), ours(office, 1, id="901", total=Decimal("40.00"), balance=Decimal("40.00"))]
    plan = office.plan(
        office.invoice(),
        existing=found,
        linked=[(BILL, "900"), (BILL, "901")],
        posted_hash="hash-0",
        policy=BY_LOCATION,
    )
    assert outcome(plan) == (Outcome.HOLD, {"changed-kind"})


def test_changed_content_with_other_causes_reports_all_of_them(office):
    document = office.invoice(office.row("100.00", account="nope"))
    plan = again(office, document, found=ours(office, settled=True, txn_date=date(2026, 9, 1)))
    assert outcome(plan) == (
        Outcome.HOLD,
        {"account-not-mapped", "changed-after-payment", "changed-in-closed-period"},
    )


def test_an_update_keeps_a_number_that_was_posted_beside_a_namesake(office):
    found = ours(office)
    plan = office.plan(
        office.invoice(office.row("120.00")),
        existing=[found, office.existing(id="899")],
        linked=[(BILL, "900")],
        posted_hash="hash-0",
    )
    assert (plan.outcome, plan.postings[0].allow_duplicate_number) == (Outcome.UPDATE, True)


def test_an_update_to_a_number_that_is_taken_is_held(office):
    taken = office.existing(id="899", doc_number="INV-2")
    plan = office.plan(
        office.invoice(invoice_number="INV-2"),
        existing=[ours(office), taken],
        linked=[(BILL, "900")],
        posted_hash="hash-0",
    )
    assert outcome(plan) == (Outcome.HOLD, {"duplicate-number"})


# Deleted in QuickBooks


@pytest.mark.parametrize("posted_hash", ["hash-0", "hash-1"])
def test_a_posted_transaction_that_quickbooks_lost_is_held(office, posted_hash):
    plan = office.plan(office.invoice(), linked=[(BILL, "900")], posted_hash=posted_hash)
    assert outcome(plan) == (Outcome.HOLD, {"posted-transaction-gone"})
    assert plan.holds[0].facts == {"type": "Bill", "id": "900"}


def test_a_person_can_have_a_lost_transaction_posted_anew(office):
    decision = Decision(duplicate=DuplicateChoice.POST_ANYWAY)
    plan = office.plan(office.invoice(), linked=[(BILL, "900")], posted_hash="hash-1", decision=decision)
    assert (plan.outcome, len(plan.postings)) == (Outcome.POST, 1)


def test_a_stale_link_gives_way_to_the_transaction_with_our_marker(office):
    found = ours(office, id="950")
    plan = office.plan(office.invoice(), existing=[found], linked=[(BILL, "900")], posted_hash="hash-1")
    assert (plan.outcome, plan.existing) == (Outcome.NOTHING, (found,))


def test_a_lost_part_that_is_not_needed_any_more_leaves_the_other_to_be_updated(office):
    decision = Decision(duplicate=DuplicateChoice.POST_ANYWAY)
    linked = [(BILL, "900"), (BILL, "901")]
    plan = office.plan(
        office.invoice(), existing=[ours(office)], linked=linked, posted_hash="hash-0", decision=decision
    )
    assert (plan.outcome, [one.part for one in plan.postings]) == (Outcome.UPDATE, [0])


def test_a_bill_that_would_change_its_currency_is_held(office):
    assert outcome(again(office, office.invoice(), found=ours(office, currency="EUR"))) == (
        Outcome.HOLD,
        {"changed-kind"},
    )


def test_a_link_is_not_taken_for_a_document_that_is_posted_already(office):
    decision = Decision(duplicate=DuplicateChoice.LINK)
    other = office.existing(id="899", doc_number="INV-2")
    given = {
        "existing": [ours(office), other],
        "linked": [(BILL, "900")],
        "posted_hash": "hash-0",
        "decision": decision,
    }
    assert outcome(office.plan(office.invoice(invoice_number="INV-2"), **given)) == (Outcome.HOLD, {"duplicate-number"})
