"""Keys in the order in which they were last put down, in groups, so that a page of a long list costs no look at the rest."""

import heapq
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

Place = tuple[datetime, int]
"""Where something lies: when it was put down, then a running number."""

_Spot = tuple[datetime, int, str]
_BEHIND_ALL = 2**62


@dataclass
class Shelf:
    """Every key once, newest last. A key lies in one group, named by a text."""

    _groups: dict[str, list[_Spot]] = field(default_factory=dict)
    _spots: dict[str, tuple[str, _Spot]] = field(default_factory=dict)
    _count: int = 0

    def put(self, key: str, instant: datetime, group: str = "") -> None:
        """Put a key down behind all others of that instant, wherever it lay before."""
        self.take(key)
        self._count += 1
        spot = (instant, self._count, key)
        insort(self._groups.setdefault(group, []), spot)
        self._spots[key] = (group, spot)

    def take(self, key: str) -> None:
        """Remove a key, if it is there."""
        group, spot = self._spots.pop(key, ("", None))
        if spot is None:
            return
        members = self._groups[group]
        del members[bisect_left(members, spot)]
        if not members:
            del self._groups[group]

    def after(self, place: Place | None, group: str | None = None) -> Iterator[tuple[Place, str]]:
        """Places and keys behind a place (None: from the start), of one group or of all (None)."""
        if group is not None:
            yield from _behind(self._groups.get(group, []), place)
            return
        yield from heapq.merge(*(_behind(members, place) for members in self._groups.values()))


def from_instant(instant: datetime, *, inclusive: bool) -> Place:
    """The place behind which lies all that was put down after an instant, or at it too."""
    return (instant, -1) if inclusive else (instant, _BEHIND_ALL)


def _behind(members: list[_Spot], place: Place | None) -> Iterator[tuple[Place, str]]:
    start = 0 if place is None else bisect_right(members, place, key=lambda spot: spot[:2])
    for index in range(start, len(members)):
        instant, number, key = members[index]
        yield (instant, number), key
