"""Opens the database, brings its tables up to date, and hands out transactions.

SQLite and PostgreSQL behave alike behind this module: a writer waits its turn, a reader sees one moment and cannot write.
It knows nothing of what the tables mean.
"""

import logging
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, Engine, event, inspect, text
from sqlalchemy import create_engine as sqlalchemy_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from ml_connector.store.errors import (
    DatabaseAddressError,
    DatabaseOutdatedError,
    DatabaseTooNewError,
    DatabaseUnavailableError,
)
from ml_connector.store.texts import SQLITE_LOWER, lower_every_letter

logger = logging.getLogger(__name__)

Tx = Connection
"""A running transaction, as every function of the store takes it. Only the store and work may look inside."""

WAIT_SECONDS = 30.0
"""How long a writer waits for another one, and a statement for a lock."""

IDLE_SECONDS = 5.0
"""How long a transaction may do nothing before PostgreSQL ends it. Ours compute and call outside of transactions, so one that
is idle belongs to a process that was stopped, and would keep the locks that whoever takes its work over waits for. `end_stopped`
ends those that PostgreSQL does not call idle, or whose time it does not count."""

_STOPPED = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user "
    "AND application_name = :us AND state <> 'idle' AND wait_event_type = 'Client' AND pid <> pg_backend_pid() "
    "AND state_change < clock_timestamp() - make_interval(secs => :seconds)"
)
_US = "ml-connector"
"""The name PostgreSQL knows our sessions by."""

_MIGRATION_LOCK = 0x6D6C_636F  # any number, the same in every version of the program
_MIGRATIONS = Path(__file__).parent / "migrations"
_KIND = "ml_connector_transaction"


def latest_revision() -> int:
    """The newest revision of the tables this program knows."""
    return max(int(path.stem[1:5]) for path in (_MIGRATIONS / "versions").glob("v[0-9][0-9][0-9][0-9]_*.py"))


class Database:
    """One database with its connection pool. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._sqlite = engine.dialect.name == "sqlite"
        self._writer = engine.execution_options(**{_KIND: "write"})
        self._durable_writer = engine.execution_options(**{_KIND: "durable write"})
        snapshot = {} if self._sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reader = engine.execution_options(**{_KIND: "read"}, **snapshot)

    @classmethod
    def open(cls, url: str) -> Self:
        """Connect to `sqlite:///file` or `postgresql+psycopg://…`. An SQLite file is created if its folder exists.

        Raises DatabaseUnavailableError when it cannot be reached, DatabaseTooNewError when a later version of the
        program wrote it. Tables may still be missing or old: see `is_current` and `migrate`.
        """
        address = _address(url)
        database = cls(
            _sqlite_engine(address) if address.get_backend_name() == "sqlite" else _postgresql_engine(address)
        )
        try:
            database._refuse_newer(database.revision())
        except (DatabaseUnavailableError, DatabaseTooNewError):
            database.close()
            raise
        return database

    @property
    def engine(self) -> Engine:
        """The pool, for an engine of work that brings its own tables. Ask the store's functions for everything else."""
        return self._engine

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()

    def end_stopped(self) -> int:
        """End the sessions of processes that were stopped in the middle of a message to PostgreSQL or of its answer; how many.

        Several statements go as one message, and a long answer does not fit into the buffers between: whoever is stopped right then
        leaves a session that PostgreSQL counts as active, so its limit for idle ones never ends it. Nor does it once a message
        other than a statement came after one, such as the wish to see what there is of the answers: that message stops the clock.
        """
        if self._sqlite:
            return 0
        with self.read() as tx:
            ended = tx.execute(_STOPPED, {"us": _US, "seconds": IDLE_SECONDS}).scalars().all()
        if ended:
            logger.warning("%d sessions of stopped processes were ended: they kept what others wait for", len(ended))
        return len(ended)

    def revision(self) -> int:
        """The revision of the tables, 0 in an empty database."""
        with self.read() as tx:
            if not inspect(tx).has_table("alembic_version"):
                return 0
            return int(tx.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none() or 0)

    def is_current(self) -> bool:
        """Whether the tables are those this program works with."""
        return self.revision() == latest_revision()

    def require_current(self) -> None:
        """Raise DatabaseOutdatedError or DatabaseTooNewError unless the tables are those this program works with."""
        revision = self.revision()
        self._refuse_newer(revision)
        if revision < latest_revision():
            raise DatabaseOutdatedError(
                f"the tables of {self._shown()} are at revision {revision}, this program needs {latest_revision()}; "
                "run `ml-connector init` to bring them up to date"
            )

    def migrate(self) -> None:
        """Bring the tables up to date from any earlier version, all or nothing. Processes that start together take turns."""
        from alembic import command  # noqa: PLC0415 - 0.15 s that only this method needs to spend
        from alembic.config import Config  # noqa: PLC0415

        with self.write(durable=True) as tx:
            if not self._sqlite:
                tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            config = Config()
            config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
            config.attributes["connection"] = tx
            command.upgrade(config, "head")

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Connection]:
        """A transaction that may write; committed at the end of the block, rolled back by an exception.

        On SQLite only one runs at a time, from its first moment. `durable` makes the commit outlast a power failure, not only
        a crash of the program: use it for what is recorded before something is sent. PostgreSQL's commits always do.
        """
        with self._transaction(self._durable_writer if durable else self._writer) as tx:
            yield tx

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees the database as it was at its first query, and is refused any write."""
        with self._transaction(self._reader) as tx:
            yield tx

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[Connection]:
        try:
            with engine.connect() as connection, connection.begin():
                yield connection
        except OperationalError as error:
            raise DatabaseUnavailableError(self._explain(error)) from error
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            # PostgreSQL ended the connection, of a process that was stopped in mid-transaction for example.
            raise DatabaseUnavailableError(self._explain(error)) from error
        except PoolTimeoutError as error:
            raise DatabaseUnavailableError(
                f"the database {self._shown()} cannot be used: all connections of this process to it are taken, and none became "
                "free in time (let it do less at once, `--threads` for example)"
            ) from error

    def _shown(self) -> str:
        return self._engine.url.render_as_string(hide_password=True)

    def _explain(self, error: DBAPIError) -> str:
        said = str(error.orig).strip().replace("\n", "; ")
        if "locked" in said or "lock timeout" in said:
            advice = f"another process held it for more than {WAIT_SECONDS:g} seconds"
        elif "no such table" in said:
            advice = "its tables are missing: run `ml-connector init`"
        else:
            advice = "check the address, the rights on it and that the server runs"
        return f"the database {self._shown()} cannot be used: {said} ({advice})"

    def _refuse_newer(self, revision: int) -> None:
        if revision > latest_revision():
            raise DatabaseTooNewError(
                f"the database {self._shown()} was written by a later version of ml-connector (revision {revision}, "
                f"this program knows {latest_revision()}); install that version, or open another database"
            )


def _address(url: str) -> URL:
    """The URL, checked. `postgresql://` and `postgres://` mean psycopg, the one driver that is installed."""
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise DatabaseAddressError("the database URL cannot be read; it looks like sqlite:////var/lib/ml-connector.db "
                                       "or postgresql+psycopg://user@host/name") from error  # fmt: skip
    if address.drivername in {"postgresql", "postgres"}:
        address = address.set(drivername="postgresql+psycopg")
    if address.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise DatabaseAddressError(
            f"databases of the kind {address.drivername!r} are not supported; use sqlite or postgresql"
        )
    if address.drivername == "sqlite" and address.database in {None, "", ":memory:"}:
        raise DatabaseAddressError("an SQLite database in memory would be another one in each thread; name a file")
    return address


def _postgresql_engine(address: URL) -> Engine:
    limits = {"lock_timeout": WAIT_SECONDS, "idle_in_transaction_session_timeout": IDLE_SECONDS}
    timeout = " ".join(f"-c {name}={int(seconds * 1000)}ms" for name, seconds in limits.items())
    # PostgreSQL's own guess is that of a turning disk: then it reads whole tables where an index has all that is asked for.
    # In UTC no moment has to be turned into it.
    given = ("-c random_page_cost=1.1 -c TimeZone=UTC", str(address.query.get("options", "")), timeout)
    options = " ".join(one for one in given if one)
    arguments = {"connect_timeout": 10, "application_name": _US, "options": options}
    return sqlalchemy_engine(
        address.difference_update_query(["options"]), pool_pre_ping=True, hide_parameters=True, connect_args=arguments
    )


def _sqlite_engine(address: URL) -> Engine:
    path = Path(str(address.database))
    if not address.query and not path.exists():
        try:
            _create_sqlite_file(path)
        except OSError as error:
            raise DatabaseAddressError(f"the database file {path} cannot be created: {error.strerror}") from error
    engine = sqlalchemy_engine(address, hide_parameters=True, connect_args={"timeout": WAIT_SECONDS})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_on_sqlite)
    return engine


def _create_sqlite_file(path: Path) -> None:
    """A new database, readable by its owner only and in WAL mode from its first moment.

    It is made under another name and then given its own, because SQLite does not wait for its turn when several processes
    switch one file to WAL, and because opening the file ourselves would drop SQLite's locks on it when we close it.
    """
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-") as folder:
        made = Path(folder) / path.name
        made.touch(mode=0o600)
        connection = sqlite3.connect(made)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.close()
        with suppress(FileExistsError):  # another process was first: its file is as good
            os.link(made, path)


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    """Each new SQLite connection: transactions begin when we say so, readers never block the writer, references hold, and
    the case of every letter is known."""
    connection.isolation_level = None
    connection.create_function(SQLITE_LOWER, 1, lower_every_letter, deterministic=True)
    for pragma in (f"busy_timeout = {int(WAIT_SECONDS * 1000)}", "synchronous = NORMAL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):  # a file somebody else made
        connection.execute("PRAGMA journal_mode = WAL")


def _begin_on_sqlite(connection: Connection) -> None:
    """Take the write lock at once for a writer, since a reader that turns writer midway could not wait for its turn."""
    kind = connection.get_execution_options().get(_KIND, "write")
    connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if kind == 'read' else 'OFF'}")
    connection.exec_driver_sql(f"PRAGMA synchronous = {'FULL' if kind == 'durable write' else 'NORMAL'}")
    connection.exec_driver_sql("BEGIN" if kind == "read" else "BEGIN IMMEDIATE")
