"""Extracts that were made and wait to be fetched. Each is kept for a year (Data Access manual)."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

KEPT = timedelta(days=365)
Form = Literal["json", "csv"]
Kind = Literal["Initial", "Delta", "DateRange"]
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class ExtractFile:
    """One file of an extract, compressed."""

    table: str
    name: str
    content: bytes
    fetched: int = 0


@dataclass
class Extract:
    """One extract: records changed from `start` to `end`, as they were at `end`."""

    id: str
    kind: Kind
    start: datetime
    end: datetime
    made: datetime
    files: dict[str, ExtractFile]
    exported: bool = False


@dataclass
class Extracts:
    """The extracts of one tenant, oldest first."""

    made: dict[str, Extract] = field(default_factory=dict)

    def kept(self, now: datetime) -> list[Extract]:
        """Extracts not older than a year; older ones are dropped."""
        self.made = {key: each for key, each in self.made.items() if now - each.made <= KEPT}
        return list(self.made.values())

    @property
    def last_end(self) -> datetime | None:
        """Up to when the last Initial or Delta extract reaches; None before the first."""
        ends = [each.end for each in self.made.values() if each.kind != "DateRange"]
        return max(ends, default=None)
