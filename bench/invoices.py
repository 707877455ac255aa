"""How many calls, how long and how much memory it takes to post waiting invoices, on twins without any delay.

    python bench/invoices.py              # 1 000 invoices
    SHORT=1 python bench/invoices.py      # 200
    COUNT=10000 python bench/invoices.py

Prints a table; exits with 1 when the calls are more than they may be, when a document was read singly, or when the books of the two
twins do not tie. The baseline of the same run is the twins alone: the same documents posted one by one with no product between.
"""

import os
import resource
import sys
import tempfile
import time
from collections import Counter
from decimal import Decimal
from math import ceil
from pathlib import Path
from typing import Any

import httpx2
import msgspec
from rich.console import Console
from rich.table import Table

from databases import sqlite_files
from ml_connector.demonstration.tie_out import tie_out
from ml_connector.work.budget import Limits
from ml_connector.work.engine import run
from ml_connector.work.settings import QuickBooksSettings
from twins import demo_company
from world import QUICKBOOKS_HOST, World, build_world

MOST_CALLS_FOR_1000 = 45


class CountingTransport(httpx2.BaseTransport):
    """Counts what goes over the wire to each system."""

    def __init__(self, inner: httpx2.BaseTransport) -> None:
        self._inner = inner
        self.calls: Counter[str] = Counter()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Count one request and pass it on."""
        system = "QuickBooks" if request.url.host == QUICKBOOKS_HOST else "Basware"
        self.calls[system] += 1
        parts = request.url.path.strip("/").split("/")
        if (
            system == "QuickBooks"
            and request.method == "GET"
            and parts[-2] in {"bill", "vendorcredit", "journalentry", "vendor"}
        ):
            self.calls["single reads"] += 1
        return self._inner.handle_request(request)


def most_calls(count: int) -> int:
    """What may be used: the batches themselves, and what 1 000 invoices leave for everything else."""
    return ceil(count / 30) + (MOST_CALLS_FOR_1000 - ceil(1000 / 30)) + 6 * (ceil(count / 1000) - 1)


def firm_with(count: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The seeds of a firm with so many waiting invoices, all of which can be posted."""
    firm = demo_company.generate(demo_company.Wishes(count, seed=1))
    return firm.quickbooks, firm.basware


def measure(count: int, url: str) -> tuple[World, CountingTransport, float, float]:
    """Post `count` invoices; the world afterwards, the calls, seconds of work and the process's peak memory in MiB."""
    world = build_world(
        url,
        company=firm_with(count),
        quickbooks_settings=QuickBooksSettings(limits=Limits(requests_per_second=10)),
    )
    transport = CountingTransport(world.transport)
    world.restart("bench", transport=transport)
    started = time.perf_counter()
    run(world.desk())
    seconds = time.perf_counter() - started
    return world, transport, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def baseline(count: int, url: str) -> float:
    """Seconds the twin alone needs to take the same transactions in batches, with nothing in between."""
    world = build_world(url, company=firm_with(count))
    bodies = _bodies(count, world)
    started = time.perf_counter()
    for request in bodies:
        world.clock.sleep(2)  # the twin's own limits
        answer = world.transport.handle_request(request)
        if answer.status_code != 200:
            raise SystemExit(f"the baseline's batch was answered with {answer.status_code}")
    return time.perf_counter() - started


def _bodies(count: int, world: World) -> list[httpx2.Request]:
    """Batches with as many simple bills as there are invoices."""
    token = httpx2.Client(transport=world.transport).post(
        f"https://{QUICKBOOKS_HOST}/oauth2/v1/tokens/bearer",
        data={"grant_type": "refresh_token", "refresh_token": demo_company.setup()["quickbooks"]["refresh_token"]},
        auth=(demo_company.setup()["quickbooks"]["client_id"], demo_company.setup()["quickbooks"]["client_secret"]),
    )
    books = world.quickbooks.books(world.realm_id)
    vendor = next(one["Id"] for one in books["Vendor"] if one["Active"])
    account = next(one["Id"] for one in books["Account"] if one["AccountType"] == "Expense" and one["Active"])
    headers = {
        "Authorization": f"Bearer {token.json()['access_token']}",
        "Accept": "application/json",
        "Content-Type": "application/json",
    }
    requests = []
    for start in range(0, count, 30):
        items = [
            {"bId": str(number), "operation": "create", "Bill": _bill(vendor, account, number)}
            for number in range(start, min(start + 30, count))
        ]
        body = msgspec.json.encode({"BatchItemRequest": items})
        url = f"https://{QUICKBOOKS_HOST}/v3/company/{world.realm_id}/batch?minorversion=75&requestid=base-{start}"
        requests.append(httpx2.Request("POST", url, headers=headers, content=body))
    return requests


def _bill(vendor: str, account: str, number: int) -> dict[str, Any]:
    detail = {"AccountRef": {"value": account}}
    line = {"Amount": 10, "DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": detail}
    return {"VendorRef": {"value": vendor}, "TxnDate": "2026-11-01", "DocNumber": f"BASE-{number}", "Line": [line]}


def main() -> int:
    """Measure and judge."""
    count = int(os.environ.get("COUNT", "200" if os.environ.get("SHORT") else "1000"))
    with tempfile.TemporaryDirectory() as folder, sqlite_files(Path(folder)) as files:
        with files.fresh() as url:
            bare = baseline(count, url)
        with files.fresh() as url:
            world, transport, seconds, memory = measure(count, url)
            quickbooks, basware = world.quickbooks.books(world.realm_id), world.basware.documents()
            proof = tie_out(basware, quickbooks, "USD")
    limit, used = most_calls(count), transport.calls["QuickBooks"]
    posted = sum((tie.posted for tie in proof.ties), 0)
    amount = sum((tie.posted_amount for tie in proof.ties), Decimal(0))
    table = Table(title=f"{count} waiting invoices, SQLite, twins without delay", title_justify="left")
    for column in ("Figure", "Value"):
        table.add_column(column, justify="right" if column == "Value" else "left")
    for label, value in (
        ("posted", f"{posted} ({amount:,} USD)"),
        ("QuickBooks calls", f"{used} (at most {limit})"),
        ("of which single reads", str(transport.calls["single reads"])),
        ("Basware calls", str(transport.calls["Basware"])),
        ("documents per second", f"{count / seconds:,.0f}"),
        ("the twin alone, bills per second", f"{count / bare:,.0f}"),
        ("product and twins / twin alone", f"{seconds / bare:.1f}"),
        ("peak memory, both twins included", f"{memory:.0f} MiB"),
        ("tie-out", "everything ties" if proof.holds else "; ".join(proof.problems[:3])),
    ):
        table.add_row(label, value)
    Console(width=100).print(table)
    good = proof.holds and posted == count and used <= limit and not transport.calls["single reads"]
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
