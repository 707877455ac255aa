"""Who did what, when and why: added to, never changed. Callers hand in no secrets; nothing here could tell one from a note."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy import func, select

from ml_connector.store.database import Tx
from ml_connector.store.rows import as_structs, chunks
from ml_connector.store.schema import audit


class AuditRow(msgspec.Struct, frozen=True, kw_only=True):
    """One entry. `before` and `after` are what changed, `request_id` and `trace` lead to the call in the other system's log."""

    id: int
    connection_id: str
    at: datetime
    actor: str
    action: str
    subject: str
    before: str
    after: str
    reason: str
    request_id: str
    trace: str


class NewEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry to add together with others."""

    at: datetime
    actor: str
    action: str
    subject: str
    before: str = ""
    after: str = ""
    reason: str = ""
    request_id: str = ""
    trace: str = ""


_ENTRY = audit.insert()


def record_many(tx: Tx, connection_id: str, entries: Iterable[NewEntry]) -> None:
    """Add entries in this order, in the transaction that makes the changes they tell of."""
    for some in chunks(entries, 1000):
        tx.execute(_ENTRY, [{"connection_id": connection_id, **msgspec.structs.asdict(one)} for one in some])


def record(
    tx: Tx,
    connection_id: str,
    *,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    before: str = "",
    after: str = "",
    reason: str = "",
    request_id: str = "",
    trace: str = "",
) -> None:
    """Add an entry, in the transaction that makes the change it tells of."""
    entry = {
        "connection_id": connection_id, "at": at, "actor": actor, "action": action, "subject": subject, "before": before,
        "after": after, "reason": reason, "request_id": request_id, "trace": trace,
    }  # fmt: skip
    tx.execute(_ENTRY, entry)


def listing(
    tx: Tx,
    connection_id: str,
    *,
    subject: str | None = None,
    action: str | None = None,
    actor: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 100,
    before_id: int | None = None,
) -> list[AuditRow]:
    """Entries, newest first, of one subject, action or actor if given, from `since` on and before `until`.

    `before_id` continues a page.
    """
    query = select(audit).where(audit.c.connection_id == connection_id)
    for name, value in (("subject", subject), ("action", action), ("actor", actor)):
        if value is not None:
            query = query.where(audit.c[name] == value)
    if since is not None:
        query = query.where(audit.c.at >= since)
    if until is not None:
        query = query.where(audit.c.at < until)
    if before_id is not None:
        query = query.where(audit.c.id < before_id)
    return as_structs(AuditRow, tx.execute(query.order_by(audit.c.id.desc()).limit(limit)))


def known(tx: Tx, connection_id: str, column: Literal["actor", "action"], limit: int = 200) -> list[str]:
    """Every actor, or every action, there ever was, by name: one step in the index for each, however many entries there are."""
    found: list[str] = []
    while len(found) < limit:
        query = select(func.min(audit.c[column])).where(audit.c.connection_id == connection_id)
        if found:
            query = query.where(audit.c[column] > found[-1])
        following = tx.execute(query).scalar_one()
        if following is None:
            break
        found.append(following)
    return found
