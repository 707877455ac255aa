"""Small helpers all table modules share: rows into frozen structs, inserts that tolerate what is already there."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Result, Row, Select, Table, Update, bindparam, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from ml_connector.store.schema import connections

T = TypeVar("T")
State = TypeVar("State", bound=StrEnum)

CHUNK = 5_000
"""Values in one statement; both databases allow at least 32 000."""


def as_struct(kind: type[T], row: Row[*tuple[Any, ...]]) -> T:
    """The row as a struct whose fields are named like its columns."""
    return kind(**row._mapping)


def as_structs(kind: type[T], rows: Result[*tuple[Any, ...]]) -> list[T]:
    """The same of many rows: their names are looked up once."""
    names = tuple(rows.keys())
    return [kind(**dict(zip(names, row, strict=True))) for row in rows.all()]


def insert(tx: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT of this database's own kind, which can say what to do on a conflict."""
    return insert_into(tx.dialect.name, table)


def insert_into(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    """The same for statements that are made before there is a transaction."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def inserted(tx: Connection, table: Table, values: Mapping[str, object]) -> bool:
    """Insert a row unless one with a key of it is there; whether it was inserted."""
    return tx.execute(_insertion(tx.dialect.name, table), dict(values)).first() is not None


# Statements that run for every document are made once: making one takes longer than running it.


@cache
def _insertion(dialect: str, table: Table) -> ReturningInsert[int]:
    return insert_into(dialect, table).on_conflict_do_nothing().returning(literal(1))


@cache
def rows_by(table: Table, *keys: str) -> Select[Any]:
    """SELECT of whole rows by the values of some columns, which are given under the columns' names."""
    return select(table).where(*_same(table, keys))


@cache
def change_by(table: Table, *keys: str, among: str = "") -> Update:
    """UPDATE of rows by the values of some columns, given as `of_` and the column's name; what is set has the columns' names.

    `among` names a column that has to have one of several values.
    """
    statement = update(table).where(*_same(table, keys, "of_"))
    return statement.where(table.c[among].in_(bindparam(f"of_{among}", expanding=True))) if among else statement


def _same(table: Table, keys: Iterable[str], prefix: str = "") -> list[ColumnElement[bool]]:
    return [table.c[name] == bindparam(f"{prefix}{name}") for name in keys]


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The values in portions that fit into one statement."""
    source = iter(values)
    while portion := list(islice(source, size)):
        yield portion


def checked_states(kind: type[State], given: str | Collection[str]) -> list[State]:
    """One state or several, each checked. Raises ValueError for a word that is none."""
    return [kind(given)] if isinstance(given, str) else [kind(state) for state in given]


def known_columns(allowed: Collection[str], given: Mapping[str, object]) -> None:
    """Raise ValueError for a column that may not be changed this way."""
    if unknown := sorted(set(given) - set(allowed)):
        raise ValueError(f"these columns cannot be set here: {', '.join(unknown)}")


def lock_connection(tx: Connection, connection_id: str) -> None:
    """Let writers of one connection's numbered history take turns on PostgreSQL; on SQLite writers always do."""
    tx.execute(select(connections.c.id).where(connections.c.id == connection_id).with_for_update())
