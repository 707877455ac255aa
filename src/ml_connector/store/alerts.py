"""What a person has to know now: raised once for each cause, seen again and again, cleared when it is over."""

from datetime import datetime

import msgspec
from sqlalchemy import func, select, update

from ml_connector.store.database import Tx
from ml_connector.store.rows import as_struct, as_structs, insert
from ml_connector.store.schema import Severity, alerts


class AlertRow(msgspec.Struct, frozen=True, kw_only=True):
    """One alert. `kind` and `subject` name its cause; `message` says what, why and what to do; `times`: how often it was seen."""

    id: int
    connection_id: str
    kind: str
    subject: str
    severity: Severity
    message: str
    raised_at: datetime
    last_seen_at: datetime
    times: int
    cleared_at: datetime | None


def raise_(
    tx: Tx, connection_id: str, *, kind: str, message: str, severity: Severity, now: datetime, subject: str = ""
) -> bool:
    """Raise an alert, or note that an open one was seen again, with its newest words; whether it is new."""
    statement = insert(tx, alerts).values(
        connection_id=connection_id, kind=kind, subject=subject, severity=severity, message=message,
        raised_at=now, last_seen_at=now, times=1,
    )  # fmt: skip
    seen = statement.on_conflict_do_update(
        index_elements=[alerts.c.connection_id, alerts.c.kind, alerts.c.subject],
        index_where=alerts.c.cleared_at.is_(None),
        set_={"last_seen_at": now, "times": alerts.c.times + 1, "message": message, "severity": severity},
    )
    return int(tx.execute(seen.returning(alerts.c.times)).scalar_one()) == 1


def clear(tx: Tx, connection_id: str, *, kind: str, now: datetime, subject: str | None = None) -> int:
    """The cause is over: close its open alerts, of one subject or of all; how many there were."""
    statement = update(alerts).where(
        alerts.c.connection_id == connection_id, alerts.c.kind == kind, alerts.c.cleared_at.is_(None)
    )
    if subject is not None:
        statement = statement.where(alerts.c.subject == subject)
    return tx.execute(statement.values(cleared_at=now)).rowcount


def get(tx: Tx, connection_id: str, number: int) -> AlertRow | None:
    """One alert of a connection."""
    row = tx.execute(select(alerts).where(alerts.c.connection_id == connection_id, alerts.c.id == number)).one_or_none()
    return None if row is None else as_struct(AlertRow, row)


def of_kind(tx: Tx, connection_id: str, kind: str) -> list[AlertRow]:
    """The open alerts of one kind, by subject."""
    query = select(alerts).where(
        alerts.c.connection_id == connection_id, alerts.c.kind == kind, alerts.c.cleared_at.is_(None)
    )
    return as_structs(AlertRow, tx.execute(query.order_by(alerts.c.subject)))


def open_count(tx: Tx, connection_id: str) -> dict[Severity, int]:
    """How many open alerts there are, by how much they matter."""
    query = select(alerts.c.severity, func.count()).where(
        alerts.c.connection_id == connection_id, alerts.c.cleared_at.is_(None)
    )
    return dict.fromkeys(Severity, 0) | {row[0]: row[1] for row in tx.execute(query.group_by(alerts.c.severity))}


def listing(
    tx: Tx, connection_id: str, *, open_only: bool = True, limit: int = 100, before: int | None = None
) -> list[AlertRow]:
    """Alerts, newest first; `before` goes on behind the alert with that number."""
    query = select(alerts).where(alerts.c.connection_id == connection_id)
    if open_only:
        query = query.where(alerts.c.cleared_at.is_(None))
    if before is not None:
        query = query.where(alerts.c.id < before)
    return as_structs(AlertRow, tx.execute(query.order_by(alerts.c.id.desc()).limit(limit)))
