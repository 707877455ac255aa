"""`ml-connector vendors …`: which vendor of Basware is which of QuickBooks, and what waits for a person."""

from typing import Literal

from cyclopts import App

from ml_connector.cli.output import ExitCode, print_json, print_table, say
from ml_connector.cli.session import desk_of, person
from ml_connector.store.schema import VendorState
from ml_connector.work.vendors import decisions
from ml_connector.work.vendors.views import CandidateLine, VendorView, review_lines, vendor_lines, vendor_view

app = App(name="vendors", help="Vendors in both systems: who is who, and what waits for you.")


@app.command(name="list")
def list_(
    *,
    connection: str = "",
    state: Literal["linked", "review", "create", "merged", "gone", ""] = "",
    waiting: bool = False,
    text: str = "",
    limit: int = 1000,
    json: bool = False,
) -> int:
    """List vendors by name.

    Parameters
    ----------
    connection
        The connection; may be left out when there is only one.
    state
        Only those that stand like this.
    waiting
        Only those that wait for something.
    text
        Search in codes, ids and names.
    limit
        At most this many.
    json
        Print JSON.
    """
    with desk_of(connection) as desk:
        states = (VendorState(state),) if state else ()
        lines = vendor_lines(desk, states=states, text=text, waiting=waiting, limit=limit)
        own = desk.settings.vendors
    if not lines and not (own.to_basware or own.to_quickbooks):
        say("Vendors are not kept in step: [vendors] in the connection file has neither direction switched on.")
    if json:
        print_json(lines)
    else:
        rows = [
            (
                one.code,
                one.name,
                one.quickbooks_id,
                one.state,
                one.basware,
                "; ".join(cause.title for cause in one.causes),
            )
            for one in lines
        ]
        print_table("", ("Code", "Name", "QuickBooks id", "State", "Basware", "Waits for"), rows)
    return ExitCode.DONE


@app.command
def show(vendor: str, *, connection: str = "", json: bool = False) -> int:
    """Show one vendor: its fields on both sides, who wrote each last, what it waits for.

    Parameters
    ----------
    vendor
        The vendor code, the name, or QuickBooks' id.
    connection
        The connection; may be left out when there is only one.
    json
        Print JSON.
    """
    with desk_of(connection) as desk:
        view = vendor_view(desk, decisions.named(desk, vendor))
    if json:
        print_json(view)
    else:
        _print(view)
    return ExitCode.DONE


@app.command
def review(*, connection: str = "", json: bool = False) -> int:
    """List the vendors of Basware that may be ones QuickBooks has already. Exit code 1 when there are any.

    Parameters
    ----------
    connection
        The connection; may be left out when there is only one.
    json
        Print JSON.
    """
    with desk_of(connection) as desk:
        lines = review_lines(desk)
    if json:
        print_json(lines)
    else:
        rows = [row for one in lines for row in _review_rows(one.code, one.name, one.candidates)]
        print_table(
            "", ("Code", "Name", "May be", "QuickBooks id", "Points", "Because", "But"), rows, right=("Points",)
        )
    return ExitCode.HELD_OR_FAILED if lines else ExitCode.DONE


@app.command
def link(vendor: str, quickbooks_id: str, *, connection: str = "") -> int:
    """Say which vendor of QuickBooks a vendor of Basware is.

    Parameters
    ----------
    vendor
        The vendor code, or the name.
    quickbooks_id
        The vendor's id in QuickBooks.
    connection
        The connection; may be left out when there is only one.
    """
    with desk_of(connection) as desk:
        made = decisions.link(desk, vendor, quickbooks_id, actor=person())
    say(f"{made.name} ({made.code}) is vendor {quickbooks_id} of QuickBooks.")
    return ExitCode.DONE


@app.command
def unlink(vendor: str, *, reason: str = "", connection: str = "") -> int:
    """Say that two linked vendors are not the same. Both stay as they are; the one of Basware goes to the review list.

    Parameters
    ----------
    vendor
        The vendor code, the name, or QuickBooks' id.
    reason
        Why; kept in the audit trail.
    connection
        The connection; may be left out when there is only one.
    """
    with desk_of(connection) as desk:
        made = decisions.unlink(desk, vendor, reason=reason, actor=person())
    say(f"{made.name} ({made.code}) is on the review list: link it to another vendor, or create it.")
    return ExitCode.DONE


@app.command
def create(vendor: str, *, connection: str = "") -> int:
    """Say that QuickBooks does not have a vendor of Basware: it is created with the next run.

    Parameters
    ----------
    vendor
        The vendor code, or the name.
    connection
        The connection; may be left out when there is only one.
    """
    with desk_of(connection) as desk:
        made = decisions.create(desk, vendor, actor=person())
    say(f"{made.name} ({made.code}) is created in QuickBooks with the next run.")
    return ExitCode.DONE


@app.command
def approve(vendor: str, *, reason: str = "", connection: str = "") -> int:
    """Approve the bank details of a vendor that changed in Basware.

    Parameters
    ----------
    vendor
        The vendor code, or the name.
    reason
        How you know that they are right; kept in the audit trail.
    connection
        The connection; may be left out when there is only one.
    """
    with desk_of(connection) as desk:
        made = decisions.approve_bank(desk, vendor, reason=reason, actor=person())
    say(f"The bank details of {made.name} ({made.code}) are approved; the vendor goes on with the next run.")
    return ExitCode.DONE


@app.command
def reject(vendor: str, *, reason: str = "", connection: str = "") -> int:
    """Reject the bank details of a vendor that changed in Basware: those approved last are put back with the next run.

    Parameters
    ----------
    vendor
        The vendor code, or the name.
    reason
        Why; kept in the audit trail.
    connection
        The connection; may be left out when there is only one.
    """
    with desk_of(connection) as desk:
        made = decisions.reject_bank(desk, vendor, reason=reason, actor=person())
    say(f"The bank details of {made.name} ({made.code}) that were approved last are put back with the next run.")
    return ExitCode.DONE


@app.command
def retry(vendor: str, *, connection: str = "") -> int:
    """Send a vendor that was refused once more, after something was put right elsewhere.

    Parameters
    ----------
    vendor
        The vendor code, the name, or QuickBooks' id.
    connection
        The connection; may be left out when there is only one.
    """
    with desk_of(connection) as desk:
        made = decisions.retry(desk, vendor, actor=person())
    say(f"{made.name} ({made.code}) is sent again with the next run.")
    return ExitCode.DONE


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
        columns = ("Code", "Name", "May be", "QuickBooks id", "Points", "Because", "But")
        print_table("", columns, _review_rows(one.code, one.name, view.candidates), right=("Points",))
    for cause in one.causes:
        say(f"{cause.title}: {cause.sentence} {cause.what_to_do}")
