"""Putting an alert away by hand: some causes are over when a person has dealt with them, which nothing here can see.

A cause that is still there raises its alert again the next time it is seen.
"""

from datetime import datetime

from ml_connector.store import alerts, audit
from ml_connector.store.alerts import AlertRow
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database


class AlertError(Exception):
    """An alert cannot be put away; the message says why, and what to do instead."""


def put_away(
    database: Database, row: ConnectionRow, number: int, *, reason: str, actor: str, now: datetime
) -> AlertRow:
    """End an open alert of a connection, and keep who did and why; the alert as it was.

    Raises AlertError when there is no such open alert, or no reason.
    """
    if not reason.strip():
        raise AlertError("Putting an alert away needs a reason, for whoever looks for it later.")
    with database.write() as tx:
        found = alerts.get(tx, row.id, number)
        if found is None:
            raise AlertError(f"{row.name} has no alert {number}. `ml-connector alerts {row.name}` lists the open ones.")
        if found.cleared_at is not None:
            raise AlertError(
                f"The alert {number} is over since {found.cleared_at:%Y-%m-%d %H:%M} UTC. Nothing was changed."
            )
        alerts.clear(tx, row.id, kind=found.kind, subject=found.subject, now=now)
        audit.record(
            tx, row.id, at=now, actor=actor, action="alert put away", subject=" ".join(filter(None, (found.kind, found.subject))),
            before=found.message, reason=reason.strip(),
        )  # fmt: skip
    return found
