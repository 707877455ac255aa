"""`ml-connector connection connect` and `disconnect`: a person's way through the browser, seen from the command line."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ml_connector.app import App
from ml_connector.cli.options import Json
from ml_connector.cli.output import CommandError, ExitCode, print_json, say
from ml_connector.cli.session import opened, person
from ml_connector.work.sign_in.links import Link
from ml_connector.work.sign_in.outcomes import WORDS, Outcome

_LOOK = 0.5
"""Seconds between two looks at whether the person is done."""


def connect(name: str = "", *, listen: bool = False, port: int = 8765, json: Json = False) -> int:
    """Print the link with which an administrator of the company connects QuickBooks in a browser.

    Parameters
    ----------
    name
        The connection; may be left out when there is only one.
    listen
        Serve the way back from Intuit on this machine until it is done, where no `ml-connector serve` runs.
    port
        The port to listen on. http://localhost:PORT/connect/quickbooks/callback must be a redirect URI of the app.
    """
    with opened() as app:
        if listen:
            return _connect_here(app, name, port, json=json)
        if not app.public_url:
            raise CommandError(
                "No browser can come back: ML_CONNECTOR_PUBLIC_URL is not set. Set it to where `ml-connector serve` is reached, "
                "such as https://connector.example.com, or use --listen to connect from a browser on this machine."
            )
        link = app.connecting().link(app.connection(name), app.public_url, person())
    _explain(link)
    if json:
        print_json(_shape(link))
    else:
        print(link.address)  # noqa: T201 - the link is the command's data, to be copied whole
    return ExitCode.DONE


def _connect_here(app: App, name: str, port: int, *, json: bool) -> int:
    app.public_url = f"http://localhost:{port}"
    connecting = app.connecting()
    link = connecting.link(app.connection(name), app.public_url, person())
    with _served(app, port):
        _explain(link)
        say(f"Open in a browser on this machine: {link.address}")
        say("Waiting until somebody has connected. Ctrl-C stops; nothing is changed then.")
        idle = threading.Event()
        while (outcome := connecting.outcome_of(link.ticket)) is None:
            idle.wait(_LOOK)
        idle.wait(_LOOK)  # the browser still fetches the page that tells its person
    words = WORDS[outcome]
    say(f"{words.title}. {words.happened}" + ("" if outcome is Outcome.CONNECTED else f" {words.next}"))
    if json:
        print_json(_shape(link) | {"outcome": outcome.value})
    if outcome is Outcome.CONNECTED:
        return ExitCode.DONE
    return ExitCode.TRY_LATER if outcome is Outcome.TRY_LATER else ExitCode.SIGN_IN_NEEDED


def _explain(link: Link) -> None:
    say(
        f"The link works once, until {link.expires_at:%H:%M} UTC. "
        f"Redirect URI, as it must stand in Intuit's portal: {link.redirect_uri}"
    )


def _shape(link: Link) -> dict[str, Any]:
    return {"link": link.address, "redirect_uri": link.redirect_uri, "expires_at": link.expires_at}


@contextmanager
def _served(app: App, port: int) -> Iterator[None]:
    """The pages of connecting on loopback, for as long as the block runs. Raises CommandError when the port is taken."""
    import socket  # noqa: PLC0415 - the web server is slow to load, and no other command needs it

    import uvicorn  # noqa: PLC0415
    from fastapi import FastAPI  # noqa: PLC0415

    from ml_connector.console.connect import router  # noqa: PLC0415

    pages = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    pages.include_router(router(app))
    try:
        listener = socket.create_server(("127.0.0.1", port))
    except OSError as error:
        raise CommandError(f"Port {port} cannot be listened on: {error.strerror}. Name another with --port.") from error
    server = uvicorn.Server(uvicorn.Config(pages, access_log=False, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def disconnect(name: str, *, json: Json = False) -> int:
    """Give a connection's sign-in back to Intuit and let it rest. What is queued is kept.

    Parameters
    ----------
    name
        The connection.
    """
    with opened() as app:
        row = app.connection(name)
        told = app.connecting().disconnect(row, person())
    say(
        f"{row.name} is disconnected from QuickBooks: {told}. What waits is kept. "
        f"To go on: ml-connector connection connect {row.name}"
    )
    if json:
        print_json({"name": row.name, "state": "paused", "at_intuit": told})
    return ExitCode.DONE
