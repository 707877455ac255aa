"""Time is handed in, so that a whole month with faults replays from one seed.

Nothing in the product reads the system's time but the one implementation in `work/clock.py`.
"""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """What the product asks of time."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let this much time pass. A virtual clock moves forward; the system's clock waits."""
        ...
