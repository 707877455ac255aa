"""A stand-in for Basware's service that answers from a script, and a clock that never waits."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from ml_connector.basware.client import BaswareClient, Call, make_http

Handler = Callable[[httpx2.Request], httpx2.Response]


class StandingClock:
    """Stands still until told to sleep; remembers how long it slept."""

    def __init__(self) -> None:
        self.instant = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.instant

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.instant += timedelta(seconds=seconds)


class Service:
    """Answers requests in order from a script of responses, errors and functions; the last one goes on for ever."""

    def __init__(self, *script: httpx2.Response | Exception | Handler) -> None:
        self.script = list(script)
        self.requests: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(step, Exception):
            raise step
        return step if isinstance(step, httpx2.Response) else step(request)


class Desk:
    """A client on a scripted service, with what happened around it."""

    def __init__(self, *script: httpx2.Response | Exception | Handler) -> None:
        self.service = Service(*script)
        self.clock = StandingClock()
        self.calls: list[Call] = []
        self.forced: list[bool] = []
        self.client = BaswareClient(
            make_http(transport=httpx2.MockTransport(self.service)),
            base_url="https://test-api.basware.com/",
            authorization=self._authorize,
            clock=self.clock,
            on_call=self.calls.append,
        )

    def _authorize(self, force: bool) -> str:
        self.forced.append(force)
        return f"Bearer token-{sum(self.forced)}"

    @property
    def requests(self) -> list[httpx2.Request]:
        return self.service.requests


@pytest.fixture
def desk() -> type[Desk]:
    return Desk


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()
