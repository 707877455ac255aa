"""The section `[schedule]` of a connection: when each job runs, in the words of docs/schedules.md.

What it comes to is `schedule_plans.py`'s; nothing here decides anything.
"""

from collections.abc import Mapping
from datetime import date

import msgspec

from ml_connector.model.timetable import OnHoliday

NEVER = "never"
"""Written for `every`: the job runs only when somebody asks for it."""

KEEPS_SIGNED_IN = "sign-in"
"""The job that keeps the QuickBooks sign-in alive. Blackouts and the pause of a connection leave it alone unless they name it."""

ANNOUNCEMENTS: Mapping[str, tuple[str, str]] = {
    "invoices": ("approval", "an approval in Basware"),
    "orders": ("order", "a purchase order exported from Basware"),
    "outcomes": ("outcome", "an outcome announced by Basware"),
    "changes": ("change", "a change in QuickBooks"),
}
"""By job, what the other system announces by webhook: the word for `after`, and what people are told."""


class SpanSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"first": "from", "last": "to"}
):
    """Days in a row, both ends included."""

    first: date
    last: date


Dates = tuple[date | SpanSettings, ...]
DayWords = str | int | tuple[str | int, ...]
Texts = str | tuple[str, ...]


class CalendarSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which days the company works."""

    country: str = ""
    subdivision: str = ""
    closed: Dates = ()
    open: Dates = ()
    working_days: tuple[str, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday")
    on_holiday: OnHoliday = OnHoliday.RUN


class CycleSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A cycle of the business that jobs refer to by its name: on some days, at times of day or again and again."""

    days: DayWords = "every day"
    dates: Dates = ()
    times: Texts = ()
    every: str = ""
    time_zone: str = ""
    on_holiday: OnHoliday | None = None


class BlackoutSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"start": "from", "end": "to"}
):
    """A window in which nothing starts."""

    reason: str
    start: str = ""
    end: str = ""
    days: DayWords = "every day"
    dates: Dates = ()
    time_zone: str = ""
    jobs: tuple[str, ...] = ()


class FreezeSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The freeze around closing: whole days on which the books are left alone."""

    days: DayWords = ()
    dates: Dates = ()
    reason: str = "closing"
    time_zone: str = ""
    jobs: tuple[str, ...] = ("invoices",)


class JobSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When one job runs: any of these, or several together."""

    every: str = ""
    after: str = ""
    cycle: Texts = ()
    cron: Texts = ()
    time_zone: str = ""
    on_holiday: OnHoliday | None = None


DEFAULTS: Mapping[str, JobSettings] = {
    "invoices": JobSettings(every="10m", after="approval"),
    "changes": JobSettings(every="15m", after="change"),
    "orders": JobSettings(every="15m", after="order"),
    "vendors": JobSettings(every="1h"),
    "attachments": JobSettings(every="30m"),
    "master-data": JobSettings(every="1h"),
    "payments": JobSettings(every="15m"),
    "outcomes": JobSettings(every="5m", after="outcome"),
    "notices": JobSettings(every="15m"),
    "network": JobSettings(every="10m"),
    "extracts": JobSettings(every="1h"),
    KEEPS_SIGNED_IN: JobSettings(every="1h"),
}
"""When each job runs if nothing is set: often enough that a lost webhook costs minutes."""


class ScheduleSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the jobs of a connection run. Whatever is left out is as in DEFAULTS."""

    time_zone: str = "UTC"
    calendar: CalendarSettings = CalendarSettings()
    cycles: dict[str, CycleSettings] = {}
    blackouts: tuple[BlackoutSettings, ...] = ()
    freeze: FreezeSettings = FreezeSettings()
    jobs: dict[str, JobSettings] = {}
