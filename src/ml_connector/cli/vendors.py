"""`ml-connector vendors …`: which vendor of Basware is which of QuickBooks, and what waits for a person."""

from collections.abc import Callable
from typing import Annotated

from cyclopts import App, Parameter

from ml_connector.cli.options import SORT, Connection, Json, Limit
from ml_connector.cli.output import ExitCode, print_json, print_lines, print_table, say
from ml_connector.cli.session import desk_of, person
from ml_connector.store.schema import VendorState
from ml_connector.store.vendor_pairs import VendorPair, VendorSort
from ml_connector.work.desk import Desk
from ml_connector.work.vendors import decisions
from ml_connector.work.vendors.bank_in_full import show_bank
from ml_connector.work.vendors.views import (
    CandidateLine,
    VendorLine,
    VendorView,
    review_list,
    vendor_line,
    vendor_list,
    vendor_view,
)

app = App(name="vendors", help="Vendors in both systems: who is who, and what waits for you.")

Vendor = Annotated[str, Parameter(help="The vendor code, the name, or QuickBooks' id.")]
Reason = Annotated[str, Parameter(help="Why, or how you know; kept in the audit trail.")]

_COLUMNS = ("Code", "Name", "QuickBooks id", "State", "Basware", "Waits for")
_ACCOUNTS = ("Which", "Account", "Kind", "Bank", "Bank's code", "Holder", "Currency", "Paid by", "Further")
_CANDIDATES = ("Code", "Name", "May be", "QuickBooks id", "Points", "Because", "But")


@app.command(name="list")
def list_(
    *,
    connection: Connection = "",
    state: Annotated[
        list[VendorState] | None,
        Parameter(help="Only those that stand like this. May be given several times.", negative=""),
    ] = None,
    waiting: Annotated[bool, Parameter(help="Only those that wait for something.", negative="")] = False,
    text: Annotated[str, Parameter(help="Search in codes, ids and names.")] = "",
    sort: Annotated[VendorSort, Parameter(help=SORT)] = VendorSort.NAME,
    limit: Limit = 1000,
    json: Json = False,
) -> int:
    """List vendors, by name unless told otherwise."""
    with desk_of(connection) as desk:
        lines = vendor_list(desk, states=tuple(state or ()), text=text, waiting=waiting, order=sort).page(limit=limit)
        own = desk.settings.vendors
    if not lines and not own.enabled:
        say("Vendors are not kept in step: [vendors] in the connection file has neither direction switched on.")
    print_lines(lines, _COLUMNS, _row, json=json)
    return ExitCode.DONE


@app.command
def show(vendor: Vendor, *, connection: Connection = "", json: Json = False) -> int:
    """Show one vendor: its fields on both sides, who wrote each last, what it waits for."""
    with desk_of(connection) as desk:
        view = vendor_view(desk, decisions.named(desk, vendor))
    if json:
        print_json(view)
    else:
        _print(view)
    return ExitCode.DONE


@app.command
def review(*, connection: Connection = "", json: Json = False) -> int:
    """List the vendors of Basware that may be ones QuickBooks has already. Exit code 1 when there are any."""
    with desk_of(connection) as desk:
        lines = review_list(desk).page()
    if json:
        print_json(lines)
    else:
        rows = [row for one in lines for row in _review_rows(one.code, one.name, one.candidates)]
        print_table("", _CANDIDATES, rows, right=("Points",))
    return ExitCode.HELD_OR_FAILED if lines else ExitCode.DONE


@app.command
def link(
    vendor: Vendor,
    quickbooks_id: Annotated[str, Parameter(help="The vendor's id in QuickBooks.")],
    *,
    connection: Connection = "",
    json: Json = False,
) -> int:
    """Say which vendor of QuickBooks a vendor of Basware is."""
    return _decided(
        connection,
        lambda desk: decisions.link(desk, vendor, quickbooks_id, actor=person()),
        f"{{}} is vendor {quickbooks_id} of QuickBooks.",
        json=json,
    )


@app.command
def unlink(vendor: Vendor, *, reason: Reason = "", connection: Connection = "", json: Json = False) -> int:
    """Say that two linked vendors are not the same. Both stay as they are; the one of Basware goes to the review list."""
    return _decided(
        connection,
        lambda desk: decisions.unlink(desk, vendor, reason=reason, actor=person()),
        "{} is on the review list: link it to another vendor, or create it.",
        json=json,
    )


@app.command
def create(vendor: Vendor, *, connection: Connection = "", json: Json = False) -> int:
    """Say that QuickBooks does not have a vendor of Basware: it is created with the next run."""
    return _decided(
        connection,
        lambda desk: decisions.create(desk, vendor, actor=person()),
        "{} is created in QuickBooks with the next run.",
        json=json,
    )


@app.command
def bank(vendor: Vendor, *, connection: Connection = "", json: Json = False) -> int:
    """Show the bank details that wait for approval in full, beside those approved last. The audit keeps that you looked."""
    with desk_of(connection) as desk:
        found = show_bank(desk, vendor, actor=person())
    if json:
        print_json(found)
    else:
        rows = [
            (which, one.number, one.scheme, one.bank, one.bank_code, one.holder, one.currency, one.means, further)
            for which, accounts in (("approved until now", found.approved), ("new", found.waiting))
            for one in accounts
            for further in (", ".join(f"{name} {value}" for name, value in one.further.items()),)
        ]
        print_table("", _ACCOUNTS, rows)
    return ExitCode.DONE


@app.command
def approve(vendor: Vendor, *, reason: Reason = "", connection: Connection = "", json: Json = False) -> int:
    """Approve the bank details of a vendor that changed in Basware."""
    return _decided(
        connection,
        lambda desk: decisions.approve_bank(desk, vendor, reason=reason, actor=person()),
        "The bank details of {} are approved; the vendor goes on with the next run.",
        json=json,
    )


@app.command
def reject(vendor: Vendor, *, reason: Reason = "", connection: Connection = "", json: Json = False) -> int:
    """Reject the bank details of a vendor that changed in Basware: those approved last are put back with the next run."""
    return _decided(
        connection,
        lambda desk: decisions.reject_bank(desk, vendor, reason=reason, actor=person()),
        "The bank details of {} that were approved last are put back with the next run.",
        json=json,
    )


@app.command
def retry(vendor: Vendor, *, connection: Connection = "", json: Json = False) -> int:
    """Send a vendor that was refused once more, after something was put right elsewhere."""
    return _decided(
        connection,
        lambda desk: decisions.retry(desk, vendor, actor=person()),
        "{} is sent again with the next run.",
        json=json,
    )


def _decided(connection: str, decide: Callable[[Desk], VendorPair], said: str, *, json: bool) -> int:
    """Take a decision and say what follows; `{}` in it stands for the vendor."""
    with desk_of(connection) as desk:
        made = decide(desk)
        line = vendor_line(desk, made)
    say(said.format(f"{made.name} ({made.code})"))
    if json:
        print_json(line)
    return ExitCode.DONE


def _row(one: VendorLine) -> tuple[str, ...]:
    waits = "; ".join(cause.title for cause in one.causes)
    return one.code, one.name, one.quickbooks_id, one.state, one.basware, waits


def _review_rows(code: str, name: str, candidates: list[CandidateLine]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [
        (code, name, one.name, one.quickbooks_id, str(one.score), ", ".join(one.why), ", ".join(one.against))
        for one in candidates
    ]
    return rows or [(code, name, "", "", "", "", "")]


def _print(view: VendorView) -> None:
    one = view.vendor
    title = f"{one.name} ({one.code}), {one.state}"
    print_table(
        title + (f", vendor {one.quickbooks_id} of QuickBooks" if one.quickbooks_id else ""),
        ("Field", "Agreed", "Written by", "At (UTC)", "QuickBooks", "Basware"),
        [
            (
                line.field.replace("_", " "),
                line.agreed,
                line.written_by,
                line.written_at.isoformat(timespec="seconds") if line.written_at else "",
                line.quickbooks,
                line.basware,
            )
            for line in view.fields
        ],
    )
    if view.bank_approved or view.bank_waiting:
        print_table(
            "",
            ("Bank details", "Accounts"),
            [("approved", ", ".join(view.bank_approved)), ("waiting", ", ".join(view.bank_waiting))],
        )
    if view.candidates:
        print_table("", _CANDIDATES, _review_rows(one.code, one.name, view.candidates), right=("Points",))
    for cause in one.causes:
        say(f"{cause.title}: {cause.sentence} {cause.what_to_do}")
