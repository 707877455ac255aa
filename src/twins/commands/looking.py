"""Looking into the books of running twins: records, documents, vendors, the ledger, and whether all is sound."""

from collections.abc import Callable, Sequence
from typing import Any

from twins.commands.output import ExitCode, print_json, print_table, watched
from twins.commands.running import USUAL, Common, Twin, Which, by_twin, one_twin, twins

_SHOWN = 100
"""Rows shown unless asked otherwise."""


def books(twin: Which | None = None, *, company: str = "", common: Common = USUAL) -> None:
    """Print everything the twins hold, as JSON; on a terminal, how many records of each kind.

    Parameters
    ----------
    twin
        Only this one.
    company
        Realm id or client id, where a twin holds several.
    """
    found = [(one, one.get("books", company=company)) for one in twins(common, twin)]
    if common.json or not watched():
        print_json(by_twin(found, twin, common))
        return
    for one, held in found:
        counts = [(kind, len(records)) for kind, records in held.items() if isinstance(records, list) and records]
        print_table(one.name, ("Kind", "Records"), counts, right=("Records",))


def documents(
    twin: Which | None = None,
    *,
    company: str = "",
    search: str = "",
    kind: str = "",
    status: str = "",
    number: str = "",
    limit: int = _SHOWN,
    common: Common = USUAL,
) -> None:
    """List documents: QuickBooks' bills, credits, entries, payments and orders, Basware's accounting documents.

    Parameters
    ----------
    twin
        Only this one.
    company
        Realm id or client id, where a twin holds several.
    search
        Text in number, supplier, id, status or kind.
    kind
        Only this kind, such as Bill.
    status
        Only this status, such as open or WaitingForTransfer.
    number
        Only this document number, exactly.
    limit
        At most so many of each twin; 0: all.
    """
    wanted = {"company": company, "search": search, "kind": kind, "status": status, "number": number}
    _listed(
        _pages(common, twin, "documents", limit, wanted),
        (twin, common),
        ("Kind", "Id", "Number", "Supplier", "Date", "Total", "Currency", "Status", "Open"),
        lambda row: (
            row["kind"], row["id"], row["number"], row["supplier"] or row["supplier_code"], row["date"], row["total"],
            row["currency"], row["status"], row["open"],
        ),
    )  # fmt: skip


def vendors(
    twin: Which | None = None,
    *,
    company: str = "",
    search: str = "",
    limit: int = _SHOWN,
    common: Common = USUAL,
) -> None:
    """List vendors, with what is owed to each where the system says so.

    Parameters
    ----------
    twin
        Only this one.
    company
        Realm id or client id, where a twin holds several.
    search
        Text in name, code or id.
    limit
        At most so many of each twin; 0: all.
    """
    _listed(
        _pages(common, twin, "vendors", limit, {"company": company, "search": search}),
        (twin, common),
        ("Id", "Code", "Name", "Currency", "Active", "Origin", "Balance"),
        lambda row: (
            row["id"], row["code"], row["name"], row["currency"], row["active"], row["origin"], row["balance"],
        ),
    )  # fmt: skip


def show(twin: Which, kind: str, id: str, *, company: str = "", common: Common = USUAL) -> None:  # noqa: A002
    """Print one record in full, as JSON.

    Parameters
    ----------
    twin
        Which twin has it.
    kind
        QuickBooks' entity, such as Bill; accountingDocument or one of Basware's lists, such as vendors.
    id
        Its id: QuickBooks' Id, Basware's invoice id or external code.
    company
        Realm id or client id, where a twin holds several.
    """
    print_json(one_twin(common, twin).get("record", company=company, kind=kind, id=id))


def ledger(
    twin: Which = "quickbooks",
    *,
    company: str = "",
    account: str = "",
    vendor: str = "",
    document: str = "",
    balances: bool = False,
    limit: int = _SHOWN,
    common: Common = USUAL,
) -> None:
    """List what was posted in QuickBooks, or what Basware was answered.

    Parameters
    ----------
    twin
        QuickBooks' general ledger, or the responses Basware took.
    company
        Realm id or client id, where a twin holds several.
    account
        Only postings to this account, by its id.
    vendor
        Only postings of this vendor, by its id.
    document
        Only one document: Bill:145, or an invoice id.
    balances
        The trial balance instead: what was posted to each account.
    limit
        At most so many lines; 0: all.
    """
    asked = one_twin(common, twin)
    if balances:
        rows = asked.all("trial-balance", limit, company=company)
        columns = ("Id", "Number", "Account", "Type", "Debit", "Credit")
        print_json(rows) if common.json else print_table("", columns, map(_values, rows), money=("Debit", "Credit"))
        return
    rows = asked.all("ledger", limit, company=company, account=account, vendor=vendor, document=document)
    if common.json or not rows:
        print_json(rows) if common.json else print_table("Nothing was posted.", (), ())
        return
    columns = tuple(rows[0])
    print_table("", columns, [tuple(row.get(name) for name in columns) for row in rows], money=("debit", "credit"))


def check(twin: Which | None = None, *, company: str = "", common: Common = USUAL) -> int:
    """Check the books: whether every transaction balances, and every balance is what its documents make it.

    Parameters
    ----------
    twin
        Only this one.
    company
        Realm id or client id, where a twin holds several; otherwise all are checked.
    """
    found = [(one, _problems(one, company)) for one in twins(common, twin)]
    if common.json:
        print_json(by_twin(found, twin, common))
    else:
        for one, problems in found:
            rows = [(name, text) for name, texts in problems.items() for text in texts or ("sound",)]
            print_table(one.name, ("Company", "Finding"), rows)
    wrong = any(texts for _, problems in found for texts in problems.values())
    return ExitCode.FOUND_WRONG if wrong else ExitCode.DONE


def _problems(asked: Twin, company: str) -> dict[str, list[str]]:
    """What is wrong, by company."""
    names = [company] if company else asked.get("state")["companies"]
    return {name: asked.get("check", company=name) for name in names}


def _pages(
    common: Common, only: str | None, command: str, limit: int, wanted: dict[str, str]
) -> list[tuple[Twin, list[dict[str, Any]]]]:
    return [(one, one.all(command, limit, **wanted)) for one in twins(common, only)]


def _listed(
    found: list[tuple[Twin, list[dict[str, Any]]]],
    asked: tuple[str | None, Common],
    columns: Sequence[str],
    cells: Callable[[dict[str, Any]], Sequence[Any]],
) -> None:
    only, common = asked
    if common.json:
        print_json(by_twin(found, only, common))
        return
    for one, rows in found:
        print_table(one.name, columns, map(cells, rows), money=("Total", "Open", "Balance"))


def _values(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row.values())
