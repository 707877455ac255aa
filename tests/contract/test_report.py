"""What a run's figures add up to."""

import io
from pathlib import Path

from rich.console import Console

from contract.coverage import LEFT_OUT, Coverage
from contract.deviations import DEVIATIONS
from contract.report import Part, Report, as_data, show, verdict
from contract.specification import Specifications
from contract.tally import Tally, load, save
from contract.violations import Rule, Violation

BREACH = Violation("GET /v1/things", Rule.BODY, 200, "type", "/things", "wrong")


def report(tally: Tally, *, short: bool = False, **missing: list) -> Report:
    coverage = Coverage(
        offered=[], left_out={name: [] for name in LEFT_OUT}, owed=missing.get("owed", []), undescribed=[]
    )
    return Report(short, coverage, [Part("Only part", tally)], missing.get("problems", []))


def whole() -> Tally:
    """A run that needed every deviation."""
    return Tally(used={row.name: 1 for row in DEVIATIONS})


def test_a_run_without_violations_that_needed_every_deviation_holds() -> None:
    assert report(whole()).holds
    assert verdict(report(whole())) == "Every contract holds"


def test_a_violation_breaks_it() -> None:
    tally = whole()
    tally.note(BREACH, "here")
    assert not report(tally).holds
    assert verdict(report(tally)) == "1 violations"


def test_a_deviation_that_nothing_needs_breaks_a_whole_run_but_not_a_short_one() -> None:
    tally = whole()
    del tally.used[DEVIATIONS[0].name]
    assert report(tally).superfluous == [DEVIATIONS[0].name]
    assert not report(tally).holds
    assert report(tally, short=True).holds


def test_an_operation_owed_and_a_run_that_did_not_end_well_break_it(specifications: Specifications) -> None:
    assert not report(whole(), owed=[specifications.operations[0]]).holds
    assert not report(whole(), problems=["the tests ended with 1"]).holds


def test_what_the_table_forgives_is_counted_and_not_listed() -> None:
    tally = Tally()
    assert tally.note(Violation("GET /v1/x", Rule.HEADER, 200, "undescribed", "x-amzn-requestid", ""), "here")
    assert (tally.used, tally.found) == ({"request id": 1}, [])


def test_figures_of_several_processes_add_up(tmp_path: Path) -> None:
    first, second = Tally(), Tally()
    for tally in (first, second):
        tally.exchange("GET /v1/things", 200, 2)
        tally.note(BREACH, "here")
    save(second, tmp_path / "second.json")
    first.add(load(tmp_path / "second.json"))
    assert (first.exchanges, first.bodies, first.lines["GET /v1/things"].statuses) == (2, 4, {200: 2})
    assert [(one.times, one.violation) for one in first.found] == [(2, BREACH)]


def test_the_tables_and_the_data_tell_the_same() -> None:
    tally = whole()
    tally.exchange("GET /v1/things", 200, 1)
    tally.note(BREACH, "tests/some_test.py::test_it[/v1/things-a]")
    console = Console(file=io.StringIO(), record=True, width=200)
    show(report(tally), console, details=True)
    printed = console.export_text()
    for words in ("Only part", "GET /v1/things", "200: 1", "test_it[/v1/things-a]", DEVIATIONS[0].name):
        assert words in printed
    data = as_data(report(tally))
    assert (data["holds"], data["superfluous"], data["deviations"][DEVIATIONS[0].name]) == (False, [], 1)
