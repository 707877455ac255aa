"""Setting a connection up: nothing happens in either system before it is released, and what will happen can be seen."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec
import pytest

from databases import SqliteFiles
from ml_connector.model.mapping import Dimension
from ml_connector.store import audit, books, document_lists, documents, mappings, reactivations, secrets
from ml_connector.store.database import Database
from ml_connector.work.connection_status import shown_state
from ml_connector.work.engines.local import LocalEngine
from ml_connector.work.jobs import Job
from ml_connector.work.reactivating.asking import reactivate
from ml_connector.work.schedule import ScheduleError, require_may_run, resume, run_now
from ml_connector.work.settings import ConnectionFile
from ml_connector.work.setup.first_plan import first_plan
from ml_connector.work.setup.looking import SetupError, look
from ml_connector.work.setup.other_company import leave_company
from ml_connector.work.setup.progress import Step, note_check, note_step, release, steps_of
from world import World, accept_mapping, build_world


@pytest.fixture
def world(sqlite: SqliteFiles) -> Iterator[World]:
    """The demo company's documents wait in Basware; the connection is being set up and mapped."""
    with sqlite.fresh() as url:
        database = Database.open(url)
        scene = build_world(database, mapping=False)
        begin_setup(scene)
        accept_mapping(scene.desk())
        yield scene
        database.close()


def begin_setup(scene: World) -> None:
    with scene.database.write() as tx:
        tx.exec_driver_sql("UPDATE connections SET setup_since = updated_at")
    scene.connection = scene.app.connection(scene.connection_id)


def waiting_in_basware(world: World) -> list[str]:
    return sorted(
        one["invoiceId"] for one in world.basware.documents() if one["processingStatus"] == "WaitingForTransfer"
    )


def everything_done(world: World) -> None:
    row, now = world.connection, world.clock.now()
    note_check(world.database, row, works=True, actor="robin", now=now)
    for step in (Step.POLICIES, Step.MAPPING, Step.START, Step.PLAN):
        note_step(world.database, row, step, actor="robin", now=now)


def test_a_connection_in_set_up_is_made_so_in_one_step(world: World) -> None:
    file = ConnectionFile(name="new", settings=other_company(world), secrets={})
    row = world.app.add_connection(file, {}, in_setup=True, actor="robin")

    assert row.setup_since is not None
    assert shown_state(row) == "being set up"


def other_company(world: World) -> Any:
    settings = world.desk().settings
    return msgspec.structs.replace(settings, basware=msgspec.structs.replace(settings.basware, company_codes=("ZZ99",)))


def test_no_engine_starts_a_job_of_a_connection_in_set_up(world: World) -> None:
    engine = LocalEngine(world.app, heart=None, worker="engine")
    before = waiting_in_basware(world)
    for _ in range(3):
        engine.step()
        world.clock.advance(3600)

    assert before
    assert waiting_in_basware(world) == before
    assert world.transactions() == []


def test_nobody_can_have_a_job_run_before_the_release(world: World) -> None:
    now = world.clock.now()
    with pytest.raises(ScheduleError, match="being set up"):
        run_now(world.database, world.connection, Job.INVOICES, despite="", actor="robin", now=now)
    with world.database.read() as tx, pytest.raises(ScheduleError, match="being set up"):
        require_may_run(tx, world.connection, Job.INVOICES, despite="urgent", now=now)
    with pytest.raises(ScheduleError, match="connection release"):
        resume(world.database, world.connection, None, reason="", actor="robin", now=now)


def test_a_look_shows_what_waits_and_acknowledges_nothing(world: World) -> None:
    before = waiting_in_basware(world)

    seen = look(world.desk())

    assert (seen.documents, seen.more) == (len(before), False)
    assert waiting_in_basware(world) == before
    with world.database.read() as tx:
        assert len(documents.in_state(tx, world.connection_id, {"received", "held"})) == len(before)


def test_what_basware_takes_back_between_two_looks_is_forgotten(world: World) -> None:
    look(world.desk())
    gone = waiting_in_basware(world)[0]
    world.basware.act("remove", invoice_id=gone)

    look(world.desk())

    with world.database.read() as tx:
        assert documents.get(tx, world.connection_id, gone) is None


def test_a_look_takes_no_more_than_a_person_can_read(world: World) -> None:
    world.change_settings(
        lambda one: msgspec.structs.replace(one, basware=msgspec.structs.replace(one.basware, page_size=3))
    )

    seen = look(world.desk(), most=3)

    assert (seen.documents, seen.more) == (3, True)


def test_the_first_plan_says_what_the_first_run_then_does_and_writes_nothing(world: World) -> None:
    look(world.desk())
    before = waiting_in_basware(world)
    plan = first_plan(world.desk())

    assert world.transactions() == []
    assert waiting_in_basware(world) == before
    assert plan.to_post
    assert plan.held
    assert plan.causes[0].documents >= plan.causes[-1].documents

    everything_done(world)
    release(world.database, world.connection, actor="robin", reason="", now=world.clock.now())
    world.settle()
    for one in plan.documents:
        if one.held:
            assert world.posted(one.invoice_id) == [], one.invoice_number
        elif one.becomes.startswith("becomes"):
            assert len(world.posted(one.invoice_id)) == len(one.postings), one.invoice_number


def test_documents_from_before_the_start_are_shown_as_waiting(world: World) -> None:
    look(world.desk())
    world.change_settings(
        lambda one: msgspec.structs.replace(
            one, policy=msgspec.structs.replace(one.policy, start_date=date(2027, 1, 1))
        )
    )

    plan = first_plan(world.desk())

    assert plan.to_post == sum(one.becomes == "is in QuickBooks already" for one in plan.documents)
    assert plan.causes[0].cause.cause == "before-start-date"


def test_the_steps_tell_what_is_done_and_where_to_go_on(world: World) -> None:
    with world.database.read() as tx:
        steps = steps_of(tx, world.connection)
    assert [one.step for one in steps if one.done] == ["quickbooks", "basware"]
    assert [one.step for one in steps if one.next] == ["check"]

    everything_done(world)
    look(world.desk())
    with world.database.read() as tx:
        assert [one.step for one in steps_of(tx, world.connection) if not one.done] == ["release"]


def test_another_region_wants_another_check(world: World) -> None:
    everything_done(world)
    world.change_settings(
        lambda one: msgspec.structs.replace(one, basware=msgspec.structs.replace(one.basware, region="US"))
    )

    with world.database.read() as tx:
        assert "check" in {one.step for one in steps_of(tx, world.connection) if not one.done}


def test_it_is_not_released_before_the_plan_was_seen(world: World) -> None:
    note_check(world.database, world.connection, works=True, actor="robin", now=world.clock.now())

    with pytest.raises(SetupError, match="Start date, First plan"):
        release(world.database, world.connection, actor="robin", reason="", now=world.clock.now())


def test_a_release_happens_once_and_is_in_the_audit(world: World) -> None:
    everything_done(world)
    release(world.database, world.connection, actor="robin", reason="go", now=world.clock.now())

    with pytest.raises(SetupError, match="released already"):
        release(world.database, world.connection, actor="robin", reason="", now=world.clock.now())
    with world.database.read() as tx:
        (entry,) = audit.listing(tx, world.connection_id, action="released")
    assert (entry.actor, entry.reason) == ("robin", "go")


def test_after_the_release_the_engine_posts_what_basware_offers_then(world: World) -> None:
    look(world.desk())
    gone = waiting_in_basware(world)[0]
    world.basware.act("remove", invoice_id=gone)
    everything_done(world)
    release(world.database, world.connection, actor="robin", reason="", now=world.clock.now())

    engine = LocalEngine(world.app, heart=None, worker="engine")
    for _ in range(3):
        engine.step()
        world.clock.advance(120)

    assert world.transactions()
    with world.database.read() as tx:
        assert documents.get(tx, world.connection_id, gone) is None


def test_an_open_set_up_is_looked_at_no_more_once_released(world: World) -> None:
    everything_done(world)
    release(world.database, world.connection, actor="robin", reason="", now=world.clock.now())

    with pytest.raises(SetupError, match="is released"):
        look(world.desk())


def test_a_company_that_was_not_meant_leaves_nothing_behind_before_the_release(world: World) -> None:
    look(world.desk())
    everything_done(world)
    reactivate(world.desk(), Dimension.VENDOR, "113", reason="delivers again", actor="robin")

    told = leave_company(world.app.connecting(), world.connection, actor="robin")

    row = world.app.connection(world.connection_id)
    with world.database.read() as tx:
        assert "quickbooks.realm_id" not in secrets.fields(tx, row.id)
        assert (row.realm_hash, books.summaries(tx, row.id), mappings.load(tx, row.id).rules) == ("", {}, ())
        assert document_lists.counts(tx, row.id) == {}
        assert reactivations.listing(tx, row.id, limit=5) == [], "the next company's vendor 113 is somebody else"
        done = {one.step for one in steps_of(tx, row) if one.done}
    assert told == "Intuit ended the sign-in"
    assert done == {"basware", "policies", "start"}, "what was said of Basware and of posting is kept"
    assert leave_company(world.app.connecting(), row, actor="robin") == "nobody was signed in"


def test_a_company_that_was_posted_to_is_not_left(world: World) -> None:
    everything_done(world)
    release(world.database, world.connection, actor="robin", reason="", now=world.clock.now())

    with pytest.raises(SetupError, match="Add another connection"):
        leave_company(world.app.connecting(), world.connection, actor="robin")

    assert world.app.connection(world.connection_id).realm_hash
