"""How much of a long list is read at once when all of it is wanted, such as for a spreadsheet.

Little at first, so that it begins soon; then more and more, so that whoever breaks off soon has cost little, and whoever waits does
not wait for a thousand small readings. Knows nothing of what is read.
"""

from collections.abc import Iterator

FIRST = 25
_GROWTH, MOST = 4, 1000


def portions() -> Iterator[int]:
    """The sizes of one portion after the other, without an end."""
    size = FIRST
    while True:
        yield size
        size = min(size * _GROWTH, MOST)
