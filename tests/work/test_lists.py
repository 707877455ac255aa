"""QuickBooks' lists are read once and then followed by what changed; a change that would be missed makes them be read anew."""

from datetime import date

import msgspec
import pytest

from ml_connector.model.policy import PostingPolicy, UnknownVendor
from ml_connector.quickbooks.errors import Unavailable
from ml_connector.work.lists import load_books, refresh_lists
from paperwork import invoice
from twins.faults import FaultKind, FaultRule
from world import World


def _calls(world: World) -> dict[str, int]:
    return dict(world.quickbooks.calls)


def _refreshed(world: World) -> dict[str, int]:
    """Calls that one refresh took, by kind."""
    before = _calls(world)
    refresh_lists(world.desk())
    return {kind: count - before.get(kind, 0) for kind, count in _calls(world).items() if count != before.get(kind, 0)}


def test_the_lists_are_those_of_quickbooks_with_inactive_records_too(world: World) -> None:
    books, own = load_books(world.desk()), world.quickbooks.books(world.realm_id)

    assert set(books.accounts) == {record["Id"] for record in own["Account"]}
    assert set(books.vendors) == {record["Id"] for record in own["Vendor"]}
    assert not books.vendors["113"].active
    assert books.preferences.book_close_date is not None


def test_a_refresh_asks_for_what_changed_and_not_for_every_list(world: World) -> None:
    world.clock.advance(3600)

    hourly = _refreshed(world)
    assert (hourly["cdc"], hourly["batches"]) == (1, 1)
    assert _refreshed(world) == {"requests": 2, "cdc": 1, "queries": 1}, "the changes, and the preferences"


def test_what_somebody_changes_in_quickbooks_is_known_after_a_refresh(world: World) -> None:
    world.act("rename", entity="Account", id="55", name="Stationery")
    world.act("inactivate", entity="Department", id="2")
    made = world.act("enter", entity="Vendor", body={"DisplayName": "Alder"})
    world.act("close_books", date="2026-10-31")

    refresh_lists(world.desk())

    books = load_books(world.desk())
    assert books.accounts["55"].name == "Stationery"
    assert not books.locations["2"].active
    assert books.vendors[made["Id"]].name == "Alder"
    assert books.preferences.book_close_date == date(2026, 10, 31)


def test_a_change_at_the_very_moment_of_a_refresh_is_not_missed(world: World) -> None:
    refresh_lists(world.desk())
    world.quickbooks.act(world.realm_id, "rename", entity="Account", id="55", name="Stationery")

    refresh_lists(world.desk())

    assert load_books(world.desk()).accounts["55"].name == "Stationery"


def test_after_a_month_without_contact_everything_is_read_anew(world: World) -> None:
    world.act("rename", entity="Account", id="55", name="Stationery")
    world.clock.advance(40 * 86400)

    assert "cdc" not in _refreshed(world)
    assert load_books(world.desk()).accounts["55"].name == "Stationery"


def test_an_answer_as_long_as_answers_get_makes_everything_be_read_anew(world: World) -> None:
    many = [{"Id": str(number), "Name": f"Account {number}", "Active": True} for number in range(1000)]
    feed = {"CDCResponse": [{"QueryResponse": [{"Account": many}]}], "time": "2026-11-20T14:00:00Z"}
    world.quickbooks_faults.add(
        FaultRule(kind=FaultKind.STATUS, status=200, path="cdc$", text=msgspec.json.encode(feed).decode())
    )
    world.act("rename", entity="Account", id="55", name="Stationery")

    refresh_lists(world.desk())

    assert load_books(world.desk()).accounts["55"].name == "Stationery"


def test_a_refresh_that_breaks_off_is_made_good_by_the_next(world: World) -> None:
    world.act("rename", entity="Account", id="55", name="Stationery")
    world.quickbooks_faults.add(FaultRule(kind=FaultKind.STATUS, status=500, path="query$", times=3))
    with pytest.raises(Unavailable):
        refresh_lists(world.desk())

    refresh_lists(world.desk())

    assert load_books(world.desk()).accounts["55"].name == "Stationery"


def test_with_nothing_to_plan_quickbooks_is_left_alone(world: World) -> None:
    before = _calls(world)

    world.run()

    assert _calls(world) == before


def test_a_new_vendor_is_known_without_being_read_back(world: World) -> None:
    policy = PostingPolicy(unknown_vendor=UnknownVendor.CREATE)
    world.change_settings(lambda known: msgspec.structs.replace(known, policy=policy))
    world.approve(invoice("A-1", supplier="V-77001", supplier_name="Alder Legal LLP"))
    world.clock.advance(60)
    before = world.quickbooks.calls["cdc"]

    world.settle()

    assert world.quickbooks.calls["cdc"] == before + 1
    world.only_transaction("A-1")
