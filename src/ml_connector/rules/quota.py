"""How the reads of a month will come out, and how much slower polls have to run to stay below a limit.

Intuit meters reads ("CorePlus") over all companies of an app for a month and not writes. What posting has to look up is never
slowed; polls take what that leaves. Pure: days and figures in, figures out.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from math import ceil

import msgspec

RECENT_DAYS = 7
"""Whole days before today whose pace counts for the rest of the month: a week has each weekday once."""

POLL_SHARE = 0.98
"""Of the limit that polls may use up; the rest belongs to what posting has to look up."""

MAX_STRETCH = 288.0
"""The slowest polls get: five minutes become a day."""

_DAY = timedelta(days=1)


class DayOfReads(msgspec.Struct, frozen=True, kw_only=True):
    """Metered reads of one day: those that posting and people needed, those of polls, and how much slower these ran."""

    day: date
    needed: int = 0
    polls: int = 0
    stretch: float = 1.0


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """A month of reads. `forecast`: by its end, as things go; `unslowed`: by its end if no poll were slowed. `limit` 0: none."""

    used: int
    limit: int
    forecast: int
    unslowed: int
    stretch: float


def outlook(days: Iterable[DayOfReads], limit: int, now: datetime) -> Outlook:
    """How the month of `now` will come out; `now` has the time zone by whose days and months reads are counted.

    The pace is that of the last seven days and today, or of the days there are. Polls are judged by what they would read at full
    speed, so that slowing them down does not look like a reason to let them go again.
    """
    known = sorted(days, key=lambda one: one.day)
    today, month = now.date(), now.date().replace(day=1)
    used = sum(one.needed + one.polls for one in known if one.day >= month)
    recent = [one for one in known if one.day >= today - timedelta(days=RECENT_DAYS)]
    span = _days_since(recent[0].day, now) if recent else 1.0
    needed = sum(one.needed for one in recent) / span
    polls = sum(one.polls for one in recent) / span
    full_speed = sum(one.polls * one.stretch for one in recent) / span
    left = (_midnight(_next_month(month), now) - now) / _DAY
    return Outlook(
        used=used,
        limit=limit,
        forecast=used + ceil((needed + polls) * left),
        unslowed=used + ceil((needed + full_speed) * left),
        stretch=_stretch(limit * POLL_SHARE - used, left, needed, full_speed) if limit else 1.0,
    )


def stretched(interval: timedelta, stretch: float) -> timedelta:
    """A poll's interval made longer. However little is left, it looks once a day, unless its plan is slower than that."""
    return max(interval, min(interval * stretch, _DAY))


def _stretch(remaining: float, days_left: float, needed: float, full_speed: float) -> float:
    """By how much polls have to slow down for the reads that remain to last for the days that are left."""
    allowed = remaining / days_left - needed
    if full_speed <= allowed:
        return 1.0
    if allowed <= 0:
        return MAX_STRETCH
    return min(MAX_STRETCH, full_speed / allowed)


def _days_since(first: date, now: datetime) -> float:
    """Days from the beginning of a day until now, a day at least: the first hour of a company says little about its month."""
    return max(1.0, (now - _midnight(first, now)) / _DAY)


def _midnight(day: date, now: datetime) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=now.tzinfo)


def _next_month(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)
