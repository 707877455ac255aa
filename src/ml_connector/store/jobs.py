"""When each job of a connection ran, how it ended, when it is due, and what people asked of it. One row for each job.

A row is made when the job is first touched. Nothing here decides when a job is due: `rules/timetable.py` does.
"""

from datetime import datetime

import msgspec
from sqlalchemy import or_, select, update

from ml_connector.store.database import Tx
from ml_connector.store.rows import as_struct, insert
from ml_connector.store.schema import jobs


class JobRow(msgspec.Struct, frozen=True, kw_only=True):
    """One job of one connection.

    `due_at`: the next run as last worked out, None to have it worked out anew. `again_at`: the last run said that it has to go
    on then. `planned_from`: runs planned earlier are not made up for, because the plan was another then. `asked_at`: somebody
    wants it now; `despite` is why even within a blackout, empty if not. `retry_at`: not before this, after a failure.
    `cut_offs`: runs in a row before the last one that began and never ended. `current_to`: up to which moment the other
    system's changes are known here. `problem` says why the last run failed, empty when it did not; `outcome` what it did, in
    words. `backfill_from`: a date to read again from, empty if none.
    """

    connection_id: str
    job: str
    due_at: datetime | None = None
    again_at: datetime | None = None
    planned_from: datetime | None = None
    asked_at: datetime | None = None
    asked_by: str = ""
    despite: str = ""
    backfill_from: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    succeeded_at: datetime | None = None
    current_to: datetime | None = None
    failures: int = 0
    cut_offs: int = 0
    retry_at: datetime | None = None
    problem: str = ""
    outcome: str = ""
    paused_at: datetime | None = None
    paused_by: str = ""
    pause_reason: str = ""
    updated_at: datetime | None = None

    @property
    def was_cut_off(self) -> bool:
        """Whether its last run began and never ended, or is under way: only its lease tells which."""
        return self.started_at is not None and (self.finished_at is None or self.finished_at < self.started_at)


def get(tx: Tx, connection_id: str, job: str, *, lock: bool = False) -> JobRow:
    """The job as it stands; a fresh one if it never ran and nobody asked anything of it. `lock`: until the transaction ends."""
    query = select(jobs).where(jobs.c.connection_id == connection_id, jobs.c.job == job)
    if lock:
        query = query.with_for_update()
    row = tx.execute(query).one_or_none()
    return JobRow(connection_id=connection_id, job=job) if row is None else as_struct(JobRow, row)


def of_connection(tx: Tx, connection_id: str) -> dict[str, JobRow]:
    """Every job of a connection that has a row, by name."""
    query = select(jobs).where(jobs.c.connection_id == connection_id)
    return {row.job: as_struct(JobRow, row) for row in tx.execute(query)}


def everything(tx: Tx) -> dict[tuple[str, str], JobRow]:
    """The jobs of all connections that have a row, by connection and name: what an engine looks at."""
    return {(row.connection_id, row.job): as_struct(JobRow, row) for row in tx.execute(select(jobs))}


def work_out_anew(tx: Tx, connection_id: str, now: datetime) -> None:
    """The plan changed: every job's next run is to be worked out again."""
    tx.execute(update(jobs).where(jobs.c.connection_id == connection_id).values(due_at=None, updated_at=now))


def worked_out(tx: Tx, seen: JobRow, due_at: datetime, now: datetime) -> bool:
    """Keep when a job runs next, as it follows from what was seen of it; False, with nothing kept, if it is another by now.

    Between looking and keeping somebody may have changed the plan, paused the job or done it: what was worked out is void then.
    """
    fresh = msgspec.structs.asdict(seen) | {"due_at": due_at, "updated_at": now}
    key = [jobs.c.connection_id, jobs.c.job]
    if seen.updated_at is None:
        statement = insert(tx, jobs).values(**fresh).on_conflict_do_nothing(index_elements=key)
        return tx.execute(statement.returning(jobs.c.job)).first() is not None
    unchanged = (
        jobs.c.connection_id == seen.connection_id,
        jobs.c.job == seen.job,
        jobs.c.updated_at == seen.updated_at,
        jobs.c.due_at.is_(None) if seen.due_at is None else jobs.c.due_at == seen.due_at,
        jobs.c.asked_at.is_(None) if seen.asked_at is None else jobs.c.asked_at == seen.asked_at,
    )
    return tx.execute(update(jobs).where(*unchanged).values(due_at=due_at, updated_at=now)).rowcount == 1


def change(tx: Tx, connection_id: str, job: str, now: datetime, **columns: object) -> None:
    """Set columns of a job, making its row if there is none."""
    fresh = msgspec.structs.asdict(JobRow(connection_id=connection_id, job=job))
    statement = insert(tx, jobs).values(**(fresh | columns | {"updated_at": now}))
    key = [jobs.c.connection_id, jobs.c.job]
    tx.execute(statement.on_conflict_do_update(index_elements=key, set_={**columns, "updated_at": now}))


def bring_forward(tx: Tx, connection_id: str, job: str, at: datetime, now: datetime) -> None:
    """Have a job go on at this moment at the latest, because something for it to do is possible from then on."""
    fresh = msgspec.structs.asdict(JobRow(connection_id=connection_id, job=job))
    statement = insert(tx, jobs).values(**(fresh | {"again_at": at, "updated_at": now}))
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=[jobs.c.connection_id, jobs.c.job],
            set_={"again_at": at, "updated_at": now},
            where=or_(jobs.c.again_at.is_(None), jobs.c.again_at > at),
        )
    )


def backfilled(tx: Tx, connection_id: str, job: str, since: str, now: datetime) -> None:
    """What was to be read again from a date was; a date asked for meanwhile stays."""
    statement = update(jobs).where(
        jobs.c.connection_id == connection_id, jobs.c.job == job, jobs.c.backfill_from == since
    )
    tx.execute(statement.values(backfill_from="", updated_at=now))


def ask(tx: Tx, connection_id: str, job: str, now: datetime, by: str, *, despite: str = "") -> None:
    """Want a job now, whatever its plan says; a job that waits after a failure is tried at once. Asking twice is asking once.

    `despite` is why it may start within a blackout; who asks without does not take that back.
    """
    more = {"despite": despite} if despite else {}
    change(tx, connection_id, job, now, asked_at=now, asked_by=by, retry_at=None, **more)


def answered(tx: Tx, connection_id: str, job: str, asked_at: datetime) -> None:
    """What was asked at or before this moment is done; what was asked since stays."""
    statement = update(jobs).where(
        jobs.c.connection_id == connection_id, jobs.c.job == job, jobs.c.asked_at <= asked_at
    )
    tx.execute(statement.values(asked_at=None, asked_by="", despite=""))


def plan_changed(tx: Tx, connection_id: str, job: str, now: datetime) -> None:
    """The job has another plan from now on: what the old one wanted earlier is not made up for."""
    change(tx, connection_id, job, now, planned_from=now, due_at=None)
