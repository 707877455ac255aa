"""The API layer's lists of imported data: one engine for all of `resources`.

Source: Basware P2P specification, notes of each resource. A POST holds an array and replaces records wholly; it is accepted or
refused as a whole. A PATCH keeps what it doesn't send, and null counts as not sent. Reads give back what was posted, and know
nothing of P2P. Which code a too long request gets is not published.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from twins.basware.answers import Call, Code, empty, in_json
from twins.basware.bodies import read_entities, read_json
from twins.basware.deleting import RecordBin, clean_up
from twins.basware.imports import accept
from twins.basware.intake import Intake, Item, Records, Stored
from twins.basware.pages import Query, answer_page
from twins.basware.resources import LIST_KEYS, RESOURCES, Resource
from twins.basware.routing import Route
from twins.basware.schemas import problems, schema
from twins.basware.showing import shown, without_nulls
from twins.basware.values import new_uuid, stamp, to_moment
from twins.http import Response


def list_records(resource: Resource, call: Call, list_key: str = "") -> Response:
    """GET of a list."""
    query = Query(call, _parameters(resource))
    size, since = query.size(resource.page, resource.page_most), query.since()
    group = query.needed(resource.group) if resource.group else ""
    query.wrong += _wrong_key(list_key)
    if query.wrong:
        return call.refuse(400, Code.PARAMETER, query.wrong)
    company, status = query.text("companyCode"), query.text("orderStatus")
    found = (
        (place, stored)
        for place, stored in _records(call, resource, list_key).after(query.start(since), group)
        if (not company or not resource.companies or company in _companies(resource, stored.entity))
        and (not status or "orderStatus" not in resource.filters or status == _order_status(stored.entity))
    )
    switches = call.world.switches
    bare = switches.bare_lists or (resource.seen_bare and switches.bare_vendors_and_lines)
    wrapper = "" if bare else resource.wrapper
    return answer_page(query, wrapper, size, found, lambda stored: shown(call.world, resource.schema, stored.entity))


def one_record(resource: Resource, call: Call, *ids: str) -> Response:
    """GET of one record: the entity itself."""
    *list_key, key = ids
    if wrong := _wrong_key(*list_key):
        return call.refuse(400, Code.PARAMETER, wrong)
    stored = _records(call, resource, *list_key).stored.get(key)
    return in_json(shown(call.world, resource.schema, stored.entity)) if stored else empty(404)


def post_records(resource: Resource, call: Call, list_key: str = "") -> Response:
    """POST of an array of records: all are stored, or none."""
    if wrong := _wrong_key(list_key):
        return call.refuse(400, Code.PARAMETER, wrong)
    body = read_entities(call, schema(resource.schema), resource.records, resource.key)
    if isinstance(body, Response):
        return body
    items = [_store(resource, call, list_key, entity) for entity in body]
    _forward(resource, call, list_key, "POST", items)
    stored = _records(call, resource, list_key).stored
    return in_json([shown(call.world, resource.schema, stored[entity[resource.key]].entity) for entity in body])


def patch_record(resource: Resource, call: Call, *ids: str) -> Response:
    """PATCH of one record: what is sent replaces what is there, null counts as not sent."""
    *keys, key = ids
    list_key = "".join(keys)
    if wrong := _wrong_key(list_key):
        return call.refuse(400, Code.PARAMETER, wrong)
    stored = _records(call, resource, list_key).stored.get(key)
    if stored is None:
        return empty(404)
    if _is_busy(resource, call, stored):
        return empty(503)
    sent = _read_patch(resource, call, stored, key)
    if isinstance(sent, Response):
        return sent
    if resource.appended in sent:
        sent[resource.appended] = _appended(stored.entity.get(resource.appended) or [], sent[resource.appended])
    item = _store(resource, call, list_key, {**stored.entity, **sent})
    patched = _records(call, resource, list_key).stored[key]
    patched.patched = call.now
    _forward(resource, call, list_key, "PATCH", [item])
    return in_json(shown(call.world, resource.schema, patched.entity))


def _read_patch(resource: Resource, call: Call, stored: Stored, key: str) -> dict[str, Any] | Response:
    """What a PATCH changes, or its refusal."""
    body = read_json(call)
    if isinstance(body, Response):
        return body
    if wrong := problems(schema(resource.schema), body, partial=True):
        return call.refuse(400, Code.SCHEMA, wrong, key)
    sent = {name: value for name, value in body.items() if value is not None}
    if sent.get(resource.key, key) != key:
        return call.refuse(400, Code.MISMATCH, [f"{resource.key}: is {key} in the path"], str(sent[resource.key]))
    return _guard(resource, call, stored, sent) or sent


def delete_records(resource: Resource, call: Call, list_key: str = "") -> Response:
    """DELETE with a body that names a record, or an instant."""
    if wrong := _wrong_key(list_key):
        return call.refuse(400, Code.PARAMETER, wrong)
    return clean_up(call, resource.stored_as(list_key), RecordBin(_records(call, resource, list_key)))


def keep(
    intake: Intake, resource: Resource, list_key: str, entity: Mapping[str, Any], *, now: datetime, made_up: str
) -> Stored:
    """Store a record in the API layer in place of the one with its key. `made_up` becomes its id if it needs one."""
    records = intake.records(resource.stored_as(list_key))
    key = str(entity[resource.key])
    old = records.stored.get(key)
    kept = {**entity, "lastUpdated": stamp(now)}
    if resource.generated:
        kept[resource.generated] = old.entity[resource.generated] if old else made_up
    stored = Stored(kept, now, old.forwarded if old else None, old.patched if old else None)
    records.put(key, stored, str(entity[resource.group]) if resource.group else "")
    return stored


def _store(resource: Resource, call: Call, list_key: str, entity: dict[str, Any]) -> Item:
    """Store a record, and tell what is to be sent on to P2P."""
    now = to_moment(call.now)
    made_up = new_uuid(call.world.source) if resource.generated else ""
    stored = keep(call.tenant.intake, resource, list_key, entity, now=now, made_up=made_up)
    before = stored.forwarded
    parent = str(entity[resource.group]) if resource.group else ""
    item = Item(str(entity[resource.key]), now, entity, parent)
    if before is not None and before.entity is not None and call.world.switches.prevent_duplicate_records:
        item.unchanged = _content(resource, before.entity) == _content(resource, stored.entity)
    if not item.unchanged:
        if before is not None and before.outcome == "InProgress":
            before.newer = item
        stored.forwarded = item
    return item


def _forward(resource: Resource, call: Call, list_key: str, operation: str, items: list[Item]) -> None:
    """Send records on to P2P, unless it takes none of their kind."""
    if not resource.entity_type:
        return
    submission = accept(call, resource.entity_type, resource.version, operation, items)
    submission.resource, submission.list_key = resource.name, list_key


def _content(resource: Resource, entity: Mapping[str, Any]) -> Any:
    """What is compared to see whether a record changed."""
    own = {"lastUpdated", resource.generated}
    return without_nulls({name: value for name, value in entity.items() if name not in own})


def _is_busy(resource: Resource, call: Call, stored: Stored) -> bool:
    """Whether another PATCH of the same order line is still under way."""
    seconds = call.world.switches.patch_busy_seconds
    last = stored.patched if resource.appended else None
    return last is not None and call.now - last < timedelta(seconds=seconds)


def _guard(resource: Resource, call: Call, stored: Stored, sent: dict[str, Any]) -> Response | None:
    """Leave inner records of a vendor alone that are there already, or refuse to change them."""
    manner = call.world.switches.vendor_patch
    if not resource.guarded or manner == "replace":
        return None
    inner = [name for name in sent if schema(resource.schema)[name].shape and stored.entity.get(name)]
    if inner and manner == "refuse":
        messages = [f"{name}: PATCH does not change existing records inside a vendor; use POST" for name in inner]
        return call.refuse(400, Code.DATA, messages, str(stored.entity[resource.key]))
    for name in inner:
        del sent[name]
    return None


def _appended(old: list[Any], new: list[Any]) -> list[Any]:
    """Inner records with further ones behind them; one that is there already takes its new form."""
    merged = {record["externalCode"]: record for record in old}
    return list((merged | {record["externalCode"]: record for record in new}).values())


def _records(call: Call, resource: Resource, list_key: str = "") -> Records:
    return call.tenant.intake.records(resource.stored_as(list_key))


def _companies(resource: Resource, entity: Mapping[str, Any]) -> Iterator[Any]:
    """The companies a record belongs to."""
    value = entity.get(resource.companies)
    return iter([value]) if isinstance(value, str) else (company["companyCode"] for company in value or ())


def _order_status(entity: Mapping[str, Any]) -> str:
    """What the filter orderStatus compares; its values are not published (inferred)."""
    return "Closed" if entity.get("isClosed") else "Open"


def _wrong_key(list_key: str = "") -> list[str]:
    return [f"listKey: there is no list {list_key}"] if list_key and list_key not in LIST_KEYS else []


def _parameters(resource: Resource) -> tuple[str, ...]:
    companies = ("companyCode",) if resource.companies else ()
    group = (resource.group,) if resource.group else ()
    return (*group, "pageSize", *companies, *resource.filters, "lastUpdated")


def _routes(resource: Resource) -> Iterator[Route]:
    """The operations of one list."""
    path, one, name, scope = resource.path, (*resource.path, "*"), resource.name, resource.scope
    yield Route("GET", path, name, partial(list_records, resource), scope)
    yield Route("POST", path, name, partial(post_records, resource), scope)
    yield Route("GET", one, name, partial(one_record, resource), scope)
    if resource.changes:
        yield Route("PATCH", one, name, partial(patch_record, resource), scope)
        yield Route("DELETE", path, name, partial(delete_records, resource), scope)


ROUTES: tuple[Route, ...] = tuple(route for resource in RESOURCES for route in _routes(resource))
