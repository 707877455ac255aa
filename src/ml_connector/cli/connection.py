"""`ml-connector connection …`: joining a Basware company to a QuickBooks company, and asking whether both answer."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cyclopts import App

from ml_connector.app import App as Installation
from ml_connector.app import Settings
from ml_connector.cli.connecting import connect, disconnect
from ml_connector.cli.options import Json
from ml_connector.cli.output import CommandError, ExitCode, print_json, print_table, say
from ml_connector.cli.session import opened, person
from ml_connector.cli.setting_up import first_plan, leave, release
from ml_connector.store import connections, secrets, token_chains
from ml_connector.store.connections import ConnectionRow
from ml_connector.work.connection_status import shown_state
from ml_connector.work.ping import Check
from ml_connector.work.settings import decode_settings, read_connection_file
from ml_connector.work.setup.progress import good_enough, note_check

app = App(name="connection", help="Join a Basware company to a QuickBooks company.")
app.command(connect)
app.command(disconnect)
app.command(first_plan)
app.command(leave)
app.command(release)


@app.command
def add(file: Path, *, check: bool = True, setup: bool = False, json: bool = False) -> int:
    """Add a connection from a TOML or JSON file, or bring the one of that name up to date. See docs/connect.md.

    Once it is saved both systems are asked whether it works, as `ping` does.

    Parameters
    ----------
    file
        The connection file. Secrets may stand in it as {env = "NAME"}, {file = "PATH"} or {stdin = true}.
    check
        Ask both systems at once; --no-check only saves.
    setup
        Let a new connection do nothing until it is released: see its `first-plan` before, then `release` it.
    json
        Print the connection and what was found as JSON, without secrets.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"The file {file} cannot be read: {error}. Give the path of a TOML or JSON file.") from error
    with opened() as app_:
        parsed = read_connection_file(text, is_json=file.suffix == ".json")
        resolved = {field: _resolve(field, given) for field, given in parsed.secrets.items()}
        row = app_.add_connection(parsed, resolved, in_setup=setup)
        say(f"Connection {row.name} is saved.")
        checks = _checks(app_, row) if check else []
    if json:
        shown = {"id": row.id, "name": row.name, "state": shown_state(row), "settings": decode_settings(row.settings)}
        print_json(shown | {"checks": checks} if check else shown)
    elif check:
        _print_checks(checks)
    if not all(one.ok for one in checks):
        say(f"It does not work yet. Correct what is said to have failed, then: ml-connector connection ping {row.name}")
    return ExitCode.DONE


def _resolve(field: str, given: Any) -> str:
    """A secret from where the file says it is."""
    match given:
        case str() if given:
            return given
        case {"env": str(name)}:
            if not os.environ.get(name):
                raise CommandError(f"{field} is to come from the environment variable {name}, which is not set.")
            return os.environ[name]
        case {"file": str(path)}:
            try:
                return Path(path).expanduser().read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise CommandError(f"{field} is to come from the file {path}, which cannot be read: {error}") from error
        case {"stdin": True}:
            line = sys.stdin.readline().strip()
            if not line:
                raise CommandError(f"{field} is to come from standard input, which had no line left.")
            return line
        case _:
            raise CommandError(f'{field} must be text, or {{env = "NAME"}}, {{file = "PATH"}} or {{stdin = true}}.')


@app.command
def show(name: str = "", *, json: Json = False) -> int:
    """Show a connection's settings, or list all connections. Secrets are named, never shown.

    Parameters
    ----------
    name
        The connection; all of them when left out.
    """
    with opened() as app_, app_.database.read() as tx:
        rows = [app_.connection(name)] if name else connections.list_all(tx)
        shown = [
            {
                "id": row.id,
                "name": row.name,
                "state": shown_state(row),
                "reason": row.pause_reason or row.state_reason,
                "company_code": row.company_code,
                "sign_in": token_chains.get(tx, row.id),
                "secrets": secrets.fields(tx, row.id),
                "settings": decode_settings(row.settings),
            }
            for row in rows
        ]
    if json or name:
        print_json(shown[0] if name else shown)
    else:
        columns = ("Connection", "State", "Basware company", "Reason")
        print_table(
            "",
            columns,
            [(row.name, shown_state(row), row.company_code, row.pause_reason or row.state_reason) for row in rows],
        )
    return ExitCode.DONE


@app.command
def ping(name: str = "", *, json: Json = False) -> int:
    """Ask both systems, line by line, whether the connection works. Nothing is written in either.

    Parameters
    ----------
    name
        The connection; may be left out when there is only one.
    """
    with opened() as app_:
        checks = _checks(app_, app_.connection(name))
    if json:
        print_json(checks)
    else:
        _print_checks(checks)
    if all(check.ok for check in checks):
        return ExitCode.DONE
    if any(check.sign_in for check in checks):
        return ExitCode.SIGN_IN_NEEDED
    return ExitCode.TRY_LATER if any(check.try_later for check in checks) else ExitCode.HELD_OR_FAILED


def _checks(app_: Installation, row: ConnectionRow) -> list[Check]:
    found = app_.ping(row, public_url=Settings().public_url)
    if row.setup_since is not None:
        works = good_enough(found)
        note_check(app_.database, row, works=works, actor=person(), now=app_.clock.now())
    return found


def _print_checks(checks: Sequence[Check]) -> None:
    words = {"ok": "ok", "warning": "look", "failed": "FAILED"}
    rows = [(words[one.status], one.what, one.found, one.to_do) for one in checks]
    print_table("", ("", "What", "Found", "What to do"), rows)
