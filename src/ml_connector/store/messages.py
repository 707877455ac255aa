"""What people are told outside the console, and where to. Addresses are sealed; nothing here returns one in the open.

A message is stored before it is sent and is unique by its target and its cause, so that nobody is told the same thing twice.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, delete, func, or_, select, update

from ml_connector.store.database import Tx
from ml_connector.store.rows import as_struct, as_structs, insert, inserted
from ml_connector.store.schema import MessageState, message_targets, messages, told_causes
from ml_connector.store.vault import Secret, Vault

_TABLE = "message_targets"
_COLUMNS = [column for column in messages.c if column.name != "taken_until"]


class TargetRow(msgspec.Struct, frozen=True, kw_only=True):
    """Where messages go. `shown` names it without its secrets; `connection_id` is empty when it is told of every connection."""

    id: str
    connection_id: str
    shown: str
    created_at: datetime
    created_by: str


class MessageRow(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one target. `cause` is what it is about, for not telling it twice; `problem` why it was not sent at last."""

    id: int
    connection_id: str
    target_id: str
    cause: str
    title: str
    body: str
    state: MessageState
    tries: int
    due_at: datetime
    created_at: datetime
    sent_at: datetime | None
    problem: str


class NewMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message to store."""

    connection_id: str
    target_id: str
    cause: str
    title: str
    body: str


# Targets


def add_target(tx: Tx, vault: Vault, target: TargetRow, address: str) -> None:
    """Keep a target and its address."""
    envelope = vault.seal(address, table=_TABLE, connection_id=target.connection_id, field=target.id)
    tx.execute(message_targets.insert().values(**msgspec.structs.asdict(target), envelope=envelope))


def targets(tx: Tx) -> list[TargetRow]:
    """Every target, oldest first."""
    table = message_targets.c
    query = select(table.id, table.connection_id, table.shown, table.created_at, table.created_by)
    return as_structs(TargetRow, tx.execute(query.order_by(table.created_at, table.id)))


def address(tx: Tx, vault: Vault, target_id: str) -> Secret | None:
    """Where a target's messages go; None when it is gone. Raises VaultError when it does not open."""
    row = tx.execute(select(message_targets).where(message_targets.c.id == target_id)).one_or_none()
    if row is None:
        return None
    return vault.open(row.envelope, table=_TABLE, connection_id=row.connection_id, field=target_id)


def remove_target(tx: Tx, target_id: str) -> None:
    """Forget a target and what was to be sent to it; what was sent stays on record."""
    waiting = (messages.c.target_id == target_id, messages.c.state == MessageState.WAITING)
    tx.execute(delete(messages).where(*waiting))
    tx.execute(delete(message_targets).where(message_targets.c.id == target_id))


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How sending to a target goes: what waits, when the last message was taken, and why one that waits was not."""

    waiting: int = 0
    sent_at: datetime | None = None
    problem: str = ""


def standing(tx: Tx, target_ids: Sequence[str]) -> dict[str, Standing]:
    """How sending goes, by target."""
    table = messages.c
    waits = table.state == MessageState.WAITING
    query = (
        select(
            table.target_id,
            func.count().filter(waits).label("waiting"),
            func.max(table.sent_at).label("sent_at"),
            func.max(table.problem).filter(waits).label("problem"),
        )
        .where(table.target_id.in_(target_ids))
        .group_by(table.target_id)
    )
    found = {
        row.target_id: Standing(waiting=row.waiting, sent_at=row.sent_at, problem=row.problem or "")
        for row in tx.execute(query)
    }
    return {one: found.get(one, Standing()) for one in target_ids}


# Messages


def add(tx: Tx, message: NewMessage, now: datetime) -> bool:
    """Store a message, due at once; False when this target was told of this cause already."""
    fresh = msgspec.structs.asdict(message) | {
        "state": MessageState.WAITING, "tries": 0, "due_at": now, "created_at": now, "problem": "",
    }  # fmt: skip
    return inserted(tx, messages, fresh)


def known_causes(tx: Tx, connection_id: str, causes: Iterable[str]) -> set[tuple[str, str]]:
    """Which of some causes which target was told of, or is about to be: pairs of target and cause."""
    wanted = list(causes)
    query = select(messages.c.target_id, messages.c.cause).where(
        messages.c.connection_id == connection_id, messages.c.cause.in_(wanted)
    )
    return {(row.target_id, row.cause) for row in tx.execute(query)} if wanted else set()


def due(tx: Tx, now: datetime, limit: int = 100) -> list[MessageRow]:
    """Messages to send now that nobody else is sending, oldest first."""
    query = select(*_COLUMNS).where(messages.c.state == MessageState.WAITING, messages.c.due_at <= now, _free(now))
    return [
        as_struct(MessageRow, row) for row in tx.execute(query.order_by(messages.c.due_at, messages.c.id).limit(limit))
    ]


def take(tx: Tx, message_id: int, now: datetime, until: datetime) -> bool:
    """Take a message on, so that no other process sends it until that moment; False when somebody was first."""
    statement = update(messages).where(
        messages.c.id == message_id, messages.c.state == MessageState.WAITING, _free(now)
    )
    return tx.execute(statement.values(taken_until=until, tries=messages.c.tries + 1, problem="")).rowcount == 1


def sent(tx: Tx, message_id: int, now: datetime) -> None:
    """The target took it."""
    _settle(tx, message_id, state=MessageState.SENT, sent_at=now, problem="")


def failed(tx: Tx, message_id: int, problem: str, again_at: datetime | None) -> None:
    """The target did not take it. None: it is not tried again."""
    if again_at is None:
        _settle(tx, message_id, state=MessageState.GIVEN_UP, problem=problem)
    else:
        _settle(tx, message_id, due_at=again_at, problem=problem)


def _settle(tx: Tx, message_id: int, **columns: object) -> None:
    tx.execute(update(messages).where(messages.c.id == message_id).values(taken_until=None, **columns))


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(messages.c.taken_until.is_(None), messages.c.taken_until < now)


def listing(tx: Tx, connection_id: str, *, limit: int = 100, before: int | None = None) -> list[MessageRow]:
    """Messages about a connection, newest first; only those before the message `before`, to go on where a list ended."""
    query = select(*_COLUMNS).where(messages.c.connection_id == connection_id)
    if before is not None:
        query = query.where(messages.c.id < before)
    return as_structs(MessageRow, tx.execute(query.order_by(messages.c.id.desc()).limit(limit)))


def waiting_by_connection(tx: Tx) -> dict[str, int]:
    """How many messages wait to be sent, by connection."""
    query = select(messages.c.connection_id, func.count()).where(messages.c.state == MessageState.WAITING)
    return {row[0]: row[1] for row in tx.execute(query.group_by(messages.c.connection_id))}


def forget_before(tx: Tx, moment: datetime) -> int:
    """Forget what was sent or given up before a moment; how many there were."""
    over = messages.c.state != MessageState.WAITING
    return tx.execute(delete(messages).where(over, messages.c.created_at < moment)).rowcount


# Causes that hold documents


def note_causes(
    tx: Tx, connection_id: str, open_now: Iterable[tuple[str, str]], now: datetime
) -> list[tuple[str, str]]:
    """Keep which causes hold something; those that are new, or back after they were over."""
    wanted = set(open_now)
    query = select(told_causes).where(told_causes.c.connection_id == connection_id)
    known = {(row.cause, row.subject): row.over_at is None for row in tx.execute(query)}
    for pair in (pair for pair, is_open in known.items() if is_open and pair not in wanted):
        tx.execute(update(told_causes).where(*_is(connection_id, pair)).values(over_at=now))
    fresh = sorted(pair for pair in wanted if not known.get(pair, False))
    for cause, subject in fresh:
        row = {"connection_id": connection_id, "cause": cause, "subject": subject, "since": now, "over_at": None}
        statement = insert(tx, told_causes).values(**row)
        keys = [told_causes.c.connection_id, told_causes.c.cause, told_causes.c.subject]
        tx.execute(statement.on_conflict_do_update(index_elements=keys, set_={"since": now, "over_at": None}))
    return fresh


def _is(connection_id: str, pair: tuple[str, str]) -> tuple[ColumnElement[bool], ...]:
    table = told_causes.c
    return table.connection_id == connection_id, table.cause == pair[0], table.subject == pair[1]
