"""When the jobs of a company run, as plain data: triggers, days, blackouts, and what is known of a job's past.

Read from settings by `work/schedule_settings.py`, decided upon by `rules/timetable.py`. Zones are IANA names, weekdays count from
Monday = 0, instants are aware and in UTC, times of day and dates are those on the wall of their zone.
"""

from datetime import date, datetime, time, timedelta
from enum import StrEnum

import msgspec


class OnHoliday(StrEnum):
    """What becomes of a run that falls on a holiday: it runs all the same, not at all, or on the working day before or after."""

    RUN = "run"
    SKIP = "skip"
    BEFORE = "before"
    AFTER = "after"


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Days in a row, both ends included."""

    first: date
    last: date


class Calendar(msgspec.Struct, frozen=True, kw_only=True):
    """Which days a company works.

    `country` (ISO 3166-1) and `subdivision` bring public holidays; `closed` adds days of the company's own; on `open` it works
    although the day is a holiday or a weekend.
    """

    country: str = ""
    subdivision: str = ""
    closed: tuple[Span, ...] = ()
    open: tuple[Span, ...] = ()
    working_weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)


class Days(msgspec.Struct, frozen=True, kw_only=True):
    """Which days are meant. Empty parts say nothing; a day has to fit each part that says something.

    `of_month` and `working_of_month` are one part: a day that fits any of their numbers fits. Numbers count from 1, or from the
    end of the month with -1 for its last day.
    """

    weekdays: tuple[int, ...] = ()
    of_month: tuple[int, ...] = ()
    working_of_month: tuple[int, ...] = ()
    spans: tuple[Span, ...] = ()
    only_working: bool = False


class Every(msgspec.Struct, frozen=True, kw_only=True):
    """Again and again after `interval`; at seconds of its own for each company and job."""

    interval: timedelta


class Within(msgspec.Struct, frozen=True, kw_only=True):
    """Again and again after `interval`, on some days only: a cycle such as month-end."""

    name: str
    days: Days
    zone: str
    interval: timedelta


class At(msgspec.Struct, frozen=True, kw_only=True):
    """At times of day on some days: a cycle such as a payment run. `offset` is how much earlier (negative) or later it runs."""

    name: str
    days: Days
    times: tuple[time, ...]
    zone: str
    on_holiday: OnHoliday = OnHoliday.RUN
    offset: timedelta = timedelta()


class Cron(msgspec.Struct, frozen=True, kw_only=True):
    """By a cron expression of five fields: minute, hour, day of month, month, weekday."""

    expression: str
    zone: str
    on_holiday: OnHoliday = OnHoliday.RUN


class OnNotice(msgspec.Struct, frozen=True, kw_only=True):
    """As soon as the other system announces something for the job. `what` says so to people: "an approval in Basware"."""

    what: str


Trigger = Every | Within | At | Cron | OnNotice


class Blackout(msgspec.Struct, frozen=True, kw_only=True):
    """A window in which nothing starts, from `start` on each of `days` to `end` (on the next day if that is not later).

    Without times it lasts whole days. `reason` is shown to people.
    """

    reason: str
    zone: str
    days: Days = Days()
    start: time | None = None
    end: time | None = None


class JobPlan(msgspec.Struct, frozen=True, kw_only=True):
    """When one job of one connection runs. `seed` tells companies and jobs apart, so that not all call at the same second.

    `blackouts` are those that hold for this job, freezes included. `zone` is the one in which people are shown its runs.
    """

    job: str
    seed: str
    zone: str
    triggers: tuple[Trigger, ...]
    calendar: Calendar = Calendar()
    blackouts: tuple[Blackout, ...] = ()


class JobHistory(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a job's past, and what people and the other systems ask of it.

    `since`: from when the plan counts (the connection was added, its schedule changed); runs planned earlier are not made up for.
    `cut_offs`: runs in a row before the last one that began and never ended.
    `retry_at`: after a failure, not before this. `asked_at`: somebody wants it now, and `despite` says why even within a
    blackout, empty if not. `again_at`: the last run said when it has to go on. `oldest_notice_at`: since when an
    announcement waits. `paused`: who paused it and why, in words, empty if nobody did.
    """

    since: datetime
    last_started: datetime | None = None
    last_finished: datetime | None = None
    failures: int = 0
    cut_offs: int = 0
    retry_at: datetime | None = None
    asked_at: datetime | None = None
    asked_by: str = ""
    despite: str = ""
    again_at: datetime | None = None
    oldest_notice_at: datetime | None = None
    paused: str = ""


class DueBy(StrEnum):
    """What makes a job due, for programs; `Due.why` says it to people."""

    ASKED = "asked"
    NOTICE = "notice"
    PLAN = "plan"
    FIRST = "first run"
    AGAIN = "goes on"
    RETRY = "retry"
    CUT_OFF = "cut off"
    PAUSED = "paused"
    NOTHING = "nothing planned"


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """When a job is to start: at or before now means now, None means not until somebody or something asks. `why` is a sentence."""

    at: datetime | None
    why: str
    by: DueBy


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """One run of the timetable. `why` tells which trigger wants it, and from where it was moved."""

    at: datetime
    why: str


class Closed(msgspec.Struct, frozen=True, kw_only=True):
    """Why nothing may start now, and until when; `until` is None when blackouts follow on each other without an end in sight."""

    reason: str
    until: datetime | None
