"""Around every request: the headers a browser needs to be told, a line in the log without secrets, and errors that show nothing.

Pure ASGI, so that it also sees what the framework answers by itself. It knows no route.
"""

import logging
import re
import time
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_access = logging.getLogger("ml_connector.access")
_errors = logging.getLogger("ml_connector.errors")

_HEADERS = (
    (b"cache-control", b"no-cache, no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)
"""Sent with every answer that does not say otherwise itself. Nothing is cached: whatever is shown belongs to one customer."""

_TICKET = re.compile(r"(/connect/quickbooks/(?!callback$)|/welcome/).+")
"""A link to connect, or to choose a password, is good for whoever has it, until it is used."""
_ENCRYPTED_ONLY = (b"strict-transport-security", b"max-age=31536000")
_FAILED = b'{"error":"internal error","what_to_do":"Try again. If it stays, look at the log of ml-connector serve."}'
_API = "/api/v1/"
_FAILED_API = (
    b'{"type":"/errors/api/failed","code":"failed","title":"Something failed here","status":500,'
    b'"detail":"This is a defect of ml-connector.","what_to_do":"Try again with the same Idempotency-Key. If it stays, '
    b'look at the log of ml-connector serve."}'
)


class Guard:
    """Wraps an application. `encrypted`: browsers reach it over TLS, whatever a proxy tells of each request."""

    def __init__(self, application: Application, *, encrypted: bool = False) -> None:
        self._application, self._encrypted = application, encrypted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or pass on what is none."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        started, status, logged = time.perf_counter(), 0, False

        def log() -> None:
            nonlocal logged
            logged = True
            milliseconds = (time.perf_counter() - started) * 1000
            _access.info(
                "%s %s %s %s %.1f ms", _client(scope), scope["method"], _path(scope), status or "-", milliseconds
            )

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": _with_our_headers(scope, message.get("headers", ()), self._encrypted)}
                log()  # before the first byte leaves, so that whoever has the answer finds it in the log
            await send(message)

        try:
            await self._application(scope, receive, sending)
        except Exception as error:  # noqa: BLE001 - the last place before the network: nothing of it may be shown there
            _errors.error("%s %s failed: %s", scope["method"], _path(scope), _where(error))
            if not status:
                status = 500
                log()
                await _answer_failed(scope, send, *_failed(scope), self._encrypted)
        finally:
            if not logged:
                log()


def _with_our_headers(scope: Scope, given: Any, encrypted: bool) -> list[tuple[bytes, bytes]]:
    headers = list(given)
    named = {name.lower() for name, _ in headers}
    ours = (*_HEADERS, _ENCRYPTED_ONLY) if encrypted or scope.get("scheme") == "https" else _HEADERS
    return headers + [header for header in ours if header[0] not in named]


def _failed(scope: Scope) -> tuple[bytes, bytes]:
    """What is answered, and its type: programs that use the API get the one shape it has for errors."""
    return (_FAILED_API, b"application/problem+json") if _API in str(scope["path"]) else (_FAILED, b"application/json")


async def _answer_failed(scope: Scope, send: Send, body: bytes, kind: bytes, encrypted: bool) -> None:
    headers = _with_our_headers(scope, [(b"content-type", kind), (b"content-length", b"%d" % len(body))], encrypted)
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _path(scope: Scope) -> str:
    """The path without its query, which may hold codes and tokens; what could break a line of the log is escaped."""
    path = str(scope["path"]).encode("unicode_escape").decode("ascii")[:300]
    return _TICKET.sub(r"\1(link)", path)


def _client(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else "-"


def _where(error: BaseException) -> str:
    """The kind of an error and where it happened. Its words are left out: they may quote what was sent."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    return f"{type(error).__name__} at " + " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(frames))
