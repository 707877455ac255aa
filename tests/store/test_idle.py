"""A process that was stopped in the middle of a transaction does not keep its locks from whoever takes over."""

from sqlalchemy import text

from databases import PostgresServer
from ml_connector.store.database import IDLE_SECONDS, Database


def test_postgresql_ends_a_transaction_that_does_nothing(postgres: PostgresServer) -> None:
    with postgres.fresh() as url:
        database = Database.open(url)
        with database.read() as tx:
            limit = tx.execute(text("SHOW idle_in_transaction_session_timeout")).scalar_one()
        database.close()

    assert limit == f"{IDLE_SECONDS:.0f}s"
