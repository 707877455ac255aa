"""`ml-connector extracts …`: tables of Purchase-to-Pay that Data Access brought."""

import msgspec
from cyclopts import App

from ml_connector.cli.options import Connection, Json, Limit
from ml_connector.cli.output import CommandError, ExitCode, out, print_json, print_table
from ml_connector.cli.session import desk_of
from ml_connector.store import extracts as extract_store
from ml_connector.work.feeds.extract_views import extract_lines, extract_view

app = App(name="extracts", help="Tables of Purchase-to-Pay that Basware's Data Access brought.")


@app.command(name="list")
def list_(*, connection: Connection = "", limit: Limit = 100, json: Json = False) -> int:
    """List extracts, the latest first."""
    with desk_of(connection) as desk:
        lines = extract_lines(desk, limit=limit)
    if json:
        print_json(lines)
    else:
        columns = ("Extract", "Kind", "Up to", "State", "Files", "Rows", "Problem")
        shown = [
            (one.extract_id, one.kind, one.end, one.state, str(one.files), str(one.rows), one.problem) for one in lines
        ]
        print_table("", columns, shown, right=("Files", "Rows"))
    return ExitCode.DONE


@app.command
def show(extract: str, *, connection: Connection = "", json: Json = False) -> int:
    """Show one extract and its files.

    Parameters
    ----------
    extract
        Basware's id of the extract.
    """
    with desk_of(connection) as desk:
        view = extract_view(desk, extract)
    if view is None:
        raise CommandError(f"There is no extract {extract!r}. `ml-connector extracts list` shows all.")
    if json:
        print_json(view)
        return ExitCode.DONE
    line = view.extract
    out().print(f"{line.kind} from {line.start} to {line.end}: {line.state}, {line.rows} rows", markup=False)
    if line.problem:
        out().print(f"  Problem: {line.problem}", markup=False)
    rows = [(one.file_name, one.table, str(one.size), str(one.downloads), str(one.rows)) for one in view.files]
    print_table("Files", ("File", "Table", "Bytes", "Downloads", "Rows"), rows, right=("Bytes", "Downloads", "Rows"))
    return ExitCode.DONE


@app.command
def rows(
    table: str = "", *, text: str = "", connection: Connection = "", limit: Limit = 100, json: Json = False
) -> int:
    """List rows of a table as they were loaded, or the tables there are.

    Parameters
    ----------
    table
        The table, such as ADM_SUPPLIER. Without one, all tables are listed with the number of their rows.
    text
        Search in the rows.
    """
    with desk_of(connection) as desk, desk.database.read() as tx:
        counts = extract_store.counts(tx, desk.connection_id)
        found = list(extract_store.rows_of(tx, desk.connection_id, table, text=text, limit=limit)) if table else []
    if not table and json:
        print_json([{"table": name, "rows": number} for name, number in counts.items()])
    elif not table:
        print_table("", ("Table", "Rows"), [(name, str(number)) for name, number in counts.items()], right=("Rows",))
    elif json:
        print_json([msgspec.Raw(one.payload.encode()) for one in found])
    else:
        print_table("", ("Key", "Row"), [(one.key, one.payload) for one in found])
    return ExitCode.DONE
