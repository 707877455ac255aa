"""Days and times of day: what the clock on the wall means as an instant, which days a company works, which days are meant.

Public holidays come from the library `holidays`, zones from the time zone database. Nothing here knows what runs.
"""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from ml_connector.model.timetable import Calendar, Days, Span

ONE_DAY = timedelta(days=1)


def instant(day: date, at: time, zone: str, *, later: bool = False) -> datetime:
    """The instant at which the clock on the wall of a zone shows this time, in UTC.

    When the clock is put forward over it, the first moment after; when it shows the time twice, the first of both, or
    with `later` the second.
    """
    clock = ZoneInfo(zone)
    first, second = (datetime.combine(day, at.replace(fold=fold), clock).astimezone(UTC) for fold in (0, 1))
    if first <= second:
        return second if later else first
    # The time does not exist: read with the offsets before and after the change it lies on either side of it.
    still_old, already_new = int(second.timestamp()), int(first.timestamp())
    offset = first.astimezone(clock).utcoffset()
    while already_new - still_old > 1:
        middle = (still_old + already_new) // 2
        if datetime.fromtimestamp(middle, clock).utcoffset() == offset:
            already_new = middle
        else:
            still_old = middle
    return datetime.fromtimestamp(already_new, UTC)


def exists(day: date, at: time, zone: str) -> bool:
    """Whether the clock on the wall shows this time on this day."""
    wall = datetime.combine(day, at, ZoneInfo(zone))
    return wall.astimezone(UTC).astimezone(wall.tzinfo).replace(tzinfo=None) == wall.replace(tzinfo=None)


def local_date(at: datetime, zone: str) -> date:
    """Which day it is in a zone."""
    return at.astimezone(ZoneInfo(zone)).date()


def start_of_day(day: date, zone: str) -> datetime:
    """When a day begins in a zone; where the clock is put forward at midnight, that is later than 00:00."""
    return instant(day, time.min, zone)


def span_of_day(day: date, zone: str) -> tuple[datetime, datetime]:
    """When a day begins in a zone, and when the next one does; of the calendar's first and last day as far as there are moments."""
    try:
        start = start_of_day(day, zone)
    except OverflowError:
        start = datetime.min.replace(tzinfo=UTC)
    try:
        end = start_of_day(day + ONE_DAY, zone)
    except OverflowError:
        end = datetime.max.replace(tzinfo=UTC)
    return start, end


def days_from(day: date, count: int) -> Iterator[date]:
    """So many days, beginning with this one."""
    for step in range(count):
        yield day + step * ONE_DAY


# Working days


def holiday(day: date, calendar: Calendar) -> str:
    """Why a company does not work on this day although its weekday is a working one; empty if it is no holiday."""
    if _within(day, calendar.open):
        return ""
    if _within(day, calendar.closed):
        return "company closed"
    return _public(calendar.country, calendar.subdivision, day.year).get(day, "") if calendar.country else ""


def is_working(day: date, calendar: Calendar) -> bool:
    """Whether a company works on this day."""
    if _within(day, calendar.open):
        return True
    return day.weekday() in calendar.working_weekdays and not holiday(day, calendar)


def require_holidays(country: str, subdivision: str) -> None:
    """Raises ValueError for a country or a part of it whose holidays nobody here knows."""
    known = _supported()
    if country not in known:
        raise ValueError(f"no holidays are known for the country {country!r}; use its two letters, such as US or DE")
    if subdivision and subdivision not in known[country]:
        parts = f"use one of {', '.join(known[country])}" if known[country] else "leave the subdivision out"
        raise ValueError(f"no holidays are known for {subdivision!r} in {country}; {parts}")


@lru_cache(maxsize=1)
def _supported() -> Mapping[str, list[str]]:
    return holidays.list_supported_countries(include_aliases=False)


@lru_cache(maxsize=1024)
def _public(country: str, subdivision: str, year: int) -> Mapping[date, str]:
    """Public holidays of a year, with their names in English where the library has them."""
    return dict(holidays.country_holidays(country, subdiv=subdivision or None, years=year, language="en_US"))


def _within(day: date, spans: tuple[Span, ...]) -> bool:
    return any(span.first <= day <= span.last for span in spans)


# Which days are meant


def matches(days: Days, day: date, calendar: Calendar) -> bool:
    """Whether a day is one of those meant."""
    if days.weekdays and day.weekday() not in days.weekdays:
        return False
    if days.spans and not _within(day, days.spans):
        return False
    if days.only_working and not is_working(day, calendar):
        return False
    return not (days.of_month or days.working_of_month) or _matches_month(days, day, calendar)


def _matches_month(days: Days, day: date, calendar: Calendar) -> bool:
    last = monthrange(day.year, day.month)[1]
    if day.day in days.of_month or day.day - last - 1 in days.of_month:
        return True
    if not days.working_of_month or not is_working(day, calendar):
        return False
    from_first = sum(is_working(day.replace(day=one), calendar) for one in range(1, day.day + 1))
    from_last = sum(is_working(day.replace(day=one), calendar) for one in range(day.day, last + 1))
    return from_first in days.working_of_month or -from_last in days.working_of_month
