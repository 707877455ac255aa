"""Change data capture: all records of some entities changed since an instant, deletions as stubs.

At most 30 days back and at most 1 000 records an answer, cut off without a sign but the count (Intuit's CDC page).
"""

from datetime import timedelta

from twins.quickbooks.catalogue import BY_LOWER_NAME, Entity
from twins.quickbooks.context import Context
from twins.quickbooks.faults import FaultError, missing, refusal
from twins.quickbooks.presenting import show
from twins.quickbooks.values import Json, parse_instant

MAX_RECORDS = 1000
LOOK_BACK = timedelta(days=30)


def changes(context: Context, entities: str, since: str) -> Json:
    """The CDCResponse, one group per entity asked for. Raises FaultError."""
    absent = [missing(name) for name, value in (("entities", entities), ("changedSince", since)) if not value]
    if absent:
        raise FaultError(*absent)
    try:
        start = parse_instant(since)
    except ValueError as error:
        raise refusal("2060", f"changedSince : {since}", "changedSince") from error
    if context.switches.cdc_refuses_old_dates and start < context.now - LOOK_BACK:
        raise refusal("2190", f"changedSince lies more than {LOOK_BACK.days} days back : {since}", "changedSince")
    wanted = [_entity(name.strip()) for name in entities.split(",")]
    room = MAX_RECORDS
    groups = []
    for entity in wanted:
        group = _group(context, entity, start.timestamp(), room)
        room -= len(group.get(entity.name, ()))
        if group or context.switches.cdc_empty_groups:
            groups.append(group)
    return {"CDCResponse": [{"QueryResponse": groups}]}


def _entity(name: str) -> Entity:
    entity = BY_LOWER_NAME.get(name.lower())
    if entity is None or not entity.captured:
        raise refusal("2000", f"Object Name: {name}", "entities")
    return entity


def _group(context: Context, entity: Entity, start: float, room: int) -> Json:
    """One entity's changes, the oldest first; records' times have whole seconds, so the second of the instant counts."""
    table = context.company.tables[entity.name]
    keys = [key for key in table.changed_since(int(start)) if (entity.name, key) not in context.hidden]
    alive = [table.records[key] for key in keys if key in table.records][:room]
    stubs = [table.deleted[key] for key in keys if key in table.deleted][: room - len(alive)]
    if not alive and not stubs:
        return {}
    rows = [*(_shown(context, entity.name, record) for record in alive), *stubs]
    if not alive:
        return {entity.name: rows}
    return {entity.name: rows, "startPosition": 1, "maxResults": len(rows), "totalCount": len(rows)}


def _shown(context: Context, name: str, record: Json) -> Json:
    shown = show(context, name, record)
    wrong = context.switches.cdc_marks_updates_deleted and record["SyncToken"] != "0"
    return {**shown, "status": "Deleted"} if wrong else shown
