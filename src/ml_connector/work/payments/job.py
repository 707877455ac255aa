"""The job `payments`: look at what changed about payments in the copies of QuickBooks, and tell Basware what is news.

It asks QuickBooks nothing but about copies that contradict each other. Until every kind of record it needs was read as a whole
once, it waits: half of the payments would be a wrong total.
"""

from ml_connector.store import books as book_store
from ml_connector.store import payments
from ml_connector.store.schema import PaymentState
from ml_connector.work.changes.catch_up import moment as moment_of
from ml_connector.work.delivery import Delivered
from ml_connector.work.desk import Desk
from ml_connector.work.jobs import JobReport
from ml_connector.work.payments.asking import take_up_earlier
from ml_connector.work.payments.heard import tell_people
from ml_connector.work.payments.looking import look_at_payments
from ml_connector.work.payments.sending import send_payment_responses, settle_payment_responses

NEEDED = ("Bill", "VendorCredit", "JournalEntry", payments.PAYMENT)
"""The records that say how far a document is paid."""


def tell_payments(desk: Desk) -> JobReport:
    """Do what is due, until nothing is. Raises what a client raises when its system cannot be used."""
    begun = desk.clock.now()
    unread = _unread(desk)
    if unread:
        return JobReport(outcome=f"waits until {', '.join(unread)} of QuickBooks have been read as a whole once")
    total = settle_payment_responses(desk)
    with desk.write() as tx:
        payments.wake(tx, desk.connection_id, begun)
    looked = look_at_payments(desk)
    picked_up = take_up_earlier(desk)
    if picked_up:
        looked += look_at_payments(desk)
    while True:
        sent = send_payment_responses(desk)
        _add(total, sent)
        if not sent.done:
            break
        looked += look_at_payments(desk)
    return _report(desk, total, looked=looked, picked_up=picked_up)


def _unread(desk: Desk) -> list[str]:
    with desk.database.read() as tx:
        cursors = book_store.cursors(tx, desk.connection_id)
    return [name for name in NEEDED if name not in cursors or not cursors[name].cursor]


def _add(total: Delivered, more: Delivered) -> None:
    total.done += more.done
    total.refused += more.refused
    total.unclear += more.unclear


def _report(desk: Desk, sent: Delivered, *, looked: int, picked_up: int) -> JobReport:
    with desk.write() as tx:
        tell_people(tx, desk)
        again_at = payments.next_try(tx, desk.connection_id)
        counts = payments.counts(tx, desk.connection_id)
        known = [book_store.cursor(tx, desk.connection_id, name) for name in NEEDED]
    told = [f"{looked} documents looked at", f"{sent.done} told"]
    if picked_up:
        told.append(f"{picked_up} paid earlier picked up")
    if sent.refused:
        told.append(f"{sent.refused} refused")
    if sent.unclear:
        told.append(f"{sent.unclear} without an answer")
    figures = {"looked": looked, "told": sent.done, "refused": sent.refused, "unclear": sent.unclear,
               "picked_up": picked_up, "earlier": counts.get(PaymentState.EARLIER, 0)}  # fmt: skip
    moments = [moment for one in known if (moment := moment_of(one)) is not None]
    return JobReport(outcome=", ".join(told), counts=figures, again_at=again_at, current_to=min(moments, default=None),
                     partial=not moments)  # fmt: skip
