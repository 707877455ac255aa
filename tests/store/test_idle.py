"""A process that was stopped in the middle of a transaction does not keep its locks from whoever takes over."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from databases import PostgresServer
from ml_connector.store.database import IDLE_SECONDS, Database
from ml_connector.store.errors import DatabaseUnavailableError


def test_postgresql_ends_a_transaction_that_does_nothing(postgres: PostgresServer) -> None:
    with postgres.fresh() as url:
        database = Database.open(url)
        with database.read() as tx:
            limit = tx.execute(text("SHOW idle_in_transaction_session_timeout")).scalar_one()
        database.close()

    assert limit == f"{IDLE_SECONDS:.0f}s"


def test_a_process_that_is_woken_after_its_transaction_was_ended_tries_again_and_is_not_broken(
    postgres: PostgresServer,
) -> None:
    """Stopped in the middle of a transaction for longer than PostgreSQL waits: that is the database's absence, not a defect."""
    with postgres.fresh() as url:
        database, other = Database.open(url), Database.open(url)

        def woken_too_late() -> None:
            with database.write() as tx:
                pid = tx.execute(text("SELECT pg_backend_pid()")).scalar_one()
                tx.execute(text("SET idle_in_transaction_session_timeout = 1"))
                while _is_there(other, pid):
                    pass
                tx.execute(text("SELECT 1"))

        with pytest.raises(DatabaseUnavailableError, match="idle-in-transaction"):
            woken_too_late()
        with database.read() as tx:
            assert tx.execute(text("SELECT 1")).scalar_one() == 1
        database.close()
        other.close()


Stop = Callable[[psycopg.Connection], None]


def _in_mid_message(session: psycopg.Connection) -> None:
    """Several statements are sent as one message, and the process stops before its end."""
    session.pgconn.enter_pipeline_mode()
    session.pgconn.send_query_params(b"INSERT INTO things VALUES (2)", [])
    session.pgconn.send_flush_request()
    session.pgconn.flush()


def _in_mid_answer(session: psycopg.Connection) -> None:
    """The process stops before it takes a long answer."""
    session.pgconn.send_query_params(b"SELECT repeat('x', 1000000) FROM generate_series(1, 100)", [])
    session.pgconn.flush()


@pytest.mark.parametrize("stop", [_in_mid_message, _in_mid_answer])
def test_a_session_whose_process_was_stopped_in_mid_message_is_ended_by_whoever_takes_over(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch, stop: Stop
) -> None:
    """PostgreSQL counts such a session as active, so its own limit for idle transactions never ends it."""
    with postgres.fresh() as url, _two(url) as (database, other):
        with database.write() as tx:
            tx.execute(text("CREATE TABLE things (id int)"))
            tx.execute(text("INSERT INTO things VALUES (1)"))
        stopped = database.engine.raw_connection().driver_connection
        assert isinstance(stopped, psycopg.Connection)
        stopped.execute("SELECT id FROM things FOR SHARE").fetchall()
        stop(stopped)
        while not _waits_for_its_client(other, stopped.info.backend_pid):
            pass

        soon = other.end_stopped()
        monkeypatch.setattr("ml_connector.store.database.IDLE_SECONDS", 0.0)
        while _is_there(other, stopped.info.backend_pid):
            other.end_stopped()

        assert soon == 0  # it may yet go on
        with other.write() as tx:
            assert tx.execute(text("UPDATE things SET id = 3")).rowcount == 1


def test_a_session_that_is_at_work_is_let_be(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ml_connector.store.database.IDLE_SECONDS", 0.0)
    with postgres.fresh() as url, _two(url) as (database, other), database.write() as tx:
        tx.execute(text("SELECT 1"))  # idle by now: PostgreSQL's own limit is for this one
        assert other.end_stopped() == 0
        assert tx.execute(text("SELECT 2")).scalar_one() == 2


def test_there_is_nothing_to_end_on_sqlite(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path / 'one.db'}")
    assert database.end_stopped() == 0
    database.close()


@contextmanager
def _two(url: str) -> Iterator[tuple[Database, Database]]:
    """The same database for two processes."""
    database, other = Database.open(url), Database.open(url)
    yield database, other
    database.close()
    other.close()


def _waits_for_its_client(database: Database, pid: int) -> bool:
    with database.read() as tx:
        query = text("SELECT wait_event_type, state FROM pg_stat_activity WHERE pid = :pid")
        return tuple(tx.execute(query, {"pid": pid}).one()) == ("Client", "active")


def _is_there(database: Database, pid: int) -> bool:
    with database.read() as tx:
        found = tx.execute(text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid"), {"pid": pid})
        return bool(found.scalar_one())
