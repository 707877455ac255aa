"""QuickBooks' entity catalogue, and everything in a JSON record that it does not allow: unknown properties and wrong types.

The catalogue names properties as the SDK's XSDs do: `@` marks an attribute, which is a plain property in JSON, and `[]` a repeated
element, which is a list. Numbers in records must be exact: int or Decimal, as a JSON decoder with a Decimal hook gives them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec

from contract.sources import vendor_file

_ANYTHING = {"IntuitAnyType", "Fault"}
"""Extension points; a fault inside an entity has the form of faults, which the catalogue does not describe."""
_TEXT_OF_A_REFERENCE = {"ReferenceType": {"value": "string"}}
"""Elements with text of their own: JSON gives the text this name."""


@dataclass(frozen=True)
class Catalogue:
    """The properties of every entity and inner record with their types, and the values of the enumerations."""

    records: Mapping[str, Mapping[str, str]]
    enumerations: Mapping[str, frozenset[str]]

    def violations(self, entity: str, record: Any) -> list[str]:
        """Everything in a record that the catalogue does not have, or has with another type; empty when all is well."""
        return [f"{entity}{where}: {what}" for where, what in self._of_record(entity, record, "")]

    def _of_record(self, kind: str, record: Any, where: str) -> Iterator[tuple[str, str]]:
        if not isinstance(record, Mapping):
            yield where, f"must be an object ({kind}), is {_said(record)}"
            return
        known = self.records[kind]
        for name, value in record.items():
            if name not in known:
                yield f"{where}.{name}", f"{kind} has no such property"
            else:
                yield from self._of_property(known[name], value, f"{where}.{name}")

    def _of_property(self, declared: str, value: Any, where: str) -> Iterator[tuple[str, str]]:
        kind = declared.removesuffix("[]")
        if kind == declared:
            yield from self._of_value(kind, value, where)
        elif not isinstance(value, list):
            yield where, f"must be a list ({declared}), is {_said(value)}"
        else:
            for one in value:
                yield from self._of_value(kind, one, f"{where}[]")

    def _of_value(self, kind: str, value: Any, where: str) -> Iterator[tuple[str, str]]:
        if kind in _ANYTHING:
            return
        if kind in self.records:
            yield from self._of_record(kind, value, where)
        elif kind in self.enumerations:
            if value not in self.enumerations[kind]:
                yield where, f"must be one of {kind}, is {_said(value)}"
        elif not _CHECKS[kind](value):
            yield where, f"must be {kind}, is {_said(value)}"


@cache
def catalogue() -> Catalogue:
    """The catalogue as published. Raises MissingSourceError where the file is not at hand."""
    tree = msgspec.json.decode(vendor_file("quickbooks", "entities.json").read_bytes())
    records = {
        name: {key.removeprefix("@"): kind for key, kind in properties.items()} | _TEXT_OF_A_REFERENCE.get(name, {})
        for name, properties in tree["entities"].items()
    }
    enumerations = {name: frozenset(one["enum"]) for name, one in tree["simple_types"].items() if "enum" in one}
    return Catalogue(records, enumerations)


def violations(entity: str, record: Any) -> list[str]:
    """Everything in a record that the published catalogue does not allow. Raises KeyError for an entity it does not know."""
    return catalogue().violations(entity, record)


def _said(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_positive(value: Any) -> bool:
    return _is_whole(value) and value > 0


def _is_date(value: Any) -> bool:
    """A calendar date; XSD allows a zone after it, but the service never shows one."""
    try:
        return isinstance(value, str) and len(value) == 10 and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _is_instant(value: Any) -> bool:
    """A time stamp with its offset."""
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


_CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "id": _is_text,
    "string": _is_text,
    "anyURI": _is_text,
    "boolean": _is_flag,
    "decimal": _is_number,
    "int": _is_whole,
    "long": _is_whole,
    "positiveInteger": _is_positive,
    "date": _is_date,
    "dateTime": _is_instant,
}
