"""When each kind of trigger wants a run, before blackouts: the next moment after a given one, and why.

Runs on days and at times of day are found by walking the days of their zone, so the clock being put forward or back, leap days and
holidays in a row are all seen where they happen.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from hashlib import sha256

from cronsim import CronSim, CronSimError

from ml_connector.model.timetable import (
    At,
    Calendar,
    Cron,
    Every,
    JobPlan,
    OnHoliday,
    OnNotice,
    Planned,
    Trigger,
    Within,
)
from ml_connector.rules.calendar import (
    ONE_DAY,
    days_from,
    exists,
    holiday,
    instant,
    is_working,
    local_date,
    matches,
    start_of_day,
)
from ml_connector.rules.quota import stretched

HORIZON_DAYS = 366 * 9
"""How far ahead a run is looked for: 29 February may be eight years away."""

LONGEST_HOLIDAYS = timedelta(days=62)
"""How far a run may be moved by days off in a row."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_HOURS_A_DAY = 24
_CRON_FIELDS = 5


def next_wish(trigger: Trigger, plan: JobPlan, after: datetime, stretch: float = 1.0) -> Planned | None:
    """The first run the trigger wants strictly after a moment; None if there is none in sight.

    `stretch` (1 or more) makes intervals that much longer; runs at times of day stay where they are.
    """
    match trigger:
        case Every():
            why = f"every {spell(trigger.interval)}{_slowed(stretch)}"
            return Planned(at=_again(plan, trigger.interval, after, stretch), why=why)
        case Within():
            return _next_within(trigger, plan, after, stretch)
        case At():
            return _next_at(trigger, plan, after)
        case Cron():
            return _next_by_cron(trigger, plan, after)
        case OnNotice():
            return None


@lru_cache(maxsize=4096)
def part_of(seed: str, whole: timedelta) -> timedelta:
    """A part of a duration, the same for the same seed and spread evenly over seeds, in whole milliseconds.

    Parts of one seed fit into each other: runs every hour are among those every five minutes, not beside them.
    """
    number = int.from_bytes(sha256(seed.encode()).digest()[:8])
    return number % max(1, whole // _MILLISECOND) * _MILLISECOND


@lru_cache(maxsize=4096)
def spell(duration: timedelta) -> str:
    """A duration for people: "10 minutes", "1 hour and 30 minutes"."""
    seconds, parts = round(duration.total_seconds()), list[str]()
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(f"{number} {unit}{'s' if number > 1 else ''}")
    return " and ".join(parts)


# Intervals


def _again(plan: JobPlan, interval: timedelta, after: datetime, stretch: float) -> datetime:
    """The next moment of a grid that begins somewhere else for each company and job; later when it is stretched."""
    begin = _EPOCH + part_of(f"{plan.seed}/{plan.job}", interval)
    on_grid = begin + ((after - begin) // interval + 1) * interval
    return max(on_grid, after + stretched(interval, stretch)) if stretch > 1 else on_grid


def _slowed(stretch: float) -> str:
    return f", {stretch:.1f} times as far apart to save metered reads" if stretch > 1 else ""


def _next_within(trigger: Within, plan: JobPlan, after: datetime, stretch: float) -> Planned | None:
    why = f"{trigger.name}: every {spell(trigger.interval)}{_slowed(stretch)}"
    at = _again(plan, trigger.interval, after, stretch)
    for _ in range(HORIZON_DAYS):
        day = local_date(at, trigger.zone)
        if not matches(trigger.days, day, plan.calendar):
            following = days_from(day + ONE_DAY, HORIZON_DAYS)
            found = next((one for one in following if matches(trigger.days, one, plan.calendar)), None)
            if found is None:
                return None
            at = _first_on(found, trigger, plan)
        elif not matches(trigger.days, day - ONE_DAY, plan.calendar) and at < (first := _first_on(day, trigger, plan)):
            at = first
        else:
            return Planned(at=at, why=why)
    return None


def _first_on(day: date, trigger: Within, plan: JobPlan) -> datetime:
    """The first moment of the grid on a day."""
    return _again(plan, trigger.interval, start_of_day(day, trigger.zone) - _MILLISECOND, 1.0)


# Times of day


def _next_at(trigger: At, plan: JobPlan, after: datetime) -> Planned | None:
    calendar = plan.calendar

    def times(day: date) -> tuple[time, ...]:
        return trigger.times if matches(trigger.days, day, calendar) else ()

    def has_to_move(day: date) -> bool:
        # A weekday was named on purpose; a day of the month may fall on a weekend, too.
        return bool(holiday(day, calendar)) or not (trigger.days.weekdays or is_working(day, calendar))

    for day in days_from(local_date(after - trigger.offset, trigger.zone) - ONE_DAY, HORIZON_DAYS):
        wanted = _wanted_on(day, trigger.on_holiday, calendar, times, has_to_move)
        for at, note in sorted((instant(day, one, trigger.zone) + trigger.offset, note) for one, note in wanted):
            if at > after:
                return Planned(at=at, why=_named(trigger) + note)
    return None


def _named(trigger: At) -> str:
    if not trigger.offset:
        return trigger.name
    return f"{spell(abs(trigger.offset))} {'before' if trigger.offset < timedelta() else 'after'} {trigger.name}"


def _next_by_cron(trigger: Cron, plan: JobPlan, after: datetime) -> Planned | None:
    calendar, cron = plan.calendar, parsed(trigger.expression)

    def has_to_move(day: date) -> bool:
        return bool(holiday(day, calendar))

    for day in days_from(local_date(after, trigger.zone) - ONE_DAY, HORIZON_DAYS):
        wanted = _wanted_on(day, trigger.on_holiday, calendar, cron.times_on, has_to_move)
        moments = ((at, note) for one, note in wanted for at in cron.instants(day, one, trigger.zone))
        for at, note in sorted(moments):
            if at > after:
                return Planned(at=at, why=f"at its times ({trigger.expression}){note}")
    return None


def _wanted_on(
    day: date,
    rule: OnHoliday,
    calendar: Calendar,
    times: Callable[[date], tuple[time, ...]],
    has_to_move: Callable[[date], bool],
) -> Iterator[tuple[time, str]]:
    """The times of day of the runs on a day: its own, and those of the days off beside it that are moved to it."""
    own = times(day)
    if own and (rule is OnHoliday.RUN or not has_to_move(day)):
        yield from ((one, "") for one in own)
    if rule not in {OnHoliday.BEFORE, OnHoliday.AFTER} or not is_working(day, calendar):
        return
    step = ONE_DAY if rule is OnHoliday.BEFORE else -ONE_DAY
    other = day + step
    while not is_working(other, calendar) and abs(other - day) < LONGEST_HOLIDAYS:
        if has_to_move(other):
            why = holiday(other, calendar) or "not a working day"
            yield from ((one, f", moved from {other:%a %d %b} ({why})") for one in times(other))
        other += step


class ParsedCron:
    """A cron expression taken apart.

    One that runs in every hour means real time: where the clock is put back it runs in both of the hours with the same name,
    and not at times that the clock skips. Any other means times of day: each runs once a day, whatever the clock does.
    """

    def __init__(self, expression: str) -> None:
        self._cron = CronSim(expression, datetime(2000, 1, 1))  # noqa: DTZ001 - only taken apart: days and times have no zone here
        self._times = tuple(
            time(hour, minute) for hour in sorted(self._cron.hours) for minute in sorted(self._cron.minutes)
        )
        self._real_time = len(self._cron.hours) == _HOURS_A_DAY

    def times_on(self, day: date) -> tuple[time, ...]:
        """The times of day it names, if it means this day."""
        return self._times if day.month in self._cron.months and self._cron.match_day(day) else ()

    def instants(self, day: date, at: time, zone: str) -> set[datetime]:
        """When the clock of a zone shows a time of day, as far as the expression means it."""
        if not self._real_time:
            return {instant(day, at, zone)}
        return {instant(day, at, zone), instant(day, at, zone, later=True)} if exists(day, at, zone) else set()


@lru_cache(maxsize=1024)
def parsed(expression: str) -> ParsedCron:
    """A cron expression taken apart. Raises ValueError when it is none, or names a day that never comes."""
    if len(expression.split()) != _CRON_FIELDS:
        raise ValueError(
            f"{expression!r} is no cron expression: it needs five fields (minute, hour, day, month, weekday)"
        )
    try:
        return ParsedCron(expression)
    except CronSimError as error:
        raise ValueError(f"{expression!r} is no cron expression: {str(error).lower()}") from error
