"""`ml-connector schedule …`: when the jobs run and why; pausing, running now, reading again."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated

from cyclopts import App, Parameter

from ml_connector.app import App as Installation
from ml_connector.cli.options import Connection, Json
from ml_connector.cli.output import CommandError, ExitCode, print_json, print_table, say
from ml_connector.cli.session import opened, person
from ml_connector.model.timetable import JobPlan
from ml_connector.work import schedule
from ml_connector.work.jobs import Job
from ml_connector.work.schedule_views import CalendarDay, calendar_of, in_zone, planned_runs, scheduled_jobs

app = App(name="schedule", help="When the jobs run and why; pause, run now, read again.")

Despite = Annotated[str, Parameter(help="Why it may not wait for the end of a blackout or freeze.")]
Start = Annotated[
    datetime | None, Parameter(help="From when on, such as 2026-12-28 or 2026-12-28T14:00, in UTC; now when left out.")
]

_MOST_RUNS = 1000
_MOST_DAYS = 92


@app.command(name="list")
def list_(connection: Connection = "", *, json: Json = False) -> int:
    """List the jobs of a connection, each with its next run, why it runs then, and what keeps it back."""
    with opened() as installation:
        row, now = installation.connection(connection), installation.clock.now()
        with installation.database.read() as tx:
            shown = scheduled_jobs(tx, row, now)
    if json:
        print_json(shown)
        return ExitCode.DONE
    rows = [
        (
            one.job,
            ("now" if one.due_at <= now else one.local) if one.due_at else "not by itself",
            one.why + (f"; to be read again from {one.backfill_from} on" if one.backfill_from else ""),
            "; ".join(one.plan) or "only when asked",
            in_zone(one.last_success, one.time_zone) if one.last_success else "never",
        )
        for one in shown
    ]
    print_table("", ("Job", "Next run", "Why", "Plan", "Last success"), rows)
    return ExitCode.DONE


@app.command
def preview(
    job: Job | None = None, *, connection: Connection = "", count: int = 10, start: Start = None, json: Json = False
) -> int:
    """Show the next planned runs of one job, or of all together, with the reason for each.

    Parameters
    ----------
    job
        The job; all of them when left out.
    count
        How many runs.
    """
    if not 1 <= count <= _MOST_RUNS:
        raise CommandError(f"The number of runs must be from 1 to {_MOST_RUNS}.")
    with opened() as installation:
        plans, stretches = _chosen(installation, connection, job)
        runs = planned_runs(plans, _moment(installation, start), count, stretches)
    if json:
        print_json(runs)
    elif not runs:
        say("No run is planned. What is announced by webhook or asked for runs all the same.")
    else:
        print_table("", ("When", "Job", "Why"), [(run.local, run.job, run.why) for run in runs])
    return ExitCode.DONE


@app.command
def calendar(
    job: Job | None = None, *, connection: Connection = "", days: int = 7, start: Start = None, json: Json = False
) -> int:
    """Show a calendar of the planned runs, a line for each day and a column for each job.

    Parameters
    ----------
    job
        The job; all of them when left out.
    days
        How many days.
    """
    if not 1 <= days <= _MOST_DAYS:
        raise CommandError(f"The number of days must be from 1 to {_MOST_DAYS}.")
    with opened() as installation:
        plans, stretches = _chosen(installation, connection, job)
        shown = calendar_of(plans, _moment(installation, start), days, stretches)
    if json:
        print_json(shown)
    else:
        names = [one.value for one in plans]
        print_table("", ("Day", *names), [(f"{day.day:%a %Y-%m-%d}", *_cells(day, names)) for day in shown])
    return ExitCode.DONE


def _cells(day: CalendarDay, names: list[str]) -> list[str]:
    return [" ".join(day.times[name]) if name in day.times else _counted(day.runs.get(name, 0)) for name in names]


def _counted(runs: int) -> str:
    return f"{runs} runs" if runs else ""


def _chosen(
    installation: Installation, connection: str, job: Job | None
) -> tuple[dict[Job, JobPlan], Mapping[Job, float]]:
    """The plans of the chosen jobs, and how much longer their intervals are just now."""
    row = installation.connection(connection)
    plans = schedule.plans_of(row)
    if job is not None and job not in plans:
        raise CommandError(f"The connection {row.name} has no job {job}: it is switched off in its settings.")
    chosen = {one: plan for one, plan in plans.items() if job in {None, one}}
    return chosen, schedule.stretches_of(installation.database, row, installation.clock.now())


def _moment(installation: Installation, start: datetime | None) -> datetime:
    now = installation.clock.now()
    if start is None:
        return now
    return start if start.tzinfo else start.replace(tzinfo=now.tzinfo)


@app.command
def pause(job: Job | None = None, *, reason: str, connection: Connection = "", json: Json = False) -> int:
    """Let a job, or the whole connection, start no more by itself. A run under way ends in peace; nothing that waits is lost.

    Parameters
    ----------
    job
        The job; the whole connection when left out (the sign-in is kept alive).
    reason
        Why, for whoever finds it paused.
    """
    with opened() as installation:
        row, now = installation.connection(connection), installation.clock.now()
        schedule.pause(installation.database, row, job, reason=reason, actor=person(), now=now)
    what = f"The job {job} of {row.name}" if job else f"The connection {row.name}"
    say(f"{what} is paused. Go on with: ml-connector schedule resume{f' {job}' if job else ''}")
    if json:
        print_json({"connection": row.name, "job": job.value if job else "", "paused": True, "reason": reason})
    return ExitCode.DONE


@app.command
def resume(job: Job | None = None, *, reason: str = "", connection: Connection = "", json: Json = False) -> int:
    """Let a paused job or connection go on. Runs it missed are made up for by one.

    Parameters
    ----------
    job
        The job; the whole connection when left out.
    reason
        Why.
    """
    with opened() as installation:
        row, now = installation.connection(connection), installation.clock.now()
        still = schedule.resume(installation.database, row, job, reason=reason, actor=person(), now=now)
    say(f"{f'The job {job} of {row.name}' if job else f'The connection {row.name}'} goes on.")
    if still:
        say(f"Still paused by themselves: {', '.join(still)}")
    if json:
        print_json({"connection": row.name, "job": job.value if job else "", "paused": False, "still_paused": still})
    return ExitCode.DONE


@app.command
def run(job: Job, *, connection: Connection = "", despite: Despite = "", json: Json = False) -> int:
    """Have a job run now, whatever its plan says: as soon as `ml-connector work` looks, which is within seconds.

    Parameters
    ----------
    job
        The job.
    """
    with opened() as installation:
        row, now = installation.connection(connection), installation.clock.now()
        schedule.run_now(installation.database, row, job, despite=despite, actor=person(), now=now)
    say(f"The job {job} of {row.name} is asked for.")
    if json:
        print_json({"connection": row.name, "job": job.value, "asked_at": now, "backfill_from": ""})
    return ExitCode.DONE


@app.command
def backfill(job: Job, since: date, *, connection: Connection = "", despite: Despite = "", json: Json = False) -> int:
    """Have a job read again, once, everything that changed from a day on. What is here already and unchanged stays as it is.

    Parameters
    ----------
    job
        The job. What each can read again depends on the other system; docs/backfill.md says what.
    since
        The first day, such as 2026-10-01, in UTC.
    """
    with opened() as installation:
        row, now = installation.connection(connection), installation.clock.now()
        schedule.run_now(installation.database, row, job, despite=despite, actor=person(), now=now, backfill=since)
    say(f"The job {job} of {row.name} reads again from {since} on, as soon as it runs.")
    if json:
        print_json({"connection": row.name, "job": job.value, "asked_at": now, "backfill_from": since.isoformat()})
    return ExitCode.DONE
