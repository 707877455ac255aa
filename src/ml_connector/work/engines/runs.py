"""One run of one job: the lease taken, the run noted, the job done, and whatever came of it written down.

A failure is kept with the job and told in words; when the job may be tried again follows from how often it failed. Nothing a job
raises ends the engine: the other companies' work goes on.
"""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from enum import StrEnum

import msgspec

from ml_connector.basware import errors as basware
from ml_connector.quickbooks import errors as quickbooks
from ml_connector.quickbooks.wire import UnreadableError
from ml_connector.rules.timetable import retry_after
from ml_connector.store import alerts, job_runs, jobs, notices
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Tx
from ml_connector.store.errors import DatabaseUnavailableError, StoreError
from ml_connector.store.job_runs import JobRun
from ml_connector.store.jobs import JobRow
from ml_connector.store.schema import NoticeState, RunEnding, Severity, System
from ml_connector.work.desk import ConnectionBusyError, Desk
from ml_connector.work.engine import TRY_LATER
from ml_connector.work.engines.heart import LEASE_SECONDS
from ml_connector.work.engines.workshop import Workshop
from ml_connector.work.jobs import TASK_TYPES, Job, JobReport
from ml_connector.work.registry import PERFORM
from ml_connector.work.settings import SettingsError
from ml_connector.work.tenure import StoppedError

logger = logging.getLogger(__name__)

FAILING = "job failing"
"""The kind of alert that says a job does not get through."""

KNOWN = (quickbooks.QuickBooksError, basware.BaswareError, UnreadableError, StoreError, SettingsError)
"""What a job may raise: the other system said no or nothing, or something stored cannot be used. All tell people what to do."""

_PATIENCE = 3
"""Failures that end by themselves, in a row, before a person is told."""

_CUT_OFF = (
    "was cut off {times} times in a row: the process that did it ended without a word each time. Look into the log and at the "
    "machine's memory. It is tried again, with longer and longer pauses."
)

Heart = Callable[[Desk], AbstractContextManager[None]]
"""Keeps a desk's lease alive while a job runs."""


class Ending(StrEnum):
    """How a run ended. `busy`: another worker was at it, and nothing was done here."""

    DONE = "done"
    FAILED = "failed"
    BUSY = "busy"


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a job, as an engine reports it. `problem` is in words, empty when it went through."""

    connection: str
    job: Job
    ending: Ending
    report: JobReport | None = None
    problem: str = ""


def run_job(
    shop: Workshop,
    row: ConnectionRow,
    job: Job,
    *,
    worker: str,
    heart: Heart | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> Run:
    """Do a job once. Never raises for what goes wrong in it; a database that cannot be reached is the caller's to handle."""
    try:
        desk = shop.desk_for(row, job, worker, stopping)
    except DatabaseUnavailableError:
        raise
    except (StoreError, SettingsError) as error:
        return _cannot_start(shop, row, job, error)
    if heart is not None:
        desk.tenure.seconds = LEASE_SECONDS  # renewed while the job runs, so it need not outlast a whole call
    try:
        desk.take_lease()
    except ConnectionBusyError:
        desk.close()
        return Run(connection=row.name, job=job, ending=Ending.BUSY)
    try:
        with heart(desk) if heart else nullcontext():
            return _perform(desk, row, job)
    except ConnectionBusyError as error:
        return Run(connection=row.name, job=job, ending=Ending.BUSY, problem=str(error))
    finally:
        desk.close()
        desk.write_calls()
        desk.release_lease()


def _perform(desk: Desk, row: ConnectionRow, job: Job) -> Run:
    begun = desk.clock.now()
    with desk.write() as tx:
        before = jobs.get(tx, row.id, job, lock=True)
        cut_offs = before.cut_offs + 1 if before.was_cut_off else 0
        jobs.change(
            tx, row.id, job, begun, started_at=begun, again_at=None, cut_offs=cut_offs
        )  # what comes up from here on is for the next run
        if cut_offs >= _PATIENCE:
            _alert(tx, row, job, f"The job {job} of {row.name} {_CUT_OFF.format(times=cut_offs)}", begun)
        announced = _announced(tx, row, job)
    try:
        report = PERFORM[job](desk)
    except StoppedError:
        with desk.write() as tx:
            jobs.change(
                tx, row.id, job, desk.clock.now(), cut_offs=0
            )  # its process was told to end and did so in order
        raise
    except (ConnectionBusyError, DatabaseUnavailableError):
        raise
    except KNOWN as error:
        # Of a sign-in that is over, one alert of its own tells; every job that waits for it need not tell as well.
        quiet = isinstance(error, quickbooks.SignInNeeded)
        return _failed(desk, row, job, str(error), before, begun, passing=isinstance(error, TRY_LATER), quiet=quiet)
    except Exception as error:
        # A defect of ours in one job of one company; the engine and everybody else go on.
        logger.exception("%s of %s ended in a way nobody foresaw", job, row.name)
        problem = f"an unexpected error ({type(error).__name__}). This is a defect of ml-connector: please report it with the log."
        return _failed(desk, row, job, problem, before, begun, passing=False)
    now, known = desk.clock.now(), before.current_to if report.partial else begun
    with desk.write() as tx:
        meanwhile = jobs.get(tx, row.id, job, lock=True).again_at
        jobs.change(
            tx, row.id, job, now, finished_at=now, succeeded_at=now, failures=0, cut_offs=0, retry_at=None, problem="",
            outcome=report.outcome, due_at=None, again_at=report.again_at, current_to=report.current_to or known,
        )  # fmt: skip
        if meanwhile is not None:
            jobs.bring_forward(tx, row.id, job, meanwhile, now)  # another job has work for this one since it began
        if before.asked_at is not None:
            jobs.answered(tx, row.id, job, before.asked_at)
        notices.settle(tx, row.id, announced, NoticeState.DONE, now)
        _keep(tx, row, before, begun, now, RunEnding.DONE, report.outcome, desk.worker)
        alerts.clear(tx, row.id, kind=FAILING, subject=job, now=now)
    return Run(connection=row.name, job=job, ending=Ending.DONE, report=report)


def _keep(  # noqa: PLR0917
    tx: Tx,
    row: ConnectionRow,
    before: JobRow,
    begun: datetime,
    now: datetime,
    ending: RunEnding,
    told: str,
    worker: str,
) -> None:
    """Put a run that ended into the list of runs."""
    run = JobRun(
        id=0, job=before.job, started_at=begun, finished_at=now, ending=ending, told=told, worker=worker,
        asked_by=before.asked_by,
    )  # fmt: skip
    job_runs.add(tx, row.id, run)


def _announced(tx: Tx, row: ConnectionRow, job: Job) -> list[int]:
    """Basware's notices that this run makes up for: those that arrived before it began."""
    types = TASK_TYPES.get(job)
    if not types:
        return []
    return [one.id for one in notices.waiting(tx, row.id, System.BASWARE, entities=types, limit=10_000)]


def _failed(  # noqa: PLR0917
    desk: Desk,
    row: ConnectionRow,
    job: Job,
    problem: str,
    before: JobRow,
    begun: datetime,
    *,
    passing: bool,
    quiet: bool = False,
) -> Run:
    """Write a failure down; `passing`: it may end by itself, so a person is told only when it does not. `quiet`: told elsewhere."""
    now = desk.clock.now()
    with desk.write() as tx:
        failures = _note_failure(tx, row, job, problem, now, begun)
        _keep(tx, row, before, begun, now, RunEnding.FAILED, problem, desk.worker)
        if before.again_at is not None:
            jobs.bring_forward(tx, row.id, job, before.again_at, now)  # what it was to go on with is still to be done
        if not quiet and (not passing or failures >= _PATIENCE):
            _alert(tx, row, job, f"The job {job} of {row.name} does not get through: {problem}", now)
    logger.warning("%s of %s failed: %s", job, row.name, problem)
    return Run(connection=row.name, job=job, ending=Ending.FAILED, problem=problem)


def _cannot_start(shop: Workshop, row: ConnectionRow, job: Job, error: Exception) -> Run:
    now = shop.clock.now()
    with shop.database.write() as tx:
        _note_failure(tx, row, job, str(error), now, now)
        _alert(tx, row, job, f"The job {job} of {row.name} cannot start: {error}", now)
    logger.warning("%s of %s cannot start: %s", job, row.name, error)
    return Run(connection=row.name, job=job, ending=Ending.FAILED, problem=str(error))


def _note_failure(  # noqa: PLR0917
    tx: Tx, row: ConnectionRow, job: Job, problem: str, now: datetime, begun: datetime
) -> int:
    """How often the job failed in a row by now.

    Whoever asked for it since it began may have removed what made it fail, by signing in again for example: it is tried at once.
    """
    known = jobs.get(tx, row.id, job, lock=True)
    failures = known.failures + 1
    asked_since = known.asked_at is not None and known.asked_at > begun
    retry_at = None if asked_since else now + retry_after(failures, f"{row.id}/{job}")
    jobs.change(
        tx, row.id, job, now, finished_at=now, failures=failures, cut_offs=0, retry_at=retry_at, due_at=None,
        problem=problem,
    )  # fmt: skip
    return failures


def _alert(tx: Tx, row: ConnectionRow, job: Job, message: str, now: datetime) -> None:
    alerts.raise_(tx, row.id, kind=FAILING, subject=job, severity=Severity.ERROR, now=now, message=message)
