"""A database of an earlier version goes forward with everything in it."""

from datetime import datetime

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from ml_connector.store import calls, connections
from ml_connector.store import database as database_module
from ml_connector.store.database import Database, latest_revision

FIRST_CONNECTION = """
INSERT INTO connections
    (id, name, state, state_reason, settings, realm_hash, company_code, created_at, updated_at)
VALUES ('c1', 'acme', 'active', '', '{}', '', '', :at, :at)
"""
"""As the first version wrote it: today's statements name columns that its tables did not have."""


def _migrate_to(database: Database, revision: str) -> None:
    with database.write() as tx:
        config = Config()
        config.set_main_option("script_location", str(database_module._MIGRATIONS))
        config.attributes["connection"] = tx
        command.upgrade(config, revision)


def test_a_database_of_the_first_version_is_brought_up_to_date_with_its_connections(
    empty_database_url: str, now: datetime
) -> None:
    database = Database.open(empty_database_url)
    _migrate_to(database, "0001")
    assert not database.is_current()
    with database.write() as tx:
        tx.execute(text(FIRST_CONNECTION), {"at": now.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")})
    database.migrate()
    assert database.revision() == latest_revision()
    with database.read() as tx:
        known = connections.get(tx, "acme")
        assert (known.id, known.created_at, known.paused_at) == ("c1", now, None)
        assert calls.listing(tx, "c1") == []
    database.close()
