"""Answers queries: filters, sorts and pages a company's records. Inactive list records stay hidden unless asked for.

Text is compared without case. Ids are looked up with `=` and `IN` only; properties that the API reference does not mark as
filterable are refused (4001).
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from twins.quickbooks.catalogue import BY_LOWER_NAME, Entity
from twins.quickbooks.context import Context
from twins.quickbooks.query import Condition, Statement, invalid, parse
from twins.quickbooks.values import Json, parse_instant

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda left, right: bool(left == right),
    "!=": lambda left, right: bool(left != right),
    "<": lambda left, right: bool(left < right),
    ">": lambda left, right: bool(left > right),
    "<=": lambda left, right: bool(left <= right),
    ">=": lambda left, right: bool(left >= right),
}
_SINGLE = ("companyinfo", "preferences")


@dataclass(frozen=True)
class _Column:
    """A queryable property: where it is, and how its values compare."""

    path: tuple[str, ...]
    kind: str

    def of(self, record: Json) -> Any:
        """The record's value in comparable form, None when it has none."""
        value: Any = record
        for step in self.path:
            value = value.get(step)
            if value is None:
                return None
        return comparable(self.kind, str(value["value"] if self.kind == "ref" else value))


def comparable(kind: str, text: str) -> Any:
    """A value in the form in which its kind compares. Raises FaultError 4001 when the text is none."""
    try:
        if kind in {"money", "number", "int"}:
            return Decimal(text)
        if kind == "datetime":
            return parse_instant(text)
    except (InvalidOperation, ValueError) as error:
        raise invalid(f"{text} is not a valid {kind}") from error
    return text.casefold()


def _column(entity: Entity, name: str) -> _Column:
    wanted = name.lower().removesuffix(".value")
    path = entity.lookup.get(wanted)
    if path is None:
        raise invalid(f"Property {name} not found for Entity {entity.name}")
    return _Column(tuple(path.split(".")), entity.property_at(path).kind)


def _test(context: Context, entity: Entity, condition: Condition) -> Callable[[Json], bool]:
    column = _column(entity, condition.property)
    if column.path == ("Id",) and condition.operator not in {"=", "in"}:
        raise invalid(f"Operator {condition.operator} is not supported for Id")
    values = [context.today if value.lower() == "current_date" else value for value in condition.values]
    if condition.operator == "like":
        pattern = re.compile(".*".join(re.escape(part) for part in values[0].casefold().split("%")), re.DOTALL)
        return lambda record: pattern.fullmatch(str(column.of(record) or "")) is not None
    wanted = [comparable(column.kind, value) for value in values]
    if condition.operator == "in":
        among = frozenset(wanted)
        return lambda record: column.of(record) in among
    compare, right = _COMPARE[condition.operator], wanted[0]
    return lambda record: (left := column.of(record)) is not None and compare(left, right)


def _candidates(context: Context, entity: Entity, statement: Statement) -> Iterable[Json]:
    """The records a statement can concern: found by id or number where it names them, else all."""
    records = context.company.tables[entity.name].records
    for condition in statement.conditions:
        if condition.operator not in {"=", "in"}:
            continue
        keys: dict[str, None] = {}
        if condition.property.lower() == "id":
            keys = dict.fromkeys(condition.values)
        elif condition.property.lower() == "docnumber":
            found = (context.company.with_number(entity.name, value) for value in condition.values)
            keys = dict.fromkeys(key for each in found for key in sorted(each, key=int))
        else:
            continue
        return [records[key] for key in keys if key in records]
    return records.values()


def select(context: Context, text: str) -> Json:
    """The QueryResponse for a statement. Raises FaultError 4000 or 4001."""
    statement = parse(text)
    if statement.entity.lower() in _SINGLE:
        return _single(context, statement)
    entity = BY_LOWER_NAME.get(statement.entity.lower())
    if entity is None:
        raise invalid(f"invalid context declaration: {statement.entity}")
    conditions = statement.conditions
    tests = [_test(context, entity, condition) for condition in conditions]
    columns = [(_column(entity, name), descends) for name, descends in statement.order]
    asks_active = any(condition.property.lower() == "active" for condition in conditions)
    company = context.company
    found = [
        company.present(entity.name, record)
        for record in _candidates(context, entity, statement)
        if (asks_active or record.get("Active", True)) and (entity.name, record["Id"]) not in context.hidden
    ]
    found = [record for record in found if all(test(record) for test in tests)]
    if statement.counts:
        return {"totalCount": len(found)}
    for column, descends in reversed(columns):
        found.sort(key=lambda record, column=column: _sort_key(column, record), reverse=descends)  # type: ignore[misc]
    return _page(entity.name, found, statement)


def _sort_key(column: _Column, record: Json) -> tuple[bool, Any]:
    value = column.of(record)
    if column.path == ("Id",) and str(value).isdigit():
        return True, Decimal(value)
    return (False, "") if value is None else (True, value)


def _page(name: str, found: list[Json], statement: Statement) -> Json:
    rows = found[statement.start - 1 : statement.start - 1 + statement.page]
    if not rows:
        return {}
    return {name: rows, "startPosition": statement.start, "maxResults": len(rows)}


def _single(context: Context, statement: Statement) -> Json:
    company = context.company
    name, record = (
        ("CompanyInfo", company.info)
        if statement.entity.lower() == _SINGLE[0]
        else ("Preferences", company.preferences)
    )
    if statement.conditions:
        raise invalid(f"Property {statement.conditions[0].property} not found for Entity {name}")
    return {"totalCount": 1} if statement.counts else _page(name, [record], statement)
