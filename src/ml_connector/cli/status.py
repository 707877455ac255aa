"""`ml-connector status`: where a connection stands, in counts and money."""

from ml_connector.cli.options import Connection, Json
from ml_connector.cli.output import ExitCode, money_of, print_json, print_table, say
from ml_connector.cli.session import desk_of
from ml_connector.store.schema import ConnectionState, DocumentState, OutgoingState
from ml_connector.work.connection_status import status_view

_WAIT_FOR_SOMEBODY = {OutgoingState.HELD.value, OutgoingState.REFUSED.value}


def status(connection: Connection = "", *, json: Json = False) -> int:
    """Show how many documents are where, in count and money. Exit code 1 when something is held or refused, 3 to sign in again."""
    with desk_of(connection) as desk:
        view = status_view(desk)
    if json:
        print_json(view)
    else:
        rows = [
            (state.value, str(count.documents), money_of(count.money))
            for state in DocumentState
            if (count := view.documents.get(state.value)) is not None
        ]
        title = f"{view.connection}: {view.company or 'company not read yet'}, {view.state}"
        print_table(title, ("State", "Documents", "Amount"), rows, right=("Documents", "Amount"))
    if view.records:
        told = ", ".join(f"{number} {state}" for state, number in view.records.items())
        say(f"Records that Basware is to hold: {told}. `ml-connector records list` shows them.")
    if view.unanswered:
        say(f"{view.unanswered} calls to QuickBooks have no answer yet; the next sync settles them.")
    if view.state == ConnectionState.SIGN_IN_NEEDED.value:
        say(view.reason)
        return ExitCode.SIGN_IN_NEEDED
    waiting = DocumentState.HELD.value in view.documents or view.records.keys() & _WAIT_FOR_SOMEBODY
    return ExitCode.HELD_OR_FAILED if waiting else ExitCode.DONE
