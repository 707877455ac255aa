"""How fast the console's pages are with 100 000 documents and 10 000 vendors, beside the same pages with the demo's few.

    python bench/pages.py            # on SQLite and PostgreSQL
    SHORT=1 python bench/pages.py    # 5 000 documents, on SQLite

The real server on loopback, one visitor, one page after another; the time is from the request to the last byte. Exits with 1 when a
page does not answer 200, or when half of the answers of a page take longer than `MOST`; the short form does not judge speed.
"""

import os
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import httpx2
from rich.console import Console
from rich.table import Table

from databases import Databases, postgres_server, sqlite_files
from large_books import multiply
from ml_connector.console.navigation import SECTIONS
from ml_connector.model.people import EVERY_CONNECTION, Role
from ml_connector.store import documents
from ml_connector.store.schema import DocumentState
from ml_connector.work.people.directory import Grant
from visits import Visit, signed_in
from web import served
from world import World, build_world

MOST = 100.0
"""Milliseconds."""
SHORT = bool(os.environ.get("SHORT"))
DOCUMENTS, HELD, VENDORS = (5_000, 500, 500) if SHORT else (100_000, 10_000, 10_000)
TIMES = 5 if SHORT else 21
OTHERS = (
    ("Documents: search", "documents?text={number}"),
    ("Documents: held", "documents?state=held"),
    ("One document", "documents/{invoice}"),
)


class Figure(NamedTuple):
    """Milliseconds of one page: half of its answers were faster than `middle`, 19 of 20 faster than `slow`."""

    name: str
    status: int
    middle: float
    slow: float
    kilobytes: float


def look(visit: Visit, name: str, path: str) -> Figure:
    """Open a page some times; the first answer, which fills caches, does not count."""
    status, size, took = visit.get(path).status_code, 0, []
    for _ in range(TIMES):
        began = time.perf_counter()
        answer = visit.get(path)
        took.append((time.perf_counter() - began) * 1000)
        status, size = max(status, answer.status_code), len(answer.content)
    return Figure(name, status, statistics.median(took), statistics.quantiles(took, n=20)[-1], size / 1024)


def _posted(world: World) -> tuple[str, str]:
    """Number and id of a document that is in QuickBooks."""
    with world.database.read() as tx:
        row = documents.in_state(tx, world.connection_id, DocumentState.CONFIRMED, limit=1)[0]
    return row.invoice_number, row.invoice_id


def measure(databases: Databases) -> list[tuple[Figure, Figure]]:
    """Every page with few documents and with many."""
    with databases.fresh() as url, ExitStack() as opened:
        world = build_world(url)
        world.settle()
        number, invoice = _posted(world)
        paths = [(section.name, section.path) for section in SECTIONS]
        paths += [(name, path.format(number=number, invoice=invoice)) for name, path in OTHERS]
        address = opened.enter_context(served(world.app))
        client = opened.enter_context(httpx2.Client(base_url=address, trust_env=False, timeout=120))
        visit = signed_in(world.app, client, [Grant(connection_id=EVERY_CONNECTION, role=Role.ADMINISTRATOR)])
        few = [look(visit, name, f"/c/demo/{path}") for name, path in paths]
        multiply(world.database, world.connection_id, wanted=DOCUMENTS, held=HELD, vendors=VENDORS)
        many = [look(visit, name, f"/c/demo/{path}") for name, path in paths]
        world.database.close()
        return list(zip(few, many, strict=True))


def show(console: Console, kind: str, figures: list[tuple[Figure, Figure]]) -> bool:
    """Print what was measured on one database; whether every page answered, and fast enough."""
    title = f"{kind}: {DOCUMENTS:,} documents, {HELD:,} of them held, {VENDORS:,} vendors (milliseconds)"
    table = Table(title=title, title_justify="left")
    for column in ("Page", "Status", "Half", "19 of 20", "KiB", "Half, few documents", "Ratio", "Right"):
        table.add_column(column, justify="left" if column == "Page" else "right")
    good = True
    for few, many in figures:
        right = many.status == 200 and few.status == 200 and (SHORT or many.middle < MOST)
        good &= right
        table.add_row(
            many.name, str(many.status), f"{many.middle:.1f}", f"{many.slow:.1f}", f"{many.kilobytes:.0f}",
            f"{few.middle:.1f}", f"{many.middle / few.middle:.2f}", "yes" if right else "NO",
        )  # fmt: skip
    console.print(table)
    return good


def main() -> int:
    """Measure on each database."""
    console, good = Console(width=None if sys.stdout.isatty() else 132), True
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        kinds: dict[str, Databases] = {"SQLite": stack.enter_context(sqlite_files(folder))}
        if not SHORT:
            kinds["PostgreSQL"] = stack.enter_context(postgres_server())
        for kind, databases in kinds.items():
            good &= show(console, kind, measure(databases))
    console.print("Everything holds." if good else "NOT everything holds.")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
