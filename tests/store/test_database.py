"""Opening, migrating and sharing the database."""

import stat
import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from ml_connector.store import audit, books, connections
from ml_connector.store.books import BookRow
from ml_connector.store.database import Database, latest_revision
from ml_connector.store.errors import (
    DatabaseOutdatedError,
    DatabaseTooNewError,
    DatabaseUnavailableError,
)
from ml_connector.store.schema import metadata


def in_threads(number: int, work: Callable[[int], None]) -> None:
    """Run the work in several threads at once; the first failure is raised here."""
    failures: list[Exception] = []
    start = threading.Barrier(number)

    def run(index: int) -> None:
        try:
            start.wait()
            work(index)
        except Exception as error:  # noqa: BLE001 - raised again below, in the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def differences(database: Database) -> list[object]:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))


def test_the_migrations_make_exactly_the_tables_the_program_works_with(database: Database) -> None:
    assert differences(database) == []


def test_a_table_that_differs_from_the_program_would_be_noticed(database: Database) -> None:
    with database.write() as tx:
        tx.execute(text("DROP INDEX ux_mappings_default"))
        tx.execute(text("ALTER TABLE audit ADD COLUMN mood TEXT"))
    assert len(differences(database)) == 2


def test_an_empty_database_is_migrated_and_migrating_again_changes_nothing(empty_database_url: str) -> None:
    database = Database.open(empty_database_url)
    assert not database.is_current()
    database.migrate()
    assert database.is_current()
    database.migrate()
    database.require_current()
    assert database.revision() == latest_revision()
    database.close()


def test_the_newest_revision_is_the_head_of_the_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", "ml_connector.store:migrations")
    head = ScriptDirectory.from_config(config).get_current_head()
    assert head is not None
    assert int(head) == latest_revision()


def test_data_survives_a_second_start(database: Database, north: str) -> None:
    database.migrate()
    with database.read() as tx:
        assert connections.get(tx, "North").id == north


def test_processes_that_start_together_migrate_once(empty_database_url: str) -> None:
    def start(_index: int) -> None:
        database = Database.open(empty_database_url)
        database.migrate()
        database.close()

    in_threads(4, start)
    database = Database.open(empty_database_url)
    assert database.is_current()
    assert differences(database) == []
    database.close()


def test_a_migration_that_fails_leaves_nothing_behind(empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    database = Database.open(empty_database_url)
    with monkeypatch.context() as patch:
        patch.setattr("alembic.operations.Operations.create_index", fail)
        with pytest.raises(OSError, match="disk is full"):
            database.migrate()
    with database.read() as tx:
        assert inspect(tx).get_table_names() == []
    database.migrate()
    assert database.is_current()
    database.close()


def test_an_old_database_says_what_to_do(empty_database_url: str) -> None:
    database = Database.open(empty_database_url)
    with pytest.raises(DatabaseOutdatedError, match=r"revision 0.*ml-connector init"):
        database.require_current()
    database.close()


def test_a_database_of_a_later_version_is_not_touched(database: Database, database_url: str) -> None:
    with database.write() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseTooNewError, match="later version"):
        Database.open(database_url)


def test_a_reader_cannot_write(database: Database, north: str, now: datetime) -> None:
    with pytest.raises((DBAPIError, DatabaseUnavailableError)), database.read() as tx:
        connections.update_settings(tx, north, "changed", now)
    with database.write() as tx:
        connections.update_settings(tx, north, "changed", now)
    with database.read() as tx:
        assert connections.get(tx, north).settings == "changed"


def test_a_reader_sees_one_moment_and_does_not_hold_up_a_writer(database: Database, north: str, now: datetime) -> None:
    with database.read() as before:
        assert connections.get(before, north).settings == "{}"
        with database.write() as tx:
            connections.update_settings(tx, north, "changed", now)
        assert connections.get(before, north).settings == "{}"
    with database.read() as after:
        assert connections.get(after, north).settings == "changed"


def test_an_exception_takes_back_everything_the_block_wrote(database: Database, north: str, now: datetime) -> None:
    def break_off() -> None:
        with database.write(durable=True) as tx:
            connections.update_settings(tx, north, "changed", now)
            raise OSError("power cut")

    with pytest.raises(OSError, match="power cut"):
        break_off()
    with database.read() as tx:
        assert connections.get(tx, north).settings == "{}"


def test_writers_at_once_lose_nothing(database: Database, north: str, now: datetime) -> None:
    """Each reads a number, adds one and writes it: only writers that take turns come to the right sum."""

    def add_one(_index: int) -> None:
        for _ in range(10):
            with database.write() as tx:
                tx.execute(text("UPDATE connections SET updated_at = updated_at"))  # takes the row on PostgreSQL
                number = int(connections.get(tx, north).settings.strip("{}") or 0)
                connections.update_settings(tx, north, str(number + 1), now)

    in_threads(4, add_one)
    with database.read() as tx:
        assert connections.get(tx, north).settings == "40"


def test_records_of_an_unknown_connection_are_refused(database: Database, north: str, now: datetime) -> None:
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"), database.write() as tx:
        books.put_many(tx, "c-nobody", "Vendor", [BookRow(quickbooks_id="1", payload="{}")], now)


def test_a_connection_with_records_cannot_be_deleted(database: Database, north: str, now: datetime) -> None:
    with database.write() as tx:
        books.put_many(tx, north, "Vendor", [BookRow(quickbooks_id="1", payload="{}")], now)
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"), database.write() as tx:
        tx.execute(text("DELETE FROM connections"))


def test_what_was_to_be_stored_is_not_in_an_error_that_may_be_logged(database: Database, now: datetime) -> None:
    with pytest.raises(DBAPIError) as raised, database.write() as tx:
        audit.record(tx, "nobody", at=now, actor="ann", action="told", subject="V-1", reason="DE02120300000000202051")
    assert "DE02120300000000202051" not in str(raised.value)


def test_a_process_that_does_too_much_at_once_is_told_so_and_not_taken_for_broken(database: Database) -> None:
    """More transactions at once than a process may have connections: whoever gets none tries again later."""

    def take_all(taken: ExitStack) -> None:
        for _ in range(100):
            taken.enter_context(database.read())

    with pytest.MonkeyPatch.context() as patched, ExitStack() as taken:
        patched.setattr(database.engine.pool, "_timeout", 0.01)
        with pytest.raises(DatabaseUnavailableError, match="all connections of this process"):
            take_all(taken)


def test_a_missing_table_is_reported_with_what_to_do(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path / 'new.db'}")
    with pytest.raises(DatabaseUnavailableError, match="ml-connector init"), database.read() as tx:
        connections.list_all(tx)
    database.close()


def test_a_database_file_made_by_another_program_is_taken_over(tmp_path: Path) -> None:
    (tmp_path / "made.db").touch()
    database = Database.open(f"sqlite:///{tmp_path / 'made.db'}")
    database.migrate()
    with database.read() as tx:
        assert tx.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
    database.close()


def test_a_new_database_file_is_for_its_owner_only(tmp_path: Path) -> None:
    Database.open(f"sqlite:///{tmp_path / 'new.db'}").close()
    assert stat.S_IMODE((tmp_path / "new.db").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite:////nowhere/at/all/connector.db", "cannot be created: No such file"),
        ("postgresql://someone:hidden@127.0.0.1:1/books", "cannot be used"),
        ("sqlite://", "name a file"),
        ("sqlite:///:memory:", "name a file"),
        ("mysql://root@localhost/books", "not supported"),
        ("no address at all", "cannot be read"),
    ],
)
def test_an_unusable_address_is_refused_in_words(url: str, words: str) -> None:
    with pytest.raises(DatabaseUnavailableError, match=words) as refusal:
        Database.open(url)
    assert "hidden" not in str(refusal.value)


def test_a_plain_postgresql_address_uses_the_installed_driver(
    database: Database, database_url: str, database_kind: str
) -> None:
    if database_kind == "sqlite":
        assert database.engine.dialect.driver == "pysqlite"
        return
    plain = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    opened = Database.open(plain)
    assert opened.engine.dialect.driver == "psycopg"
    assert opened.is_current()
    opened.close()


def test_a_writer_that_waits_too_long_is_told_that_somebody_else_holds_the_database(
    database: Database, north: str, now: datetime, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    monkeypatch.setattr("ml_connector.store.database.WAIT_SECONDS", 0.05)
    hasty = Database.open(database_url)
    with database.write() as holder:
        connections.update_settings(holder, north, "held", now)
        with pytest.raises(DatabaseUnavailableError, match="another process held it"), hasty.write() as tx:
            connections.update_settings(tx, north, "hasty", now)
    hasty.close()
