"""Change data capture: all records of some entities changed since an instant, deletions as stubs.

At most 30 days back and at most 1 000 records an answer, cut off without a sign but the count (Intuit's CDC page).
"""

from datetime import timedelta

from twins.quickbooks.catalogue import BY_LOWER_NAME, Entity
from twins.quickbooks.context import Context
from twins.quickbooks.faults import FaultError, missing, refusal
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
        groups.append(group)
    return {"CDCResponse": [{"QueryResponse": groups}]}


def _entity(name: str) -> Entity:
    entity = BY_LOWER_NAME.get(name.lower())
    if entity is None or not entity.captured:
        raise refusal("2000", f"Object Name: {name}", "entities")
    return entity


def _group(context: Context, entity: Entity, start: float, room: int) -> Json:
    table = context.company.tables[entity.name]
    keys = sorted((key for key, at in table.touched.items() if at >= int(start)), key=lambda key: table.touched[key])
    alive = [context.company.present(entity.name, table.records[key]) for key in keys if key in table.records]
    stubs = [table.deleted[key] for key in keys if key in table.deleted]
    rows = [*alive, *stubs][:room]
    if not rows:
        return {}
    if not alive:
        return {entity.name: rows}
    return {entity.name: rows, "startPosition": 1, "maxResults": len(rows), "totalCount": len(rows)}
