"""`ml-connector orders …`: the purchase orders that were taken over from Basware."""

from cyclopts import App

from ml_connector.cli.output import CommandError, ExitCode, money, out, print_json, print_table, say
from ml_connector.cli.session import desk_of, person
from ml_connector.store.copies import CopyContent
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.shown import OrderLine, order_line, order_lines, orders_named, retry_order

app = App(name="orders", help="The purchase orders taken over from Basware.")


@app.command(name="list")
def list_(*, connection: str = "", text: str = "", state: str = "", limit: int = 1000, json: bool = False) -> int:
    """List purchase orders, last arrived first.

    Parameters
    ----------
    connection
        The connection; may be left out when there is only one.
    text
        Search in everything an order says.
    state
        Only orders that have come so far in QuickBooks: held, sending, done or nothing.
    limit
        At most this many.
    json
        Print JSON.
    """
    with desk_of(connection) as desk:
        lines = order_lines(desk, text=text, state=state, limit=limit)
    if json:
        print_json(lines)
    else:
        columns = ("Order", "Supplier", "Company", "Status", "Net", "Lines", "QuickBooks", "Arrived (UTC)")
        print_table("", columns, [_row(line) for line in lines], right=("Net", "Lines"))
    return ExitCode.DONE


@app.command
def show(order: str, *, connection: str = "") -> int:
    """Print the newest version of one order as Basware sent it; why it waits is told beside it.

    Parameters
    ----------
    order
        The order number, or Basware's external code.
    connection
        The connection; may be left out when there is only one.
    """
    with desk_of(connection) as desk:
        found = _only(desk, order)
        line = order_line(desk, found)
    out().print(found.payload, markup=False)
    for problem in line.problems:
        say(problem)
    return ExitCode.DONE


@app.command
def retry(order: str, *, connection: str = "") -> int:
    """Try an order again that QuickBooks refused, or that was held.

    Parameters
    ----------
    order
        The order number, or Basware's external code.
    connection
        The connection; may be left out when there is only one.
    """
    with desk_of(connection) as desk:
        if not retry_order(desk, _only(desk, order), person()):
            raise CommandError(f"Order {order} is being sent just now, or was never meant for QuickBooks.")
    say(f"Order {order} is tried again with the next run.")
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
