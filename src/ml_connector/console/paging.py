"""Lists of records on pages: which page is asked for and its neighbours' addresses; and all of a list that goes by numbers."""

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Generic, TypeVar
from urllib.parse import urlencode

import msgspec
from pydantic import Field

from ml_connector.work.portions import portions

T = TypeVar("T")

Number = Annotated[int, Field(ge=0, le=2**53)]
"""A number in an address or a form: what no table could hold is refused before it is looked for."""

SIZE = 50
_FARTHEST = 10**9
_PLACES = frozenset({"start", "below", "above", "before", "page", "offset"})
"""What addresses call the place in a list at which a page begins."""

Read = Callable[[int, int], Sequence[T]]
"""Reads a list: how many to leave out, and how many to read at most."""


class Listed(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One page. `newer` and `older` are the queries of the pages before and after, empty where there is none."""

    items: Sequence[T]
    newer: str
    older: str


def listed(read: Read[T], start: int, *, size: int = SIZE, **filters: object) -> Listed[T]:
    """The page that begins at `start`; `filters` go along to its neighbours."""
    start = min(max(start, 0), _FARTHEST)
    found = read(start, size + 1)
    kept = {name: value for name, value in filters.items() if value}
    return Listed(
        items=found[:size],
        newer=_query(kept, max(0, start - size)) if start else "",
        older=_query(kept, start + size) if len(found) > size else "",
    )


def beginning(query: Sequence[tuple[str, str]]) -> str:
    """The query of the first page of the list that a query names a later page of; empty where it names the first one."""
    kept = [(name, value) for name, value in query if name not in _PLACES]
    later = any(name in _PLACES and value != "0" for name, value in query)
    return f"?{urlencode(kept)}" if later else ""


def portion_of(items: Sequence[T]) -> Read[T]:
    """Reads a list that is here already."""
    return lambda offset, limit: items[offset : offset + limit]


def everything_before(read: Callable[[int, int], Sequence[T]], place: Callable[[T], int]) -> Iterator[T]:
    """The whole list, read in portions, each from where the one before ended: `read` takes the `place` of the last one had, 0 at
    first, and a number."""
    before = 0
    for portion in portions():
        found = read(before, portion)
        yield from found
        if len(found) < portion:
            return
        before = place(found[-1])


def _query(filters: dict[str, object], start: int) -> str:
    return "?" + urlencode({**filters, "start": start}, doseq=True)
