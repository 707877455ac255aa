"""Review mode: nothing is written to QuickBooks before a person released exactly that, on both databases."""

import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from ml_connector.model.holds import Cause
from ml_connector.model.mapping import Dimension
from ml_connector.model.policy import PostingPolicy, UnknownVendor
from ml_connector.store import audit, intents
from ml_connector.store.database import Database
from ml_connector.store.schema import IntentState
from ml_connector.work import decisions, review
from ml_connector.work.decisions import Choice, DecisionError
from ml_connector.work.review import Flow
from paperwork import invoice, line
from world import World, build_world, payable


@pytest.fixture
def world(database: Database) -> World:
    """The demo company without a waiting document; what is written for invoices waits for a release."""
    scene = build_world(database, company="empty", policy=PostingPolicy(unknown_vendor=UnknownVendor.CREATE))
    return switch(scene, on=True)


def switch(world: World, *, on: bool) -> World:
    """Each run of an engine reads the settings anew; here that is a new process."""
    review.set_review(world.desk(), Flow.INVOICES, on=on, actor="Ada")
    return world.restart("next run")


def release(world: World, *numbers: str) -> review.Released:
    rows = [world.row(number) for number in numbers]
    return review.release(world.desk(), {one.invoice_id: one.proposal for one in rows}, actor="Ada")


def proposed(world: World) -> int:
    with world.database.read() as tx:
        return len(intents.in_state(tx, world.connection_id, IntentState.PROPOSED))


def told(world: World, number: str) -> list[str]:
    with world.database.read() as tx:
        rows = audit.listing(tx, world.connection_id, subject=world.row(number).invoice_id)
    return [one.action for one in reversed(rows)]


def corrected(net: str) -> dict[str, object]:
    fresh = invoice("A-1", line(net))
    return {name: fresh[name] for name in ("codingRows", "netSum", "grossSum", "netSumCompany", "grossSumCompany")}


def test_nothing_is_written_until_a_person_releases_it(world: World) -> None:
    world.approve(invoice("A-1"))
    world.approve(invoice("A-2"))
    world.settle()
    world.settle()
    assert (world.state("A-1"), world.state("A-2"), proposed(world)) == ("planned", "planned", 2)
    assert (world.transactions(), world.answers("A-1")) == ([], [])

    release(world, "A-1")
    world.settle()
    world.only_transaction("A-1")
    assert (world.state("A-1"), len(world.answers("A-1"))) == ("confirmed", 1)
    assert (world.state("A-2"), world.posted("A-2"), proposed(world)) == ("planned", [], 1)
    assert "released" in told(world, "A-1")


def test_what_is_sent_is_what_was_shown(world: World) -> None:
    world.approve(invoice("A-1", line("40.00"), line("60.00", practice="TECH")))
    world.settle()
    with world.database.read() as tx:
        (shown,) = intents.in_state(tx, world.connection_id, IntentState.PROPOSED)
    release(world, "A-1")
    world.settle()
    with world.database.read() as tx:
        sent = intents.get(tx, world.connection_id, shown.id)
    assert sent is not None
    assert (sent.state, sent.body) == (IntentState.DONE, shown.body)


def test_a_document_whose_mapping_changed_after_its_release_is_proposed_anew(world: World) -> None:
    world.approve(invoice("A-1", line("100.00", account="6110")))
    world.settle()
    before = world.row("A-1").proposal
    release(world, "A-1")
    other = next(one for one in world.books().accounts.values() if one.name == "Travel" or one.type == "Expense")
    world.map(Dimension.ACCOUNT, "6110", other.id)
    world.settle()
    assert (world.state("A-1"), world.transactions()) == ("planned", [])
    assert world.row("A-1").proposal not in {"", before}

    release(world, "A-1")
    world.settle()
    _, bill = world.only_transaction("A-1")
    (row,) = bill["Line"]
    assert row["AccountBasedExpenseLineDetail"]["AccountRef"]["value"] == other.id


def test_a_release_of_what_is_no_longer_proposed_releases_nothing(world: World) -> None:
    world.approve(invoice("A-1", line("100.00")))
    world.settle()
    seen = {world.row("A-1").invoice_id: world.row("A-1").proposal}
    world.send_again("A-1", **corrected("75.00"))
    world.settle()
    assert review.release(world.desk(), seen, actor="Ada").changed == (world.row("A-1").invoice_id,)
    world.settle()
    assert world.transactions() == []

    release(world, "A-1")
    world.settle()
    assert payable(*world.only_transaction("A-1")) == Decimal(75)


def test_a_correction_of_a_posted_document_waits_too(world: World) -> None:
    world.approve(invoice("A-1", line("100.00")))
    world.settle()
    release(world, "A-1")
    world.settle()
    world.send_again("A-1", **corrected("75.00"))
    world.settle()
    assert (world.state("A-1"), payable(*world.only_transaction("A-1"))) == ("planned", Decimal(100))

    world.act("edit", entity="Bill", id=world.only_transaction("A-1")[1]["Id"], changes={"PrivateNote": _note(world)})
    release(world, "A-1")
    world.settle()
    assert payable(*world.only_transaction("A-1")) == Decimal(100), "somebody was at the bill: it is looked at again"

    release(world, "A-1")
    world.settle()
    assert payable(*world.only_transaction("A-1")) == Decimal(75)


def _note(world: World) -> str:
    return str(world.only_transaction("A-1")[1]["PrivateNote"]) + " (looked at)"


def test_a_vendor_is_created_only_for_a_released_document_and_its_bill_is_reviewed_by_itself(world: World) -> None:
    for number in ("N-1", "N-2"):
        world.approve(invoice(number, supplier="V-77777", supplier_name="Newcomer Ltd"))
    world.settle()
    assert world.state("N-1") == "planned"
    assert not any(one.get("AcctNum") == "V-77777" for one in world.quickbooks.books(world.realm_id)["Vendor"])

    release(world, "N-1")
    world.settle()
    assert sum(one.get("AcctNum") == "V-77777" for one in world.quickbooks.books(world.realm_id)["Vendor"]) == 1
    assert (world.state("N-1"), world.state("N-2"), world.transactions()) == ("planned", "planned", [])

    release(world, "N-1", "N-2")
    world.settle()
    assert (len(world.posted("N-1")), len(world.posted("N-2"))) == (1, 1)


def test_a_release_can_be_taken_back_until_the_next_run(world: World) -> None:
    world.approve(invoice("A-1"))
    world.settle()
    release(world, "A-1")
    review.take_back_release(world.desk(), world.row("A-1"), actor="Ada")
    world.settle()
    assert (world.state("A-1"), world.transactions()) == ("planned", [])
    with pytest.raises(DecisionError, match="nothing to take back"):
        review.take_back_release(world.desk(), world.row("A-1"), actor="Ada")


@pytest.mark.both_databases
def test_of_two_who_release_the_same_at_one_moment_the_first_has_and_the_second_is_told_who(world: World) -> None:
    world.approve(invoice("A-1"))
    world.settle()
    row, start = world.row("A-1"), threading.Barrier(2)

    def press(actor: str) -> review.Released:
        desk = world.desk()
        start.wait()
        return review.release(desk, {row.invoice_id: row.proposal}, actor=actor)

    with ThreadPoolExecutor(2) as hands:
        came = dict(zip(("Ada", "Bob"), hands.map(press, ("Ada", "Bob")), strict=True))

    (first,) = [actor for actor, one in came.items() if one.released]
    (second,) = [one for actor, one in came.items() if actor != first]
    assert [(one.invoice_id, one.by) for one in second.before] == [(row.invoice_id, first)]
    assert (second.released, second.changed) == ((), ())
    assert review.told_before(second.before).startswith(f"It was released already by {first} at ")
    standing = world.row("A-1").release
    assert standing is not None
    assert standing.by == first
    assert told(world, "A-1").count("released") == 1


def test_switching_the_review_off_posts_what_waits(world: World) -> None:
    world.approve(invoice("A-1"))
    world.settle()
    switch(world, on=False).settle()
    world.only_transaction("A-1")
    assert proposed(world) == 0


def test_a_bill_entered_by_hand_meanwhile_is_noticed_before_a_released_document_is_posted(world: World) -> None:
    world.approve(invoice("A-1"))
    world.settle()
    vendor = next(one.id for one in world.books().vendors.values() if one.number == "V-10011")
    account = next(one.id for one in world.books().accounts.values() if one.type == "Expense")
    world.act(
        "enter",
        entity="Bill",
        body={
            "VendorRef": {"value": vendor}, "DocNumber": "A-1", "TxnDate": "2026-11-05",
            "Line": [{
                "Amount": 100, "DetailType": "AccountBasedExpenseLineDetail",
                "AccountBasedExpenseLineDetail": {"AccountRef": {"value": account}},
            }],
        },
    )  # fmt: skip
    release(world, "A-1")
    world.settle()
    assert (world.state("A-1"), world.causes("A-1")) == ("held", [Cause.DUPLICATE_NUMBER])
    assert (world.transactions(), proposed(world)) == ([], 0)


def test_two_documents_with_one_number_do_not_both_wait_for_a_release(world: World) -> None:
    world.approve(invoice("A-1"))
    world.settle()
    world.approve(invoice("A-1", changes={"invoiceId": "f" * 32}))
    world.settle()
    with world.database.read() as tx:
        assert len(intents.in_state(tx, world.connection_id, IntentState.PROPOSED)) == 1
    assert world.row("f" * 32).state.value == "held"


def test_a_document_taken_back_by_basware_while_it_waits_is_never_posted(world: World) -> None:
    world.approve(invoice("A-1"))
    world.settle()
    world.basware.act("remove", invoice_id=world.in_basware("A-1")["invoiceId"])
    world.clock.advance(3600)
    release(world, "A-1")
    world.settle()
    assert (world.state("A-1"), world.transactions(), proposed(world)) == ("withdrawn", [], 0)


@pytest.mark.parametrize("decide", ["ignore", "hold", "reject", "retry"])
def test_whatever_is_decided_about_a_planned_document_takes_its_proposal_out_of_the_outbox(
    world: World, decide: str
) -> None:
    world.approve(invoice("A-1"))
    world.settle()
    seen = {world.row("A-1").invoice_id: world.row("A-1").proposal}
    desk, row = world.desk(), world.row("A-1")
    if decide == "ignore":
        decisions.ignore(desk, row, reason="paid by card", actor="Ada")
    elif decide == "hold":
        decisions.hold(desk, row, reason="price is being argued about", actor="Ada")
    elif decide == "reject":
        decisions.decide(desk, row, Choice.REJECT, link_to="", reason="not ours", actor="Ada")
    else:
        decisions.retry(desk, [row], actor="Ada")
    assert proposed(world) == 0
    assert review.release(world.desk(), seen, actor="Bob").released == ()
    world.settle()
    assert world.transactions() == []
    state = {"ignore": "ignored", "hold": "held", "reject": "returned", "retry": "planned"}[decide]
    assert world.state("A-1") == state


def test_of_two_who_decide_about_one_document_the_second_is_told_and_leaves_no_trace(world: World) -> None:
    world.approve(invoice("A-1"))
    world.settle()
    both_saw = world.row("A-1")
    decisions.decide(world.desk(), both_saw, Choice.REJECT, link_to="", reason="not ours", actor="Ada")

    with pytest.raises(DecisionError, match="quicker"):
        decisions.decide(world.desk(), both_saw, Choice.POST_ANYWAY, link_to="", reason="ours", actor="Bob")

    assert told(world, "A-1")[-1] == "duplicate: reject"
    world.settle()
    assert (world.state("A-1"), world.transactions()) == ("returned", [])
