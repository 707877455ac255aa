"""Where messages go, as people manage it: adding, listing, removing, each kept in the audit. Addresses are sealed at once."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from ml_connector.store import audit, connections, messages
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database, Tx
from ml_connector.store.messages import TargetRow
from ml_connector.store.vault import Vault


class NotifyError(Exception):
    """A target cannot be added, removed or tried; the message says why, and what to do instead."""


class TargetLine(msgspec.Struct, frozen=True, kw_only=True):
    """Where messages go. `connection` is empty when it is told of every connection; `target` names it without its secrets;
    `problem` says why the last message was not taken, empty when it was."""

    id: str
    connection: str
    target: str
    added_at: datetime
    added_by: str
    waiting: int
    last_sent_at: datetime | None
    problem: str


def target_lines(database: Database, row: ConnectionRow | None = None) -> list[TargetLine]:
    """Every target, or those that are told of one connection."""
    with database.read() as tx:
        names = {one.id: one.name for one in connections.list_all(tx)}
        found = [one for one in messages.targets(tx) if row is None or one.connection_id in {"", row.id}]
        standing = messages.standing(tx, [one.id for one in found])
    return [
        TargetLine(
            id=one.id,
            connection=names.get(one.connection_id, ""),
            target=one.shown,
            added_at=one.created_at,
            added_by=one.created_by,
            waiting=standing[one.id].waiting,
            last_sent_at=standing[one.id].sent_at,
            problem=standing[one.id].problem,
        )
        for one in found
    ]


def add_target(
    database: Database,
    vault: Vault,
    row: ConnectionRow | None,
    address: str,
    *,
    shown: str,
    target_id: str,
    actor: str,
    now: datetime,
) -> TargetLine:
    """Have an address told of a connection, or of all. Raises NotifyError when it is told already."""
    connection_id = row.id if row else ""
    with database.write() as tx:
        for one in messages.targets(tx):
            known = messages.address(tx, vault, one.id)
            if one.connection_id == connection_id and known is not None and known.reveal() == address:
                raise NotifyError(f"This address is told already, as target {one.id}. Nothing was changed.")
        target = TargetRow(id=target_id, connection_id=connection_id, shown=shown, created_at=now, created_by=actor)
        messages.add_target(tx, vault, target, address)
        _note(tx, _concerned(tx, row), "messages go to a target", target, actor, now)
    return next(one for one in target_lines(database, row) if one.id == target_id)


def remove_target(
    database: Database, row: ConnectionRow | None, target_id: str, *, actor: str, now: datetime
) -> TargetRow:
    """Tell a target nothing more. `row`: only one of this connection's own may be removed. Raises NotifyError."""
    with database.write() as tx:
        found = next((one for one in messages.targets(tx) if one.id == target_id), None)
        if found is None or (row is not None and found.connection_id != row.id):
            raise NotifyError(f"There is no target {target_id} here. `ml-connector notify list` shows all.")
        messages.remove_target(tx, target_id)
        told = [one for one in connections.list_all(tx) if found.connection_id in {"", one.id}]
        _note(tx, told, "messages no longer go to a target", found, actor, now)
    return found


def note_trial(database: Database, row: ConnectionRow, target_id: str, *, actor: str, now: datetime, told: str) -> None:
    """Somebody had a trial sent to a target, and what came of it: an address inside may be felt for this way."""
    with database.write() as tx:
        audit.record(tx, row.id, at=now, actor=actor, action="trial message sent", subject=target_id, reason=told[:200])


def _concerned(tx: Tx, row: ConnectionRow | None) -> Sequence[ConnectionRow]:
    return [row] if row is not None else connections.list_all(tx)


def _note(  # noqa: PLR0917
    tx: Tx, rows: Sequence[ConnectionRow], action: str, target: TargetRow, actor: str, now: datetime
) -> None:
    for one in rows:
        audit.record(tx, one.id, at=now, actor=actor, action=action, subject=target.id, after=target.shown)
