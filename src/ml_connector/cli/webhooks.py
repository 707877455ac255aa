"""`ml-connector webhooks …`: setting webhooks up in both systems. The log of what came is in `webhook_log.py`."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from ml_connector.cli.output import CommandError, ExitCode, print_json, print_table, say
from ml_connector.cli.session import opened, person
from ml_connector.work.webhook_setup import basware, quickbooks
from ml_connector.work.webhook_setup.basware import SubscriptionLine
from ml_connector.work.webhook_setup.office import WebhookOffice, WebhookSetupError
from ml_connector.work.webhook_setup.quickbooks import QuickBooksWebhook

app = App(name="webhooks", help="Be told of changes at once: subscriptions of both systems, and the log of what came.")

_LACKING = {"missing", "other token", "twice"}


@contextmanager
def _office(connection: str, url: str) -> Iterator[WebhookOffice]:
    with opened() as app_:
        try:
            with app_.webhook_office(app_.connection(connection), public_url=url) as office:
                yield office
        except WebhookSetupError as error:
            raise CommandError(str(error)) from error


@app.command(name="list")
def list_(connection: str = "", *, url: str = "", json: bool = False) -> int:
    """List the subscriptions at Basware, and say what is missing there; show where QuickBooks' webhooks stand.

    Exit code 1 when something is missing.

    Parameters
    ----------
    connection
        The connection; may be left out when there is only one.
    url
        Where webhooks reach this installation, if not as ML_CONNECTOR_PUBLIC_URL says.
    json
        Print JSON.
    """
    with _office(connection, url) as office:
        return _shown(basware.lines_of(office), quickbooks.state_of(office), json=json)


@app.command
def subscribe(connection: str = "", *, url: str = "", new_token: bool = False, json: bool = False) -> int:
    """Subscribe to what this connection's jobs want to know: at Basware by its API; for QuickBooks the steps are printed.

    `ml-connector serve` must run and be reached from outside: Basware calls it before it agrees.

    Parameters
    ----------
    connection
        The connection; may be left out when there is only one.
    url
        Where webhooks reach this installation, if not as ML_CONNECTOR_PUBLIC_URL says.
    new_token
        Let Basware sign with a new token from now on. The one before still counts.
    json
        Print JSON.
    """
    with _office(connection, url) as office:
        state = _with_verifier(office)
        lines = basware.subscribe(office, actor=person(), new_token=new_token)
        return _shown(lines, state, json=json, steps=True)


@app.command
def repair(connection: str = "", *, url: str = "", json: bool = False) -> int:
    """Put right what is missing at Basware, is there twice, or would be signed with a token that is not ours any more.

    Parameters
    ----------
    connection
        The connection; may be left out when there is only one.
    url
        Where webhooks reach this installation, if not as ML_CONNECTOR_PUBLIC_URL says.
    json
        Print JSON.
    """
    with _office(connection, url) as office:
        state = _with_verifier(office)
        return _shown(basware.subscribe(office, actor=person(), mend=True), state, json=json)


def _with_verifier(office: WebhookOffice) -> QuickBooksWebhook:
    if lender := quickbooks.adopt_verifier(office, actor=person()):
        say(f"The verifier token of the connection {lender} is used, which signs in with the same Intuit app.")
    return quickbooks.state_of(office)


@app.command
def remove(
    connection: str = "", *, url: str = "", yes: Annotated[bool, Parameter(negative="")] = False, json: bool = False
) -> int:
    """Delete our subscriptions at Basware. Basware deletes by filter, so what else that would hit is worked out first.

    Parameters
    ----------
    connection
        The connection; may be left out when there is only one.
    url
        The address they were made for, if not as ML_CONNECTOR_PUBLIC_URL says.
    yes
        Delete even where that takes other programs' subscriptions, or those of connections with the same Basware account.
    json
        Print what is left of ours as JSON.
    """
    with _office(connection, url) as office:
        left = basware.remove(office, actor=person(), force=yes)
    if json:
        print_json(left)
    say(
        "Our subscriptions at Basware are removed."
        if not left
        else f"{len(left)} of our subscriptions are still there."
    )
    say("For QuickBooks, delete the endpoint URL in Intuit's portal, page Webhooks.")
    return ExitCode.HELD_OR_FAILED if left else ExitCode.DONE


@app.command
def verifier(
    connection: str = "",
    *,
    env: str = "",
    file: Path | None = None,
    drop_old: Annotated[bool, Parameter(negative="")] = False,
    json: bool = False,
) -> int:
    """Store the verifier token that Intuit's portal shows, for every connection of the same app. The present one stays good.

    The token is read from standard input unless told otherwise, never from the command line.

    Parameters
    ----------
    connection
        The connection; may be left out when there is only one.
    env
        The name of an environment variable that holds the token.
    file
        A file that holds it.
    drop_old
        Store nothing: let the former tokens of this connection count no longer, QuickBooks' and Basware's.
    json
        Print the names of the connections as JSON.
    """
    with _office(connection, "") as office:
        if drop_old:
            dropped = quickbooks.drop_old_tokens(office, actor=person())
            names = [office.connection.name] if dropped else []
            say("The former tokens count no longer." if dropped else "There is no former token.")
        else:
            names = quickbooks.store_verifier(office, _token(env, file), actor=person())
            say(f"The verifier token is stored for: {', '.join(names)}. The one before is good until --drop-old.")
    if json:
        print_json(names)
    return ExitCode.DONE


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


def _shown(lines: list[SubscriptionLine], state: QuickBooksWebhook, *, json: bool, steps: bool = False) -> ExitCode:
    if json:
        print_json({"basware": lines, "quickbooks": state})
    else:
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
    return ExitCode.HELD_OR_FAILED if any(line.state in _LACKING for line in lines) else ExitCode.DONE


def _line(line: SubscriptionLine) -> tuple[str, ...]:
    changed = line.updated_at.isoformat(timespec="seconds") if line.updated_at else ""
    return line.task_type, line.task_sub_type, line.state, line.address, changed
