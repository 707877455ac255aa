"""Runs of jobs, one row for each that ended: what it did or why it failed, in the words people are shown."""

from datetime import datetime

import msgspec
from sqlalchemy import delete, insert, select

from ml_connector.store.database import Tx
from ml_connector.store.rows import as_structs
from ml_connector.store.schema import RunEnding, job_runs


class JobRun(msgspec.Struct, frozen=True, kw_only=True):
    """One run. `told` is what it did, or the problem; `asked_by` who wanted it, empty when its plan did."""

    id: int
    job: str
    started_at: datetime
    finished_at: datetime
    ending: RunEnding
    told: str
    worker: str
    asked_by: str


_COLUMNS = [job_runs.c[name] for name in JobRun.__struct_fields__]


def add(tx: Tx, connection_id: str, run: JobRun) -> None:
    """Keep a run that ended; its id is given by the database."""
    values = msgspec.structs.asdict(run) | {"connection_id": connection_id}
    del values["id"]
    tx.execute(insert(job_runs), values)


def listing(
    tx: Tx, connection_id: str, *, job: str = "", ending: RunEnding | None = None, before: int = 0, limit: int = 50
) -> list[JobRun]:
    """Runs, newest first, of one job or of all; only those before the run `before`, to go on where a list ended."""
    query = select(*_COLUMNS).where(job_runs.c.connection_id == connection_id)
    if job:
        query = query.where(job_runs.c.job == job)
    if ending is not None:
        query = query.where(job_runs.c.ending == ending)
    if before:
        query = query.where(job_runs.c.id < before)
    return as_structs(JobRun, tx.execute(query.order_by(job_runs.c.id.desc()).limit(limit)))


def forget_before(tx: Tx, moment: datetime) -> int:
    """Remove runs that ended before a moment, of all connections; how many."""
    return tx.execute(delete(job_runs).where(job_runs.c.finished_at < moment)).rowcount
