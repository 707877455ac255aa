"""One way in which a service does otherwise than its own files say, and what exactly it covers."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from contract.violations import Rule, Violation

_ANY = frozenset[int]()


@dataclass(frozen=True)
class Deviation:
    """One row. The fields that select are patterns with `*`, several joined by ` or `; an empty set of statuses stands for all."""

    name: str
    operations: str
    what: str
    why: str
    source: str
    rules: frozenset[Rule]
    by_default: bool = True
    """Whether the twin does it without being told; otherwise a switch or a person's act makes it do so."""
    statuses: frozenset[int] = _ANY
    keyword: str = "*"
    where: str = "*"
    said: str = "*"
    """The message."""

    def covers(self, violation: Violation) -> bool:
        """Whether a violation is this deviation."""
        return (
            violation.rule in self.rules
            and (not self.statuses or violation.status in self.statuses)
            and _fits(violation.operation, self.operations)
            and _fits(violation.keyword, self.keyword)
            and _fits(violation.where, self.where)
            and _fits(violation.what, self.said)
        )


def _fits(text: str, patterns: str) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in patterns.split(" or "))
