"""The monthly meter of Intuit's partner programme: reads are metered (CorePlus), writes are not (Core).

Calls of one workspace are summed over its applications and all companies, for a calendar month in Pacific time (which zone the
month has is not documented). Intuit does not meter sandboxes; the twin counts all the same, so that a budget can be checked.
Whether a batch of queries counts as one call, and whether refused reads count, is not documented: both ways are reported.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from twins.quickbooks.switches import Switches
from twins.quickbooks.values import Json, pacific


class Kind(StrEnum):
    """What a call is to the meter."""

    CORE = "core"
    READ = "reads"
    QUERY = "queries"
    CDC = "cdc"
    DOWNLOAD = "downloads"
    BATCH = "batches with reads"
    ITEM = "reads in batches"


SINGLE = (Kind.READ, Kind.QUERY, Kind.CDC, Kind.DOWNLOAD)
_BLOCKED = "blocked"


@dataclass(frozen=True)
class Use:
    """Some calls of one kind, and how many of them were refused."""

    kind: Kind
    times: int = 1
    failed: int = 0


@dataclass(frozen=True)
class _Cell:
    workspace: str
    month: str
    realm_id: str


class Meter:
    """The counts of all workspaces."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._workspaces: dict[str, str] = {}
        self._cells: dict[_Cell, Counter[str]] = {}

    def join(self, client_id: str, workspace: str) -> None:
        """Put an application into a workspace; without this it is a workspace of its own."""
        self._workspaces[client_id] = workspace

    def count(self, client_id: str, realm_id: str, now: datetime, *uses: Use) -> None:
        """Note what a call came to."""
        counts = self._cell(client_id, realm_id, now)
        for use in uses:
            counts[use.kind] += use.times
            counts[_failed(use.kind)] += use.failed

    def is_blocked(self, client_id: str, now: datetime) -> bool:
        """Whether the workspace has used up its metered calls of the month."""
        limit, month = self._switches.core_plus_limit, _month(now)
        if not limit:
            return False
        workspace = self._workspace(client_id)
        cells = [counts for cell, counts in self._cells.items() if (cell.workspace, cell.month) == (workspace, month)]
        return sum(self._core_plus(counts) for counts in cells) >= limit

    def count_blocked(self, client_id: str, realm_id: str, now: datetime) -> None:
        """Note a call that was refused because the month is used up."""
        self._cell(client_id, realm_id, now)[_BLOCKED] += 1

    def report(self) -> list[Json]:
        """One row for each workspace, month and company; `core_plus` is what counts towards the limit."""
        return [
            {
                "workspace": cell.workspace,
                "month": cell.month,
                "company": cell.realm_id,
                "core": counts[Kind.CORE],
                "core_plus": self._core_plus(counts),
                "core_plus_batch_as_one": core_plus(counts, each=False, failed=True),
                "core_plus_batch_items": core_plus(counts, each=True, failed=True),
                "failed": sum(counts[_failed(kind)] for kind in (*SINGLE, Kind.ITEM)),
                "blocked": counts[_BLOCKED],
                **{kind.value.replace(" ", "_"): counts[kind] for kind in (*SINGLE, Kind.BATCH, Kind.ITEM)},
            }
            for cell, counts in self._cells.items()
        ]

    def _core_plus(self, counts: Counter[str]) -> int:
        switches = self._switches
        return core_plus(counts, each=switches.batch_reads_metered_each, failed=switches.failed_calls_metered)

    def _workspace(self, client_id: str) -> str:
        return self._workspaces.get(client_id, client_id)

    def _cell(self, client_id: str, realm_id: str, now: datetime) -> Counter[str]:
        return self._cells.setdefault(_Cell(self._workspace(client_id), _month(now), realm_id), Counter())


def core_plus(counts: Counter[str], *, each: bool, failed: bool) -> int:
    """Metered calls, a batch counted by its reads or as one, with or without refused reads."""
    kinds = (*SINGLE, Kind.ITEM if each else Kind.BATCH)
    return sum(counts[kind] - (0 if failed else counts[_failed(kind)]) for kind in kinds)


def _failed(kind: Kind) -> str:
    return f"failed {kind}"


def _month(now: datetime) -> str:
    return pacific(now).strftime("%Y-%m")
