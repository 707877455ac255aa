"""`ml-connector audit …`: whether the audit is still what it was, and a copy of it that somebody else can check."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import App, Parameter

from ml_connector.cli.options import Connection, Json
from ml_connector.cli.output import CommandError, ExitCode, out, print_json, say
from ml_connector.cli.session import opened
from ml_connector.store.audit_chain import Chain
from ml_connector.store.database import Tx

People = Annotated[
    bool, Parameter(help="What was done to people, of the whole installation, instead of a connection's.", negative="")
]

app = App(name="audit", help="Whether the audit is still what it was, and a copy of it.")

_HEAD = re.compile(r"(?:([1-9]\d*):)?([0-9a-f]+)")


@app.command
def verify(*, connection: Connection = "", people: People = False, expect: str = "", json: Json = False) -> int:
    """Check that no sealed entry was changed, removed or exchanged. Exit code 1 when one was.

    Parameters
    ----------
    expect
        A head that was noted down before, as POSITION:HASH or HASH: it shows whether the end was cut off or all written anew.
    """
    noted = _HEAD.fullmatch(expect)
    if expect and noted is None:
        raise CommandError(
            "--expect takes POSITION:HASH or HASH, as an earlier `ml-connector audit verify` or the daily digest told them."
        )
    with _chain(connection, people=people) as (chain, tx):
        found = chain.verify(tx, (int(noted[1] or 0), noted[2]) if noted else None)
    if json:
        print_json(found)
    else:
        for problem in found.problems:
            out().print(problem, markup=False)
        say(f"{found.sealed} entries are sealed, {found.unsealed} wait for the end of the next run.")
        say(f"Head, to be kept elsewhere: {found.position}:{found.hash}")
    return ExitCode.HELD_OR_FAILED if found.problems else ExitCode.DONE


@app.command
def export(*, to: Path, connection: Connection = "", people: People = False, json: Json = False) -> int:
    """Write the sealed audit to a file, one line of JSON for each entry with its hash, oldest first. Nothing is overwritten.

    Parameters
    ----------
    to
        The file to write.
    """
    number = 0
    with _chain(connection, people=people) as (chain, tx):
        try:
            with to.open("xb") as file:
                for link in chain.links(tx):
                    file.write(msgspec.json.encode(link) + b"\n")
                    number += 1
        except OSError as error:
            raise CommandError(f"{to} cannot be written: {error.strerror}. Name a file that does not exist.") from error
    say(f"{number} entries are in {to}.")
    if json:
        print_json({"file": str(to), "entries": number})
    return ExitCode.DONE


@contextmanager
def _chain(connection: str, *, people: bool) -> Iterator[tuple[Chain, Tx]]:
    """The chain that is meant, and the tables to read it from. Raises CommandError where somebody says both."""
    if people and connection:
        raise CommandError("Say either --connection or --people: what was done to people is of no one connection.")
    with opened() as installation:
        chain = Chain() if people else Chain(installation.connection(connection).id)
        with installation.database.read() as tx:
            yield chain, tx
