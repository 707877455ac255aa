"""Pre-signed download addresses: large pages and attachments are fetched from another host, without signing in.

Source: Basware P2P specification, notes of GET accountingDocuments (follow the redirect without Authorization, with Host) and
of attachments (the address is valid for 15 minutes). Refusals look like those of the object store behind it.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from twins.basware.answers import Call
from twins.basware.state import World
from twins.basware.values import new_uuid
from twins.http import Request, Response

PREFIX = "/download/"
_LOOPBACK = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}


@dataclass(frozen=True)
class _Waiting:
    """An answer that waits to be fetched."""

    answer: Response
    expires: datetime


class Downloads:
    """The answers that wait at a download address."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._waiting: dict[str, _Waiting] = {}

    def redirect(self, call: Call, answer: Response, headers: dict[str, str] | None = None) -> Response:
        """A 302 to an address where `answer` can be fetched."""
        self._waiting = {key: waiting for key, waiting in self._waiting.items() if waiting.expires > call.now}
        seconds = self._world.switches.download_seconds
        path = PREFIX + new_uuid(self._world.source)
        self._waiting[path] = _Waiting(answer, call.now + timedelta(seconds=seconds))
        scheme, host = self._address(call.request.host)
        query = f"X-Amz-Expires={seconds:g}&X-Amz-Signature={self._signature(host, path)}"
        return Response(302, {**(headers or {}), "Location": f"{scheme}://{host}{path}?{query}"})

    def fetch(self, request: Request) -> Response:
        """Answer a request to a download address."""
        if "authorization" in request.headers:
            return _refused(400, "InvalidArgument", "Only one auth mechanism allowed; do not send Authorization")
        signature = request.parameter("X-Amz-Signature")
        if not hmac.compare_digest(signature.encode(), self._signature(request.host, request.path).encode()):
            return _refused(403, "SignatureDoesNotMatch", "The signature does not match this host and address")
        waiting = self._waiting.get(request.path)
        if waiting is None or waiting.expires <= self._world.clock.now():
            return _refused(403, "AccessDenied", "Request has expired")
        return waiting.answer

    def _address(self, host: str) -> tuple[str, str]:
        """Scheme and host of download addresses: never the host that was asked."""
        name, colon, port = host.partition(":")
        scheme = "http" if name in _LOOPBACK else "https"
        if self._world.switches.download_host:
            return scheme, self._world.switches.download_host
        return scheme, f"{_LOOPBACK[name]}{colon}{port}" if name in _LOOPBACK else f"downloads.{host}"

    def _signature(self, host: str, path: str) -> str:
        return hmac.new(self._world.secret, f"{host}{path}".encode(), hashlib.sha256).hexdigest()


def _refused(status: int, code: str, message: str) -> Response:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Response(status, {"Content-Type": "application/xml"}, body.encode())
