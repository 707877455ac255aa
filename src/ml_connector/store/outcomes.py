"""What we sent to Basware and hear about later: each request until its outcome is known, and what became of every record in it.

Basware answers 200 when its interface took a request; whether the system behind it did is told afterwards, by request id. What
people and other jobs ask about many requests is `outcome_lists.py`.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update

from ml_connector.store.database import Tx
from ml_connector.store.rows import as_struct, as_structs, chunks, insert, inserted
from ml_connector.store.schema import RequestState, request_outcomes, requests


class RequestRow(msgspec.Struct, frozen=True, kw_only=True):
    """One request. `id` is our own name of it, for an answer its external code; `request_id` Basware's, empty when its answer got
    lost. `subject` is what it is about, such as an invoice id. `asked` counts how often Basware was asked, `next_at` is when it is
    asked next, None once the outcome is known."""

    connection_id: str
    id: str
    request_id: str
    entity_type: str
    subject: str
    state: RequestState
    problem: str
    asked: int
    next_at: datetime | None
    sent_at: datetime
    settled_at: datetime | None
    acknowledged: bool


class OutcomeRow(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one record of a request in one system, in Basware's words. `source`: which of its two interfaces said so."""

    request_id: str
    system: str
    external_code: str
    entity_type: str
    status: str
    category: str
    problem: str
    source: str
    last_updated: str


def expect(
    tx: Tx,
    connection_id: str,
    id_: str,
    *,
    request_id: str,
    entity_type: str,
    subject: str,
    now: datetime,
    next_at: datetime,
) -> bool:
    """Note a request that was taken and whose outcome is still to come; False if it was noted before."""
    row = RequestRow(
        connection_id=connection_id, id=id_, request_id=request_id, entity_type=entity_type, subject=subject,
        state=RequestState.OPEN, problem="", asked=0, next_at=next_at, sent_at=now, settled_at=None, acknowledged=False,
    )  # fmt: skip
    return inserted(tx, requests, msgspec.structs.asdict(row))


def name_request(tx: Tx, connection_id: str, id_: str, request_id: str) -> None:
    """Note Basware's own id of a request that was expected before it was sent."""
    statement = update(requests).where(requests.c.connection_id == connection_id, requests.c.id == id_)
    tx.execute(statement.values(request_id=request_id))


def forget(tx: Tx, connection_id: str, id_: str) -> None:
    """A request was not taken after all: nothing will be heard of it."""
    tx.execute(
        delete(requests).where(
            requests.c.connection_id == connection_id, requests.c.id == id_, requests.c.state == RequestState.OPEN
        )
    )


def items_of(tx: Tx, connection_id: str, request_id: str) -> list[OutcomeRow]:
    """What became of each record of a request, by Basware's id, as far as it said so."""
    query = select(*(request_outcomes.c[name] for name in OutcomeRow.__struct_fields__)).where(
        request_outcomes.c.connection_id == connection_id, request_outcomes.c.request_id == request_id
    )
    return as_structs(OutcomeRow, tx.execute(query))


class Open(msgspec.Struct, frozen=True, kw_only=True):
    """Requests whose outcome is not known: how many, and when the first of them is asked about next."""

    number: int
    next_at: datetime | None


def still_open(tx: Tx, connection_id: str) -> Open:
    """How many requests are open."""
    query = select(func.count().label("number"), func.min(requests.c.next_at).label("next_at")).where(
        *_open(connection_id)
    )
    return as_struct(Open, tx.execute(query).one())


def due_by_kind(tx: Tx, connection_id: str, now: datetime, announced: Collection[str]) -> dict[str, int]:
    """How many open requests of each kind are to be asked about."""
    query = select(requests.c.entity_type, func.count().label("number")).where(*_due(connection_id, now, announced))
    return {row.entity_type: row.number for row in tx.execute(query.group_by(requests.c.entity_type))}


def due(  # noqa: PLR0917
    tx: Tx, connection_id: str, now: datetime, announced: Collection[str], after: RequestRow | None, limit: int
) -> list[RequestRow]:
    """Open requests to be asked about, oldest first, behind one of them: those whose time has come, and those Basware said are
    finished."""
    query = select(requests).where(*_due(connection_id, now, announced))
    if after is not None:
        later = and_(requests.c.sent_at == after.sent_at, requests.c.id > after.id)
        query = query.where(or_(requests.c.sent_at > after.sent_at, later))
    ordered = query.order_by(requests.c.sent_at, requests.c.id).limit(limit)
    return as_structs(RequestRow, tx.execute(ordered))


def oldest_open(tx: Tx, connection_id: str, entity_type: str) -> datetime | None:
    """When the oldest open request of a kind was sent."""
    query = select(func.min(requests.c.sent_at)).where(*_open(connection_id), requests.c.entity_type == entity_type)
    found: datetime | None = tx.execute(query).scalar_one()
    return found


def open_of_kind(tx: Tx, connection_id: str, entity_type: str, limit: int) -> list[RequestRow]:
    """The oldest open requests of a kind, of those whose id in Basware is known."""
    query = select(requests).where(
        *_open(connection_id), requests.c.entity_type == entity_type, requests.c.request_id != ""
    )
    ordered = query.order_by(requests.c.sent_at, requests.c.id).limit(limit)
    return as_structs(RequestRow, tx.execute(ordered))


def _open(connection_id: str) -> tuple[ColumnElement[bool], ...]:
    return requests.c.connection_id == connection_id, requests.c.state == RequestState.OPEN


def _due(connection_id: str, now: datetime, announced: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    named = [requests.c.request_id.in_(list(announced))] if announced else []
    return *_open(connection_id), or_(requests.c.next_at <= now, *named)


def undecided(tx: Tx, connection_id: str, request_ids: Collection[str], ids: Collection[str]) -> list[RequestRow]:
    """Those of the requests, by Basware's id or ours, that are open or were never heard of."""
    return named(tx, connection_id, request_ids, ids, (RequestState.OPEN, RequestState.UNHEARD))


def known(tx: Tx, connection_id: str, request_ids: Collection[str], ids: Collection[str]) -> list[RequestRow]:
    """Those of the requests, by Basware's id or ours, that we sent, whatever became of them."""
    return named(tx, connection_id, request_ids, ids, tuple(RequestState))


def named(
    tx: Tx, connection_id: str, request_ids: Collection[str], ids: Collection[str], states: Collection[RequestState]
) -> list[RequestRow]:
    """Those of the requests, by Basware's id or ours, that are in one of these states."""
    found: dict[str, RequestRow] = {}
    for column, wanted in ((requests.c.request_id, request_ids), (requests.c.id, ids)):
        for some in chunks(wanted):
            query = select(requests).where(
                requests.c.connection_id == connection_id, column.in_(some), requests.c.state.in_(list(states))
            )
            found.update((row.id, as_struct(RequestRow, row)) for row in tx.execute(query))
    return list(found.values())


def ask_again(tx: Tx, connection_id: str, id_: str, *, asked: int, next_at: datetime) -> None:
    """Note that Basware was asked and does not know yet."""
    statement = update(requests).where(
        requests.c.connection_id == connection_id, requests.c.id == id_, requests.c.state == RequestState.OPEN
    )
    tx.execute(statement.values(asked=asked, next_at=next_at))


def settle(
    tx: Tx,
    connection_id: str,
    id_: str,
    state: RequestState,
    now: datetime,
    *,
    request_id: str,
    problem: str = "",
    acknowledged: bool = False,
) -> bool:
    """Say what became of a request that was open or never heard of; False if that was known already."""
    statement = update(requests).where(
        requests.c.connection_id == connection_id,
        requests.c.id == id_,
        requests.c.state.in_([RequestState.OPEN, RequestState.UNHEARD]),
    )
    columns = {"state": state, "problem": problem, "settled_at": now, "next_at": None, "request_id": request_id}
    return tx.execute(statement.values(**columns, acknowledged=acknowledged)).rowcount == 1


def note(tx: Tx, connection_id: str, rows: Iterable[OutcomeRow], now: datetime) -> None:
    """Keep what became of records; said again, the newer word counts."""
    latest = {(row.request_id, row.system, row.external_code): row for row in rows}
    key = [request_outcomes.c[name] for name in ("connection_id", "request_id", "system", "external_code")]
    changed = ("entity_type", "status", "category", "problem", "source", "last_updated", "updated_at")
    for some in chunks(latest.values(), 1000):
        own = {"connection_id": connection_id, "updated_at": now}
        statement = insert(tx, request_outcomes).values([msgspec.structs.asdict(row) | own for row in some])
        new = {name: statement.excluded[name] for name in changed}
        tx.execute(statement.on_conflict_do_update(index_elements=key, set_=new))


def unacknowledged(tx: Tx, connection_id: str, limit: int) -> list[str]:
    """Basware's ids of finished requests that it still shows by default, oldest first."""
    query = select(requests.c.request_id).where(
        requests.c.connection_id == connection_id,
        requests.c.state.in_([RequestState.DONE, RequestState.FAILED]),
        requests.c.acknowledged.is_(False),
        requests.c.request_id != "",
    )
    return list(tx.execute(query.order_by(requests.c.settled_at, requests.c.id).limit(limit)).scalars())


def set_acknowledged(tx: Tx, connection_id: str, request_ids: Collection[str]) -> None:
    """Note that Basware no longer shows these by default."""
    for some in chunks(request_ids):
        statement = update(requests).where(requests.c.connection_id == connection_id, requests.c.request_id.in_(some))
        tx.execute(statement.values(acknowledged=True))
