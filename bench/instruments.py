"""What a world is run and watched with: a clock that nobody waits for, and a witness in front of each twin."""

from collections.abc import Callable
from datetime import datetime

from twins.clock import Clock as TwinClock
from twins.http import Request, Response, Service


class Witness:
    """Stands in front of a twin and counts what it was asked, also where the answer got lost."""

    def __init__(self, service: Service, writes: Callable[[Request], bool]) -> None:
        self._service = service
        self._writes = writes
        self.requests = 0
        self.writes = 0
        """Requests that ask the service to change something; signing in is none."""

    def handle(self, request: Request) -> Response:
        """Pass the request on. Raises LostAnswerError when a fault cuts the connection."""
        self.requests += 1
        self.writes += self._writes(request)
        return self._service.handle(request)


def changes_quickbooks(request: Request) -> bool:
    """Whether a request asks QuickBooks to write; queries travel by POST too."""
    if request.method != "POST" or not request.path.startswith("/v3/") or request.path.endswith("/query"):
        return False
    return not request.path.endswith("/batch") or b'"operation"' in request.body


def changes_basware(request: Request) -> bool:
    """Whether a request asks Basware to write."""
    return request.method != "GET" and "tokens" not in request.path


class VirtualClock:
    """The product's clock on the twins' stopped one: whoever sleeps moves time for everybody."""

    def __init__(self, time: TwinClock) -> None:
        self._time = time

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return self._time.now()

    def sleep(self, seconds: float) -> None:
        """Let time pass without waiting for it."""
        if seconds > 0:
            self._time.advance(seconds)

    def advance(self, seconds: float) -> None:
        """The same, as a test says it."""
        self._time.advance(seconds)

    def move_to(self, instant: datetime) -> None:
        """Go forward to an instant; one that has passed changes nothing."""
        if instant > self._time.now():
            self._time.set(instant)
