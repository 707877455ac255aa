"""What the conditions and the order of a query mean for records: comparable values, and tests made of them.

Text compares without case. Ids are looked up with `=` and `IN` only; properties the API reference does not mark as filterable
are refused (4001). A blank `' '` stands for having no value (Intuit's data queries page).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from twins.quickbooks.catalogue import READ_ONLY, Entity
from twins.quickbooks.context import Context
from twins.quickbooks.query import TODAY, Condition, invalid
from twins.quickbooks.table import Table, id_order
from twins.quickbooks.values import Json, parse_instant

Test = Callable[[Json], bool]
Getter = Callable[[Json], Any]

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda left, right: bool(left == right),
    "!=": lambda left, right: bool(left != right),
    "<": lambda left, right: bool(left < right),
    ">": lambda left, right: bool(left > right),
    "<=": lambda left, right: bool(left <= right),
    ">=": lambda left, right: bool(left >= right),
}
_ATTACHED = "attachableref.entityref"
_ATTACHED_PARTS = {"": "value", ".value": "value", ".type": "type"}


@dataclass(frozen=True)
class Column:
    """A queryable property: where it is, and how its values compare."""

    path: tuple[str, ...]
    kind: str

    @property
    def is_id(self) -> bool:
        """Whether it holds the id of this or of another record."""
        return self.kind == "ref" or self.path == ("Id",)

    @property
    def is_computed(self) -> bool:
        """Whether other records decide its value, so that it is known only once a record is shown."""
        return self.path[0] in READ_ONLY and self.path[0] not in {"MetaData", "FullyQualifiedName"}

    def getter(self, table: Table) -> Getter:
        """Reads the value in comparable form, None where a record has none."""
        if self.path == ("MetaData", "LastUpdatedTime"):
            touched = table.touched
            return lambda record: touched[record["Id"]]
        if len(self.path) == 1 and self.kind == "text":
            name = self.path[0]
            return lambda record: None if (value := record.get(name)) is None else str(value).casefold()
        return self.of

    def of(self, record: Json) -> Any:
        """The record's value in comparable form, None when it has none."""
        value: Any = record
        for step in self.path:
            value = value.get(step)
            if value is None:
                return None
        if isinstance(value, (Decimal, int)) and not isinstance(value, bool):
            return value
        return comparable(self.kind, str(value["value"] if self.kind == "ref" else value))


def comparable(kind: str, text: str) -> Any:
    """A value in the form in which its kind compares. Raises FaultError 4001 when the text is none."""
    try:
        if kind in {"money", "number", "int"}:
            return _number(text)
        if kind == "datetime":
            return parse_instant(text).timestamp()
        if kind == "date":
            return date.fromisoformat(text[:10]).isoformat()
    except (InvalidOperation, ValueError) as error:
        raise invalid(f"{text} is not a valid {kind}") from error
    if kind == "bool" and text.lower() not in {"true", "false"}:
        raise invalid(f"{text} is not a valid boolean")
    return text.casefold()


def _number(text: str) -> Decimal:
    """A finite number. Raises ValueError or InvalidOperation."""
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError(f"{text} is no number")
    return number


def column(entity: Entity, name: str) -> Column:
    """The property a query names. Raises FaultError 4001 when it cannot be asked for."""
    path = entity.lookup.get(name.lower().removesuffix(".value"))
    if path is None:
        raise invalid(f"Property {name} not found for Entity {entity.name}")
    return Column(tuple(path.split(".")), entity.property_at(path).kind)


def sort_column(entity: Entity, name: str) -> Column:
    """The property a query is ordered by. Raises FaultError 4001 when nothing can be ordered by it."""
    found = column(entity, name)
    if found.kind == "bool":
        raise invalid(f"Property {name} of Entity {entity.name} is not sortable")
    return found


def sort_key(sorted_by: Column, table: Table) -> Callable[[Json], tuple[bool, Any]]:
    """What orders records by a property; records without it come first."""
    if sorted_by.path == ("Id",):
        return lambda record: (True, id_order(record["Id"]))
    get = sorted_by.getter(table)

    def key(record: Json) -> tuple[bool, Any]:
        value = get(record)
        return (False, "") if value is None else (True, value)

    return key


def tests(context: Context, entity: Entity, conditions: tuple[Condition, ...]) -> tuple[list[Test], bool]:
    """One test for each condition, and whether records have to be shown before they can be tested.

    Raises FaultError 4001.
    """
    if not context.switches.unequal_operator and any(each.operator == "!=" for each in conditions):
        raise invalid("Operator != is not supported")
    attached = [each for each in conditions if _is_attached(entity, each.property)]
    plain = [each for each in conditions if each not in attached]
    columns = [column(entity, each.property) for each in plain]
    table = context.company.tables[entity.name]
    found = [_test(context, each, one.getter(table), one) for each, one in zip(plain, columns, strict=True)]
    if attached:
        found.append(_attached_test(context, attached))
    return found, any(each.is_computed for each in columns)


def _is_attached(entity: Entity, name: str) -> bool:
    return entity.name == "Attachable" and name.lower().startswith(_ATTACHED)


def _attached_test(context: Context, conditions: list[Condition]) -> Test:
    """Conditions on what a file is attached to hold for one and the same attachment."""
    inner = []
    for condition in conditions:
        part = _ATTACHED_PARTS.get(condition.property.lower().removeprefix(_ATTACHED))
        if part is None:
            raise invalid(f"Property {condition.property} not found for Entity Attachable")
        get = Column((part,), "text" if part == "type" else "attached").of
        inner.append(_test(context, condition, get, Column((part,), "text" if part == "type" else "ref")))
    return lambda record: any(
        all(test(each.get("EntityRef", {})) for test in inner) for each in record.get("AttachableRef", ())
    )


def _test(context: Context, condition: Condition, get: Getter, tested: Column) -> Test:
    operator = condition.operator
    if tested.is_id and operator not in {"=", "in"}:
        raise invalid(f"Operator {operator} is not supported for {condition.property}")
    values = [context.today if value == TODAY else value for value in condition.values]
    if operator == "like":
        parts = values[0].casefold().split("%")
        return lambda record: (left := get(record)) is not None and _is_like(str(left), parts)
    if operator in {"=", "!="} and values[0] and not values[0].strip():
        return lambda record: (get(record) is None) == (operator == "=")
    wanted = [comparable(tested.kind, value) for value in values]
    if operator == "in":
        among = frozenset(wanted)
        return lambda record: get(record) in among
    compare, right = _COMPARE[operator], wanted[0]
    return lambda record: (left := get(record)) is not None and compare(left, right)


def _is_like(text: str, parts: list[str]) -> bool:
    """Whether a text is made of these parts in their order, with anything between them."""
    first, *between = parts
    if not between:
        return text == first
    last, position = between.pop(), len(first)
    if not text.startswith(first):
        return False
    for part in between:
        found = text.find(part, position)
        if found < 0:
            return False
        position = found + len(part)
    return text.endswith(last) and len(text) - len(last) >= position
