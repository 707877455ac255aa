"""Which test shows which behaviour of the vendors' services that the offline twins promise to imitate.

    python bench/twin_checklist.py           # runs the marked tests, prints every row with its tests
    SHORT=1 python bench/twin_checklist.py   # only looks up which tests there are; `make test` runs them
    JSON=1 python bench/twin_checklist.py    # the same as data

A test names its rows with `@pytest.mark.row("S5")`. A row holds when a test that names it has passed and none has failed; a test
that was skipped, as some are where the vendors' files are not at hand, shows nothing. Exits with 1 when a row does not hold, or a
test names a row that is not in the list.
"""

import os
import sys
from collections import Counter, defaultdict
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]

ROWS = {
    # QuickBooks, signing in
    "O1": "discovery documents with local addresses; the consent page redirects with code, state and realmId",
    "O2": "a code works once; using it again ends the grant; the redirect address must be equal to the letter",
    "O3": "lives of tokens: access 1 h, refresh 101 days sliding, 5 years fixed and told only on request",
    "O4": "the refresh value rotates after 24 h and the old one dies at once; lost and concurrent refreshes",
    "O5": "an expired access token gets 401 with the lower-case body and a Bearer challenge",
    # QuickBooks, the rest
    "Q1": "unknown properties, missing ones, over-long ones, unknown and inactive references are refused by code",
    "Q2": "one name space of vendors, customers and employees; ' (deleted)' on inactive names; queries hide inactive",
    "Q3": "sync tokens count effective writes, stale ones are refused, payments move bills; Pacific time stamps",
    "Q4": "a request id brings the first answer back; answers lost, and errors before and after the work was done",
    "Q5": "duplicate numbers by preference, with type and id of the other in the detail; the option that allows them",
    "Q6": "closed books, with and without password",
    "Q7": "what may be in a foreign currency; a new vendor's currency is ignored",
    "Q8": "links to purchase orders vanish in silence when wrong; an order closes when wholly billed",
    "Q9": "totals and balances are computed; tax in the US and elsewhere, with overrides",
    "Q10": "batches: 30 at most, one after another, blind to each other, faults inside an answer of 200",
    "Q11": "changes: 30 days, 1 000 records, stubs of the deleted, entities that are not served",
    "Q12": "limits of requests and batches with their 429, and the meter of reads",
    "Q13": "401 in JSON and XML, 403 for another company, a company that can only be read",
    "Q14": "uploads: 200 with a fault inside, size limit, addresses that expire after 900 s",
    "Q15": "webhooks in both formats, signed, retried, blocked by the first failure, repeated, reordered, lost",
    "Q16": "fields nobody knows yet appear in answers",
    # Basware
    "S1": "tokens: form body, Basic header, errors 400, 401 and 422; RS256 with published keys; life 300 to 86 400 s",
    "S2": "Basic or Bearer on business calls, and either can be off",
    "S3": "a missing scope gets 403, or 401",
    "S4": "an empty list is 404 without a body",
    "S5": "continuation by header, bound to the query, absent on the last page, possibly expiring",
    "S6": "large reads and files redirect to another host, which refuses credentials; can be off",
    "S7": "a page ends early when rows are many",
    "S8": "a body must be an array; an object is refused as a schema error",
    "S9": "bodies are checked strictly, the whole request or nothing",
    "S10": "too many records are 400, too many bytes 413",
    "S11": "an accepted body is echoed with 200 and a request id",
    "S12": "import happens later, with an outcome for each item, and errors by rule",
    "S13": "an identical record is not processed again, unless the tenant turned that off",
    "S14": "of two posts within a second the older one expires",
    "S15": "PATCH ignores null, knows only what is there, leaves a vendor's inner records alone; 503 on lines",
    "S16": "DELETE by body: one record at once, many later",
    "S17": "acknowledge has no body and answers a string; again it is 405, unknown 404",
    "S18": "a transfer response after success is 400, a prebook response 409, or the other way round",
    "S19": "a response with a code used before is 409",
    "S20": "a response without acknowledge is taken, unless forbidden",
    "S21": "acknowledge and response at the same moment can collide",
    "S22": "success, failure and silence move a document; silence ends after the recovery window, if that is on",
    "S23": "a document is sent again under its id, perhaps changed",
    "S24": "payment responses replace all fields; paid when the sum is reached, or at the first success",
    "S25": "a document keeps its last 100 responses",
    "S26": "files appear late or never; their addresses live 15 minutes",
    "S27": "lists come wrapped or bare",
    "S28": "parameter names without case, unknown ones ignored, unless strict",
    "S29": "subscribing calls the receiver at once; one that fails is refused",
    "S30": "the signature header in hex or base64, with or without prefix",
    "S31": "failed notifications are repeated, then the task fails",
    "S32": "notifications repeat, overtake each other and vanish",
    "S33": "unknown values and fields in answers, and fields left out",
    "S34": "TLS 1.2 or later with certificates that change",
    "S35": "429 with Retry-After, 500, 503 and slow answers",
    "S36": "credit notes as negative sums, or positive with a type code",
}


@dataclass
class Witnesses:
    """A pytest plugin that notes which test names which row, and how it ended."""

    outcomes: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    """By row, then by test: passed, failed or skipped; `not run` where they were only looked up."""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Write each test's rows where its reports carry them, also from another process."""
        for item in items:
            rows = {name for mark in item.iter_markers("row") for name in mark.args}
            item.user_properties.extend(("row", name) for name in sorted(rows))
            if item.config.option.collectonly:
                for name in rows:
                    self.outcomes[name][item.nodeid] = NOT_RUN

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how a part of a test ended; the worst part counts."""
        if report.when != "call" and report.passed:
            return
        for name, value in report.user_properties:
            if name == "row" and self.outcomes[str(value)].get(report.nodeid) != "failed":
                self.outcomes[str(value)][report.nodeid] = report.outcome


NOT_RUN = "not run"
witnesses = Witnesses()
pytest_collection_modifyitems = witnesses.pytest_collection_modifyitems
pytest_runtest_logreport = witnesses.pytest_runtest_logreport


def holds(tests: dict[str, str]) -> bool:
    """Whether a row is shown: somebody who names it has passed, and nobody has failed; only looked up, that somebody names it."""
    return bool({"passed", NOT_RUN} & set(tests.values())) and "failed" not in tests.values()


def gather() -> dict[str, dict[str, str]]:
    """Run all tests that name a row, or only look them up; outcomes by row and test."""
    os.chdir(ROOT)
    how = ["--collect-only", "-q"] if os.environ.get("SHORT") else ["-n", "auto"]
    # loaded by name, so that the processes that share the tests load it too
    with redirect_stdout(sys.stderr):
        code = pytest.main(["-m", "row", *how, "-p", "twin_checklist", "--no-header"])
    if code not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED}:
        raise SystemExit(f"the tests could not be run: {code!r}")
    return sys.modules["twin_checklist"].witnesses.outcomes  # type: ignore[no-any-return]


def main() -> int:
    """Print the rows; 0 only when every row holds and every name is known."""
    outcomes = gather()
    unknown = sorted(outcomes.keys() - ROWS.keys())
    broken = [row for row in ROWS if not holds(outcomes.get(row, {}))]
    if os.environ.get("JSON"):
        report = [{"row": row, "behaviour": ROWS[row], "tests": outcomes.get(row, {})} for row in ROWS]
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    else:
        show(outcomes)
    names = ", ".join(broken) or "none"
    sys.stderr.write(
        f"{len(ROWS)} rows, not shown: {names}" + (f"; unknown: {', '.join(unknown)}" if unknown else "") + "\n"
    )
    return 1 if broken or unknown else 0


def show(outcomes: dict[str, dict[str, str]]) -> None:
    """Print the table: every row, what it promises, its tests."""
    table = Table(title="What the twins imitate, and the tests that show it", title_justify="left", show_lines=True)
    for column in ("Row", "Behaviour", "Tests"):
        table.add_column(column, overflow="fold", ratio={"Row": 1, "Behaviour": 8, "Tests": 16}[column])
    for row, behaviour in ROWS.items():
        tests = outcomes.get(row, {})
        table.add_row(row, behaviour, "\n".join(_lines(tests)) or "NO TEST")
    Console(width=None if sys.stdout.isatty() else 180).print(table)


def _lines(tests: dict[str, str]) -> list[str]:
    """One line for each test, its cases counted."""
    cases = Counter((test.partition("[")[0].removeprefix("tests/"), outcome) for test, outcome in tests.items())
    return [
        (name if outcome in {"passed", NOT_RUN} else f"{outcome.upper()}: {name}")
        + (f" ({count} cases)" if count > 1 else "")
        for (name, outcome), count in sorted(cases.items())
    ]


if __name__ == "__main__":
    sys.exit(main())
