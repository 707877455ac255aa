"""`ml-connector alignment …`: codes of Basware's against records of QuickBooks', gaps both ways, and closing them."""

from typing import Annotated, Literal

from cyclopts import App, Parameter

from ml_connector.cli.options import Connection, Json
from ml_connector.cli.output import CommandError, ExitCode, print_json, print_table, say
from ml_connector.cli.session import desk_of, person
from ml_connector.model.master_data import Kind
from ml_connector.work.sending import alignment_acts as acts
from ml_connector.work.sending.alignment import read_both, report

app = App(name="alignment", help="Codes of Basware's against records of QuickBooks': gaps both ways, and closing them.")


@app.default
def alignment(
    *,
    connection: Connection = "",
    kind: Annotated[tuple[Kind, ...], Parameter(negative="")] = (),
    refresh: bool = False,
    aligned: bool = False,
    json: bool = False,
) -> int:
    """Show every code of Basware's that leads to no live record, and every record Basware lacks. Exit code 1 when there is one.

    Parameters
    ----------
    kind
        Only account, location, class, customer, employee, term or tax-code. May be given several times.
    refresh
        Read Basware's lists first.
    aligned
        Show what is aligned, too.
    json
        Print JSON, always of everything.
    """
    with desk_of(connection) as desk:
        if refresh:
            read_both(desk, kind)
        found = report(desk, kind)
    if json:
        print_json(found)
    else:
        shown = [one for one in found.lines if one.gap or aligned]
        rows = [(one.kind, one.code, one.name, one.target, one.standing, one.why, one.fix) for one in shown]
        print_table("", ("Kind", "Code", "In Basware", "In QuickBooks", "Standing", "Why", "What to do"), rows)
    told = ", ".join(f"{number} {standing}" for standing, number in sorted(found.counts.items()))
    say(f"{found.gaps} gaps. {told or 'nothing is given to Basware'}.")
    if unread := [resource for resource, at in found.read_at.items() if at is None]:
        say(f"Never read from Basware: {', '.join(unread)}. --refresh reads them.")
    return ExitCode.HELD_OR_FAILED if found.gaps else ExitCode.DONE


@app.command
def fix(
    kind: Kind,
    what: Literal["map", "create", "retire"],
    item: str,
    target: str = "",
    *,
    code: str = "",
    connection: Connection = "",
    json: Json = False,
) -> int:
    """Close one gap: map a code, give Basware a record, or take a code out of use there.

    Parameters
    ----------
    kind
        account, location, class, customer, employee, term or tax-code.
    what
        map: lead a code to a record. create: give Basware a record. retire: take a code out of use in Basware.
    item
        With map and retire Basware's code; with create the QuickBooks record by id, number or name.
    target
        With map the QuickBooks record by id, number or name.
    code
        With create: the code in Basware, where its own is taken.
    """
    if bool(target) != (what == "map"):
        raise CommandError("map needs a code and the record it leads to; create and retire need one thing only.")
    if code and what != "create":
        raise CommandError("--code is for create only.")
    with desk_of(connection) as desk:
        if what == "map":
            told = acts.map_code(desk, kind, item, target, actor=person())
        elif what == "create":
            told = acts.create(desk, kind, item, code, actor=person())
        else:
            told = acts.retire(desk, kind, item, actor=person())
    say(told)
    if json:
        print_json({"kind": kind.value, "what": what, "item": item, "target": target, "code": code})
    return ExitCode.DONE
