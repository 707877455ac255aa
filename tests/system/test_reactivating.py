"""An inactive record of QuickBooks is made active from the card of its cause, and everything it held goes again by itself."""

from typing import Any

import pytest

from ml_connector.model.holds import Cause
from ml_connector.model.mapping import Dimension
from ml_connector.model.policy import PostingPolicy, Sources
from ml_connector.quickbooks.errors import Unavailable
from ml_connector.store import alerts, audit, intents, reactivations
from ml_connector.store.reactivations import ReactivationRow
from ml_connector.store.schema import ReactivationState, System
from ml_connector.work.decisions import DecisionError
from ml_connector.work.lists import refresh_lists
from ml_connector.work.needs import fixing
from ml_connector.work.needs.cards import cards, heaps
from ml_connector.work.needs.choices import choices
from ml_connector.work.needs.remedies import remedy_of
from ml_connector.work.reactivating.asking import reactivate
from ml_connector.work.reactivating.outcome import reactivated
from ml_connector.work.reactivating.queueing import queue_reactivations
from ml_connector.work.reactivating.shown import InactiveRecord
from ml_connector.work.reactivating.telling import ALERT, PATIENCE
from paperwork import invoice
from twins.faults import FaultKind, FaultRule
from world import Build, World

WHY = "the supplier delivers again"
WRITES = {"path": "/batch$", "contains": '"operation"'}
REDFERN = ("Vendor", "113")


def there(world: World, entity: str, key: str) -> dict[str, Any]:
    """A record in QuickBooks' own books, inactive or not."""
    [found] = [one for one in world.quickbooks.books(world.realm_id)[entity] if one["Id"] == key]
    return found


def offered(world: World, cause: Cause) -> InactiveRecord:
    """The one inactive record that the card of a cause offers to make active."""
    [heap] = [one for one in heaps(world.desk()) if one.cause == cause]
    [card] = cards(world.desk(), [heap])
    [record] = choices(world.desk(), heap, card, remedy_of(cause)).inactive
    return record


def click(world: World, cause: Cause, reason: str = WHY) -> str:
    """What a mapper does on the card of a cause."""
    [heap] = [one for one in heaps(world.desk()) if one.cause == cause]
    key = offered(world, cause).quickbooks_id
    return fixing.make_active(world.desk(), heap, key, reason=reason, actor="kim")


def asked(world: World, entity: str, key: str) -> ReactivationRow:
    """What was asked for about a record, and what became of it."""
    with world.database.read() as tx:
        return reactivations.of_records(tx, world.connection_id, entity, [key])[key]


@pytest.fixture
def held(world: World) -> World:
    """One bill of a vendor that is inactive from the beginning."""
    world.approve(invoice("A-1", supplier="V-10009"))
    world.settle()
    assert world.causes("A-1") == [Cause.VENDOR_INACTIVE]
    return world


def test_all_bills_of_an_inactive_vendor_post_after_one_click_and_its_name_is_its_own_again(held: World) -> None:
    for number in ("A-2", "A-3"):
        held.approve(invoice(number, supplier="V-10009"))
    held.settle()
    assert there(held, *REDFERN)["DisplayName"] == "Redfern Couriers (deleted)"

    assert "Redfern Couriers (113) is made active in QuickBooks with the next run" in click(held, Cause.VENDOR_INACTIVE)
    held.run()

    vendor = there(held, *REDFERN)
    assert (vendor["Active"], vendor["DisplayName"]) == (True, "Redfern Couriers")
    assert [held.only_transaction(number)[1]["VendorRef"]["value"] for number in ("A-1", "A-2", "A-3")] == ["113"] * 3
    assert held.books().vendors["113"].active
    with held.database.read() as tx:
        entries = audit.listing(tx, held.connection_id, subject="Vendor:113")
    told = next(one for one in entries if one.action == "reactivation asked for")
    assert (told.actor, told.reason) == ("kim", WHY)
    assert (told.before, told.after) == ("Redfern Couriers (113): inactive", "Redfern Couriers (113): active")
    assert "written to QuickBooks" in {one.action for one in entries}


def _with(**fields: str) -> dict[str, Any]:
    made = invoice("A-1")
    made["codingRows"][0].update(fields)
    return made


KINDS = {
    Cause.ACCOUNT_INACTIVE: ("Account", "68", _with(accountCode="6420")),
    Cause.LOCATION_INACTIVE: ("Department", "5", _with(costCenterCode="AUS")),
    Cause.CLASS_INACTIVE: ("Class", "5000000000000142204", _with(businessUnitCode="TECH")),
    Cause.CUSTOMER_INACTIVE: ("Customer", "202", _with(projectCode="P-2601")),
    Cause.ITEM_INACTIVE: ("Item", "", _with(productCode="T-100")),
    Cause.TERM_INACTIVE: ("Term", "3", invoice("A-1")),
}
"""What is made inactive for each cause, and a bill that waits for it then."""


@pytest.mark.parametrize("cause", KINDS)
def test_every_other_kind_of_record_comes_back_under_its_own_name(build: Build, cause: Cause) -> None:
    world = build(policy=PostingPolicy(sources=Sources(item="productCode")))
    entity, key, document = KINDS[cause]
    if cause is Cause.ITEM_INACTIVE:
        body = {"Name": "Toner", "Type": "Service", "ExpenseAccountRef": {"value": "55"}}
        key = world.act("enter", entity="Item", body=body)["Id"]
        refresh_lists(world.desk())
        world.map(Dimension.ITEM, "T-100", key)
    before = there(world, entity, key)
    world.act("inactivate", entity=entity, id=key)
    world.approve(document)
    world.settle()
    assert world.causes("A-1") == [cause]
    assert there(world, entity, key)["Name" if "Name" in before else "DisplayName"].endswith(" (deleted)")

    click(world, cause)
    world.run()

    world.only_transaction("A-1")
    after = there(world, entity, key)
    names = {
        "Name",
        "DisplayName",
        "FullyQualifiedName",
        "Active",
        "ParentRef",
        "AcctNum",
        "ExpenseAccountRef",
        "DueDays",
    }
    assert {name: after.get(name) for name in names} == {name: before.get(name) for name in names}


@pytest.mark.parametrize("kind", [FaultKind.LOST_AFTER, FaultKind.LOST_BEFORE])
def test_a_lost_answer_ends_in_one_change_and_one_bill(held: World, kind: FaultKind) -> None:
    before = int(there(held, *REDFERN)["SyncToken"])
    click(held, Cause.VENDOR_INACTIVE)
    held.quickbooks_faults.add(FaultRule(kind=kind, **WRITES))

    held.settle()

    assert int(there(held, *REDFERN)["SyncToken"]) == before + 1
    assert asked(held, *REDFERN).state is ReactivationState.DONE
    held.only_transaction("A-1")


def test_a_process_that_dies_in_between_and_a_change_meanwhile_neither_lose_nor_double_it(held: World) -> None:
    click(held, Cause.VENDOR_INACTIVE)
    assert queue_reactivations(held.desk()) == 1
    held.act("edit_vendor", id="113", changes={"Notes": "call first"})  # the version that was read is an old one by now
    held.restart("second process")

    held.settle()

    vendor = there(held, *REDFERN)
    assert (vendor["Active"], vendor["DisplayName"], vendor["Notes"]) == (True, "Redfern Couriers", "call first")
    assert asked(held, *REDFERN).state is ReactivationState.DONE
    held.only_transaction("A-1")


def test_a_name_that_somebody_else_has_by_now_is_said_in_words_and_can_be_asked_again(held: World) -> None:
    other = held.act("create_vendor", name="Redfern Couriers")
    click(held, Cause.VENDOR_INACTIVE)
    held.settle()

    assert not there(held, *REDFERN)["Active"]
    told = offered(held, Cause.VENDOR_INACTIVE).asked
    assert told is not None
    assert (told.state, told.problem.split(":")[0]) == ("refused", "Another record has its name by now")

    held.act("rename", entity="Vendor", id=other["Id"], name="Redfern Couriers West")
    click(held, Cause.VENDOR_INACTIVE)
    held.run()
    held.only_transaction("A-1")


def test_a_vendor_that_is_merged_meanwhile_is_refused_with_words(held: World) -> None:
    click(held, Cause.VENDOR_INACTIVE)
    held.act("merge", entity="Vendor", id="101", vanishing="113")
    held.settle()

    row = asked(held, *REDFERN)
    assert row.state is ReactivationState.REFUSED
    assert "no longer has the vendor Redfern Couriers (113)" in row.problem or "was merged into" in row.problem
    with pytest.raises(DecisionError, match="Map what leads to it"):
        reactivate(held.desk(), Dimension.VENDOR, "113", reason=WHY, actor="kim")


def test_what_lies_below_something_inactive_is_refused_until_that_is_active(world: World) -> None:
    for key in ("4", "3"):
        world.act("inactivate", entity="Department", id=key)
    world.approve(_with(costCenterCode="NAP"))
    world.settle()
    below = offered(world, Cause.LOCATION_INACTIVE)
    assert "lies below the location Chicago (3), which is inactive as well" in below.why_not
    with pytest.raises(DecisionError, match="cannot be made active"):
        click(world, Cause.LOCATION_INACTIVE)

    reactivate(world.desk(), Dimension.LOCATION, "3", reason=WHY, actor="kim")
    world.settle()
    click(world, Cause.LOCATION_INACTIVE)
    world.run()

    world.only_transaction("A-1")
    assert there(world, "Department", "4")["FullyQualifiedName"] == "Chicago:Naperville"


def wanted_while_the_one_above_goes(world: World) -> None:
    """Somebody wants Naperville active, and somebody else makes Chicago, of which it is a part, inactive."""
    world.act("inactivate", entity="Department", id="4")
    world.approve(_with(costCenterCode="NAP"))
    world.settle()
    click(world, Cause.LOCATION_INACTIVE)
    world.act("inactivate", entity="Department", id="3")
    world.settle()


def test_what_was_made_inactive_above_after_it_was_asked_for_is_refused_with_words(world: World) -> None:
    wanted_while_the_one_above_goes(world)

    assert "lies below the location Chicago (3)" in asked(world, "Department", "4").problem
    assert not there(world, "Department", "4")["Active"]


def test_it_needs_a_reason_and_is_asked_for_once(held: World) -> None:
    with pytest.raises(DecisionError, match="Give the reason"):
        click(held, Cause.VENDOR_INACTIVE, reason="  ")
    click(held, Cause.VENDOR_INACTIVE)
    with pytest.raises(DecisionError, match="it is made active with the next run"):
        click(held, Cause.VENDOR_INACTIVE)
    held.act("activate", entity="Vendor", id="113")
    held.settle()

    assert asked(held, *REDFERN).state is ReactivationState.DONE
    with pytest.raises(DecisionError, match="is active in QuickBooks already"):
        reactivate(held.desk(), Dimension.VENDOR, "113", reason=WHY, actor="kim")


def test_a_record_that_quickbooks_answers_with_and_leaves_inactive_is_no_success(held: World) -> None:
    click(held, Cause.VENDOR_INACTIVE)
    queue_reactivations(held.desk())
    with held.desk().write() as tx:
        [intent] = intents.ready(tx, held.connection_id, System.QUICKBOOKS)
        reactivated(tx, held.desk(), intent, there(held, *REDFERN))

    row = asked(held, *REDFERN)
    assert (row.state, "left the record inactive" in row.problem) == (ReactivationState.REFUSED, True)


def test_a_card_reactivates_only_what_it_waits_for(held: World) -> None:
    held.act("inactivate", entity="Vendor", id="101")
    refresh_lists(held.desk())
    [heap] = [one for one in heaps(held.desk()) if one.cause == Cause.VENDOR_INACTIVE]

    with pytest.raises(DecisionError, match="Nothing here waits for that record"):
        fixing.make_active(held.desk(), heap, "101", reason=WHY, actor="kim")


def alerted(world: World) -> list[tuple[str, str]]:
    """What people are told about records that are to be active: the record and the words."""
    with world.database.read() as tx:
        return [(one.subject, one.message) for one in alerts.of_kind(tx, world.connection_id, ALERT)]


def test_a_refusal_is_told_in_an_alert_that_ends_when_it_is_asked_for_again(held: World) -> None:
    held.act("create_vendor", name="Redfern Couriers")
    click(held, Cause.VENDOR_INACTIVE)
    held.settle()

    [(subject, message)] = alerted(held)
    assert subject == "Vendor:113"
    assert message.startswith(
        "kim asked for Redfern Couriers (113) to be active in QuickBooks, which could not be done. "
    )
    assert "Another record has its name by now" in message

    click(held, Cause.VENDOR_INACTIVE)
    assert alerted(held) == []
    held.settle()
    assert len(alerted(held)) == 1


def test_what_cannot_be_done_by_a_fresh_look_is_alerted_and_ends_when_somebody_does_it_in_quickbooks(
    world: World,
) -> None:
    wanted_while_the_one_above_goes(world)
    [(subject, message)] = alerted(world)
    assert (subject, "lies below the location Chicago (3)" in message) == ("Department:4", True)

    for key in ("3", "4"):
        world.act("activate", entity="Department", id=key)
    refresh_lists(world.desk())
    world.run()

    assert alerted(world) == []


@pytest.mark.both_databases
def test_answers_that_keep_getting_lost_are_told_after_a_while_and_still_end_in_one_change(held: World) -> None:
    before = int(there(held, *REDFERN)["SyncToken"])
    click(held, Cause.VENDOR_INACTIVE)
    held.quickbooks_faults.add(FaultRule(kind=FaultKind.LOST_BEFORE, times=None, **WRITES))
    held.run()
    assert (asked(held, *REDFERN).state, asked(held, *REDFERN).problem, alerted(held)) == ("sending", "", [])

    held.clock.advance(PATIENCE.total_seconds())
    held.restart("second process").run()

    told = offered(held, Cause.VENDOR_INACTIVE)
    assert told.under_way
    assert told.asked is not None
    assert told.asked.problem.startswith("It is on its way, and QuickBooks has not confirmed it since.")
    [(_, message)] = alerted(held)
    assert "is not done yet. It is on its way" in message
    assert "make it active in QuickBooks itself" in message
    with pytest.raises(DecisionError, match="it is made active with the next run"):
        click(held, Cause.VENDOR_INACTIVE)
    held.run()
    assert len(alerted(held)) == 1

    held.quickbooks_faults.clear()
    held.settle()
    assert int(there(held, *REDFERN)["SyncToken"]) == before + 1
    assert (asked(held, *REDFERN).state, asked(held, *REDFERN).problem, alerted(held)) == ("done", "", [])
    held.only_transaction("A-1")


def test_a_record_that_quickbooks_refuses_to_show_says_so_and_is_alerted_after_a_while(held: World) -> None:
    click(held, Cause.VENDOR_INACTIVE)
    text = (
        '{"Fault": {"Error": [{"Message": "No", "Detail": "It is locked", "code": "6000"}], "type": "ValidationFault"}}'
    )
    held.quickbooks_faults.add(
        FaultRule(kind=FaultKind.STATUS, path="/query$", contains="'113'", status=400, text=text, times=None)
    )
    held.run()
    row = asked(held, *REDFERN)
    assert row.state is ReactivationState.ASKED
    assert row.problem.startswith("Nothing was sent yet: QuickBooks does not show the record (6000 It is locked).")
    assert alerted(held) == []

    held.clock.advance(PATIENCE.total_seconds())
    held.run()
    [(_, message)] = alerted(held)
    assert "is not done yet. Nothing was sent yet: QuickBooks does not show the record (6000 It is locked)" in message

    held.quickbooks_faults.clear()
    held.settle()
    assert alerted(held) == []
    held.only_transaction("A-1")


@pytest.mark.parametrize("patience", [0.0, PATIENCE.total_seconds()])
def test_a_vendor_whose_request_is_under_way_says_what_is_the_matter_only_after_a_while(
    held: World, patience: float
) -> None:
    click(held, Cause.VENDOR_INACTIVE)
    held.quickbooks_faults.add(FaultRule(kind=FaultKind.STATUS, status=503, times=None))
    held.clock.advance(patience)
    with pytest.raises(Unavailable):
        held.run()

    assert bool(alerted(held)) == bool(patience)
    assert ("QuickBooks could not be read since then" in asked(held, *REDFERN).problem) == bool(patience)
