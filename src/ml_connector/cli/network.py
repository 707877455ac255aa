"""`ml-connector network …`: documents of the Basware Network that wait to be approved."""

import os
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from ml_connector.cli.options import Connection, Json, Limit
from ml_connector.cli.output import CommandError, ExitCode, money, out, print_json, print_lines, print_table, say
from ml_connector.cli.session import desk_of
from ml_connector.store import network as network_store
from ml_connector.store.schema import NetworkState
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.network_views import NetworkLine, NetworkView, network_list, network_view

app = App(name="network", help="Documents of the Basware Network on their way to you.")


@app.command(name="list")
def list_(
    *,
    connection: Connection = "",
    state: Annotated[list[NetworkState] | None, Parameter(negative="")] = None,
    limit: Limit = 1000,
    json: Json = False,
) -> int:
    """List documents of the Network, newest first.

    Parameters
    ----------
    state
        Only documents in this state. May be given several times.
    """
    with desk_of(connection) as desk:
        lines = network_list(desk, states=state).page(limit=limit)
    columns = ("Number", "Supplier", "What", "State", "Amount", "Order", "Days", "bumId")
    print_lines(lines, columns, _row, json=json, right=("Amount", "Days"))
    return ExitCode.DONE


def _row(line: NetworkLine) -> tuple[str, ...]:
    amount = money(line.total, line.currency)
    return (
        line.number, line.supplier, line.kind, line.state, amount, line.order_number, str(line.days), line.bum_id,
    )  # fmt: skip


@app.command
def show(bum_id: str, *, connection: Connection = "", raw: bool = False, json: Json = False) -> int:
    """Show one document, its files and the invoice it became.

    Parameters
    ----------
    bum_id
        The document's bumId.
    raw
        Print the message as it arrived, and nothing else.
    """
    with desk_of(connection) as desk:
        view = _view(desk, bum_id)
    if raw:
        out().print(view.raw, markup=False)
    elif json:
        print_json(view)
    else:
        _print(view)
    return ExitCode.DONE


@app.command
def file(bum_id: str, ref_id: str, *, to: Path, connection: Connection = "", json: Json = False) -> int:
    """Write one file of a document to disk. It is never opened or run, and nothing that exists is replaced.

    Parameters
    ----------
    bum_id
        The document's bumId.
    ref_id
        The file's refId, as `network show` lists it.
    to
        The path to write to.
    """
    with desk_of(connection) as desk:
        view = _view(desk, bum_id)
        with desk.database.read() as tx:
            content = network_store.content_of(tx, desk.connection_id, bum_id, ref_id)
    known = next((one for one in view.files if one.ref_id == ref_id), None)
    if known is None:
        raise CommandError(
            f"The document has no file {ref_id!r}. `ml-connector network show {bum_id}` lists its files."
        )
    if content is None:
        raise CommandError(f"This file is not here: {known.problem}.", ExitCode.HELD_OR_FAILED)
    try:
        descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as target:
            target.write(content)
    except FileExistsError:
        raise CommandError(f"{to} is there already. Name another path.") from None
    except OSError as error:
        raise CommandError(f"{to} cannot be written: {error.strerror}. Name another path.") from error
    if json:
        print_json({"path": str(to), "size": len(content), "content_type": known.content_type, "digest": known.digest})
    else:
        say(f"Wrote {len(content)} bytes to {to} ({known.content_type or 'of no named type'}).")
    return ExitCode.DONE


def _view(desk: Desk, bum_id: str) -> NetworkView:
    view = network_view(desk, bum_id)
    if view is None:
        raise CommandError(f"There is no document {bum_id!r}. `ml-connector network list` shows all.")
    return view


def _print(view: NetworkView) -> None:
    line, console = view.document, out()
    total = money(line.total, line.currency)
    console.print(f"{line.kind or 'document'} {line.number} of {line.supplier}, {total}: {line.state}", markup=False)
    if line.invoice_id:
        how = "named by the invoice" if line.matched_by == "bumId" else "found by number, supplier and amount"
        console.print(f"  Became invoice {line.invoice_id} ({how})", markup=False)
    if line.order_number:
        console.print(f"  Order {line.order_number}", markup=False)
    if line.problem:
        console.print(f"  Problem: {line.problem}", markup=False)
    rows = [(one.ref_id, one.file_type, one.content_type, str(one.size), one.problem) for one in view.files]
    print_table("Files", ("refId", "Kind", "Content", "Bytes", "Problem"), rows, right=("Bytes",))
