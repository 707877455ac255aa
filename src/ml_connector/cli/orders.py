"""`ml-connector orders …`: the purchase orders that were taken over from Basware."""

from cyclopts import App

from ml_connector.cli.output import CommandError, ExitCode, money, out, print_json, print_table
from ml_connector.cli.session import desk_of
from ml_connector.work.feeds.shown import OrderLine, order_lines, orders_named

app = App(name="orders", help="The purchase orders taken over from Basware.")


@app.command(name="list")
def list_(*, connection: str = "", text: str = "", limit: int = 1000, json: bool = False) -> int:
    """List purchase orders, last arrived first.

    Parameters
    ----------
    connection
        The connection; may be left out when there is only one.
    text
        Search in everything an order says.
    limit
        At most this many.
    json
        Print JSON.
    """
    with desk_of(connection) as desk:
        lines = order_lines(desk, text=text, limit=limit)
    if json:
        print_json(lines)
    else:
        columns = ("Order", "Supplier", "Company", "Status", "Net", "Lines", "Arrived (UTC)")
        print_table("", columns, [_row(line) for line in lines], right=("Net", "Lines"))
    return ExitCode.DONE


@app.command
def show(order: str, *, connection: str = "") -> int:
    """Print the newest version of one order as Basware sent it.

    Parameters
    ----------
    order
        The order number, or Basware's external code.
    connection
        The connection; may be left out when there is only one.
    """
    with desk_of(connection) as desk:
        found = orders_named(desk, order)
    if not found:
        raise CommandError(f"There is no order {order!r}. `ml-connector orders list` shows all.")
    if len(found) > 1:
        codes = ", ".join(one.external_id for one in found)
        raise CommandError(f"Several orders carry the number {order}: name one of them by its external code: {codes}.")
    out().print(found[0].payload, markup=False)
    return ExitCode.DONE


def _row(line: OrderLine) -> tuple[str, ...]:
    return (
        line.number or line.external_code,
        line.supplier or line.supplier_code,
        line.company_code,
        line.status,
        money(line.net_sum, line.currency),
        str(line.lines),
        line.received_at.isoformat(timespec="seconds"),
    )
