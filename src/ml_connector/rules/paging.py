"""Reading a list by pages while somebody changes it, without missing a record.

QuickBooks counts positions, so what is deleted ahead of a page moves the records behind it forward, and the next page would
begin too late. Each page therefore begins with some records of the one before; where none of them is found, reading goes back.
"""

from collections.abc import Collection, Sequence

OVERLAP = 20
"""Records of a page that the next one repeats. As many may be deleted in between without going back."""


def anchors(ids: Sequence[str]) -> list[str]:
    """The ids at a page's end of which the next page has to show at least one."""
    return list(ids[-OVERLAP:])


def next_position(position: int, read: int) -> int:
    """Where the next page begins, counted from 1, after one of so many records at this position."""
    return max(position + 1, position + read - OVERLAP)


def joins(position: int, ids: Collection[str], wanted: Collection[str]) -> bool:
    """Whether a page continues what was read: it is the first one, or shows one of the last records again."""
    return position == 1 or not wanted or not set(wanted).isdisjoint(ids)


def earlier_position(position: int, page: int) -> int:
    """Where to read instead when a page does not join."""
    return max(1, position - page)
