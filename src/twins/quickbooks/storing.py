"""How a finished record gets into the books: its id, sync token and time stamps, who else changes with it, who is told.

Whatever comes here has been checked already. A write that changes nothing is not stored and nobody hears of it.
"""

from collections.abc import Iterable
from typing import Any

from twins.quickbooks.catalogue import ENTITIES, Entity
from twins.quickbooks.checks import check_id
from twins.quickbooks.context import Context, display_name, reference_to
from twins.quickbooks.currency import without
from twins.quickbooks.events import Operation
from twins.quickbooks.faults import FaultError, Problem, gone, missing
from twins.quickbooks.references import repointed, users
from twins.quickbooks.values import Json, stamp

_BOOKKEEPING = ("SyncToken", "MetaData")


def content(record: Json) -> Json:
    """What a record says, without token and time stamps."""
    return without(record, *_BOOKKEEPING)


def present(fields: Json) -> Json:
    """The fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None}


def stamped(context: Context, entity: Entity, record: Json, old: Json | None) -> Json:
    """The record with its id, the next sync token and its time stamps."""
    now = stamp(context.now)
    if old is None:
        bookkeeping = {"SyncToken": "0", "MetaData": {"CreateTime": now, "LastUpdatedTime": now}}
        return {**record, "Id": record.get("Id") or context.company.next_id(entity), **bookkeeping}
    return {
        **record,
        "SyncToken": str(int(old["SyncToken"]) + 1),
        "MetaData": {**old["MetaData"], "LastUpdatedTime": now},
    }


def store(context: Context, entity: Entity, record: Json, old: Json | None, operation: Operation) -> Json:
    """Keep a record, and before it those the service makes for it; the record as stored. Nothing when nothing changed."""
    if old is not None and content(record) == content(old):
        return old
    keep_made(context)
    stored = _keep(context, entity, record, old, operation)
    if old is not None and old.get("FullyQualifiedName") != stored.get("FullyQualifiedName"):
        rename_children(context, entity, stored)
    return stored


def keep_made(context: Context) -> None:
    """Keep what the service makes together with the record that is written."""
    made, context.also = context.also, []
    for name, record in made:
        _keep(context, ENTITIES[name], record, None, Operation.CREATE)


def touch(context: Context, changed: Iterable[tuple[str, Json]]) -> None:
    """Store records that another write changed, one after the other; their sync tokens move, so cached ones become stale."""
    for name, record in changed:
        old = context.company.get(name, record["Id"])
        if old is not None and content(record) != content(old):
            _keep(context, ENTITIES[name], record, old, Operation.UPDATE)


def _keep(context: Context, entity: Entity, record: Json, old: Json | None, operation: Operation) -> Json:
    stored = stamped(context, entity, record, old)
    context.company.put(entity.name, stored)
    context.announce(entity.name, stored["Id"], operation)
    if old is not None and display_name(entity.name, old) != display_name(entity.name, stored):
        _show_new_name(context, entity, stored)
    return stored


def _show_new_name(context: Context, entity: Entity, record: Json) -> None:
    """References show a record's present name; that changes no sync token."""
    reference = reference_to(entity.name, record)
    for kind, user in list(users(context.company, entity.name, record["Id"])):
        changed = repointed(kind, user, entity.name, record["Id"], reference)
        if changed is not user:
            context.company.put(kind, changed)


def rename_children(context: Context, entity: Entity, parent: Json) -> None:
    """Give everything below a record its full name anew."""
    for child in context.company.children(entity.name, parent["Id"]):
        name = f"{parent['FullyQualifiedName']}:{child[entity.name_field]}"
        renamed = {**child, "ParentRef": reference_to(entity.name, parent), "FullyQualifiedName": name}
        if context.switches.renaming_touches_children:
            touch(context, [(entity.name, renamed)])
        else:
            context.company.put(entity.name, renamed)
            _show_new_name(context, entity, renamed)
        rename_children(context, entity, renamed)


def find(context: Context, entity: Entity, key: Any) -> Json:
    """The record with this id. Raises FaultError 610 when there is none, or it was made earlier in the same batch."""
    record_id = check_id(key)
    record = context.company.get(entity.name, record_id)
    if record is None or (entity.name, record_id) in context.hidden:
        raise gone()
    return record


def check_token(old: Json, token: Any) -> None:
    """Raises FaultError 5010 unless the request saw the latest state, 2020 when it does not say."""
    if token is None:
        raise FaultError(missing("SyncToken"))
    if str(token) != old["SyncToken"]:
        raise FaultError(
            Problem(
                "5010",
                "Stale Object Error : You and another user were working on this at the same time. "
                "The other user finished before you did, so your work was not saved.",
            )
        )


def remove(context: Context, entity: Entity, record: Json) -> Json:
    """Delete a record; the stub a caller gets. Change data capture shows the stub with its time."""
    stub = {"domain": "QBO", "status": "Deleted", "Id": record["Id"]}
    kept = {**stub, "MetaData": {"LastUpdatedTime": stamp(context.now)}}
    context.company.remove(entity.name, record, kept, context.now)
    context.announce(entity.name, record["Id"], Operation.DELETE)
    return stub
