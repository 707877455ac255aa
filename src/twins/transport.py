"""Twins inside the client's own process: an HTTP transport that hands each request to a twin instead of a socket.

The client behaves as on the network: it gets the same answers, the same cut connections and the same time-outs, without
being able to tell whether the work behind a lost answer was done. No time is spent waiting.
"""

import threading
from collections.abc import Mapping

import httpx2

from twins.clock import Clock
from twins.http import LostAnswerError, Request, Response, Service


class TwinTransport(httpx2.BaseTransport):
    """Use as `httpx2.Client(transport=TwinTransport({"quickbooks.test": twin}, clock=clock))`.

    `services` maps host names, with or without port, to twins; a name below a mapped one (`downloads.basware.test`) belongs to
    it too. Any other host goes to `default`, and without one can't be reached (httpx2.ConnectError).
    """

    def __init__(self, services: Mapping[str, Service], *, clock: Clock, default: Service | None = None) -> None:
        self._services = dict(services)
        self._default = default
        self._clock = clock
        self._lock = threading.Lock()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Let a twin answer. Raises httpx2.ReadError for a lost answer, httpx2.ReadTimeout for one that takes too long."""
        body = request.read()
        service = self._service(request)
        with self._lock:
            answer = self._ask(service, request, body)
            patience = request.extensions.get("timeout", {}).get("read")
            if patience is not None and answer.delay > patience:
                self._pass(patience)
                raise httpx2.ReadTimeout("the read operation timed out", request=request)
            self._pass(answer.delay)
        content = b"" if request.method == "HEAD" else answer.body
        if answer.cut is not None and answer.cut < len(content):
            raise httpx2.RemoteProtocolError(
                f"the connection was cut after {answer.cut} of {len(content)} bytes of the answer", request=request
            )
        return httpx2.Response(answer.status, headers=dict(answer.headers), content=content, request=request)

    def _ask(self, service: Service, request: httpx2.Request, body: bytes) -> Response:
        try:
            return service.handle(Request.build(request.method, str(request.url), request.headers.items(), body))
        except LostAnswerError as lost:
            raise httpx2.ReadError("the connection was cut before an answer came", request=request) from lost

    def _pass(self, seconds: float) -> None:
        """Let a stopped clock feel the time the answer took; a running one goes its own way."""
        if seconds and not self._clock.running:
            self._clock.advance(seconds)

    def _service(self, request: httpx2.Request) -> Service:
        with_port, name = request.url.netloc.decode("ascii"), request.url.host
        for candidate in (with_port, name):
            if candidate in self._services:
                return self._services[candidate]
        for known, service in self._services.items():
            if name.endswith(f".{known}"):
                return service
        if self._default is None:
            raise httpx2.ConnectError(f"no twin answers for the host {with_port}", request=request)
        return self._default
