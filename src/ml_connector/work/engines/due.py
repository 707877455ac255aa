"""What is due, read from the tables each time: the timetable's rules applied to each job's past and to what is asked and announced.

A look costs four small queries whatever the number of connections. A job's next planned run is worked out once and kept in its
row; only when that moment has come, or something was asked or announced since, are the rules asked again.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

import msgspec

from ml_connector.model.timetable import Due, JobPlan
from ml_connector.rules.timetable import next_due
from ml_connector.store import connections, jobs, leases, notices
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Tx
from ml_connector.store.jobs import JobRow
from ml_connector.store.schema import System
from ml_connector.work.engines.workshop import Workshop
from ml_connector.work.jobs import METERED, TASK_TYPES, Job
from ml_connector.work.schedule import history_of, plans_of, stretch_of
from ml_connector.work.schedule_plans import make_plans
from ml_connector.work.schedule_settings import ScheduleSettings
from ml_connector.work.settings import SettingsError
from ml_connector.work.workers import has_died

_LOOK_AGAIN = timedelta(days=1)
"""The rules are asked at least this often, whatever they said last: a holiday list may have grown, a clock been set."""


class DueJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job that has to start now, and why."""

    row: ConnectionRow
    job: Job
    due: Due


class Plans:
    """The plans of connections by job, worked out anew when a connection's settings change."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[datetime, Mapping[Job, JobPlan]]] = {}

    def of(self, row: ConnectionRow) -> Mapping[Job, JobPlan]:
        """The plan of each job this connection has."""
        known = self._known.get(row.id)
        if known is None or known[0] != row.updated_at:
            known = self._known[row.id] = (row.updated_at, _plans(row))
        return known[1]


def _plans(row: ConnectionRow) -> Mapping[Job, JobPlan]:
    """The plans of a connection. One whose settings cannot be read keeps trying its main job, whose failure tells a person why."""
    try:
        return plans_of(row)
    except SettingsError:
        return {Job.INVOICES: make_plans(ScheduleSettings(), row.id)[Job.INVOICES]}


class _Picture(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a look needs, as it was at one moment."""

    now: datetime
    rows: list[ConnectionRow]
    past: Mapping[tuple[str, str], JobRow]
    announced: Mapping[tuple[str, System, str], datetime]
    held: Mapping[tuple[str, str], str]


def due_jobs(shop: Workshop, plans: Plans, only: Collection[str]) -> list[DueJob]:
    """Every job that has to start now, what waits longest first. `only`: names of connections, all of them when empty."""
    now = shop.clock.now()
    with shop.database.read() as tx:
        picture = _picture(tx, now, only)
    found, worked_out = list[DueJob](), list[tuple[JobRow, datetime]]()
    for row in picture.rows:
        for job, plan in plans.of(row).items():
            past = picture.past.get((row.id, job), JobRow(connection_id=row.id, job=job))
            if not _may_be_due(picture, row, job, past):
                continue
            due = _due(picture, row, job, plan, past, _stretch(shop, row, job, now))
            if due.at is not None and due.at <= now:
                found.append(DueJob(row=row, job=job, due=due))
            elif past.due_at is None or past.due_at <= now:
                worked_out.append((past, min(due.at or now + _LOOK_AGAIN, now + _LOOK_AGAIN)))
    if worked_out:
        with shop.database.write() as tx:
            for seen, at in worked_out:
                jobs.worked_out(tx, seen, at, now)
    return sorted(found, key=lambda one: one.due.at or now)


def due_now(shop: Workshop, plans: Plans, row: ConnectionRow, job: Job) -> bool:
    """Whether one job has to start now: asked again just before it starts, since another worker may have done it meanwhile."""
    return any(one.job is job for one in due_jobs(shop, plans, (row.name,)))


def _picture(tx: Tx, now: datetime, only: Collection[str]) -> _Picture:
    return _Picture(
        now=now,
        rows=[row for row in connections.list_all(tx) if not only or row.name in only],
        past=jobs.everything(tx),
        announced=notices.oldest_by_entity(tx),
        held=leases.held(tx, now),
    )


def _may_be_due(picture: _Picture, row: ConnectionRow, job: Job, past: JobRow) -> bool:
    """Whether it is worth asking the rules: nobody is at it, and its moment has come or something was asked or announced."""
    if past.paused_at is not None:
        return False
    holder = picture.held.get((row.id, job))
    if holder is not None and not has_died(holder):
        return False
    planned = past.due_at is None or past.due_at <= picture.now
    again = past.again_at is not None and past.again_at <= picture.now
    return (
        past.was_cut_off
        or planned
        or again
        or past.asked_at is not None
        or _announced(picture, row, job, past) is not None
    )


def _due(  # noqa: PLR0917
    picture: _Picture, row: ConnectionRow, job: Job, plan: JobPlan, past: JobRow, stretch: float
) -> Due:
    history = history_of(row, past, _announced(picture, row, job, past))
    return next_due(plan, history, picture.now, stretch)


def _stretch(shop: Workshop, row: ConnectionRow, job: Job, now: datetime) -> float:
    """How much longer the intervals of a job are, so that the month's metered reads last. Basware's are not metered."""
    if job not in METERED:
        return 1.0
    with shop.database.read() as tx:
        return stretch_of(tx, row, job, now)


def _announced(picture: _Picture, row: ConnectionRow, job: Job, past: JobRow) -> datetime | None:
    """Since when an announcement waits that asks for this job, None if none does.

    Changes come in bursts: once the job has seen a burst begin, it says itself when the burst is to be read.
    """
    if job is Job.CHANGES and past.again_at is not None and past.again_at > picture.now:
        return None
    if job is Job.CHANGES:
        waiting = [
            at for (one, system, _), at in picture.announced.items() if (one, system) == (row.id, System.QUICKBOOKS)
        ]
    else:
        keys = [(row.id, System.BASWARE, entity) for entity in TASK_TYPES.get(job, ())]
        waiting = [picture.announced[key] for key in keys if key in picture.announced]
    return min(waiting, default=None)
