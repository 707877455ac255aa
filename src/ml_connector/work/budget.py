"""How many requests a QuickBooks company may get, kept by waiting before a request rather than by being refused.

Intuit's limits page (2026): 500 requests a minute per company, 10 a second per company and app, 40 batches a minute; older pages
say 10 at once. All are obeyed, all are settings. One worker holds a connection at a time; what
earlier ones used up is read from the log of calls.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock
from typing import Annotated

import msgspec

from ml_connector.model.clock import Clock

AtLeastOne = Annotated[int, msgspec.Meta(ge=1)]


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The vendor's limits per company; lower them if other programs share the company."""

    requests_per_minute: AtLeastOne = 500
    requests_per_second: AtLeastOne = 10
    batches_per_minute: AtLeastOne = 40
    in_flight: AtLeastOne = 10
    wait_after_refusal: Annotated[float, msgspec.Meta(ge=0)] = 60.0
    """Seconds to stay quiet after a 429, unless the answer names a time (Intuit's limits page)."""


_MARGIN = 0.25
"""Seconds added to each window: what left us a second apart may arrive closer together."""


class _Window:
    """At most `count` starts within any `seconds`."""

    def __init__(self, count: int, seconds: float) -> None:
        self._starts: deque[float] = deque(maxlen=count)
        self._count = count
        self._seconds = seconds

    def wait(self, now: float) -> float:
        """Seconds until the next start is allowed."""
        if len(self._starts) < self._count:
            return 0.0
        return max(0.0, self._starts[0] + self._seconds - now)

    def start(self, now: float) -> None:
        self._starts.append(now)


class RequestBudget:
    """The budget of one company. `slot` waits for room; `throttled` is told when the vendor refused all the same."""

    def __init__(self, clock: Clock, limits: Limits, earlier: Iterable[tuple[float, bool]] = ()) -> None:
        """`earlier`: calls by processes before this one, oldest first: seconds since 1970, and whether it was a batch."""
        self._clock = clock
        self._limits = limits
        minute, second = 60.0 + _MARGIN, 1.0 + _MARGIN
        self._requests = (_Window(limits.requests_per_minute, minute), _Window(limits.requests_per_second, second))
        self._batches = _Window(limits.batches_per_minute, minute)
        self._quiet_until = 0.0
        self._lock = Lock()
        self._in_flight = BoundedSemaphore(limits.in_flight)
        for at, batch in earlier:
            for window in (*self._requests, self._batches) if batch else self._requests:
                window.start(at)

    @contextmanager
    def slot(self, *, batch: bool) -> Iterator[None]:
        """Hold one request's place, from before it is sent until its answer is read."""
        windows = (*self._requests, self._batches) if batch else self._requests
        with self._in_flight:
            with self._lock:
                while (pause := self._pause(windows)) > 0:
                    self._clock.sleep(pause)
                now = self._clock.now().timestamp()
                for window in windows:
                    window.start(now)
            yield

    def _pause(self, windows: tuple[_Window, ...]) -> float:
        now = self._clock.now().timestamp()
        return max(self._quiet_until - now, *(window.wait(now) for window in windows))

    def throttled(self, retry_after: float | None) -> None:
        """The vendor answered 429: stay quiet for the time it names, or the setting's."""
        pause = self._limits.wait_after_refusal if retry_after is None else retry_after
        self._quiet_until = max(self._quiet_until, self._clock.now().timestamp() + pause)
