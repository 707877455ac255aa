"""The request limits of companies and applications, counted over sliding windows of the twin's clock.

Source: Intuit's limits and throttles page, with the burst limit and the second batch limit of autumn 2025. A refused request
does not count. The older rule of ten requests at the same time cannot be shown by a twin that does one thing after the other.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from twins.quickbooks.switches import Switches

Key = tuple[str, ...]


@dataclass
class _Window:
    """The instants of the requests of the last seconds."""

    seconds: float
    instants: deque[float] = field(default_factory=deque)

    def count(self, instant: float) -> int:
        """How many there are at an instant; a clock set back empties the window."""
        if self.instants and self.instants[-1] > instant:
            self.instants.clear()
        while self.instants and self.instants[0] <= instant - self.seconds:
            self.instants.popleft()
        return len(self.instants)


class Throttle:
    """All limits of a twin."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._windows: dict[Key, _Window] = {}

    def admit(self, realm_id: str, client_id: str, now: datetime, *, batch: bool) -> bool:
        """Whether a request is within all limits; if so it is counted."""
        instant = now.timestamp()
        limits = self._limits(realm_id, client_id, batch=batch)
        if any(window.count(instant) >= limit for window, limit in limits):
            return False
        for window, _ in limits:
            window.instants.append(instant)
        return True

    def _limits(self, realm_id: str, client_id: str, *, batch: bool) -> list[tuple[_Window, int]]:
        switches = self._switches
        limits = [
            (self._window(("company", realm_id), 60), switches.requests_per_minute),
            (self._window(("burst", realm_id, client_id), 1), switches.requests_per_second),
            (self._window(("application", realm_id, client_id), 60), switches.all_requests_per_minute),
        ]
        if batch:
            limits.append((self._window(("batches", realm_id, client_id), 60), switches.batches_per_minute))
            limits.append((self._window(("batches of all", realm_id), 60), switches.batches_per_minute_of_all))
        return limits

    def _window(self, key: Key, seconds: float) -> _Window:
        found = self._windows.get(key)
        if found is None:
            found = self._windows[key] = _Window(seconds)
        return found
