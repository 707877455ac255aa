"""What people are shown of a connection's request budget and of its app's metered reads. Nothing here changes anything."""

from datetime import UTC, datetime

import msgspec

from ml_connector.store import budgets, meters
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Tx
from ml_connector.work.budget import budget_key
from ml_connector.work.meter import metered, outlook_of
from ml_connector.work.settings import decode_settings

_MINUTE = 60.0


class BudgetView(msgspec.Struct, frozen=True, kw_only=True):
    """The request budget of a connection's company now, and the reads of its app this month."""

    connection: str
    requests_last_minute: int
    requests_per_minute: int
    batches_last_minute: int
    batches_per_minute: int
    waiting_urgent: int
    waiting_bulk: int
    quiet_until: datetime | None
    month: str
    reads: int
    """Metered reads of this connection alone."""
    writes: int
    refused: int
    reads_of_app: int
    reads_of_app_batches_as_one: int
    reads_per_month: int
    forecast: int
    forecast_unslowed: int
    stretch: float


def budget_view(tx: Tx, row: ConnectionRow, now: datetime) -> BudgetView:
    """The budget of a connection. Raises SettingsError when its settings cannot be read."""
    own = decode_settings(row.settings).quickbooks
    known = budgets.get(tx, budget_key(tx, row))
    moment = now if known is None else max(now, known.updated_at)
    used = budgets.use(tx, budget_key(tx, row), moment.timestamp() - _MINUTE, moment.timestamp())
    quiet = None if known is None or known.quiet_until is None else known.quiet_until.astimezone(UTC)
    month = now.astimezone(own.quota.zone).date().replace(day=1)
    mine = meters.of_connection(tx, row.id, month.isoformat())
    app = meters.newest_app(tx, row.id)
    seen = outlook_of(tx, app, own.quota, now)
    return BudgetView(
        connection=row.name,
        requests_last_minute=used.requests,
        requests_per_minute=own.limits.requests_per_minute,
        batches_last_minute=used.batches,
        batches_per_minute=own.limits.batches_per_minute,
        waiting_urgent=used.waiting_urgent,
        waiting_bulk=used.waiting_bulk,
        quiet_until=quiet if quiet is not None and quiet > moment else None,
        month=month.isoformat()[:7],
        reads=sum(metered(one, own.quota) for one in mine),
        writes=sum(one.writes for one in mine),
        refused=sum(one.refused for one in mine),
        reads_of_app=seen.used,
        reads_of_app_batches_as_one=sum(one.read_calls for one in meters.of_app(tx, app, month.isoformat())),
        reads_per_month=seen.limit,
        forecast=seen.forecast,
        forecast_unslowed=seen.unslowed,
        stretch=round(seen.stretch, 2),
    )


class BudgetDay(msgspec.Struct, frozen=True, kw_only=True):
    """One day of this month: calls of this connection. `stretch`: how much slower polls ran on it to save reads."""

    day: str
    reads: int
    writes: int
    refused: int
    stretch: float


def budget_history(tx: Tx, row: ConnectionRow, now: datetime) -> list[BudgetDay]:
    """The days of this month with calls, in order."""
    quota = decode_settings(row.settings).quickbooks.quota
    first = now.astimezone(quota.zone).date().replace(day=1)
    days: dict[str, BudgetDay] = {}
    for one in meters.of_connection(tx, row.id, first.isoformat()):
        known = days.get(one.day, BudgetDay(day=one.day, reads=0, writes=0, refused=0, stretch=1.0))
        days[one.day] = BudgetDay(
            day=one.day, reads=known.reads + metered(one, quota), writes=known.writes + one.writes,
            refused=known.refused + one.refused, stretch=max(known.stretch, one.stretch),
        )  # fmt: skip
    return list(days.values())
