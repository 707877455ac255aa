"""A process that was stopped in the middle of a transaction does not keep its locks from whoever takes over."""

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


def _is_there(database: Database, pid: int) -> bool:
    with database.read() as tx:
        found = tx.execute(text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid"), {"pid": pid})
        return bool(found.scalar_one())
