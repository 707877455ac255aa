"""From the words of `[schedule]` to the plan of each job. Pure; refuses in words whatever no plan can be made of.

Called when a connection is saved, so that a schedule is never found wanting at night, and again whenever its plans are needed.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import msgspec

from ml_connector.model.timetable import (
    At,
    Blackout,
    Calendar,
    Cron,
    Every,
    JobPlan,
    OnHoliday,
    OnNotice,
    Span,
    Trigger,
    Within,
)
from ml_connector.rules import schedule_words as words
from ml_connector.rules.blackouts import closed_at
from ml_connector.rules.calendar import require_holidays
from ml_connector.rules.triggers import parsed
from ml_connector.work.schedule_settings import (
    ANNOUNCEMENTS,
    DEFAULTS,
    KEEPS_SIGNED_IN,
    NEVER,
    BlackoutSettings,
    CalendarSettings,
    CycleSettings,
    Dates,
    FreezeSettings,
    JobSettings,
    ScheduleSettings,
)

SHORTEST, LONGEST = timedelta(seconds=10), timedelta(days=7)
"""What an interval may be."""
FARTHEST = timedelta(days=14)
"""How far before or after its cycle a job may run."""

_WHOLE_DAY = timedelta(days=1)
_SOME_DAY = datetime(2028, 1, 1, tzinfo=UTC)


def make_plans(settings: ScheduleSettings, seed: str) -> dict[str, JobPlan]:
    """The plan of each job by its name. `seed` tells this company from others.

    Raises ValueError for settings no plan can be made of; it says which, and what to write instead.
    """
    with _at("time_zone"):
        zone = words.zone(settings.time_zone)
    with _at("jobs"):
        _require_known(settings.jobs)
    calendar = _calendar(settings.calendar)
    for name in settings.cycles:
        _cycle_triggers(settings, name, timedelta())
    blackouts = list(_blackouts(settings))
    plans = dict[str, JobPlan]()
    for job, default in DEFAULTS.items():
        own = tuple(blackout for jobs, blackout in blackouts if job in jobs)
        triggers = tuple(_triggers(settings, job, settings.jobs.get(job, default)))
        plans[job] = JobPlan(job=job, seed=seed, zone=zone, triggers=triggers, calendar=calendar, blackouts=own)
        _require_time_left(plans[job])
    return plans


@contextmanager
def _at(place: str) -> Iterator[None]:
    """Say in which setting an error lies."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"schedule.{place}: {error}") from error


# Days


def _calendar(settings: CalendarSettings) -> Calendar:
    with _at("calendar"):
        country, subdivision = settings.country.upper(), settings.subdivision.upper()
        if country:
            require_holidays(country, subdivision)
        elif subdivision:
            raise ValueError("a subdivision needs its country")
        if not settings.working_days:
            raise ValueError("working_days is empty; name at least one weekday")
        return Calendar(
            country=country,
            subdivision=subdivision,
            closed=_spans(settings.closed),
            open=_spans(settings.open),
            working_weekdays=tuple(words.weekday(one) for one in settings.working_days),
        )


def _spans(dates: Dates) -> tuple[Span, ...]:
    spans = tuple(
        Span(first=one.first, last=one.last) if isinstance(one, msgspec.Struct) else Span(first=one, last=one)
        for one in dates
    )
    for span in spans:
        if span.last < span.first:
            raise ValueError(f"from {span.first} to {span.last} ends before it begins")
    return spans


# Triggers


def _triggers(settings: ScheduleSettings, job: str, own: JobSettings) -> Iterator[Trigger]:
    with _at(f"jobs.{job}"):
        expressions, cycles = _several(own.cron), _several(own.cycle)
        if not (own.every or own.after or expressions or cycles):
            raise ValueError(f'it says nothing about when; to run it only when somebody asks, write every = "{NEVER}"')
        if own.every == NEVER:
            if own.after or expressions or cycles:
                raise ValueError(f'every = "{NEVER}" stands alone')
            if job == KEEPS_SIGNED_IN:
                raise ValueError("without this job QuickBooks ends the sign-in; let it run at least once a week")
        elif own.every:
            yield Every(interval=_interval(own.every, LONGEST))
        if own.after:
            yield _announcement(job, own.after)
        if (own.time_zone or own.on_holiday) and not expressions:
            raise ValueError("time_zone and on_holiday belong to cron; a cycle has its own")
        zone = words.zone(own.time_zone or settings.time_zone)
        rule = own.on_holiday or settings.calendar.on_holiday
        for expression in expressions:
            parsed(expression)
            yield Cron(expression=expression, zone=zone, on_holiday=rule)
        for text in cycles:
            yield from _cycle_triggers(settings, *words.reference(text))


def _announcement(job: str, after: str) -> OnNotice:
    word, what = ANNOUNCEMENTS.get(job, ("", ""))
    if after != word:
        instead = f'write after = "{word}"' if word else "leave `after` out and give an interval"
        raise ValueError(f"nothing called {after!r} is announced for it; {instead}")
    return OnNotice(what=what)


def _interval(text: str, longest: timedelta) -> timedelta:
    interval = words.duration(text)
    if not SHORTEST <= interval <= longest:
        raise ValueError(f"every {text} is not between 10 seconds and {longest.days} day{'s' * (longest.days > 1)}")
    return interval


def _cycle_triggers(settings: ScheduleSettings, name: str, offset: timedelta) -> Iterable[Trigger]:
    cycle = settings.cycles.get(name)
    if cycle is None:
        known = ", ".join(settings.cycles) or "none yet"
        raise ValueError(f"there is no cycle {name!r}; describe it under [schedule.cycles] (cycles: {known})")
    with _at(f'cycles."{name}"'):
        return _described(settings, name, cycle, offset)


def _described(settings: ScheduleSettings, name: str, cycle: CycleSettings, offset: timedelta) -> list[Trigger]:
    days, zone = words.days(cycle.days, _spans(cycle.dates)), words.zone(cycle.time_zone or settings.time_zone)
    times = tuple(words.time_of_day(one) for one in _several(cycle.times))
    if not times and not cycle.every:
        raise ValueError('it needs times, such as times = "14:00", or an interval, such as every = "5m"')
    if offset and not times:
        raise ValueError("it has no times that a job could run before or after")
    if abs(offset) > FARTHEST:
        raise ValueError(f"a job may run at most {FARTHEST.days} days before or after it")
    triggers = list[Trigger]()
    if times:
        rule = cycle.on_holiday or settings.calendar.on_holiday
        triggers.append(At(name=name, days=days, times=times, zone=zone, on_holiday=rule, offset=offset))
    if cycle.every and not offset:
        triggers.append(Within(name=name, days=days, zone=zone, interval=_interval(cycle.every, _WHOLE_DAY)))
    if not times and cycle.on_holiday not in {None, OnHoliday.RUN}:
        raise ValueError('on_holiday moves runs at times of day; for an interval use days = "working days"')
    return triggers


def _several(texts: str | tuple[str, ...]) -> tuple[str, ...]:
    if isinstance(texts, str):
        return (texts,) if texts else ()
    return texts


# Blackouts and the freeze


def _blackouts(settings: ScheduleSettings) -> Iterator[tuple[Collection[str], Blackout]]:
    """Each with the jobs it holds for."""
    for number, one in enumerate(settings.blackouts, start=1):
        with _at(f"blackouts, number {number}"):
            _require_known(one.jobs)
            jobs = one.jobs or [job for job in DEFAULTS if job != KEEPS_SIGNED_IN]
            yield jobs, _blackout(one, one.time_zone or settings.time_zone)
    with _at("freeze"):
        _require_known(settings.freeze.jobs)
        for frozen in _freezes(settings.freeze, settings.time_zone):
            yield settings.freeze.jobs, frozen


def _blackout(one: BlackoutSettings, zone: str) -> Blackout:
    if not one.reason.strip():
        raise ValueError("it needs a reason, which people are shown")
    if bool(one.start) != bool(one.end):
        raise ValueError("give both from and to, or neither for whole days")
    if one.start and one.start == one.end:
        raise ValueError(f"from {one.start} to {one.end} has no length; leave both out for whole days")
    days = words.days(one.days, _spans(one.dates))
    start, end = (words.time_of_day(text) if text else None for text in (one.start, one.end))
    return Blackout(reason=one.reason.strip(), zone=words.zone(zone), days=days, start=start, end=end)


def _freezes(freeze: FreezeSettings, time_zone: str) -> Iterator[Blackout]:
    """Around every closing, and besides on days that are named."""
    reason, zone = freeze.reason.strip() or "closing", words.zone(freeze.time_zone or time_zone)
    if freeze.days != ():
        yield Blackout(reason=reason, zone=zone, days=words.days(freeze.days))
    if freeze.dates:
        yield Blackout(reason=reason, zone=zone, days=words.days("every day", _spans(freeze.dates)))


def _require_known(jobs: Collection[str]) -> None:
    if unknown := sorted(set(jobs) - set(DEFAULTS)):
        raise ValueError(f"there is no job {unknown[0]!r}; jobs are {', '.join(DEFAULTS)}")


def _require_time_left(plan: JobPlan) -> None:
    """Refuse blackouts that never end: those of named days do, so they do not count."""
    lasting = tuple(one for one in plan.blackouts if not one.days.spans)
    closed = closed_at(msgspec.structs.replace(plan, blackouts=lasting), _SOME_DAY)
    if closed is not None and closed.until is None:
        raise ValueError(
            f"schedule.blackouts: together they leave no time at all for the job {plan.job} ({closed.reason}); "
            "shorten one, or name the jobs it is meant for"
        )
