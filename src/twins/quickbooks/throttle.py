"""The request limits of one company, counted over the last minute and the last second of the twin's clock.

500 requests a minute, 10 a second, 40 batches a minute (Intuit's limits and throttles page). A refused request does not count.
"""

from collections import deque
from datetime import datetime

PER_MINUTE = 500
PER_SECOND = 10
BATCHES_PER_MINUTE = 40


class Throttle:
    """Sliding windows; instants must not go back in time, and a clock set back clears the windows."""

    def __init__(self) -> None:
        self._requests: deque[float] = deque()
        self._batches: deque[float] = deque()

    def admit(self, now: datetime, *, batch: bool) -> bool:
        """Whether the request is within all limits; if so it is counted."""
        instant = now.timestamp()
        for window in (self._requests, self._batches):
            if window and window[-1] > instant:
                window.clear()
            while window and window[0] <= instant - 60:
                window.popleft()
        last_second = sum(1 for each in reversed(self._requests) if each > instant - 1) if self._is_busy() else 0
        if len(self._requests) >= PER_MINUTE or last_second >= PER_SECOND:
            return False
        if batch and len(self._batches) >= BATCHES_PER_MINUTE:
            return False
        self._requests.append(instant)
        if batch:
            self._batches.append(instant)
        return True

    def _is_busy(self) -> bool:
        return len(self._requests) >= PER_SECOND
