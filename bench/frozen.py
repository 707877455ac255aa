"""Worlds that are built once and copied: both twins' books, the clock, and every row of the product's database.

Building the demo company takes 100 ms and more, of which nothing depends on the test that asks for it; a copy takes 10. What a
world holds in memory only, a desk with its token and its counts, is not copied: whoever gets a copy begins as a new process does.
It knows the tables' rows and nothing of what they mean.
"""

import pickle
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from sqlalchemy import text

from ml_connector.store.database import Database
from ml_connector.store.schema import metadata


class Freezable(Protocol):
    """What can be copied: it gives its state without the database's, and is made of it again."""

    database: Database

    def put_away(self) -> Any:
        """Everything else of it, picklable; nothing is left in memory that belongs into the database."""
        ...

    @classmethod
    def taken_out(cls, state: Any, database: Database) -> Any:
        """The same in another database."""
        ...


Scene = TypeVar("Scene", bound=Freezable)
Rows = sqlite3.Connection | tuple[dict[str, bytes], str]

_ROOM = 24
"""Worlds that are kept, of a megabyte or two each; tests that need the same one stand side by side."""


@dataclass
class Shelf:
    """Frozen worlds by the words that tell how they were made and the kind of their database."""

    _known: OrderedDict[tuple[str, Hashable], tuple[type[Any], bytes, Rows]] = field(default_factory=OrderedDict)

    def scene(self, database: Database, how: Hashable, make: Callable[[], Scene]) -> Scene:
        """What `make` makes in this database, which is empty: made the first time, copied from then on."""
        key = (database.engine.dialect.name, how)
        if key not in self._known:
            made = make()
            self._known[key] = (type(made), pickle.dumps(made.put_away()), _rows(database))
            if len(self._known) > _ROOM:
                _drop(self._known.popitem(last=False)[1][2])
        else:
            _fill(database, self._known[key][2])
            self._known.move_to_end(key)
        kind, state, _ = self._known[key]
        scene: Scene = kind.taken_out(pickle.loads(state), database)
        return scene

    def close(self) -> None:
        """Forget them."""
        for _, _, rows in self._known.values():
            _drop(rows)


_shelf: Shelf | None = None


@contextmanager
def shelf() -> Iterator[None]:
    """Copy worlds while the block runs."""
    global _shelf  # noqa: PLW0603 - what a test process has one of
    before, _shelf = _shelf, Shelf()
    try:
        yield
    finally:
        _shelf.close()
        _shelf = before


def copied(database: Database, how: Hashable, make: Callable[[], Scene]) -> Scene:
    """What `make` makes in this database; a copy where copies are wanted and nothing has happened in the database yet."""
    return make() if _shelf is None or _is_used(database) else _shelf.scene(database, how, make)


def copied_at(url: str, how: Hashable, make: Callable[[Database], Scene]) -> Scene:
    """The same in the database at an address, which is opened."""
    database = Database.open(url)
    return copied(database, how, lambda: make(database))


def _is_used(database: Database) -> bool:
    """Whatever anybody does is in the audit."""
    with database.read() as tx:
        return tx.execute(text("SELECT 1 FROM audit LIMIT 1")).first() is not None


def _rows(database: Database) -> Rows:
    with database.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        if database.engine.dialect.name == "sqlite":
            kept = sqlite3.connect(":memory:", check_same_thread=False)
            driver.backup(kept)
            return kept
        cursor, tables = driver.cursor(), dict[str, bytes]()
        for table in metadata.sorted_tables:
            with cursor.copy(f"COPY {table.name} TO STDOUT (FORMAT binary)") as copy:
                content = b"".join(copy)
            if len(content) > _EMPTY:
                tables[table.name] = content
        numbers = cursor.execute("SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL")
        calls = ", ".join(f"setval('{name}', {last})" for name, last in numbers)
        return tables, f"SELECT {calls}" if calls else "SELECT 1"


_EMPTY = 21
"""Bytes of PostgreSQL's binary copy of no rows: its header and its end."""


def _drop(rows: Rows) -> None:
    if isinstance(rows, sqlite3.Connection):
        rows.close()


def _fill(database: Database, rows: Rows) -> None:
    with database.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        if isinstance(rows, sqlite3.Connection):
            rows.backup(driver)
            return
        tables, numbers = rows
        cursor = driver.cursor()
        for name, content in tables.items():
            with cursor.copy(f"COPY {name} FROM STDIN (FORMAT binary)") as copy:
                copy.write(content)
        cursor.execute(numbers)
        driver.commit()
