"""What every test stands on: databases of its own, SQLite and PostgreSQL, and twins that nobody else looks for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from databases import PostgresServer, SqliteFiles, postgres_server, sqlite_files
from ml_connector.store.database import Database
from remembered import remembered


@pytest.fixture(scope="session", autouse=True)
def _twins_of_their_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Twins that a test starts leave their addresses where those of the person at this machine are not."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TWINS", str(tmp_path_factory.mktemp("twins") / "addresses.json"))
        yield


@pytest.fixture(scope="session", autouse=True)
def _remembered() -> Iterator[None]:
    """What depends on the source alone is made once for all tests of this process."""
    with remembered():
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The PostgreSQL server of this test process."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteFiles]:
    """SQLite files of this test process."""
    with sqlite_files(tmp_path_factory.mktemp("sqlite")) as files:
        yield files


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Which database the test runs on; every test that asks for a database runs on each."""
    return str(request.param)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, database_kind: str) -> Iterator[str]:
    """The URL of a fresh, migrated database of the test's own."""
    databases: SqliteFiles | PostgresServer = request.getfixturevalue(
        "sqlite" if database_kind == "sqlite" else "postgres"
    )
    with databases.fresh() as url:
        yield url


@pytest.fixture
def empty_database_url(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any table."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        with server.copy("template0") as url:
            yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh, migrated database, open."""
    opened = Database.open(database_url)
    yield opened
    opened.close()
