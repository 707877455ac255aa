"""`ml-connector attachments …`: the files of posted documents and their way to QuickBooks."""

from cyclopts import App

from ml_connector.cli.options import Connection, Invoice, Json, Limit
from ml_connector.cli.output import ExitCode, out, print_json, print_table
from ml_connector.cli.session import desk_of, document, person
from ml_connector.model.attachments import FileState
from ml_connector.store.attachments import FileLine
from ml_connector.work.attachments.shown import file_list, try_again

app = App(name="attachments", help="The files of posted documents, on their way to QuickBooks.")


@app.command(name="list")
def list_(
    *,
    connection: Connection = "",
    state: FileState | None = None,
    text: str = "",
    limit: Limit = 1000,
    json: Json = False,
) -> int:
    """List files, newest first.

    Parameters
    ----------
    state
        Only files in this state.
    text
        Search in file names, invoice numbers and reasons.
    """
    with desk_of(connection) as desk:
        lines = file_list(desk, states=[state] if state else [], text=text).page(limit=limit)
    if json:
        print_json(lines)
    else:
        print_table("", ("Invoice", "File", "State", "Attachable", "Why"), [_row(line) for line in lines])
    return ExitCode.DONE


@app.command
def retry(invoice: Invoice, *, connection: Connection = "") -> int:
    """Try files again that were given up."""
    with desk_of(connection) as desk:
        woken = try_again(desk, document(desk, invoice), actor=person())
    out().print(f"{woken} files are tried again when the job `attachments` runs next.")
    return ExitCode.DONE


def _row(line: FileLine) -> tuple[str, ...]:
    return line.invoice_number or line.invoice_id, line.filename, line.state.value, line.quickbooks_id, line.problem
