"""`ml-connector calls`: the log of calls to both systems, for whoever has to talk to their support."""

from ml_connector.cli.options import Connection, Json
from ml_connector.cli.output import ExitCode, print_json, print_table
from ml_connector.cli.session import desk_of
from ml_connector.store import calls as call_store


def calls(connection: Connection = "", *, failed: bool = False, limit: int = 50, json: Json = False) -> int:
    """List the last calls to QuickBooks and Basware with the references their support asks for.

    Parameters
    ----------
    failed
        Only calls that failed or were never answered.
    limit
        At most this many, newest first.
    """
    with desk_of(connection) as desk, desk.database.read() as tx:
        rows = call_store.listing(tx, desk.connection_id, failed_only=failed, limit=limit)
    if json:
        print_json(rows)
    else:
        columns = ("When (UTC)", "System", "Call", "Status", "Their reference", "Our request id", "ms")
        shown = [
            (
                row.at.isoformat(timespec="seconds"),
                row.system.value,
                f"{row.method} {row.path}",
                str(row.status or "no answer"),
                row.trace,
                row.request_id,
                str(row.milliseconds),
            )
            for row in rows
        ]
        print_table("", columns, shown, right=("ms",))
    return ExitCode.DONE
