"""`ml-connector outcomes …`: what became of our answers after Basware's interface had taken them."""

from typing import Annotated

from cyclopts import App, Parameter

from ml_connector.cli.options import Connection, Json, Limit
from ml_connector.cli.output import ExitCode, print_lines
from ml_connector.cli.session import desk_of
from ml_connector.store.schema import RequestState
from ml_connector.work.feeds.outcome_views import OutcomeLine, outcome_lines

app = App(name="outcomes", help="What became of our answers after Basware had taken them.")


@app.command(name="list")
def list_(
    *,
    connection: Connection = "",
    state: Annotated[list[RequestState] | None, Parameter(negative="")] = None,
    text: str = "",
    limit: Limit = 1000,
    json: Json = False,
) -> int:
    """List what became of what we sent to Basware: errors first, then what it never said, then what is open.

    Exit code 1 when something failed or was never heard of.

    Parameters
    ----------
    state
        Only requests in this state. May be given several times.
    text
        Search in invoice numbers, ids and reasons.
    """
    with desk_of(connection) as desk:
        lines = outcome_lines(desk, states=state, text=text, limit=limit)
    columns = ("Invoice", "State", "Basware says", "What to do", "Sent (UTC)", "Basware's request id")
    print_lines(lines, columns, _row, json=json)
    bad = {RequestState.FAILED.value, RequestState.UNHEARD.value}
    return ExitCode.HELD_OR_FAILED if any(line.state in bad for line in lines) else ExitCode.DONE


def _row(line: OutcomeLine) -> tuple[str, ...]:
    return (
        line.invoice_number or line.invoice_id or line.external_code,
        line.state,
        line.problem or line.status,
        line.what_to_do,
        line.sent_at.isoformat(timespec="seconds"),
        line.request_id,
    )
