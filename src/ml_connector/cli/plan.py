"""`ml-connector plan …`: what the next run will do with each document, and releasing what waits for a person."""

from typing import Annotated, Literal

from cyclopts import App, Parameter

from ml_connector.cli.options import Connection, Invoice, Json, Limit
from ml_connector.cli.output import CommandError, ExitCode, money, print_json, print_lines, say
from ml_connector.cli.session import desk_of, document, person
from ml_connector.store.document_search import DocumentFilter
from ml_connector.store.schema import DocumentState
from ml_connector.work import review as reviewing
from ml_connector.work.plan_lines import PlanLine, plan_page
from ml_connector.work.review import Flow

app = App(name="plan", help="What the next run will do with each document; releasing what waits for a person.")


@app.command(name="list")
def list_(
    *,
    connection: Connection = "",
    state: Annotated[list[DocumentState] | None, Parameter(negative="")] = None,
    text: str = "",
    limit: Limit = 1000,
    json: Json = False,
) -> int:
    """List documents that are not settled with what the next run does with each, the latest first.

    Exit code 1 when something waits for a release.

    Parameters
    ----------
    state
        Only documents in this state. May be given several times.
    text
        Search in invoice numbers, ids and suppliers.
    """
    wanted = DocumentFilter(states=frozenset(state or ()), text=text)
    with desk_of(connection) as desk:
        page = plan_page(desk, wanted, size=limit)
    columns = ("Invoice", "Supplier", "Amount", "Next run", "As", "Held because")
    print_lines(page.lines, columns, _row, json=json, right=("Amount",))
    return ExitCode.HELD_OR_FAILED if page.waiting else ExitCode.DONE


def _row(line: PlanLine) -> tuple[str, ...]:
    posted = "; ".join(
        f"{one.changes or one.type} {one.number} {one.date}, {one.vendor}: {', '.join(one.accounts)}"
        for one in line.postings
    )
    becomes = posted or (f"vendor {line.new_vendor}" if line.new_vendor else "")
    why = line.kept_because or ", ".join(line.causes)
    return line.invoice_number, line.supplier, money(line.total, line.currency), line.next, becomes, why


@app.command
def release(
    *invoices: str,
    connection: Connection = "",
    all: bool = False,  # noqa: A002
    proposal: str = "",
    json: Json = False,
) -> int:
    """Release documents that wait for a person: the next run writes exactly what is proposed for them now.

    Parameters
    ----------
    invoices
        Invoice numbers or Basware ids.
    all
        Everything that waits.
    proposal
        Only if this is what is proposed for the one invoice, as `plan list --json` shows it.
    """
    if bool(invoices) == all:
        raise CommandError("Name the invoices to release, or give --all.")
    if proposal and len(invoices) != 1:
        raise CommandError("--proposal goes with exactly one invoice.")
    with desk_of(connection) as desk:
        if all:
            proposals = reviewing.waiting(desk)
        else:
            rows = [document(desk, text) for text in invoices]
            proposals = {row.invoice_id: proposal or row.proposal for row in rows}
        came = reviewing.release(desk, proposals, actor=person())
    say(f"{len(came.released)} of {len(proposals)} released. Next: ml-connector sync")
    if came.before:
        say(reviewing.told_before(came.before))
    if json:
        print_json(came)
    return ExitCode.HELD_OR_FAILED if came.changed else ExitCode.DONE


@app.command
def take_back(invoice: Invoice, *, connection: Connection = "", json: Json = False) -> int:
    """Take a release back, as long as the next run has not begun: the document waits again."""
    with desk_of(connection) as desk:
        row = document(desk, invoice)
        reviewing.take_back_release(desk, row, actor=person())
    say(f"Invoice {row.invoice_number} waits again.")
    if json:
        print_json({"invoice_id": row.invoice_id, "state": row.state.value})
    return ExitCode.DONE


@app.command
def review(flow: Flow, switch: Literal["on", "off"], *, connection: Connection = "", json: Json = False) -> int:
    """Have a flow wait for a person before it writes anything, or no longer. Counts from the next run on.

    Parameters
    ----------
    flow
        What waits: invoices.
    switch
        on or off. Switched off, the next run posts what waits.
    """
    with desk_of(connection) as desk:
        reviewing.set_review(desk, flow, on=switch == "on", actor=person())
    words = "wait for a release from the next run on" if switch == "on" else "are written without a release"
    say(f"What is planned of {flow} will {words}." if switch == "on" else f"Plans of {flow} {words}.")
    if json:
        print_json({"flow": flow.value, "on": switch == "on"})
    return ExitCode.DONE
