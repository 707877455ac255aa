"""The mapping: rules, proposals, tables, history."""

from typing import Annotated

import msgspec

from ml_connector.console.api.operation import Call, Name, Page, Paged, Reason, Text, keyed, reader, writer
from ml_connector.console.trouble import NotFoundError
from ml_connector.model.mapping import Dimension, Mapping, MappingRule
from ml_connector.model.people import Right
from ml_connector.store import mappings
from ml_connector.work import mapping_history
from ml_connector.work import mapping_tables as tables
from ml_connector.work.desk import Desk
from ml_connector.work.lists import load_books
from ml_connector.work.mapping_coverage import Coverage, coverage
from ml_connector.work.mapping_csv import export_csv, read_csv
from ml_connector.work.mapping_history import MappingChange, RuleChange
from ml_connector.work.mapping_tables import ProposedRule


class RuleSet(msgspec.Struct, frozen=True, kw_only=True):
    """The rules there are, and the number of the last change."""

    version: int
    rules: tuple[MappingRule, ...]


class RuleQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only rules of a dimension."""

    dimension: Dimension | None = None


class NewRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a code becomes: a QuickBooks record by id, number or full name, or `none`. `default`: every code without a rule."""

    dimension: Dimension
    code: Text = ""
    target: Name
    default: bool = False
    note: Text = ""


class OldRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rule of one code."""

    dimension: Dimension
    code: Name


class RuleSaid(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as it is now, and the number of the change that made it so."""

    version: int
    rule: MappingRule


class Removed(msgspec.Struct, frozen=True, kw_only=True):
    """The rule that is gone."""

    dimension: Dimension
    code: str
    version: int


class Accepted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which proposals to take over: those of some codes of a dimension, or with no code all that are certain."""

    dimension: Dimension | None = None
    codes: tuple[Name, ...] = ()


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken over."""

    version: int
    rules: int
    dry_run: bool = False


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """The mapping as a CSV table."""

    version: int
    csv: str


class NewTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rules as a CSV table. `replace`: they are the whole mapping. `dry_run`: only check them."""

    csv: str
    replace: bool = False
    dry_run: bool = False


class Back(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The version that the mapping goes back to, and why."""

    version: Annotated[int, msgspec.Meta(ge=0, le=2**53)]
    reason: Reason


class CompareQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The two versions."""

    older: Annotated[int, msgspec.Meta(ge=0, le=2**53)]
    newer: Annotated[int, msgspec.Meta(ge=0, le=2**53)]


def _load(desk: Desk) -> Mapping:
    with desk.database.read() as tx:
        return mappings.load(tx, desk.connection_id)


def _rules(call: Call) -> RuleSet:
    query: RuleQuery = call.query
    with call.desk() as desk:
        found = _load(desk)
    return RuleSet(
        version=found.version,
        rules=tuple(rule for rule in found.rules if query.dimension in {None, rule.dimension}),
    )


def _set(call: Call) -> RuleSaid:
    body: NewRule = call.body
    with call.desk() as desk:
        books = load_books(desk)
        if body.default:
            rule = tables.default_rule(books, body.dimension, body.target, body.note)
        else:
            if not body.code:
                raise tables.MappingTableError("Give the code, or default: true for every code without a rule.")
            rule = tables.rule_for_code(books, body.dimension, body.code, body.target, body.note)
        return RuleSaid(version=tables.set_rule(desk, rule, actor=call.visitor.actor), rule=rule)


def _remove(call: Call) -> Removed:
    body: OldRule = call.body
    with call.desk() as desk:
        if not tables.remove_rule(desk, body.dimension, body.code, actor=call.visitor.actor):
            raise NotFoundError
        return Removed(dimension=body.dimension, code=body.code, version=_load(desk).version)


def _proposals(call: Call) -> list[ProposedRule]:
    with call.desk() as desk:
        return tables.proposals(desk)


def _accept(call: Call) -> Taken:
    body: Accepted = call.body
    with call.desk() as desk:
        found = [one for one in tables.proposals(desk) if body.dimension in {None, one.dimension}]
        chosen = [one for one in found if (one.code in body.codes if body.codes else one.confidence == "certain")]
        taken = tables.accept(desk, chosen, actor=call.visitor.actor)
        return Taken(version=_load(desk).version, rules=taken)


def _export(call: Call) -> Table:
    with call.desk() as desk:
        found = _load(desk)
    return Table(version=found.version, csv=export_csv(found))


def _import(call: Call) -> Taken:
    body: NewTable = call.body
    with call.desk() as desk:
        rules = read_csv(body.csv, load_books(desk))
        known = _load(desk)
        if not body.replace:
            rules = list(({rule.id: rule for rule in known.rules} | {rule.id: rule for rule in rules}).values())
        version = known.version
        if not body.dry_run:
            with desk.database.write() as tx:
                version = mappings.replace_all(
                    tx, desk.connection_id, rules, by=call.visitor.actor, now=desk.clock.now()
                )
    return Taken(version=version, rules=len(rules), dry_run=body.dry_run)


def _history(call: Call) -> Page[MappingChange]:
    with call.app.database.read() as tx:

        def read(before: int | None, limit: int) -> list[MappingChange]:
            return mapping_history.history(tx, call.connection.id, limit, before=before)

        return keyed(call.query, read, lambda one: one.version)


def _compare(call: Call) -> tuple[RuleChange, ...]:
    query: CompareQuery = call.query
    with call.app.database.read() as tx:
        return mapping_history.compare(tx, call.connection.id, query.older, query.newer)


def _restore(call: Call) -> Taken:
    body: Back = call.body
    with call.desk() as desk:
        version = mapping_history.restore(desk, body.version, actor=call.visitor.actor, reason=body.reason)
        return Taken(version=version, rules=len(_load(desk).rules))


def _coverage(call: Call) -> Coverage:
    with call.desk() as desk:
        return coverage(desk)


_TAG, _ALL = "mapping", "/connections/{connection}/mapping"
OPERATIONS = (
    reader(_TAG, _ALL, "The rules", RuleSet, _rules, query=RuleQuery),
    writer(_TAG, f"{_ALL}/rules", "Say what a code becomes", RuleSaid, _set, right=Right.MAP, body=NewRule),
    writer(_TAG, f"{_ALL}/rules/remove", "Forget the rule of a code", Removed, _remove, right=Right.MAP, body=OldRule),
    reader(_TAG, f"{_ALL}/proposals", "What codes without a rule might become", list[ProposedRule], _proposals),
    writer(_TAG, f"{_ALL}/proposals/accept", "Take proposals over", Taken, _accept, right=Right.MAP, body=Accepted),
    reader(_TAG, f"{_ALL}/table", "The rules as a CSV table", Table, _export),
    writer(
        _TAG,
        f"{_ALL}/table",
        "Take rules over from a CSV table, all or none",
        Taken,
        _import,
        right=Right.MAP,
        body=NewTable,
    ),
    reader(_TAG, f"{_ALL}/history", "Changes of the mapping, newest first", Page[MappingChange], _history, query=Paged),
    reader(
        _TAG,
        f"{_ALL}/compare",
        "What differs between two versions",
        tuple[RuleChange, ...],
        _compare,
        query=CompareQuery,
    ),
    writer(_TAG, f"{_ALL}/restore", "Go back to a version", Taken, _restore, right=Right.MAP, body=Back),
    reader(_TAG, f"{_ALL}/coverage", "Codes in use, unmapped first, with what waits for each", Coverage, _coverage),
)
