"""`ml-connector webhooks …`: setting webhooks up in both systems. The log of what came is in `webhook_log.py`."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from ml_connector.basware.errors import BaswareError
from ml_connector.cli.output import CommandError, ExitCode, print_json, print_table, say
from ml_connector.cli.session import opened, person
from ml_connector.work.webhook_setup import basware, quickbooks, standing
from ml_connector.work.webhook_setup.basware import Removed
from ml_connector.work.webhook_setup.office import WebhookOffice, WebhookSetupError
from ml_connector.work.webhook_setup.quickbooks import QuickBooksWebhook
from ml_connector.work.webhook_setup.standing import SubscriptionLine

app = App(name="webhooks", help="Be told of changes at once: subscriptions of both systems, and the log of what came.")

Connection = Annotated[str, Parameter(help="The connection; may be left out when there is only one.")]
Url = Annotated[str, Parameter(help="Where webhooks reach this installation, if not as ML_CONNECTOR_PUBLIC_URL says.")]
Json = Annotated[bool, Parameter(help="Print JSON.")]


@contextmanager
def _office(connection: str, url: str) -> Iterator[WebhookOffice]:
    with opened() as app_:
        try:
            with app_.webhook_office(app_.connection(connection), public_url=url) as office:
                yield office
        except WebhookSetupError as error:
            raise CommandError(str(error)) from error


@app.command(name="list")
def list_(connection: Connection = "", *, url: Url = "", json: Json = False) -> int:
    """List the subscriptions at Basware, and say what is missing there; show where QuickBooks' webhooks stand.

    Exit code 1 when something is missing.
    """
    with _office(connection, url) as office:
        return _both(lambda: basware.lines_of(office), quickbooks.state_of(office), json=json)


@app.command
def subscribe(
    connection: Connection = "",
    *,
    url: Url = "",
    new_token: Annotated[
        bool, Parameter(help="Let Basware sign with a new token from now on. The one before still counts.")
    ] = False,
    json: Json = False,
) -> int:
    """Subscribe to what this connection's jobs want to know: at Basware by its API; for QuickBooks the steps are printed.

    `ml-connector serve` must run and be reached from outside: Basware calls it before it agrees.
    """
    with _office(connection, url) as office:
        state = _with_verifier(office)
        return _both(
            lambda: basware.subscribe(office, actor=person(), new_token=new_token), state, json=json, steps=True
        )


@app.command
def repair(connection: Connection = "", *, url: Url = "", json: Json = False) -> int:
    """Put right what is missing at Basware, is there twice, or would be signed with a token that is not ours any more."""
    with _office(connection, url) as office:
        state = _with_verifier(office)
        return _both(lambda: basware.subscribe(office, actor=person(), mend=True), state, json=json)


def _with_verifier(office: WebhookOffice) -> QuickBooksWebhook:
    if lender := quickbooks.adopt_verifier(office, actor=person()):
        say(f"The verifier token of the connection {lender} is used, which signs in with the same Intuit app.")
    return quickbooks.state_of(office)


def _both(
    ask: Callable[[], list[SubscriptionLine]], state: QuickBooksWebhook, *, json: bool, steps: bool = False
) -> ExitCode:
    """Show both sides. What Basware refuses keeps nobody from doing QuickBooks' part, so that is shown all the same."""
    try:
        lines = ask()
    except BaswareError:
        _show(None, state, json=json, steps=steps)
        raise
    _show(lines, state, json=json, steps=steps)
    if any(line.state == standing.FORMER_TOKEN for line in lines):
        say("A change of the token is unfinished; calls still count. Run it again: webhooks subscribe --new-token.")
    return ExitCode.HELD_OR_FAILED if any(line.state in standing.TO_REPAIR for line in lines) else ExitCode.DONE


def _show(lines: list[SubscriptionLine] | None, state: QuickBooksWebhook, *, json: bool, steps: bool) -> None:
    if json:
        print_json({"basware": lines, "quickbooks": state})
        return
    if lines is not None:
        columns = ("Task type", "Sub type", "State", "Address", "Changed (UTC)")
        print_table("Basware", columns, [_line(line) for line in lines])
    rows = [
        ("Endpoint URL", state.endpoint),
        ("Verifier token", "stored" if state.verifier else "MISSING"),
        ("Former verifier token", "still good" if state.old_verifier else "none"),
    ]
    print_table("QuickBooks", ("What", "Is"), rows)
    if steps or not state.verifier:
        print_table("In Intuit's portal", ("", "Do"), [(str(n), step) for n, step in enumerate(state.steps, 1)])


def _line(line: SubscriptionLine) -> tuple[str, ...]:
    changed = line.updated_at.isoformat(timespec="seconds") if line.updated_at else ""
    return line.task_type, line.task_sub_type, line.state, line.address, changed


@app.command
def remove(
    connection: Connection = "",
    *,
    url: Annotated[str, Parameter(help="The address they were made for, if not as ML_CONNECTOR_PUBLIC_URL says.")] = "",
    yes: Annotated[
        bool,
        Parameter(
            negative="",
            help="Delete even where that takes other programs' subscriptions, or those of connections with the same account.",
        ),
    ] = False,
    json: Annotated[
        bool, Parameter(help="Print as JSON what is left of ours, and what of others' went with it.")
    ] = False,
) -> int:
    """Delete our subscriptions at Basware. Basware deletes by filter, so what else that would hit is worked out first."""
    with _office(connection, url) as office:
        removed = basware.remove(office, actor=person(), force=yes)
    if json:
        print_json(removed)
    _tell_removed(removed)
    return ExitCode.HELD_OR_FAILED if removed.left else ExitCode.DONE


def _tell_removed(removed: Removed) -> None:
    if removed.left:
        say(f"{len(removed.left)} of our subscriptions are still there.")
    else:
        say("Our subscriptions at Basware are removed.")
    for line in removed.others:
        say(f"Deleted with them: {line.name} at {line.address}, of another program. Its owner has to subscribe again.")
    if removed.connections:
        say(f"Not announced to any more either, and found later: changes for {', '.join(removed.connections)}.")
    say("For QuickBooks, delete the endpoint URL in Intuit's portal, page Webhooks.")


@app.command
def verifier(
    connection: Connection = "",
    *,
    env: Annotated[str, Parameter(help="The name of an environment variable that holds the token.")] = "",
    file: Annotated[Path | None, Parameter(help="A file that holds it.")] = None,
    drop_old: Annotated[
        bool,
        Parameter(
            negative="",
            help="Store nothing: let the former tokens of this connection count no longer, QuickBooks' and Basware's.",
        ),
    ] = False,
    json: Annotated[bool, Parameter(help="Print the names of the connections as JSON.")] = False,
) -> int:
    """Store the verifier token that Intuit's portal shows, for every connection of the same app. The present one stays good.

    The token is read from standard input unless told otherwise, never from the command line.
    """
    with _office(connection, "") as office:
        if drop_old:
            names = _drop_former(office)
        else:
            names = quickbooks.store_verifier(office, _token(env, file), actor=person())
            say(f"The verifier token is stored for: {', '.join(names)}. The one before is good until --drop-old.")
    if json:
        print_json(names)
    return ExitCode.DONE


def _drop_former(office: WebhookOffice) -> list[str]:
    dropped = [drop(office, actor=person()) for drop in (basware.drop_former_token, quickbooks.drop_former_verifier)]
    say("The former tokens count no longer." if any(dropped) else "There is no former token.")
    return [office.connection.name] if any(dropped) else []


def _token(env: str, file: Path | None) -> str:
    if env:
        if not os.environ.get(env):
            raise CommandError(f"The environment variable {env} is not set.")
        return os.environ[env]
    if file is not None:
        try:
            return file.expanduser().read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"The file {file} cannot be read: {error}") from error
    if sys.stdin.isatty():
        say("Paste the verifier token and press Enter.")
    return sys.stdin.readline().strip()
