"""A process that was stopped in the middle of a transaction does not keep its locks from whoever takes over."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

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


def _between_messages(session: psycopg.Connection) -> None:
    """The last that the process sent was no statement: PostgreSQL waits for the next one without a limit."""
    session.pgconn.enter_pipeline_mode()
    session.pgconn.send_flush_request()
    session.pgconn.flush()


@pytest.mark.parametrize("stop", [_in_mid_message, _in_mid_answer, _between_messages])
def test_a_session_whose_process_was_stopped_in_mid_message_is_ended_by_whoever_takes_over(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch, stop: Stop
) -> None:
    """PostgreSQL counts such a session as active, or stopped its clock: its own limit for idle transactions never ends it."""
    with postgres.fresh() as url, _two(url) as (database, other), _session(url) as stopped:
        with database.write() as tx:
            tx.execute(text("CREATE TABLE things (id int)"))
            tx.execute(text("INSERT INTO things VALUES (1)"))
        stopped.execute("SELECT id FROM things FOR SHARE").fetchall()
        stop(stopped)
        while _wait_of(other, stopped.info.backend_pid) not in {
            ("Client", "active"),
            ("Client", "idle in transaction"),
        }:
            pass

        soon = other.end_stopped()
        monkeypatch.setattr("ml_connector.store.database.IDLE_SECONDS", 0.0)
        while _is_there(other, stopped.info.backend_pid):
            other.end_stopped()

        assert soon == 0  # it may yet go on
        with other.write() as tx:
            assert tx.execute(text("UPDATE things SET id = 3")).rowcount == 1


def test_a_transaction_that_has_been_idle_for_a_moment_is_let_be(postgres: PostgresServer) -> None:
    with postgres.fresh() as url, _two(url) as (database, other), database.write() as tx:
        tx.execute(text("SELECT 1"))
        assert other.end_stopped() == 0
        assert tx.execute(text("SELECT 2")).scalar_one() == 2


def test_a_session_that_waits_for_another_and_one_that_does_nothing_at_all_are_let_be(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgres.fresh() as url, _two(url) as (_, other), _session(url) as idle, _session(url) as holder:
        idle.execute("SELECT 1")
        idle.commit()
        with _session(url) as waiting:
            holder.execute("SELECT pg_advisory_xact_lock(7)")
            waiting.pgconn.send_query_params(b"SELECT pg_advisory_xact_lock(7)", [])
            waiting.pgconn.flush()
            while _wait_of(other, waiting.info.backend_pid) != ("Lock", "active"):
                pass
            monkeypatch.setattr("ml_connector.store.database.IDLE_SECONDS", 0.0)
            other.end_stopped()

            assert [_is_there(other, one.info.backend_pid) for one in (idle, waiting)] == [True, True]


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


def _session(url: str) -> AbstractContextManager[psycopg.Connection]:
    """A session of another process of ours."""
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return closing(psycopg.connect(address, application_name="ml-connector"))


def _wait_of(database: Database, pid: int) -> tuple[str, str]:
    """What a session waits for, and its state."""
    with database.read() as tx:
        query = text("SELECT wait_event_type, state FROM pg_stat_activity WHERE pid = :pid")
        kind, state = tx.execute(query, {"pid": pid}).one()
        return str(kind), str(state)


def _is_there(database: Database, pid: int) -> bool:
    with database.read() as tx:
        found = tx.execute(text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid"), {"pid": pid})
        return bool(found.scalar_one())
