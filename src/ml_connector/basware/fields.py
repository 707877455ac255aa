"""Reading the fields of one JSON object strictly and collecting everything that is wrong with it, in words.

A person who has to correct a document wants the whole list at once, so reading goes on after a problem and the caller
looks at the list at the end. Numbers are exact; a text is never taken for a number or the reverse.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

# Sums of a few such amounts stay exact in Python's decimal arithmetic (28 digits); Basware's own type is a double.
_MOST_DIGITS = 24
_MOST_BEFORE_POINT = 21
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}.*)?", re.ASCII)
_NO_DAY = date(1, 1, 1)  # what .NET writes for a date that was never set


class Fields:
    """One JSON object. `place` names it in problems ("" for the document itself); `problems` is shared and filled while reading."""

    def __init__(self, values: dict[str, Any], problems: list[str], place: str = "") -> None:
        self._values = values
        self._problems = problems
        self._place = place

    def text(self, name: str, *, required: bool = False, longest: int = 0) -> str:
        """A text without outer white space; "" when missing. NUL characters become spaces: no database takes them."""
        value = self._values.get(name)
        limit = f" of 1 to {longest} characters" if longest else ""
        if value is None or (isinstance(value, str) and not value.strip()):
            if required:
                self._problem(name, "nothing" if value is None else "an empty text", f"a text{limit}")
            return ""
        if not isinstance(value, str):
            self._problem(name, shown(value), f"a text{limit}")
            return ""
        text = value.replace("\0", " ").strip()
        if longest and len(text) > longest:
            self._problem(name, f"a text of {len(text)} characters", f"a text{limit}")
        return text

    def amount(self, name: str) -> Decimal | None:
        """An exact number, None when missing. A number written as text is a problem: its separators would be a guess."""
        value = self._values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
            self._problem(name, shown(value), "a number")
            return None
        number = Decimal(value)
        if not _is_usable(number):
            self._problem(name, shown(value), f"a number of at most {_MOST_DIGITS} digits")
            return None
        return number

    def whole(self, name: str) -> int | None:
        """A whole number, None when missing; 3.0 is one too."""
        number = self.amount(name)
        if number is None:
            return None
        if number != number.to_integral_value():
            self._problem(name, shown(number), "a whole number")
            return None
        return int(number)

    def flag(self, name: str) -> bool:
        """A required yes or no."""
        value = self._values.get(name)
        if not isinstance(value, bool):
            self._problem(name, shown(value), "true or false")
            return False
        return value

    def day(self, name: str) -> date | None:
        """A calendar date as written, whatever time or zone stands behind it; None when missing."""
        text = self.text(name)
        if not text:
            return None
        matched = _DAY.fullmatch(text)
        try:
            day = date.fromisoformat(matched.group(1)) if matched else None
        except ValueError:
            day = None
        if day is None:
            self._problem(name, shown(text), "a date such as 2026-04-18T00:00:00")
        return None if day == _NO_DAY else day

    def instant(self, name: str) -> datetime | None:
        """A point in time in UTC, which is also what a time without a zone means; None when missing."""
        text = self.text(name)
        if not text:
            return None
        try:
            instant = datetime.fromisoformat(text)
            return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
        except (ValueError, OverflowError):
            self._problem(name, shown(text), "a time such as 2026-04-20T07:41:12Z")
            return None

    def items(self, name: str) -> list[Any]:
        """A list, empty when missing."""
        value = self._values.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self._problem(name, shown(value), "a list")
            return []
        return value

    def objects(self, name: str) -> list["Fields"]:
        """A list of objects, empty when missing; what is no object becomes a problem and is left out."""
        found = []
        for number, item in enumerate(self.items(name), start=1):
            place = f"{name} {number}"
            if isinstance(item, dict):
                found.append(Fields(item, self._problems, place))
            else:
                self._problem(place, shown(item), "an object")
        return found

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, blank ones left out."""
        found = []
        for number, item in enumerate(self.items(name), start=1):
            if isinstance(item, str):
                found.append(item.replace("\0", " ").strip())
            elif item is not None:
                self._problem(f"{name} {number}", shown(item), "a text")
        return tuple(text for text in found if text)

    def named(self, names: frozenset[str]) -> dict[str, str]:
        """Those of these text fields that are not blank, in the order they came."""
        return {name: text for name in self._values if name in names and (text := self.text(name))}

    def numbers(self, names: frozenset[str]) -> dict[str, Decimal]:
        """Those of these numbers that are not missing, in the order they came."""
        return {name: number for name in self._values if name in names and (number := self.amount(name)) is not None}

    def _problem(self, name: str, found: str, expected: str) -> None:
        place = f"{self._place}: " if self._place else ""
        self._problems.append(f"{place}{name}: {found} was found, {expected} was expected")


def _is_usable(number: Decimal) -> bool:
    _, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int) or len(digits) > _MOST_DIGITS:
        return False
    return exponent >= -_MOST_DIGITS and len(digits) + exponent <= _MOST_BEFORE_POINT


def shown(value: object) -> str:
    """A JSON value for a person: its kind, and as much of it as fits."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return f"the number {_short(str(Decimal(value)))}"
    if isinstance(value, str):
        return f'the text "{_short(value)}"'
    return "a list" if isinstance(value, list) else "an object"


def _short(text: str) -> str:
    plain = "".join(char if char.isprintable() else " " for char in text[:61])
    return plain if len(plain) <= 60 else plain[:59] + "…"
