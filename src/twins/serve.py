"""Twins on loopback: a threaded HTTP/1.1 server around any service, for clients in other processes.

One thread per connection and one lock per server, since twins are single-minded state machines. It only listens on
127.0.0.1, speaks no TLS, and turns a lost answer into a closed connection.
"""

import socket
import ssl
import threading
from http.client import responses as reasons
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from types import TracebackType
from typing import Any, Self

from twins.http import LostAnswerError, Request, Response, Service

_BODY_LIMIT = 128 * 1024 * 1024  # keeps a client's mistake from filling the memory; the services' own limits lie below
_SEED_LIMIT = 2 * 1024 * 1024 * 1024  # a generated company of 100 000 documents passes through the control interface
_LINE_LIMIT = 65536


class _BadRequestError(Exception):
    """The bytes that came are no HTTP request this server understands; the argument is the status to answer."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


class _Handler(BaseHTTPRequestHandler):
    """Reads requests off one connection and writes the service's answers."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 120  # seconds a kept-alive connection may idle
    server: "_Listener"

    def handle_one_request(self) -> None:
        """Serve one request of any method; the caller repeats until the connection closes."""
        try:
            self._exchange()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def _exchange(self) -> None:
        self.raw_requestline = self.rfile.readline(_LINE_LIMIT + 1)
        if not self.raw_requestline:
            self.close_connection = True
            return
        if len(self.raw_requestline) > _LINE_LIMIT:
            self.requestline, self.request_version, self.command = "", "", ""
            self.send_error(414)
            return
        if not self.parse_request():
            return
        try:
            request = self._request(self._body())
        except _BadRequestError as bad:
            self.close_connection = True
            self._send(Response(bad.status))
            return
        try:
            with self.server.lock:
                answer = self.server.service.handle(request)
        except LostAnswerError:
            self.close_connection = True
            return
        if answer.delay:
            self.server.stopping.wait(answer.delay)
        self._send(answer)

    def _request(self, body: bytes) -> Request:
        merged: dict[str, str] = {}
        for name, value in self.headers.items():
            key = name.lower()
            merged[key] = f"{merged[key]}, {value}" if key in merged else value
        host = merged.get("host") or self.server.address
        target = self.path if self.path.startswith("/") else "/" + self.path.partition("://")[2].partition("/")[2]
        return Request.build(self.command, f"http://{host}{target}", merged.items(), body)

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        length = self.headers.get("Content-Length", "0").strip()
        if not (length.isascii() and length.isdigit()):
            raise _BadRequestError(400)
        return self._exactly(int(length))

    def _limit(self) -> int:
        """The largest body taken: more for a seed, which no page of a browser may send."""
        return _SEED_LIMIT if self.path.startswith("/_twin/") and "Origin" not in self.headers else _BODY_LIMIT

    def _exactly(self, length: int) -> bytes:
        if length > self._limit():
            raise _BadRequestError(413)
        data = self.rfile.read(length) if length else b""
        if len(data) < length:
            raise ConnectionResetError("the client went away in the middle of its request")
        return data

    def _chunks(self) -> bytes:
        body = bytearray()
        while True:
            line = self.rfile.readline(_LINE_LIMIT)
            try:
                size = int(line.partition(b";")[0].strip(), 16)
            except ValueError:
                raise _BadRequestError(400) from None
            if size < 0 or len(body) + size > self._limit():
                raise _BadRequestError(413)
            if size == 0:
                break
            body += self._exactly(size)
            self.rfile.readline(_LINE_LIMIT)
        while self.rfile.readline(_LINE_LIMIT).strip():
            pass
        return bytes(body)

    def _send(self, answer: Response) -> None:
        lines = [f"HTTP/1.1 {answer.status} {reasons.get(answer.status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in answer.headers.items() if name.lower() != "content-length"]
        lines.append(f"Content-Length: {len(answer.body)}")
        if self.close_connection:
            lines.append("Connection: close")
        head = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"
        body = b"" if self.command == "HEAD" else answer.body
        if answer.cut is not None and answer.cut < len(body):
            body, self.close_connection = body[: answer.cut], True
        self.wfile.write(head + body)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing: the recorder is the log."""


class _Listener(ThreadingTCPServer):
    """The listening socket, and the connections that came from it, so that all of them end with it."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, service: Service, port: int, lock: threading.RLock, tls: ssl.SSLContext | None) -> None:
        self.service = service
        self.lock = lock
        self._tls = tls
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)
        self.address = f"127.0.0.1:{self.server_address[1]}"

    def process_request(self, request: Any, client_address: Any) -> None:
        """Note the connection, then serve it in its own thread."""
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Serve the connection, encrypted if so wished; a client that can't agree on how is hung up on."""
        if self._tls is None:
            super().finish_request(request, client_address)
            return
        try:
            with self._tls.wrap_socket(request, server_side=True) as encrypted:
                with self._guard:
                    self._open.add(encrypted)  # in place of the plain one, which no longer has the connection
                super().finish_request(encrypted, client_address)
                with self._guard:
                    self._open.discard(encrypted)
        except ssl.SSLError:
            return

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection that ended."""
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End every open connection."""
        self.stopping.set()
        with self._guard:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # it ended by itself in the meantime


class TwinServer:
    """Serves one service on 127.0.0.1 from its own threads. Use as a context manager, or `close` it.

    Servers of one and the same service share a `lock`. With `tls` connections are encrypted; a certificate loaded into that
    context later is used for new connections, as when a vendor renews its own. Raises OSError when the port is taken.
    """

    def __init__(
        self,
        service: Service,
        *,
        port: int = 0,
        lock: "threading.RLock | None" = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._listener = _Listener(service, port, lock or threading.RLock(), tls)
        self.url = f"{'https' if tls else 'http'}://{self._listener.address}"
        self.lock = self._listener.lock
        """Held while a request is answered; hold it to look at the twin from another thread."""
        self._thread = threading.Thread(
            target=self._listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop listening and end all connections."""
        self._listener.shutdown()
        self._listener.hang_up()
        self._listener.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
