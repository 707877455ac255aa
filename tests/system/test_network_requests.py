"""Over a whole run, with all sorts of bad luck, every request to the Network has an id of its own."""

from contextlib import suppress

import msgspec

from feed_scenes import arrive, document, file, invoice, mailbox, with_feeds
from ml_connector.basware.errors import BaswareError
from ml_connector.store import calls
from ml_connector.store.schema import NetworkState
from ml_connector.work.feed_settings import NetworkSettings
from ml_connector.work.feeds.network import take_from_network
from network_watch import problems_of, seen_in
from twins.demo_company import basware_seed
from twins.faults import FaultKind, FaultRule
from world import World

_BAD_LUCK = (FaultKind.LOST_BEFORE, FaultKind.LOST_AFTER, FaultKind.STATUS, FaultKind.BROKEN_OFF, FaultKind.TRUNCATED)


def test_every_request_of_an_unlucky_month_has_its_own_id_and_every_document_ends_where_it_belongs(
    world: World,
) -> None:
    with_feeds(world, network=NetworkSettings(enabled=True))
    for kind in _BAD_LUCK:
        for path in ("/notifications", "/invoices/", "/files/"):
            rule = FaultRule(kind=kind, path=path, probability=0.05, times=None, status=503)
            world.basware_faults.add(rule)
    for day in range(12):
        arrive(world, invoice(f"NW-{day}"), files={"scan.pdf": file()})
        with suppress(BaswareError):
            take_from_network(world.desk())
        world.clock.advance(3600)
    world.basware_faults.clear()
    take_from_network(world.desk())

    assert mailbox(world).notifications == {}
    for bum_id, received in mailbox(world).received.items():
        row = document(world, bum_id)
        assert row.confirmed_at is not None
        assert {one["actionCode"] for one in received.confirmations} == {"Delivered"}
        assert row.state is NetworkState.ON_THE_WAY
    assert len(world.network_seen.seen) > 60
    assert world.network_seen.problems() == []


def test_the_log_of_calls_has_the_id_of_every_request(world: World) -> None:
    with_feeds(world, network=NetworkSettings(enabled=True))
    arrive(world, files={"scan.pdf": file()})
    take_from_network(world.desk())
    world.desk().write_calls()
    with world.database.read() as tx:
        logged = {row.request_id for row in calls.listing(tx, world.connection_id, limit=100) if row.request_id}
    assert logged == {one.request_id for one in world.network_seen.seen}


def test_an_invoice_is_on_the_way_before_it_is_posted_and_matched_after(world: World) -> None:
    with_feeds(world, network=NetworkSettings(enabled=True))
    approved = dict(basware_seed()["accountingDocuments"][0]) | {"attachments": []}
    arrive(world, invoice(approved["invoiceNumber"]), bum_id=approved["bumid"])
    take_from_network(world.desk())
    assert document(world, approved["bumid"]).state is NetworkState.ON_THE_WAY

    world.approve(approved)
    world.settle()

    assert document(world, approved["bumid"]).invoice_id == approved["invoiceId"]


def test_the_check_of_request_ids_finds_what_it_is_for() -> None:
    good, old = "5d0cbd6c-7c53-4d09-b5a9-3f1b9f6a2f10", "5d0cbd6c-7c53-1d09-b5a9-3f1b9f6a2f10"
    path = "/v1.1/notifications"
    recorded = [("GET", path, {"x-bw-request-id": one}) for one in (good, good.upper(), old, "")]
    recorded += [("GET", path, {}), ("GET", "/v1/accountingDocuments", {})]
    assert len(problems_of(seen_in(recorded))) == 4
    assert msgspec.json.encode(problems_of(seen_in(recorded[:1]))) == b"[]"
