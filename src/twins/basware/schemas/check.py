"""The strict check of a body against a published schema. All of Basware's schemas forbid properties they don't name."""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from twins.basware.schemas.documents import DOCUMENTS
from twins.basware.schemas.exported import EXPORTED
from twins.basware.schemas.lists import LISTS
from twins.basware.schemas.messages import MESSAGES
from twins.basware.schemas.notation import Field, Schema, read_schema
from twins.basware.schemas.orders import ORDERS
from twins.basware.schemas.purchasing import PURCHASING
from twins.basware.schemas.vendors import VENDORS
from twins.basware.values import parse_instant

PUBLISHED: Mapping[str, str] = {
    **VENDORS,
    **LISTS,
    **ORDERS,
    **MESSAGES,
    **DOCUMENTS,
    **PURCHASING,
    **EXPORTED,
}
"""Every schema the twin knows, in its notation, by the name Basware gave it."""

_LARGEST_INT = 2**31 - 1  # format int32
_LARGEST_NUMBER = Decimal("1.797E+308")  # format double


@cache
def schema(name: str) -> Schema:
    """A published schema by its name."""
    return read_schema(PUBLISHED[name])


def problems(wanted: Schema, body: Any, *, partial: bool = False) -> list[str]:
    """Everything wrong with a body; empty when it may be accepted. `partial`: required properties may be missing or null."""
    if not isinstance(body, dict):
        return ["the body must be one JSON object"]
    found: list[str] = []
    _check_object(found, wanted, body, "", partial=partial)
    return found


def _check_object(found: list[str], wanted: Schema, value: dict[str, Any], path: str, *, partial: bool = False) -> None:
    """Add what is wrong with an object to what was found."""
    found += [f"{path}{name}: additional properties are not allowed" for name in value if name not in wanted]
    for name, field in wanted.items():
        inner = value.get(name)
        if inner is not None:
            _check_field(found, field, inner, f"{path}{name}")
        elif partial:
            continue
        elif field.required:
            found.append(f"{path}{name}: required")
        elif not field.nullable and name in value:
            found.append(f"{path}{name}: must not be null")


def _check_field(found: list[str], field: Field, value: Any, path: str) -> None:
    if not field.many:
        _check_value(found, field, value, path)
    elif not isinstance(value, list):
        found.append(f"{path}: must be an array")
    else:
        for index, member in enumerate(value):
            _check_value(found, field, member, f"{path}[{index}]")


def _check_value(found: list[str], field: Field, value: Any, path: str) -> None:
    if field.kind != "object":
        if message := _problem(field, value):
            found.append(f"{path}: {message}")
    elif isinstance(value, dict):
        _check_object(found, schema(field.shape), value, f"{path}.")
    else:
        found.append(f"{path}: must be an object")


def _problem(field: Field, value: Any) -> str:
    match field.kind:
        case "flag":
            return "" if isinstance(value, bool) else "must be true or false"
        case "number" | "int":
            return _number_problem(field, value)
        case "instant":
            return _instant_problem(value)
        case _:
            return _text_problem(field, value)


def _number_problem(field: Field, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return "must be a number"
    if field.kind == "int" and (not isinstance(value, int) or abs(value) > _LARGEST_INT):
        return "must be a whole number of 32 bits"
    if abs(Decimal(value)) > _LARGEST_NUMBER:
        return "must be within the range of a double"
    if field.low is not None and field.high is not None and not field.low <= value <= field.high:
        return f"must be from {field.low} to {field.high}"
    return _form_problem(field, str(value))


def _instant_problem(value: Any) -> str:
    if not isinstance(value, str):
        return "must be a date-time"
    try:
        parse_instant(value)
    except ValueError:
        return "must be a date-time"
    return ""


def _text_problem(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        return "must be a string"
    if field.words and value not in field.words:
        return f"must be one of {', '.join(field.words)}"
    if len(value) < field.least:
        return f"minimum length {field.least} not reached"
    if field.most and len(value) > field.most:
        return f"maximum length {field.most} exceeded"
    return _form_problem(field, value)


def _form_problem(field: Field, value: str) -> str:
    """A pattern must fit the whole value, as the service's own framework has it."""
    fits = not field.pattern or re.fullmatch(field.pattern, value) is not None
    return "" if fits else f"must have the form {field.pattern}"
