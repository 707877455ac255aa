"""The log of webhook deliveries: searched, shown, replayed, and forgotten when old. The shapes are those of `--json`.

A replay reads the stored body once more and lets its notices wait again; it never sends anything anywhere.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from ml_connector.store import audit, connections, deliveries, notices, webhook_keys
from ml_connector.store.database import Database, Tx
from ml_connector.store.deliveries import DeliveredNotice, DeliveryFilter, DeliveryRow
from ml_connector.store.schema import DeliveryOutcome, System
from ml_connector.store.vault import Vault
from ml_connector.store.webhook_keys import WebhookKey
from ml_connector.work import receiving


class DeliveryLine(msgspec.Struct, frozen=True, kw_only=True):
    """One delivery in a list. `times`: how often this very body came; `notices`: how many notices of it are in which state."""

    id: int
    system: str
    received_at: datetime
    last_received_at: datetime
    times: int
    outcome: str
    format: str
    size: int
    events: int
    notices: dict[str, int]
    problem: str


class NoticeView(msgspec.Struct, frozen=True, kw_only=True):
    """One event of a delivery, for one connection."""

    connection: str
    event_id: str
    entity: str
    entity_id: str
    operation: str
    merged_id: str
    occurred_at: datetime | None
    state: str
    handled_at: datetime | None
    problem: str


class DeliveryView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about one delivery. `body` only where it was asked for: it names the company in the open."""

    delivery: DeliveryLine
    content_type: str
    sha256: str
    notices: tuple[NoticeView, ...]
    body: str | None = None


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay came to."""

    deliveries: int
    waiting: int
    still_unknown: int


def lines(
    database: Database, wanted: DeliveryFilter, *, limit: int = 100, before: int | None = None
) -> list[DeliveryLine]:
    """Deliveries that fit, newest first, or those older than the delivery `before`. Where one connection is asked for, only its own
    notices are counted."""
    with database.read() as tx:
        rows = deliveries.listing(tx, wanted, limit=limit, before=before)
        counts = deliveries.notice_counts(tx, [row.id for row in rows], connection_id=wanted.connection_id)
    return [_line(row, {state.value: number for state, number in counts.get(row.id, {}).items()}) for row in rows]


def _line(row: DeliveryRow, counted: dict[str, int]) -> DeliveryLine:
    return DeliveryLine(
        id=row.id,
        system=row.system.value,
        received_at=row.received_at,
        last_received_at=row.last_received_at,
        times=row.times,
        outcome=row.outcome.value,
        format=row.format,
        size=row.size,
        events=row.events,
        notices=counted,
        problem=row.problem,
    )


def view(
    database: Database, vault: Vault, delivery_id: int, *, with_body: bool = False, connection_id: str = ""
) -> DeliveryView | None:
    """One delivery, None when there is none of that id (any more).

    For one connection: only what the call said to it, and None when it said nothing. A body may speak of several companies, so it
    cannot be had for one.
    """
    if with_body and connection_id:
        raise ValueError("a body is of no one connection")
    with database.read() as tx:
        row = deliveries.get(tx, delivery_id)
        if row is None:
            return None
        names = {one.id: one.name for one in connections.list_all(tx)}
        found = deliveries.notices_of(tx, delivery_id, connection_id=connection_id)
        if connection_id and not found:
            return None
        body = deliveries.body(tx, vault, row) if with_body else None
        counts = deliveries.notice_counts(tx, [delivery_id], connection_id=connection_id).get(delivery_id, {})
    return DeliveryView(
        delivery=_line(row, {state.value: number for state, number in counts.items()}),
        content_type=row.content_type,
        sha256=row.digest,
        notices=tuple(_notice(one, names) for one in found),
        body=None if body is None else body.decode("utf-8", "replace"),
    )


def _notice(row: DeliveredNotice, names: dict[str, str]) -> NoticeView:
    return NoticeView(
        connection=names.get(row.connection_id, row.connection_id),
        event_id=row.event_id,
        entity=row.entity,
        entity_id=row.entity_id,
        operation=row.operation,
        merged_id=row.merged_id,
        occurred_at=row.occurred_at,
        state=row.state.value,
        handled_at=row.handled_at,
        problem=row.problem,
    )


def replay(
    database: Database, vault: Vault, rows: Sequence[DeliveryRow], now: datetime, *, actor: str, connection_id: str = ""
) -> Replayed:
    """Read deliveries once more and let their notices wait again, for one connection or for all they concern.

    An event whose company was unknown then is taken for whoever has it now, as long as that connection's own token is the one that
    verified the call.
    """
    waiting = unknown = 0
    for row in rows:
        with database.write() as tx:
            number, strangers = _replay_one(tx, vault, row, now, actor=actor, only=connection_id)
        waiting, unknown = waiting + number, unknown + strangers
    return Replayed(deliveries=len(rows), waiting=waiting, still_unknown=unknown)


def replay_one(
    database: Database, vault: Vault, number: int, now: datetime, *, actor: str, connection_id: str
) -> Replayed | None:
    """The same for one delivery and one connection; None when it said nothing to it."""
    with database.read() as tx:
        row = deliveries.get(tx, number)
        if row is None or not deliveries.notices_of(tx, number, connection_id=connection_id):
            return None
    return replay(database, vault, [row], now, actor=actor, connection_id=connection_id)


def replay_since(
    database: Database,
    vault: Vault,
    since: datetime,
    now: datetime,
    *,
    actor: str,
    connection_id: str = "",
    portion: int = 500,
) -> Replayed:
    """The same for everything that came at or after a moment, however much that is; `portion` of it is in memory at a time."""
    total, before = Replayed(deliveries=0, waiting=0, still_unknown=0), None
    while True:
        with database.read() as tx:
            rows = deliveries.listing(tx, DeliveryFilter(since=since), limit=portion, before=before)
        if not rows:
            return total
        done = replay(database, vault, rows, now, actor=actor, connection_id=connection_id)
        total = Replayed(
            deliveries=total.deliveries + done.deliveries,
            waiting=total.waiting + done.waiting,
            still_unknown=total.still_unknown + done.still_unknown,
        )
        before = rows[-1].id


def _replay_one(tx: Tx, vault: Vault, row: DeliveryRow, now: datetime, *, actor: str, only: str) -> tuple[int, int]:
    delivered = receiving.read(row.system, deliveries.body(tx, vault, row))
    found, strangers = receiving.notices_by_connection(vault, row.system, delivered, _keys(tx, vault, row))
    events: dict[str, set[str]] = {}
    for connection_id, new in found.items():
        if only in {"", connection_id}:
            notices.add_many(tx, connection_id, [msgspec.structs.replace(one, delivery_id=row.id) for one in new], now)
            events.setdefault(connection_id, set()).update(one.event_id for one in new)
    for kept in deliveries.notices_of(tx, row.id):  # also where the token that verified has been changed since
        if only in {"", kept.connection_id}:
            events.setdefault(kept.connection_id, set()).add(kept.event_id)
    waiting = 0
    for connection_id, ids in sorted(events.items()):
        number = deliveries.wait_again(tx, connection_id, row.system, sorted(ids))
        waiting += number
        audit.record(
            tx, connection_id, at=now, actor=actor, action="webhook delivery replayed", subject=str(row.id),
            reason=f"{number} notices wait again",
        )  # fmt: skip
    if events and row.outcome is DeliveryOutcome.UNKNOWN_COMPANY:
        deliveries.set_outcome(tx, row.id, DeliveryOutcome.STORED, row.problem)
    return waiting, strangers


def _keys(tx: Tx, vault: Vault, row: DeliveryRow) -> list[WebhookKey]:
    """The tokens, as they are now, that are the ones which verified a delivery; one for each connection."""
    verified = set(row.token_hashes.split())
    found: dict[str, WebhookKey] = {}
    for state in webhook_keys.states(tx):
        if webhook_keys.FIELDS[state.field] is not System(row.system):
            continue
        key = webhook_keys.opened(tx, vault, state)
        if key is not None and verified & set(vault.fingerprints(key.token.reveal(), purpose="webhook token")):
            found.setdefault(key.connection_id, key)
    return list(found.values())


def forget_old(database: Database, now: datetime, days: int) -> tuple[int, int]:
    """Remove deliveries and read notices that are older than so many days; how many of each. Waiting notices stay."""
    with database.write() as tx:
        return deliveries.forget_before(tx, now - timedelta(days=days))
