"""The engine keeps to what a company's schedule says: pauses, freezes, runs in spite of one; judged by the books of the twins."""

from datetime import date, datetime, time, timedelta

import msgspec

from ml_connector.store import alerts, connections
from ml_connector.work import schedule
from ml_connector.work.engines.local import LocalEngine
from ml_connector.work.engines.runs import FAILING, Ending
from ml_connector.work.jobs import Job
from ml_connector.work.schedule_settings import FreezeSettings, ScheduleSettings
from paperwork import invoice
from world import World


def jobs_run(world: World) -> list[Job]:
    """The jobs the engine starts at this moment."""
    return [run.job for run in LocalEngine(world.app, heart=None, worker=world.app.worker).step()]


def freeze_today_and_tomorrow(world: World) -> datetime:
    """Freeze the books; when that ends."""
    today: date = world.clock.now().date()
    frozen = FreezeSettings(dates=(today, today + timedelta(days=1)), reason="closing")
    world.change_settings(lambda own: msgspec.structs.replace(own, schedule=ScheduleSettings(freeze=frozen)))
    return datetime.combine(today + timedelta(days=2), time.min, world.clock.now().tzinfo)


def test_nothing_is_posted_in_a_freeze_and_once_after_it(world: World) -> None:
    end = freeze_today_and_tomorrow(world)
    world.approve(invoice("A-1"))

    assert Job.INVOICES not in jobs_run(world)
    assert world.transactions() == []
    world.clock.move_to(end + timedelta(seconds=1))
    assert Job.INVOICES in jobs_run(world)
    world.only_transaction("A-1")


def test_a_person_who_says_why_posts_in_a_freeze_once(world: World) -> None:
    freeze_today_and_tomorrow(world)
    world.approve(invoice("A-1"))
    schedule.run_now(
        world.database,
        world.connection,
        Job.INVOICES,
        despite="the bank closes early",
        actor="Ann",
        now=world.clock.now(),
    )

    assert Job.INVOICES in jobs_run(world)
    world.only_transaction("A-1")
    world.clock.advance(3600)
    assert Job.INVOICES not in jobs_run(world)


def test_a_paused_connection_posts_nothing_keeps_its_sign_in_and_goes_on_when_resumed(world: World) -> None:
    world.approve(invoice("A-1"))
    schedule.pause(world.database, world.connection, None, reason="audit", actor="Ann", now=world.clock.now())

    assert jobs_run(world) == [Job.SIGN_IN]
    assert world.transactions() == []
    world.clock.advance(7200)
    schedule.resume(world.database, world.connection, None, reason="", actor="Ann", now=world.clock.now())
    assert Job.INVOICES in jobs_run(world)
    world.only_transaction("A-1")


def test_settings_that_cannot_be_read_call_a_person_and_do_not_end_the_engine(world: World) -> None:
    with world.database.write() as tx:
        connections.update_settings(tx, world.connection_id, '{"basware": {"company_codes": []}}', world.clock.now())
    runs = LocalEngine(world.app, heart=None, worker=world.app.worker).step()

    assert [(run.job, run.ending) for run in runs] == [(Job.INVOICES, Ending.FAILED)]
    with world.database.read() as tx:
        assert [one.kind for one in alerts.listing(tx, world.connection_id)] == [FAILING]
