"""Tamper evidence: the entries of the audit are sealed into a chain of hashes, a connection's own, some at a time.

Writers of the audit know nothing of it and wait for nobody. Whoever seals has the connection's row locked, and seals entries in the
order in which it finds them: one whose transaction ended late simply comes later. Changing, removing or exchanging a sealed entry
breaks the chain. Cutting off its end does not; only a head that was noted down elsewhere shows that.
"""

from collections.abc import Iterator
from hashlib import sha256

import msgspec
from sqlalchemy import ColumnElement, exists, func, select

from ml_connector.store.audit import AuditRow
from ml_connector.store.database import Tx
from ml_connector.store.rows import as_struct, lock_connection
from ml_connector.store.schema import audit, audit_chain

START = "0" * 64
"""What the first link stands on."""

PORTION = 2_000
"""Entries sealed in one transaction."""

_WINDOW = 5_000
"""How many entries back one may still be found that was not sealed because its transaction was open for so long."""
_PROBLEMS = 20


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """One sealed entry. `position` counts from 1; `hash` is over the hash before it and everything the entry says."""

    position: int
    hash: str
    entry: AuditRow | None
    audit_id: int


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a check found. `position` and `hash` are the head of the chain; `unsealed` entries wait for the end of the next run.

    `problems` in words, empty when nothing was changed, removed or exchanged since it was sealed.
    """

    sealed: int
    position: int
    hash: str
    unsealed: int
    problems: tuple[str, ...]


def link_hash(before: str, position: int, entry: AuditRow) -> str:
    """The hash of an entry at its place: SHA-256 over the JSON of the hash before it, its position and its fields."""
    fields = [
        entry.id, entry.connection_id, entry.at.isoformat(timespec="microseconds"), entry.actor, entry.action, entry.subject,
        entry.before, entry.after, entry.reason, entry.request_id, entry.trace,
    ]  # fmt: skip
    return sha256(msgspec.json.encode([before, position, *fields])).hexdigest()


def head(tx: Tx, connection_id: str) -> tuple[int, str]:
    """The last link: its position and hash; 0 and START where nothing is sealed."""
    query = select(audit_chain.c.position, audit_chain.c.hash).where(audit_chain.c.connection_id == connection_id)
    row = tx.execute(query.order_by(audit_chain.c.position.desc()).limit(1)).one_or_none()
    return (0, START) if row is None else (row.position, row.hash)


def seal(tx: Tx, connection_id: str, limit: int = PORTION) -> int:
    """Seal entries that are not, oldest first; how many. Others that seal wait until the transaction ends."""
    lock_connection(tx, connection_id)
    position, before = head(tx, connection_id)
    newest = select(func.max(audit_chain.c.audit_id)).where(audit_chain.c.connection_id == connection_id)
    last = tx.execute(newest).scalar_one() or 0
    query = select(audit).where(audit.c.connection_id == connection_id, audit.c.id > last - _WINDOW, ~_is_sealed())
    entries = [as_struct(AuditRow, row) for row in tx.execute(query.order_by(audit.c.id).limit(limit))]
    links = []
    for number, entry in enumerate(entries, start=position + 1):
        before = link_hash(before, number, entry)
        links.append({"connection_id": connection_id, "position": number, "audit_id": entry.id, "hash": before})
    if links:
        tx.execute(audit_chain.insert(), links)
    return len(links)


def links(tx: Tx, connection_id: str) -> Iterator[Link]:
    """The whole chain in order, read in portions; `entry` is None where the sealed entry is gone."""
    position = 0
    joined = audit_chain.outerjoin(
        audit, (audit.c.id == audit_chain.c.audit_id) & (audit.c.connection_id == audit_chain.c.connection_id)
    )
    own = [audit_chain.c.position, audit_chain.c.audit_id, audit_chain.c.hash]
    while True:
        query = (
            select(*own, *(column.label(f"entry_{column.name}") for column in audit.c))
            .select_from(joined)
            .where(audit_chain.c.connection_id == connection_id, audit_chain.c.position > position)
            .order_by(audit_chain.c.position)
            .limit(PORTION)
        )
        rows = tx.execute(query).mappings().all()
        for row in rows:
            fields = {column.name: row[f"entry_{column.name}"] for column in audit.c}
            entry = None if fields["id"] is None else AuditRow(**fields)
            yield Link(position=row["position"], hash=row["hash"], entry=entry, audit_id=row["audit_id"])
        if len(rows) < PORTION:
            return
        position = rows[-1]["position"]


def verify(tx: Tx, connection_id: str, expected: tuple[int, str] | None = None) -> Verdict:
    """Compute the whole chain anew. `expected`: a head that was noted down before and has to be in it."""
    problems, position, before, number = list[str](), 0, START, 0
    met = expected is None
    for link in links(tx, connection_id):
        number += 1
        if link.position != position + 1:
            problems.append(f"links {position + 1} to {link.position - 1} of the chain are gone")
        if link.entry is None:
            problems.append(f"entry {link.audit_id}, sealed as number {link.position}, is gone")
        elif link_hash(before, link.position, link.entry) != link.hash:
            problems.append(f"entry {link.audit_id}, sealed as number {link.position}, is not what was sealed")
        position, before = link.position, link.hash
        met = met or (position, before) == expected
    if not met and expected is not None:
        problems.append(f"number {expected[0]} is not what was noted down: the chain was cut off or written anew")
    unsealed = select(func.count()).select_from(audit).where(audit.c.connection_id == connection_id, ~_is_sealed())
    return Verdict(
        sealed=number,
        position=position,
        hash=before,
        unsealed=tx.execute(unsealed).scalar_one(),
        problems=tuple(problems[:_PROBLEMS]),
    )


def _is_sealed() -> ColumnElement[bool]:
    return exists().where(audit_chain.c.connection_id == audit.c.connection_id, audit_chain.c.audit_id == audit.c.id)
