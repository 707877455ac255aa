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
