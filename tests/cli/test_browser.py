"""Connecting and disconnecting from the command line, with a person's browser in a thread of its own."""

import socket
import threading
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest

from ml_connector.work.sign_in.connecting import Connecting
from ml_connector.work.sign_in.links import Link
from terminal import CONNECTION, Run
from twins.http import Request
from world import World

UNSIGNED = "".join(
    line for line in CONNECTION.splitlines(keepends=True) if not line.startswith(("realm_id", "refresh_token"))
)


@pytest.fixture
def unsigned(run: Run, world: World, tmp_path: Path) -> World:
    """An installation with a connection nobody has signed in for."""
    world.quickbooks.switches.consent = "grant at once"
    path = tmp_path / "unsigned.toml"
    path.write_text(UNSIGNED)
    assert run("init").code == 0
    assert run("connection", "add", path).code == 0
    return world


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def browse(world: World, link: str) -> str:
    """What a person's browser does with a link; the text of the last page."""
    with httpx2.Client() as http:
        to_intuit = http.get(link)
        parts = urlsplit(to_intuit.headers["location"])
        back = world.quickbooks.handle(Request("GET", parts.netloc, parts.path, tuple(parse_qsl(parts.query))))
        last = http.get(back.headers["Location"])
        return http.get(f"{link.partition('/connect/')[0]}{last.headers['location']}").text


def test_a_connection_may_be_added_before_anybody_signed_in(run: Run, unsigned: World) -> None:
    shown = run("connection", "show", "demo", "--json")
    assert shown.json["state"] == "sign-in needed"
    assert "connection connect demo" in shown.json["reason"]
    assert run("connection", "ping").code == 3


@pytest.mark.parametrize("decision", ["grant at once", "deny at once"])
def test_connecting_from_a_laptop_waits_for_the_browser(
    run: Run, unsigned: World, monkeypatch: pytest.MonkeyPatch, decision: str
) -> None:
    unsigned.quickbooks.switches.consent = decision  # type: ignore[assignment]
    pages: list[str] = []
    real = Connecting.link

    def link(self: Connecting, *arguments: object) -> Link:
        made = real(self, *arguments)  # type: ignore[arg-type]

        def later() -> None:
            pages.append(browse(unsigned, made.address))

        threading.Timer(0.0, later).start()
        return made

    monkeypatch.setattr(Connecting, "link", link)
    # The link is out before the port is listened on, as it would be for a quick person; the socket's queue holds the browser.
    port = free_port()
    with pytest.MonkeyPatch.context() as patched:
        listening = socket.create_server(("127.0.0.1", port))
        patched.setattr(socket, "create_server", lambda *_args: listening)
        result = run("connection", "connect", "demo", "--listen", "--port", port, "--json")
    agreed = decision == "grant at once"
    assert (result.code, result.json["outcome"]) == ((0, "connected") if agreed else (3, "denied"))
    assert result.json["redirect_uri"] == f"http://localhost:{port}/connect/quickbooks/callback"
    assert "Waiting until somebody has connected" in result.err
    assert run("connection", "show", "demo", "--json").json["state"] == ("active" if agreed else "sign-in needed")
    assert run("connection", "ping", "demo").code == (0 if agreed else 3)
    if agreed:
        assert "QuickBooks is connected" in pages[0]


def test_the_link_leads_to_the_public_address(run: Run, unsigned: World, monkeypatch: pytest.MonkeyPatch) -> None:
    unsigned_app = run("connection", "connect", "demo")
    assert unsigned_app.code == 2
    assert "ML_CONNECTOR_PUBLIC_URL" in unsigned_app.err
    assert "--listen" in unsigned_app.err


def test_a_port_that_is_taken_is_named(run: Run, unsigned: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run("connection", "connect", "demo", "--listen", "--port", taken.getsockname()[1])
    assert result.code == 2
    assert "--port" in result.err


def test_disconnecting_gives_the_sign_in_back_keeps_the_rest_and_says_how_to_come_back(
    run: Run, connected: World
) -> None:
    assert run("connection", "ping").code == 0
    result = run("connection", "disconnect", "demo", "--json")
    assert result.code == 0
    assert result.json == {"name": "demo", "state": "paused", "at_intuit": "Intuit ended the sign-in"}
    assert "connection connect demo" in result.err
    shown = run("connection", "show", "demo", "--json").json
    assert shown["state"] == "paused"
    assert "quickbooks.refresh_token" not in shown["secrets"]
    assert run("connection", "ping").code == 3
    run("sync")
    assert run("connection", "show", "demo", "--json").json["state"] == "paused", (
        "a run does not undo what a person did"
    )


def test_a_run_with_nothing_to_ask_of_quickbooks_does_not_call_an_ended_sign_in_good(
    run: Run, connected: World
) -> None:
    connected.quickbooks.sign_in.disconnect(connected.realm_id)
    assert run("connection", "ping").code == 3
    assert run("connection", "show", "demo", "--json").json["state"] == "sign-in needed"
    run("sync", "--only", "intake")
    assert run("connection", "show", "demo", "--json").json["state"] == "sign-in needed"
