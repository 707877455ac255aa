"""A long list as it is read by pages, by programs from a place on, and as a whole for a spreadsheet.

Whoever reads all of it gets what was in the list at one moment, in its order and once each, however much comes, goes or changes
before the last row was sent: the keys are read together, and rows by their keys. Knows nothing of what is listed.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ml_connector.store.database import Database
from ml_connector.store.ordered import Ordered, Place
from ml_connector.work.portions import FIRST, portions

K = TypeVar("K")
T = TypeVar("T")


@dataclass(frozen=True)
class Listing(Generic[K, T]):
    """One list. `lines` shows the records of these keys, in this order, as they are by now; what is gone is left out."""

    database: Database
    ordered: Ordered[K]
    lines: Callable[[Sequence[K]], list[T]]

    def page(self, offset: int = 0, limit: int = 1000) -> list[T]:
        """A page, which begins after so many."""
        with self.database.read() as tx:
            keys = self.ordered.read(tx, limit=limit, offset=offset)
        return self.lines(keys)

    def behind(self, place: Place, limit: int) -> tuple[list[T], Place]:
        """What follows a place (store/ordered.py), and the place to go on from, empty at the end. Raises PlaceError."""
        with self.database.read() as tx:
            keys, end = self.ordered.behind(tx, place, limit)
        return self.lines(keys), end

    def everything(self) -> Iterator[T]:
        """The whole list, read in portions.

        The first lines do not wait for all keys: those are read once more is wanted, and what was had by then is left out.
        """
        with self.database.read() as tx:
            first = self.ordered.read(tx, limit=FIRST)
        yield from self.lines(first)
        if len(first) < FIRST:
            return
        with self.database.read() as tx:
            had = set(first)
            rest = [key for key in self.ordered.read(tx) if key not in had]
        start, sizes = 0, portions()
        next(sizes)
        while start < len(rest):
            size = next(sizes)
            yield from self.lines(rest[start : start + size])
            start += size
