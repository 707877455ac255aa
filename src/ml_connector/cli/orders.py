"""`ml-connector orders …`: the purchase orders that were taken over from Basware."""

from typing import Annotated, Literal

from cyclopts import App, Parameter

from ml_connector.cli.options import SORT, Connection, Invoice, Json, Limit
from ml_connector.cli.output import CommandError, ExitCode, money, out, print_json, print_table, say
from ml_connector.cli.session import desk_of, document, person
from ml_connector.store.copies import CopyContent, CopySort
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.shown import (
    OrderLine,
    order_line,
    order_link_list,
    order_list,
    orders_named,
    retry_order,
)
from ml_connector.work.order_links import accept_links

app = App(name="orders", help="The purchase orders taken over from Basware.")

Order = Annotated[str, Parameter(help="The order number, or Basware's external code.")]


@app.command(name="list")
def list_(
    *,
    connection: Connection = "",
    text: str = "",
    state: Literal["", "held", "sending", "done", "nothing"] = "",
    sort: Annotated[CopySort, Parameter(help=SORT)] = CopySort.ARRIVED_DOWN,
    limit: Limit = 1000,
    json: Json = False,
) -> int:
    """List purchase orders, last arrived first unless told otherwise.

    Parameters
    ----------
    text
        Search in everything an order says.
    state
        Only orders that have come so far in QuickBooks.
    """
    with desk_of(connection) as desk:
        lines = order_list(desk, text=text, state=state, order=sort).page(limit=limit)
        own = desk.settings.basware.orders
    if not lines and not own.enabled:
        say("Orders are not taken over from Basware: [basware.orders] in the connection file is not switched on.")
    elif not lines and state and not own.post:
        say("Orders are only kept here: [basware.orders] in the connection file has no post = true.")
    if json:
        print_json(lines)
    else:
        columns = ("Order", "Supplier", "Company", "Status", "Net", "Lines", "QuickBooks", "Arrived (UTC)")
        print_table("", columns, [_row(line) for line in lines], right=("Net", "Lines"))
    return ExitCode.DONE


@app.command
def show(order: Order, *, connection: Connection = "") -> int:
    """Print the newest version of one order as Basware sent it; why it waits is told beside it."""
    with desk_of(connection) as desk:
        found = _only(desk, order)
        line = order_line(desk, found)
    out().print(found.payload, markup=False)
    for problem in line.problems:
        say(problem)
    return ExitCode.DONE


@app.command
def retry(order: Order, *, connection: Connection = "") -> int:
    """Try an order again that QuickBooks refused, or that was held."""
    with desk_of(connection) as desk:
        if not retry_order(desk, _only(desk, order), person()):
            raise CommandError(f"Order {order} is being sent just now, or was never meant for QuickBooks.")
    say(f"Order {order} is tried again with the next run.")
    return ExitCode.DONE


@app.command
def links(
    *,
    connection: Connection = "",
    state: Literal["", "linked", "dropped", "accepted"] = "",
    limit: Limit = 1000,
    json: Json = False,
) -> int:
    """List the links of bills to purchase orders, newest first. Exit code 1 when QuickBooks left one out.

    Parameters
    ----------
    state
        Only links in this state.
    """
    with desk_of(connection) as desk:
        lines = order_link_list(desk, state=state).page(limit=limit)
    if json:
        print_json(lines)
    else:
        columns = ("Invoice", "Bill", "Order", "Line", "Amount", "State", "Why")
        rows = [
            (
                one.invoice_number,
                one.bill_id,
                one.order_id,
                one.order_line_id,
                money(one.amount, one.currency),
                one.state,
                one.why,
            )
            for one in lines
        ]
        print_table("", columns, rows, right=("Amount",))
    return ExitCode.HELD_OR_FAILED if any(one.state == "dropped" for one in lines) else ExitCode.DONE


@app.command(name="accept-links")
def accept_links_(invoice: Invoice, *, reason: str, connection: Connection = "") -> int:
    """Say that a bill may stay without the order links that QuickBooks left out.

    Parameters
    ----------
    reason
        Why; kept with your name.
    """
    with desk_of(connection) as desk:
        row = document(desk, invoice)
        if not accept_links(desk, row.invoice_id, actor=person(), reason=reason):
            raise CommandError(f"QuickBooks left no order link of invoice {invoice} out.")
    say(f"The bill of invoice {invoice} stays without its order links.")
    return ExitCode.DONE


def _only(desk: Desk, order: str) -> CopyContent:
    found = orders_named(desk, order)
    if not found:
        raise CommandError(f"There is no order {order!r}. `ml-connector orders list` shows all.")
    if len(found) > 1:
        codes = ", ".join(one.external_id for one in found)
        raise CommandError(f"Several orders carry the number {order}: name one of them by its external code: {codes}.")
    return found[0]


def _row(line: OrderLine) -> tuple[str, ...]:
    return (
        line.number or line.external_code,
        line.supplier or line.supplier_code,
        line.company_code,
        line.status,
        money(line.net_sum, line.currency),
        str(line.lines),
        ", ".join(filter(None, (line.quickbooks, line.quickbooks_id, *line.causes))),
        line.received_at.isoformat(timespec="seconds"),
    )
