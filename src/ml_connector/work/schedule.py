"""The plan and the past of a connection's jobs, as the timetable's rules want them."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from ml_connector.model.timetable import Every, JobHistory, JobPlan, OnNotice
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.jobs import JobRow
from ml_connector.work.jobs import Job
from ml_connector.work.registry import enabled_jobs
from ml_connector.work.settings import decode_settings


def plans_of(row: ConnectionRow) -> Mapping[Job, JobPlan]:
    """The plan of each job this connection has."""
    return {
        job: JobPlan(
            job=job,
            seed=f"{row.id}/{job}",
            zone="UTC",
            triggers=(Every(interval=timedelta(minutes=10)), OnNotice(what="an announcement")),
        )
        for job in enabled_jobs(decode_settings(row.settings))
    }


def history_of(row: ConnectionRow, past: JobRow, oldest_notice_at: datetime | None) -> JobHistory:
    """What the rules have to know of a job's past."""
    return JobHistory(
        since=row.created_at,
        last_started=past.started_at,
        last_finished=past.finished_at,
        failures=past.failures,
        retry_at=past.retry_at,
        asked_at=past.asked_at,
        asked_by=past.asked_by,
        again_at=past.again_at,
        oldest_notice_at=oldest_notice_at,
    )
