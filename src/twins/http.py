"""What a twin sees of the network: a request in, a response out. No sockets here; `serve.py` and `transport.py` carry these."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Request:
    """One HTTP request. Header names are lower-case; `query` keeps order and repeats, already percent-decoded."""

    method: str
    host: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @classmethod
    def build(cls, method: str, url: str, headers: Iterable[tuple[str, str]], body: bytes) -> "Request":
        """A request from an absolute URL and raw headers."""
        parts = urlsplit(url)
        return cls(
            method=method.upper(),
            host=parts.netloc,
            path=parts.path or "/",
            query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in headers},
            body=body,
        )

    def parameter(self, name: str, default: str = "") -> str:
        """The first value of a query parameter, its name compared without case."""
        return next((value for key, value in self.query if key.lower() == name.lower()), default)


@dataclass(frozen=True)
class Response:
    """One HTTP response. `delay` is how long the service takes, in seconds of the twin's clock.

    `cut` is how many bytes of the body arrive before the connection breaks off; None: all, as it should be.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0.0
    cut: int | None = None


class LostAnswerError(Exception):
    """The request reached the service, but no answer ever comes back: the connection is cut.

    `committed` tells whether the service did the work before the cut.
    """

    def __init__(self, *, committed: bool) -> None:
        super().__init__(f"the connection was cut {'after' if committed else 'before'} the service did its work")
        self.committed = committed


class Service(Protocol):
    """A synchronous state machine that answers HTTP requests."""

    def handle(self, request: Request) -> Response:
        """Answer one request. Raises LostAnswerError when a fault cuts the connection."""
        ...
