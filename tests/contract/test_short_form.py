"""The contracts themselves, on as much as every run of the tests can bear; `python -m contract` is the whole of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from contract import scenes
from contract.court import Court
from contract.fuzzing import Fuzzing
from contract.sources import ROOT
from contract.specification import basware
from contract.suites import run_tests
from contract.tally import Tally

RESOURCES = frozenset({"accountingDocuments", "tokens", "vendors"})


def listed(tally: Tally) -> list[str]:
    return [f"{one.violation} ({one.seen})" for one in tally.found]


@pytest.mark.usefixtures("vendors_files")
def test_generated_requests_find_nothing_that_the_files_do_not_describe() -> None:
    tally = Tally()
    Fuzzing(basware(), tally, examples=10, resources=RESOURCES).run()
    assert listed(tally) == []
    assert {name.split("/")[2] for name in tally.lines} == RESOURCES
    assert tally.exchanges > 200


@pytest.mark.usefixtures("vendors_files")
def test_the_demo_company_is_posted_within_the_contracts_of_both_services() -> None:
    court = Court(product_asks=True)
    assert scenes.play(court, short=True) == []
    assert listed(court.basware) == []
    assert listed(court.quickbooks) == []
    assert "POST /v1/accountingDocuments/{invoiceId}/transferResponses" in court.basware.lines
    assert court.quickbooks.bodies > 100


@pytest.mark.usefixtures("vendors_files")
def test_the_projects_own_tests_are_watched_in_processes_of_their_own() -> None:
    ran = run_tests(("tests/twins_basware/test_sign_in.py",), product_asks=False, processes=1)
    assert ran.problems == []
    assert ran.basware.lines["POST /v1/tokens"].good > 0


@pytest.mark.usefixtures("vendors_files")
def test_tests_that_fail_are_a_problem_of_the_run(tmp_path: Path) -> None:
    path = tmp_path / "test_failing.py"
    path.write_text("def test_it():\n    assert False\n")
    [problem] = run_tests((str(path),), product_asks=False, processes=1).problems
    assert "1 failed" in problem


def test_without_the_vendors_files_the_command_says_what_to_set_and_ends_with_2(tmp_path: Path) -> None:
    surroundings = {**os.environ, "ML_CONNECTOR_SHARED": str(tmp_path), "PYTHONPATH": str(ROOT / "bench")}
    command = [sys.executable, "-m", "contract"]
    ended = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "set ML_CONNECTOR_SHARED" in ended.stderr
    assert ended.stdout == ""
