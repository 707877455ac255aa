"""Whether the books are behind: a run that the plan wanted did not happen for too long. Pure; the moment is handed in."""

from datetime import datetime, timedelta

from ml_connector.model.timetable import JobPlan
from ml_connector.rules.timetable import next_run


def behind_since(plan: JobPlan, last: datetime, stretch: float = 1.0) -> datetime | None:
    """The planned run that should have followed the last one; None if none was planned.

    A job that runs once a night is not behind during the day, however long ago it ran.
    """
    planned = next_run(plan, last, stretch)
    return None if planned is None else planned.at


def is_behind(plan: JobPlan, last: datetime, now: datetime, patience: timedelta, stretch: float = 1.0) -> bool:
    """Whether that run is overdue by more than `patience`."""
    since = behind_since(plan, last, stretch)
    return since is not None and now - since > patience
