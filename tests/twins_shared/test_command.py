"""`python -m twins` as a process of its own."""

import base64
import json
import signal
import subprocess
import sys
import urllib.request

import pytest

from twins import demo_company
from twins.__main__ import main


def fetch(url, authorization=""):
    request = urllib.request.Request(url, headers={"Authorization": authorization} if authorization else {})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


@pytest.fixture
def started():
    """Starts `python -m twins serve` and returns the process and its first line."""
    running = []

    def start(*options):
        command = [sys.executable, "-m", "twins", "serve", *options]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        running.append(process)
        return process, json.loads(process.stdout.readline())

    yield start
    for process in running:
        process.terminate()
        process.communicate(timeout=30)


def test_the_demo_company_is_served_until_standard_input_closes(started, capsys):
    process, ready = started("--until-stdin-closes")
    basware, quickbooks = ready["basware"], ready["quickbooks"]
    [tenant] = basware["companies"]
    word = base64.b64encode(f"{tenant['user']}:{tenant['password']}".encode()).decode()
    companies = fetch(f"{basware['url']}/v1/companies", f"Basic {word}")["companies"]
    assert [item["companyCode"] for item in companies] == [demo_company.setup()["company_code"]]
    assert fetch(f"{quickbooks['url']}/_twin/check") == []
    assert main(["books", "--url", basware["url"]]) == 0
    waiting = json.loads(capsys.readouterr().out)["accountingDocuments"]
    assert len(waiting) == len(demo_company.basware_seed()["accountingDocuments"])
    out, _ = process.communicate(timeout=30)
    assert (out, process.returncode) == ("", 0)


def test_a_generated_company_is_served_until_terminated_and_time_starts_where_told(started):
    process, ready = started("--generate", "25", "--seed", "3", "--now", "2026-11-20T12:00:00+00:00")
    url = ready["basware"]["url"]
    assert len(fetch(f"{url}/_twin/books")["accountingDocuments"]) == 25
    assert fetch(f"{url}/_twin/clock")["now"].startswith("2026-11-20T12:")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 0


def test_companies_come_from_a_file_or_not_at_all(started, tmp_path):
    file = tmp_path / "company.json"
    tenant = {
        "client_id": "c",
        "client_secret": "s",
        "user": "u",
        "password": "p",
        "bwcid": "b",
        "scopes": [],
        "companies": [],
    }
    file.write_text(json.dumps({"basware": tenant, "quickbooks": _as_json(demo_company.quickbooks_seed())}))
    _, ready = started("--company", str(file))
    assert [item["client_id"] for item in ready["basware"]["companies"]] == ["c"]
    _, empty = started("--company", "none")
    assert (empty["basware"]["companies"], empty["quickbooks"]["companies"]) == ([], [])


def _as_json(seed):
    """Through text and back, with amounts as plain numbers."""
    return json.loads(json.dumps(seed, default=float))


def test_a_clock_without_a_time_zone_is_refused(capsys):
    assert main(["serve", "--now", "2026-11-20T12:00:00"]) == 2
    assert "time zone" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["", "serve", "act", "faults add"])
def test_ml_connector_offers_the_same_commands_with_their_help(command):
    handed_on = "import sys; from ml_connector.cli.main import main; sys.argv[0] = 'ml-connector'; main()"
    words = [*command.split(), "--help"]
    own = _entered(sys.executable, "-m", "twins", *words)
    other = _entered(sys.executable, "-c", handed_on, "twins", *words)
    assert (own.returncode, other.returncode) == (0, 0), other.stderr
    assert other.stdout.startswith(f"Usage: ml-connector twins {command}".rstrip())
    assert _plain(own.stdout) == _plain(other.stdout)


def test_ml_connector_hands_on_arguments_and_exit_codes(started, tmp_path):
    _, ready = started("--company", "none")
    handed_on = "import sys; from ml_connector.cli.main import main; sys.argv[0] = 'ml-connector'; main()"
    url = ready["quickbooks"]["url"]
    ended = _entered(sys.executable, "-c", handed_on, "twins", "clock", "show", "--url", url, "--json")
    assert json.loads(ended.stdout)["running"] is True
    refused = _entered(sys.executable, "-c", handed_on, "twins", "books", "--url", url, "--company", "x")
    assert (refused.returncode, "no company" in refused.stderr) == (2, True)
    process, _ = started("--company", "none", "--state", str(tmp_path / "state"))
    process.terminate()
    process.communicate(timeout=30)
    assert (process.returncode, (tmp_path / "state").exists()) == (0, True)


def _entered(*words):
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)


def _plain(text):
    """Help without the program's name, however it is wrapped."""
    return " ".join(text.split()).replace("ml-connector twins", "twins").replace("python -m twins", "twins")


def test_a_story_goes_on_in_another_process(started, tmp_path):
    state = tmp_path / "state"
    options = ("--state", str(state), "--now", "2026-11-20T12:00:00Z")
    first, ready = started(*options)
    name = {"action": "rename", "details": {"entity": "Vendor", "id": "101", "name": "Renamed"}}
    send(f"{ready['quickbooks']['url']}/_twin/act", name)
    send(f"{ready['quickbooks']['url']}/_twin/clock", {"stop": True})
    send(f"{ready['quickbooks']['url']}/_twin/clock", {"set": "2027-01-01T00:00:00Z"})
    first.terminate()
    first.communicate(timeout=30)
    _, again = started(*options)
    assert again["quickbooks"]["companies"] == ready["quickbooks"]["companies"]
    url = again["quickbooks"]["url"]
    assert fetch(f"{url}/_twin/record?kind=Vendor&id=101")["DisplayName"] == "Renamed"
    assert fetch(f"{url}/_twin/clock")["now"] == "2027-01-01T00:00:00Z"
    assert fetch(f"{url}/_twin/check") == []


def test_a_state_file_that_cannot_be_read_ends_the_start_with_two(tmp_path, capsys):
    state = tmp_path / "state"
    state.write_text("something else")
    assert main(["serve", "--state", str(state)]) == 2
    assert "not a state file" in capsys.readouterr().err
    assert state.read_text() == "something else"


def test_a_company_or_a_port_that_cannot_be_had_ends_the_start_with_two(started, tmp_path, capsys):
    _, ready = started("--company", "none")
    port = ready["page"]["url"].rpartition(":")[2]
    assert main(["serve", "--company", "none", "--page-port", port]) == 2
    assert "Choose another port" in capsys.readouterr().err
    file = tmp_path / "company.json"
    file.write_text('{"quickbooks": {"realm_id": "1"}}')
    assert main(["serve", "--company", str(file)]) == 2
    assert "lacks client_id" in capsys.readouterr().err
    assert main(["serve", "--company", "/no/such/file"]) == 2


def test_the_addresses_are_left_for_other_commands_and_taken_away_at_the_end(started, tmp_path, monkeypatch, capsys):
    left = tmp_path / "twins.json"
    monkeypatch.setenv("TWINS", str(left))
    process, ready = started("--regions")
    assert len(ready["basware"]["regions"]) == 8
    assert left.stat().st_mode & 0o777 == 0o600
    assert "secret" not in left.read_text()
    assert main(["clock", "show", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["running"] is True
    process.terminate()
    process.communicate(timeout=30)
    assert not left.exists()
    assert main(["clock", "show"]) == 4


def send(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())
