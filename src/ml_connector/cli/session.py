"""Opening the installation for a command, and turning what can go wrong into words and exit codes."""

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager

from ml_connector.app import App, CompanyCodeTakenError, NotSetUpError, OtherCompanyError, Settings
from ml_connector.basware import errors as basware
from ml_connector.cli.output import CommandError, ExitCode
from ml_connector.quickbooks import errors as quickbooks
from ml_connector.quickbooks.wire import UnreadableError
from ml_connector.store import documents
from ml_connector.store.documents import DocumentRow
from ml_connector.store.errors import DatabaseAddressError, DatabaseUnavailableError, StoreError
from ml_connector.work.decisions import DecisionError, MissingReasonError
from ml_connector.work.desk import ConnectionBusyError, Desk, Watch
from ml_connector.work.engine import SIGN_IN, TRY_LATER
from ml_connector.work.mapping_tables import MappingTableError
from ml_connector.work.people.identity import PersonError
from ml_connector.work.schedule import ScheduleError
from ml_connector.work.settings import SettingsError

_USAGE = (
    SettingsError, MappingTableError, DecisionError, ScheduleError, NotSetUpError, OtherCompanyError,
    CompanyCodeTakenError, PersonError, StoreError,
)  # fmt: skip


@contextmanager
def opened() -> Iterator[App]:
    """The installation. Every error a person can act on leaves as a CommandError with its exit code."""
    with translated():
        app = App.open(Settings())
        try:
            yield app
        finally:
            app.close()


@contextmanager
def desk_of(connection: str, watch: Watch | None = None) -> Iterator[Desk]:
    """One connection, ready to work; with no name, the only one there is. `watch` is told how far the work is."""
    with opened() as app:
        desk = app.desk(app.connection(connection), watch)
        try:
            yield desk
        finally:
            desk.write_calls()
            desk.close()


@contextmanager
def translated() -> Iterator[None]:
    """Errors in words, each with the exit code of its sort."""
    try:
        yield
    except SIGN_IN as error:
        raise CommandError(str(error), ExitCode.SIGN_IN_NEEDED) from error
    except DatabaseAddressError as error:
        raise CommandError(str(error), ExitCode.USAGE) from error
    except (*TRY_LATER, ConnectionBusyError, DatabaseUnavailableError) as error:
        raise CommandError(str(error), ExitCode.TRY_LATER) from error
    except (quickbooks.QuickBooksError, basware.BaswareError, UnreadableError) as error:
        raise CommandError(str(error), ExitCode.HELD_OR_FAILED) from error
    except MissingReasonError as error:
        raise CommandError(f"{error} On the command line it is --reason.", ExitCode.USAGE) from error
    except _USAGE as error:
        raise CommandError(str(error), ExitCode.USAGE) from error


def person() -> str:
    """Who is at the command line, for the audit. In a container the account need not have a name."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = f"user {os.getuid()}"
    return f"{name} (command line)"


def document(desk: Desk, text: str) -> DocumentRow:
    """The document a person means, by invoice number or Basware id."""
    with desk.database.read() as tx:
        row = documents.find(tx, desk.connection_id, text)
    if row is None:
        raise CommandError(f"There is no document {text!r}. `ml-connector documents list` shows all.")
    return row
