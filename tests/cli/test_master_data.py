"""Giving Basware QuickBooks' lists at the command line: what was given, what is refused, where codes lead."""

from collections.abc import Callable
from pathlib import Path

import pytest

from terminal import CONNECTION, Run
from world import World

SWITCHED_ON = CONNECTION.replace(
    'client_id = "demo-basware-client"', 'client_id = "demo-basware-client"\nmaster_data = { enabled = true }'
)


@pytest.fixture
def given(run: Run, connected: World, connection_file: Path, once: Callable[..., None]) -> World:
    """The demo company after Basware was given its lists, one account of which it refused."""

    def give() -> None:
        connection_file.write_text(SWITCHED_ON)
        assert run("connection", "add", connection_file).code == 0
        connected.basware.act(
            "refuse_imports", message="Account is locked", entity_type="Account", external_code="6110", times=1
        )
        settle(run, connected)

    once("lists given", give)
    return connected


def settle(run: Run, world: World) -> None:
    for _ in range(4):
        assert run("work", "--once").code == 0
        world.clock.advance(120)


def test_records_are_listed_with_what_basware_said(run: Run, given: World) -> None:
    result = run("records", "list", "--name", "accounts", "--json")

    assert result.code == 1
    states = {one["code"]: one["state"] for one in result.json}
    assert (states["6110"], states["6120"]) == ("refused", "done")
    [refused] = run("records", "list", "--state", "refused", "--json").json
    assert (refused["subject"], refused["problem"]) == ("Account 55", "Account is locked")
    assert "Account is locked" in run("records", "list", "--state", "refused").out


def test_a_record_is_shown_in_full_and_tried_again(run: Run, given: World) -> None:
    [view] = run("records", "show", "account 55", "--json").json
    assert (view["in_basware"], view["body"]["accountCode"]) == ("nothing", "6110")
    shown = run("records", "show", "6110").out
    assert "Account is locked" in shown
    assert "docs/errors/record-refused.md" in shown

    assert run("records", "retry", "6120").code == 2
    assert run("records", "retry").code == 2
    assert run("records", "retry", "nothing").code == 2
    assert run("records", "retry", "--all", "--json").json == {"tried": 1}
    settle(run, given)
    assert run("records", "list").code == 0
    [view] = run("records", "show", "6110", "--json").json
    assert view["in_basware"] == "as it is here"


def test_the_status_counts_records_and_its_exit_code_tells_of_refused_ones(run: Run, given: World) -> None:
    result = run("status", "--json")

    assert result.code == 1
    assert result.json["records"]["refused"] == 1
    assert "1 refused" in run("status").err


def test_gaps_are_shown_with_the_command_that_closes_them(run: Run, given: World) -> None:
    result = run("alignment", "--kind", "account", "--json")
    assert result.code == 1
    fixes = {one["code"]: one["fix"] for one in result.json["lines"] if one["gap"]}
    assert fixes["6470"] == "ml-connector alignment fix account retire 6470"
    assert "6470" in run("alignment", "--refresh").out
    assert "6120" not in run("alignment").out
    assert "6120" in run("alignment", "--aligned").out

    assert run(*fixes["6470"].split()[1:]).code == 0
    assert run("alignment", "fix", "account", "map", "1100", "6120", "--json").json["target"] == "6120"
    assert run("alignment", "fix", "account", "map", "1100").code == 2
    assert run("alignment", "fix", "account", "retire", "6110", "--code", "1").code == 2
    settle(run, given)
    lines = run("alignment", "--kind", "account", "--json").json["lines"]
    assert "6470" not in {one["code"] for one in lines}
    assert next(one["target"] for one in lines if one["code"] == "1100") == "6120 Office Costs:Printing and Copying"


def test_the_check_report_names_each_right_that_is_needed(run: Run, given: World) -> None:
    found = run("connection", "ping", "--json").json

    lines = {one["id"]: one["status"] for one in found}
    assert lines["basware.right.accounts.write"] == "ok"
    assert lines["basware.right.exchangeRates.write"] == "ok"


@pytest.mark.parametrize(("noun", "setting"), [("records", "[basware.master_data]"), ("vendors", "[vendors]")])
def test_an_empty_list_says_that_nothing_is_switched_on(run: Run, connected: World, noun: str, setting: str) -> None:
    listed = run(noun, "list")

    assert listed.code == 0
    assert setting in listed.err
    assert run(noun, "list", "--json").json == []
