"""`ml-connector keys …`: which master keys are in use, and moving everything to a new one while the work goes on."""

from collections.abc import Callable

from cyclopts import App

from ml_connector.cli.options import Json
from ml_connector.cli.output import ExitCode, print_json, print_table, say
from ml_connector.cli.session import opened
from ml_connector.work.rotation import KeyUse, key_uses
from ml_connector.work.rotation import rotate as rotate_all

_TELL_EVERY = 10_000

app = App(name="keys", help="Look after the master key that all secrets are sealed under.")


@app.command
def show(*, json: Json = False) -> int:
    """List the master keys by their ids, with how much is under each. No key is ever shown."""
    with opened() as app_:
        uses, source = key_uses(app_.database, app_.vault), app_.vault.keys.source_name
    if json:
        print_json(uses)
    else:
        columns = ("Key", "Is", "Secrets", "Deliveries", "Company hashes")
        print_table("", columns, [_row(use) for use in uses], right=columns[2:])
    say(f"The current key comes from {source}.")
    lost = [use.key for use in uses if not use.known]
    if lost:
        say(
            f"Not given to this program: {', '.join(lost)}. What is under such a key cannot be read. Add the key as a former one, "
            "or give the connections their credentials again."
        )
    return ExitCode.HELD_OR_FAILED if lost else ExitCode.DONE


def _row(use: KeyUse) -> tuple[str, ...]:
    kind = "current" if use.current else "former" if use.known else "NOT KNOWN"
    counts = (use.envelopes.get("secrets", 0), use.envelopes.get("deliveries", 0), use.company_hashes)
    return (use.key, kind, *map(str, counts))


@app.command
def rotate(*, new_key: bool = False, json: bool = False) -> int:
    """Put every sealed value under the current master key, while other processes go on working.

    Parameters
    ----------
    new_key
        Make a new key first and put it on top of the key file. Only when the key comes from a file.
    json
        Print the result as JSON.
    """
    with opened() as app_:
        if new_key:
            app_.vault.keys.make_new()
            say(f"A new master key is the first one in {app_.vault.keys.source_name}. Keep a copy elsewhere.")
        report = rotate_all(app_.database, app_.vault, _progress())
    say(
        f"Moved to key {report.key}: {report.envelopes} sealed values and {report.company_hashes} hashes of company ids. "
        f"Still under other keys: {report.remaining}."
    )
    for place in report.unreadable:
        say(f"Does not open, left as it is: {place}")
    if report.remaining and not report.unreadable:
        say("Another process still writes under a former key. Run this again in a minute.")
    if not report.remaining:
        say("Former keys are needed only for backups made until now. Keep them with those, apart from the database.")
    if json:
        print_json(report)
    return ExitCode.HELD_OR_FAILED if report.remaining else ExitCode.DONE


def _progress() -> Callable[[int], None]:
    """Says from time to time how far it is, where there is much to move."""
    told = 0

    def tell(done: int) -> None:
        nonlocal told
        if done >= told + _TELL_EVERY:
            told = done
            say(f"{done} values moved so far")

    return tell
