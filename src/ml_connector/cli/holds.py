"""`ml-connector holds …`: why documents wait, and the ways on."""

from collections.abc import Callable
from datetime import date
from typing import Annotated

from cyclopts import App, Parameter

from ml_connector.cli.documents import print_cause
from ml_connector.cli.options import Connection, Invoice, Json, Limit, Reason
from ml_connector.cli.output import CommandError, ExitCode, money_of, out, print_json, say
from ml_connector.cli.session import desk_of, document, person
from ml_connector.model.holds import Cause
from ml_connector.model.mapping import Dimension
from ml_connector.store import documents as document_store
from ml_connector.store.documents import DocumentRow
from ml_connector.store.schema import DocumentState
from ml_connector.work import dating, decisions
from ml_connector.work.decisions import Choice
from ml_connector.work.desk import Desk
from ml_connector.work.hold_views import HoldGroup, hold_groups
from ml_connector.work.reactivating import asking
from ml_connector.work.reactivating.shown import reactivation_view, reactivation_views

app = App(name="holds", help="Why documents wait, and the ways on.")


@app.command(name="list")
def list_(*, connection: Connection = "", json: Json = False) -> int:
    """List causes, each with all the documents it holds, most money first. Exit code 1 when there are any."""
    with desk_of(connection) as desk:
        groups = hold_groups(desk)
    if json:
        print_json(groups)
    elif not groups:
        say("Nothing is held.")
    else:
        for group in groups:
            _print(group)
    return ExitCode.HELD_OR_FAILED if groups else ExitCode.DONE


def _print(group: HoldGroup) -> None:
    count = len(group.documents)
    shown = ", ".join(group.documents[:10]) + (f" and {count - 10} more" if count > 10 else "")
    out().print(f"{count} document{'s' if count > 1 else ''}, {money_of(group.money)}: {shown}", markup=False)
    print_cause(group.cause)


@app.command
def retry(*invoices: str, connection: Connection = "", all: bool = False, json: Json = False) -> int:  # noqa: A002
    """Have held documents planned again in the next run, whether or not anything has changed.

    Parameters
    ----------
    invoices
        Invoice numbers or Basware ids.
    all
        All that are held.
    """
    if bool(invoices) == all:
        raise CommandError("Name the invoices to retry, or give --all.")
    with desk_of(connection) as desk:
        if all:
            with desk.database.read() as tx:
                rows = document_store.in_state(tx, desk.connection_id, {DocumentState.HELD})
        else:
            rows = [document(desk, text) for text in invoices]
        moved = decisions.retry(desk, rows, actor=person())
    say(f"{moved} of {len(rows)} will be planned again. Next: ml-connector sync")
    if json:
        print_json({"asked": len(rows), "retried": moved})
    return ExitCode.DONE if moved == len(rows) else ExitCode.HELD_OR_FAILED


@app.command
def ignore(invoice: Invoice, *, reason: Reason, connection: Connection = "", json: Json = False) -> int:
    """Mark a held document as handled outside. It stays visible with the reason and is never posted."""
    with desk_of(connection) as desk:
        row = document(desk, invoice)
        decisions.ignore(desk, row, reason=reason, actor=person())
    say(f"Invoice {row.invoice_number} is ignored.")
    if json:
        print_json({"invoice_id": row.invoice_id, "state": DocumentState.IGNORED.value, "reason": reason})
    return ExitCode.DONE


@app.command
def hold(invoice: Invoice, *, reason: Reason, connection: Connection = "", json: Json = False) -> int:
    """Keep a document from being posted until somebody releases it. Basware is told nothing meanwhile."""
    return _decided(
        connection,
        invoice,
        lambda desk, row: decisions.hold(desk, row, reason=reason, actor=person()),
        "is on hold. Let it go on with: ml-connector holds release",
        json=json,
    )


@app.command
def release(invoice: Invoice, *, reason: Reason = "", connection: Connection = "", json: Json = False) -> int:
    """Let a document go on that a person put on hold: it is planned again in the next run."""
    return _decided(
        connection,
        invoice,
        lambda desk, row: decisions.let_go(desk, row, reason=reason, actor=person()),
        "goes on. Next: ml-connector sync",
        json=json,
    )


@app.command
def put_back(invoice: Invoice, *, reason: Reason = "", connection: Connection = "", json: Json = False) -> int:
    """Take up an ignored document again: it is planned in the next run as if it had just arrived."""
    return _decided(
        connection,
        invoice,
        lambda desk, row: decisions.put_back(desk, row, reason=reason, actor=person()),
        "is no longer ignored. Next: ml-connector sync",
        json=json,
    )


@app.command
def change_date(
    *invoices: str,
    to: date,
    reason: Reason,
    cause: Annotated[Cause | None, Parameter(negative="")] = None,
    connection: Connection = "",
    json: Json = False,
) -> int:
    """Have documents posted on another day than their own. Due dates stay what they are. Exit code 1 when one was left as it was.

    Parameters
    ----------
    invoices
        Invoice numbers or Basware ids.
    to
        The day to post them on, such as 2026-12-01: open in QuickBooks, and not before the start date.
    cause
        All documents that this cause holds, such as period-closed, instead of naming them.
    """
    if bool(invoices) == (cause is not None):
        raise CommandError("Name the invoices to date, or give --cause for all that one holds.")
    with desk_of(connection) as desk:
        rows = [document(desk, text) for text in invoices] if cause is None else _held_by(desk, cause)
        changed = dating.change_dates(desk, rows, to, reason=reason, actor=person())
    for problem in changed.left:
        say(problem)
    say(f"{changed.moved} of {len(rows)} will be posted on {to}.{' Next: ml-connector sync' if changed.moved else ''}")
    if json:
        print_json({"asked": len(rows), "changed": changed.moved, "left": changed.left})
    return ExitCode.HELD_OR_FAILED if changed.left else ExitCode.DONE


def _held_by(desk: Desk, cause: Cause) -> list[DocumentRow]:
    with desk.database.read() as tx:
        rows = document_store.in_state(tx, desk.connection_id, {DocumentState.HELD})
    return [row for row in rows if any(one.cause is cause for one in row.holds)]


@app.command
def undo_date(invoice: Invoice, *, reason: Reason = "", connection: Connection = "", json: Json = False) -> int:
    """Let a document go by its own dates again, after somebody chose another day for it. Possible until it is posted."""
    return _decided(
        connection,
        invoice,
        lambda desk, row: dating.undo_date(desk, row, reason=reason, actor=person()),
        "goes by its own dates again. Next: ml-connector sync",
        json=json,
    )


def _decided(
    connection: str, invoice: str, decide: Callable[[Desk, DocumentRow], object], said: str, *, json: bool
) -> int:
    """Take a decision about a document and say what follows."""
    with desk_of(connection) as desk:
        row = document(desk, invoice)
        decide(desk, row)
        after = document(desk, row.invoice_id)
    say(f"Invoice {row.invoice_number} {said}")
    if json:
        print_json({"invoice_id": after.invoice_id, "state": after.state.value})
    return ExitCode.DONE


@app.command
def decide(
    invoice: Invoice,
    choice: Choice,
    *,
    link_to: str = "",
    reason: Reason = "",
    connection: Connection = "",
    json: Json = False,
) -> int:
    """Settle a document whose number is in QuickBooks already, or one that Basware takes back after it was posted.

    Parameters
    ----------
    choice
        link: the transaction in QuickBooks is this document. post-anyway: they are two. reject: tell Basware it failed.
        Taken back by Basware: delete or reverse what was posted, or keep it as it is.
    link_to
        The transaction to link to, such as Bill:145; may be left out when only one has the number.
    """
    with desk_of(connection) as desk:
        row = document(desk, invoice)
        decisions.decide(desk, row, choice, link_to=link_to, reason=reason, actor=person())
    say("Decided. Next: ml-connector sync")
    if json:
        print_json({"invoice_id": row.invoice_id, "choice": choice.value, "link_to": link_to, "reason": reason})
    return ExitCode.DONE


@app.command
def reactivate(kind: Dimension, record: str, *, reason: str, connection: Connection = "", json: Json = False) -> int:
    """Have an inactive record of QuickBooks that documents wait for made active again, with the next run.

    Parameters
    ----------
    kind
        vendor, account, location, class, customer, item or term.
    record
        Its id, number or name in QuickBooks.
    reason
        Why, for whoever reads it a year from now.
    """
    with desk_of(connection) as desk:
        row = asking.reactivate(desk, kind, asking.inactive_named(desk, kind, record), reason=reason, actor=person())
    say(f"{row.name} is made active in QuickBooks with the next run. Next: ml-connector sync")
    if json:
        print_json(reactivation_view(row))
    return ExitCode.DONE


@app.command
def reactivations(*, connection: Connection = "", limit: Limit = 50, json: Json = False) -> int:
    """List records that people wanted active again, the latest first, and what became of it."""
    with desk_of(connection) as desk:
        views = reactivation_views(desk, limit=limit)
    if json:
        print_json(views)
    elif not views:
        say("Nobody asked for an inactive record.")
    else:
        for one in views:
            out().print(
                f"{one.dimension} {one.name}: {one.state}, asked for by {one.asked_by}: {one.reason}", markup=False
            )
            if one.problem:
                out().print(f"  {one.problem}", markup=False)
    return ExitCode.DONE
