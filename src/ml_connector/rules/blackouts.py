"""Windows in which nothing starts: quiet nights, maintenance, the freeze around closing. What falls into one runs at its end."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from ml_connector.model.timetable import Blackout, Closed, JobPlan
from ml_connector.rules.calendar import ONE_DAY, instant, local_date, matches, start_of_day

LONGEST = timedelta(days=400)
"""Blackouts that follow on each other for longer are taken for never ending; settings that lead there are refused."""

_TICK = timedelta(microseconds=1)


def released(plan: JobPlan, at: datetime) -> datetime | None:
    """When what is planned for this moment may start: the same moment, or the end of the blackouts it lies in; None if never."""
    closed = closed_at(plan, at)
    return at if closed is None else closed.until


def closed_at(plan: JobPlan, at: datetime) -> Closed | None:
    """Why nothing of a job may start at this moment, and until when; None if it may."""
    if not plan.blackouts:
        return None
    end, reasons = at, dict[str, None]()
    while window := next(_around(plan, end), None):
        blackout, _, end = window
        reasons[blackout.reason] = None
        if end - at > LONGEST:
            return Closed(reason=" and ".join(reasons), until=None)
    return Closed(reason=" and ".join(reasons), until=end) if reasons else None


def closed_since(plan: JobPlan, at: datetime) -> datetime:
    """The beginning of the blackouts, one reaching into the other, that this moment lies in; the moment itself if in none."""
    begin, inside = at, at
    while found := [start for _, start, _ in _around(plan, inside)]:
        begin = min(found)
        if at - begin > LONGEST:
            break
        inside = begin - _TICK
    return begin


def _around(plan: JobPlan, at: datetime) -> Iterator[tuple[Blackout, datetime, datetime]]:
    """The windows this moment lies in: their beginnings count, their ends do not."""
    for blackout in plan.blackouts:
        today = local_date(at, blackout.zone)
        for day in (today - ONE_DAY, today):
            if not matches(blackout.days, day, plan.calendar):
                continue
            start = instant(day, blackout.start or time.min, blackout.zone)
            end = _end(blackout, day)
            if start <= at < end:
                yield blackout, start, end


def _end(blackout: Blackout, day: date) -> datetime:
    """When the window of a day ends. A time shown twice ends it the second time, so that the hour between stays quiet too."""
    if blackout.end is None:
        return start_of_day(day + ONE_DAY, blackout.zone)
    over_midnight = blackout.end <= (blackout.start or time.min)
    return instant(day + ONE_DAY if over_midnight else day, blackout.end, blackout.zone, later=True)
