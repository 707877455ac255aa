"""What ran, as people are shown it. Read only."""

from datetime import datetime

import msgspec

from ml_connector.store import job_runs
from ml_connector.store.job_runs import JobRun
from ml_connector.store.schema import RunEnding
from ml_connector.work.desk import Desk

PAGE = 50
"""Runs on one page."""


class RunLine(msgspec.Struct, frozen=True, kw_only=True):
    """One run. `told` is what it did, or why it failed; `asked_by` who wanted it, empty when its plan did."""

    id: int
    job: str
    started_at: datetime
    finished_at: datetime
    seconds: float
    ending: str
    told: str
    asked_by: str
    worker: str


def run_lines(
    desk: Desk, *, job: str = "", failed: bool = False, before: int = 0, size: int = PAGE
) -> tuple[list[RunLine], int]:
    """A page of runs, newest first, and where the next page begins; 0 where there is none."""
    ending = RunEnding.FAILED if failed else None
    with desk.database.read() as tx:
        rows = job_runs.listing(tx, desk.connection_id, job=job, ending=ending, before=before, limit=size + 1)
    shown = [_line(row) for row in rows[:size]]
    return shown, shown[-1].id if len(rows) > size else 0


def _line(row: JobRun) -> RunLine:
    return RunLine(
        id=row.id, job=row.job, started_at=row.started_at, finished_at=row.finished_at,
        seconds=(row.finished_at - row.started_at).total_seconds(), ending=row.ending.value, told=row.told,
        asked_by=row.asked_by, worker=row.worker,
    )  # fmt: skip
