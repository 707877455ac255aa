"""Carries what twins send on their own over real HTTP, from a thread beside the servers.

A call is made without the server's lock, since whoever receives it may well call the twin back before it answers.
"""

import threading
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Self

import httpx2

from twins.http import Response
from twins.outgoing import Outbox, OutgoingRequest, Send, UnreachableError, attempt


class HttpSender:
    """A `Send` over the network. It follows no redirects: an answer that sends elsewhere is no acknowledgement."""

    def __init__(self) -> None:
        self._client = httpx2.Client(follow_redirects=False, trust_env=False)

    def __call__(self, request: OutgoingRequest) -> Response:
        """Make one call. `delay` of the answer is how long it took. Raises UnreachableError."""
        try:
            answer = self._client.request(
                request.method,
                request.url,
                headers=dict(request.headers),
                content=request.body,
                timeout=request.patience,
            )
        except (httpx2.RequestError, httpx2.InvalidURL, UnicodeError) as error:
            raise UnreachableError(f"{type(error).__name__}: {error}") from error
        return Response(answer.status_code, dict(answer.headers), answer.content, answer.elapsed.total_seconds())

    def close(self) -> None:
        """End kept connections."""
        self._client.close()


class Postman:
    """Makes the calls that are due in an outbox, every so many seconds of real time, until it is closed.

    `lock` guards the twin the outbox belongs to: it is held to collect and to record, never while a call is made.
    """

    def __init__(self, outbox: Outbox, send: Send, lock: AbstractContextManager[Any], *, every: float = 0.05) -> None:
        self._outbox = outbox
        self._send = send
        self._lock = lock
        self._every = every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._go_round, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop after the call under way, if there is one."""
        self._stop.set()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _go_round(self) -> None:
        while not self._stop.wait(self._every):
            with self._lock:
                batch = self._outbox.collect()
            for delivery, request in batch:
                if self._stop.is_set():
                    with self._lock:
                        self._outbox.release(delivery)
                    continue
                answer = attempt(self._send, request)
                with self._lock:
                    self._outbox.record(delivery, answer)
