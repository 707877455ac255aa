"""A look at what Basware offers while a connection is being set up: stored here, so that everything can be shown with real
documents, and acknowledged to nobody.

Basware does not know that we looked, so what it takes back meanwhile would be posted all the same: the next look, and the release,
forget everything that a look brought. The first run after that takes over what Basware offers then.
"""

from datetime import datetime

import msgspec

from ml_connector.store import connections, cursors, document_rounds, documents
from ml_connector.store.database import Tx
from ml_connector.store.schema import DocumentState
from ml_connector.work.desk import Desk
from ml_connector.work.intake import IntakeReport, keep_page, offered
from ml_connector.work.lists import refresh_lists
from ml_connector.work.same_customer import unshared_codes
from ml_connector.work.settings import SettingsError

MOST = 2000
"""Documents that one look takes: enough to map a company's codes by, and a plan that a person can read."""

_UNTOUCHED = frozenset({DocumentState.RECEIVED, DocumentState.HELD})
LOOK = "set-up look"
"""The cursor that says what the last look came to."""


class SetupError(SettingsError):
    """Something of a set-up cannot be done now; the message says why and what to do first."""


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """The last look: how many documents it saw, whether Basware has more than a look takes, and when it was.

    `earliest` and `latest`: the invoice dates they lie between, ISO 8601; empty where none has a date.
    """

    documents: int
    more: bool
    at: datetime | None = None
    earliest: str = ""
    latest: str = ""


def look(desk: Desk, most: int = MOST) -> Look:
    """Read QuickBooks' lists and what waits in Basware; nothing is written in either system. Safe to repeat.

    Raises SetupError for a connection that was released, ConnectionBusyError while somebody else looks, and what the clients raise.
    """
    desk.take_lease()
    try:
        _require_setup(desk)
        refresh_lists(desk, thorough=True)
        seen, more = _take(desk, most)
        with desk.write() as tx:
            forget_looked_at(tx, desk.connection_id, but=seen)
            found = _looked(tx, desk, len(seen), more=more)
            told = msgspec.json.encode(found).decode()
            cursors.put(tx, desk.connection_id, LOOK, told, desk.clock.now())
    finally:
        desk.release_lease()
    return found


def _looked(tx: Tx, desk: Desk, number: int, *, more: bool) -> Look:
    rows = documents.in_state(tx, desk.connection_id, _UNTOUCHED)
    days = sorted(row.invoice_date for row in rows if row.invoice_date)
    first, last = (days[0], days[-1]) if days else ("", "")
    return Look(documents=number, more=more, at=desk.clock.now(), earliest=first, latest=last)


def last_look(tx: Tx, connection_id: str) -> Look | None:
    """What the last look came to; None before the first."""
    told = cursors.get(tx, connection_id, LOOK)
    return msgspec.json.decode(told, type=Look) if told else None


def forget_looked_at(tx: Tx, connection_id: str, *, but: set[str] | frozenset[str] = frozenset()) -> None:
    """Forget the documents that a look brought, except some. Only while nothing was ever planned for the connection."""
    known = {row.invoice_id for row in documents.in_state(tx, connection_id, _UNTOUCHED)}
    document_rounds.forget(tx, connection_id, known - but)


def _require_setup(desk: Desk) -> None:
    with desk.database.read() as tx:
        row = connections.get(tx, desk.connection_id)
    if row.setup_since is None:
        raise SetupError(f"{row.name} is released: what waits is taken over by itself, and shown under its documents.")


def _take(desk: Desk, most: int) -> tuple[set[str], bool]:
    report, seen = IntakeReport(), set[str]()
    for status, page in offered(desk, unshared_codes(desk)):
        if len(seen) >= most:
            return seen, True
        keep_page(desk, page, status, report)
        seen |= {raw.invoice_id for raw in page.documents if raw.invoice_id}
        desk.watch("looking at what waits in Basware", len(seen), 0)
    return seen, False
