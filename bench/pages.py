"""How fast everything the console shows is, in a company with a year of 100 000 documents and 10 000 vendors behind it.

    python bench/pages.py                      # on SQLite and PostgreSQL
    SHORT=1 python bench/pages.py              # 1 000 documents, on SQLite, each page once; does not judge speed
    ONLY=vendors python bench/pages.py         # only addresses with this in them

The real server on loopback, in a process like that of `ml-connector serve`, one visitor, one page after another. `Half` is from
the request to the last byte. `Processor` is what this process and PostgreSQL's worked on it: with other work on the machine the
wall clock tells of that work too, the processor's does not. `First` is the wall clock's time of the very first answer, with
nothing kept from another. `Pace` is how many times as long a fixed piece of work took beside the page as on the machine of
reference (`pace.py`): it tells a slow hour of a shared machine from a slow page, and excuses nothing. Exits with 1 when a page
does not answer, or when `Half` is not below `MOST`. What is longer than a page is a stream (`stream`): of it the time to the
first lines counts. A few addresses that are asked now and then may take longer; they and why are listed (`page_addresses.TOLD`).
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
from rich.console import Console
from rich.table import Table
from sqlalchemy import text
from sqlalchemy.engine.cursor import CursorFetchStrategy
from sqlalchemy.engine.default import DefaultDialect

from databases import Databases, postgres_server, sqlite_files
from large_books import Size
from large_tables import multiply, sizes
from ml_connector.app import App
from ml_connector.cli.serve import settle_process
from ml_connector.model.people import EVERY_CONNECTION, Role
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database
from ml_connector.work.people import tokens
from ml_connector.work.people.directory import Grant
from ml_connector.work.people.identity import operator
from pace import Pace
from page_addresses import Asked, asked, forgotten
from showcase_world import performed
from visits import Visit, signed_in
from web import served
from world import build_world

MOST = 100.0
"""Milliseconds."""
SHORT = bool(os.environ.get("SHORT"))
ONLY = os.environ.get("ONLY", "")
SIZE = Size(1_000, 100, 100) if SHORT else Size(100_000, 10_000, 10_000)
TIMES = 0 if SHORT else 21
_EACH = 7
"""Answers after which the pace is taken anew."""
_IDLE = 5
"""Hundredths of a second without work after which a process is at rest."""
COLUMNS = ("Page", "Status", "First", "Half", "19 of 20", "Pace", "Processor", "SQL", "Queries", "KiB", "Right")
FEW_TABLES = 12
"""Tables named below the figures, the longest."""


class Sql:
    """How long the database was asked and read from, and how often; statements are asked, rows are fetched."""

    def __init__(self) -> None:
        self.seconds, self.statements = 0.0, 0

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Time every statement and every fetch while the block runs: SQLite works while rows are fetched, not before."""
        places: list[tuple[Any, str]] = [
            (DefaultDialect, "do_execute"), (DefaultDialect, "do_execute_no_params"),
            *((CursorFetchStrategy, name) for name in ("fetchone", "fetchmany", "fetchall")),
        ]  # fmt: skip
        kept = [(owner, name, getattr(owner, name)) for owner, name in places]
        for owner, name, plain in kept:
            setattr(owner, name, self._timed(plain, counts=owner is DefaultDialect))
        try:
            yield
        finally:
            for owner, name, plain in kept:
                setattr(owner, name, plain)

    def _timed(self, plain: Callable[..., Any], *, counts: bool) -> Callable[..., Any]:
        def timed(*given: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return plain(*given, **named)
            finally:
                self.seconds += time.perf_counter() - began
                self.statements += counts

        return timed


class Processor:
    """Seconds of processor time of this process, and of the processes of PostgreSQL that serve it."""

    def __init__(self, database: Database) -> None:
        self._database, self._postgres = database, database.engine.dialect.name == "postgresql"

    def seconds(self) -> float:
        """So far. Workers that PostgreSQL starts for one statement and ends with it are not in it."""
        return time.process_time() + sum(map(self._of, self._serving() if self._postgres else ()))

    def _serving(self) -> list[int]:
        with self._database.engine.connect() as connection:
            query = text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
            return list(connection.execute(query).scalars())

    @staticmethod
    def _of(pid: int) -> float:
        try:
            return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
        except OSError:  # another machine's, or gone
            return 0.0


class Figure(NamedTuple):
    """Milliseconds of one page: half of its answers were faster than `middle`, 19 of 20 faster than `slow`; of `processor` half.

    `first` is the first answer, `pace` how slow the machine was meanwhile. `sql` is the share of the time the database was asked
    in, with that many `statements`.
    """

    name: str
    status: int
    first: float
    middle: float
    slow: float
    pace: float
    processor: float
    sql: float
    statements: int
    kilobytes: float
    longer: str


def look(visit: Visit, token: str, one: Asked, processor: Processor, pace: Pace) -> Figure:
    """Ask some times; the first answer, which fills caches, counts by itself."""
    watch = Sql()
    paces = [pace.now()]
    with watch.watching() if SHORT else nullcontext():
        status, size, first = _ask(visit, token, one)
    wall, worked, took = list[float](), list[float](), first
    for number in range(TIMES):
        if one.streamed:
            _rest()
        if number % _EACH == 0:
            paces.append(pace.now())
        before = processor.seconds()
        answered, size, seconds = _ask(visit, token, one)
        worked.append((processor.seconds() - before) * 1000)
        wall.append(seconds * 1000)
        status = max(status, answered)
    if not SHORT:
        with watch.watching():
            took = _ask(visit, token, one)[2]
    wall, worked = wall or [first * 1000], worked or [0.0]
    slow = statistics.quantiles(wall, n=20)[-1] if len(wall) > 1 else wall[0]
    share = min(1.0, watch.seconds / took)
    return Figure(
        one.name,
        status,
        first * 1000,
        statistics.median(wall),
        slow,
        statistics.median(paces),
        statistics.median(worked),
        share,
        watch.statements,
        size / 1024,
        one.longer,
    )


def _rest() -> None:
    """Wait until the server has noticed that its last stream was broken off: what it still read for it counts for nobody."""
    idle = 0
    while idle < _IDLE:
        before = time.process_time()
        time.sleep(0.01)
        idle = idle + 1 if time.process_time() - before < 0.001 else 0


def _ask(visit: Visit, token: str, one: Asked) -> tuple[int, int, float]:
    """Status, length, and seconds until the last byte; of a stream until the first line."""
    headers = (
        {"Authorization": f"Bearer {token}"}
        if one.api
        else visit.headers | ({"HX-Request": "true"} if one.part else {})
    )
    began, size, first = time.perf_counter(), 0, 0.0
    with visit.client.stream("GET", one.path, headers=headers) as answer:
        for piece in answer.iter_raw():
            first = first or time.perf_counter() - began
            size += len(piece)
            if one.streamed:
                break
    return (
        answer.status_code,
        size,
        (first or time.perf_counter() - began) if one.streamed else time.perf_counter() - began,
    )


@contextmanager
def company(url: str) -> Iterator[tuple[App, ConnectionRow]]:
    """The small company everything is copied from: the showcase's, which has every sort of everything; for a sample the demo's."""
    with ExitStack() as stack:
        database = Database.open(url)
        stack.callback(database.close)
        if SHORT:
            world = build_world(database)
            world.settle()
            yield world.app, world.connection
        else:
            home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            app, rows, _ = stack.enter_context(performed(database, home))
            yield app, rows[0]


def measure(databases: Databases, told: Callable[[str], None]) -> tuple[list[Figure], dict[str, int], list[str]]:
    """Every page of a large company; how many rows each table has; addresses nobody measures."""
    with databases.fresh() as url, company(url) as (app, row), ExitStack() as opened:
        told("copying a year of it …")
        multiply(app.database, row.id, SIZE)
        return (*look_at_all(app, row, opened, told), forgotten(app))


def look_at_all(
    app: App, row: ConnectionRow, opened: ExitStack, told: Callable[[str], None]
) -> tuple[list[Figure], dict[str, int]]:
    """Serve the installation and look at everything in it."""
    settle_process()
    address = opened.enter_context(served(app))
    client = opened.enter_context(httpx2.Client(base_url=address, trust_env=False, timeout=600))
    visit = signed_in(app, client, [Grant(connection_id=EVERY_CONNECTION, role=Role.ADMINISTRATOR)])
    by = operator("the benchmark")
    owner = tokens.owner_of(app.identity, visit.login, by=by)
    token = tokens.make(
        app.identity, owner, name="bench", connection_id=EVERY_CONNECTION, role=Role.ADMINISTRATOR, days=1, by=by
    )
    processor, pace, figures = Processor(app.database), Pace(), list[Figure]()
    for one in asked(app.database, row.id, row.name):
        if ONLY in one.name:
            figures.append(look(visit, token.secret, one, processor, pace))
            told(f"{figures[-1].name}: {figures[-1].middle:.1f} ms")
    return figures, sizes(app.database)


def show(console: Console, kind: str, figures: list[Figure], rows: dict[str, int]) -> bool:
    """Print what was measured on one database; whether every page answered, and fast enough."""
    title = f"{kind}: {SIZE.documents:,} documents, {SIZE.held:,} of them held, {SIZE.vendors:,} vendors (milliseconds)"
    table = Table(title=title, title_justify="left")
    for column in COLUMNS:
        table.add_column(column, justify="left" if column == "Page" else "right", no_wrap=column != "Page")
    good = True
    for one in figures:
        fast = SHORT or one.middle < MOST
        right = one.status in {200, 303} and (fast or bool(one.longer))
        good &= right
        table.add_row(
            one.name, str(one.status), f"{one.first:.0f}", f"{one.middle:.1f}", f"{one.slow:.1f}",
            f"{one.pace:.2f}", f"{one.processor:.1f}", f"{one.sql:.0%}",
            str(one.statements), f"{one.kilobytes:.0f}", ("yes" if fast else "longer") if right else "NO",
        )  # fmt: skip
    console.print(table)
    slowest = max(figures, key=lambda one: one.slow)
    console.print(f"The slowest of 20 answers: {slowest.slow:.1f} ms ({slowest.name}).")
    for one in figures:
        if one.longer and not SHORT:
            console.print(f"Not judged: {one.name}: {one.longer}.")
    console.print("Rows: " + ", ".join(f"{number:,} {name}" for name, number in list(rows.items())[:FEW_TABLES]) + ".")
    return good


def main() -> int:
    """Measure on each database."""
    console, good = Console(width=None if sys.stdout.isatty() else 165), True
    told: Callable[[str], None] = (
        (lambda words: print(words, file=sys.stderr)) if os.environ.get("TELL") else lambda _: None
    )
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        kinds: dict[str, Databases] = {"SQLite": stack.enter_context(sqlite_files(folder))}
        if not SHORT:
            kinds["PostgreSQL"] = stack.enter_context(postgres_server())
        for kind, databases in kinds.items():
            figures, rows, lacking = measure(databases, told)
            good &= show(console, kind, figures, rows) and not lacking
            for path in lacking:
                console.print(f"Nobody measures {path}.")
    console.print("Everything holds." if good else "NOT everything holds.")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
