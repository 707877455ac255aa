"""Data Access extracts: which came, what was fetched of them, and the rows they left, the newest version of each.

A row is replaced only by one of an extract that is not older, so extracts may be loaded again or in any order. What a row means
is read elsewhere.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, delete, func, or_, select, update

from ml_connector.store.database import Tx
from ml_connector.store.rows import as_struct, as_structs, insert, inserted
from ml_connector.store.schema import ExtractState, extract_files, extract_rows, extracts
from ml_connector.store.texts import says


class ExtractRow(msgspec.Struct, frozen=True, kw_only=True):
    """One extract. `start_date` and `end_date` are Basware's texts, `as_of` the end as an instant; `rows`: how many were loaded.

    `problem` says why it could not be loaded.
    """

    connection_id: str
    extract_id: str
    name: str
    kind: str
    start_date: str
    end_date: str
    as_of: datetime | None
    state: ExtractState
    files: int
    rows: int
    problem: str
    updated_at: datetime


class ExtractFileRow(msgspec.Struct, frozen=True, kw_only=True):
    """One file. `downloads`: how often it was asked for; `digest`: SHA-256 of what lies in the spool, empty if nothing does."""

    file_name: str
    table_name: str
    downloads: int
    size: int
    digest: str
    rows: int
    loaded_at: datetime | None


class Values(msgspec.Struct, frozen=True, kw_only=True):
    """One row as lists show it: its key, its JSON, and which extract it came with."""

    key: str
    payload: str
    extract_id: str
    as_of: datetime | None


def get(tx: Tx, connection_id: str, extract_id: str) -> ExtractRow | None:
    """One extract."""
    row = tx.execute(select(extracts).where(*_is(connection_id, extract_id))).one_or_none()
    return None if row is None else as_struct(ExtractRow, row)


def add(tx: Tx, row: ExtractRow) -> bool:
    """Keep an extract that was listed; whether it was new."""
    return inserted(tx, extracts, msgspec.structs.asdict(row))


def set_state(
    tx: Tx, connection_id: str, extract_id: str, state: ExtractState, now: datetime, *, problem: str = ""
) -> None:
    """Move an extract on; its rows are counted from its files."""
    loaded = select(func.coalesce(func.sum(extract_files.c.rows), 0)).where(*_files_of(connection_id, extract_id))
    statement = update(extracts).where(*_is(connection_id, extract_id))
    tx.execute(statement.values(state=state, problem=problem, rows=loaded.scalar_subquery(), updated_at=now))


def listing(tx: Tx, connection_id: str, *, limit: int) -> list[ExtractRow]:
    """Extracts, those that show the latest moment first."""
    query = select(extracts).where(extracts.c.connection_id == connection_id)
    newest = query.order_by(extracts.c.as_of.desc(), extracts.c.extract_id).limit(limit)
    return as_structs(ExtractRow, tx.execute(newest))


def failed(tx: Tx, connection_id: str) -> list[ExtractRow]:
    """Extracts that could not be loaded so far, oldest first."""
    return _in_state(tx, connection_id, extracts.c.state == ExtractState.FAILED)


def gone(tx: Tx, connection_id: str, *, until: datetime) -> list[ExtractRow]:
    """Extracts up to a moment that could not be loaded before Basware gave them up."""
    return _in_state(tx, connection_id, extracts.c.state == ExtractState.GONE, extracts.c.as_of <= until)


def _in_state(tx: Tx, connection_id: str, *conditions: ColumnElement[bool]) -> list[ExtractRow]:
    query = select(extracts).where(extracts.c.connection_id == connection_id, *conditions)
    return as_structs(ExtractRow, tx.execute(query.order_by(extracts.c.as_of, extracts.c.extract_id)))


def newest_initial(tx: Tx, connection_id: str) -> datetime | None:
    """The moment the newest complete extract that was loaded shows: nothing older says anything new."""
    query = select(extracts.c.as_of).where(
        extracts.c.connection_id == connection_id,
        extracts.c.kind == "Initial",
        extracts.c.state.in_([ExtractState.LOADED, ExtractState.ACKNOWLEDGED]),
        extracts.c.as_of.is_not(None),
    )
    return tx.execute(query.order_by(extracts.c.as_of.desc()).limit(1)).scalar_one_or_none()


def files_of(tx: Tx, connection_id: str, extract_id: str) -> list[ExtractFileRow]:
    """The files of an extract that are or were to be loaded."""
    columns = [extract_files.c[name] for name in ExtractFileRow.__struct_fields__]
    query = select(*columns).where(*_files_of(connection_id, extract_id))
    return as_structs(ExtractFileRow, tx.execute(query.order_by(extract_files.c.file_name)))


def get_file(tx: Tx, connection_id: str, extract_id: str, name: str) -> ExtractFileRow | None:
    """One file of an extract."""
    return next((one for one in files_of(tx, connection_id, extract_id) if one.file_name == name), None)


def add_file(tx: Tx, connection_id: str, extract_id: str, name: str, table: str) -> None:
    """Keep a file that was listed."""
    fresh = {"table_name": table, "downloads": 0, "size": 0, "digest": "", "rows": 0, "loaded_at": None}
    inserted(tx, extract_files, {"connection_id": connection_id, "extract_id": extract_id, "file_name": name, **fresh})


def note_download(tx: Tx, connection_id: str, extract_id: str, name: str) -> None:
    """Count a download before it begins: also one that is cut off counts with Basware."""
    _change_file(tx, connection_id, extract_id, name, downloads=extract_files.c.downloads + 1, digest="", size=0)


def note_fetched(tx: Tx, connection_id: str, extract_id: str, name: str, *, size: int, digest: str) -> None:
    """What lies in the spool now."""
    _change_file(tx, connection_id, extract_id, name, size=size, digest=digest)


def note_loaded(tx: Tx, connection_id: str, extract_id: str, name: str, *, rows: int, now: datetime) -> None:
    """Every row of the file is stored."""
    _change_file(tx, connection_id, extract_id, name, rows=rows, loaded_at=now)


def put_rows(
    tx: Tx,
    connection_id: str,
    table: str,
    rows: Sequence[tuple[str, str]],
    *,
    extract_id: str,
    as_of: datetime,
    now: datetime,
) -> None:
    """Store rows by key, in place of versions that are not newer."""
    if not rows:
        return
    statement = insert(tx, extract_rows)
    replaced = statement.on_conflict_do_update(
        index_elements=[extract_rows.c.connection_id, extract_rows.c.table_name, extract_rows.c.key],
        set_={name: statement.excluded[name] for name in ("payload", "extract_id", "as_of", "updated_at")},
        where=or_(extract_rows.c.as_of.is_(None), extract_rows.c.as_of <= statement.excluded.as_of),
    )
    fixed = {
        "connection_id": connection_id, "table_name": table, "extract_id": extract_id, "as_of": as_of, "updated_at": now,
    }  # fmt: skip
    tx.execute(replaced, [{**fixed, "key": key, "payload": payload} for key, payload in rows])


def drop_missing(tx: Tx, connection_id: str, tables: Collection[str], extract_id: str, as_of: datetime) -> int:
    """A complete extract was loaded: rows it lacks and that no later one brought are gone; how many those were."""
    statement = delete(extract_rows).where(
        extract_rows.c.connection_id == connection_id,
        extract_rows.c.table_name.in_(tables),
        extract_rows.c.extract_id != extract_id,
        or_(extract_rows.c.as_of.is_(None), extract_rows.c.as_of <= as_of),
    )
    return tx.execute(statement).rowcount


def rows_of(tx: Tx, connection_id: str, table: str, *, text: str = "", limit: int | None = None) -> Iterator[Values]:
    """Rows of a table by key; `text` is searched in their JSON, whatever its case."""
    columns = [extract_rows.c[name] for name in Values.__struct_fields__]
    query = select(*columns).where(extract_rows.c.connection_id == connection_id, extract_rows.c.table_name == table)
    if text:
        query = query.where(says((extract_rows.c.payload,), text))
    ordered = query.order_by(extract_rows.c.key).limit(limit)
    found = tx.execute(ordered, execution_options={"yield_per": 1000})
    return (as_struct(Values, row) for row in found)


def counts(tx: Tx, connection_id: str) -> dict[str, int]:
    """How many rows each table has."""
    query = select(extract_rows.c.table_name, func.count()).where(extract_rows.c.connection_id == connection_id)
    found = tx.execute(query.group_by(extract_rows.c.table_name).order_by(extract_rows.c.table_name))
    return {str(table): int(number) for table, number in found}


def _change_file(tx: Tx, connection_id: str, extract_id: str, name: str, **columns: object) -> None:
    statement = update(extract_files).where(*_files_of(connection_id, extract_id), extract_files.c.file_name == name)
    tx.execute(statement.values(**columns))


def _is(connection_id: str, extract_id: str) -> tuple[ColumnElement[bool], ...]:
    return extracts.c.connection_id == connection_id, extracts.c.extract_id == extract_id


def _files_of(connection_id: str, extract_id: str) -> tuple[ColumnElement[bool], ...]:
    return extract_files.c.connection_id == connection_id, extract_files.c.extract_id == extract_id
