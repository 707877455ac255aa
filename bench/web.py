"""The web application on loopback, in a thread of this process, for tests that send to it what the vendors send."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import uvicorn

from ml_connector.app import App
from ml_connector.console.application import create_application


class _Prompt(uvicorn.Server):
    """Stops the moment it is asked to. Uvicorn's own server looks for that ten times a second and then waits a tenth for its
    connections, which hundreds of servers one after another add up to a minute."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._asked: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None

    def stop(self) -> None:
        """Ask it to, from another thread."""
        self.should_exit = True
        if self._asked is not None:
            loop, event = self._asked
            loop.call_soon_threadsafe(event.set)

    async def main_loop(self) -> None:
        """Serve until it is asked to stop."""
        event = asyncio.Event()
        self._asked = asyncio.get_running_loop(), event
        if not await self.on_tick(0):
            await event.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take nothing more, finish what was begun, then end the application."""
        for server in self.servers:
            server.close()
        for one in sockets or []:
            one.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await asyncio.sleep(0.001)  # idle connections close
        await self._wait_tasks_to_complete()
        await self.lifespan.shutdown()


@contextmanager
def served(app: App) -> Iterator[str]:
    """Serve an installation while the block runs; the address. Whoever calls early waits in the socket's queue."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(
            create_application(app), http="httptools", ws="none", log_config=None, access_log=False, server_header=False
        )
        server = _Prompt(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.stop()
            thread.join()


@contextmanager
def browser(app: App) -> Iterator[httpx2.Client]:
    """A client of an installation that is served while the block runs. It keeps cookies and follows nothing by itself."""
    with served(app) as url, httpx2.Client(base_url=url, trust_env=False) as client:
        yield client
