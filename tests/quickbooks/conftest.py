"""A QuickBooks company that answers from a script: each answer is a response or an error to raise."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import msgspec
import pytest

from ml_connector.quickbooks.client import Call, QuickBooksClient, make_http

AnswerOrError = httpx2.Response | Exception


class CountingBudget:
    """Room without end; keeps what was asked of it."""

    def __init__(self) -> None:
        self.slots: list[bool] = []
        self.reads: list[int] = []
        self.waits: list[float | None] = []
        self.in_flight = 0

    @contextmanager
    def slot(self, *, batch: bool, reads: int) -> Iterator[None]:
        self.slots.append(batch)
        self.reads.append(reads)
        self.in_flight += 1
        try:
            yield
        finally:
            self.in_flight -= 1

    def throttled(self, retry_after: float | None) -> None:
        self.waits.append(retry_after)


@dataclass
class Scripted:
    """The client, what it sent, and what it did about tokens, budget and calls."""

    answers: list[AnswerOrError]
    requests: list[httpx2.Request] = field(default_factory=list)
    forced: list[bool] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    budget: CountingBudget = field(default_factory=CountingBudget)

    def __post_init__(self) -> None:
        self.http = make_http(transport=httpx2.MockTransport(self._answer))
        self.client = QuickBooksClient(
            self.http,
            base_url="https://qbo.test",
            realm_id="9341450001",
            access_token=self._token,
            budget=self.budget,
            on_call=self.calls.append,
            stopwatch=iter(range(10_000)).__next__,
        )

    def _token(self, force: bool) -> str:
        self.forced.append(force)
        return f"secret-token-{len(self.forced)}"

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        request.read()
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def sent(self) -> list[Any]:
        """The JSON bodies sent."""
        return [msgspec.json.decode(request.content) for request in self.requests]


@pytest.fixture
def scripted() -> Callable[..., Scripted]:
    """Build a company that gives these answers in turn."""

    def build(*answers: AnswerOrError) -> Scripted:
        return Scripted(list(answers))

    return build


@pytest.fixture
def ok() -> Callable[..., httpx2.Response]:
    """An answer of the service: JSON, or raw bytes, with Intuit's name for the call."""

    def build(body: Any, status: int = 200, **headers: str) -> httpx2.Response:
        content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        kind = {"Content-Type": "application/json;charset=utf-8", "intuit_tid": "1-abc", **headers}
        return httpx2.Response(status, headers=kind, content=content)

    return build


@pytest.fixture
def fault() -> Callable[..., dict[str, Any]]:
    """A Fault as the accounting API writes it."""

    def build(code: str, detail: str = "", kind: str = "ValidationFault") -> dict[str, Any]:
        error = {"Message": f"message of {code}", "Detail": detail, "code": code, "element": ""}
        return {"Fault": {"Error": [error], "type": kind}, "time": "2026-09-01T19:27:51.208-07:00"}

    return build
