"""Schedules: when jobs run and why; running now, pausing, reading again."""

from datetime import date, datetime
from typing import Annotated, Any

import msgspec

from ml_connector.console.api.connections import MayBecause, Resting
from ml_connector.console.api.operation import Because, Call, InputError, Page, Paged, Text, reader, sliced, writer
from ml_connector.model.people import Right
from ml_connector.work import schedule
from ml_connector.work.jobs import Job
from ml_connector.work.schedule_views import (
    CalendarDay,
    PlannedRun,
    ScheduledJob,
    calendar_of,
    planned_runs,
    scheduled_jobs,
)

_DAYS = ("2000-01-01", "2100-01-01")
"""What is outside of these is a slip, and would keep the calendar busy for nothing."""


class PreviewQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which job's runs, from when on, and how many of them."""

    job: Job | None = None
    start: datetime | None = None
    count: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 10


class CalendarQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which job's days, from when on, and how many of them."""

    job: Job | None = None
    start: datetime | None = None
    days: Annotated[int, msgspec.Meta(ge=1, le=92)] = 7


class RunNow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`despite`: why the job may not wait for the end of a blackout. `since`: read again from this day on."""

    despite: Text = ""
    since: date | None = None


class AskedToRun(msgspec.Struct, frozen=True, kw_only=True):
    """The job that runs as soon as an engine looks."""

    connection: str
    job: Job
    asked_at: datetime
    backfill_from: date | None


def _jobs(call: Call) -> Page[ScheduledJob]:
    with call.app.database.read() as tx:
        return sliced(call.query, scheduled_jobs(tx, call.connection, call.now))


def _chosen(call: Call, job: Job | None) -> dict[Any, Any]:
    plans = schedule.plans_of(call.connection)
    if job is not None and job not in plans:
        raise InputError(f"The connection has no job {job}: it is switched off in its settings.")
    return {one: plan for one, plan in plans.items() if job in {None, one}}


def _start(call: Call, start: datetime | None) -> datetime:
    if start is None:
        return call.now
    moment = start if start.tzinfo else start.replace(tzinfo=call.now.tzinfo)
    if not date.fromisoformat(_DAYS[0]) <= moment.date() <= date.fromisoformat(_DAYS[1]):
        raise InputError(f"The start lies outside of {_DAYS[0]} to {_DAYS[1]}.")
    return moment


def _preview(call: Call) -> Page[PlannedRun]:
    query: PreviewQuery = call.query
    stretches = schedule.stretches_of(call.app.database, call.connection, call.now)
    return Page(items=planned_runs(_chosen(call, query.job), _start(call, query.start), query.count, stretches))


def _calendar(call: Call) -> Page[CalendarDay]:
    query: CalendarQuery = call.query
    stretches = schedule.stretches_of(call.app.database, call.connection, call.now)
    return Page(items=calendar_of(_chosen(call, query.job), _start(call, query.start), query.days, stretches))


def _run(call: Call) -> AskedToRun:
    body: RunNow = call.body
    job: Job = call.given["job"]
    schedule.run_now(
        call.app.database, call.connection, job, despite=body.despite, actor=call.visitor.actor, now=call.now,
        backfill=body.since,
    )  # fmt: skip
    return AskedToRun(connection=call.connection.name, job=job, asked_at=call.now, backfill_from=body.since)


def _pause(call: Call) -> Resting:
    body: Because = call.body
    job: Job = call.given["job"]
    schedule.pause(call.app.database, call.connection, job, reason=body.reason, actor=call.visitor.actor, now=call.now)
    return Resting(connection=call.connection.name, job=job.value, paused=True)


def _resume(call: Call) -> Resting:
    body: MayBecause = call.body
    job: Job = call.given["job"]
    schedule.resume(call.app.database, call.connection, job, reason=body.reason, actor=call.visitor.actor, now=call.now)
    return Resting(connection=call.connection.name, job=job.value, paused=False)


_TAG, _ALL = "schedules", "/connections/{connection}/jobs"
_MAY: dict[str, Any] = {"right": Right.DECIDE, "given": {"job": Job}}
OPERATIONS = (
    reader(_TAG, _ALL, "Jobs, each with its next run and why then", Page[ScheduledJob], _jobs, query=Paged),
    reader(
        _TAG,
        "/connections/{connection}/schedule/preview",
        "The next planned runs",
        Page[PlannedRun],
        _preview,
        query=PreviewQuery,
    ),
    reader(
        _TAG,
        "/connections/{connection}/schedule/calendar",
        "Planned runs by day",
        Page[CalendarDay],
        _calendar,
        query=CalendarQuery,
    ),
    writer(
        _TAG,
        f"{_ALL}/{{job}}/run",
        "Run a job now, perhaps reading again from a day on",
        AskedToRun,
        _run,
        body=RunNow,
        **_MAY,
    ),
    writer(_TAG, f"{_ALL}/{{job}}/pause", "Let a job start no more by itself", Resting, _pause, body=Because, **_MAY),
    writer(_TAG, f"{_ALL}/{{job}}/resume", "Let a job go on", Resting, _resume, body=MayBecause, **_MAY),
)
