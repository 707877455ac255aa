"""`ml-connector feeds`: how each job of a connection stands: read when, how far behind, what is wrong, due when."""

from datetime import timedelta

from ml_connector.cli.options import Connection, Json
from ml_connector.cli.output import ExitCode, print_lines
from ml_connector.cli.session import desk_of
from ml_connector.work.feeds.shown import FeedLine, feed_lines


def feeds(connection: Connection = "", *, json: Json = False) -> int:
    """Show every job of a connection: last success, how far behind it is, failures, what waits, when it is due.

    Exit code 1 when a job fails.
    """
    with desk_of(connection) as desk:
        lines = feed_lines(desk)
    columns = (
        "Job",
        "State",
        "Last success (UTC)",
        "Behind",
        "Failures",
        "Waiting",
        "Next due (UTC)",
        "What it did",
    )
    print_lines(lines, columns, _row, json=json, right=("Failures", "Waiting"))
    return ExitCode.HELD_OR_FAILED if any(line.state == "failing" for line in lines) else ExitCode.DONE


def _row(line: FeedLine) -> tuple[str, ...]:
    return (
        line.job,
        line.state,
        line.last_success.isoformat(timespec="seconds") if line.last_success else "never",
        str(timedelta(seconds=line.lag_seconds)) if line.lag_seconds is not None else "",
        str(line.failures or ""),
        str(line.waiting or ""),
        line.next_due.isoformat(timespec="seconds") if line.next_due else "",
        line.problem or line.outcome or line.about,
    )
