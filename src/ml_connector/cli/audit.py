"""`ml-connector audit …`: whether the audit is still what it was, and a copy of it that somebody else can check."""

from pathlib import Path

import msgspec
from cyclopts import App

from ml_connector.cli.options import Connection, Json
from ml_connector.cli.output import CommandError, ExitCode, out, print_json, say
from ml_connector.cli.session import desk_of
from ml_connector.store import audit_chain

app = App(name="audit", help="Whether the audit is still what it was, and a copy of it.")


@app.command
def verify(*, connection: Connection = "", expect: str = "", json: Json = False) -> int:
    """Check that no sealed entry was changed, removed or exchanged. Exit code 1 when one was.

    Parameters
    ----------
    expect
        A head that was noted down before, as POSITION:HASH: it shows whether the end was cut off.
    """
    position, _, digest = expect.partition(":")
    if expect and not (position.isdecimal() and digest):
        raise CommandError("--expect takes POSITION:HASH, as an earlier `ml-connector audit verify` printed them.")
    with desk_of(connection) as desk, desk.database.read() as tx:
        found = audit_chain.verify(tx, desk.connection_id, (int(position), digest) if expect else None)
    if json:
        print_json(found)
    else:
        for problem in found.problems:
            out().print(problem, markup=False)
        say(f"{found.sealed} entries are sealed, {found.unsealed} wait for the end of the next run.")
        say(f"Head, to be kept elsewhere: {found.position}:{found.hash}")
    return ExitCode.HELD_OR_FAILED if found.problems else ExitCode.DONE


@app.command
def export(*, to: Path, connection: Connection = "", json: Json = False) -> int:
    """Write the sealed audit to a file, one line of JSON for each entry with its hash, oldest first. Nothing is overwritten.

    Parameters
    ----------
    to
        The file to write.
    """
    number = 0
    with desk_of(connection) as desk, desk.database.read() as tx:
        try:
            with to.open("xb") as file:
                for link in audit_chain.links(tx, desk.connection_id):
                    file.write(msgspec.json.encode(link) + b"\n")
                    number += 1
        except OSError as error:
            raise CommandError(f"{to} cannot be written: {error.strerror}. Name a file that does not exist.") from error
    say(f"{number} entries are in {to}.")
    if json:
        print_json({"file": str(to), "entries": number})
    return ExitCode.DONE
