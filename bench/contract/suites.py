"""The project's own tests as a source of exchanges: they run in processes of their own, with the watching plugin."""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from contract.sources import ROOT
from contract.tally import Tally, load

OF_THE_TWINS = ("tests/twins_basware", "tests/twins_quickbooks", "tests/twins_shared", "tests/other_clients")
OF_THE_PRODUCT = ("tests/system", "tests/cli", "tests/work", "tests/quickbooks/test_against_twin.py")
_LAST_LINES = 12


@dataclass
class TestRun:
    """What came of one run of tests."""

    __test__ = False
    basware: Tally = field(default_factory=Tally)
    quickbooks: Tally = field(default_factory=Tally)
    problems: list[str] = field(default_factory=list)


def run_tests(paths: tuple[str, ...], *, product_asks: bool, processes: int) -> TestRun:
    """Run tests and gather what the twins were asked meanwhile. Failed tests are a problem: what they show is not whole."""
    result = TestRun()
    with tempfile.TemporaryDirectory() as folder:
        surroundings = {**os.environ, "CONTRACT_REPORT": folder, "CONTRACT_PRODUCT": "1" if product_asks else ""}
        surroundings["PYTHONPATH"] = os.pathsep.join([str(ROOT / "bench"), os.environ.get("PYTHONPATH", "")])
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "contract.plugin",
            "-q",
            "-n",
            str(processes),
            "-k",
            "not postgresql",
        ]
        ended = subprocess.run(
            [*command, *paths], cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False
        )
        if ended.returncode:
            last = "\n".join(ended.stdout.splitlines()[-_LAST_LINES:])
            result.problems.append(
                f"the tests in {', '.join(paths)} ended with {ended.returncode}:\n{last}{ended.stderr}"
            )
        for path in Path(folder).glob("basware-*.json"):
            result.basware.add(load(path))
        for path in Path(folder).glob("quickbooks-*.json"):
            result.quickbooks.add(load(path))
    return result
