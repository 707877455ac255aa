"""Reads values out of QuickBooks' JSON records, tolerantly: members may be absent, unknown ones are ignored, numbers may be text.

What is there but makes no sense raises UnreadableError; it is never replaced by something that looks right.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from ml_connector.quickbooks.wire import UnreadableError

Record = Mapping[str, Any]

_INACTIVE_SUFFIX = " (deleted)"


def text(record: Record, *path: str) -> str:
    """The text at a path of members, "" when any of them is absent or null."""
    value = _at(record, path)
    return "" if value is None else str(value)


def required(record: Record, name: str) -> str:
    """A text that every record of its kind has."""
    value = text(record, name)
    if not value:
        raise UnreadableError(f"a record has no {name}: members {', '.join(sorted(record))}")
    return value


def reference(record: Record, name: str) -> str:
    """The id a reference points at, "" when there is none."""
    return text(record, name, "value")


def number(record: Record, *path: str) -> Decimal | None:
    """An exact amount, None when absent."""
    value = _at(record, path)
    if value is None or value == "":
        return None
    if isinstance(value, bool | float):
        raise UnreadableError(f"{'.'.join(path)} is a {type(value).__name__}, not an exact number")
    try:
        amount = Decimal(value)
    except (InvalidOperation, TypeError, ValueError) as error:
        raise UnreadableError(f"{'.'.join(path)} is not a number: {value!r}") from error
    if not amount.is_finite():
        raise UnreadableError(f"{'.'.join(path)} is not a number: {value!r}")
    return amount


def whole_number(record: Record, *path: str) -> int | None:
    """A count, None when absent."""
    value = number(record, *path)
    if value is None:
        return None
    if value != value.to_integral_value():
        raise UnreadableError(f"{'.'.join(path)} is not a whole number: {value}")
    return int(value)


def day(record: Record, *path: str) -> date | None:
    """A calendar date, None when absent. A time of day behind it is ignored."""
    value = text(record, *path)
    if not value:
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError as error:
        raise UnreadableError(f"{'.'.join(path)} is not a date: {value!r}") from error


def instant(record: Record, *path: str) -> datetime | None:
    """A moment in UTC, None when absent. QuickBooks writes Pacific time with its offset."""
    value = text(record, *path)
    if not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise UnreadableError(f"{'.'.join(path)} is not a moment: {value!r}") from error
    if moment.tzinfo is None:
        raise UnreadableError(f"{'.'.join(path)} does not say in which time zone it is: {value!r}")
    return moment.astimezone(UTC)


def flag(record: Record, *path: str, absent: bool = False) -> bool:
    """A yes or no, which may come as text."""
    value = _at(record, path)
    if value is None or value == "":
        return absent
    if isinstance(value, bool):
        return value
    match str(value).strip().lower():
        case "true":
            return True
        case "false":
            return False
        case _:
            raise UnreadableError(f"{'.'.join(path)} is neither true nor false: {value!r}")


def members(record: Record, *path: str) -> list[Record]:
    """The records of a repeated member; none when absent."""
    value = _at(record, path)
    if value is None:
        return []
    if not isinstance(value, list):
        raise UnreadableError(f"{'.'.join(path)} is not a list")
    return [entry for entry in value if isinstance(entry, Mapping)]


def name_of(record: Record, name: str) -> str:
    """A list record's name without the suffix QuickBooks gives to inactive ones."""
    value = text(record, name)
    return value if flag(record, "Active", absent=True) else value.removesuffix(_INACTIVE_SUFFIX)


def _at(record: Record, path: tuple[str, ...]) -> Any:
    value: Any = record
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value
