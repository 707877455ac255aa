"""A service simple enough to see what the things around it do."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from twins.clock import Clock
from twins.http import Request, Response


@dataclass
class Till:
    """Counts what it is paid, and says so."""

    taken: list[str] = field(default_factory=list)

    def handle(self, request: Request) -> Response:
        self.taken.append(f"{request.method} {request.path}")
        body = b'{"taken":%d,"price":12.50,"lines":[{"id":1}]}' % len(self.taken)
        return Response(200, {"Content-Type": "application/json"}, body)


@pytest.fixture
def till() -> Till:
    return Till()


@pytest.fixture
def clock() -> Clock:
    """Stopped at noon."""
    return Clock(datetime(2026, 11, 20, 12, tzinfo=UTC), running=False)


@pytest.fixture
def paying():
    """Builds a request."""

    def build(method="POST", path="/pay", body=b"", host="till.test", headers=()):
        return Request.build(method, f"https://{host}{path}", headers, body)

    return build


@pytest.fixture(autouse=True)
def own_addresses(tmp_path, monkeypatch):
    """Twins started here leave their addresses here, not where a person's own twins have left theirs."""
    monkeypatch.setenv("TWINS", str(tmp_path / "twins.json"))
