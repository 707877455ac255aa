"""`ml-connector mapping …`: which Basware code becomes which QuickBooks record."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from ml_connector.cli.mapping_versions import coverage, diff, history, restore, try_
from ml_connector.cli.options import Connection, Json
from ml_connector.cli.output import CommandError, ExitCode, out, print_json, print_table, say
from ml_connector.cli.session import desk_of, person
from ml_connector.model.mapping import Dimension, Mapping
from ml_connector.store import mappings
from ml_connector.work import mapping_proposals
from ml_connector.work import mapping_tables as tables
from ml_connector.work.desk import Desk
from ml_connector.work.lists import load_books, refresh_lists
from ml_connector.work.mapping_csv import export_csv, read_csv

app = App(name="mapping", help="Which Basware code becomes which QuickBooks record.")


def _load(desk: Desk) -> Mapping:
    with desk.database.read() as tx:
        return mappings.load(tx, desk.connection_id)


app.command(coverage)
app.command(history)
app.command(diff)
app.command(restore)
app.command(name="try")(try_)


@app.command(name="list")
def list_(*, connection: Connection = "", dimension: Dimension | None = None, json: Json = False) -> int:
    """List the mapping rules.

    Parameters
    ----------
    dimension
        Only rules of this dimension.
    """
    with desk_of(connection) as desk:
        mapping = _load(desk)
    rules = sorted(
        (rule for rule in mapping.rules if dimension in {None, rule.dimension}),
        key=lambda rule: (
            list(Dimension).index(rule.dimension),
            rule.is_default,
            not rule.code,
            rule.code,
            rule.priority,
        ),
    )
    if json:
        print_json({"version": mapping.version, "rules": rules})
        return ExitCode.DONE
    rows = [
        (
            rule.dimension.value,
            "(default)" if rule.is_default else rule.code or tables.conditions_text(rule),
            rule.target_name or ("(left empty)" if not rule.target_id else ""),
            rule.target_id,
            rule.note,
        )
        for rule in rules
    ]
    print_table(f"Version {mapping.version}", ("Dimension", "Code", "Becomes", "Id", "Note"), rows)
    return ExitCode.DONE


@app.command(name="set")
def set_(
    dimension: Dimension,
    code: Annotated[str, Parameter(allow_leading_hyphen=True)],
    target: str,
    *,
    default: bool = False,
    connection: Connection = "",
    note: str = "",
    json: Json = False,
) -> int:
    """Map one code. Everything that waited for it goes again in the next run.

    Parameters
    ----------
    dimension
        account, location, class, customer, item, tax_code, term or vendor.
    code
        Basware's code; with --default any text, such as a dash.
    target
        The QuickBooks record by id, number or full name; "none" leaves the dimension empty on purpose.
    default
        Use the target for every code that no other rule matches.
    note
        Why.
    """
    with desk_of(connection) as desk:
        refresh_lists(desk, thorough=True)
        books = load_books(desk)
        if default:
            rule = tables.default_rule(books, dimension, target, note)
        else:
            rule = tables.rule_for_code(books, dimension, code, target, note)
        version = tables.set_rule(desk, rule, actor=person())
    say(
        f"{dimension.value} {'default' if default else code} becomes {rule.target_name or 'empty'}; mapping version {version}."
    )
    if json:
        print_json({"version": version, "rule": rule})
    return ExitCode.DONE


@app.command
def remove(
    dimension: Dimension,
    code: Annotated[str, Parameter(allow_leading_hyphen=True)],
    *,
    connection: Connection = "",
    json: Json = False,
) -> int:
    """Remove the rule of one code. What was posted by it stays as it is.

    Parameters
    ----------
    dimension
        account, location, class, customer, item, tax_code, term or vendor.
    code
        Basware's code.
    """
    with desk_of(connection) as desk:
        removed = tables.remove_rule(desk, dimension, code, actor=person())
    if not removed:
        raise CommandError(f"There is no rule for {dimension.value} {code}. `ml-connector mapping list` shows all.")
    say(f"The rule for {dimension.value} {code} is removed.")
    if json:
        print_json({"dimension": dimension.value, "code": code, "removed": True})
    return ExitCode.DONE


@app.command(name="export")
def export(file: Path | None = None, *, connection: Connection = "") -> int:
    """Write the mapping as a CSV table, to a file or to standard output.

    Parameters
    ----------
    file
        Where to; standard output when left out.
    """
    with desk_of(connection) as desk:
        text = export_csv(_load(desk))
    if file is None:
        sys.stdout.write(text)
    else:
        try:
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"The file {file} cannot be written: {error}") from error
        say(f"Written to {file}.")
    return ExitCode.DONE


@app.command(name="import")
def import_(
    file: Annotated[Path, Parameter(allow_leading_hyphen=True)],
    *,
    connection: Connection = "",
    replace: bool = False,
    dry_run: bool = False,
    json: Json = False,
) -> int:
    """Take rules over from a CSV table, all or none. Columns are those of `mapping export`.

    Parameters
    ----------
    file
        The table; "-" for standard input.
    replace
        Let the table be the whole mapping; otherwise its rules are added to or replace those there are.
    dry_run
        Check the table and change nothing.
    """
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"The file {file} cannot be read: {error}") from error
    with desk_of(connection) as desk:
        refresh_lists(desk, thorough=True)
        rules = read_csv(text, load_books(desk))
        known = _load(desk)
        version = known.version
        number = len({rule.id for rule in (*(() if replace else known.rules), *rules)})
        if not dry_run:
            version = tables.replace_rules(desk, rules, actor=person(), whole=replace)
    say(f"{'Would be' if dry_run else 'Now'} {number} rules; mapping version {version}.")
    if json:
        print_json({"version": version, "rules": number, "dry_run": dry_run})
    return ExitCode.DONE


@app.command
def propose(*, connection: Connection = "", accept: bool = False, json: Json = False) -> int:
    """Propose targets for codes of waiting documents that no rule covers, by account number, code and name.

    Parameters
    ----------
    accept
        Take over those that are certain.
    """
    with desk_of(connection) as desk:
        refresh_lists(desk, thorough=True)
        found = mapping_proposals.proposals(desk)
        certain = [one for one in found if one.confidence == "certain"]
        taken = mapping_proposals.accept(desk, certain, actor=person()) if accept else 0
    if json:
        print_json({"proposals": found, "accepted": taken})
    else:
        rows = [(one.dimension, one.code, one.code_name, one.target_name, one.confidence, one.why) for one in found]
        print_table("", ("Dimension", "Code", "Basware calls it", "Proposed", "How sure", "Why"), rows)
        out()
    say(f"{len(found)} proposals, {len(certain)} certain, {taken} taken over.")
    return ExitCode.DONE
