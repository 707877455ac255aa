"""What people are shown of a schedule: each job with its next run and why, the runs to come, a calendar of days. Read only."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

import msgspec

from ml_connector.model.timetable import At, Cron, Every, JobPlan, OnNotice, Trigger, Within
from ml_connector.rules.blackouts import closed_at
from ml_connector.rules.calendar import local_date, start_of_day
from ml_connector.rules.timetable import moments
from ml_connector.rules.triggers import spell
from ml_connector.store import jobs
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Tx
from ml_connector.store.jobs import JobRow
from ml_connector.work.jobs import ABOUT, Job
from ml_connector.work.schedule import due_of, paused_why, plans_of, upcoming

_TIMES_SHOWN = 4


class ScheduledJob(msgspec.Struct, frozen=True, kw_only=True):
    """One job: when it is due and why, by which plan, and what keeps it back. `local` is `due_at` in the company's zone."""

    job: str
    about: str
    due_at: datetime | None
    local: str
    why: str
    by: str
    plan: tuple[str, ...]
    time_zone: str
    paused: str
    blackout: str
    asked_by: str
    backfill_from: str
    last_started: datetime | None
    last_success: datetime | None
    failures: int
    problem: str


class PlannedRun(msgspec.Struct, frozen=True, kw_only=True):
    """One run to come. `local` is `at` in the company's zone."""

    job: str
    at: datetime
    local: str
    why: str


class CalendarDay(msgspec.Struct, frozen=True, kw_only=True):
    """One day in the company's zone: for each job with runs on it how many, and at which times if they are few."""

    day: date
    runs: dict[str, int]
    times: dict[str, tuple[str, ...]]


def scheduled_jobs(tx: Tx, row: ConnectionRow, now: datetime) -> list[ScheduledJob]:
    """Every job this connection has, in the order in which jobs are listed everywhere."""
    return [_shown(tx, row, job, plan, now) for job, plan in plans_of(row).items()]


def _shown(tx: Tx, row: ConnectionRow, job: Job, plan: JobPlan, now: datetime) -> ScheduledJob:
    past: JobRow = jobs.get(tx, row.id, job)
    due, closed = due_of(tx, row, job, plan, now), closed_at(plan, now)
    return ScheduledJob(
        job=job.value,
        about=ABOUT[job],
        due_at=due.at,
        local=in_zone(due.at, plan.zone) if due.at else "",
        why=due.why,
        by=due.by.value,
        plan=tuple(_told(one) for one in plan.triggers),
        time_zone=plan.zone,
        paused=paused_why(row, past),
        blackout=closed.reason if closed else "",
        asked_by=past.asked_by,
        backfill_from=past.backfill_from,
        last_started=past.started_at,
        last_success=past.succeeded_at,
        failures=past.failures,
        problem=past.problem,
    )


def _told(trigger: Trigger) -> str:
    """A trigger for people."""
    match trigger:
        case Every():
            return f"every {spell(trigger.interval)}"
        case Within():
            return f"{trigger.name}: every {spell(trigger.interval)}"
        case At() if trigger.offset:
            side = "before" if trigger.offset < timedelta() else "after"
            return f"{spell(abs(trigger.offset))} {side} {trigger.name}"
        case At():
            return trigger.name
        case Cron():
            return f"{trigger.expression} ({trigger.zone})"
        case OnNotice():
            return f"after {trigger.what}"


def planned_runs(
    chosen: Mapping[Job, JobPlan], start: datetime, count: int, stretches: Mapping[Job, float]
) -> list[PlannedRun]:
    """The next planned runs of the chosen jobs together. `stretches`: how much longer intervals are, by job."""
    return [
        PlannedRun(job=job.value, at=run.at, local=in_zone(run.at, chosen[job].zone), why=run.why)
        for job, run in upcoming(chosen, start, count, stretches)
    ]


def calendar_of(
    chosen: Mapping[Job, JobPlan], start: datetime, days: int, stretches: Mapping[Job, float]
) -> list[CalendarDay]:
    """The runs of some days, beginning with what is left of today. `stretches`: how much longer intervals are, by job."""
    shown = list[CalendarDay]()
    if not chosen:
        return shown
    zone = next(iter(chosen.values())).zone
    first, there = local_date(start, zone), ZoneInfo(zone)
    ends = [start_of_day(first + timedelta(days=number), zone) for number in range(1, days + 1)]
    by_day: list[dict[str, list[datetime]]] = [{} for _ in ends]
    for job, plan in chosen.items():
        for at in takewhile(ends[-1].__gt__, moments(plan, start, stretches.get(job, 1.0))):
            by_day[bisect_right(ends, at)].setdefault(job.value, []).append(at)
    for number, runs in enumerate(by_day):
        few = {
            job: tuple(f"{one.astimezone(there):%H:%M}" for one in times)
            for job, times in runs.items()
            if len(times) <= _TIMES_SHOWN
        }
        shown.append(
            CalendarDay(
                day=first + timedelta(days=number), runs={job: len(times) for job, times in runs.items()}, times=few
            )
        )
    return shown


def usual_runs(days: Sequence[CalendarDay]) -> dict[str, int]:
    """How often each job runs on most of the whole days, of the jobs that run too often to name the times: what a calendar need
    not repeat day by day."""
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    for day in days[1:]:
        for job, number in day.runs.items():
            if job not in day.times:
                counts[job][number] += 1
    return {job: numbers.most_common(1)[0][0] for job, numbers in counts.items()}


def in_zone(at: datetime, zone: str) -> str:
    """A moment for people of a zone, with the zone's abbreviation: it tells the two hours apart when the clock is put back."""
    return f"{at.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M:%S %Z}"
