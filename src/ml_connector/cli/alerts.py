"""`ml-connector alerts`: what a person has to know now, and putting away what has been dealt with."""

from cyclopts import App

from ml_connector.cli.options import Connection, Json
from ml_connector.cli.output import CommandError, ExitCode, print_json, print_table, say
from ml_connector.cli.session import opened, person
from ml_connector.store import alerts as alert_store
from ml_connector.store import connections
from ml_connector.work.alerts import AlertError, put_away

app = App(name="alerts", help="What needs a person now; put away what has been dealt with.")


@app.default
def alerts(connection: str = "", *, over: bool = False, limit: int = 50, json: Json = False) -> int:
    """List what needs a person: a sign-in that ended, a job that does not get through, a limit that comes near.

    Parameters
    ----------
    connection
        Only this connection; all when left out.
    over
        Also those whose cause is over.
    limit
        At most this many of each connection, newest first.
    """
    with opened() as installation, installation.database.read() as tx:
        rows = [installation.connection(connection)] if connection else connections.list_all(tx)
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
        columns = ("Number", "Connection", "Since (UTC)", "Seen", "Matters", "What", "Over since (UTC)")
        shown = [
            (
                str(alert.id),
                name,
                alert.raised_at.isoformat(timespec="seconds"),
                str(alert.times),
                alert.severity.value,
                alert.message,
                alert.cleared_at.isoformat(timespec="seconds") if alert.cleared_at else "",
            )
            for name, alert in found
        ]
        print_table("", columns, shown, right=("Number", "Seen"))
    return ExitCode.HELD_OR_FAILED if any(alert.cleared_at is None for _, alert in found) else ExitCode.DONE


@app.command(name="put-away")
def put_away_(number: int, *, reason: str, connection: Connection = "", json: Json = False) -> int:
    """End an alert that somebody has dealt with. Most end by themselves; one whose cause is still there comes back.

    Parameters
    ----------
    number
        The alert's number, as the list shows it.
    reason
        What was done about it; kept with your name.
    """
    with opened() as installation:
        row = installation.connection(connection)
        try:
            ended = put_away(
                installation.database, row, number, reason=reason, actor=person(), now=installation.clock.now()
            )
        except AlertError as error:
            raise CommandError(str(error)) from error
    say(f"The alert {number} of {row.name} is put away. If its cause is still there, it comes back.")
    if json:
        print_json({"connection": row.name, "alert": ended})
    return ExitCode.DONE
