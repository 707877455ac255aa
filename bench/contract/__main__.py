"""Check every contract and print what was found.

    python -m contract              # everything
    SHORT=1 python -m contract      # the twins' own tests, the demo company once, few generated requests
    python -m contract --details    # with a table of operations for each part
    python -m contract --json       # as data

Exits with 0 when every contract holds, 1 when one does not, 2 when the vendors' files are not there.
"""

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import msgspec
from rich.console import Console

from contract import scenes, suites
from contract.court import Court
from contract.coverage import coverage
from contract.fuzzing import generate
from contract.quickbooks_catalogue import catalogue
from contract.report import Part, Report, as_data, show
from contract.sources import MissingSourceError
from contract.specification import basware

EXAMPLES, FEW = 60, 10
PROCESSES = 2


def check(*, short: bool) -> Report:
    """Run every part; the generated requests in a process of their own meanwhile. Raises MissingSourceError."""
    catalogue()
    report = Report(short, coverage(basware()))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as aside:
        generating = aside.submit(generate, FEW if short else EXAMPLES)
        twins = suites.run_tests(suites.OF_THE_TWINS, product_asks=False, processes=PROCESSES)
        product = suites.TestRun()
        if not short:
            product = suites.run_tests(suites.OF_THE_PRODUCT, product_asks=True, processes=PROCESSES)
        court = Court(product_asks=True)
        played = scenes.play(court, short=short)
        product.basware.add(court.basware)
        product.quickbooks.add(court.quickbooks)
        generated = generating.result()
    report.parts = [
        Part("Basware: the twin's own tests", twins.basware),
        Part("Basware: the product at work", product.basware),
        Part("Basware: schemathesis", generated),
        Part("QuickBooks: the twin's own tests", twins.quickbooks),
        Part("QuickBooks: the product at work", product.quickbooks),
    ]
    report.problems = [*twins.problems, *product.problems, *played]
    return report


def main() -> int:
    """Check, print, and say with the exit code whether everything holds."""
    parser = argparse.ArgumentParser(
        prog="contract", description="Hold the twins and the product to the vendors' files."
    )
    parser.add_argument("--details", action="store_true", help="a table of operations for each part")
    parser.add_argument("--json", action="store_true", help="print data")
    chosen = parser.parse_args()
    try:
        report = check(short=bool(os.environ.get("SHORT")))
    except MissingSourceError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if chosen.json:
        sys.stdout.write(msgspec.json.encode(as_data(report)).decode() + "\n")
    else:
        show(report, Console(width=None if sys.stdout.isatty() else 160), details=chosen.details)
    return 0 if report.holds else 1


if __name__ == "__main__":
    sys.exit(main())
