"""The first load of a large company: how many calls, how long, how much memory, and that it can be stopped anywhere.

    python bench/initial_load.py              # 10 000 vendors, 2 000 accounts and dimensions, 50 000 waiting documents
    SHORT=1 python bench/initial_load.py      # a fiftieth of each

The twins are a process of their own on loopback, so that the memory measured is the product's alone. Time is one number that both
processes map: whoever would wait moves it. Intuit's limits are lifted: 50 000 documents in batches of 30 take 42 minutes at 40
batches a minute, whoever posts them. The load runs twice: undisturbed, and stopped again and again at its safe points; both must
end in the same books. The baseline of the same run is half of the documents: memory must not grow with their number.

Prints tables; exits with 1 when a limit on calls or memory is broken, when the load does not end, or when the books do not tie.
"""

import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from databases import Databases, sqlite_files
from ml_connector.app import App
from ml_connector.demonstration.tie_out import tie_out
from ml_connector.model.policy import PostingPolicy
from ml_connector.store import calls, outgoing
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database
from ml_connector.store.schema import OutgoingState, System
from ml_connector.store.vault import MasterKeys, Vault
from ml_connector.work.budget import Limits
from ml_connector.work.jobs import Job, JobReport
from ml_connector.work.p2p_settings import MasterDataSettings
from ml_connector.work.registry import PERFORM
from ml_connector.work.settings import QuickBooksSettings
from ml_connector.work.tenure import StoppedError
from shared_clock import FollowingTwinClock, MovingClock
from twins import demo_company
from twins.basware import BaswareTwin
from twins.demo_company import TODAY
from twins.quickbooks import QuickBooksTwin
from twins.serve import TwinServer
from world import accept_mapping, connection_file

KEYS = b"l" * 32
UNPACED = Limits(requests_per_second=100_000, requests_per_minute=1_000_000, batches_per_minute=1_000_000)
GROWTH = 1.35
"""How many times the peak of half the documents the peak of all of them may be."""
STOP_EVERY = 25
"""Safe points after which the second load is stopped each time."""
ROUNDS = 200
"""Runs of one job before it counts as never ending."""


class Size(msgspec.Struct, frozen=True):
    """How large a company."""

    vendors: int
    lists: int
    documents: int


def seeds(size: Size) -> tuple[dict[str, Any], dict[str, Any]]:
    """The seeds of such a company: its accounts, classes and customers grow, and nobody uses the new ones yet."""
    firm = demo_company.generate(demo_company.Wishes(size.documents, seed=1, vendors=size.vendors))
    books = firm.quickbooks
    kinds = ("Account", "Class", "Customer", "Department")
    for number in range(size.lists):
        kind = kinds[number % len(kinds)]
        books["entities"][kind].append(_list_record(kind, 500_000 + number))
    return books, firm.basware


def _list_record(kind: str, number: int) -> dict[str, Any]:
    name = f"{kind} {number}"
    if kind == "Account":
        return {"Id": str(number), "Name": name, "AccountType": "Expense", "AcctNum": str(number), "Active": True}
    if kind == "Customer":
        return {"Id": str(number), "DisplayName": name, "Active": True}
    return {"Id": str(number), "Name": name, "Active": True}


# the twins, in a process of their own


def serve_twins(size: Size, clock_file: Path, line: Connection) -> None:
    """Serve both twins, say where, and afterwards whether their books tie. Ends when told."""
    moment = FollowingTwinClock(clock_file)
    quickbooks, basware = QuickBooksTwin(moment), BaswareTwin(moment)
    quickbooks_seed, basware_seed = seeds(size)
    quickbooks.add_company(quickbooks_seed)
    basware.add_tenant(basware_seed)
    quickbooks.switches.throttle = False
    with TwinServer(quickbooks) as one, TwinServer(basware) as other:
        small = {name: value for name, value in quickbooks_seed.items() if name != "entities"}
        codes = {name: basware_seed[name] for name in ("client_id", "client_secret", "companies")}
        line.send((one.url, other.url, small, codes))
        line.recv()
        with one.lock, other.lock:
            proof = tie_out(basware.documents(), quickbooks.books(quickbooks_seed["realm_id"]), "USD")
            wrong = [*quickbooks.check(quickbooks_seed["realm_id"]), *basware.check()]
        line.send((proof.holds, [*proof.problems[:3], *wrong[:3]], sum(tie.posted for tie in proof.ties)))


@contextmanager
def twins(size: Size, clock_file: Path) -> Iterator[Connection]:
    """A process with both twins; the connection to it."""
    here, there = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve_twins, args=(size, clock_file, there))
    process.start()
    try:
        yield here
    finally:
        process.terminate()
        process.join()


# the product, in a process of its own too, since a process's peak memory never falls


class Step(msgspec.Struct, frozen=True):
    """What one part of the load took. `peak` is the process's highest memory until its end, in MiB."""

    name: str
    records: int
    quickbooks_calls: int
    basware_calls: int
    most_quickbooks_calls: int
    seconds: float
    peak: float
    stops: int


class Load(msgspec.Struct, frozen=True):
    """What a whole load came to."""

    steps: tuple[Step, ...]
    holds: bool
    problems: tuple[str, ...]
    posted: int

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
        self.steps: list[Step] = []

    def _stopping(self) -> bool:
        self._safe_points += 1
        return bool(self._stop_every) and self._safe_points % self._stop_every == 0

    def do(self, job: Job) -> JobReport:
        """Do a job until a run of it is through, however often it is stopped."""
        for _ in range(ROUNDS * (10 if self._stop_every else 1)):
            desk = self._app.desk(self._row, job=job, stopping=self._stopping)
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
        """Read everything QuickBooks has."""
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

    def measured(self, name: str, records: int, most: int, work: Callable[[], None]) -> None:
        """Measure a part of the load."""
        started, stops = time.perf_counter(), self.stops
        work()
        seconds, seen = time.perf_counter() - started, self._calls()
        new = seen - self._last
        self._last = seen
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        self.steps.append(
            Step(name, records, new[System.QUICKBOOKS], new[System.BASWARE], most, seconds, peak, self.stops - stops)
        )

    def _calls(self) -> Counter[str]:
        with self._app.database.read() as tx:
            return Counter(calls.counts(tx, self._row.id))

    def master_data(self) -> None:
        """Give Basware everything, and hear what it made of it."""
        for _ in range(ROUNDS):
            self.do(Job.MASTER_DATA)
            self._clock.sleep(61)
            self.do(Job.OUTCOMES)
            with self._app.database.read() as tx:
                states = [state for counts in outgoing.counts(tx, self._row.id).values() for state in counts]
            if not {OutgoingState.READY, OutgoingState.SENT} & set(states):
                return
        raise SystemExit("Basware never said what became of the records")

    def given(self) -> int:
        """How many records Basware holds by now."""
        with self._app.database.read() as tx:
            found = outgoing.counts(tx, self._row.id)
        return sum(counts.get(OutgoingState.DONE, 0) for counts in found.values())


def load(url: str, size: Size, stop_every: int, answer: Connection) -> None:
    """Connect a company and load it; run in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        clock_file = Path(folder) / "now"
        clock_file.write_bytes(bytes(8))
        clock = MovingClock(clock_file)
        clock.set(TODAY)
        with twins(size, clock_file) as line:
            quickbooks_url, basware_url, quickbooks_seed, basware_seed = line.recv()
            database = Database.open(url)
            app = App(database, Vault(MasterKeys(KEYS)), clock=clock, home=Path(folder))
            row = _connect(app, quickbooks_url, basware_url, quickbooks_seed, basware_seed)
            loader = Loader(app, row, clock, stop_every)
            known = size.vendors + size.lists
            loader.measured("read QuickBooks", known, ceil(known / 1000) + 60, loader.changes)
            desk = app.desk(row)
            accept_mapping(desk)
            desk.close()
            loader.measured("mapping", 0, 10, lambda: None)
            loader.measured("give Basware its lists", known, 0, loader.master_data)
            batches = ceil(size.documents / 30) + 12 + 6 * ceil(size.documents / 1000)
            loader.measured("post documents", size.documents, batches, loader.documents)
            line.send("tie")
            holds, problems, posted = line.recv()
            app.close()
    answer.send(Load(tuple(loader.steps), holds, tuple(problems), posted))


def _connect(
    app: App, quickbooks_url: str, basware_url: str, quickbooks_seed: dict[str, Any], basware_seed: dict[str, Any]
) -> ConnectionRow:
    file, secrets = connection_file(
        quickbooks_seed, basware_seed, name="large", policy=PostingPolicy(), page_size=100,
        quickbooks=QuickBooksSettings(limits=UNPACED),
    )  # fmt: skip
    at = {"api": quickbooks_url, "token": f"{quickbooks_url}/oauth2/v1/tokens/bearer"}
    settings = msgspec.structs.replace(
        file.settings,
        quickbooks=QuickBooksSettings(base_url=at["api"], token_url=at["token"], limits=UNPACED),
        basware=msgspec.structs.replace(
            file.settings.basware, base_url=basware_url, master_data=MasterDataSettings(enabled=True)
        ),
    )
    return app.add_connection(msgspec.structs.replace(file, settings=settings), secrets)


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
    for column in ("Part", "Records", "QuickBooks calls", "At most", "Basware calls", "Seconds", "s per 1 000",
                   "Peak MiB", "Stopped", "Right"):  # fmt: skip
        table.add_column(column, justify="left" if column == "Part" else "right")
    good = found.holds
    for step in found.steps:
        right = step.quickbooks_calls <= step.most_quickbooks_calls + step.stops * 6
        good &= right
        each = f"{step.seconds / step.records * 1000:.2f}" if step.records else ""
        table.add_row(
            step.name, str(step.records), str(step.quickbooks_calls), str(step.most_quickbooks_calls),
            str(step.basware_calls), f"{step.seconds:.1f}", each, f"{step.peak:.0f}", str(step.stops),
            "yes" if right else "NO",
        )  # fmt: skip
    console.print(table)
    console.print("Both books tie." if found.holds else f"The books do not tie: {'; '.join(found.problems)}")
    return good


def main() -> int:
    """Load half, all, and all with stops."""
    share = 50 if os.environ.get("SHORT") else 1
    size = Size(10_000 // share, 2_000 // share, 50_000 // share)
    half = Size(size.vendors, size.lists, size.documents // 2)
    console = Console(width=None if sys.stdout.isatty() else 140)
    with tempfile.TemporaryDirectory() as folder, sqlite_files(Path(folder)) as databases:
        small = loaded(databases, half)
        whole = loaded(databases, size)
        again = loaded(databases, size, stop_every=STOP_EVERY)
    what = f"{size.vendors:,} vendors, {size.lists:,} accounts and dimensions"
    good = show(console, f"{what}, {half.documents:,} documents", small)
    good &= show(console, f"{what}, {size.documents:,} documents", whole)
    good &= show(console, f"The same, stopped at every {STOP_EVERY}th safe point and begun again", again)
    growth = whole.peak / small.peak
    good &= growth <= GROWTH and again.posted == whole.posted == size.documents
    console.print(f"Posted: {whole.posted} and {again.posted} of {size.documents}")
    console.print(f"Peak memory of all documents / of half of them: {growth:.2f} (at most {GROWTH})")
    console.print("Everything holds." if good else "NOT everything holds.")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
