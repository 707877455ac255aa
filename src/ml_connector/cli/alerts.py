"""`ml-connector alerts`: what a person has to know now."""

from ml_connector.cli.output import ExitCode, print_json, print_table, say
from ml_connector.cli.session import opened
from ml_connector.store import alerts as alert_store
from ml_connector.store import connections


def alerts(connection: str = "", *, over: bool = False, limit: int = 50, json: bool = False) -> int:
    """List what needs a person: a sign-in that ended, a job that does not get through, a limit that comes near.

    Parameters
    ----------
    connection
        Only this connection; all when left out.
    over
        Also those whose cause is over.
    limit
        At most this many of each connection, newest first.
    json
        Print JSON.
    """
    with opened() as app, app.database.read() as tx:
        rows = [app.connection(connection)] if connection else connections.list_all(tx)
        found = [
            (row.name, alert)
            for row in rows
            for alert in alert_store.listing(tx, row.id, open_only=not over, limit=limit)
        ]
    if json:
        print_json([{"connection": name, "alert": alert} for name, alert in found])
    elif not found:
        say("Nothing needs you.")
    else:
        columns = ("Connection", "Since (UTC)", "Seen", "Matters", "What", "Over since (UTC)")
        shown = [
            (
                name,
                alert.raised_at.isoformat(timespec="seconds"),
                str(alert.times),
                alert.severity.value,
                alert.message,
                alert.cleared_at.isoformat(timespec="seconds") if alert.cleared_at else "",
            )
            for name, alert in found
        ]
        print_table("", columns, shown, right=("Seen",))
    return ExitCode.HELD_OR_FAILED if any(alert.cleared_at is None for _, alert in found) else ExitCode.DONE
