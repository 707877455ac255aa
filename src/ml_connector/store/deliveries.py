"""Webhook calls as they arrived: kept sealed, once for each body, with what was made of them, until they are old.

One call may speak of several companies, so a delivery has no connection; its notices do. Nothing here reads a body.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache

import msgspec
from sqlalchemy import ColumnElement, Executable, delete, exists, func, select, update

from ml_connector.store.database import Tx
from ml_connector.store.notices import NoticeRow
from ml_connector.store.rows import as_struct, as_structs, chunks, insert_into
from ml_connector.store.schema import DeliveryOutcome, NoticeState, System, deliveries, notices
from ml_connector.store.vault import Vault

_TABLE = "deliveries"


class NewDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """A verified call. `digest` is the SHA-256 of the body, `envelope` the body sealed by `seal`, `token_hashes` the fingerprints
    of the tokens that verified it, separated by blanks. `times`: how often this very body came at once."""

    system: System
    digest: str
    envelope: str
    token_hashes: str
    content_type: str
    format: str
    size: int
    outcome: DeliveryOutcome
    events: int
    problem: str
    times: int = 1


class DeliveryRow(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery as kept, without its body. `times`: how often the same body arrived."""

    id: int
    system: System
    digest: str
    token_hashes: str
    content_type: str
    format: str
    size: int
    outcome: DeliveryOutcome
    events: int
    problem: str
    times: int
    received_at: datetime
    last_received_at: datetime


class DeliveryFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which deliveries are meant: those that fit everything that is given."""

    system: System | None = None
    outcome: DeliveryOutcome | None = None
    connection_id: str = ""
    entity: str = ""
    entity_id: str = ""
    since: datetime | None = None
    until: datetime | None = None


_COLUMNS = [deliveries.c[name] for name in DeliveryRow.__struct_fields__]


def seal(vault: Vault, digest: str, body: bytes) -> str:
    """A body as an envelope that opens only as this delivery's: it holds company ids. Every byte is kept as it came."""
    return vault.seal(body.decode("latin-1"), table=_TABLE, connection_id="", field=digest)


def add_many(tx: Tx, new: Sequence[NewDelivery], now: datetime) -> dict[tuple[System, str], int]:
    """Keep deliveries, or count those whose body is known once more; their ids by system and digest.

    No two of `new` may be of one body. They are written in the order of their digests, so that two processes never wait for
    each other.
    """
    if not new:
        return {}
    values = [
        msgspec.structs.asdict(one) | {"received_at": now, "last_received_at": now}
        for one in sorted(new, key=lambda one: (one.system, one.digest))
    ]
    found = tx.execute(_keep_or_count(tx.dialect.name), values)
    return {(system, digest): row_id for system, digest, row_id in found.all()}


@cache
def _keep_or_count(dialect: str) -> Executable:
    """Made once for each database: it runs hundreds of times a second."""
    statement = insert_into(dialect, deliveries)
    return statement.on_conflict_do_update(
        index_elements=[deliveries.c.system, deliveries.c.digest],
        set_={
            "times": deliveries.c.times + statement.excluded.times,
            "last_received_at": statement.excluded.last_received_at,
        },
    ).returning(deliveries.c.system, deliveries.c.digest, deliveries.c.id)


def get(tx: Tx, delivery_id: int) -> DeliveryRow | None:
    """One delivery, None when there is none of that id (any more)."""
    row = tx.execute(select(*_COLUMNS).where(deliveries.c.id == delivery_id)).one_or_none()
    return None if row is None else as_struct(DeliveryRow, row)


def body(tx: Tx, vault: Vault, row: DeliveryRow) -> bytes:
    """The body, byte for byte. Raises VaultError when it does not open."""
    envelope = tx.execute(select(deliveries.c.envelope).where(deliveries.c.id == row.id)).scalar_one()
    opened = vault.open(envelope, table=_TABLE, connection_id="", field=row.digest)
    return opened.reveal().encode("latin-1")


def listing(tx: Tx, wanted: DeliveryFilter, *, limit: int = 100, before: int | None = None) -> list[DeliveryRow]:
    """Deliveries, newest first; only those older than the delivery `before`, to go on where a list ended."""
    query = select(*_COLUMNS).where(*_fits(wanted)).order_by(deliveries.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(deliveries.c.id < before)
    return as_structs(DeliveryRow, tx.execute(query))


def _fits(wanted: DeliveryFilter) -> Iterable[ColumnElement[bool]]:
    for name in ("system", "outcome"):
        if (value := getattr(wanted, name)) is not None:
            yield deliveries.c[name] == value
    if wanted.since is not None:
        yield deliveries.c.last_received_at >= wanted.since
    if wanted.until is not None:
        yield deliveries.c.received_at < wanted.until
    of_notices = [
        notices.c[name] == value
        for name in ("connection_id", "entity", "entity_id")
        if (value := getattr(wanted, name))
    ]
    if of_notices:
        yield exists().where(notices.c.delivery_id == deliveries.c.id, *of_notices)


def notice_counts(tx: Tx, delivery_ids: Sequence[int], *, connection_id: str = "") -> dict[int, dict[NoticeState, int]]:
    """How many notices of each delivery are in which state, of one connection or of all."""
    found: dict[int, dict[NoticeState, int]] = {}
    for some in chunks(delivery_ids):
        query = (
            select(notices.c.delivery_id, notices.c.state, func.count())
            .where(notices.c.delivery_id.in_(some), *_of(connection_id))
            .group_by(notices.c.delivery_id, notices.c.state)
        )
        for delivery_id, state, number in tx.execute(query):
            found.setdefault(delivery_id, {})[state] = number
    return found


def _of(connection_id: str) -> Iterable[ColumnElement[bool]]:
    if connection_id:
        yield notices.c.connection_id == connection_id


class DeliveredNotice(NoticeRow, frozen=True, kw_only=True):
    """A notice with the connection it belongs to."""

    connection_id: str


def notices_of(tx: Tx, delivery_id: int, *, connection_id: str = "") -> list[DeliveredNotice]:
    """The notices a delivery brought, of one connection or of all, in order."""
    columns = [notices.c[name] for name in DeliveredNotice.__struct_fields__]
    query = select(*columns).where(notices.c.delivery_id == delivery_id, *_of(connection_id)).order_by(notices.c.id)
    return as_structs(DeliveredNotice, tx.execute(query))


def wait_again(tx: Tx, connection_id: str, system: System, event_ids: Sequence[str]) -> int:
    """Let notices of one connection wait to be read once more, whatever became of them; how many. What names no record cannot."""
    changed = 0
    for some in chunks(event_ids):
        statement = update(notices).where(
            notices.c.connection_id == connection_id,
            notices.c.system == system,
            notices.c.event_id.in_(some),
            notices.c.entity_id != "",
            notices.c.entity != "",
        )
        changed += tx.execute(statement.values(state=NoticeState.WAITING, handled_at=None, problem="")).rowcount
    return changed


def set_outcome(tx: Tx, delivery_id: int, outcome: DeliveryOutcome, problem: str) -> None:
    """Say what a delivery comes to now that it was looked at again."""
    statement = update(deliveries).where(deliveries.c.id == delivery_id)
    tx.execute(statement.values(outcome=outcome, problem=problem))


def forget_before(tx: Tx, moment: datetime) -> tuple[int, int]:
    """Remove deliveries last received before a moment, and notices from before it that wait for nobody; how many of each.

    Notices that still wait outlive their delivery.
    """
    old_notices = delete(notices).where(notices.c.received_at < moment, notices.c.state != NoticeState.WAITING)
    gone_notices = tx.execute(old_notices).rowcount
    old = delete(deliveries).where(deliveries.c.received_at < moment, deliveries.c.last_received_at < moment)
    return tx.execute(old).rowcount, gone_notices
