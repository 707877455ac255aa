"""Several processes with several threads each ask one QuickBooks company for all it gives; Intuit's limits are never overrun.

    python bench/budgets.py              # 130 seconds on each database
    SHORT=1 python bench/budgets.py      # 15

The processes and the clock are real, and the twin on loopback enforces Intuit's limits exactly. Prints a table; exits with
1 when it had to refuse a single call, or when the company was asked for less than nine tenths of what it may be.
"""

import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.synchronize import Barrier
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from databases import Databases, postgres_server, sqlite_files
from ml_connector.app import App
from ml_connector.model.policy import PostingPolicy
from ml_connector.store.database import Database
from ml_connector.store.schema import Priority
from ml_connector.store.vault import MasterKeys, Vault
from ml_connector.work.desk import Desk
from ml_connector.work.settings import QuickBooksSettings
from twins.clock import Clock
from twins.demo_company import basware_seed, quickbooks_seed
from twins.quickbooks import QuickBooksTwin
from twins.serve import TwinServer
from world import connection_file

PROCESSES, THREADS = 4, 5
A_MINUTE = 500
"""Requests Intuit allows to a company in a minute."""
ENOUGH = 0.9


def opened(url: str) -> App:
    """The product in this process."""
    return App(Database.open(url), Vault(MasterKeys(b"w" * 32)))


def ask(url: str, name: str, seconds: float, together: Barrier, made: "multiprocessing.Queue[int]") -> None:
    """One process: its threads ask without a pause; three of them do urgent work, the others poll."""
    app = opened(url)
    row = app.connection(name)
    desks = [app.desk(row, priority=Priority.URGENT if number < 3 else Priority.BULK) for number in range(THREADS)]
    together.wait()
    until = time.monotonic() + seconds

    def calls(desk: Desk) -> int:
        count = 0
        while time.monotonic() < until:
            desk.quickbooks.preferences()
            count += time.monotonic() < until
        desk.close()
        return count

    with ThreadPoolExecutor(THREADS) as pool:
        made.put(sum(pool.map(calls, desks)))
    app.close()


@contextmanager
def served() -> Iterator[tuple[QuickBooksTwin, str]]:
    """The QuickBooks twin on loopback, in real time."""
    twin = QuickBooksTwin(Clock())
    twin.add_company(quickbooks_seed())
    with TwinServer(twin) as server:
        yield twin, server.url


def connect(app: App, address: str) -> str:
    """Connect the demo company; the connection's name."""
    settings = QuickBooksSettings()
    file, known = connection_file(
        quickbooks_seed(), basware_seed(), name="shared", policy=PostingPolicy(), page_size=100, quickbooks=settings
    )
    own = msgspec.structs.replace(
        settings, base_url=address, token_url=f"{address}/oauth2/v1/tokens/bearer", discovery_url=f"{address}/discovery"
    )
    app.add_connection(
        msgspec.structs.replace(file, settings=msgspec.structs.replace(file.settings, quickbooks=own)), known
    )
    desk = app.desk(app.connection("shared"))
    desk.quickbooks.company_info()  # one sign-in before the others come
    desk.close()
    return "shared"


def measure(databases: Databases, seconds: float) -> tuple[int, int, float]:
    """Calls made, calls refused, and calls a minute."""
    context = multiprocessing.get_context("spawn")
    with databases.fresh() as url, served() as (twin, address):
        app = opened(url)
        name = connect(app, address)
        made: multiprocessing.Queue[int] = context.Queue()
        together = context.Barrier(PROCESSES + 1)
        arguments = (url, name, seconds, together, made)
        workers = [context.Process(target=ask, args=arguments, daemon=True) for _ in range(PROCESSES)]
        for worker in workers:
            worker.start()
        together.wait(timeout=120)
        count = sum(made.get(timeout=seconds + 120) for _ in workers)
        for worker in workers:
            worker.join()
        app.close()
        return count, int(twin.calls["throttled"]), count / seconds * 60


def main() -> int:
    """Measure on both databases and judge."""
    seconds = 15.0 if os.environ.get("SHORT") else 130.0
    table = Table(
        title=f"{PROCESSES} processes with {THREADS} threads each, {seconds:.0f} seconds", title_justify="left"
    )
    for column in ("Database", "Calls", "Refused (0)", f"A minute (≥ {ENOUGH * A_MINUTE:.0f})"):
        table.add_column(column, justify="left" if column == "Database" else "right")
    good = True
    with tempfile.TemporaryDirectory() as folder, sqlite_files(Path(folder)) as files, postgres_server() as server:
        kinds: list[tuple[str, Databases]] = [("SQLite", files), ("PostgreSQL", server)]
        for name, databases in kinds:
            calls, refused, rate = measure(databases, seconds)
            good = good and refused == 0 and rate >= ENOUGH * A_MINUTE
            table.add_row(name, str(calls), str(refused), f"{rate:.0f}")
    Console(width=100).print(table)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
