"""`ml-connector accruals …`: what stands in the books for prebooked invoices."""

from typing import Annotated

from cyclopts import App, Parameter

from ml_connector.cli.options import Connection, Invoice, Json, Limit
from ml_connector.cli.output import CommandError, ExitCode, money, print_json, print_lines, say
from ml_connector.cli.session import desk_of, person
from ml_connector.model.policy import Prebook
from ml_connector.store.schema import AccrualState
from ml_connector.work.accruals.shown import AccrualView, accrual_list, try_again

app = App(name="accruals", help="What stands in the books for prebooked invoices.")


@app.command(name="list")
def list_(
    *,
    connection: Connection = "",
    state: Annotated[list[AccrualState] | None, Parameter(negative="")] = None,
    text: str = "",
    limit: Limit = 1000,
    json: Json = False,
) -> int:
    """List accruals, newest first. Exit code 1 when one of them is held.

    Parameters
    ----------
    state
        Only accruals in this state. May be given several times.
    text
        Search in invoice numbers, ids and suppliers.
    """
    with desk_of(connection) as desk:
        lines = accrual_list(desk, states=state or (), text=text).page(limit=limit)
        accrued = desk.policy.prebook is Prebook.ACCRUE
    if not lines and not accrued:
        say('Prebooked invoices are not accrued: [policy] in the connection file has no prebook = "accrue".')
    columns = ("Invoice", "Supplier", "State", "Amount", "Entry", "Date", "Reversed by", "Why")
    print_lines(lines, columns, _row, json=json, right=("Amount",))
    return ExitCode.HELD_OR_FAILED if any(line.causes for line in lines) else ExitCode.DONE


def _row(line: AccrualView) -> tuple[str, ...]:
    entry = f"{line.entry} ({line.entry_number})" if line.entry else ""
    back = f"{line.reversed_by}, {line.reversed_on}" if line.reversed_by else ""
    day = line.day.isoformat() if line.day else ""
    number = line.invoice_number or line.invoice_id
    return (
        number,
        line.supplier,
        line.state,
        money(line.amount, line.currency),
        entry,
        day,
        back,
        line.why or line.ending,
    )


@app.command
def retry(invoice: Invoice, *, connection: Connection = "", json: Json = False) -> int:
    """Have the held accrual of an invoice looked at again in the next run, whether or not anything has changed."""
    with desk_of(connection) as desk:
        woken = try_again(desk, invoice, actor=person())
    if not woken:
        raise CommandError(f"No accrual of {invoice} is held. `ml-connector accruals list` shows how each stands.")
    say("It is looked at again in the next run. Next: ml-connector sync")
    if json:
        print_json({"invoice": invoice, "retried": woken})
    return ExitCode.DONE
