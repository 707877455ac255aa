"""The first look at a body: only known properties, of the right type, length and alphabet. No business rules here.

What passes comes back normalised: exact decimals, trimmed text, blanks as None.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from twins.quickbooks.catalogue import READ_ONLY, Entity
from twins.quickbooks.faults import FaultError, Problem, missing
from twins.quickbooks.shapes import Property, Shape, shape
from twins.quickbooks.values import Json, money, natural

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BOOLEANS = {"true": True, "false": False}
_ENTITY_ID = re.compile(r"-?\d+|TAX|NON")


class Inspector:
    """Reads one body against a shape and collects what is wrong with its values.

    An unknown property stops at once, as the service's own parser does; everything else is reported together.
    """

    def __init__(self, entity_name: str, *, latin1_only: bool) -> None:
        self._entity_name = entity_name
        self._latin1_only = latin1_only
        self.problems: list[Problem] = []

    def record(self, body: Json, known: Shape, path: str = "") -> Json:
        """The normalised object. Raises FaultError 2010 for a property the shape does not have."""
        unknown = next((name for name in body if name not in known), None)
        if unknown is not None:
            raise self.unsupported(
                f'Unrecognized field "{unknown}" (Class {path.rpartition(".")[0] or self._entity_name}), not marked as '
                f"ignorable ({len(known)} known properties: {', '.join(sorted(known)[:12])} ...)",
                unknown,
            )
        return {name: self.value(value, known[name], f"{path}{name}") for name, value in body.items()}

    def unsupported(self, detail: str, element: str) -> FaultError:
        """Code 2010."""
        return FaultError(Problem("2010", f"Property Name:{detail}", element))

    def value(self, value: Any, expected: Property, path: str) -> Any:
        """One normalised value; None for null and for empty text."""
        if value is None or value == "":
            return None
        if expected.kind == "any":
            return value
        if expected.kind in _REFERENCES:
            return _REFERENCES[expected.kind](self, value, path)
        if expected.kind == "object":
            return self._objects(value, expected, path)
        if isinstance(value, (dict, list)):
            raise self.unsupported(f"Can not deserialize instance of {expected.kind} at {path}", path)
        return _SCALARS[expected.kind](self, value, expected, path)

    def _objects(self, value: Any, expected: Property, path: str) -> Any:
        if not expected.many:
            return self._object(value, expected, path)
        if not isinstance(value, list):
            raise self.unsupported(f"Can not deserialize instance of a list at {path}", path)
        return [self._object(each, expected, path) for each in value]

    def _object(self, value: Any, expected: Property, path: str) -> Json:
        if not isinstance(value, dict):
            raise self.unsupported(f"Can not instantiate value of type {expected.shape} at {path}", path)
        fields = self.record(value, shape(expected.shape), f"{path}.")
        return {name: each for name, each in fields.items() if each is not None}

    def reference(self, value: Any, path: str) -> Json | None:
        """A reference as its id alone: names on input only inform."""
        if not isinstance(value, dict):
            raise self.unsupported(f"Can not instantiate value of type ReferenceType at {path}", path)
        extra = next((name for name in value if name not in {"value", "name", "type"}), None)
        if extra is not None:
            raise self.unsupported(f'Unrecognized field "{extra}" (Class ReferenceType)', extra)
        target = value.get("value")
        if target is None or target == "":
            return None
        return {"value": str(target)}

    def typed_reference(self, value: Any, path: str) -> Json | None:
        """A reference that says what entity it means."""
        found = self.reference(value, path)
        return None if found is None else {"type": str(value.get("type") or ""), **found}

    def references(self, value: Any, path: str) -> list[Json]:
        """A list of references."""
        if not isinstance(value, list):
            raise self.unsupported(f"Can not deserialize instance of a list at {path}", path)
        return [each for each in (self.reference(one, path) for one in value) if each is not None]

    def text(self, value: Any, expected: Property, path: str) -> Any:
        """Text within its length and the company's alphabet."""
        text = str(value).strip() if not isinstance(value, bool) else str(value).lower()
        if expected.limit and len(text) > expected.limit:
            self.problems.append(
                Problem(
                    "2050",
                    "String length specified does not match the supported length. "
                    f"Min:0 Max:{expected.limit} supported. Supplied length:{len(text)}",
                    path.rpartition(".")[2],
                )
            )
        if _CONTROL.search(text) or (self._latin1_only and not _fits_latin1(text)):
            self.problems.append(
                Problem("2040", f"Element contains invalid characters : {path}", path.rpartition(".")[2])
            )
        return text or None

    def email(self, value: Any, expected: Property, path: str) -> Any:
        """One mail address or several with commas between."""
        text = self.text(value, expected, path)
        if any("@" not in one or "." not in one.rpartition("@")[2] for one in str(text or "a@b.c").split(",")):
            detail = f"Email address does not conform to the syntax. Supplied value:{value}"
            self.problems.append(Problem("2210", f"Invalid Email Address Format : {detail}", path.partition(".")[0]))
        return text

    def uri(self, value: Any, expected: Property, path: str) -> Any:
        """A web address: anything without white space."""
        text = self.text(value, expected, path)
        if text and re.search(r"\s", text):
            self.problems.append(
                Problem("2200", f"Invalid URL Format : Supplied value:{value}", path.partition(".")[0])
            )
        return text

    def enum(self, value: Any, expected: Property, path: str) -> Any:
        """One of the words the service knows."""
        if value not in expected.words:
            code = "2260" if path.endswith("PostingType") else "2170"
            self.problems.append(Problem(code, f"Invalid enumeration {path} : {value}", path.rpartition(".")[2]))
        return value

    def boolean(self, value: Any, _expected: Property, path: str) -> Any:
        """True or false, as such or as a word."""
        if isinstance(value, bool):
            return value
        if str(value).lower() not in _BOOLEANS:
            self.problems.append(Problem("2230", f"Invalid Boolean {path} : {value}", path.rpartition(".")[2]))
        return _BOOLEANS.get(str(value).lower())

    def day(self, value: Any, _expected: Property, path: str) -> Any:
        """A calendar date; a time behind it is cut off."""
        try:
            return date.fromisoformat(str(value)[:10]).isoformat()
        except ValueError:
            self.problems.append(Problem("2060", f"Invalid date {path} : {value}", path.rpartition(".")[2]))
            return None

    def decimal(self, value: Any, path: str) -> Decimal | None:
        """A number of at most ten digits before and five after the point (the format of all amounts)."""
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            self.problems.append(Problem("2080", f"Invalid Number {path} : {value}", path.rpartition(".")[2]))
            return None
        if isinstance(value, bool) or not number.is_finite() or abs(number) >= Decimal(10) ** 10:
            self.problems.append(Problem("2090", f"Invalid Number {path} : {value}", path.rpartition(".")[2]))
            return None
        return number

    def money(self, value: Any, _expected: Property, path: str) -> Any:
        """An amount, rounded to two decimals; more than five are refused."""
        number = self.decimal(value, path)
        if number is None:
            return None
        if number != round(number, 5):
            self.problems.append(Problem("2110", f"Invalid Decimal {path} : {value}", path.rpartition(".")[2]))
        return money(number)

    def number(self, value: Any, _expected: Property, path: str) -> Any:
        """A quantity, price or rate, kept in its own precision."""
        number = self.decimal(value, path)
        return None if number is None else natural(number)

    def integer(self, value: Any, _expected: Property, path: str) -> Any:
        """A whole number."""
        number = self.decimal(value, path)
        if number is not None and number != int(number):
            self.problems.append(Problem("2080", f"Invalid Number {path} : {value}", path.rpartition(".")[2]))
        return None if number is None else int(number)


def _fits_latin1(text: str) -> bool:
    return all(ord(character) < 256 for character in text)


_REFERENCES: dict[str, Callable[[Inspector, Any, str], Any]] = {
    "ref": Inspector.reference,
    "typedref": Inspector.typed_reference,
    "refs": Inspector.references,
}
_SCALARS: dict[str, Callable[[Inspector, Any, Property, str], Any]] = {
    "text": Inspector.text,
    "email": Inspector.email,
    "uri": Inspector.uri,
    "enum": Inspector.enum,
    "bool": Inspector.boolean,
    "date": Inspector.day,
    "datetime": Inspector.text,
    "money": Inspector.money,
    "number": Inspector.number,
    "int": Inspector.integer,
}


def inspect(entity: Entity, body: Any, *, latin1_only: bool) -> Json:
    """The writable content of a body, normalised; blanks are None so that a sparse update can clear them.

    Raises FaultError with every wrong value, or with 2010 for the first unknown property.
    """
    fields = inspect_as(entity.name, entity.properties, body, latin1_only=latin1_only)
    return {name: value for name, value in fields.items() if name not in READ_ONLY}


def inspect_as(name: str, known: Shape, body: Any, *, latin1_only: bool) -> Json:
    """The content of a body of any shape, normalised. Raises FaultError like `inspect`."""
    inspector = Inspector(name, latin1_only=latin1_only)
    if not isinstance(body, dict):
        raise inspector.unsupported(f"Can not instantiate value of type {name}", "")
    fields = inspector.record(body, known)
    if inspector.problems:
        raise FaultError(*inspector.problems)
    return fields


def is_sparse(body: Json) -> bool:
    """Whether an update leaves alone what it does not send."""
    return str(body.get("sparse")).lower() == "true"


def check_id(value: Any) -> str:
    """An entity id from a request. Raises FaultError 2030 unless it is a whole number, 2020 when it is absent."""
    if value is None or value == "":
        raise FaultError(missing("Id"))
    if not _ENTITY_ID.fullmatch(str(value)):
        raise FaultError(Problem("2030", f"Id should be a valid number. Supplied value:{value}", "Id"))
    return str(value)
