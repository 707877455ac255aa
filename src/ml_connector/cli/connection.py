"""`ml-connector connection …`: joining a Basware company to a QuickBooks company, and asking whether both answer."""

import os
import sys
from pathlib import Path
from typing import Any

from cyclopts import App

from ml_connector.cli.connecting import connect, disconnect
from ml_connector.cli.output import CommandError, ExitCode, print_json, print_table, say
from ml_connector.cli.session import desk_of, opened
from ml_connector.store import connections, secrets
from ml_connector.work.ping import ping as ping_both
from ml_connector.work.settings import decode_settings, read_connection_file
from ml_connector.work.views import shown_state

app = App(name="connection", help="Join a Basware company to a QuickBooks company.")
app.command(connect)
app.command(disconnect)


@app.command
def add(file: Path, *, json: bool = False) -> int:
    """Add a connection from a TOML or JSON file, or bring the one of that name up to date. See docs/connect.md.

    Parameters
    ----------
    file
        The connection file. Secrets may stand in it as {env = "NAME"}, {file = "PATH"} or {stdin = true}.
    json
        Print the connection as JSON, without secrets.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"The file {file} cannot be read: {error}. Give the path of a TOML or JSON file.") from error
    with opened() as app_:
        parsed = read_connection_file(text, is_json=file.suffix == ".json")
        row = app_.add_connection(parsed, {field: _resolve(field, given) for field, given in parsed.secrets.items()})
    say(f"Connection {row.name} is saved. Next: ml-connector connection ping {row.name}")
    if json:
        print_json(
            {"id": row.id, "name": row.name, "state": shown_state(row), "settings": decode_settings(row.settings)}
        )
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
def show(name: str = "", *, json: bool = False) -> int:
    """Show a connection's settings, or list all connections. Secrets are named, never shown.

    Parameters
    ----------
    name
        The connection; all of them when left out.
    json
        Print JSON.
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
def ping(name: str = "", *, json: bool = False) -> int:
    """Ask both systems whether the connection works. Nothing is written in either.

    Parameters
    ----------
    name
        The connection; may be left out when there is only one.
    json
        Print JSON.
    """
    with desk_of(name) as desk:
        checks = ping_both(desk)
    if json:
        print_json(checks)
    else:
        rows = [("yes" if check.ok else "NO", check.what, check.found) for check in checks]
        print_table("", ("Works", "What", "Found"), rows)
    if all(check.ok for check in checks):
        return ExitCode.DONE
    if any(check.sign_in for check in checks):
        return ExitCode.SIGN_IN_NEEDED
    return ExitCode.TRY_LATER if any(check.try_later for check in checks) else ExitCode.HELD_OR_FAILED
