"""`ml-connector serve`: the web application, for webhooks and browsers, behind a proxy that speaks TLS."""

import errno
import gc
import logging
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from threading import Event, Thread
from typing import TYPE_CHECKING

from ml_connector.app import App
from ml_connector.cli.output import CommandError, ExitCode, say
from ml_connector.cli.session import opened, person
from ml_connector.work.engines.local import LocalEngine
from ml_connector.work.people.links import first_link, needs_first_person

if TYPE_CHECKING:
    import uvicorn

_BACKLOG = 2048
_GRACE = 15
_TURN = 0.0005
_COLLECTED = (10_000, 20, 10)
_MOST_CONNECTIONS = 2000
logger = logging.getLogger(__name__)


def serve(
    *, host: str = "127.0.0.1", port: int = 8080, forwarded_allow_ips: str = "127.0.0.1", work: bool = False
) -> int:
    """Receive webhooks, and serve the addresses a browser needs, until stopped with Ctrl-C or SIGTERM. See docs/webhooks.md.

    Speaks plain HTTP: put a proxy with TLS in front of it, and set ML_CONNECTOR_PUBLIC_URL to the proxy's address.

    Parameters
    ----------
    host
        The address to listen on.
    port
        The port; 0 takes a free one.
    forwarded_allow_ips
        Addresses of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed, separated by commas; * for any.
    work
        Do the jobs as well, as `ml-connector work` does.
    """
    with opened() as app, listen(host, port) as listening:
        serve_until_stopped(app, listening, forwarded_allow_ips=forwarded_allow_ips, work=work)
    return ExitCode.DONE


def serve_until_stopped(
    app: App,
    listening: socket.socket,
    *,
    forwarded_allow_ips: str = "127.0.0.1",
    work: bool = True,
    once_served: Callable[[], None] | None = None,
) -> None:
    """Serve an installation until Ctrl-C or SIGTERM, and do its jobs as well if `work`. Raises CommandError when those break.

    `once_served` is called, on a thread of its own, when the first request can be answered.
    """
    server = _server(app, forwarded_allow_ips)
    if once_served is not None:
        Thread(target=_call_once_served, args=(server, once_served), name="once served", daemon=True).start()
    with _working(app, server) if work else nullcontext():
        say(f"Listening on {shown(listening)}. Stop with Ctrl-C.")
        _welcome(app, shown(listening))
        _run(server, listening)
    say("Stopped. Everything that was answered is stored.")


def _call_once_served(server: "uvicorn.Server", act: Callable[[], None]) -> None:
    pause = Event()
    while not server.started:
        if server.should_exit:
            return
        pause.wait(0.1)
    act()


def _welcome(app: App, here: str) -> None:
    """While nobody has set the console up, the link to do so. It works once, for a day."""
    if needs_first_person(app.identity):
        link = first_link(app.identity, by=person())
        say(
            f"Nobody has set the console up yet. Open {app.public_url or here}{link.path} to be its first administrator."
        )


@contextmanager
def _working(app: App, server: "uvicorn.Server") -> Iterator[None]:
    """The local engine on a thread of its own; it ends at its next safe point when the server has stopped.

    An engine that is broken takes the server with it: one that goes on without doing any job would look well and do nothing.
    Raises CommandError then.
    """
    stop, broken = Event(), list[Exception]()

    def do_jobs() -> None:
        try:
            LocalEngine(app).run(stop)
        except Exception as error:
            logger.exception("the engine ended in a way nobody foresaw")
            broken.append(error)
            server.should_exit = True

    engine = Thread(target=do_jobs, name="engine")
    engine.start()
    try:
        yield
    finally:
        stop.set()
        engine.join()
    if broken:
        raise CommandError(
            f"The jobs ended with an unexpected error ({type(broken[0]).__name__}), so the server stopped too. What was answered "
            "is stored. Start it again; this is a defect of ml-connector: please report it with the log.",
            ExitCode.HELD_OR_FAILED,
        )


def listen(host: str, port: int) -> socket.socket:
    """Take an address to listen on. Raises CommandError, which says what to do."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except (OSError, OverflowError) as error:
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            advice = "another program listens there: stop it, or choose another with --port"
        elif isinstance(error, OSError) and error.errno == errno.EACCES:
            advice = "ports below 1024 need special rights: choose a higher one with --port"
        else:
            advice = f"{error}; choose others with --host and --port"
        raise CommandError(f"Port {port} of {host} cannot be used: {advice}.") from error


def shown(listening: socket.socket) -> str:
    """The address listened on, as a browser wants it."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _server(app: App, forwarded_allow_ips: str) -> "uvicorn.Server":
    # Half a second that no other command has to spend.
    import uvicorn  # noqa: PLC0415

    from ml_connector.console.application import create_application  # noqa: PLC0415

    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(name)s %(message)s")
    config = uvicorn.Config(
        create_application(app),
        loop="uvloop",
        http="httptools",
        ws="none",
        log_config=None,
        log_level=logging.WARNING,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=forwarded_allow_ips,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=_GRACE,
    )
    return uvicorn.Server(config)


def settle_process() -> None:
    """Make this process one that serves from now on."""
    # What the libraries loaded stays: collecting garbage need not look at it again and again. A page of a large company makes
    # thousands of objects that are gone with it: looking for circles among them ten times on the way only takes time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTED)
    # The thread that stores must not keep the one that answers waiting for its turn.
    sys.setswitchinterval(_TURN)


def _run(server: "uvicorn.Server", listening: socket.socket) -> None:
    """Serve until a signal comes; requests under way are finished first."""
    settle_process()
    # The server sends itself the signal again once it has stopped, which would end us before everything is given back.
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        server.run(sockets=[listening])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
