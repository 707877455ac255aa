"""When the jobs of a connection run: their plans, their past, and what people decide about them, kept in the audit.

What is due follows from `rules/timetable.py` and nothing here; the engines and the command line ask the same functions.
"""

from collections.abc import Mapping
from datetime import date, datetime

from ml_connector.model.timetable import Closed, Due, JobHistory, JobPlan, Planned
from ml_connector.rules.blackouts import closed_at
from ml_connector.rules.timetable import next_due, next_run
from ml_connector.store import audit, connections, jobs, notices
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database, Tx
from ml_connector.store.jobs import JobRow
from ml_connector.store.schema import ConnectionState, System
from ml_connector.work.jobs import METERED, TASK_TYPES, Job
from ml_connector.work.meter import poll_stretch
from ml_connector.work.registry import enabled_jobs
from ml_connector.work.schedule_plans import make_plans
from ml_connector.work.schedule_settings import KEEPS_SIGNED_IN
from ml_connector.work.settings import ConnectionSettings, SettingsError, decode_settings

NO_BACKFILL: Mapping[Job, str] = {
    Job.ATTACHMENTS: "it looks through the documents of the last days by itself, every day",
    Job.MASTER_DATA: "it reads nothing from Basware: every run gives Basware what QuickBooks holds by then, however old",
    Job.PAYMENTS: "it works from the copies of QuickBooks; what was paid before the connection existed "
    "`ml-connector payments pick-up` tells",
    Job.SIGN_IN: "it reads no records, it only keeps the sign-in at QuickBooks alive",
}
"""Jobs for which reading again from a day on means nothing, and why. What the others can read again, each vendor's rules say:
`docs/backfill.md`. What is here already and unchanged stays as it is."""


class ScheduleError(Exception):
    """What somebody asked of a schedule cannot be done; the message says why, and what to do instead."""


def plans_of(row: ConnectionRow) -> Mapping[Job, JobPlan]:
    """The plan of each job this connection has. Raises SettingsError for stored settings that cannot be read."""
    settings = decode_settings(row.settings)
    plans, enabled = make_plans(settings.schedule, row.id), enabled_jobs(settings)
    return {job: plans[job] for job in Job if job in enabled}


def history_of(row: ConnectionRow, past: JobRow, oldest_notice_at: datetime | None) -> JobHistory:
    """What the rules have to know of a job's past."""
    return JobHistory(
        since=past.planned_from or row.created_at,
        last_started=past.started_at,
        last_finished=past.finished_at,
        failures=past.failures,
        cut_offs=past.cut_offs,
        retry_at=past.retry_at,
        asked_at=past.asked_at,
        asked_by=past.asked_by,
        despite=past.despite,
        again_at=past.again_at,
        oldest_notice_at=oldest_notice_at,
        paused=paused_why(row, past),
    )


def note_changed_plans(tx: Tx, before: ConnectionRow, settings: ConnectionSettings, now: datetime) -> None:
    """Settings are being replaced: earlier runs that only the old plan of a job, or only the new one, wanted are not made up for.

    Settings that an earlier version took and this one cannot read count as changed.
    """
    try:
        old = make_plans(decode_settings(before.settings).schedule, before.id)
    except SettingsError:
        old = {}
    for job, plan in make_plans(settings.schedule, before.id).items():
        if old.get(job) != plan:
            jobs.plan_changed(tx, before.id, job, now)


def paused_why(row: ConnectionRow, past: JobRow) -> str:
    """Who paused a job and why, in a sentence; empty if nobody did.

    The job that keeps the sign-in alive goes on while its connection is paused: after 100 days without it QuickBooks would
    ask for a new sign-in. It can be paused by itself.
    """
    if past.paused_at is not None:
        return f"{past.paused_by} paused it on {past.paused_at:%d %b %Y}: {past.pause_reason}"
    if row.paused_at is not None and past.job != KEEPS_SIGNED_IN:
        return f"{row.paused_by} paused the connection on {row.paused_at:%d %b %Y}: {row.pause_reason}"
    if row.state is ConnectionState.PAUSED:
        return f"the connection rests: {row.state_reason}"
    if row.setup_since is not None and past.job != KEEPS_SIGNED_IN:
        return f"{row.name} is being set up: nothing runs until somebody releases it"
    return ""


def oldest_notice(tx: Tx, connection_id: str, job: Job) -> datetime | None:
    """Since when an announcement waits that asks for this job, None if none does."""
    if job is Job.CHANGES:
        return notices.oldest_waiting(tx, connection_id, System.QUICKBOOKS)
    types = TASK_TYPES.get(job)
    return notices.oldest_waiting(tx, connection_id, System.BASWARE, types) if types else None


def stretch_of(tx: Tx, row: ConnectionRow, job: Job, now: datetime) -> float:
    """How much longer the intervals of a job are, so that the month's metered reads last. Basware's are not metered."""
    if job not in METERED:
        return 1.0
    try:
        quota = decode_settings(row.settings).quickbooks.quota
    except SettingsError:
        return 1.0  # the job itself says what is wrong with them
    return poll_stretch(tx, row.id, quota, now) if quota.reads_per_month else 1.0


def due_of(tx: Tx, row: ConnectionRow, job: Job, plan: JobPlan, now: datetime, past: JobRow | None = None) -> Due:  # noqa: PLR0917
    """When a job is due as things stand, and why. `past`: what it did so far, where that is known."""
    past = past or jobs.get(tx, row.id, job)
    history = history_of(row, past, oldest_notice(tx, row.id, job))
    return next_due(plan, history, now, stretch_of(tx, row, job, now))


def stretches_of(database: Database, row: ConnectionRow, now: datetime) -> Mapping[Job, float]:
    """How much longer the intervals of each job are just now; jobs that are not slowed are left out."""
    with database.read() as tx:
        found = {job: stretch_of(tx, row, job, now) for job in METERED}
    return {job: stretch for job, stretch in found.items() if stretch > 1}


def upcoming(
    chosen: Mapping[Job, JobPlan], start: datetime, count: int, stretches: Mapping[Job, float]
) -> list[tuple[Job, Planned]]:
    """The next planned runs of several jobs together, in the order of time. Paused or not: what the plans want.

    Intervals are as long as `stretches` says: as they would be if the month's reads went on as they do.
    """

    def following(job: Job, after: datetime) -> Planned | None:
        return next_run(chosen[job], after, stretches.get(job, 1.0))

    waiting = {job: run for job in chosen if (run := following(job, start)) is not None}
    runs = list[tuple[Job, Planned]]()
    while waiting and len(runs) < count:
        job = min(waiting, key=lambda one: (waiting[one].at, list(chosen).index(one)))
        run = waiting.pop(job)
        runs.append((job, run))
        if (next_one := following(job, run.at)) is not None:
            waiting[job] = next_one
    return runs


# What people decide


def pause(database: Database, row: ConnectionRow, job: Job | None, *, reason: str, actor: str, now: datetime) -> None:
    """Let a job, or with None everything of a connection, start no more by itself. What runs at the moment ends in peace.

    Raises ScheduleError when it is paused already.
    """
    _require_reason(reason)
    with database.write() as tx:
        fresh = connections.get(tx, row.id)
        past = jobs.get(tx, row.id, job) if job else None
        if (past or fresh).paused_at is not None:
            raise ScheduleError(
                f"{paused_why(fresh, past or JobRow(connection_id=row.id, job=''))}. Nothing was changed."
            )
        if job is None:
            connections.pause(tx, row.id, by=actor, reason=reason, now=now)
        else:
            jobs.change(tx, row.id, job, now, paused_at=now, paused_by=actor, pause_reason=reason, due_at=None)
        audit.record(tx, row.id, at=now, actor=actor, action="paused", subject=job or row.name, reason=reason)


def resume(
    database: Database, row: ConnectionRow, job: Job | None, *, reason: str, actor: str, now: datetime
) -> list[Job]:
    """Let a job, or with None a connection, start again; runs missed meanwhile are made up for by one.

    Returns jobs that stay paused by themselves after their connection goes on. Raises ScheduleError when nothing was paused.
    """
    with database.write() as tx:
        fresh = connections.get(tx, row.id)
        rows = jobs.of_connection(tx, row.id)
        if job is None and fresh.paused_at is None:
            setup = (
                f" It is being set up; release it with: ml-connector connection release {row.name}"
                if fresh.setup_since
                else ""
            )
            raise ScheduleError(f"The connection {row.name} is not paused.{_paused_jobs(rows)}{setup}")
        if job is not None and rows.get(job, JobRow(connection_id=row.id, job=job)).paused_at is None:
            whole = f" But {paused_why(fresh, JobRow(connection_id=row.id, job=job))}." if fresh.paused_at else ""
            raise ScheduleError(f"The job {job} is not paused by itself.{whole}")
        if job is None:
            connections.resume(tx, row.id, now)
        else:
            jobs.change(tx, row.id, job, now, paused_at=None, paused_by="", pause_reason="", due_at=None)
        for one in rows if job is None else ():
            jobs.change(tx, row.id, one, now, due_at=None)
        audit.record(tx, row.id, at=now, actor=actor, action="resumed", subject=job or row.name, reason=reason)
    return [Job(name) for name, one in rows.items() if job is None and one.paused_at is not None]


def _paused_jobs(rows: Mapping[str, JobRow]) -> str:
    names = [name for name, one in rows.items() if one.paused_at is not None]
    return f" Paused by themselves: {', '.join(names)}; name the job to resume it." if names else ""


def run_now(
    database: Database,
    row: ConnectionRow,
    job: Job,
    *,
    despite: str,
    actor: str,
    now: datetime,
    backfill: date | None = None,
) -> None:
    """Have a job run as soon as an engine looks. `despite`: why even within a blackout. `backfill`: read again from this day on.

    Raises ScheduleError when the job is paused, the connection has no such job, or there is a blackout and no reason to ignore it.
    """
    if backfill is not None and job in NO_BACKFILL:
        raise ScheduleError(f"The job {job} cannot read again from a day on: {NO_BACKFILL[job]}.")
    if backfill is not None and backfill > now.date():
        raise ScheduleError(f"{backfill} lies ahead. Name the day from which on everything is to be read again.")
    with database.write() as tx:
        closed = require_may_run(tx, row, job, despite=despite, now=now)
        jobs.ask(tx, row.id, job, now, actor, despite=despite.strip() if closed else "")
        if backfill is not None:
            jobs.change(tx, row.id, job, now, backfill_from=backfill.isoformat())
        audit.record(
            tx, row.id, at=now, actor=actor, action="asked to run" if backfill is None else "asked to read again",
            subject=job, after="" if backfill is None else f"from {backfill}", reason=despite.strip(),
        )  # fmt: skip


def note_run_despite(tx: Tx, row: ConnectionRow, job: Job, *, despite: str, actor: str, now: datetime) -> None:
    """Keep who ran a job by hand within a blackout, and why."""
    audit.record(tx, row.id, at=now, actor=actor, action="run despite a blackout", subject=job, reason=despite.strip())


def require_may_run(tx: Tx, row: ConnectionRow, job: Job, *, despite: str, now: datetime) -> Closed | None:
    """Raises ScheduleError when a person may not start a job now: it is paused, switched off, or kept back by a blackout.

    With a reason to start it `despite` a blackout that is no obstacle; the blackout is returned.
    """
    fresh, past = connections.get(tx, row.id), jobs.get(tx, row.id, job)
    plan = plans_of(fresh).get(job)
    if plan is None:
        raise ScheduleError(f"The connection {row.name} has no job {job}: it is switched off in its settings.")
    if why := paused_why(fresh, past):
        paused = past.paused_at is not None or fresh.paused_at is not None
        what = f" {job}" if past.paused_at is not None else ""
        raise ScheduleError(f"{why}." + (f" Resume it first: ml-connector schedule resume{what}" if paused else ""))
    closed = closed_at(plan, now)
    if closed is not None and not despite.strip():
        raise ScheduleError(_told(job, closed))
    return closed


def _told(job: Job, closed: Closed) -> str:
    until = "" if closed.until is None else f" until {closed.until:%Y-%m-%d %H:%M} UTC"
    return (
        f"The job {job} may not run now: {closed.reason}{until}. It runs by itself after that. "
        'To run it all the same, say why: --despite "…"'
    )


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise ScheduleError("A pause needs a reason, for whoever finds it later.")
