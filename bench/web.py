"""The web application on loopback, in a thread of this process, for tests that send to it what the vendors send."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import uvicorn

from ml_connector.app import App
from ml_connector.console.application import create_application


@contextmanager
def served(app: App) -> Iterator[str]:
    """Serve an installation while the block runs; the address. Whoever calls early waits in the socket's queue."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(
            create_application(app), http="httptools", ws="none", log_config=None, access_log=False, server_header=False
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def browser(app: App) -> Iterator[httpx2.Client]:
    """A client of an installation that is served while the block runs. It keeps cookies and follows nothing by itself."""
    with served(app) as url, httpx2.Client(base_url=url, trust_env=False) as client:
        yield client
