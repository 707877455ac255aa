"""`ml-connector budget`: how much of QuickBooks' request limits and metered reads is used."""

from ml_connector.cli.options import Json
from ml_connector.cli.output import ExitCode, print_json, print_table
from ml_connector.cli.session import opened
from ml_connector.store import connections
from ml_connector.work.budget_view import BudgetView, budget_view


def budget(connection: str = "", *, json: Json = False) -> int:
    """Show how many requests QuickBooks companies got in the last minute, who waits, and how the month's reads come out.

    Parameters
    ----------
    connection
        Only this connection; all when left out.
    """
    with opened() as app, app.database.read() as tx:
        rows = [app.connection(connection)] if connection else connections.list_all(tx)
        found = [budget_view(tx, row, app.clock.now()) for row in rows]
    if json:
        print_json(found)
    else:
        columns = (
            "Connection", "Last minute", "Batches", "Waiting", "Quiet until (UTC)",
            "Month", "Reads", "Of the app", "Limit", "Forecast", "Polls", "Writes", "Refused",
        )  # fmt: skip
        print_table("", columns, [_row(one) for one in found], right=columns[6:10] + columns[11:])
    return ExitCode.DONE


def _row(one: BudgetView) -> tuple[str, ...]:
    return (
        one.connection,
        f"{one.requests_last_minute} of {one.requests_per_minute}",
        f"{one.batches_last_minute} of {one.batches_per_minute}",
        str(one.waiting_urgent + one.waiting_bulk or ""),
        one.quiet_until.isoformat(timespec="seconds") if one.quiet_until else "",
        one.month,
        f"{one.reads:,}",
        f"{one.reads_of_app:,}",
        f"{one.reads_per_month:,}" if one.reads_per_month else "none",
        f"{one.forecast:,}",
        f"{one.stretch:g} times slower" if one.stretch > 1 else "full speed",
        f"{one.writes:,}",
        f"{one.refused:,}",
    )
