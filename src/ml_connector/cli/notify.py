"""`ml-connector notify`: who is told of alerts, new causes and the day's digest outside the console, and where."""

import os
import sys
from pathlib import Path

from cyclopts import App

from ml_connector.app.messenger import TargetError
from ml_connector.cli.options import Json
from ml_connector.cli.output import CommandError, ExitCode, print_json, print_lines, say
from ml_connector.cli.session import opened, person
from ml_connector.store import messages
from ml_connector.work.messages.courier import TRIAL, DeliveryError
from ml_connector.work.messages.targets import NotifyError, TargetLine, add_target, remove_target, target_lines

app = App(name="notify", help="Who is told of alerts and the day's digest by mail or chat, and where.")


@app.command(name="list")
def list_(connection: str = "", *, json: Json = False) -> int:
    """List where messages go. Addresses are shown without what is secret in them.

    Parameters
    ----------
    connection
        Only what is told of this connection; everything when left out.
    """
    with opened() as installation:
        row = installation.connection(connection) if connection else None
        lines = target_lines(installation.database, row)
    if not lines and not json:
        say("Nobody is told. Add an address with `ml-connector notify add`.")
    columns = ("Target", "Told of", "Where", "Added by", "Waiting", "Last sent (UTC)", "Problem")
    print_lines(lines, columns, _row, json=json, right=("Waiting",))
    return ExitCode.HELD_OR_FAILED if any(line.problem for line in lines) else ExitCode.DONE


def _row(line: TargetLine) -> tuple[str, ...]:
    sent = line.last_sent_at.isoformat(timespec="seconds") if line.last_sent_at else ""
    told_of = line.connection or "all connections"
    return line.id, told_of, line.target, line.added_by, str(line.waiting), sent, line.problem


@app.command
def add(connection: str = "", *, env: str = "", file: Path | None = None, json: Json = False) -> int:
    """Have an address told. It is read from standard input unless --env or --file is given, for it holds secrets.

    Parameters
    ----------
    connection
        Told of this connection only; of all, also later ones, when left out.
    env
        The name of an environment variable that holds the address.
    file
        A file that holds the address.
    """
    with opened() as installation:
        row = installation.connection(connection) if connection else None
        address = _address(env, file)
        try:
            line = add_target(
                installation.database, installation.vault, row, address,
                shown=installation.messenger.shown(address), target_id=installation.new_id().hex[:8],
                actor=person(), now=installation.clock.now(),
            )  # fmt: skip
        except (TargetError, NotifyError) as error:
            raise CommandError(str(error)) from error
    say(f"{line.target} is told from now on, as target {line.id}. `ml-connector notify test {line.id}` sends a trial.")
    if json:
        print_json(line)
    return ExitCode.DONE


@app.command
def remove(target: str, *, json: Json = False) -> int:
    """Tell an address nothing more. What waits for it is forgotten.

    Parameters
    ----------
    target
        The target, as the list shows it.
    """
    with opened() as installation:
        try:
            gone = remove_target(installation.database, None, target, actor=person(), now=installation.clock.now())
        except NotifyError as error:
            raise CommandError(str(error)) from error
    say(f"{gone.shown} is told nothing more.")
    if json:
        print_json({"removed": gone.id})
    return ExitCode.DONE


@app.command(name="test")
def try_out(target: str, *, json: Json = False) -> int:
    """Send a trial message to a target now.

    Parameters
    ----------
    target
        The target, as the list shows it.
    """
    with opened() as installation:
        with installation.database.read() as tx:
            address = messages.address(tx, installation.vault, target)
        if address is None:
            raise CommandError(f"There is no target {target}. `ml-connector notify list` shows all.")
        try:
            installation.messenger.deliver(address.reveal(), TRIAL.title, TRIAL.body)
        except DeliveryError as error:
            raise CommandError(f"The trial was not sent: {error}.", ExitCode.HELD_OR_FAILED) from error
    say("The trial was taken. Look whether it arrived.")
    if json:
        print_json({"sent": target})
    return ExitCode.DONE


def _address(env: str, file: Path | None) -> str:
    if env:
        found = os.environ.get(env, "")
        if not found:
            raise CommandError(f"The environment variable {env} is not set.")
    elif file is not None:
        try:
            found = file.read_text(encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
    else:
        if sys.stdin.isatty():
            say("The address, as apprise writes it:")
        found = sys.stdin.readline()
    if not found.strip():
        raise CommandError("There is no address. Give it on standard input, or with --env or --file.")
    return found.strip()
