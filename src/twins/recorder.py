"""A witness in front of a twin: what was asked and what was answered, in order, without any secret.

It keeps the last so many exchanges, each body up to a limit and all together up to another, so that it can stay on for a month.
It changes nothing.
"""

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from twins.clock import Clock
from twins.http import LostAnswerError, Request, Response, Service

MASK = "***"

_SECRET_HEADERS = {"authorization", "proxy-authorization", "cookie", "set-cookie", "intuit-signature"}
_SECRET_FIELDS = (
    b"access_token|refresh_token|id_token|client_secret|client_assertion|password|assertion|token|code_verifier"
    b"|webhookAuthenticationToken|verifier_token"
)
_IN_JSON = re.compile(rb'("(?:' + _SECRET_FIELDS + rb')"\s*:\s*")(?:[^"\\]|\\.)*"', re.IGNORECASE)
_IN_FORM = re.compile(rb"((?:^|&)(?:" + _SECRET_FIELDS + rb"|code)=)[^&]*", re.IGNORECASE)
_IN_URL = re.compile(r"([?&](?:x-amz-signature|signature|access_token|token|code)=)[^&\s]*", re.IGNORECASE)
_HINTS = (b"token", b"Token", b"secret", b"password", b"assertion", b"code")


@dataclass(frozen=True)
class Exchange:
    """One request and its answer. `status` is None when the answer was lost, and `committed` then tells if the work was done."""

    number: int
    at: datetime
    method: str
    host: str
    path: str
    query: tuple[tuple[str, str], ...]
    request_headers: Mapping[str, str]
    request_body: bytes
    request_size: int
    status: int | None
    response_headers: Mapping[str, str]
    response_body: bytes
    response_size: int
    committed: bool | None = None


class Recorder:
    """A service in front of another that remembers the last `capacity` exchanges.

    Bodies are kept up to `max_body` bytes each and `max_total` bytes in all; beyond that the oldest exchanges are forgotten.
    """

    def __init__(
        self,
        service: Service,
        clock: Clock,
        *,
        capacity: int = 50_000,
        max_body: int = 100_000,
        max_total: int = 64 * 1024 * 1024,
    ) -> None:
        self.service = service
        self._clock = clock
        self._exchanges: deque[Exchange] = deque()
        self._capacity = capacity
        self._max_body = max_body
        self._max_total = max_total
        self._total = 0
        self._count = 0

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """What is remembered, oldest first."""
        return tuple(self._exchanges)

    def clear(self) -> None:
        """Forget what was seen; numbering goes on."""
        self._exchanges.clear()
        self._total = 0

    def exchange(self, number: int) -> Exchange | None:
        """The exchange of this number, if it is still remembered."""
        first = self._exchanges[0].number if self._exchanges else 0
        remembered = self._exchanges and first <= number < first + len(self._exchanges)
        return self._exchanges[number - first] if remembered else None

    def handle(self, request: Request) -> Response:
        """Pass the request on and remember it with its answer, lost ones too."""
        at = self._clock.now()
        try:
            answer = self.service.handle(request)
        except LostAnswerError as lost:
            self._remember(at, request, None, committed=lost.committed)
            raise
        self._remember(at, request, answer, committed=None)
        return answer

    def _remember(self, at: datetime, request: Request, answer: Response | None, *, committed: bool | None) -> None:
        self._count += 1
        self._keep(self._exchange(at, request, answer, committed=committed))

    def _keep(self, exchange: Exchange) -> None:
        """Remember one more, and forget as many of the oldest as don't fit any longer."""
        self._exchanges.append(exchange)
        self._total += _weight(exchange)
        while len(self._exchanges) > self._capacity or (self._total > self._max_total and len(self._exchanges) > 1):
            self._total -= _weight(self._exchanges.popleft())

    def _exchange(self, at: datetime, request: Request, answer: Response | None, *, committed: bool | None) -> Exchange:
        form = "form-urlencoded" in request.headers.get("content-type", "")
        return Exchange(
            number=self._count,
            at=at,
            method=request.method,
            host=request.host,
            path=request.path,
            query=tuple((name, _masked_parameter(name, value)) for name, value in request.query),
            request_headers=_masked_headers(request.headers),
            request_body=self._masked_body(request.body, form=form),
            request_size=len(request.body),
            status=answer.status if answer else None,
            response_headers=_masked_headers(answer.headers) if answer else {},
            response_body=self._masked_body(answer.body, form=False) if answer else b"",
            response_size=len(answer.body) if answer else 0,
            committed=committed,
        )

    def _masked_body(self, body: bytes, *, form: bool) -> bytes:
        """The body without secrets, then cut, so that a cut never hides the name of a secret from the pattern."""
        if any(hint in body for hint in _HINTS):
            body = _IN_JSON.sub(rb'\1***"', body)
            if form:
                body = _IN_FORM.sub(rb"\1***", body)
        return body[: self._max_body]


def _weight(exchange: Exchange) -> int:
    """What an exchange takes of the total: its bodies, and something for the rest."""
    return len(exchange.request_body) + len(exchange.response_body) + 1_000


def _masked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name: MASK if name.lower() in _SECRET_HEADERS else _IN_URL.sub(rf"\1{MASK}", value)
        for name, value in headers.items()
    }


def _masked_parameter(name: str, value: str) -> str:
    return MASK if _IN_URL.match(f"?{name}=") else value
