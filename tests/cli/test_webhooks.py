"""Webhooks at the command line: what is printed, what is stored, exit codes; and the server as a person starts and stops it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import httpx2
import pytest

from ml_connector.quickbooks.webhooks import signature
from ml_connector.work.engines.local import LocalEngine
from terminal import Run
from twins.http import Response
from twins.outgoing import OutgoingRequest, UnreachableError
from web import served
from world import World

VERIFIER = "verifier-of-the-demo-app"
BODY = (
    b'[{"id":"e1","type":"qbo.bill.updated.v1","intuitentityid":"145","intuitaccountid":"9341453900126010"},'
    b'{"id":"e2","type":"qbo.vendor.created.v1","intuitentityid":"9","intuitaccountid":"9341453900126010"}]'
)


class ServedFromElsewhere:
    """Basware's way to us: the twin asks for the public address, and reaches the server of this test."""

    def __init__(self) -> None:
        self.url = ""

    def __call__(self, request: OutgoingRequest) -> Response:
        if not self.url:
            raise UnreachableError("nobody there")
        address = request.url.replace("https://connector.test", self.url)
        answer = httpx2.post(address, content=request.body, headers=dict(request.headers))
        return Response(answer.status_code, {}, answer.content)


@pytest.fixture
def public(connected: World, run: Run, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The installation's own server, behind an address that is encrypted; its real one."""
    from ml_connector.app import App, Settings

    way = ServedFromElsewhere()
    connected.basware.connect(way)
    monkeypatch.setenv("ML_CONNECTOR_PUBLIC_URL", "https://connector.test")
    app = App.open(Settings())
    with served(app) as url:
        way.url = url
        yield url
    app.close()


def _post(url: str, body: bytes = BODY, token: str = VERIFIER) -> int:
    headers = {"intuit-signature": signature(body, token)}
    return httpx2.post(f"{url}/webhooks/quickbooks", content=body, headers=headers).status_code


@pytest.mark.usefixtures("public")
def test_subscribing_prints_what_is_there_now_and_the_steps_for_quickbooks(run: Run) -> None:
    result = run("webhooks", "subscribe")

    assert result.code == 0
    assert "WaitingForTransfer" in result.out
    assert "https://connector.test/webhooks/quickbooks" in result.out
    assert "developer.intuit.com" in result.out


@pytest.mark.usefixtures("public")
def test_the_list_as_json_has_both_sides_and_no_token(run: Run) -> None:
    assert run("webhooks", "list").code == 1  # nothing is subscribed yet
    run("webhooks", "subscribe")
    result = run("webhooks", "list", "--json")

    assert result.code == 0
    assert {line["state"] for line in result.json["basware"]} == {"good"}
    assert result.json["quickbooks"]["verifier"] is False
    assert "token" not in str(result.json["basware"])


def test_without_a_public_address_it_says_which_variable_to_set(run: Run, connected: World) -> None:
    result = run("webhooks", "subscribe")

    assert result.code == 2
    assert "ML_CONNECTOR_PUBLIC_URL" in result.err


def test_a_server_that_basware_cannot_reach_is_told_as_a_refusal(run: Run, connected: World) -> None:
    connected.basware.connect(ServedFromElsewhere())
    result = run("webhooks", "subscribe", "--url", "https://connector.test")

    assert result.code == 1
    assert "connection test" in result.err
    assert "developer.intuit.com" in result.out  # QuickBooks' part can be done all the same
    told = run("webhooks", "subscribe", "--url", "https://connector.test", "--json")
    assert (told.code, told.json["basware"]) == (1, None)
    assert told.json["quickbooks"]["steps"]


@pytest.mark.usefixtures("public")
def test_a_change_of_token_that_basware_refused_is_told_with_how_to_finish_it(run: Run, connected: World) -> None:
    run("webhooks", "subscribe")
    connected.basware.connect(ServedFromElsewhere())
    assert run("webhooks", "subscribe", "--new-token").code == 1

    listed = run("webhooks", "list")
    assert listed.code == 0
    assert "former token" in listed.out
    assert "webhooks subscribe --new-token" in listed.err


@pytest.mark.usefixtures("public")
def test_removing_leaves_nothing_of_ours(run: Run) -> None:
    run("webhooks", "subscribe")
    result = run("webhooks", "remove", "--json")

    assert (result.code, result.json) == (0, {"left": [], "others": [], "connections": []})
    assert {line["state"] for line in run("webhooks", "list", "--json").json["basware"]} == {"missing"}


def test_a_verifier_token_comes_from_standard_input_a_file_or_the_environment_and_is_not_shown(
    run: Run, connected: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "verifier").write_text("from a file\n")
    monkeypatch.setenv("VERIFIER", "from the environment")
    results = [
        run("webhooks", "verifier", stdin="from standard input\n"),
        run("webhooks", "verifier", "--file", tmp_path / "verifier"),
        run("webhooks", "verifier", "--env", "VERIFIER", "--json"),
    ]

    assert [result.code for result in results] == [0, 0, 0]
    assert results[2].json == ["demo"]
    assert not [result for result in results if "from" in result.out + result.err]
    assert run("webhooks", "verifier", stdin="").code == 2
    assert run("webhooks", "verifier", "--env", "NOT_SET").code == 2
    assert run("webhooks", "verifier", "--file", tmp_path / "none").code == 2
    dropped = run("webhooks", "verifier", "--drop-old", "--json")
    assert dropped.json == ["demo"]
    assert run("webhooks", "verifier", "--drop-old", "--json").json == []


def test_what_came_is_listed_searched_shown_and_replayed(run: Run, public: str) -> None:
    run("webhooks", "verifier", stdin=VERIFIER)
    assert _post(public) == 200
    (line,) = run("webhooks", "deliveries", "--json").json
    assert (line["system"], line["outcome"], line["events"], line["notices"]) == (
        "quickbooks",
        "stored",
        2,
        {"waiting": 2},
    )

    found = (
        ("--entity", "Bill"),
        ("--id", "9"),
        ("--connection", "demo"),
        ("--since", "2026-01-01"),
        ("--outcome", "stored"),
    )
    missed = (
        ("--entity", "Class"),
        ("--id", "8"),
        ("--system", "basware"),
        ("--until", "2026-01-01"),
        ("--outcome", "test"),
    )
    assert [len(run("webhooks", "deliveries", *words, "--json").json) for words in found] == [1] * 5
    assert [len(run("webhooks", "deliveries", *words, "--json").json) for words in missed] == [0] * 5

    shown = run("webhooks", "delivery", str(line["id"]))
    assert "Vendor" in shown.out
    assert "9341453900126010" not in shown.out
    assert BODY.decode() in run("webhooks", "delivery", str(line["id"]), "--body").out
    view = run("webhooks", "delivery", str(line["id"]), "--json").json
    assert [notice["entity"] for notice in view["notices"]] == ["Bill", "Vendor"]
    assert run("webhooks", "delivery", str(line["id"]), "--connection", "demo", "--json").json == view
    assert run("webhooks", "delivery", str(line["id"]), "--connection", "demo", "--body").code == 2
    assert run("webhooks", "replay", str(line["id"]), "--json").json == {
        "deliveries": 1,
        "waiting": 2,
        "still_unknown": 0,
    }
    assert run("webhooks", "replay", "--since", "2026-01-01", "--json").json["waiting"] == 2


def test_a_delivery_that_is_not_there_and_a_question_without_answer_are_told(run: Run, connected: World) -> None:
    assert run("webhooks", "delivery", "99").code == 2
    assert run("webhooks", "replay", "99").code == 2
    assert run("webhooks", "replay").code == 2
    assert run("webhooks", "replay", "1", "--since", "2026-01-01").code == 2
    assert "2026-11-28" in run("webhooks", "deliveries", "--since", "yesterday").err


# The server as a process


@pytest.fixture
def installed(run: Run, home: Path) -> dict[str, str]:
    """An installation of its own; the environment that leads to it."""
    assert run("init").code == 0
    return {**os.environ, "ML_CONNECTOR_HOME": str(home)}


def _serve(environment: dict[str, str], *words: str) -> subprocess.Popen[str]:
    program = "from ml_connector.cli.main import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", program, "serve", *words], stderr=subprocess.PIPE, text=True, env=environment
    )


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_the_server_says_where_it_listens_and_stops_when_asked(installed: dict[str, str], how: signal.Signals) -> None:
    with _serve(installed, "--port", "0") as server:
        assert server.stderr is not None
        first = server.stderr.readline()
        url = first.split("Listening on ")[1].split(". ")[0]
        assert httpx2.get(f"{url}/healthz?code=hidden").json() == {"status": "ok"}
        assert httpx2.get(f"{url}/readyz").json() == {"status": "ready"}
        server.send_signal(how)
        said = server.stderr.read()

    assert server.returncode == 0
    assert "GET /healthz 200" in said
    assert "hidden" not in said
    assert "Stopped." in said


def test_a_server_whose_jobs_ended_with_a_defect_stops_and_says_so(
    run: Run, installed: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Left running it would look well and post nothing."""

    def broken(_engine: LocalEngine, _stop: Event) -> None:
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(LocalEngine, "run", broken)

    result = run("serve", "--port", "0", "--work")

    assert result.code == 1
    assert "The jobs ended with an unexpected error (RuntimeError)" in result.err


def test_a_port_that_is_taken_is_told_with_what_to_do(run: Run, installed: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("serve", "--port", str(port))

    assert result.code == 2
    assert f"Port {port} of 127.0.0.1 cannot be used: another program listens there" in result.err


def test_what_was_answered_with_200_is_there_after_a_kill(installed: dict[str, str], run: Run, home: Path) -> None:
    from ml_connector.app import App, Settings
    from ml_connector.work.settings import BaswareSettings, ConnectionFile, ConnectionSettings

    app = App.open(Settings())
    given = {"quickbooks.realm_id": "9341453900126010", "quickbooks.webhook_token": VERIFIER}
    settings = ConnectionSettings(basware=BaswareSettings(company_codes=("US10",)))
    app.add_connection(ConnectionFile(name="demo", settings=settings, secrets=dict(given)), given)
    app.close()
    with _serve(installed, "--port", "0") as server:
        assert server.stderr is not None
        url = server.stderr.readline().split("Listening on ")[1].split(". ")[0]
        statuses = [_post(url, BODY.replace(b'"e1"', b'"x%d"' % number)) for number in range(20)]
        server.kill()

    assert statuses == [200] * 20
    assert len(run("webhooks", "deliveries", "--json").json) == 20
