"""Lists that are put in order by the headings of their columns: plain links, and which of them is chosen.

Knows no list: what it may be ordered by is the list's own, one value for each way, with a minus the other way round.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

import msgspec

S = TypeVar("S", bound=StrEnum)


class Heading(msgspec.Struct, frozen=True, kw_only=True):
    """A column's heading. `address`: the query that orders by it, the other way round if it is chosen already; `direction`: as
    `aria-sort` has it, empty where another column is chosen."""

    address: str
    direction: str


def chosen(orders: type[S], asked: str) -> S:
    """The order that an address asks for; the first one where it asks for none that there is."""
    return orders(asked) if asked in set(orders) else next(iter(orders))


def headings(order: StrEnum, **filters: object) -> Mapping[str, Heading]:
    """The headings of a list in this order, by column; `filters` go along. A column begins with the way that is named first."""
    kept = {name: value for name, value in filters.items() if value}
    first: dict[str, str] = {}
    ways: dict[str, set[str]] = {}
    for one in type(order):
        first.setdefault(one.removeprefix("-"), one.value)
        ways.setdefault(one.removeprefix("-"), set()).add(one.value)
    found: dict[str, Heading] = {}
    for column, way in first.items():
        is_chosen = order.value in ways[column]
        other = next(iter(ways[column] - {order.value}), way) if is_chosen else way
        direction = ("descending" if order.startswith("-") else "ascending") if is_chosen else ""
        found[column] = Heading(address="?" + urlencode(kept | {"sort": other}, doseq=True), direction=direction)
    return found
