"""Answers queries: finds, filters, sorts and pages a company's records. Inactive list records stay hidden unless asked for.

Records named by id, number, name, vendor or time of change are looked up; pages in the order of ids need no sorting.
"""

from collections.abc import Callable, Iterable, Sized
from itertools import islice
from typing import Any

from twins.quickbooks import conditions
from twins.quickbooks.catalogue import BY_LOWER_NAME, Entity, Family
from twins.quickbooks.company import Company
from twins.quickbooks.context import Context
from twins.quickbooks.presenting import show
from twins.quickbooks.query import MAX_PAGE, TODAY, Condition, Statement, invalid, parse
from twins.quickbooks.rates import on_days_asked_for
from twins.quickbooks.table import Table, id_order
from twins.quickbooks.values import Json

_SINGLE = {"companyinfo": "CompanyInfo", "preferences": "Preferences"}
_CHANGED = "metadata.lastupdatedtime"


def select(context: Context, text: str) -> Json:
    """The QueryResponse for a statement. Raises FaultError 4000 or 4001."""
    statement = parse(text)
    if statement.page > MAX_PAGE and not context.switches.clamp_page_size:
        raise invalid(f"value {statement.page} is too large. Max allowed value is {MAX_PAGE}")
    name = _SINGLE.get(statement.entity.lower())
    if name is not None:
        return _single(context, name, statement)
    entity = BY_LOWER_NAME.get(statement.entity.lower())
    if entity is None:
        raise invalid(f"invalid context declaration: {statement.entity}")
    columns = tuple(_property(entity, column) for column in statement.columns)
    found = _found(context, entity, statement)
    if statement.counts:
        return {"totalCount": len(found) if isinstance(found, Sized) else sum(1 for _ in found)}
    counted: Json = {}
    if context.switches.total_count_with_rows:
        found = list(found)
        counted = {"totalCount": len(found)}
    first = statement.start - 1
    rows = [show(context, entity.name, each) for each in islice(found, first, first + min(statement.page, MAX_PAGE))]
    if not rows:
        return {}
    if columns and context.switches.narrow_select_lists:
        rows = [{column: row[column] for column in columns if column in row} for row in rows]
    return {entity.name: rows, "startPosition": statement.start, "maxResults": len(rows), **counted}


def _property(entity: Entity, name: str) -> str:
    """A name of a select list in the entity's own spelling."""
    head = name.partition(".")[0].lower()
    found = next((each for each in entity.properties if each.lower() == head), None)
    if found is None:
        raise invalid(f"Property {name} not found for Entity {entity.name}")
    return found


def _found(context: Context, entity: Entity, statement: Statement) -> Iterable[Json]:
    """All records a statement means, in its order."""
    table, asked = context.company.tables[entity.name], statement.conditions
    tests, computed = conditions.tests(
        context, entity, tuple(each for each in asked if not _is_any_state(entity, each))
    )
    order = [(conditions.sort_column(entity, name), descends) for name, descends in statement.order]
    rows = _candidates(context, entity, statement, by_id=bool(order) and order[0][0].path == ("Id",))
    if not any(condition.property.lower() == "active" for condition in asked) and not entity.is_transaction:
        rows = [row for row in rows if row.get("Active", True)]
    if context.hidden:
        rows = [row for row in rows if (entity.name, row["Id"]) not in context.hidden]
    if computed or any(column.is_computed for column, _ in order):
        rows = [context.company.present(entity.name, row) for row in rows]
    for test in tests:
        rows = [row for row in rows if test(row)]
    if order and order[0][0].path == ("Id",):
        return _reversed(rows) if order[0][1] else rows
    for column, descends in reversed(order):
        rows = sorted(rows, key=conditions.sort_key(column, table), reverse=descends)
    return rows


def _is_any_state(entity: Entity, condition: Condition) -> bool:
    """Whether it is `Active IN (true, false)`, which every record meets."""
    name, values = condition.property.lower(), {each.lower() for each in condition.values}
    return name == "active" and name in entity.lookup and values == {"true", "false"}


def _reversed(rows: Iterable[Json]) -> Iterable[Json]:
    return list(rows)[::-1]


def _candidates(context: Context, entity: Entity, statement: Statement, *, by_id: bool) -> Iterable[Json]:
    """The records a statement can concern, in the order of ids if asked for: found by what it names, else all."""
    table = context.company.tables[entity.name]
    if entity.family is Family.RATE:
        return on_days_asked_for(context.company, statement.conditions)
    keys = _named(context, entity, statement.conditions)
    if keys is not None:
        ordered = sorted(keys, key=id_order)
        return [table.records[key] for key in ordered if key in table.records]
    if by_id:
        return map(table.records.__getitem__, table.ids())
    return table.records.values()


def _named(context: Context, entity: Entity, asked: tuple[Condition, ...]) -> set[str] | None:
    """Ids of all records that can meet the conditions, by the narrowest index; None when no index helps."""
    found = [keys for each in asked if (keys := _looked_up(context, entity, each)) is not None]
    return min(found, key=len) if found else None


def _looked_up(context: Context, entity: Entity, condition: Condition) -> set[str] | None:
    company, name = context.company, condition.property.lower().removesuffix(".value")
    if TODAY in condition.values or not all(value.strip() for value in condition.values):
        return None
    if name == _CHANGED and condition.operator in {">", ">=", "="}:
        return _changed_since(company.tables[entity.name], condition.values[0])
    index = _INDEXES.get(name)
    if index is None or condition.operator not in {"=", "in"} or name not in entity.lookup:
        return None
    return _united(index(company, entity, value) for value in condition.values)


def _named_so(company: Company, entity: Entity, name: str) -> set[str]:
    owner = company.name_owner(entity, name)
    return {owner[1]} if owner is not None and owner[0] == entity.name else set()


_INDEXES: dict[str, Callable[[Company, Entity, str], Iterable[str]]] = {
    "id": lambda _company, _entity, value: {value},
    "docnumber": lambda company, entity, value: company.with_number(entity.name, value),
    "vendorref": lambda company, entity, value: company.of_vendor(entity.name, value),
    "displayname": _named_so,
}
"""Where records with a certain value of a property are found at once. Names of people are unique; those of lists need not be."""


def _changed_since(table: Table, instant: str) -> set[str]:
    start = conditions.comparable("datetime", instant)
    return set(table.changed_since(start))


def _united(sets: Iterable[Iterable[str]]) -> set[str]:
    empty: set[str] = set()
    return empty.union(*sets)


def _single(context: Context, name: str, statement: Statement) -> Json:
    """CompanyInfo and Preferences: there is one of each, and nothing to choose by."""
    record: dict[str, Any] = context.company.info if name == "CompanyInfo" else context.company.preferences
    for condition in statement.conditions:
        if (condition.property.lower(), condition.operator) != ("id", "="):
            raise invalid(f"Property {condition.property} not found for Entity {name}")
    chosen = [record] if all(each.values[0] == record["Id"] for each in statement.conditions) else []
    if statement.counts:
        return {"totalCount": len(chosen)}
    rows = chosen[statement.start - 1 : statement.start - 1 + statement.page]
    return {name: rows, "startPosition": statement.start, "maxResults": len(rows)} if rows else {}
