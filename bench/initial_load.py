"""The first load of a large company: how many calls, how long, how much memory, and that it can be stopped anywhere.

    python bench/initial_load.py              # 10 000 vendors, 2 000 accounts and dimensions, 50 000 documents
    SHORT=1 python bench/initial_load.py      # a fiftieth of each

Everything is switched on: vendors both ways, lists and dimensions, purchase orders both ways, documents, payments. The twins are a
process of their own on loopback. Time is one number that both processes map: whoever would wait moves it. Intuit's limits are
lifted: 50 000 documents in batches of 30 take 42 minutes at 40 batches a minute, whoever posts them.

The load runs three times: with a fifth of the documents, with a fifth and stopped again and again at its safe points, and whole.
The first two must end in the same books; memory must not grow with the number of documents.

Prints tables; exits with 1 when a limit on calls or memory is broken, when a load does not end, or when the books do not tie.
"""

import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from math import ceil
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from databases import Databases, sqlite_files
from large_company import Size, Verdict, twins
from ml_connector.app import App
from ml_connector.model.policy import PostingPolicy
from ml_connector.store import calls, outgoing
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database
from ml_connector.store.schema import OutgoingState, System
from ml_connector.store.vault import MasterKeys, Vault
from ml_connector.work.budget import Limits
from ml_connector.work.jobs import Job, JobReport
from ml_connector.work.p2p_settings import MasterDataSettings, MatchingOrdersSettings, OrdersFeed, VendorsFeed
from ml_connector.work.registry import PERFORM
from ml_connector.work.settings import ConnectionSettings, QuickBooksSettings
from ml_connector.work.tenure import StoppedError
from ml_connector.work.vendors.settings import VendorSettings
from shared_clock import MovingClock
from twins.demo_company import TODAY
from world import accept_mapping, connection_file

KEYS = b"l" * 32
UNPACED = Limits(requests_per_second=100_000, requests_per_minute=1_000_000, batches_per_minute=1_000_000)
GROWTH = 1.35
"""How many times the peak of a fifth of the documents the peak of all of them may be."""
STOP_EVERY = 25
"""Safe points after which the second load is stopped each time."""
ROUNDS = 200
"""Runs of one job before it counts as never ending."""


class Step(msgspec.Struct, frozen=True):
    """What one part of the load took. `peak` is the process's highest memory until its end, in MiB."""

    name: str
    records: int
    quickbooks_calls: int
    most_quickbooks_calls: int
    basware_calls: int
    most_basware_calls: int
    seconds: float
    peak: float
    stops: int

    @property
    def is_right(self) -> bool:
        """Whether there were no more calls than the batch limits require; a stop may cost some."""
        more = self.stops * 30
        return (
            self.quickbooks_calls <= self.most_quickbooks_calls + more
            and self.basware_calls <= self.most_basware_calls + more
        )


class Load(msgspec.Struct, frozen=True):
    """What a whole load came to."""

    steps: tuple[Step, ...]
    verdict: Verdict

    @property
    def peak(self) -> float:
        return self.steps[-1].peak


class Loader:
    """One company's first load, job by job."""

    def __init__(self, app: App, row: ConnectionRow, clock: MovingClock, stop_every: int) -> None:
        self._app, self._row, self._clock = app, row, clock
        self._stop_every = stop_every
        self._safe_points = self.stops = 0
        self._last: Counter[str] = Counter()
        self._bar = Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
        self._task = self._bar.add_task("")
        self.steps: list[Step] = []

    def _stopping(self) -> bool:
        self._safe_points += 1
        return bool(self._stop_every) and self._safe_points % self._stop_every == 0

    def _watch(self, what: str, done: int, total: int) -> None:
        self._bar.update(self._task, description=what, completed=done, total=total or None)

    def do(self, job: Job) -> JobReport:
        """Do a job until a run of it is through, however often it is stopped."""
        for _ in range(ROUNDS * (10 if self._stop_every else 1)):
            desk = self._app.desk(self._row, self._watch, job=job, stopping=self._stopping)
            try:
                desk.take_lease()
                try:
                    report = PERFORM[job](desk)
                finally:
                    desk.release_lease()
            except StoppedError:
                self.stops += 1
                continue
            finally:
                desk.close()
            return report
        raise SystemExit(f"{job} never came to its end")

    def changes(self) -> None:
        """Read what QuickBooks has."""
        self.do(Job.CHANGES)

    def changes_of_an_hour(self) -> None:
        """Catch up with QuickBooks when the time for it has come."""
        self._clock.sleep(3601)
        self.do(Job.CHANGES)

    def documents(self) -> None:
        """Post until a run finds nothing to do; what a stop cut off is settled when its time has come."""
        for _ in range(ROUNDS):
            report = self.do(Job.INVOICES)
            if report.again_at is not None:
                self._clock.sleep((report.again_at - self._clock.now()).total_seconds())
            elif not any(report.counts.values()):
                return
        raise SystemExit("the documents never came to their end")

    def orders(self) -> None:
        """Take Basware's orders over and put them into QuickBooks, give QuickBooks' orders to Basware."""
        self.changes_of_an_hour()
        self.do(Job.ORDERS)
        self.documents()
        self.master_data()

    def payments(self) -> None:
        """Read what was paid, tell Basware, and hear what it made of it."""
        self.changes_of_an_hour()
        self.do(Job.PAYMENTS)
        self._clock.sleep(61)
        self.do(Job.OUTCOMES)

    def master_data(self) -> None:
        """Give Basware everything, QuickBooks its vendors, and hear what became of it, until two rounds find nothing under way:
        what was heard of in one, such as the head of an order, lets the next send more."""
        quiet = 0
        for _ in range(ROUNDS):
            report = self.do(Job.MASTER_DATA)
            self.documents()
            self._clock.sleep(61)
            self.do(Job.OUTCOMES)
            quiet = 0 if report.counts["calls"] or self._under_way() else quiet + 1
            if quiet == 2:
                return
        raise SystemExit("Basware never said what became of the records")

    def _under_way(self) -> bool:
        with self._app.database.read() as tx:
            states = {state for counts in outgoing.counts(tx, self._row.id).values() for state in counts}
        return bool({OutgoingState.READY, OutgoingState.SENT} & states)

    def measured(self, name: str, records: int, most: tuple[int, int], work: Callable[[], None]) -> None:
        """Measure a part of the load. `most`: how many calls of QuickBooks and of Basware it may take."""
        started, stops = time.perf_counter(), self.stops
        with self._bar:
            work()
        seconds, seen = time.perf_counter() - started, self._calls()
        new = seen - self._last
        self._last = seen
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        counts = (new[System.QUICKBOOKS], most[0], new[System.BASWARE], most[1])
        self.steps.append(Step(name, records, *counts, seconds, peak, self.stops - stops))

    def _calls(self) -> Counter[str]:
        with self._app.database.read() as tx:
            return Counter(calls.counts(tx, self._row.id))


def load(url: str, size: Size, stop_every: int, answer: Connection) -> None:
    """Connect a company and load it; run in a process of its own, since a process's peak memory never falls."""
    with tempfile.TemporaryDirectory() as folder:
        clock_file = Path(folder) / "now"
        clock_file.write_bytes(bytes(8))
        clock = MovingClock(clock_file)
        clock.set(TODAY)
        with twins(size, clock_file) as line:
            quickbooks_url, basware_url, quickbooks_seed, basware_seed = line.recv()
            app = App(Database.open(url), Vault(MasterKeys(KEYS)), clock=clock, home=Path(folder))
            row = _connect(app, quickbooks_url, basware_url, quickbooks_seed, basware_seed)
            loader = Loader(app, row, clock, stop_every)
            _load(app, row, loader, size, lambda wish: _asked(line, wish))
            verdict = _asked(line, "judge")
            app.close()
    answer.send(Load(tuple(loader.steps), verdict))


def _load(app: App, row: ConnectionRow, loader: Loader, size: Size, ask: Callable[[str], Any]) -> None:
    """Every part, with the calls that the batch limits require: 1 000 records of a query, 30 writes of a batch, 500 records of most
    lists and 200 vendors of a call; one call for each acknowledgement, transfer response, payment response and each order's lines;
    what became of answers is asked by pages of 500 and acknowledged by the hundred."""
    known = size.vendors + size.lists
    reads = ceil(known / 1000) + 30
    loader.measured("read QuickBooks", known, (reads, 0), loader.changes)
    desk = app.desk(row)
    accept_mapping(desk)
    desk.close()
    given = ceil(size.vendors / 200) + ceil(size.lists / 500)
    loader.measured(
        "vendors, lists", known, (ceil(size.vendors / 3 / 30) + 2 * reads, 3 * given + 80), loader.master_data
    )
    ask("order")
    orders = 2 * size.orders
    loader.measured(
        "orders",
        orders,
        (ceil(size.orders / 30) + 2 * reads, orders + 2 * ceil(orders / 100) + 100),
        loader.orders,
    )
    ask("approve")
    batches = ceil(size.documents / 30) + 12 + 6 * ceil(size.documents / 1000)
    pages = 3 * ceil(size.documents / 100) + 50
    loader.measured("documents", size.documents, (batches, 2 * size.documents + pages), loader.documents)
    ask("tie")
    bills = ask("pay")
    answers = size.documents + bills
    heard = ceil(answers / 100) + ceil(answers / 500) + 60
    loader.measured("payments", bills, (3 * ceil(size.documents / 1000) + reads, bills + heard), loader.payments)


def _asked(line: Connection, wish: str) -> Any:
    line.send(wish)
    return line.recv()


def _connect(
    app: App, quickbooks_url: str, basware_url: str, quickbooks_seed: dict[str, Any], basware_seed: dict[str, Any]
) -> ConnectionRow:
    file, secrets = connection_file(
        quickbooks_seed, basware_seed, name="large", policy=PostingPolicy(), page_size=100,
        quickbooks=QuickBooksSettings(limits=UNPACED),
    )  # fmt: skip
    at = {"base_url": quickbooks_url, "token_url": f"{quickbooks_url}/oauth2/v1/tokens/bearer"}
    quickbooks = QuickBooksSettings(**at, limits=UNPACED)
    settings = _everything_on(msgspec.structs.replace(file.settings, quickbooks=quickbooks), basware_url)
    return app.add_connection(msgspec.structs.replace(file, settings=settings), secrets)


def _everything_on(settings: ConnectionSettings, basware_url: str) -> ConnectionSettings:
    basware = msgspec.structs.replace(
        settings.basware,
        base_url=basware_url,
        vendors=VendorsFeed(enabled=True),
        orders=OrdersFeed(enabled=True, post=True),
        master_data=MasterDataSettings(enabled=True),
        matching_orders=MatchingOrdersSettings(enabled=True),
    )
    return msgspec.structs.replace(
        settings, basware=basware, vendors=VendorSettings(to_basware=True, to_quickbooks=True)
    )


def loaded(databases: Databases, size: Size, *, stop_every: int = 0) -> Load:
    """Load such a company in a process of its own."""
    here, there = multiprocessing.get_context("spawn").Pipe()
    with databases.fresh() as url:
        process = multiprocessing.get_context("spawn").Process(target=load, args=(url, size, stop_every, there))
        process.start()
        there.close()
        try:
            found: Load = here.recv()
        except EOFError:
            raise SystemExit("the load ended with an error, which stands above") from None
        finally:
            process.join()
    return found


def show(console: Console, title: str, found: Load) -> bool:
    """Print what a load took; whether everything holds."""
    table = Table(title=title, title_justify="left")
    for column in ("Part", "Records", "QuickBooks calls", "At most", "Basware calls", "At most", "Seconds",
                   "s per 1 000", "Peak MiB", "Stopped", "Right"):  # fmt: skip
        table.add_column(column, justify="left" if column == "Part" else "right")
    for step in found.steps:
        table.add_row(
            step.name, str(step.records), str(step.quickbooks_calls), str(step.most_quickbooks_calls),
            str(step.basware_calls), str(step.most_basware_calls), f"{step.seconds:.1f}",
            f"{step.seconds / step.records * 1000:.2f}", f"{step.peak:.0f}", str(step.stops),
            "yes" if step.is_right else "NO",
        )  # fmt: skip
    console.print(table)
    problems = found.verdict.problems
    console.print("Both books tie." if not problems else f"The books do not tie: {'; '.join(problems)}", markup=False)
    return not problems and all(step.is_right for step in found.steps)


def main() -> int:
    """Load a fifth, a fifth with stops, and all."""
    share = 50 if os.environ.get("SHORT") else 1
    size = Size(10_000 // share, 2_000 // share, 1_000 // share, 50_000 // share)
    fifth = msgspec.structs.replace(size, documents=size.documents // 5)
    console = Console(width=None if sys.stdout.isatty() else 160)
    what = f"{size.vendors:,} vendors, {size.lists:,} accounts and dimensions, 2 times {size.orders:,} orders"
    with tempfile.TemporaryDirectory() as folder, sqlite_files(Path(folder)) as databases:
        small = loaded(databases, fifth)
        good = show(console, f"{what}, {fifth.documents:,} documents", small)
        again = loaded(databases, fifth, stop_every=STOP_EVERY)
        good &= show(console, f"The same, stopped at every {STOP_EVERY}th safe point and begun again", again)
        whole = loaded(databases, size)
        good &= show(console, f"{what}, {size.documents:,} documents", whole)
    growth = whole.peak / small.peak
    good &= growth <= GROWTH and whole.verdict.posted == size.documents
    good &= again.verdict.digest == small.verdict.digest
    console.print(f"Posted: {whole.verdict.posted:,} of {size.documents:,}; told as paid: {whole.verdict.paid:,}")
    same = "the same" if again.verdict.digest == small.verdict.digest else "OTHER"
    console.print(f"Stopped again and again, the load ends in {same} books as undisturbed.")
    console.print(f"Peak memory of all documents / of a fifth of them: {growth:.2f} (at most {GROWTH})")
    console.print("Everything holds." if good else "NOT everything holds.")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
