"""Pausing, running now and reading again, on both databases; and what saving a connection does to its plans."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from ml_connector.model.timetable import DueBy
from ml_connector.store import audit, connections, jobs, meters
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database
from ml_connector.store.meters import MeterRow
from ml_connector.store.schema import ConnectionState, Priority
from ml_connector.work import schedule
from ml_connector.work.jobs import Job
from ml_connector.work.schedule import ScheduleError
from ml_connector.work.schedule_views import CalendarDay, calendar_of, usual_runs
from ml_connector.work.settings import encode_settings, read_connection_file
from world import World

pytestmark = pytest.mark.both_databases

NOW = datetime(2026, 12, 2, 12, tzinfo=UTC)
FEEDS = "[basware.orders]\nenabled = true\n[basware.vendors]\nenabled = true\n"
FROZEN = '[schedule.freeze]\ndays = "first 3 days"\nreason = "closing"\n'


@pytest.fixture
def row(database: Database) -> ConnectionRow:
    """A company whose books are frozen on the first three days of the month."""
    return added(database, FROZEN)


def added(database: Database, section: str, name: str = "acme") -> ConnectionRow:
    """A connection with this schedule, some days old."""
    text = f'name = "{name}"\n[basware]\ncompany_codes = ["US10"]\n{FEEDS}{section}'
    file = read_connection_file(text, is_json=False)
    with database.write() as tx:
        return connections.add(
            tx, connection_id=name, name=name, settings=encode_settings(file.settings), now=NOW - timedelta(days=9)
        )


def due(database: Database, row: ConnectionRow, job: Job, now: datetime = NOW) -> tuple[datetime | None, DueBy]:
    """When a job is due, and by what."""
    with database.read() as tx:
        fresh = connections.get(tx, row.id)
        found = schedule.due_of(tx, fresh, job, schedule.plans_of(fresh)[job], now)
    return found.at, found.by


def trail(database: Database, row: ConnectionRow) -> list[tuple[str, str, str, str]]:
    """Who did what, newest first."""
    with database.read() as tx:
        return [(one.actor, one.action, one.subject, one.reason) for one in audit.listing(tx, row.id)]


def test_a_paused_job_stays_paused_until_somebody_resumes_it(database: Database, row: ConnectionRow) -> None:
    schedule.pause(database, row, Job.ORDERS, reason="audit", actor="Ann", now=NOW)

    assert due(database, row, Job.ORDERS) == (None, DueBy.PAUSED)
    assert due(database, row, Job.OUTCOMES)[0] is not None
    schedule.resume(database, row, Job.ORDERS, reason="done", actor="Bob", now=NOW)
    assert due(database, row, Job.ORDERS)[0] is not None
    assert trail(database, row) == [("Bob", "resumed", "orders", "done"), ("Ann", "paused", "orders", "audit")]


def test_a_paused_connection_runs_nothing_but_the_sign_in(database: Database, row: ConnectionRow) -> None:
    schedule.pause(database, row, None, reason="new chart of accounts", actor="Ann", now=NOW)

    with database.read() as tx:
        fresh = connections.get(tx, row.id)
    waiting = {job for job in schedule.plans_of(fresh) if due(database, row, job) == (None, DueBy.PAUSED)}
    assert waiting == set(schedule.plans_of(fresh)) - {Job.SIGN_IN}


def test_a_job_paused_by_itself_stays_so_when_its_connection_goes_on(database: Database, row: ConnectionRow) -> None:
    schedule.pause(database, row, Job.VENDORS, reason="clean-up", actor="Ann", now=NOW)
    schedule.pause(database, row, None, reason="audit", actor="Ann", now=NOW)

    assert schedule.resume(database, row, None, reason="", actor="Ann", now=NOW) == [Job.VENDORS]
    assert due(database, row, Job.VENDORS) == (None, DueBy.PAUSED)


def test_pausing_twice_and_resuming_what_runs_are_refused_with_what_stands(
    database: Database, row: ConnectionRow
) -> None:
    with pytest.raises(ScheduleError, match="not paused"):
        schedule.resume(database, row, None, reason="", actor="Bob", now=NOW)
    with pytest.raises(ScheduleError, match="needs a reason"):
        schedule.pause(database, row, None, reason=" ", actor="Bob", now=NOW)
    schedule.pause(database, row, None, reason="audit", actor="Ann", now=NOW)
    with pytest.raises(ScheduleError, match=r"Ann paused the connection on 02 Dec 2026: audit\. Nothing was changed"):
        schedule.pause(database, row, None, reason="other", actor="Bob", now=NOW)
    with pytest.raises(ScheduleError, match=r"not paused by itself\. But Ann paused the connection"):
        schedule.resume(database, row, Job.ORDERS, reason="", actor="Bob", now=NOW)


def test_neither_a_sign_in_nor_a_run_that_goes_through_ends_a_pause(database: Database, row: ConnectionRow) -> None:
    schedule.pause(database, row, None, reason="audit", actor="Ann", now=NOW)
    with database.write() as tx:
        connections.set_state(tx, row.id, ConnectionState.SIGN_IN_NEEDED, "expired", NOW)
        connections.set_state(tx, row.id, ConnectionState.ACTIVE, "", NOW)

    assert due(database, row, Job.ORDERS) == (None, DueBy.PAUSED)


def test_saving_the_connection_again_does_not_end_a_pause(world: World) -> None:
    schedule.pause(world.database, world.connection, None, reason="audit", actor="Ann", now=world.clock.now())
    world.change_settings(lambda settings: settings)

    with world.database.read() as tx:
        assert connections.get(tx, world.connection_id).pause_reason == "audit"


def test_a_run_in_a_freeze_is_refused_with_its_reason_and_end(database: Database, row: ConnectionRow) -> None:
    with pytest.raises(ScheduleError, match=r"closing until 2026-12-04 00:00 UTC.*--despite"):
        schedule.run_now(database, row, Job.INVOICES, despite="", actor="Ann", now=NOW)

    assert due(database, row, Job.INVOICES)[0] == datetime(2026, 12, 4, tzinfo=UTC)
    assert trail(database, row) == []


def test_a_run_in_spite_of_a_freeze_is_due_at_once_and_told_in_the_audit(
    database: Database, row: ConnectionRow
) -> None:
    schedule.run_now(database, row, Job.INVOICES, despite="the bank closes early", actor="Ann", now=NOW)

    assert due(database, row, Job.INVOICES) == (NOW, DueBy.ASKED)
    assert trail(database, row) == [("Ann", "asked to run", "invoices", "the bank closes early")]
    with database.write() as tx:
        jobs.answered(tx, row.id, Job.INVOICES, NOW)
    assert due(database, row, Job.INVOICES)[0] == datetime(2026, 12, 4, tzinfo=UTC), "the leave was for one run"


def test_a_later_ask_does_not_take_back_the_leave_to_run_in_a_freeze(database: Database, row: ConnectionRow) -> None:
    schedule.run_now(database, row, Job.INVOICES, despite="the bank closes early", actor="Ann", now=NOW)
    with database.write() as tx:
        jobs.ask(tx, row.id, Job.INVOICES, NOW, "somebody else")

    assert due(database, row, Job.INVOICES)[0] == NOW


def test_what_is_not_frozen_runs_in_a_freeze(database: Database, row: ConnectionRow) -> None:
    schedule.run_now(database, row, Job.ORDERS, despite="", actor="Ann", now=NOW)

    assert due(database, row, Job.ORDERS) == (NOW, DueBy.ASKED)


def test_a_paused_job_cannot_be_asked_for(database: Database, row: ConnectionRow) -> None:
    schedule.pause(database, row, Job.ORDERS, reason="audit", actor="Ann", now=NOW)

    with pytest.raises(ScheduleError, match=r"Ann paused it.*schedule resume orders"):
        schedule.run_now(database, row, Job.ORDERS, despite="urgent", actor="Bob", now=NOW)


def test_a_job_the_connection_does_not_have_cannot_be_asked_for(database: Database, row: ConnectionRow) -> None:
    with pytest.raises(ScheduleError, match="has no job extracts"):
        schedule.run_now(database, row, Job.EXTRACTS, despite="", actor="Ann", now=NOW)


@pytest.mark.parametrize("job", sorted(set(Job) - set(schedule.NO_BACKFILL)))
def test_jobs_that_can_read_again_are_asked_to_from_a_day_on(database: Database, job: Job) -> None:
    row = added(database, "[basware.network]\nenabled = true\n[basware.extracts]\nenabled = true\n")
    schedule.run_now(database, row, job, despite="", actor="Ann", now=NOW, backfill=date(2026, 10, 1))

    with database.read() as tx:
        assert jobs.get(tx, row.id, job).backfill_from == "2026-10-01"
    assert due(database, row, job) == (NOW, DueBy.ASKED)
    assert trail(database, row) == [("Ann", "asked to read again", job, "")]


@pytest.mark.parametrize("job", sorted(schedule.NO_BACKFILL))
def test_reading_again_is_refused_where_it_means_nothing(database: Database, row: ConnectionRow, job: Job) -> None:
    with pytest.raises(ScheduleError, match="cannot read again"):
        schedule.run_now(database, row, job, despite="", actor="Ann", now=NOW, backfill=date(2026, 10, 1))

    with database.read() as tx:
        assert jobs.get(tx, row.id, job).backfill_from == ""


def test_reading_again_from_tomorrow_on_is_refused(database: Database, row: ConnectionRow) -> None:
    with pytest.raises(ScheduleError, match="lies ahead"):
        schedule.run_now(database, row, Job.ORDERS, despite="", actor="Ann", now=NOW, backfill=date(2026, 12, 3))


def test_runs_the_old_schedule_missed_are_not_made_up_for_and_other_jobs_keep_theirs(
    database: Database, row: ConnectionRow
) -> None:
    with database.write() as tx:
        for job in (Job.VENDORS, Job.ORDERS):
            jobs.change(tx, row.id, job, NOW, started_at=NOW - timedelta(days=3), finished_at=NOW - timedelta(days=3))
    settings = schedule.decode_settings(row.settings)
    daily = msgspec.convert({"jobs": {"vendors": {"cron": "0 6 * * *"}}}, type(settings.schedule))
    changed = msgspec.structs.replace(settings, schedule=daily)
    with database.write() as tx:
        schedule.note_changed_plans(tx, row, changed, NOW)
        connections.update_settings(tx, row.id, encode_settings(changed), NOW)

    assert due(database, row, Job.VENDORS)[0] == datetime(2026, 12, 3, 6, tzinfo=UTC)
    assert due(database, row, Job.ORDERS)[0] < NOW  # type: ignore[operator] # its missed polls are still due


def test_the_next_runs_of_all_jobs_come_in_the_order_of_time(database: Database) -> None:
    row = added(database, "", "bolt")
    runs = schedule.upcoming(schedule.plans_of(row), NOW, 60, {})

    assert len(runs) == 60
    assert [run.at for _, run in runs] == sorted(run.at for _, run in runs)
    assert {job for job, _ in runs} == set(schedule.plans_of(row))


def test_where_the_months_reads_run_short_the_preview_shows_polls_as_far_apart_as_they_will_be(
    database: Database,
) -> None:
    row = added(database, "[quickbooks.quota]\nreads_per_month = 1000\n", "slow")
    assert schedule.stretches_of(database, row, NOW) == {}
    used = MeterRow(connection_id=row.id, app_hash="app", day="2026-12-02", priority=Priority.BULK, reads=1000)
    with database.write() as tx:
        meters.count(tx, used)

    stretches = schedule.stretches_of(database, row, NOW)
    plans = schedule.plans_of(row)
    only = {job: plans[job] for job in (Job.CHANGES, Job.INVOICES)}
    runs = schedule.upcoming(only, NOW, 300, stretches)

    assert set(stretches) == {Job.CHANGES}
    polls = [run for job, run in runs if job is Job.CHANGES]
    assert polls[1].at - polls[0].at == timedelta(days=1)
    assert "to save metered reads" in polls[0].why
    assert all("save" not in run.why for job, run in runs if job is Job.INVOICES)
    days = calendar_of(only, NOW, 3, stretches)
    assert [day.runs.get("changes", 0) for day in days] == [0, 1, 1]


def test_what_runs_often_on_every_day_alike_is_told_once_of_all_days() -> None:
    def day(number: int, **runs: int) -> CalendarDay:
        return CalendarDay(day=date(2026, 12, number), runs=runs, times={"closing": ("23:00",)})

    days = [day(1, invoices=40), day(2, invoices=144), day(3, invoices=144, closing=1), day(4, invoices=72)]
    assert usual_runs(days) == {"invoices": 144}
