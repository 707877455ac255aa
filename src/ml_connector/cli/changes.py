"""`ml-connector changes`: how far the changes in QuickBooks are read, and comparing everything once more."""

import sys

from cyclopts import App

from ml_connector.cli.options import Connection, Json
from ml_connector.cli.output import CommandError, ExitCode, print_json, print_table, say
from ml_connector.cli.session import desk_of, person
from ml_connector.work.changes.state import ChangesState, ask_for_comparison, changes_state

app = App(name="changes", help="How far changes in QuickBooks are read; compare everything.")


@app.default
def changes(connection: Connection = "", *, json: Json = False) -> int:
    """Show for each kind of QuickBooks record how many copies there are and up to when its changes are known."""
    with desk_of(connection) as desk:
        state = changes_state(desk)
    if json:
        print_json(state)
    else:
        _show(state)
    return ExitCode.HELD_OR_FAILED if any(one.problem for one in state.entities) else ExitCode.DONE


def _show(state: ChangesState) -> None:
    rows = [
        (
            one.entity,
            str(one.records),
            str(one.deleted),
            one.newest[:19].replace("T", " "),
            one.known_to.strftime("%Y-%m-%d %H:%M:%S") if one.known_to else "never read",
            one.problem or (f"{one.progress} from record {one.position} on" if one.progress else ""),
        )
        for one in state.entities
    ]
    columns = ("Records of", "Copies", "Deleted", "Newest change (UTC)", "Known up to (UTC)", "Note")
    print_table(f"{state.connection}: changes in QuickBooks", columns, rows, right=("Copies", "Deleted"))
    announced = "Webhooks arrive" if state.webhooks else "No webhook arrived lately, so QuickBooks is asked more often"
    say(
        f"{announced}. Next look at the latest: {state.next_catch_up:%Y-%m-%d %H:%M} UTC. {state.waiting} notices wait."
    )
    for one in state.drifted[:10]:
        say(
            f"{one.quickbooks_type} {one.doc_number or one.quickbooks_id} was {one.what} in QuickBooks since it was posted."
        )
    if len(state.drifted) > 10:
        say(f"… and {len(state.drifted) - 10} more; --json lists all.")


@app.command
def compare(connection: Connection = "", *, yes: bool = False, json: Json = False) -> int:
    """Have everything that is watched in QuickBooks read once more and compared, at the next run of the job.

    Parameters
    ----------
    yes
        Do not ask: it takes one read for each 1 000 records.
    """
    with desk_of(connection) as desk:
        records = sum(one.records for one in changes_state(desk).entities)
        calls = records // 1000 + len(desk.settings.changes.captured)
        if not yes:
            _confirm(f"Compare about {records} records with about {calls} metered reads of QuickBooks?")
        entities = ask_for_comparison(desk, person())
    if json:
        print_json({"entities": entities, "records": records, "reads": calls})
    say("Everything will be compared at the next run of the job changes. `ml-connector changes` shows how far it is.")
    return ExitCode.DONE


def _confirm(question: str) -> None:
    """Ask a person. Where no terminal is, nobody is asked and nothing is done."""
    if not sys.stdin.isatty():
        raise CommandError(f"{question} Nobody can be asked here: add --yes.")
    say(f"{question} [y/N]")
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise CommandError("Nothing was changed.")
