"""Telling people what became of a record they want active: how a request ends, and that one takes too long.

What is told stands with the request, on the card and the page of what waits, and in an alert, which goes to whoever is told of
alerts. Sends nothing to QuickBooks: a request that takes too long goes on exactly as before, so nothing is written twice.
"""

from datetime import timedelta

from ml_connector.store import alerts, reactivations
from ml_connector.store import books as book_store
from ml_connector.store.database import Tx
from ml_connector.store.reactivations import ReactivationRow
from ml_connector.store.schema import ReactivationState, Severity
from ml_connector.work.desk import Desk

ALERT = "not reactivated"
"""Alert: a record that somebody wants active could not be made so, or not yet. Its subject is the record."""

PATIENCE = timedelta(hours=2)
"""How long a request may be under way before people are told: a run takes minutes, and QuickBooks' limits, its maintenance and a
lost answer are over well within it. A company that is told of books being behind by default is told after the same time."""

_NEXT = (
    "To have it at once, make it active in QuickBooks itself: that is seen here, and what it held goes again. "
    "Nothing is done twice."
)
_STILL = {
    ReactivationState.ASKED: f"Nothing was sent yet: QuickBooks could not be read since then. Every run tries again. {_NEXT}",
    ReactivationState.SENDING: (
        f"It is on its way, and QuickBooks has not confirmed it since. Every run asks again, with the very same request. {_NEXT}"
    ),
}
"""What is the matter with a request that takes too long, by how far it came."""


def subject_of(entity: str, record_id: str) -> str:
    """What the writes about a record, the entries of the audit and its alert are kept under."""
    return f"{entity}:{record_id}"


def not_shown(words: str) -> str:
    """The problem of a record that QuickBooks refuses to show, in QuickBooks' own words."""
    return f"Nothing was sent yet: QuickBooks does not show the record ({words}). Every run tries again. {_NEXT}"


def end(tx: Tx, desk: Desk, row: ReactivationRow, state: ReactivationState, *, problem: str = "") -> bool:
    """End a request if it stands as it was read: done, or refused with the problem; whether it was ended."""
    now, key = desk.clock.now(), (row.entity, row.quickbooks_id)
    if not reactivations.move(tx, desk.connection_id, key, now, row.state, state, problem=problem, tries=row.tries):
        return False
    if problem:
        _raise(tx, desk, row, f"could not be done. {problem}")
    else:
        over(tx, desk, *key)
    return True


def over(tx: Tx, desk: Desk, entity: str, record_id: str) -> None:
    """Nobody has to hear of this record any more: it is active, or was asked for anew."""
    alerts.clear(tx, desk.connection_id, kind=ALERT, subject=subject_of(entity, record_id), now=desk.clock.now())


def tell_of_reactivations(desk: Desk) -> None:
    """State what is the matter with requests that take too long, and end the alerts of records that are active by now."""
    now = desk.clock.now()
    with desk.database.read() as tx:
        late = [row for row in reactivations.under_way(tx, desk.connection_id) if now - row.asked_at >= PATIENCE]
        told = [tuple(one.subject.split(":", 1)) for one in alerts.of_kind(tx, desk.connection_id, ALERT)]
    if not late and not told:
        return
    with desk.write() as tx:
        for row in late:
            _note_late(tx, desk, row)
        for entity, record_id in told:
            if _active_by_now(tx, desk, entity, record_id):
                over(tx, desk, entity, record_id)


def _note_late(tx: Tx, desk: Desk, row: ReactivationRow) -> None:
    key, problem = (row.entity, row.quickbooks_id), row.problem or _STILL[row.state]
    if not _active_by_now(tx, desk, *key) and reactivations.move(
        tx, desk.connection_id, key, desk.clock.now(), row.state, row.state, problem=problem, tries=row.tries
    ):
        _raise(tx, desk, row, f"is not done yet. {problem}")


def _active_by_now(tx: Tx, desk: Desk, entity: str, record_id: str) -> bool:
    copy = book_store.some_of(tx, desk.connection_id, entity, [record_id]).get(record_id)
    return copy is not None and copy.active and not copy.deleted


def _raise(tx: Tx, desk: Desk, row: ReactivationRow, what: str) -> None:
    message = f"{row.asked_by} asked for {row.name} to be active in QuickBooks, which {what}"
    alerts.raise_(
        tx, desk.connection_id, kind=ALERT, subject=subject_of(row.entity, row.quickbooks_id), severity=Severity.ERROR,
        message=message, now=desk.clock.now(),
    )  # fmt: skip
