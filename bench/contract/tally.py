"""What was counted: exchanges by operation, violations with an example of who caused them, deviations used."""

from collections import Counter
from pathlib import Path

import msgspec

from contract.deviations import excuse
from contract.violations import Rule, Violation


class Line(msgspec.Struct):
    """The figures of one operation."""

    exchanges: int = 0
    bodies: int = 0
    """Bodies held against a schema, sent or received."""
    statuses: dict[int, int] = {}

    @property
    def good(self) -> int:
        """Answers of success."""
        return sum(count for status, count in self.statuses.items() if 200 <= status < 400)


class Found(msgspec.Struct):
    """A violation, how often it came, and where it was first seen."""

    operation: str
    rule: Rule
    status: int
    keyword: str
    where: str
    what: str
    times: int
    seen: str

    @property
    def violation(self) -> Violation:
        """The violation itself."""
        return Violation(self.operation, self.rule, self.status, self.keyword, self.where, self.what)


class Tally(msgspec.Struct):
    """The figures of one part of the run."""

    lines: dict[str, Line] = {}
    """By operation."""
    found: list[Found] = []
    """Violations that nothing forgives."""
    used: dict[str, int] = {}
    """Deviations by name: how often each was needed."""

    def exchange(self, operation: str, status: int, bodies: int) -> None:
        """Count one exchange."""
        line = self.lines.setdefault(operation, Line())
        line.exchanges += 1
        line.bodies += bodies
        line.statuses[status] = line.statuses.get(status, 0) + 1

    def note(self, violation: Violation, seen: str) -> bool:
        """Count a violation, or the deviation that it is; whether it is forgiven."""
        row = excuse(violation)
        if row is not None:
            self.used[row.name] = self.used.get(row.name, 0) + 1
            return True
        for one in self.found:
            if one.violation == violation:
                one.times += 1
                return False
        self.found.append(Found(*_fields(violation), times=1, seen=seen))
        return False

    def add(self, other: "Tally") -> None:
        """Take another tally's figures over."""
        for operation, line in other.lines.items():
            own = self.lines.setdefault(operation, Line())
            own.exchanges += line.exchanges
            own.bodies += line.bodies
            own.statuses = dict(Counter(own.statuses) + Counter(line.statuses))
        for one in other.found:
            same = next((known for known in self.found if known.violation == one.violation), None)
            if same is None:
                self.found.append(one)
            else:
                same.times += one.times
        self.used = dict(Counter(self.used) + Counter(other.used))

    @property
    def exchanges(self) -> int:
        """All exchanges."""
        return sum(line.exchanges for line in self.lines.values())

    @property
    def bodies(self) -> int:
        """All bodies held against a schema."""
        return sum(line.bodies for line in self.lines.values())


def save(tally: Tally, path: Path) -> None:
    """Write a tally down for another process."""
    path.write_bytes(msgspec.json.encode(tally))


def load(path: Path) -> Tally:
    """Read a tally of another process."""
    return msgspec.json.decode(path.read_bytes(), type=Tally)


def _fields(violation: Violation) -> tuple[str, Rule, int, str, str, str]:
    return (
        violation.operation,
        violation.rule,
        violation.status,
        violation.keyword,
        violation.where,
        violation.what,
    )
