"""Which number each order has in Basware, where a number stands for one order at a time: orders that hand numbers on, or swap them.

Pure. What QuickBooks' orders are called and what Basware has now comes in; nothing is known of orders beyond their numbers.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

Held = Mapping[str, frozenset[str]]
"""The numbers Basware has an order under, by its code: two while a change is on its way."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """An order of QuickBooks: our code of it, and its number."""

    code: str
    id: str
    number: str


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """The number an order gets. `other` is the order that keeps it from it, by its code; `passing`: that one has another number
    by now, and leaves this one as soon as Basware has taken that."""

    number: str
    other: str = ""
    passing: bool = False


def give_numbers(asked: Sequence[Asked], held: Held) -> dict[str, Given]:
    """The number of each order, by code. `asked` is in the order of preference; whoever has a number in Basware keeps it first.

    An order whose number still stands for another one waits for that. Where orders wait for each other in a circle, the first of
    them gets a number for the meantime, which sets the others free one after the other.
    """
    held = {code: frozenset(number.casefold() for number in numbers) for code, numbers in held.items()}
    owners: dict[str, Asked] = {}
    for one in sorted(asked, key=lambda one: one.number.casefold() not in held.get(one.code, frozenset())):
        owners.setdefault(one.number.casefold(), one)
    has = _who_has(held)
    waits = {one.code: other for number, one in owners.items() for other in has.get(number, ()) if other != one.code}
    codes = {one.code for one in asked}
    given: dict[str, Given] = {}
    circles = set[str]()
    for one in asked:
        owner = owners[one.number.casefold()]
        if owner.code != one.code:
            given[one.code] = Given(number=one.number, other=owner.code)
        elif one.code not in waits:
            given[one.code] = Given(number=one.number)
        elif one.code not in circles and (circle := _circle(one.code, waits)):
            circles |= circle
            given[one.code] = Given(number=f"{one.number}~{one.id}")
        else:
            other = waits[one.code]
            given[one.code] = Given(number=one.number, other=other, passing=other in codes)
    return given


def _who_has(held: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for code, numbers in sorted(held.items()):
        for number in numbers:
            found[number] = (*found.get(number, ()), code)
    return found


def _circle(code: str, waits: Mapping[str, str]) -> frozenset[str]:
    """The orders that wait for each other, beginning with this one; none if the way does not lead back to it."""
    way, at = [code], waits.get(code, "")
    while at and at not in way:
        way.append(at)
        at = waits.get(at, "")
    return frozenset(way) if at == code else frozenset()
