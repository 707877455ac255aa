"""When it is time to ask QuickBooks what changed, which entities can be asked for changes at all, and how a capped answer is split.

Pure: the moments come from the caller.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta


def next_catch_up(
    *, known_to: datetime | None, last_success: datetime | None, now: datetime, interval: timedelta, gap: timedelta
) -> datetime:
    """When to ask next: at once if never asked or after a time in which we did not work (`gap`), else after the interval."""
    if known_to is None or last_success is None or now - last_success > gap:
        return now
    return known_to + interval


def can_follow(known_to: datetime | None, now: datetime, look_back: timedelta) -> bool:
    """Whether QuickBooks still remembers every change since; otherwise the records have to be compared as a whole."""
    return known_to is not None and now - known_to <= look_back


def split(entities: Sequence[str], counts: Mapping[str, int]) -> tuple[str, list[str]]:
    """How a capped answer is asked for again: the entity that filled it most, by itself, and all others together."""
    heavy = max(entities, key=lambda name: (counts.get(name, 0), name))
    return heavy, [name for name in entities if name != heavy]
