"""`ml-connector payments …`: how far documents are paid in QuickBooks, and what Basware was told of it."""

from typing import Annotated

from cyclopts import App, Parameter

from ml_connector.cli.options import SORT, Connection, Invoice, Json, Limit
from ml_connector.cli.output import CommandError, ExitCode, money, out, print_json, print_lines, print_table, say
from ml_connector.cli.session import desk_of, document, person
from ml_connector.store.payments import PaymentSort
from ml_connector.store.schema import PaymentState
from ml_connector.work.payments.asking import NothingToRetryError, pick_up_earlier, retry
from ml_connector.work.payments.shown import PaymentLine, PaymentView, payment_list, payment_view

app = App(name="payments", help="How far documents are paid in QuickBooks, and what Basware was told of it.")

_COLUMNS = (
    "Invoice",
    "Supplier",
    "State",
    "Total",
    "Paid",
    "Open",
    "Newest payment",
    "Told Basware (UTC)",
    "What to do",
)


@app.command(name="list")
def list_(
    *,
    connection: Connection = "",
    state: Annotated[list[PaymentState] | None, Parameter(negative="")] = None,
    text: str = "",
    sort: Annotated[PaymentSort, Parameter(help=SORT)] = PaymentSort.CHANGED_DOWN,
    limit: Limit = 1000,
    json: Json = False,
) -> int:
    """List documents that are paid in any way, those last changed first unless told otherwise.

    Exit code 1 when Basware did not take what it was told of one of them.

    Parameters
    ----------
    state
        Only documents in this state. May be given several times.
    text
        Search in invoice numbers, ids, suppliers, and the numbers and ids of payments.
    """
    with desk_of(connection) as desk:
        lines = payment_list(desk, states=state or (), text=text, order=sort).page(limit=limit)
        told = desk.settings.basware.payments.enabled
    if not lines and not told:
        say("Basware is not told of payments: [basware.payments] in the connection file is not switched on.")
    elif not lines and not (state or text):
        say(
            "No payment of a posted invoice is known. The job `payments` looks for them; `ml-connector payments pick-up` has those "
            "from before the connection told."
        )
    print_lines(lines, _COLUMNS, _row, json=json, right=("Total", "Paid", "Open"))
    refused = any(line.state == PaymentState.REFUSED.value for line in lines)
    return ExitCode.HELD_OR_FAILED if refused else ExitCode.DONE


@app.command
def show(invoice: Invoice, *, connection: Connection = "", json: Json = False) -> int:
    """Show what settles one document, and every response Basware was sent."""
    with desk_of(connection) as desk:
        view = payment_view(desk, document(desk, invoice))
    if json:
        print_json(view)
    else:
        _print(view)
    return ExitCode.HELD_OR_FAILED if view.document.state == PaymentState.REFUSED.value else ExitCode.DONE


@app.command
def pick_up(*, connection: Connection = "", json: Json = False) -> int:
    """Have payments from before the connection existed told to Basware, once, at the job's next run."""
    with desk_of(connection) as desk:
        known = len(payment_list(desk, states=(PaymentState.EARLIER,)).page(limit=1_000_000))
        if not desk.settings.basware.payments.enabled:
            raise CommandError("Payments are switched off. Set enabled = true under [basware.payments] first.")
        pick_up_earlier(desk, person())
    say(f"{known} documents known by now were paid before. The job `payments` tells Basware of them at its next run.")
    if json:
        print_json({"known": known})
    return ExitCode.DONE


@app.command(name="retry")
def retry_(invoice: Invoice, *, connection: Connection = "", json: Json = False) -> int:
    """Tell Basware once more of the payment of a document, after it refused to take it."""
    with desk_of(connection) as desk:
        row = document(desk, invoice)
        try:
            retry(desk, row.invoice_id, person())
        except NothingToRetryError as error:
            raise CommandError(f"Invoice {row.invoice_number}: {error}") from error
    say(f"Basware is told of the payment of {row.invoice_number} again at the next run of the job `payments`.")
    if json:
        print_json({"invoice_id": row.invoice_id, "state": PaymentState.DUE.value})
    return ExitCode.DONE


def _row(line: PaymentLine) -> tuple[str, ...]:
    newest = f"{line.day or ''} {line.method}".strip()
    return (
        line.invoice_number or line.invoice_id,
        line.supplier,
        line.state,
        money(line.total, line.currency),
        money(line.paid + line.discount, line.currency),
        money(line.open, line.currency),
        newest,
        line.told_at.isoformat(timespec="seconds") if line.told_at else "",
        " ".join(cause.what_to_do for cause in line.causes),
    )


def _print(view: PaymentView) -> None:
    line, console = view.document, out()
    print_table("", _COLUMNS, [_row(line)], right=("Total", "Paid", "Open"))
    for cause in line.causes:
        console.print(f"{cause.title}: {cause.why} {cause.what_to_do}", markup=False)
    if view.unreadable:
        console.print(f"QuickBooks' records cannot be read: {view.unreadable}", markup=False)
    parts = [
        (part.type, part.id, money(part.total, line.currency), money(part.open, line.currency)) for part in view.parts
    ]
    print_table("In QuickBooks", ("Transaction", "Id", "Total", "Open"), parts, right=("Total", "Open"))
    paid = [
        (
            one.id,
            one.number,
            str(one.day or ""),
            one.method,
            money(one.amount, line.currency),
            money(one.money, line.currency),
        )
        for one in view.payments
    ]
    columns = ("Payment", "Number", "Day", "Method", "Settles of this", "Money in it")
    print_table("Paid by", columns, paid, right=columns[-2:])
    if view.unexplained:
        console.print(f"Settled without a bill payment: {money(view.unexplained, line.currency)}", markup=False)
    told = [
        (one.made_at.isoformat(timespec="seconds"), one.state, one.outcome, one.problem, one.body)
        for one in view.responses
    ]
    print_table("Told Basware", ("Made (UTC)", "Sending", "Outcome", "Problem", "Response"), told)
