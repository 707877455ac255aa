"""Reading what a person was told to do: entities, amounts and days, with errors that name the detail."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from twins.quickbooks import writes
from twins.quickbooks.catalogue import ENTITIES, Entity
from twins.quickbooks.context import Context
from twins.quickbooks.values import Json

_MOST = Decimal(10) ** 10
"""What the service takes as an amount is below this."""


def entity_of(name: str) -> Entity:
    """An entity by name. Raises ValueError."""
    if name not in ENTITIES:
        raise ValueError(f"entity: there is no {name}; there are {', '.join(ENTITIES)}")
    return ENTITIES[name]


def amount_in(name: str, value: Any) -> Decimal:
    """An amount. Raises ValueError."""
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError(f"{name}: {value!r} is no amount") from error
    if not number.is_finite() or abs(number) >= _MOST:
        raise ValueError(f"{name}: {value!r} is no amount")
    return number


def day_in(context: Context, name: str, value: str | None) -> str:
    """A day as YYYY-MM-DD, today when there is none. Raises ValueError."""
    if not value:
        return context.today
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        raise ValueError(f"{name}: {value!r} is no day, write YYYY-MM-DD") from error


def object_in(name: str, value: Any) -> Json:
    """A JSON object. Raises ValueError."""
    if not isinstance(value, dict):
        raise ValueError(f"{name}: {value!r} is no object of fields")  # noqa: TRY004 - the details are at fault, not the code
    return value


def objects_in(name: str, value: Any) -> list[Json]:
    """A list of JSON objects. Raises ValueError."""
    if not isinstance(value, list):
        raise ValueError(f"{name}: {value!r} is no list")  # noqa: TRY004
    return [object_in(name, each) for each in value]


def stored(context: Context, entity: str, key: str) -> Json:
    """A record as it stands. Raises FaultError 610 when there is none."""
    return writes.find(context, entity_of(entity), key)


def change(context: Context, entity: str, key: str, changes: Json) -> Json:
    """Change some fields of a record, as whoever saw its latest state."""
    body = {**changes, "Id": key, "SyncToken": stored(context, entity, key)["SyncToken"], "sparse": True}
    return writes.write(context, entity_of(entity), body)


def reference(key: str) -> Json:
    """A reference by id."""
    return {"value": str(key)}
