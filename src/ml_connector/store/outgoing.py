"""What Basware is to hold, record by record: the newest body of each, whether Basware has it, and why not.

A record is planned again whenever its source may have changed; only a body that differs from what Basware took is sent.
`outgoing_calls.py` has what calls carry of them.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, delete, func, or_, select

from ml_connector.model.holds import Hold
from ml_connector.store.database import Tx
from ml_connector.store.ordered import Ordered
from ml_connector.store.rows import as_struct, as_structs, chunks, insert
from ml_connector.store.schema import OutgoingState, outgoing
from ml_connector.store.texts import says


class NewOutgoing(msgspec.Struct, frozen=True, kw_only=True):
    """A record as Basware is to hold it. `resource` names the list, such as `accounts` or `lists/ACC_LIST_1`.

    `external_code` is Basware's key; `subject` names the source, such as `Account 42`; `name` is what people call it.
    `body` is the whole record as JSON without a salt. Records of lower `rank` are sent first. With `holds` nothing is sent.
    Records of one `bundle` belong together, such as the lines of an order: where the resource asks for it they share a call.
    `number` is what no other record of the resource may have at the same time, empty where there is no such thing.
    """

    resource: str
    external_code: str
    subject: str
    name: str
    body: str = ""
    rank: int = 0
    bundle: str = ""
    number: str = ""
    holds: tuple[Hold, ...] = ()

    @property
    def digest(self) -> str:
        """What is equal for equal bodies only."""
        return hashlib.sha256(self.body.encode()).hexdigest()


class OutgoingRow(NewOutgoing, frozen=True, kw_only=True):
    """A record as kept. `accepted_digest`: the body P2P holds, empty while it holds none; `accepted_number`: the number it has
    there. `request_id`: our name of the call that carried it last. `salt` rises when the same content has to be sent as something
    new. `next_at`: when to try again by itself."""

    connection_id: str
    digest: str
    accepted_digest: str
    accepted_number: str
    state: OutgoingState
    problem: str
    request_id: str
    salt: int
    tries: int
    next_at: datetime | None
    sent_at: datetime | None
    settled_at: datetime | None
    updated_at: datetime


_Planned = tuple[OutgoingState, Mapping[str, object]]


def plan(tx: Tx, connection_id: str, records: Iterable[NewOutgoing], now: datetime) -> dict[OutgoingState, int]:
    """Let these be what Basware is to hold; how many came into which state. What is there in this form stays."""
    counts: dict[OutgoingState, int] = {}
    by_resource: dict[str, dict[str, NewOutgoing]] = {}
    for record in records:
        by_resource.setdefault(record.resource, {})[record.external_code] = record
    for resource, wanted in by_resource.items():
        for some in chunks(wanted.values(), 1000):
            kept = known(tx, connection_id, resource, [one.external_code for one in some])
            changed = [row for one in some if (row := _planned(one, kept.get(one.external_code), now)) is not None]
            _put(tx, connection_id, [row for _, row in changed])
            for state, _ in changed:
                counts[state] = counts.get(state, 0) + 1
    return counts


def _planned(new: NewOutgoing, kept: OutgoingRow | None, now: datetime) -> _Planned | None:
    """The state and the row as they are to be; None when nothing changes."""
    digest = new.digest
    if kept is not None and (kept.digest, kept.subject, kept.name) == (digest, new.subject, new.name):
        planned_held = bool(new.holds) and kept.state is OutgoingState.HELD and kept.holds == new.holds
        if planned_held or (not new.holds and kept.state is not OutgoingState.HELD):
            return None
    has_it = kept is not None and kept.accepted_digest == digest and kept.state is not OutgoingState.SENT
    state = OutgoingState.HELD if new.holds else OutgoingState.DONE if has_it else OutgoingState.READY
    fields = {name: getattr(new, name) for name in new.__struct_fields__}
    return state, fields | {
        "digest": digest, "state": state, "problem": "", "tries": 0, "next_at": None, "updated_at": now,
        "accepted_digest": "" if kept is None else kept.accepted_digest,
        "accepted_number": "" if kept is None else kept.accepted_number,
        "request_id": "" if kept is None else kept.request_id,
        "salt": 0 if kept is None else kept.salt,
        "sent_at": None if kept is None else kept.sent_at,
        "settled_at": None if kept is None else kept.settled_at,
    }  # fmt: skip


def _put(tx: Tx, connection_id: str, rows: list[Mapping[str, object]]) -> None:
    if not rows:
        return
    statement = insert(tx, outgoing).values([{**row, "connection_id": connection_id} for row in rows])
    key = ("connection_id", "resource", "external_code")
    changed = {name: statement.excluded[name] for name in outgoing.c.keys() if name not in key}  # noqa: SIM118 - no mapping
    tx.execute(statement.on_conflict_do_update(index_elements=[outgoing.c[name] for name in key], set_=changed))


def drop_unsent(tx: Tx, connection_id: str, resource: str, kept: Collection[str], subjects: str) -> int:
    """Forget records of a list that Basware never took and that are no longer planned: those whose subject begins like this and
    whose code is not among `kept`. How many there were. What may have arrived there stays."""
    query = select(outgoing.c.external_code).where(
        outgoing.c.connection_id == connection_id,
        outgoing.c.resource == resource,
        outgoing.c.subject.startswith(subjects, autoescape=True),
        outgoing.c.accepted_digest == "",
        outgoing.c.state.in_([OutgoingState.HELD, OutgoingState.REFUSED, OutgoingState.READY]),
    )
    return forget(tx, connection_id, resource, set(tx.execute(query).scalars()) - set(kept))


def never_taken(tx: Tx, connection_id: str, resource: str) -> set[str]:
    """Subjects of the records of a list that Basware refused and never had in any form."""
    query = select(outgoing.c.subject).where(
        outgoing.c.connection_id == connection_id,
        outgoing.c.resource == resource,
        outgoing.c.state.in_([OutgoingState.REFUSED, OutgoingState.HELD]),
        outgoing.c.accepted_digest == "",
    )
    return set(tx.execute(query).scalars())


def refused_since(tx: Tx, connection_id: str, resource: str, since: datetime) -> bool:
    """Whether Basware refused a record of a list at or after a moment, and still does."""
    query = select(outgoing.c.external_code).where(
        outgoing.c.connection_id == connection_id,
        outgoing.c.resource == resource,
        outgoing.c.state == OutgoingState.REFUSED,
        outgoing.c.settled_at >= since,
    )
    return tx.execute(query.limit(1)).first() is not None


def known(tx: Tx, connection_id: str, resource: str, codes: Collection[str]) -> dict[str, OutgoingRow]:
    """Those of the records that are here, by external code."""
    found: dict[str, OutgoingRow] = {}
    for some in chunks(codes):
        query = select(outgoing).where(
            outgoing.c.connection_id == connection_id,
            outgoing.c.resource == resource,
            outgoing.c.external_code.in_(some),
        )
        found.update((row.external_code, as_struct(OutgoingRow, row)) for row in tx.execute(query))
    return found


def of_resource(tx: Tx, connection_id: str, resource: str) -> dict[str, OutgoingRow]:
    """Every record of one list, by external code."""
    query = select(outgoing).where(outgoing.c.connection_id == connection_id, outgoing.c.resource == resource)
    return {row.external_code: as_struct(OutgoingRow, row) for row in tx.execute(query)}


def withdraw(tx: Tx, connection_id: str, resource: str, codes: Collection[str]) -> int:
    """Forget records that were to be sent and need not be any more, unless a call carries them now; how many there were."""
    dropped = 0
    for some in chunks(codes):
        statement = delete(outgoing).where(
            outgoing.c.connection_id == connection_id,
            outgoing.c.resource == resource,
            outgoing.c.external_code.in_(some),
            outgoing.c.state.in_([OutgoingState.READY, OutgoingState.HELD, OutgoingState.REFUSED]),
        )
        dropped += tx.execute(statement).rowcount
    return dropped


def of_bundles(tx: Tx, connection_id: str, resource: str, bundles: Collection[str]) -> dict[str, list[OutgoingRow]]:
    """The records of these bundles, by bundle."""
    found: dict[str, list[OutgoingRow]] = {}
    for some in chunks(bundles):
        query = select(outgoing).where(
            outgoing.c.connection_id == connection_id, outgoing.c.resource == resource, outgoing.c.bundle.in_(some)
        )
        for row in tx.execute(query.order_by(outgoing.c.rank, outgoing.c.external_code)):
            found.setdefault(row.bundle, []).append(as_struct(OutgoingRow, row))
    return found


def forget(tx: Tx, connection_id: str, resource: str, codes: Collection[str]) -> int:
    """Forget records that Basware never took and that were not sent; how many there were. What may have arrived there stays."""
    gone = 0
    for some in chunks(codes):
        statement = delete(outgoing).where(
            outgoing.c.connection_id == connection_id,
            outgoing.c.resource == resource,
            outgoing.c.external_code.in_(some),
            outgoing.c.accepted_digest == "",
            outgoing.c.state != OutgoingState.SENT,
        )
        gone += tx.execute(statement).rowcount
    return gone


def next_try(tx: Tx, connection_id: str) -> datetime | None:
    """When the first refused record is due for another try by itself."""
    query = select(func.min(outgoing.c.next_at)).where(
        outgoing.c.connection_id == connection_id, outgoing.c.state == OutgoingState.REFUSED
    )
    found: datetime | None = tx.execute(query).scalar_one()
    return found


def open_records(tx: Tx, connection_id: str, resources: Collection[str]) -> int:
    """How many records of these resources Basware has not decided on: ready, or sent and not heard of."""
    query = select(func.count()).where(
        outgoing.c.connection_id == connection_id,
        outgoing.c.resource.in_(list(resources)),
        outgoing.c.state.in_([OutgoingState.READY, OutgoingState.SENT]),
    )
    return tx.execute(query).scalar_one()


def counts(tx: Tx, connection_id: str) -> dict[str, dict[OutgoingState, int]]:
    """How many records of each resource are in which state."""
    query = (
        select(outgoing.c.resource, outgoing.c.state, func.count().label("number"))
        .where(outgoing.c.connection_id == connection_id)
        .group_by(outgoing.c.resource, outgoing.c.state)
    )
    found: dict[str, dict[OutgoingState, int]] = {}
    for row in tx.execute(query):
        found.setdefault(row.resource, {})[row.state] = row.number
    return found


def mark(tx: Tx, connection_id: str) -> tuple[object, ...]:
    """Differs whenever a record, or how far it has come, does: for whoever keeps what was made of them. Changes have their moment,
    and those of one moment bring a record into another state."""
    own = outgoing.c
    query = select(own.resource, own.state, func.count(), func.max(own.updated_at)).where(
        own.connection_id == connection_id
    )
    rows = tx.execute(query.group_by(own.resource, own.state))
    return tuple(sorted(tuple(row) for row in rows))


class OutgoingSort(StrEnum):
    """Orders of a list, always list by list. By `code`, Basware's external code, no record ever changes its place."""

    NAME = "name"
    CODE = "code"


_ORDERS: Mapping[OutgoingSort, tuple[ColumnElement[Any], ...]] = {
    OutgoingSort.NAME: (outgoing.c.resource, outgoing.c.rank, outgoing.c.name, outgoing.c.external_code),
    OutgoingSort.CODE: (outgoing.c.resource, outgoing.c.external_code),
}
RecordKey = tuple[str, str]
"""A resource, and the external code of a record in it."""


def ordered(
    connection_id: str,
    *,
    resource: str = "",
    states: Collection[OutgoingState] = (),
    text: str = "",
    order: OutgoingSort = OutgoingSort.NAME,
) -> Ordered[RecordKey]:
    """The keys of records in an order, those of a resource or all; `text` is looked for in codes, subjects, names and problems."""
    query = select(outgoing.c.resource, outgoing.c.external_code).where(*_of(connection_id, resource, states))
    if text:
        searched = (outgoing.c.external_code, outgoing.c.subject, outgoing.c.name, outgoing.c.problem)
        query = query.where(says(searched, text))
    return Ordered(query, _ORDERS[order])


def these(tx: Tx, connection_id: str, keys: Collection[RecordKey]) -> list[OutgoingRow]:
    """The records of these keys, in the order given, as far as they are here."""
    codes: dict[str, list[str]] = {}
    for resource, external_code in keys:
        codes.setdefault(resource, []).append(external_code)
    found = {
        (resource, row.external_code): row
        for resource, some in codes.items()
        for row in known(tx, connection_id, resource, some).values()
    }
    return [found[key] for key in keys if key in found]


def listing(
    tx: Tx,
    connection_id: str,
    *,
    resource: str = "",
    states: Collection[OutgoingState] = (),
    mentioning: str = "",
    limit: int = 1000,
) -> list[OutgoingRow]:
    """Records as kept, those of a resource or all, by name; `mentioning` is looked for in codes, subjects and bodies."""
    query = select(outgoing).where(*_of(connection_id, resource, states))
    if mentioning:
        said = (outgoing.c.external_code, outgoing.c.subject, outgoing.c.body)
        query = query.where(says(said, mentioning))
    return as_structs(OutgoingRow, tx.execute(query.order_by(*_ORDERS[OutgoingSort.NAME]).limit(limit)))


def _of(connection_id: str, resource: str, states: Collection[OutgoingState]) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [outgoing.c.connection_id == connection_id]
    if resource:
        conditions.append(or_(outgoing.c.resource == resource, outgoing.c.resource.startswith(f"{resource}/")))
    if states:
        conditions.append(outgoing.c.state.in_(list(states)))
    return conditions
