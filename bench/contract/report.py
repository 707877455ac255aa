"""What a run found, as tables or as data."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from contract.coverage import LEFT_OUT, Coverage
from contract.deviations import DEVIATIONS
from contract.tally import Tally


@dataclass
class Part:
    """One source of exchanges and what came of it."""

    name: str
    tally: Tally


@dataclass
class Report:
    """Everything a run found."""

    short: bool
    coverage: Coverage
    parts: list[Part] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """Runs that did not come to their end; what they show is not whole."""

    @property
    def used(self) -> Counter[str]:
        """How often each deviation was needed."""
        return sum((Counter(part.tally.used) for part in self.parts), Counter())

    @property
    def superfluous(self) -> list[str]:
        """Deviations that nothing needed. A short run sees too little to say."""
        return [] if self.short else [row.name for row in DEVIATIONS if not self.used[row.name]]

    @property
    def violations(self) -> int:
        """Kinds of violations in all parts."""
        return sum(len(part.tally.found) for part in self.parts)

    @property
    def holds(self) -> bool:
        """Whether everything is as it must be."""
        return not (
            self.problems
            or self.violations
            or self.superfluous
            or self.coverage.owed
            or self.coverage.undescribed
            or self.coverage.obsolete
        )


def show(report: Report, console: Console, *, details: bool) -> None:
    """Print the tables."""
    if details:
        for part in report.parts:
            console.print(_operations(part))
    console.print(_coverage(report.coverage))
    console.print(_deviations(report))
    if report.violations:
        console.print(_violations(report))
    console.print(_parts(report))
    for problem in report.problems:
        console.print(problem, style="red", markup=False)
    console.print(verdict(report), markup=False)


def verdict(report: Report) -> str:
    """One line."""
    counts = {
        "violations": report.violations,
        "operations owed": len(report.coverage.owed),
        "operations no file knows": len(report.coverage.undescribed),
        "resources wrongly said to be left out": len(report.coverage.obsolete),
        "deviations nothing needs": len(report.superfluous),
        "runs that did not end well": len(report.problems),
    }
    bad = [f"{count} {what}" for what, count in counts.items() if count]
    note = " (short: not everything was run)" if report.short else ""
    return ("Every contract holds" if not bad else ", ".join(bad)) + note


def as_data(report: Report) -> dict[str, Any]:
    """The same, for programs."""
    coverage = report.coverage
    return {
        "holds": report.holds,
        "short": report.short,
        "parts": [{"name": part.name, "figures": part.tally} for part in report.parts],
        "offered": [one.name for one in coverage.offered],
        "left_out": {resource: [one.name for one in some] for resource, some in coverage.left_out.items()},
        "owed": [one.name for one in coverage.owed],
        "undescribed": coverage.undescribed,
        "obsolete": coverage.obsolete,
        "deviations": {row.name: report.used[row.name] for row in DEVIATIONS},
        "superfluous": report.superfluous,
        "problems": report.problems,
    }


def _parts(report: Report) -> Table:
    table = Table(title="Contracts with Basware's OpenAPI files and QuickBooks' entity catalogue", title_justify="left")
    table.add_column("Part")
    for column in ("Operations", "Exchanges", "Bodies and records", "Violations", "Deviations"):
        table.add_column(column, justify="right")
    for part in report.parts:
        tally = part.tally
        figures = (len(tally.lines), tally.exchanges, tally.bodies, len(tally.found), len(tally.used))
        table.add_row(part.name, *(f"{figure:,}" for figure in figures))
    return table


def _operations(part: Part) -> Table:
    table = Table(title=part.name, title_justify="left")
    for column in ("Operation", "Exchanges", "Bodies and records", "Answers"):
        table.add_column(column)
    for name, line in sorted(part.tally.lines.items()):
        statuses = ", ".join(f"{status}: {count}" for status, count in sorted(line.statuses.items()))
        table.add_row(Text(name), f"{line.exchanges:,}", f"{line.bodies:,}", statuses)
    return table


def _coverage(coverage: Coverage) -> Table:
    table = Table(title="Basware's operations", title_justify="left")
    for column in ("Resource", "Operations", "Twin"):
        table.add_column(column)
    resources = Counter(one.resource for one in coverage.offered)
    for resource, count in sorted(resources.items()):
        table.add_row(resource, str(count), "offered")
    for resource, some in sorted(coverage.left_out.items()):
        table.add_row(resource, str(len(some)), f"left out: {LEFT_OUT[resource]}")
    for one in coverage.owed:
        table.add_row(one.name, "1", "OWED")
    for name in coverage.undescribed:
        table.add_row(name, "1", "NO FILE KNOWS IT")
    return table


def _deviations(report: Report) -> Table:
    table = Table(title="Deviations of the services from their own files", title_justify="left")
    for column in ("Deviation", "Source", "Twin", "Needed"):
        table.add_column(column)
    for row in DEVIATIONS:
        needed = report.used[row.name]
        shown = f"{needed:,}" if needed or report.short else "SUPERFLUOUS"
        table.add_row(row.name, row.source, "always" if row.by_default else "by switch", shown)
    return table


def _violations(report: Report) -> Table:
    table = Table(title="Violations", title_justify="left", show_lines=True)
    for column in ("Times", "Violation", "First seen"):
        table.add_column(column, overflow="fold")
    for part in report.parts:
        for one in sorted(part.tally.found, key=lambda each: (each.operation, each.rule, each.status)):
            table.add_row(f"{one.times:,}", Text(str(one.violation)), Text(one.seen))
    return table
