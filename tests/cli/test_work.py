"""`work` and `alerts` as an operator uses them."""

import json

import msgspec
import pytest

from ml_connector.app import App, Settings
from ml_connector.store import alerts, audit
from ml_connector.store.schema import Severity
from paperwork import invoice
from terminal import Run
from twins.faults import FaultKind, FaultRule
from world import World


def test_one_look_does_what_is_due_and_tells_of_each_job(run: Run, connected: World) -> None:
    connected.approve(invoice("A-1"))

    result = run("work", "--once")

    assert result.code == 0, result.err
    assert "demo: invoices: 1 taken over" in result.err
    assert result.out == ""


def test_as_json_every_run_is_a_line(run: Run, connected: World) -> None:
    result = run("work", "--once", "--json")

    lines = [json.loads(line) for line in result.out.splitlines()]
    assert {line["job"] for line in lines} >= {"invoices", "sign-in"}
    assert {line["ending"] for line in lines} == {"done"}


def test_a_job_that_fails_is_told_in_words_with_its_exit_code(run: Run, connected: World) -> None:
    connected.basware_faults.add(FaultRule(kind=FaultKind.STATUS, status=503, times=None))

    result = run("work", "--once")

    assert result.code == 1
    assert "invoices failed: Basware" in result.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--engine", "queue"), "PostgreSQL"),
        (("--engine", "queue", "--once"), "--once"),
        (("--threads", "0"), "--threads 1"),
        (("nobody",), "nobody"),
    ],
)
def test_what_cannot_be_done_is_said_with_what_to_do(
    run: Run, connected: World, words: tuple[str, ...], said: str
) -> None:
    result = run("work", *words)

    assert result.code == 2
    assert said in result.err


def test_without_trouble_there_is_no_alert(run: Run, connected: World) -> None:
    result = run("alerts", "--json")

    assert result.code == 0
    assert result.json == []


def test_an_alert_is_shown_until_its_cause_is_over_and_kept_afterwards(run: Run, connected: World) -> None:
    rule = connected.basware_faults.add(FaultRule(kind=FaultKind.STATUS, status=401, path="tokens", times=None))
    tried = run("work", "--once")

    assert tried.code == 1, tried.err
    shown = run("alerts", "demo", "--json")

    assert shown.code == 1
    assert any("Basware" in one["alert"]["message"] for one in shown.json)
    assert "Basware" in run("alerts").out

    connected.basware_faults.remove(rule)
    connected.clock.advance(3600)
    run("work", "--once")

    assert run("alerts").code == 0
    assert [one["connection"] for one in msgspec.json.decode(run("alerts", "--over", "--json").out)]


def test_an_alert_somebody_has_dealt_with_is_put_away_with_a_reason_and_comes_back_if_it_is_still_there(
    run: Run, connected: World
) -> None:
    app = App.open(Settings())
    row = app.connection("demo")

    def seen(subject: str) -> None:
        with app.database.write() as tx:
            alerts.raise_(
                tx, row.id, kind="network document", subject=subject, message=f"{subject} is missing",
                severity=Severity.ERROR, now=connected.clock.now(),
            )  # fmt: skip

    seen("NW-1")
    seen("NW-2")
    number = next(one["alert"]["id"] for one in run("alerts", "--json").json if one["alert"]["subject"] == "NW-1")

    assert run("alerts", "put-away", str(number), "--reason", " ").code == 2
    done = run("alerts", "put-away", str(number), "--reason", "came by mail", "--json")

    assert (done.code, done.json["alert"]["subject"]) == (0, "NW-1")
    assert [one["alert"]["subject"] for one in run("alerts", "--json").json] == ["NW-2"]
    with app.database.read() as tx:
        newest = audit.listing(tx, row.id)[0]
    assert (newest.action, newest.subject, newest.reason) == ("alert put away", "network document NW-1", "came by mail")
    again = run("alerts", "put-away", str(number), "--reason", "once more")
    assert again.code == 2
    assert "is over since" in again.err
    assert "has no alert 999999" in run("alerts", "put-away", "999999", "--reason", "tried").err

    seen("NW-1")
    assert {one["alert"]["subject"] for one in run("alerts", "--json").json} == {"NW-1", "NW-2"}
    app.close()
