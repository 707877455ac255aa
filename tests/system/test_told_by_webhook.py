"""From a click in one system to the other system's books, by webhook alone: the twins send, we receive, the engine works."""

from typing import Any

import pytest

from followed import differences
from ml_connector.store import alerts
from ml_connector.work.engines.local import LocalEngine
from ml_connector.work.engines.runs import Ending
from ml_connector.work.jobs import Job
from ml_connector.work.webhook_setup import basware
from online import Online
from twins.demo_company import basware_seed


@pytest.fixture
def engine(online: Online) -> LocalEngine:
    """An engine that has done everything that was due before anything is announced."""
    engine = LocalEngine(online.world.app, heart=None, worker="engine")
    runs = engine.step()
    assert {run.ending for run in runs} == {Ending.DONE}, [run.problem for run in runs]
    return engine


def _invoice() -> dict[str, Any]:
    """One that becomes a bill as it is."""
    (found,) = [one for one in basware_seed()["accountingDocuments"] if one["invoiceNumber"] == "MF-5530912"]
    return dict(found)


def test_an_invoice_approved_in_basware_is_one_bill_in_quickbooks_at_the_next_look(
    online: Online, engine: LocalEngine
) -> None:
    online.subscribe()
    world, number = online.world, _invoice()["invoiceNumber"]
    world.approve(_invoice())
    assert Job.INVOICES not in {run.job for run in engine.step()}, "nobody has told us yet"
    assert online.deliver() == [200]

    assert (Job.INVOICES, Ending.DONE) in {(run.job, run.ending) for run in engine.step()}
    kind, bill = world.only_transaction(number)
    assert (kind, bill["DocNumber"]) == ("Bill", number)
    assert [answer["success"] for answer in world.answers(number)] == [True]


def test_the_same_push_twice_and_once_more_by_a_replay_is_still_one_bill(online: Online, engine: LocalEngine) -> None:
    online.subscribe()
    world, number = online.world, _invoice()["invoiceNumber"]
    world.approve(_invoice())
    online.deliver()
    engine.step()
    (first,) = [row for row in online.deliveries() if row.outcome == "stored"]
    for _ in range(2):
        world.clock.advance(60)
        online.replay(first)
        assert Job.INVOICES in {run.job for run in engine.step()}

    world.only_transaction(number)
    assert len(world.answers(number)) == 1


def test_a_vendor_edited_in_quickbooks_is_in_our_copies_after_its_webhook(online: Online, engine: LocalEngine) -> None:
    online.connect_quickbooks()
    world = online.world
    assert differences(world) == []
    world.act("edit_vendor", id="101", changes={"PrintOnCheckName": "Alder and Sons"})
    assert differences(world) == ["Vendor 101 differs"]
    assert online.deliver() == [200]
    world.clock.advance(6)

    runs = {run.job: run for run in engine.step()}
    assert runs[Job.CHANGES].ending is Ending.DONE
    assert differences(world) == []


def test_subscriptions_that_vanish_at_basware_are_noticed_by_the_engine_and_come_back_by_a_repair(
    online: Online, engine: LocalEngine
) -> None:
    online.world.app.public_url = online.url
    online.subscribe()
    online.world.basware._push.subscriptions._of.clear()

    def alert_after_a_day() -> list[str]:
        for _ in range(8):
            online.world.clock.advance(3 * 3600)
            engine.step()
        with online.world.database.read() as tx:
            return [row.kind for row in alerts.listing(tx, online.world.connection_id)]

    assert alert_after_a_day() == [basware.ALERT]
    online.subscribe(mend=True)
    assert alert_after_a_day() == []


def test_a_worker_without_a_web_server_forgets_old_calls(online: Online, engine: LocalEngine) -> None:
    online.subscribe()
    assert len(online.deliveries()) == 1
    online.world.clock.advance(29 * 86400)
    engine.step()
    assert len(online.deliveries()) == 1
    online.world.clock.advance(2 * 86400)
    engine.step()

    assert online.deliveries() == []
