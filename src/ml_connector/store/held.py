"""Everything that waits for a cause, whatever it is: grouped by cause and subject, counted and added up by the database.

Of documents, which may be very many, the causes stand in a table of their own, kept by `note` and `forget` in the transaction
that changes a document. Of the rest, which are few, the database takes the JSON of their holds apart. What a cause means is not
known here; where each sort waits is told by `held_sources.py`.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    bindparam,
    delete,
    func,
    literal,
    select,
    type_coerce,
)

from ml_connector.model.holds import Hold
from ml_connector.store.columns import MoneySum
from ml_connector.store.database import Tx
from ml_connector.store.held_sources import SOURCES, HeldIn, shown_subject, taken_apart
from ml_connector.store.rows import chunks, insert
from ml_connector.store.schema import (
    DocumentState,
    documents,
    held_causes,
)


class CauseTotal(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of one sort that one cause with one subject holds. `money` by currency, with Basware's sign; empty where there is
    none. `example` is the key of one of them, `card` what the cause and its subject are known by."""

    where: HeldIn
    card: str
    cause: str
    subject: str
    number: int
    money: Mapping[str, Decimal]
    since: datetime | None
    example: str


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is held. `key` is its id in its table, `number` and `name` what people know it by."""

    where: HeldIn
    key: str
    number: str
    name: str
    total: Decimal | None
    currency: str
    since: datetime | None


def card_of(cause: str, subject: str) -> str:
    """A short name of a cause with its subject, fit for an address. NUL and U+FFFD are one, as no database keeps the former."""
    told = f"{cause}\n{subject}".replace("\x00", "\ufffd")
    return hashlib.sha256(told.encode()).hexdigest()[:24]


# Keeping the causes of documents


_OWN = (
    held_causes.c.connection_id == bindparam("connection_id"),
    held_causes.c.invoice_id == bindparam("invoice_id"),
)
_FORGET = delete(held_causes).where(*_OWN)
_NOTED = select(
    documents.c.holds, documents.c.seq, documents.c.total, documents.c.currency, documents.c.held_since
).where(
    documents.c.connection_id == bindparam("connection_id"),
    documents.c.invoice_id == bindparam("invoice_id"),
    documents.c.state == DocumentState.HELD,
)


def note(tx: Tx, connection_id: str, invoice_id: str) -> None:
    """Let the causes of a document be those it is held by now; none unless it is held."""
    key = {"connection_id": connection_id, "invoice_id": invoice_id}
    tx.execute(_FORGET, key)
    row = tx.execute(_NOTED, key).one_or_none()
    if row is None or not row.holds:
        return
    named = {card_of(hold.cause, hold.subject): hold for hold in row.holds}
    shared = key | {"seq": row.seq, "total": row.total, "currency": row.currency, "since": row.held_since}
    tx.execute(
        insert(tx, held_causes),
        [shared | {"card": card, "cause": hold.cause.value, "subject": hold.subject} for card, hold in named.items()],
    )


def forget(tx: Tx, connection_id: str, invoice_id: str) -> None:
    """A document is held no longer."""
    tx.execute(_FORGET, {"connection_id": connection_id, "invoice_id": invoice_id})


# What waits, by cause


def ranks(tx: Tx, connection_id: str) -> dict[str, tuple[datetime | None, Decimal]]:
    """What the causes of documents are put in order by, by card: since when the oldest waits, and the largest amount in one
    currency, without its sign. There may be thousands, of which a page shows few: this is all that is read of the rest."""
    own = held_causes.c
    query = select(own.card, func.min(own.since), MoneySum(own.total)).where(own.connection_id == connection_id)
    found: dict[str, tuple[datetime | None, Decimal]] = {}
    for card, since, total in tx.execute(query.group_by(own.card, own.currency)).all():
        amount = _NOTHING if total is None else abs(total)
        known = found.get(card)
        found[card] = (since, amount) if known is None else (_earliest(since, known[0]), max(amount, known[1]))
    return found


_NOTHING = Decimal(0)


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((at for at in moments if at is not None), default=None)


def totals(tx: Tx, connection_id: str, where: HeldIn, *, cards: Collection[str] | None = None) -> list[CauseTotal]:
    """Every cause and subject of one sort, or some of them, each counted once for whatever it holds, in no particular order."""
    if where is HeldIn.DOCUMENTS:
        return _of_documents(tx, connection_id, cards)
    return [total for total in _of_others(tx, connection_id, where) if cards is None or total.card in cards]


def _of_documents(tx: Tx, connection_id: str, cards: Collection[str] | None) -> list[CauseTotal]:
    if cards is not None:
        return [total for some in chunks(cards) for total in _counted(tx, connection_id, held_causes.c.card.in_(some))]
    return _counted(tx, connection_id)


def _counted(tx: Tx, connection_id: str, *only: ColumnElement[bool]) -> list[CauseTotal]:
    own = held_causes.c
    query = select(
        func.min(own.cause).label("cause"), func.min(own.subject).label("subject"), own.currency,
        func.count().label("number"), MoneySum(own.total).label("total"), func.min(own.since).label("since"),
        func.min(own.invoice_id).label("example"), own.card,
    ).where(own.connection_id == connection_id, *only)  # fmt: skip
    return _merged(tx.execute(query.group_by(own.card, own.currency)).all())


def _merged(rows: Iterable[Any]) -> list[CauseTotal]:
    """Rows by currency as one for each cause and subject."""
    found: dict[str, CauseTotal] = {}
    for cause, subject, currency, number, total, since, example, card in rows:
        known = found.get(card)
        new = CauseTotal(
            where=HeldIn.DOCUMENTS, card=card, cause=cause, subject=subject, number=number, since=since,
            money={currency: total} if total is not None else {}, example=example,
        )  # fmt: skip
        found[card] = new if known is None else _together(known, new)
    return list(found.values())


def _together(one: CauseTotal, other: CauseTotal) -> CauseTotal:
    return msgspec.structs.replace(
        one,
        number=one.number + other.number,
        money={
            currency: one.money.get(currency, Decimal(0)) + other.money.get(currency, Decimal(0))
            for currency in {**one.money, **other.money}
        },
        since=_earliest(one.since, other.since),
        example=min(one.example, other.example),
    )


def cards(tx: Tx, connection_id: str) -> int:
    """How many causes with their subjects there are, of all sorts."""
    own = held_causes.c
    here = own.connection_id == connection_id
    others = {card for where in HeldIn if where is not HeldIn.DOCUMENTS for card in _cards_of(tx, connection_id, where)}
    for some in chunks(sorted(others)):
        others -= set(tx.execute(select(own.card).where(here, own.card.in_(some)).distinct()).scalars())
    return tx.execute(select(func.count(own.card.distinct())).where(here)).scalar_one() + len(others)


def _cards_of(tx: Tx, connection_id: str, where: HeldIn) -> set[str]:
    """The same of one sort, without what it comes to."""
    source = SOURCES[where]
    query = select(source.holds).where(source.connection == connection_id, source.held).distinct()
    found = {(hold.cause.value, shown_subject(hold.subject)) for holds in tx.execute(query).scalars() for hold in holds}
    return {card_of(*one) for one in found}


def of_causes(tx: Tx, connection_id: str, causes: Collection[str]) -> tuple[int, dict[str, Decimal]]:
    """How many documents one of these causes holds, and what they come to by currency, each counted once."""
    own = held_causes.c
    once = (
        select(own.invoice_id, own.currency, own.total)
        .where(own.connection_id == connection_id, own.cause.in_(sorted(causes)))
        .distinct()
        .subquery()
    )
    query = select(once.c.currency, func.count().label("number"), MoneySum(once.c.total).label("total"))
    rows = tx.execute(query.group_by(once.c.currency)).all()
    return sum(row.number for row in rows), {row.currency: row.total for row in rows if row.total is not None}


def members(
    tx: Tx, connection_id: str, where: HeldIn, cause: str, subject: str, *, limit: int | None = None, offset: int = 0
) -> list[Held]:
    """What one cause with one subject holds of one sort, in order of arrival."""
    source = SOURCES[where]
    columns = [getattr(source, name).label(name) for name in ("key", "number", "name", "since", "total", "currency")]
    query = _of_cause(tx, select(*columns).select_from(source.table), where, connection_id, (cause, subject))
    rows = tx.execute(query.order_by(source.order).limit(limit).offset(offset)).mappings()
    return [Held(where=where, **row) for row in rows]


def suppliers(tx: Tx, connection_id: str, cause: str, subject: str, *, limit: int = 20) -> dict[str, str]:
    """The suppliers of the invoices that one cause holds: names by code."""
    chosen = select(documents.c.supplier_code, func.max(documents.c.supplier_name)).group_by(documents.c.supplier_code)
    query = _of_cause(tx, chosen, HeldIn.DOCUMENTS, connection_id, (cause, subject))
    rows = tx.execute(query.order_by(documents.c.supplier_code).limit(limit))
    return {code: name for code, name in rows if code}


def holds_of(tx: Tx, connection_id: str, where: HeldIn, keys: Collection[str]) -> dict[str, tuple[Hold, ...]]:
    """The holds of these rows, by key."""
    source, found = SOURCES[where], dict[str, tuple[Hold, ...]]()
    # Documents are looked up by their keys alone: what holds them is known, and the index of their states would be the longer way.
    held_now = () if where is HeldIn.DOCUMENTS else (source.held,)
    for some in chunks(keys):
        query = (
            select(source.key.label("key"), source.holds.label("holds"))
            .select_from(source.table)
            .where(source.connection == connection_id, *held_now, source.key.in_(some))
        )
        for row in tx.execute(query):
            found[row.key] = (*found.get(row.key, ()), *row.holds)
    return found


def _of_cause(tx: Tx, query: Select[Any], where: HeldIn, connection_id: str, wanted: tuple[str, str]) -> Select[Any]:
    """Only what this cause with this subject holds."""
    source = SOURCES[where]
    if where is HeldIn.DOCUMENTS:
        own = held_causes.c
        same = and_(documents.c.connection_id == own.connection_id, documents.c.invoice_id == own.invoice_id)
        query = query.join_from(documents, held_causes, same)
        return query.where(own.connection_id == connection_id, own.card == card_of(*wanted))
    query = query.where(source.connection == connection_id, source.held)
    taken = taken_apart(tx.dialect.name, source.holds)
    this = and_(taken.cause == wanted[0], taken.subject == wanted[1])
    # The plain text is looked at first: it spares taking apart what can never fit.
    likely = type_coerce(source.holds, Text()).contains(f'"cause":"{wanted[0]}"', autoescape=True)
    return query.where(likely, select(literal(1)).select_from(taken.each).where(this).exists())


def _of_others(tx: Tx, connection_id: str, where: HeldIn) -> list[CauseTotal]:
    """Each cause of what is held, whatever rows of the document it names. What is held by the very same is counted by the database,
    the causes are taken apart here: a database that does it prefers another index than that of what is held."""
    source, found = SOURCES[where], dict[str, CauseTotal]()
    query = (
        select(
            source.holds.label("holds"), source.currency.label("currency"), func.count().label("number"),
            MoneySum(source.total).label("total"), func.min(source.since).label("since"), func.min(source.key).label("key"),
        )
        .select_from(source.table)
        .where(source.connection == connection_id, source.held)
        .group_by(source.holds, source.currency)
    )  # fmt: skip
    for holds, currency, number, total, since, key in tx.execute(query).all():
        for cause, subject in {(hold.cause.value, shown_subject(hold.subject)) for hold in holds}:
            card = card_of(cause, subject)
            money = {currency: total} if total is not None else {}
            new = CauseTotal(
                where=where,
                card=card,
                cause=cause,
                subject=subject,
                number=number,
                money=money,
                since=since,
                example=key,
            )
            known = found.get(card)
            found[card] = new if known is None else _together(known, new)
    return list(found.values())
