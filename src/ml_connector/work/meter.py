"""Counting what Intuit meters: reads ("CorePlus"), summed over the companies of an app for a month. Writes are free.

Every call is counted when it is let out, in the transaction that lets it out, so that nothing is forgotten and little is added. The
app is known by a hash of its client id. What follows for polls and alerts is decided in `rules/quota.py`.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from ml_connector.rules.quota import RECENT_DAYS, DayOfReads, Outlook, outlook
from ml_connector.store import alerts, meters
from ml_connector.store.database import Tx
from ml_connector.store.meters import MeterRow
from ml_connector.store.schema import Priority, Severity

KEPT = timedelta(days=400)
"""How long the counts of a day stay."""

USED = "metered reads used"
FORECAST = "metered reads forecast"
"""The kinds of alerts raised here."""

_LEVELS = ((100, Severity.ERROR), (95, Severity.WARNING), (80, Severity.WARNING))
_LOOK_EVERY = timedelta(minutes=10)


class Quota(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the app's plan at Intuit allows in a month, over all its companies: put the same into each of its connections."""

    reads_per_month: Annotated[int, msgspec.Meta(ge=0)] = 0
    """0: no limit."""
    batch_reads_count: Literal["each", "one"] = "each"
    """How a batch of queries is metered, which Intuit does not say: each query, or the batch as one."""
    time_zone: str = "America/Los_Angeles"
    """The zone of Intuit's months, which it does not say either; it sits in California."""

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{self.time_zone!r} is no time zone; one looks like America/Los_Angeles") from error

    @property
    def zone(self) -> ZoneInfo:
        """The zone by whose days and months reads are counted."""
        return ZoneInfo(self.time_zone)


def app_hash(client_id: str) -> str:
    """What stands for an app. Client ids are long and random, so nobody finds one from its hash; it outlives master keys."""
    return sha256(b"ml-connector app:" + client_id.encode()).hexdigest()[:32]


class Meter:
    """What one client of a connection counts."""

    def __init__(self, *, connection_id: str, app: str, quota: Quota, priority: Priority = Priority.URGENT) -> None:
        self._connection_id = connection_id
        self._app = app
        self._quota = quota
        self._priority = priority
        self._stretch = 1.0
        self._looked_at: datetime | None = None

    def count(self, tx: Tx, now: datetime, *, reads: int) -> None:
        """Count one call that is let out: a write, or one with so many reads in it. Now and then, see how the month comes out."""
        if self._looked_at is None or not timedelta() <= now - self._looked_at < _LOOK_EVERY:
            self._looked_at = now
            self._stretch = watch_quota(tx, self._connection_id, self._app, self._quota, now).stretch
            meters.forget_before(tx, self._connection_id, (now - KEPT).date().isoformat())
        self._add(tx, now, reads=reads, read_calls=min(1, reads), writes=0 if reads else 1)

    def count_refusal(self, tx: Tx, now: datetime) -> None:
        """Count a 429."""
        self._add(tx, now, refused=1)

    def _add(self, tx: Tx, now: datetime, **counts: int) -> None:
        more = MeterRow(
            connection_id=self._connection_id,
            app_hash=self._app,
            day=now.astimezone(self._quota.zone).date().isoformat(),
            priority=self._priority,
            stretch=self._stretch if self._priority is Priority.BULK else 1.0,
            **counts,
        )
        meters.count(tx, more)


def outlook_of(tx: Tx, app: str, quota: Quota, now: datetime) -> Outlook:
    """How the month of an app will come out, over all its connections."""
    local = now.astimezone(quota.zone)
    first = min(local.date().replace(day=1), local.date() - timedelta(days=RECENT_DAYS))
    days: dict[str, DayOfReads] = {}
    for row in meters.of_app(tx, app, first.isoformat()):
        known = days.get(row.day) or DayOfReads(day=datetime.fromisoformat(row.day).date())
        reads = metered(row, quota)
        if row.priority is Priority.BULK:
            known = msgspec.structs.replace(known, polls=reads, stretch=row.stretch)
        else:
            known = msgspec.structs.replace(known, needed=reads)
        days[row.day] = known
    return outlook(days.values(), quota.reads_per_month, local)


def metered(row: MeterRow, quota: Quota) -> int:
    """The reads of a row as the quota counts them."""
    return row.reads if quota.batch_reads_count == "each" else row.read_calls


def poll_stretch(tx: Tx, connection_id: str, quota: Quota, now: datetime) -> float:
    """By how much polls of QuickBooks have to slow down now, 1 if not at all; `rules.quota.stretched` makes an interval of it."""
    app = meters.newest_app(tx, connection_id)
    return outlook_of(tx, app, quota, now).stretch if app and quota.reads_per_month else 1.0


def watch_quota(tx: Tx, connection_id: str, app: str, quota: Quota, now: datetime) -> Outlook:
    """See how the month comes out, raise the alerts that follow and clear those that are over."""
    seen = outlook_of(tx, app, quota, now)
    percent = 100 * seen.used / seen.limit if seen.limit else 0.0
    reached = next(((level, severity) for level, severity in _LEVELS if percent >= level), None)
    for level, _ in _LEVELS:
        if reached is None or reached[0] != level:
            alerts.clear(tx, connection_id, kind=USED, subject=f"{level} %", now=now)
    if reached is not None:
        alerts.raise_(
            tx, connection_id, kind=USED, subject=f"{reached[0]} %", message=_used(seen), severity=reached[1], now=now
        )
    if seen.limit and seen.unslowed > seen.limit:
        alerts.raise_(tx, connection_id, kind=FORECAST, message=_forecast(seen), severity=Severity.WARNING, now=now)
    else:
        alerts.clear(tx, connection_id, kind=FORECAST, now=now)
    return seen


def _used(seen: Outlook) -> str:
    if seen.used >= seen.limit:
        return (
            f"{seen.used:,} of this month's {seen.limit:,} metered reads are used. Looking for changes in QuickBooks is down to "
            "once a day until the month ends; posting goes on. Depending on your plan, Intuit charges for further reads or "
            "refuses them. Compare with the usage chart in Intuit's developer portal; a larger plan or limit ends this."
        )
    return (
        f"{seen.used:,} of this month's {seen.limit:,} metered reads are used. Nothing is wrong yet: polls are slowed so that the "
        f"rest lasts. By the month's end {seen.forecast:,} are to be expected."
    )


def _forecast(seen: Outlook) -> str:
    return (
        f"At full speed this month would take {seen.unslowed:,} metered reads; the limit is {seen.limit:,}. Polls of QuickBooks "
        f"therefore run {seen.stretch:.1f} times as far apart, so changes made there are noticed later; posting is not slowed. "
        "Poll less often, or raise the plan and `reads_per_month`."
    )
