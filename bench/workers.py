"""Three workers on PostgreSQL; one is killed in the middle of a batch, one is stopped and woken again after another took over.

    python bench/workers.py              # four companies with 60 invoices each
    SHORT=1 python bench/workers.py      # three companies with 40

Every worker is a real process, both twins answer over loopback and slowly enough that there is a middle. Exits with 1 unless all
work is done within 15 seconds of the kill and every document stands exactly once in QuickBooks and was answered exactly once.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import msgspec
from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from databases import postgres_server
from ml_connector.app import App, Settings, initialise
from ml_connector.rules.marker import find_marker
from ml_connector.store import connections, document_lists, leases
from ml_connector.store.schema import BatchState, DocumentState, batches
from ml_connector.work.jobs import Job
from ml_connector.work.settings import read_connection_file
from twins import demo_company
from world import TRANSACTIONS, accept_mapping

WITHIN = 15.0
"""Seconds after the kill in which everything has to be done."""
SLOW_BATCH = 0.5
"""Seconds each batch takes at QuickBooks."""
PATIENCE = 60.0
"""Seconds after which the bench gives up waiting for anything."""

Seeds = dict[str, list[dict[str, Any]]]
Process = subprocess.Popen[bytes]
Row = tuple[str, str, str]
"""A figure, its value, and what to think of it."""


def companies(count: int, invoices: int) -> Seeds:
    """So many firms with so many waiting invoices each, every one with credentials and ids of its own."""
    seeds: Seeds = {"quickbooks": [], "basware": []}
    for number in range(count):
        firm = demo_company.generate(demo_company.Wishes(invoices, seed=number + 1))
        own = {"client_id": f"workers-{number}", "client_secret": f"secret-{number}"}
        realm = {"realm_id": f"93414539001270{number:02}", "refresh_token": f"RT1-workers-{number}"}
        tenant = {"user": f"workers-{number}.api", "password": f"password-{number}", "bwcid": f"{number:032x}"}
        seeds["quickbooks"].append(firm.quickbooks | own | realm)
        seeds["basware"].append(firm.basware | own | tenant | {"network": {}})
    return seeds


def connection(number: int, urls: Mapping[str, str]) -> str:
    """The connection file of one firm. Unanswered calls are settled after 2 s: the twins keep no call longer than a second."""
    company = f"workers-{number}"
    return f'''name = "{company}"
[basware]
base_url = "{urls["basware"]}"
company_codes = ["US10"]
client_id = "{company}"
client_secret = "secret-{number}"
[quickbooks]
base_url = "{urls["quickbooks"]}"
token_url = "{urls["quickbooks"]}/oauth2/v1/tokens/bearer"
realm_id = "93414539001270{number:02}"
client_id = "{company}"
client_secret = "secret-{number}"
refresh_token = "RT1-workers-{number}"
batch_size = 15
settle_after = 2.0
'''


@contextmanager
def served(seeds: Seeds, folder: Path) -> Iterator[dict[str, str]]:
    """Both twins as a process, with every company in them; their addresses."""
    file = folder / "companies.json"
    file.write_bytes(msgspec.json.Encoder(decimal_format="number").encode(seeds))
    command = [sys.executable, "-m", "twins", "serve", "--company", str(file), "--until-stdin-closes"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        yield {name: ready[name]["url"] for name in ("quickbooks", "basware")}
        process.stdin.close()


@contextmanager
def worker(environment: Mapping[str, str], log: Path, threads: int) -> Iterator[Process]:
    """One worker process, ended with the block however it ends."""
    command = [
        str(Path(sys.executable).with_name("ml-connector")),
        "work",
        "--engine",
        "queue",
        "--threads",
        str(threads),
    ]
    with log.open("wb") as output, subprocess.Popen(command, env=environment, stdout=output, stderr=output) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.kill()


def wait_for(what: str, true: Callable[[], Any]) -> Any:
    """Whatever the condition gives once it holds. Ends the bench when it never does."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if found := true():
            return found
        time.sleep(0.05)
    raise SystemExit(f"gave up waiting: {what}")


class Watch:
    """What can be seen of the work while it is done, in the product's own tables."""

    def __init__(self, app: App, expected: int) -> None:
        self._app = app
        self._expected = expected
        with app.database.read() as tx:
            self._ids = [row.id for row in connections.list_all(tx)]

    def in_mid_batch(self, among: Mapping[str, Process]) -> str:
        """The name of a process whose batch QuickBooks is at right now, empty if there is none."""
        with self._app.database.read() as tx:
            query = select(batches.c.worker).where(batches.c.state == BatchState.SENDING)
            busy = {process_of(name) for name in tx.execute(query).scalars()}
        return next((name for name, process in among.items() if process.pid in busy), "")

    def is_posting(self, process: Process) -> bool:
        """Whether a process does the invoices of any company right now."""
        now = self._app.clock.now()
        with self._app.database.read() as tx:
            holders = [leases.holder(tx, one, Job.INVOICES, now) for one in self._ids]
        return process.pid in {process_of(holder) for holder in holders if holder}

    def left(self) -> int:
        """How many documents are not through yet: posted, and Basware told."""
        with self._app.database.read() as tx:
            counts = [document_lists.counts(tx, one) for one in self._ids]
        return self._expected - sum(found.get(DocumentState.CONFIRMED, (0,))[0] for found in counts)


def process_of(worker_name: str) -> int:
    """The process number in a worker's name."""
    return int(worker_name.split("/")[2].partition(".")[0])


def wrong_in_the_books(urls: Mapping[str, str], seeds: Seeds) -> list[str]:
    """What the twins' own books say is not exactly once."""
    wrong: list[str] = []
    for company, tenant in zip(seeds["quickbooks"], seeds["basware"], strict=True):
        books = _books(urls["quickbooks"], company["realm_id"])
        posted = Counter(
            marker.invoice_id
            for kind in TRANSACTIONS
            for record in books[kind]
            if (marker := find_marker(record.get("PrivateNote", ""))) is not None and marker.part <= 1
        )
        for document in _books(urls["basware"], tenant["client_id"])["accountingDocuments"]:
            number, times = document["invoiceNumber"], posted[document["invoiceId"]]
            answers = [answer["success"] for answer in document.get("transferResponses") or []]
            if times != 1 or answers != [True]:
                wrong.append(f"{company['realm_id']} {number}: {times} transactions, answers {answers}")
    return wrong


def _books(url: str, company: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "twins", "books", "--json", "--url", url, "--company", company]
    answer = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    return dict(json.loads(answer.stdout))


def connect(app: App, seeds: Seeds, urls: Mapping[str, str]) -> None:
    """Add every firm's connection and accept the proposed mapping."""
    for number in range(len(seeds["quickbooks"])):
        file = read_connection_file(connection(number, urls), is_json=False)
        row = app.add_connection(file, {field: str(value) for field, value in file.secrets.items()})
        desk = app.desk(row)
        accept_mapping(desk)
        desk.write_calls()
        desk.close()


def story(app: App, environment: Mapping[str, str], seeds: Seeds, urls: Mapping[str, str], folder: Path) -> list[Row]:
    """Start, kill one, stop another, wake it; the figures of what happened."""
    expected = sum(len(tenant["accountingDocuments"]) for tenant in seeds["basware"])
    watch, names = Watch(app, expected), ("first", "second", "third")
    with ExitStack() as stack:
        at_work = {
            name: stack.enter_context(worker(environment, folder / f"{name}.log", len(seeds["basware"]) - 1))
            for name in names
        }
        victim = wait_for("a worker in mid-batch", lambda: watch.in_mid_batch(at_work))
        sleeper = wait_for(
            "another worker that posts",
            lambda: next((name for name in names if name != victim and watch.is_posting(at_work[name])), ""),
        )
        left = watch.left()
        at_work[sleeper].send_signal(signal.SIGSTOP)
        at_work[victim].kill()
        killed = time.monotonic()
        wait_for("the third worker to take everything over", lambda: watch.left() == 0)
        seconds = time.monotonic() - killed
        at_work[sleeper].send_signal(signal.SIGCONT)
        wait_for("the woken worker to let go", lambda: not watch.is_posting(at_work[sleeper]))
        woken = at_work[sleeper].poll() is None
    wrong = wrong_in_the_books(urls, seeds)
    return [
        ("invoices", str(expected), ""),
        ("not through when one worker was killed and one stopped", str(left), "ok" if left else "TOO LATE"),
        ("seconds from the kill to the last answer", f"{seconds:.1f}", "ok" if seconds <= WITHIN else "TOO LONG"),
        ("the woken worker noticed and lives on", "yes" if woken else "no", "ok" if woken else "WRONG"),
        ("documents not exactly once in both systems", str(len(wrong)), "; ".join(wrong[:3]) or "ok"),
    ]


def main() -> int:
    """Set everything up, tell the story, judge."""
    short = bool(os.environ.get("SHORT"))
    seeds = companies(3, 40) if short else companies(4, 60)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database = stack.enter_context(stack.enter_context(postgres_server()).fresh())
        urls = stack.enter_context(served(seeds, folder))
        settings = Settings(home=folder / "home", database_url=database)
        initialise(settings)[0].close()
        app = App.open(settings)
        stack.callback(app.close)
        connect(app, seeds, urls)
        slow = {"kind": "slow", "path": "/batch$", "contains": "operation", "delay": SLOW_BATCH, "times": None}
        httpx2.post(f"{urls['quickbooks']}/_twin/faults", json=slow).raise_for_status()
        environment = os.environ | {"ML_CONNECTOR_HOME": str(settings.home), "ML_CONNECTOR_DATABASE_URL": database}
        try:
            rows = story(app, environment, seeds, urls, folder)
        except SystemExit:
            for log in sorted(folder.glob("*.log")):
                sys.stderr.write(f"--- what the {log.stem} worker said last\n{log.read_text()[-3000:]}\n")
            raise
    table = Table(
        title="Three workers on PostgreSQL: one killed in mid-batch, one stopped and woken", title_justify="left"
    )
    for column in ("Figure", "Value", "Verdict"):
        table.add_column(column, justify="right" if column == "Value" else "left")
    for row in rows:
        table.add_row(*row)
    Console(width=120).print(table)
    return 0 if all(verdict in {"", "ok"} for _, _, verdict in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
