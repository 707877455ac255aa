"""Tamper evidence: the entries of an audit are sealed into a chain of hashes, some at a time. Each connection has a chain of its
own, and what is done to people, which is of no one connection, has one too.

Writers of an audit know nothing of it and wait for nobody. Sealers of one chain take turns, and seal entries in the order in which
they find them: one whose transaction ended late simply comes later. Changing, removing or exchanging a sealed entry breaks the
chain. Cutting off its end does not, nor does computing it anew, for the hashes have no key; only a head that was noted down
elsewhere shows that.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, Table, exists, func, select, text

from ml_connector.store.audit import AuditRow
from ml_connector.store.database import Tx
from ml_connector.store.people import PeopleAuditRow
from ml_connector.store.rows import as_struct, lock_connection
from ml_connector.store.schema import audit, audit_chain, people_audit, people_audit_chain

START = "0" * 64
"""What the first link stands on."""

PORTION = 2_000
"""Entries sealed in one transaction."""

_WINDOW = 5_000
"""How many entries back one may still be found that was not sealed because its transaction was open for so long."""
_PEOPLES_WINDOW = 200
"""The same of what is done to people: those transactions are short and few."""
_PEOPLES_LOCK = 0x6D6C_7063  # any number, the same in every version of the program
_PROBLEMS = 20

Entry = AuditRow | PeopleAuditRow


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """One sealed entry. `position` counts from 1; `hash` is over the hash before it and everything the entry says."""

    position: int
    hash: str
    entry: Entry | None
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


def link_hash(before: str, position: int, entry: Entry) -> str:
    """The hash of an entry at its place: SHA-256 over the JSON of the hash before it, its position and its fields in order."""
    told = [
        value.isoformat(timespec="microseconds") if isinstance(value, datetime) else value
        for value in msgspec.structs.astuple(entry)
    ]
    return sha256(msgspec.json.encode([before, position, *told])).hexdigest()


class Chain:
    """The chain over one audit: that of a connection, or with no id that of what is done to people."""

    def __init__(self, connection_id: str = "") -> None:
        self._connection_id = connection_id
        self._audit, self._links = (audit, audit_chain) if connection_id else (people_audit, people_audit_chain)
        self._kind: type[Entry] = AuditRow if connection_id else PeopleAuditRow
        self._window = _WINDOW if connection_id else _PEOPLES_WINDOW

    def head(self, tx: Tx) -> tuple[int, str]:
        """The last link: its position and hash; 0 and START where nothing is sealed."""
        query = select(self._links.c.position, self._links.c.hash).where(*self._own(self._links))
        row = tx.execute(query.order_by(self._links.c.position.desc()).limit(1)).one_or_none()
        return (0, START) if row is None else (row.position, row.hash)

    def seal(self, tx: Tx, limit: int = PORTION) -> int:
        """Seal entries that are not, oldest first; how many. Others that seal wait until the transaction ends."""
        if not self._connection_id and not tx.execute(self._unsealed(tx).limit(1)).first():
            return 0  # as after most runs: no turn is taken for nothing
        self._take_turns(tx)
        position, before = self.head(tx)
        links = []
        for row in tx.execute(self._unsealed(tx).order_by(self._audit.c.id).limit(limit)).all():
            entry = as_struct(self._kind, row)
            position += 1
            before = link_hash(before, position, entry)
            links.append({**self._scope, "position": position, "audit_id": entry.id, "hash": before})
        if links:
            tx.execute(self._links.insert(), links)
        return len(links)

    def links(self, tx: Tx) -> Iterator[Link]:
        """The whole chain in order, read in portions; `entry` is None where the sealed entry is gone."""
        position, own = 0, [self._links.c.position, self._links.c.audit_id, self._links.c.hash]
        joined = self._links.outerjoin(self._audit, self._same())
        while True:
            query = (
                select(*own, *(column.label(f"entry_{column.name}") for column in self._audit.c))
                .select_from(joined)
                .where(*self._own(self._links), self._links.c.position > position)
                .order_by(self._links.c.position)
                .limit(PORTION)
            )
            rows = tx.execute(query).mappings().all()
            for row in rows:
                fields = {column.name: row[f"entry_{column.name}"] for column in self._audit.c}
                entry = None if fields["id"] is None else self._kind(**fields)
                yield Link(position=row["position"], hash=row["hash"], entry=entry, audit_id=row["audit_id"])
            if len(rows) < PORTION:
                return
            position = rows[-1]["position"]

    def verify(self, tx: Tx, expected: tuple[int, str] | None = None) -> Verdict:
        """Compute the whole chain anew. `expected`: a head that was noted down before and has to be in it; its position may be 0
        where only the hash is known."""
        problems, position, before, number = list[str](), 0, START, 0
        met = expected is None
        for link in self.links(tx):
            number += 1
            if link.position != position + 1:
                problems.append(f"links {position + 1} to {link.position - 1} of the chain are gone")
            if link.entry is None:
                problems.append(f"entry {link.audit_id}, sealed as number {link.position}, is gone")
            elif link_hash(before, link.position, link.entry) != link.hash:
                problems.append(f"entry {link.audit_id}, sealed as number {link.position}, is not what was sealed")
            position, before = link.position, link.hash
            met = met or expected in {(position, before), (0, before)}
        if not met and expected is not None:
            which = f"number {expected[0]}" if expected[0] else expected[1]
            problems.append(f"{which} is not what was noted down: the chain was cut off or written anew")
        unsealed = select(func.count()).select_from(self._audit).where(*self._own(self._audit), ~self._is_sealed())
        return Verdict(
            sealed=number,
            position=position,
            hash=before,
            unsealed=tx.execute(unsealed).scalar_one(),
            problems=tuple(problems[:_PROBLEMS]),
        )

    def _unsealed(self, tx: Tx) -> Select[Any]:
        last = tx.execute(select(func.max(self._links.c.audit_id)).where(*self._own(self._links))).scalar_one() or 0
        return select(self._audit).where(
            *self._own(self._audit), self._audit.c.id > last - self._window, ~self._is_sealed()
        )

    @property
    def _scope(self) -> Mapping[str, Any]:
        return {"connection_id": self._connection_id} if self._connection_id else {}

    def _own(self, table: Table) -> list[ColumnElement[bool]]:
        return [table.c[name] == value for name, value in self._scope.items()]

    def _same(self) -> ColumnElement[bool]:
        same = self._links.c.audit_id == self._audit.c.id
        return same & (self._links.c.connection_id == self._audit.c.connection_id) if self._connection_id else same

    def _is_sealed(self) -> ColumnElement[bool]:
        return exists().where(self._same())

    def _take_turns(self, tx: Tx) -> None:
        if self._connection_id:
            lock_connection(tx, self._connection_id)
        elif tx.dialect.name == "postgresql":  # on SQLite writers always do
            tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _PEOPLES_LOCK})
