"""Remove the cause, and the document goes by itself: whatever a person does in either system or here, the next run acts on it."""

import pytest

from ml_connector.model.holds import Cause
from ml_connector.model.mapping import Dimension
from ml_connector.model.postings import DuplicateChoice
from ml_connector.work import decisions
from ml_connector.work.decisions import DecisionError
from ml_connector.work.hold_views import hold_groups
from paperwork import BEACON, invoice, line
from world import World


def test_mapping_the_missing_account_posts_the_document(world: World) -> None:
    world.approve(invoice("A-1", line("40.00", account="6470")))
    world.settle()
    assert world.causes("A-1") == [Cause.ACCOUNT_NOT_MAPPED]

    world.map(Dimension.ACCOUNT, "6470", "6420")
    world.settle()

    _, bill = world.only_transaction("A-1")
    assert bill["Line"][0]["AccountBasedExpenseLineDetail"]["AccountRef"]["value"] == "68"
    assert world.state("A-1") == "confirmed"


def test_reactivating_the_vendor_in_quickbooks_posts_the_document(world: World) -> None:
    world.approve(invoice("A-1", supplier="V-10009"))
    world.settle()
    assert world.causes("A-1") == [Cause.VENDOR_INACTIVE]

    world.act("activate", entity="Vendor", id="113")
    world.settle()

    _, bill = world.only_transaction("A-1")
    assert bill["VendorRef"]["value"] == "113"


def test_reopening_the_books_posts_the_document_on_its_own_day(world: World) -> None:
    world.act("close_books", date="2026-11-10")
    world.approve(invoice("A-1"))
    world.settle()
    assert world.causes("A-1") == [Cause.PERIOD_CLOSED]

    world.act("close_books", date="2026-10-31")
    world.settle()

    assert world.only_transaction("A-1")[1]["TxnDate"] == "2026-11-05"


def test_several_causes_are_reported_at_once_and_go_one_by_one(world: World) -> None:
    world.approve(invoice("A-1", line("40.00", account="6470"), supplier="V-10009"))
    world.settle()
    assert set(world.causes("A-1")) == {Cause.ACCOUNT_NOT_MAPPED, Cause.VENDOR_INACTIVE}

    world.map(Dimension.ACCOUNT, "6470", "6420")
    world.settle()

    assert world.causes("A-1") == [Cause.VENDOR_INACTIVE]
    assert world.posted("A-1") == []


@pytest.fixture
def entered_by_hand(world: World) -> World:
    """A document whose number a bookkeeper has typed in for the same vendor, as bill 145."""
    bill = {
        "VendorRef": {"value": "101"}, "DocNumber": "A-1", "TxnDate": "2026-11-05",
        "Line": [{
            "Amount": 100, "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "56"}},
        }],
    }  # fmt: skip
    world.act("enter", entity="Bill", body=bill)
    world.approve(invoice("A-1", supplier=BEACON))
    world.settle()
    return world


def _typed_in(world: World) -> str:
    (bill,) = (
        one for one in world.quickbooks.books(world.realm_id)["Bill"]
        if one.get("DocNumber") == "A-1" and not one.get("PrivateNote")
    )  # fmt: skip
    return str(bill["Id"])


def _decide(world: World, choice: DuplicateChoice, link_to: str = "") -> None:
    decisions.decide_duplicate(
        world.desk(), world.row("A-1"), choice, link_to=link_to, reason="asked the bookkeeper", actor="Dana"
    )
    world.settle()


def test_a_number_entered_by_hand_waits_for_a_decision(entered_by_hand: World) -> None:
    assert entered_by_hand.causes("A-1") == [Cause.DUPLICATE_NUMBER]
    assert entered_by_hand.posted("A-1") == []
    assert entered_by_hand.answers("A-1") == []


@pytest.mark.parametrize("named", [True, False])
def test_linking_takes_the_bookkeepers_bill_as_the_document_and_posts_nothing(
    entered_by_hand: World, named: bool
) -> None:
    own = _typed_in(entered_by_hand)
    count = len(entered_by_hand.quickbooks.books(entered_by_hand.realm_id)["Bill"])

    _decide(entered_by_hand, DuplicateChoice.LINK, f"Bill:{own}" if named else "")

    assert len(entered_by_hand.quickbooks.books(entered_by_hand.realm_id)["Bill"]) == count
    (answer,) = entered_by_hand.answers("A-1")
    assert (answer["success"], answer["voucherNumber1"]) == (True, own)
    assert entered_by_hand.state("A-1") == "confirmed"


def test_posting_anyway_makes_a_second_bill_with_the_same_number(entered_by_hand: World) -> None:
    _decide(entered_by_hand, DuplicateChoice.POST_ANYWAY)

    _, bill = entered_by_hand.only_transaction("A-1")
    assert (bill["DocNumber"], bill["Id"] != _typed_in(entered_by_hand)) == ("A-1", True)
    assert [answer["success"] for answer in entered_by_hand.answers("A-1")] == [True]


def test_rejecting_gives_the_document_back_to_basware(entered_by_hand: World) -> None:
    _decide(entered_by_hand, DuplicateChoice.REJECT)

    assert entered_by_hand.posted("A-1") == []
    assert [answer["success"] for answer in entered_by_hand.answers("A-1")] == [False]
    assert entered_by_hand.state("A-1") == "returned"


def test_deleting_the_bookkeepers_bill_posts_the_document_after_a_retry(entered_by_hand: World) -> None:
    entered_by_hand.act("delete", entity="Bill", id=_typed_in(entered_by_hand))

    moved = decisions.retry(entered_by_hand.desk(), [entered_by_hand.row("A-1")], actor="Dana")
    entered_by_hand.settle()

    assert moved == 1
    entered_by_hand.only_transaction("A-1")


def test_a_document_is_looked_at_again_the_next_day_without_anybody_asking(entered_by_hand: World) -> None:
    entered_by_hand.act("delete", entity="Bill", id=_typed_in(entered_by_hand))
    entered_by_hand.clock.advance(86400)

    entered_by_hand.settle()

    entered_by_hand.only_transaction("A-1")


def test_an_ignored_document_is_never_posted_and_keeps_its_reason(entered_by_hand: World) -> None:
    desk = entered_by_hand.desk()
    decisions.ignore(desk, entered_by_hand.row("A-1"), reason="paid by card", actor="Dana")
    entered_by_hand.clock.advance(30 * 86400)

    entered_by_hand.settle()

    assert (entered_by_hand.state("A-1"), entered_by_hand.row("A-1").note) == ("ignored", "paid by card")
    assert entered_by_hand.posted("A-1") == []
    assert entered_by_hand.answers("A-1") == []


def test_ignoring_needs_a_reason_and_a_document_that_is_held(entered_by_hand: World) -> None:
    desk = entered_by_hand.desk()
    with pytest.raises(DecisionError, match="reason"):
        decisions.ignore(desk, entered_by_hand.row("A-1"), reason="  ", actor="Dana")
    _decide(entered_by_hand, DuplicateChoice.POST_ANYWAY)
    with pytest.raises(DecisionError, match="confirmed"):
        decisions.ignore(desk, entered_by_hand.row("A-1"), reason="too late", actor="Dana")
    with pytest.raises(DecisionError, match="nothing to decide"):
        _decide(entered_by_hand, DuplicateChoice.REJECT)


def test_linking_to_a_kind_that_does_not_exist_is_refused(entered_by_hand: World) -> None:
    with pytest.raises(DecisionError, match="Bill:145"):
        _decide(entered_by_hand, DuplicateChoice.LINK, "Cheque:1")


def test_a_card_of_several_documents_names_no_row_of_just_one_of_them(world: World) -> None:
    for number in ("G-1", "G-2"):
        world.approve(invoice(number, line("10.00", account="6470")))
    world.settle()

    (group,) = hold_groups(world.desk())

    assert group.documents == ("G-1", "G-2")
    assert "on some rows" in group.cause.why
    assert "(unknown" not in group.cause.why + group.cause.what_to_do
