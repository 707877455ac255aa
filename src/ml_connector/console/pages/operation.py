"""How the work goes on: runs, schedules with a calendar of what is planned, polling with its lag, request budgets.

When a job runs is decided in `work/schedule.py`; here people look, start, pause and resume.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from ml_connector.console.paging import Number, everything_before
from ml_connector.console.screens import Console
from ml_connector.console.trouble import NotFoundError
from ml_connector.model.people import Right
from ml_connector.store.connections import ConnectionRow
from ml_connector.work import schedule
from ml_connector.work.budget_view import budget_history, budget_view
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.shown import feed_lines
from ml_connector.work.jobs import Job
from ml_connector.work.runs import RunLine, run_lines
from ml_connector.work.schedule_views import calendar_of, planned_runs, scheduled_jobs, usual_runs

DAYS = 14
"""Days in the calendar."""
RUNS = 10
"""Planned runs that are listed."""
_BACK = frozenset({"today", "needs-you", "runs", "schedules", "feeds"})
_RUNS_CSV = ("job", "began", "ended", "seconds", "ending", "result", "asked by", "worker")
_WORDS = {job: job.value.replace("-", " ").capitalize() for job in Job}

Text = Annotated[str, Form()]


class _Screens:
    """The addresses of runs, schedules, feeds and budget below /c/{connection}."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def runs(
        self, request: Request, connection: str, *, job: str = "", failed: bool = False, before: Number = 0,
        format: str = "",  # noqa: A002
    ) -> Response:  # fmt: skip
        """A page of what ran, newest first; as CSV all that fit."""
        if format == "csv":

            def rows(desk: Desk) -> Iterator[tuple[object, ...]]:
                return map(_csv_row, everything_before(partial(_runs, desk, job, failed), lambda one: one.id))

            return self._console.table(request, connection, "runs.csv", _RUNS_CSV, rows)
        with self._console.desk(request, connection) as desk:
            lines, older = run_lines(desk, job=job, failed=failed, before=before)
        return self._console.page(
            request,
            "operation/runs.html",
            connection=connection,
            lines=lines,
            job=job,
            failed=failed,
            older=older,
            jobs=_WORDS,
        )

    def schedules(self, request: Request, connection: str) -> Response:
        """When each job runs and why."""
        row, app = self._console.connection(request, connection), self._console.app
        now, plans = app.clock.now(), schedule.plans_of(row)
        stretches = schedule.stretches_of(app.database, row, now)
        with app.database.read() as tx:
            shown = scheduled_jobs(tx, row, now)
        return self._console.page(
            request, "operation/schedules.html", connection=connection, jobs=shown, names=_WORDS,
            runs=planned_runs(plans, now, RUNS, stretches),
        )  # fmt: skip

    def calendar(self, request: Request, connection: str, days: Number = DAYS) -> Response:
        """The days to come, each with what is planned: a page of its own, and a part of the schedules that comes a moment later."""
        row, app = self._console.connection(request, connection), self._console.app
        now, plans, number = app.clock.now(), schedule.plans_of(row), min(max(days, 1), 92)
        shown = calendar_of(plans, now, number, schedule.stretches_of(app.database, row, now))
        as_part = request.headers.get("HX-Request") == "true"
        answer = self._console.part if as_part else self._console.page
        template = "operation/calendar.html" if as_part else "operation/calendar_page.html"
        return answer(request, template, connection=connection, calendar=shown, days=number, usual=usual_runs(shown))

    def feeds(self, request: Request, connection: str, format: str = "") -> Response:  # noqa: A002
        """How old what is known of each feed may be."""
        with self._console.desk(request, connection) as desk:
            lines = feed_lines(desk)
        if format == "csv":
            header = ("job", "state", "lag in seconds", "last success", "waiting", "next run", "problem")
            rows = [
                (one.job, one.state, one.lag_seconds, one.last_success, one.waiting, one.next_due, one.problem)
                for one in lines
            ]
            return self._console.csv("polling.csv", header, rows)
        return self._console.page(request, "operation/feeds.html", connection=connection, lines=lines)

    def budget(self, request: Request, connection: str, format: str = "") -> Response:  # noqa: A002
        """Requests of the last minute, and the month's metered reads."""
        row, app = self._console.connection(request, connection), self._console.app
        with app.database.read() as tx:
            view, days = budget_view(tx, row, app.clock.now()), budget_history(tx, row, app.clock.now())
        if format == "csv":
            header = ("day", "metered reads", "writes", "refused", "stretch")
            rows = [(one.day, one.reads, one.writes, one.refused, one.stretch) for one in days]
            return self._console.csv("budget.csv", header, rows)
        return self._console.page(request, "operation/budget.html", connection=connection, view=view, days=days)

    # what people do

    def run(self, request: Request, connection: str, job: Text, despite: Text = "", back: Text = "") -> Response:
        """Have a job run as soon as an engine looks."""
        with self._deciding(request, connection) as (row, actor):
            wanted, now = _job(job), self._console.app.clock.now()
            schedule.run_now(self._console.app.database, row, wanted, despite=despite, actor=actor, now=now)
        return self._done(request, connection, f"{_WORDS[wanted]}: runs as soon as a worker looks.", back)

    def pause(self, request: Request, connection: str, job: Text = "", reason: Text = "", back: Text = "") -> Response:
        """Let a job, or with no job all of the connection, start no more by itself."""
        with self._deciding(request, connection) as (row, actor):
            one, now = _job(job) if job else None, self._console.app.clock.now()
            schedule.pause(self._console.app.database, row, one, reason=reason, actor=actor, now=now)
        what = _WORDS[one] if one else "Everything of this connection"
        return self._done(request, connection, f"{what}: paused. What runs at the moment ends in peace.", back)

    def resume(self, request: Request, connection: str, job: Text = "", reason: Text = "", back: Text = "") -> Response:
        """Let it start again."""
        with self._deciding(request, connection) as (row, actor):
            one, now = _job(job) if job else None, self._console.app.clock.now()
            still = schedule.resume(self._console.app.database, row, one, reason=reason, actor=actor, now=now)
        what = _WORDS[one] if one else "Everything of this connection"
        rest = f" Still paused by themselves: {', '.join(_WORDS[each] for each in still)}." if still else ""
        return self._done(request, connection, f"{what}: goes on; missed runs are made up for by one.{rest}", back)

    @contextmanager
    def _deciding(self, request: Request, connection: str) -> Iterator[tuple[ConnectionRow, str]]:
        row = self._console.connection(request, connection, Right.DECIDE)
        yield row, self._console.visitor(request).actor

    def _done(self, request: Request, connection: str, words: str, back: str) -> Response:
        place = back if back in _BACK else "schedules"
        return self._console.done(request, words, to=f"/c/{quote(connection)}/{place}")


def _runs(desk: Desk, job: str, failed: bool, before: int, size: int) -> list[RunLine]:
    return run_lines(desk, job=job, failed=failed, before=before, size=size)[0]


def _csv_row(one: RunLine) -> tuple[object, ...]:
    return one.job, one.started_at, one.finished_at, one.seconds, one.ending, one.told, one.asked_by, one.worker


def _job(name: str) -> Job:
    try:
        return Job(name)
    except ValueError as error:
        raise NotFoundError from error


def router(console: Console) -> APIRouter:
    """GET /c/{connection}/runs, schedules, feeds, budget; POST schedules/run, pause, resume."""
    routes, screens = APIRouter(include_in_schema=False), _Screens(console)
    for name in ("runs", "schedules", "feeds", "budget"):
        routes.get(f"/c/{{connection}}/{name}")(getattr(screens, name))
    routes.get("/c/{connection}/schedules/calendar")(screens.calendar)
    for name in ("run", "pause", "resume"):
        routes.post(f"/c/{{connection}}/schedules/{name}")(getattr(screens, name))
    return routes
