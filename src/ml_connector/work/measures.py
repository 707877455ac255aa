"""What a monitor is told of an installation: figures by connection, read from the tables. Knows no monitor's format."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from ml_connector.store import alerts, connections, document_lists, jobs, messages, token_chains
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database, Tx
from ml_connector.store.figures import oldest as oldest_document
from ml_connector.store.schema import ConnectionState, DocumentState
from ml_connector.work.budget_view import budget_view
from ml_connector.work.settings import SettingsError

WAITING = (DocumentState.RECEIVED, DocumentState.VENDOR_PENDING, DocumentState.POSTING, DocumentState.HELD)
"""States in which a document has not reached QuickBooks yet."""


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """One figure. `name` is the metric's, `labels` tell its figures apart, `connection_id` whose it is."""

    name: str
    labels: tuple[str, ...]
    value: float
    connection_id: str


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """What a figure means and which labels it has besides the connection."""

    name: str
    about: str
    labels: tuple[str, ...] = ()


METRICS = (
    Metric(name="connection_active", about="1 while the connection can be used, 0 while it is paused or needs a sign-in"),
    Metric(name="documents", about="Documents by how far they have come", labels=("state",)),
    Metric(name="documents_oldest_waiting_seconds", about="How long the oldest document that is not posted yet has been here"),
    Metric(name="feed_lag_seconds", about="How old what is known of the other system may be", labels=("job",)),
    Metric(name="job_failures", about="Failures in a row of a job", labels=("job",)),
    Metric(name="requests_last_minute", about="Requests QuickBooks got in the last minute", labels=("kind",)),
    Metric(name="requests_limit_per_minute", about="Requests QuickBooks takes in a minute", labels=("kind",)),
    Metric(name="requests_waiting", about="Requests that wait for their turn", labels=("priority",)),
    Metric(name="metered_reads_month", about="Metered reads of the connection's app this month"),
    Metric(name="metered_reads_month_forecast", about="What they come to by the end of the month as they go on"),
    Metric(name="metered_reads_month_limit", about="How many are allowed, 0 for no limit"),
    Metric(name="sign_in_days_left", about="Days until the QuickBooks sign-in ends", labels=("limit",)),
    Metric(name="alerts_open", about="Alerts that need a person", labels=("severity",)),
    Metric(name="messages_waiting", about="Messages to people that wait to be sent"),
)  # fmt: skip
"""Every metric, in the order in which they are told."""


def measure(database: Database, now: datetime) -> list[Measure]:
    """The figures of every connection, read at one moment."""
    with database.read() as tx:
        found = list[Measure]()
        past = jobs.everything(tx)
        waiting = messages.waiting_by_connection(tx)
        for row in connections.list_all(tx):
            figures = _Figures(row)
            usable = row.state is ConnectionState.ACTIVE and row.paused_at is None
            figures.add("connection_active", float(usable))
            figures.add("messages_waiting", waiting.get(row.id, 0))
            _documents(tx, row, figures, now)
            for (connection_id, job), one in sorted(past.items()):
                if connection_id == row.id:
                    figures.add("job_failures", one.failures, job)
                    if one.current_to is not None:
                        figures.add("feed_lag_seconds", max(0.0, (now - one.current_to).total_seconds()), job)
            _requests(tx, row, figures, now)
            _sign_in(tx, row, figures, now)
            for severity, number in alerts.open_count(tx, row.id).items():
                figures.add("alerts_open", number, severity.value)
            found += figures.found
    return found


class _Figures:
    """Collects the figures of one connection."""

    def __init__(self, row: ConnectionRow) -> None:
        self.found = list[Measure]()
        self._row = row

    def add(self, name: str, value: float, *labels: str) -> None:
        """One figure more."""
        self.found.append(
            Measure(name=name, labels=(self._row.name, *labels), value=float(value), connection_id=self._row.id)
        )


def _documents(tx: Tx, row: ConnectionRow, figures: _Figures, now: datetime) -> None:
    counts = document_lists.counts(tx, row.id)
    for state in DocumentState:
        figures.add("documents", counts.get(state, (0, {}))[0], state.value)
    oldest = oldest_document(tx, row.id, WAITING)
    figures.add("documents_oldest_waiting_seconds", (now - oldest).total_seconds() if oldest else 0.0)


def _requests(tx: Tx, row: ConnectionRow, figures: _Figures, now: datetime) -> None:
    try:
        seen = budget_view(tx, row, now)
    except SettingsError:
        return  # a job of this connection fails for the same reason, which is measured
    figures.add("requests_last_minute", seen.requests_last_minute, "requests")
    figures.add("requests_last_minute", seen.batches_last_minute, "batches")
    figures.add("requests_limit_per_minute", seen.requests_per_minute, "requests")
    figures.add("requests_limit_per_minute", seen.batches_per_minute, "batches")
    figures.add("requests_waiting", seen.waiting_urgent, "urgent")
    figures.add("requests_waiting", seen.waiting_bulk, "bulk")
    figures.add("metered_reads_month", seen.reads_of_app)
    figures.add("metered_reads_month_forecast", seen.forecast)
    figures.add("metered_reads_month_limit", seen.reads_per_month)


def _sign_in(tx: Tx, row: ConnectionRow, figures: _Figures, now: datetime) -> None:
    chain = token_chains.get(tx, row.id)
    ends = (("unused", chain.refresh_expires_at), ("five years", chain.hard_expires_at)) if chain else ()
    for limit, at in ends:
        if at is not None:
            figures.add("sign_in_days_left", (at - now).total_seconds() / 86_400, limit)


def of_connections(found: Sequence[Measure], connection_ids: frozenset[str]) -> list[Measure]:
    """The figures of some connections only."""
    return [one for one in found if one.connection_id in connection_ids]
