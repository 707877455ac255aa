"""Crash before and after every step, lose every answer, deliver every request twice; then see what the books say.

One small company runs once undisturbed while its steps are counted: every commit to the database and every request to either
system. Then some of its documents are sent again, one of them corrected. The story is told again for each step and each fault; the
program is started anew until nothing is due, and the twins' own books are checked: each document has exactly the transactions and
exactly one transfer response for each sending.

    python bench/crash_matrix.py            # every step, on SQLite and PostgreSQL
    SHORT=1 python bench/crash_matrix.py    # every 19th step on SQLite, every 101st on PostgreSQL

Stories run side by side, one on each processor.

Prints a table; exits with 1 if any cell is not right.
"""

import multiprocessing
import os
import sys
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

import crashes
from crashes import ON_COMMITS, Crash, Saboteur, new_life
from databases import Databases, PostgresServer, postgres_server, sqlite_files
from ml_connector.app import App
from ml_connector.model.policy import PostingPolicy, UnknownVendor
from ml_connector.rules.marker import find_marker
from ml_connector.work.engine import TRY_LATER, run
from ml_connector.work.tenure import LONG, ConnectionBusyError
from remembered import remembered
from twins import demo_company
from world import World, build_world, payable

FAULTS = (*crashes.FAULTS, "crash twice")

_MAX_RUNS = 25
_TOKEN_LIFE = 3700.0
_WANTED = {
    # invoice number: transactions, transfer responses after the first sending
    "QP-INV-20991": (1, 1),  # a bill
    "BO-CR-20417": (1, 1),  # a vendor credit
    "BO-449105": (1, 1),  # two locations: a journal entry
    "F-2291": (0, 1),  # lines differ from the total: given back to Basware
    "NEW-1001": (1, 1),  # a supplier QuickBooks does not know: the vendor is created first
}


_AGAIN = {"QP-INV-20991": True, "BO-CR-20417": False}
"""What Basware sends a second time, and whether corrected: a bill to update, a credit that is only to be answered again."""


def company() -> tuple[dict[str, Any], dict[str, Any]]:
    """The demo company with a handful of its documents, and one of a supplier QuickBooks has never heard of.

    QuickBooks does not mind duplicate numbers here: nothing but the product stands between a crash and a second bill.
    """
    quickbooks, basware = demo_company.quickbooks_seed(), demo_company.basware_seed()
    for setting in quickbooks["Preferences"]["OtherPrefs"]["NameValue"]:
        if setting["Name"].startswith("WarnDuplicate"):
            setting["Value"] = "false"
    chosen = [one for one in basware["accountingDocuments"] if one["invoiceNumber"] in _WANTED]
    new = next(
        one for one in demo_company.basware_seed()["accountingDocuments"] if one["invoiceNumber"] == "QP-INV-20991"
    )
    new |= {
        "invoiceId": "0" * 31 + "1",
        "invoiceNumber": "NEW-1001",
        "supplierCode": "V-90001",
        "supplierName": "Newcomer Consulting Ltd",
        "attachments": [],
    }
    return quickbooks, basware | {"accountingDocuments": [*chosen, new], "attachments": {}}


def live(world: World, url: str, saboteur: Saboteur) -> None:
    """Start the program again and again, as whoever operates it would, until nothing is due."""
    for life in range(_MAX_RUNS):
        with new_life(world, url, saboteur, life) as app:
            try:
                if _is_done(app):
                    return
            except Crash:
                saboteur.strike_again()
        world.clock.sleep(LONG + 1)
    raise AssertionError(f"not finished after {_MAX_RUNS} runs")


def _is_done(app: App) -> bool:
    """One run; whether it found nothing to do and left nothing open."""
    desk = app.desk(app.connection(""))
    try:
        report = run(desk)
    except (ConnectionBusyError, *TRY_LATER):
        return False  # what a run may end with when an answer is lost; anything else is a defect and shows in its cell
    moved = report.intake.new + report.planned + report.posted.done + report.posted.unclear + report.answered.done
    return moved + report.answered.unclear == 0 and report.next_due is None


def send_again(world: World) -> None:
    """Basware sends some documents again, one of them over ten dollars more."""
    for number, corrected in _AGAIN.items():
        document = world.in_basware(number)
        changes = {}
        if corrected:
            rows = [dict(row) for row in document["codingRows"]]
            for holder, names in ((rows[0], ("netTotal", "grossTotal")), (changes, ("netSum", "grossSum"))):
                known = rows[0] if holder is rows[0] else document
                holder.update({name: known[name] + 10 for name in names})
            changes["codingRows"] = rows
        world.send_again(number, **changes)


def verdict(world: World, sent: int) -> str:
    """What is wrong in the two systems' books; empty if nothing is. `sent`: how often Basware sent what it sends again."""
    wrong = [*world.quickbooks.check(world.realm_id), *world.basware.check()]
    books = world.quickbooks.books(world.realm_id)
    posted: dict[str, int] = {}
    for kind in ("Bill", "VendorCredit", "JournalEntry"):
        for record in books[kind]:
            if (marker := find_marker(record.get("PrivateNote", ""))) is not None:
                posted[marker.invoice_id] = posted.get(marker.invoice_id, 0) + 1
    for document in world.basware.documents():
        transactions, answers = _WANTED[document["invoiceNumber"]]
        answers += sent - 1 if document["invoiceNumber"] in _AGAIN else 0
        found = posted.get(document["invoiceId"], 0), len(document.get("transferResponses") or [])
        amount = sum(payable(kind, record) for kind, record in world.posted(document["invoiceId"]))
        if found[0] and amount != abs(document["grossSum"]):
            wrong.append(f"{document['invoiceNumber']}: {amount} posted, {document['grossSum']} approved")
        if found != (transactions, answers):
            wrong.append(f"{document['invoiceNumber']}: {found[0]} transactions, {found[1]} responses")
    vendors = [one for one in books["Vendor"] if one.get("AcctNum") == "V-90001"]
    if len(vendors) != 1:
        wrong.append(f"the new vendor exists {len(vendors)} times")
    return "; ".join(wrong)


def rehearse(databases: Databases, saboteur: Saboteur) -> str:
    """One whole story with at most one fault (two with "crash twice"); what is wrong at its end."""
    with databases.fresh() as url:
        policy = PostingPolicy(unknown_vendor=UnknownVendor.CREATE)
        world = build_world(url, company=company(), policy=policy)
        world.clock.sleep(_TOKEN_LIFE)  # so that signing in is among the steps
        try:
            live(world, url, saboteur)
            problem = verdict(world, 1)
            if not problem:
                send_again(world)
                live(world, url, saboteur)
        except Exception as error:  # noqa: BLE001 - a cell of the table, not the end of it
            return f"{type(error).__name__}: {error}"
        else:
            return problem or verdict(world, 2)
        finally:
            world.database.close()


def matrix(name: str, databases: Databases, every: int, console: Console) -> tuple[dict[str, list[str]], int]:
    """All cells of one database: by step, what came out for each fault. And how many were run."""
    first = Saboteur()
    problem = rehearse(databases, first)
    if problem:
        raise SystemExit(f"{name}: the undisturbed run is wrong already: {problem}")
    steps = list(enumerate(first.steps))[::every]
    cells = [
        (number, fault)
        for number, label in steps
        for fault in FAULTS
        if fault in ON_COMMITS or not label.startswith("commit")
    ]
    fork = multiprocessing.get_context("fork")  # the databases are handed over as they are
    with fork.Pool(initializer=_in_child, initargs=(databases,)) as pool:
        results = pool.imap(_cell, cells)
        came = dict(
            zip(
                cells,
                track(results, name, total=len(cells), console=console, disable=not console.is_terminal),
                strict=True,
            )
        )
    rows = {f"{number + 1:3} {label}": [came.get((number, fault), "-") for fault in FAULTS] for number, label in steps}
    return rows, len(cells)


def _in_child(databases: Databases) -> None:
    global _databases  # noqa: PLW0603 - a pool's worker has no other place for what all its stories need
    if isinstance(databases, PostgresServer):
        databases.maintenance.dispose(close=False)  # its connections are the parent's
    _databases = databases


def _cell(cell: tuple[int, str]) -> str:
    assert _databases is not None
    return rehearse(_databases, Saboteur(*cell)) or "1 / 1"


_databases: Databases | None = None


def show(name: str, rows: dict[str, list[str]], console: Console) -> int:
    """Print one database's table; how many cells are wrong."""
    table = Table(title=f"{name}: transactions / responses for each document, after recovery", title_justify="left")
    table.add_column("Step")
    for fault in FAULTS:
        table.add_column(fault)
    for label, row in rows.items():
        table.add_row(label, *row)
    console.print(table)
    return sum(cell not in {"1 / 1", "-"} for row in rows.values() for cell in row)


def main() -> int:
    """Run the matrix on both databases."""
    short = bool(os.environ.get("SHORT"))
    console = Console(width=None if sys.stdout.isatty() else 160)
    wrong = cells = 0
    with tempfile.TemporaryDirectory() as folder:
        kinds: list[tuple[str, AbstractContextManager[Databases], int]] = [
            ("SQLite", sqlite_files(Path(folder)), 19 if short else 1),
            ("PostgreSQL", postgres_server(), 101 if short else 1),
        ]
        for name, making, every in kinds:
            with remembered(), making as databases:
                rows, run_cells = matrix(name, databases, every, console)
            wrong += show(name, rows, console)
            cells += run_cells
    console.print(f"{cells} stories, {wrong} wrong" + (" (short: not every step)" if short else ""))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
