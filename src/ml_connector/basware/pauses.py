"""Pauses that Basware asks for: whoever uses the same sign-in keeps them, in whatever process and through whatever interface."""

from typing import Protocol

from ml_connector.basware.errors import Throttled
from ml_connector.model.clock import Clock

LONGEST_PAUSE = 120.0
"""Seconds a call waits itself; whoever is asked for more gets its work rescheduled instead."""
LONGEST_BELIEVED = 3600.0
"""Seconds of a pause that is kept before Basware is asked again: a mistaken header must not silence a company for years."""
UNNAMED_PAUSE = 1.0
"""Seconds of a pause whose length Basware does not name."""


class Pauses(Protocol):
    """The pauses Basware asked for, shared by everybody who uses the same sign-in."""

    def left(self) -> float:
        """Seconds until Basware may be called again, 0 when it may be now."""
        ...

    def ask(self, seconds: float) -> None:
        """Basware asked for a pause of so many seconds."""
        ...


def wait_out(pauses: Pauses | None, clock: Clock) -> None:
    """Wait for a pause somebody else was asked for. Raises Throttled when that is for later; nothing was sent then."""
    left = 0.0 if pauses is None else pauses.left()
    if left > LONGEST_PAUSE:
        raise Throttled(f"Basware asked for a pause of another {left:.0f} seconds", retry_after=left)
    if left > 0:
        clock.sleep(left)


def ask_for(pauses: Pauses | None, retry_after: float | None) -> None:
    """Basware asked for a pause; `retry_after` in seconds, None when it named no time."""
    if pauses is not None:
        pauses.ask(UNNAMED_PAUSE if retry_after is None else min(retry_after, LONGEST_BELIEVED))
