"""A small HTTP receiver on loopback that keeps what it is sent, for tests of messages to people."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass
class Receiver:
    """What came, by title; `status` is what it answers from now on."""

    url: str = ""
    status: int = 200
    location: str = ""
    taken: list[dict[str, Any]] = field(default_factory=list)
    calls: int = 0

    @property
    def address(self) -> str:
        """Its address as apprise writes it."""
        return self.url.replace("http://", "json://")

    @property
    def titles(self) -> list[str]:
        """The titles of what it took, in order."""
        return [one["title"] for one in self.taken]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens while the block runs."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            receiver.calls += 1
            if receiver.status == 200:
                receiver.taken.append(json.loads(body))
            self.send_response(receiver.status)
            if receiver.location:
                self.send_header("Location", receiver.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
