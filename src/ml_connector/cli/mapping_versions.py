"""`ml-connector mapping coverage`, `history`, `diff`, `restore` and `try`: what is mapped, what it was, what a change would do."""

from collections.abc import Mapping as Table
from decimal import Decimal
from typing import Annotated

from cyclopts import Parameter

from ml_connector.cli.options import Connection, Json
from ml_connector.cli.output import ExitCode, print_json, print_table, say
from ml_connector.cli.session import desk_of, person
from ml_connector.model.mapping import Dimension, MappingRule
from ml_connector.model.money import format_money
from ml_connector.store import mappings
from ml_connector.work import mapping_history as versions
from ml_connector.work.lists import load_books
from ml_connector.work.mapping_coverage import coverage as coverage_of
from ml_connector.work.mapping_history import RuleChange
from ml_connector.work.mapping_tables import default_rule, rule_for_code
from ml_connector.work.mapping_trial import try_mapping, with_rules

Code = Annotated[str, Parameter(allow_leading_hyphen=True)]


def coverage(*, connection: Connection = "", json: Json = False) -> int:
    """Show the codes of waiting documents, unmapped ones first, and how much of each dimension is mapped."""
    with desk_of(connection) as desk:
        found = coverage_of(desk)
    if json:
        print_json(found)
        return ExitCode.DONE
    rows = [
        (one.dimension, one.code, one.name, str(one.documents), _money(one.money), one.target or "no rule", one.rule)
        for one in found.lines
    ]
    print_table("", ("Dimension", "Code", "Basware calls it", "Documents", "Money", "Becomes", "By"), rows)
    for one in found.dimensions:
        say(f"{one.dimension}: {one.percent} % of {one.codes} codes, {one.by_default} by the default")
    return ExitCode.DONE


def history(*, connection: Connection = "", limit: int = 20, json: Json = False) -> int:
    """Show who changed the mapping, when, why and how, newest first.

    Parameters
    ----------
    limit
        How many versions.
    """
    with desk_of(connection) as desk, desk.database.read() as tx:
        found = versions.history(tx, desk.connection_id, limit)
    if json:
        print_json(found)
        return ExitCode.DONE
    rows = [
        (str(one.version), f"{one.at:%Y-%m-%d %H:%M}", one.by, one.reason, "; ".join(map(_told, one.changes[:3])))
        for one in found
    ]
    print_table("", ("Version", "When (UTC)", "Who", "Why", "What"), rows)
    return ExitCode.DONE


def diff(older: int, newer: int | None = None, *, connection: Connection = "", json: Json = False) -> int:
    """Compare two versions of the mapping.

    Parameters
    ----------
    older
        The version to begin with; 0 is before the first rule.
    newer
        The version to compare it with; today's when left out.
    """
    with desk_of(connection) as desk, desk.database.read() as tx:
        until = mappings.load(tx, desk.connection_id).version if newer is None else newer
        found = versions.compare(tx, desk.connection_id, older, until)
    if json:
        print_json(found)
        return ExitCode.DONE
    rows = [(one.dimension, one.what, _target(one.before), _target(one.after)) for one in found]
    print_table(f"Version {older} to {until}", ("Dimension", "Code", "Was", "Is"), rows)
    return ExitCode.DONE


def restore(version: int, *, reason: str, connection: Connection = "", json: Json = False) -> int:
    """Make the mapping what it was at a version. That is a change like any other and can be taken back too.

    Parameters
    ----------
    version
        The version, as `mapping history` numbers them.
    reason
        Why, for whoever finds it.
    """
    with desk_of(connection) as desk:
        now = versions.restore(desk, version, actor=person(), reason=reason)
    say(f"The mapping is what it was at version {version}; that is version {now}.")
    if json:
        print_json({"restored": version, "version": now})
    return ExitCode.DONE


def try_(
    dimension: Dimension,
    code: Code,
    target: str,
    *,
    default: bool = False,
    connection: Connection = "",
    json: Json = False,
) -> int:
    """Show what mapping one code would change on real documents. Nothing is stored and nothing is posted.

    Parameters
    ----------
    dimension
        account, location, class, customer, item, tax_code, term or vendor.
    code
        Basware's code; with --default any text, such as a dash.
    target
        The QuickBooks record by id, number or full name; "none" leaves the dimension empty on purpose.
    default
        Try the target for every code that no other rule matches.
    """
    with desk_of(connection) as desk:
        books = load_books(desk)
        rule = default_rule(books, dimension, target) if default else rule_for_code(books, dimension, code, target)
        with desk.database.read() as tx:
            now = mappings.load(tx, desk.connection_id)
        found = try_mapping(desk, with_rules(now, [rule]))
    if json:
        print_json(found)
        return ExitCode.DONE
    rows = [
        (
            one.invoice_number or one.invoice_id,
            one.supplier,
            one.before,
            one.after,
            "; ".join(f"{code.dimension} {code.code}: {code.before} → {code.after}" for code in one.codes),
        )
        for one in found.lines
    ]
    print_table("", ("Invoice", "Supplier", "Now", "Then", "Codes"), rows)
    say(
        f"Of {found.looked_at} documents {found.concerned} are concerned; {found.released} would no longer wait, "
        f"{found.stopped} would. Nothing was changed."
    )
    return ExitCode.DONE


def _money(by_currency: Table[str, Decimal]) -> str:
    return ", ".join(format_money(amount, currency) for currency, amount in sorted(by_currency.items()))


def _target(rule: MappingRule | None) -> str:
    return "no rule" if rule is None else rule.target_name or rule.target_id or "(left empty)"


def _told(one: RuleChange) -> str:
    return f"{one.dimension} {one.what}: {_target(one.before)} → {_target(one.after)}"
