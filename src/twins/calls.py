"""A call that a twin makes to somebody else's address, and the one way in which it can go wrong. No sockets here."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from twins.http import Request, Response


@dataclass(frozen=True)
class OutgoingRequest(Request):
    """A request a twin makes. `url` is the whole address, `patience` how many seconds an answer may take."""

    url: str = ""
    patience: float = 3.0

    @classmethod
    def to(cls, url: str, headers: Iterable[tuple[str, str]], body: bytes, patience: float) -> "OutgoingRequest":
        """A POST to an absolute URL."""
        plain = Request.build("POST", url, headers, body)
        return cls(**{name: getattr(plain, name) for name in Request.__dataclass_fields__}, url=url, patience=patience)


class UnreachableError(Exception):
    """Nobody answered at the address: no connection, a cut one, or no answer within the patience."""


Send = Callable[[OutgoingRequest], Response]
"""Makes one call. Raises UnreachableError when no answer comes."""


def attempt(send: Send, request: OutgoingRequest) -> Response | UnreachableError:
    """Make one call; that nobody answers is an outcome, too."""
    try:
        return send(request)
    except UnreachableError as error:
        return error


def is_address(url: str) -> bool:
    """Whether a text is an absolute address that can be called."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and port != 0 and not re.search(r"\s", url)
