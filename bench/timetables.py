"""Small plans for the tests of timetables."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from ml_connector.model.timetable import At, Blackout, Cron, Days, Every, JobPlan, OnNotice, Planned, Trigger, Within
from ml_connector.rules.timetable import preview

NEW_YORK = "America/New_York"
APPROVAL = OnNotice(what="an approval in Basware")
WEEKDAYS = Days(weekdays=(0, 1, 2, 3, 4))
THURSDAYS = Days(weekdays=(3,))


def plan(*triggers: Trigger, **parts: Any) -> JobPlan:
    """A plan of the job `invoices`."""
    return JobPlan(**({"job": "invoices", "seed": "acme", "zone": NEW_YORK, "triggers": triggers} | parts))


def every(minutes: float) -> Every:
    """Again after so many minutes."""
    return Every(interval=timedelta(minutes=minutes))


def cron(expression: str, zone: str = NEW_YORK, **parts: Any) -> Cron:
    """By a cron expression."""
    return Cron(expression=expression, zone=zone, **parts)


def payment_run(days: Days = THURSDAYS, at: time = time(14), zone: str = NEW_YORK, **parts: Any) -> At:
    """A payment run, on Thursdays at 14:00 unless told otherwise."""
    return At(name="payment run", days=days, times=(at,), zone=zone, **parts)


def month_end(minutes: float, last: int = 0, first: int = 0, zone: str = NEW_YORK) -> Within:
    """The last and the first days of months, with runs every so many minutes."""
    numbers = (*range(1, first + 1), *range(-last, 0))
    return Within(name="month-end", days=Days(of_month=numbers), zone=zone, interval=timedelta(minutes=minutes))


def quiet_nights(start: time = time(22), end: time = time(6), zone: str = NEW_YORK, **parts: Any) -> Blackout:
    """Nothing at night."""
    return Blackout(reason="quiet nights", zone=zone, start=start, end=end, **parts)


def utc(text: str) -> datetime:
    """An instant written in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def runs(of: JobPlan, start: str, count: int) -> list[str]:
    """The next runs in UTC, to the minute."""
    return [f"{run.at:%Y-%m-%d %H:%M}" for run in preview(of, utc(start), count)]


def reasons(planned: list[Planned]) -> list[str]:
    """Why each of them runs."""
    return [run.why for run in planned]
