"""What people ask for: to have payments from before the connection told once, and a refused response tried again."""

from ml_connector.store import audit, cursors, jobs, payments
from ml_connector.store.schema import PaymentState
from ml_connector.work.desk import Desk
from ml_connector.work.jobs import Job

_WISH = "payments from before asked for"


class NothingToRetryError(Exception):
    """A document's payment response was not refused, so that there is nothing to try again; the message says how it stands."""


def pick_up_earlier(desk: Desk, actor: str) -> None:
    """Have what was paid before the connection existed told to Basware at the next run, as everything stands by then."""
    now = desk.clock.now()
    with desk.database.write() as tx:
        cursors.put(tx, desk.connection_id, _WISH, now.isoformat(), now)
        jobs.ask(tx, desk.connection_id, Job.PAYMENTS, now, actor)
        audit.record(tx, desk.connection_id, at=now, actor=actor, action="earlier payments asked for", subject="")


def take_up_earlier(desk: Desk) -> int:
    """Take the wish up, once: how many documents it concerns."""
    with desk.write() as tx:
        if not cursors.get(tx, desk.connection_id, _WISH):
            return 0
        cursors.put(tx, desk.connection_id, _WISH, "", desk.clock.now())
        return len(payments.want_earlier(tx, desk.connection_id, desk.clock.now()))


def retry(desk: Desk, invoice_id: str, actor: str) -> None:
    """Send a refused response once more, under a new code. Raises NothingToRetryError."""
    now = desk.clock.now()
    with desk.database.write() as tx:
        row = payments.get(tx, desk.connection_id, invoice_id)
        if row is None or row.state is not PaymentState.REFUSED:
            stands = row.state.value if row else PaymentState.NOTHING.value
            raise NothingToRetryError(f"Nothing about its payment was refused: it is {stands!r}.")
        payments.change(
            tx, desk.connection_id, invoice_id, now, state=PaymentState.DUE, dirty=True, tried_digest="",
            told_digest="", holds=(), tries=0, next_at=None,
        )  # fmt: skip
        jobs.ask(tx, desk.connection_id, Job.PAYMENTS, now, actor)
        audit.record(
            tx, desk.connection_id, at=now, actor=actor, action="payment response asked for again", subject=invoice_id
        )
