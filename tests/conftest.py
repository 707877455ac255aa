"""What every test stands on: databases of its own, SQLite and PostgreSQL, and twins that nobody else looks for.

The rule for databases. A test that asks for one (`database`, `database_url`) runs on both
  * in `tests/store`,
  * where its module or itself is marked `both_databases`: leases, fences, several threads or processes, crashes, locks, own SQL,
  * everywhere, when the environment says DATABASES=both, as `make test-both` does.
Any other, and each of its parametrised cases, runs on one of them, chosen by its name: about half on each, always the same, so
that both see every job and every screen. What a test of the business shows does not depend on who stores it.
"""

import gc
import os
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from answered import answers_noted, pytest_sessionfinish, pytest_testnodedown  # noqa: F401 - hooks of pytest
from databases import PostgresServer, SqliteFiles, postgres_server, sqlite_files
from ml_connector.store.database import Database
from remembered import remembered


@pytest.fixture(scope="session", autouse=True)
def _twins_of_their_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Twins that a test starts leave their addresses where those of the person at this machine are not; installations of tests may
    call them, which are on this machine."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TWINS", str(tmp_path_factory.mktemp("twins") / "addresses.json"))
        patched.setenv("ML_CONNECTOR_PRIVATE_ADDRESSES", "true")
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


@pytest.fixture(scope="session", autouse=True)
def _answers_noted(request: pytest.FixtureRequest) -> Iterator[None]:
    """What the API did in these tests is told at the end of all of them."""
    with answers_noted(request.config):
        yield


_KINDS = ("sqlite", "postgresql")
_STORE = Path(__file__).parent / "store"


@pytest.fixture(params=_KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    """Which database the test runs on; see above for which tests run on each."""
    return str(request.param)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Crash stories, the longest, come first. A test that needs one database runs on the one its name chooses, unless its full
    name is asked for."""
    items.sort(key=lambda item: item.path.name != "test_crashes.py")
    if os.environ.get("DATABASES") == "both":
        return
    chosen = [item for item in items if _is_chosen(item) or item.nodeid in config.args]
    if left_out := set(items) - set(chosen):
        config.hook.pytest_deselected(items=list(left_out))
    items[:] = chosen


def pytest_collection_finish() -> None:
    """Thousands of tests and what they import stay until the end: looking for garbage among them took a sixth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def _is_chosen(item: pytest.Item) -> bool:
    """Whether a test runs on the database it has been collected with."""
    kind = item.callspec.params.get("database_kind") if hasattr(item, "callspec") else None
    if kind is None or item.get_closest_marker("both_databases") or _STORE in item.path.parents:
        return True
    kinds = next((mark.args[1] for mark in item.iter_markers("parametrize") if mark.args[0] == "database_kind"), _KINDS)
    return bool(kind == kinds[zlib.crc32(item.nodeid.replace(kind, "").encode()) % len(kinds)])


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
