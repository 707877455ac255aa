"""What calls to Basware carry of the records it is to hold, from being ready to what became of each.

Which records a call carries is written down before it is sent, so that an outcome told later, or never, finds its records.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, func, select, update

from ml_connector.model.holds import Hold
from ml_connector.store.database import Tx
from ml_connector.store.outgoing import OutgoingRow
from ml_connector.store.rows import as_structs, chunks
from ml_connector.store.schema import OutgoingState, outgoing


class ItemVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one record of a call. `problem` in Basware's words; `again_at`: when it is worth another try by itself."""

    external_code: str
    good: bool
    problem: str = ""
    holds: tuple[Hold, ...] = ()
    again_at: datetime | None = None


_READY_ANEW: Mapping[Any, object] = {
    outgoing.c.state: OutgoingState.READY,
    outgoing.c.salt: outgoing.c.salt + 1,
    outgoing.c.next_at: None,
}


_DONE: Mapping[Any, object] = {
    outgoing.c.state: OutgoingState.DONE,
    outgoing.c.accepted_digest: outgoing.c.digest,
    outgoing.c.accepted_number: outgoing.c.number,
    outgoing.c.problem: "",
    outgoing.c.holds: (),
    outgoing.c.tries: 0,
    outgoing.c.next_at: None,
}


def count_ready(tx: Tx, connection_id: str, resource: str) -> int:
    """How many records of a resource are to be sent now."""
    query = select(func.count()).where(
        outgoing.c.connection_id == connection_id,
        outgoing.c.resource == resource,
        outgoing.c.state == OutgoingState.READY,
    )
    return tx.execute(query).scalar_one()


def ready(tx: Tx, connection_id: str, resource: str, limit: int) -> list[OutgoingRow]:
    """Records to be sent now, in their order."""
    query = select(outgoing).where(
        outgoing.c.connection_id == connection_id,
        outgoing.c.resource == resource,
        outgoing.c.state == OutgoingState.READY,
    )
    ordered = query.order_by(outgoing.c.bundle, outgoing.c.rank, outgoing.c.external_code).limit(limit)
    return as_structs(OutgoingRow, tx.execute(ordered))


def wake(tx: Tx, connection_id: str, resource: str, now: datetime) -> int:
    """Make ready what was refused and is due for another try by itself; it is sent as something new. How many there were."""
    statement = update(outgoing).where(
        outgoing.c.connection_id == connection_id,
        outgoing.c.resource == resource,
        outgoing.c.state == OutgoingState.REFUSED,
        outgoing.c.next_at <= now,
    )
    return tx.execute(statement.values({**_READY_ANEW, outgoing.c.updated_at: now})).rowcount


def wake_bundles(tx: Tx, connection_id: str, resource: str, now: datetime) -> int:
    """Make ready what was refused in a bundle of which anything is to be sent: what one refusal took down with it goes along when
    the cause is put right. How many there were."""
    due = select(outgoing.c.bundle).where(
        outgoing.c.connection_id == connection_id,
        outgoing.c.resource == resource,
        outgoing.c.state == OutgoingState.READY,
        outgoing.c.bundle != "",
    )
    statement = update(outgoing).where(
        outgoing.c.connection_id == connection_id,
        outgoing.c.resource == resource,
        outgoing.c.state == OutgoingState.REFUSED,
        outgoing.c.bundle.in_(due.scalar_subquery()),
    )
    return tx.execute(statement.values({**_READY_ANEW, outgoing.c.updated_at: now})).rowcount


def retry(tx: Tx, connection_id: str, resource: str, codes: Collection[str], now: datetime) -> int:
    """Make ready what was refused, because a person put something right; how many there were."""
    woken = 0
    for some in chunks(codes):
        statement = update(outgoing).where(
            outgoing.c.connection_id == connection_id,
            outgoing.c.resource == resource,
            outgoing.c.external_code.in_(some),
            outgoing.c.state == OutgoingState.REFUSED,
        )
        woken += tx.execute(statement.values({**_READY_ANEW, outgoing.c.tries: 0, outgoing.c.updated_at: now})).rowcount
    return woken


def send_again(  # noqa: PLR0917
    tx: Tx, connection_id: str, resource: str, codes: Collection[str], now: datetime, states: Collection[OutgoingState]
) -> int:
    """Send records in one of these states once more, as something new, because Basware no longer has them; how many there were."""
    sent = 0
    for some in chunks(codes):
        statement = update(outgoing).where(
            outgoing.c.connection_id == connection_id,
            outgoing.c.resource == resource,
            outgoing.c.external_code.in_(some),
            outgoing.c.state.in_(list(states)),
        )
        sent += tx.execute(statement.values({**_READY_ANEW, outgoing.c.updated_at: now})).rowcount
    return sent


def mark_sent(tx: Tx, connection_id: str, rows: Collection[OutgoingRow], request: str, now: datetime) -> None:
    """Write down, before the call, which records of one resource it carries. `request` is our own name of it."""
    resources = {row.resource for row in rows}
    for some in chunks(row.digest for row in rows):  # a digest belongs to one body, which names its record
        statement = update(outgoing).where(
            outgoing.c.connection_id == connection_id,
            outgoing.c.resource.in_(resources),
            outgoing.c.digest.in_(some),
            outgoing.c.state == OutgoingState.READY,
        )
        tx.execute(
            statement.values(state=OutgoingState.SENT, request_id=request, sent_at=now, problem="", updated_at=now)
        )


def take_back(tx: Tx, connection_id: str, request: str, now: datetime) -> int:
    """Nothing of a call was done: its records are ready as before. How many there were."""
    return _give_up(tx, connection_id, request, {outgoing.c.state: OutgoingState.READY, outgoing.c.updated_at: now})


def send_anew(tx: Tx, connection_id: str, request: str, now: datetime) -> int:
    """Nobody will ever tell what became of a call: its records are ready, to be sent as something new. How many there were."""
    return _give_up(tx, connection_id, request, {**_READY_ANEW, outgoing.c.updated_at: now})


def _give_up(tx: Tx, connection_id: str, request: str, values: Mapping[Any, object]) -> int:
    statement = update(outgoing).where(
        outgoing.c.connection_id == connection_id,
        outgoing.c.request_id == request,
        outgoing.c.state == OutgoingState.SENT,
    )
    return tx.execute(statement.values(values)).rowcount


def carried_by(tx: Tx, connection_id: str, request: str) -> list[OutgoingRow]:
    """The records whose last call was this one and whose outcome is not known."""
    query = select(outgoing).where(
        outgoing.c.connection_id == connection_id,
        outgoing.c.request_id == request,
        outgoing.c.state == OutgoingState.SENT,
    )
    return as_structs(OutgoingRow, tx.execute(query))


def codes_of(tx: Tx, connection_id: str, requests: Collection[str]) -> dict[str, str]:
    """External codes of the records that wait for the outcome of these calls, each with our name of the call."""
    found: dict[str, str] = {}
    for some in chunks(requests):
        query = select(outgoing.c.external_code, outgoing.c.request_id).where(
            outgoing.c.connection_id == connection_id,
            outgoing.c.request_id.in_(some),
            outgoing.c.state == OutgoingState.SENT,
        )
        found.update((row.external_code, row.request_id) for row in tx.execute(query))
    return found


def requests_carrying(tx: Tx, connection_id: str, codes: Collection[str]) -> set[str]:
    """Our names of the calls that carry any of these records and whose outcome is not known."""
    found = set[str]()
    for some in chunks(codes):
        query = select(outgoing.c.request_id).where(
            outgoing.c.connection_id == connection_id,
            outgoing.c.external_code.in_(some),
            outgoing.c.state == OutgoingState.SENT,
        )
        found.update(tx.execute(query.distinct()).scalars())
    return found


def refuse(tx: Tx, connection_id: str, row: OutgoingRow, verdict: ItemVerdict, now: datetime) -> None:
    """A record that Basware's interface refused."""
    _settle_one(tx, connection_id, row, verdict, now)


def settle(
    tx: Tx, connection_id: str, request: str, verdicts: Iterable[ItemVerdict], now: datetime
) -> list[OutgoingRow]:
    """Say what became of the records of a call; those a newer call carries stay. Returns those that were refused."""
    waiting = {row.external_code: row for row in carried_by(tx, connection_id, request)}
    refused, done = [], list[str]()
    for verdict in verdicts:
        row = waiting.pop(verdict.external_code, None)
        if row is None:
            continue
        if verdict.good and not verdict.problem:
            done.append(row.digest)
            continue
        _settle_one(tx, connection_id, row, verdict, now)
        if not verdict.good:
            refused.append(row)
    for some in chunks(done):
        statement = update(outgoing).where(
            outgoing.c.connection_id == connection_id, outgoing.c.request_id == request, outgoing.c.digest.in_(some)
        )
        tx.execute(statement.values({**_DONE, outgoing.c.settled_at: now, outgoing.c.updated_at: now}))
    return refused


def _settle_one(tx: Tx, connection_id: str, row: OutgoingRow, verdict: ItemVerdict, now: datetime) -> None:
    values: dict[str, object] = {"problem": verdict.problem, "settled_at": now, "updated_at": now}
    if verdict.good:
        accepted = {"accepted_digest": row.digest, "accepted_number": row.number}
        values |= {"state": OutgoingState.DONE, **accepted, "holds": (), "tries": 0, "next_at": None}
    else:
        values |= {
            "state": OutgoingState.REFUSED, "holds": verdict.holds, "tries": row.tries + 1, "next_at": verdict.again_at,
        }  # fmt: skip
    tx.execute(update(outgoing).where(*_is(connection_id, row)).values(**values))


def _is(connection_id: str, row: OutgoingRow) -> tuple[ColumnElement[bool], ...]:
    return (
        outgoing.c.connection_id == connection_id,
        outgoing.c.resource == row.resource,
        outgoing.c.external_code == row.external_code,
        outgoing.c.digest == row.digest,
    )
