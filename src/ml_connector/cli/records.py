"""`ml-connector records …`: what Basware is given of QuickBooks, what it refused, and trying that again."""

from typing import Annotated

from cyclopts import App, Parameter

from ml_connector.cli.options import Connection, Json, Limit
from ml_connector.cli.output import CommandError, ExitCode, out, print_json, print_table, say
from ml_connector.cli.session import desk_of, person
from ml_connector.store.outgoing import OutgoingRow
from ml_connector.store.schema import OutgoingState
from ml_connector.work.desk import Desk
from ml_connector.work.sending.shown import (
    RecordLine,
    RecordView,
    record_list,
    record_view,
    records_named,
    refused_records,
    try_again,
)
from ml_connector.work.sending.steps import gives_basware

app = App(name="records", help="What Basware is given of QuickBooks' lists, and what it refused.")


@app.command(name="list")
def list_(
    *,
    connection: Connection = "",
    name: str = "",
    state: Annotated[tuple[OutgoingState, ...], Parameter(negative="")] = (),
    text: str = "",
    limit: Limit = 1000,
    json: Json = False,
) -> int:
    """List records that Basware is to hold. Exit code 1 when one of those shown is held or refused.

    Parameters
    ----------
    name
        Only this list of Basware's, such as accounts or lists/ACC_LIST_1.
    state
        Only records in this state: ready, sent, done, refused or held. May be given several times.
    text
        Search in codes, names, sources and problems.
    """
    with desk_of(connection) as desk:
        lines = record_list(desk, name=name, states=state, text=text).page(limit=limit)
        given = gives_basware(desk.settings)
    if not lines and not given:
        say("Basware is given no records: [basware.master_data] in the connection file is not switched on.")
    if json:
        print_json(lines)
    else:
        print_table("", ("List", "Code", "Name", "From", "State", "Why"), [_row(line) for line in lines])
    waiting = [line for line in lines if line.state in {"held", "refused"}]
    if waiting:
        say(
            f"{len(waiting)} of {len(lines)} wait for somebody. `ml-connector records show` tells what to do about each."
        )
    return ExitCode.HELD_OR_FAILED if waiting else ExitCode.DONE


@app.command
def show(record: str, *, connection: Connection = "", json: Json = False) -> int:
    """Show one record in full: as it is to be in Basware, whether Basware has it, and what to do where it has not.

    Parameters
    ----------
    record
        Its source such as "Account 42", its code, or Basware's external code.
    """
    with desk_of(connection) as desk:
        views = [record_view(row) for row in _named(desk, record)]
    if json:
        print_json(views)
        return ExitCode.DONE
    for view in views:
        _print(view)
    return ExitCode.DONE


@app.command
def retry(record: str = "", *, all: bool = False, connection: Connection = "", json: Json = False) -> int:  # noqa: A002
    """Send refused records once more, after something was put right in Basware.

    Parameters
    ----------
    record
        Its source such as "Account 42", its code, or Basware's external code.
    all
        Every refused record.
    """
    if bool(record) == all:
        raise CommandError("Name a record, or give --all for every refused one.")
    with desk_of(connection) as desk:
        rows = refused_records(desk) if all else _named(desk, record)
        tried = try_again(desk, rows, actor=person())
    if rows and not tried:
        states = ", ".join(sorted({row.state.value for row in rows}))
        raise CommandError(
            f"{record} was not refused; it is {states}. `ml-connector records show` tells what to do about it."
        )
    say(f"{tried} refused records go again with the next run of the job master-data, which is wanted now.")
    if json:
        print_json({"tried": tried})
    return ExitCode.DONE


def _named(desk: Desk, text: str) -> list[OutgoingRow]:
    rows = records_named(desk, text)
    if not rows:
        raise CommandError(f"There is no record {text!r}. `ml-connector records list` shows all.")
    return rows


def _row(line: RecordLine) -> tuple[str, ...]:
    why = "; ".join(one.why for one in line.causes) or line.problem
    return (line.list, line.code, line.name, line.subject, line.state, why)


def _print(view: RecordView) -> None:
    line = view.record
    console = out()
    console.print(f"{line.list}: {line.name} ({line.subject}), {line.state}", markup=False)
    console.print(f"  Basware has of it: {view.in_basware}", markup=False)
    for one in line.causes:
        console.print(f"  {one.title}: {one.why}", markup=False)
        console.print(f"    {one.what_to_do} ({one.who}; {one.page})", markup=False)
    if line.next_try is not None:
        console.print(f"  Tried again by itself at {line.next_try:%Y-%m-%d %H:%M} UTC", markup=False)
    if view.body is not None:
        console.print_json(data=view.body)
