"""The newest known version of each QuickBooks record we watch: lists, transactions, preferences. Never one version back.

Records are kept whole and unread; `quickbooks/` turns them into the model. A record is known by its entity and QuickBooks id;
preferences and company info, of which there is one each, have the id "1". Two jobs may write at once: what decides is which
version is newer, not who comes last.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache

import msgspec
from sqlalchemy import Case, ColumnElement, and_, bindparam, case, collate, func, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ml_connector.store.database import Tx
from ml_connector.store.rows import as_struct, as_structs, chunks, insert, insert_into
from ml_connector.store.schema import book_cursors, books
from ml_connector.store.texts import is_one_of, says


class BookRow(msgspec.Struct, frozen=True, kw_only=True):
    """One record. `payload` is QuickBooks' own JSON.

    `sync_token` and `last_updated` (ISO, UTC) are the record's own. `as_of`: the moment, by QuickBooks' clock, at which this was
    known to be its present state; None if nobody said. A deleted record keeps its last payload; `merged_into` is the id of the
    record that took over a merged one.

    What transactions are looked for by, empty on other records: `number` in small letters, `vendor_id`, the `day` (ISO), and the
    `total` without zeros at its end, so that equal amounts are equal text.
    """

    quickbooks_id: str
    payload: str
    sync_token: str = ""
    active: bool = True
    deleted: bool = False
    merged_into: str = ""
    last_updated: str = ""
    as_of: datetime | None = None
    name: str = ""
    number: str = ""
    vendor_id: str = ""
    day: str = ""
    total: str = ""


class BookCursor(msgspec.Struct, frozen=True, kw_only=True):
    """How far an entity was read.

    `cursor`: the moment, by QuickBooks' clock, up to which every change is known; empty before the first whole reading.
    `progress`: how far a reading by pages has come, empty when none is under way. `problem`: why the entity cannot be read.
    `refreshed_at`: when we last asked.
    """

    refreshed_at: datetime
    cursor: str
    progress: str = ""
    problem: str = ""


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of one entity. `newest` is the latest change among its records, ISO in UTC, empty if none says."""

    entity: str
    records: int
    deleted: int
    newest: str


_KEY = ("connection_id", "entity", "quickbooks_id")
_FIELDS = BookRow.__struct_fields__
_COLUMNS = [books.c[name] for name in _FIELDS]
_LIST = select(*_COLUMNS).where(
    books.c.connection_id == bindparam("connection_id"), books.c.entity == bindparam("entity")
)
_LISTED = _LIST.where(~books.c.deleted).order_by(books.c.quickbooks_id)
_SOME = _LIST.where(books.c.quickbooks_id.in_(bindparam("ids", expanding=True)))
_DIGITS = 24
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def put_many(
    tx: Tx, connection_id: str, entity: str, rows: Iterable[BookRow], now: datetime, *, afresh: bool = False
) -> int:
    """Store records unless a newer version is there; how many were given. Of two with one id the later counts.

    A version is newer if its sync token is higher, or, with the same token, if it was seen later. A deleted record comes back
    only if it was seen after its deletion. With `afresh` only the moment counts: for a company that was set back to an older
    state.
    """
    latest = {row.quickbooks_id: row for row in rows}
    upsert = _upsert(tx.dialect.name, afresh=afresh)
    scope = {"connection_id": connection_id, "entity": entity, "updated_at": now}
    for some in chunks(latest.values()):
        values = [{name: getattr(row, name) for name in _FIELDS} | {"version": version(row.sync_token)} for row in some]
        tx.execute(upsert, [one | scope for one in values])
    return len(latest)


@cache
def _upsert(dialect: str, *, afresh: bool) -> postgresql.Insert | sqlite.Insert:
    statement = insert_into(dialect, books)
    changed = {name: statement.excluded[name] for name in (*_FIELDS, "version", "updated_at") if name not in _KEY}
    return statement.on_conflict_do_update(
        index_elements=list(_KEY), set_=changed, where=_is_newer(statement, afresh=afresh)
    )


def _is_newer(statement: postgresql.Insert | sqlite.Insert, *, afresh: bool) -> ColumnElement[bool]:
    new, old = statement.excluded, books.c
    seen, known = func.coalesce(new.as_of, _LONG_AGO, type_=old.as_of.type), _known_as_of()
    if afresh:
        return seen >= known
    higher = new.version > old.version
    seen_later = and_(new.version == old.version, seen >= known)
    return or_(and_(~old.deleted, or_(higher, seen_later)), and_(old.deleted, seen > known))


def _known_as_of() -> ColumnElement[datetime]:
    return func.coalesce(books.c.as_of, _LONG_AGO, type_=books.c.as_of.type)


def version(sync_token: str) -> int:
    """A sync token as the number it counts; 0 for anything else."""
    return int(sync_token) if sync_token.isascii() and sync_token.isdigit() and len(sync_token) < 19 else 0


def mark_deleted(  # noqa: PLR0917
    tx: Tx, connection_id: str, entity: str, ids: Collection[str], as_of: datetime, now: datetime, merged_into: str = ""
) -> int:
    """Records that QuickBooks no longer has, as of a moment; how many that changed. One seen later stays."""
    marked = 0
    values = {"deleted": True, "as_of": as_of, "updated_at": now} | (
        {"merged_into": merged_into} if merged_into else {}
    )
    told = and_(books.c.merged_into == "", books.c.deleted) if merged_into else None
    for some in chunks(ids):
        unknown = ~books.c.deleted if told is None else or_(~books.c.deleted, told)
        statement = update(books).where(
            _of(connection_id, entity), books.c.quickbooks_id.in_(some), unknown, _known_as_of() <= as_of
        )
        marked += tx.execute(statement.values(**values)).rowcount
    return marked


def _of(connection_id: str, entity: str) -> ColumnElement[bool]:
    return and_(books.c.connection_id == connection_id, books.c.entity == entity)


def all_of(tx: Tx, connection_id: str, entity: str) -> list[BookRow]:
    """Every record of one list that QuickBooks has, inactive ones included, by id."""
    scope = {"connection_id": connection_id, "entity": entity}
    return as_structs(BookRow, tx.execute(_LISTED, scope))


def some_of(tx: Tx, connection_id: str, entity: str, ids: Collection[str]) -> dict[str, BookRow]:
    """The records with these ids, deleted ones included, by id."""
    found: dict[str, BookRow] = {}
    for some in chunks(ids):
        given = {"connection_id": connection_id, "entity": entity, "ids": some}
        found |= {row.quickbooks_id: as_struct(BookRow, row) for row in tx.execute(_SOME, given)}
    return found


def gone(tx: Tx, connection_id: str, entity: str) -> list[BookRow]:
    """Every record of one list that QuickBooks had and no longer has, as it was last, by id."""
    query = select(*_COLUMNS).where(_of(connection_id, entity), books.c.deleted)
    return as_structs(BookRow, tx.execute(query.order_by(books.c.quickbooks_id)))


def clock_differences(tx: Tx, connection_id: str, entity: str, most: int = 21) -> list[timedelta]:
    """How far QuickBooks' clock was ahead of ours whenever a record was read last: what its answers say against when they came."""
    query = (
        select(books.c.as_of, books.c.updated_at)
        .where(_of(connection_id, entity), books.c.as_of.is_not(None))
        .order_by(books.c.updated_at.desc(), books.c.quickbooks_id)
    )
    return [row.as_of - row.updated_at for row in tx.execute(query.limit(most))]


def named(tx: Tx, connection_id: str, entity: str, names: Collection[str]) -> list[BookRow]:
    """The records QuickBooks has under one of these names, whatever the case; of transactions their number counts as name."""
    found = list[BookRow]()
    for some in chunks(sorted(set(names))):
        query = select(*_COLUMNS).where(
            _of(connection_id, entity),
            ~books.c.deleted,
            is_one_of(books.c.name, some),
        )
        found.extend(as_struct(BookRow, row) for row in tx.execute(query.order_by(books.c.quickbooks_id)))
    return found


def search(tx: Tx, connection_id: str, entity: str, text: str, *, limit: int) -> list[BookRow]:
    """Records in use that may be meant by a text: it stands somewhere in them, in their name first of all."""
    said = says((books.c.name,), text)
    query = (
        select(*_COLUMNS)
        .where(_of(connection_id, entity), ~books.c.deleted, books.c.active)
        .where(or_(said, says((books.c.payload,), text)))
        .order_by(said.desc(), books.c.name, books.c.quickbooks_id)
    )
    return as_structs(BookRow, tx.execute(query.limit(limit)))


def total_key(amount: Decimal | None) -> str:
    """An amount as `BookRow.total` has it, whatever its sign; empty for none, and for one no invoice is over."""
    if amount is None or abs(amount.adjusted()) > _DIGITS:
        return ""
    return format(abs(amount).normalize(), "f")


def count(tx: Tx, connection_id: str, entity: str) -> int:
    """How many records QuickBooks has of an entity, as far as we know."""
    query = select(func.count()).select_from(books).where(_of(connection_id, entity), ~books.c.deleted)
    return int(tx.execute(query).scalar_one())


def signature(tx: Tx, connection_id: str, entities: Collection[str]) -> tuple[object, ...]:
    """Differs whenever a copy of these kinds was added, changed or marked: for whoever keeps what was made of them."""
    table = books.c
    query = select(
        func.count(), func.sum(table.version), func.max(table.updated_at),
        func.sum(case((table.active, 1), else_=0)), func.sum(case((table.deleted, 1), else_=0)),
    ).where(table.connection_id == connection_id, table.entity.in_(entities))  # fmt: skip
    return tuple(tx.execute(query).one())


def unseen_since(  # noqa: PLR0917
    tx: Tx, connection_id: str, entity: str, began: datetime, after: str, limit: int
) -> list[str]:
    """Ids behind `after` of records not seen since a moment and not known as deleted, in the order of their text."""
    query = select(books.c.quickbooks_id).where(
        _of(connection_id, entity), ~books.c.deleted, _known_as_of() < began, books.c.quickbooks_id > after
    )
    return list(tx.execute(query.order_by(books.c.quickbooks_id).limit(limit)).scalars())


def forget_all(tx: Tx, connection_id: str) -> None:
    """Forget every copy, and how far each list was read: what follows is another company's."""
    tx.execute(books.delete().where(books.c.connection_id == connection_id))
    tx.execute(book_cursors.delete().where(book_cursors.c.connection_id == connection_id))


def summaries(tx: Tx, connection_id: str) -> dict[str, Summary]:
    """What is kept, by entity."""
    gone = func.count().filter(books.c.deleted)
    query = (
        select(
            books.c.entity,
            (func.count() - gone).label("records"),
            gone.label("deleted"),
            func.coalesce(func.max(books.c.last_updated), "").label("newest"),
        )
        .where(books.c.connection_id == connection_id)
        .group_by(books.c.entity)
    )
    return {row.entity: as_struct(Summary, row) for row in tx.execute(query)}


def cursors(tx: Tx, connection_id: str) -> dict[str, BookCursor]:
    """How far each entity was read, by entity."""
    query = select(book_cursors).where(book_cursors.c.connection_id == connection_id)
    return {
        row.entity: BookCursor(
            refreshed_at=row.refreshed_at, cursor=row.cursor, progress=row.progress, problem=row.problem
        )
        for row in tx.execute(query)
    }


def cursor(tx: Tx, connection_id: str, entity: str) -> BookCursor | None:
    """How far an entity was read, None if nobody ever asked for it."""
    return cursors(tx, connection_id).get(entity)


def put_cursor(tx: Tx, connection_id: str, entity: str, cursor: str, now: datetime) -> None:
    """An entity is known up to a moment (ISO, UTC): no reading by pages is under way and nothing is wrong with it any more.

    Belongs into the transaction that stores what was read. A cursor never goes back.
    """
    _put(tx, connection_id, entity, cursor=cursor, progress="", problem="", refreshed_at=now)


def move_cursor(tx: Tx, connection_id: str, entity: str, cursor: str, now: datetime) -> None:
    """An entity is known up to a moment, and a reading by pages that somebody began meanwhile goes on all the same."""
    _put(tx, connection_id, entity, cursor=cursor, problem="", refreshed_at=now)


def put_progress(tx: Tx, connection_id: str, entity: str, progress: str, now: datetime) -> None:
    """How far a reading by pages has come; belongs into the transaction that stores the page."""
    _put(tx, connection_id, entity, progress=progress, refreshed_at=now)


def put_problem(tx: Tx, connection_id: str, entity: str, problem: str, now: datetime) -> None:
    """Why an entity cannot be read."""
    _put(tx, connection_id, entity, problem=problem, refreshed_at=now)


def _put(tx: Tx, connection_id: str, entity: str, **columns: object) -> None:
    key = {"connection_id": connection_id, "entity": entity}
    statement = insert(tx, book_cursors).values(**({"cursor": "", "progress": "", "problem": ""} | key | columns))
    changes = columns | ({"cursor": _later(tx, str(columns["cursor"]))} if "cursor" in columns else {})
    tx.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changes))


def _later(tx: Tx, cursor: str) -> Case[str]:
    """The later of a cursor and the one that is kept when the row is written, whoever moves it at the same moment."""
    kept = book_cursors.c.cursor
    # Of moments as text only the order of their bytes is the order in time; PostgreSQL would sort them as a language does.
    compared = kept if tx.dialect.name == "sqlite" else collate(kept, "C")
    return case((compared < cursor, literal(cursor)), else_=kept)
