"""What a person is shown when something cannot be done: the words of the error, and a status that fits.

Nothing is decided here; the errors carry their words. What nobody foresaw goes on to the guard, which shows nothing of it.
"""

from http import HTTPStatus

import msgspec

from ml_connector.app import CompanyCodeTakenError, OtherCompanyError
from ml_connector.basware.errors import BaswareError
from ml_connector.console.forgery import ForgedError
from ml_connector.quickbooks.errors import QuickBooksError
from ml_connector.quickbooks.wire import UnreadableError
from ml_connector.store.errors import ConnectionUnknownError, DatabaseUnavailableError, StoreError
from ml_connector.work.alerts import AlertError
from ml_connector.work.decisions import DecisionError
from ml_connector.work.desk import ConnectionBusyError
from ml_connector.work.engine import SIGN_IN, TRY_LATER
from ml_connector.work.mapping_tables import MappingTableError
from ml_connector.work.messages.targets import NotifyError
from ml_connector.work.payments.asking import NothingToRetryError
from ml_connector.work.people.identity import PersonError, PersonUnknownError, TooManyTriesError
from ml_connector.work.schedule import ScheduleError
from ml_connector.work.settings import SettingsError
from ml_connector.work.webhook_setup.office import WebhookSetupError


class NotFoundError(Exception):
    """There is no such thing, or nothing that this visitor may know of: both look the same."""


class ForbiddenError(Exception):
    """The visitor may see this and not do it. The message says which role could."""


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """Something that cannot be done, in words."""

    status: HTTPStatus
    title: str
    words: str
    what_to_do: str = ""
    wait: int = 0
    """Seconds before it is worth another try, where that is known."""


NOT_FOUND = Trouble(
    status=HTTPStatus.NOT_FOUND,
    title="There is no such page",
    words="The address leads nowhere, or to something you have no role in.",
    what_to_do="Go back to the start page, or ask an administrator for a role.",
)

NOTHING_TO_SHOW = Trouble(
    status=HTTPStatus.METHOD_NOT_ALLOWED,
    title="There is no page here",
    words="A form is sent to this address, and none came along. Nothing was changed.",
    what_to_do="Go back to the page you came from, or to the start page.",
)


def misread_trouble(what: str) -> Trouble:
    """A part of an address or of a form that nobody can read. `what` names the fields, never what was in them."""
    return Trouble(
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        title="That cannot be read",
        words=f"A part of the address or of the form is missing or is not what it should be: {what}. Nothing was changed.",
        what_to_do="Look at what stands there, and send it once more.",
    )


_KINDS: tuple[tuple[tuple[type[Exception], ...], HTTPStatus, str], ...] = (
    (SIGN_IN, HTTPStatus.CONFLICT, "A sign-in is needed"),
    ((ForgedError,), HTTPStatus.FORBIDDEN, "Open the page again"),
    ((TooManyTriesError,), HTTPStatus.TOO_MANY_REQUESTS, "Wait a moment"),
    ((*TRY_LATER, ConnectionBusyError, DatabaseUnavailableError), HTTPStatus.SERVICE_UNAVAILABLE, "Not right now"),
    ((QuickBooksError, BaswareError, UnreadableError), HTTPStatus.BAD_GATEWAY, "The other system refused"),
    (
        (
            SettingsError, MappingTableError, DecisionError, ScheduleError, OtherCompanyError, CompanyCodeTakenError,
            PersonError, StoreError, AlertError, NotifyError, NothingToRetryError, WebhookSetupError,
        ),
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "That cannot be done",
    ),
)  # fmt: skip

TELLABLE: tuple[type[Exception], ...] = tuple(kind for kinds, _, _ in _KINDS for kind in kinds)
"""What a page that is asked to do something may say in its own place, instead of leading away from it."""

ERRORS: tuple[type[Exception], ...] = (
    NotFoundError, ForbiddenError, *TELLABLE
)  # fmt: skip
"""Every error that people can act on."""


def trouble_of(error: Exception) -> Trouble:
    """An error in words, with its status."""
    if isinstance(error, NotFoundError | ConnectionUnknownError | PersonUnknownError):
        return NOT_FOUND
    if isinstance(error, ForbiddenError):
        return Trouble(status=HTTPStatus.FORBIDDEN, title="Your role does not allow this", words=str(error))
    for kinds, status, title in _KINDS:
        if isinstance(error, kinds):
            wait = error.seconds if isinstance(error, TooManyTriesError) else 0
            return Trouble(status=status, title=title, words=str(error), wait=wait)
    raise error
