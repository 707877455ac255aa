"""The table of runs: what each job did each time, for as long as it is kept."""

from sqlalchemy import Column, Index, Table

from ml_connector.store.columns import Choice, Instant, Key, RowId, Words
from ml_connector.store.schema.base import metadata, required, scope
from ml_connector.store.schema.states import RunEnding

job_runs = Table(
    "job_runs",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    scope(),
    required("job", Key),
    required("started_at", Instant),
    required("finished_at", Instant),
    required("ending", Choice(RunEnding)),
    required("told", Words),
    required("worker", Words),
    required("asked_by", Words),
    Index("ix_job_runs_newest", "connection_id", "id"),
    Index("ix_job_runs_job", "connection_id", "job", "id"),
)
