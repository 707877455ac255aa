"""The mapping: rules, proposals, tables, history."""

from typing import Annotated, Literal

import msgspec

from ml_connector.console.api.operation import (
    Call,
    InputError,
    Name,
    Page,
    Paged,
    Reason,
    Text,
    counted,
    keyed,
    reader,
    sliced,
    writer,
)
from ml_connector.console.trouble import NotFoundError
from ml_connector.model.mapping import Dimension, Mapping, MappingRule
from ml_connector.model.people import Right
from ml_connector.store import mappings
from ml_connector.work import mapping_history
from ml_connector.work import mapping_tables as tables
from ml_connector.work.desk import Desk
from ml_connector.work.lists import load_books, refresh_lists
from ml_connector.work.mapping_coverage import Coverage, DimensionCoverage, coverage
from ml_connector.work.mapping_csv import export_csv, read_csv
from ml_connector.work.mapping_history import MappingChange, RuleChange
from ml_connector.work.mapping_matching import certain_codes, take_over
from ml_connector.work.mapping_tables import ProposedRule
from ml_connector.work.mapping_trial import Trial, try_mapping, with_rules
from ml_connector.work.needs.targets import Target, targets


class RuleSet(msgspec.Struct, frozen=True, kw_only=True):
    """Rules by dimension, as they are tried, and the number of the last change; `next` is as everywhere."""

    version: int
    items: tuple[MappingRule, ...]
    next: str


class RuleQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only rules of a dimension."""

    dimension: Dimension | None = None


class NewRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What becomes a QuickBooks record, named by id, number or full name, or stays empty with `none`: one `code`, every row that
    meets `conditions` (as the table writes them; lower `priority` is tried first), or with `default` every code without a rule."""

    dimension: Dimension
    code: Text = ""
    conditions: Annotated[str, msgspec.Meta(max_length=5000)] = ""
    priority: Annotated[int, msgspec.Meta(ge=0, le=999_999_999)] = 100
    target: Name
    default: bool = False
    note: Text = ""


class OldRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rule of one code, or by its id any rule; why it goes."""

    dimension: Dimension | None = None
    code: Text = ""
    rule: Text = ""
    reason: Text = ""


class MovedRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule with conditions, by its id, and whether it is to be tried one place earlier or later."""

    rule: Name
    way: Literal["earlier", "later"]


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """Whether there was such a place."""

    moved: bool
    version: int


class MatchedCode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One code. `target`: the record it becomes, by id, number or full name, or `none`; empty takes the proposal over."""

    dimension: Dimension
    code: Name
    target: Text = ""


class Matches(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Codes to match as one change, all or none. `certain`: with them every proposal that is certain, perhaps of one dimension.

    A proposal counts for nothing until it is taken over; to turn one down for good, name another target, or `none`.
    """

    codes: Annotated[tuple[MatchedCode, ...], msgspec.Meta(max_length=10_000)] = ()
    certain: bool = False
    dimension: Dimension | None = None


class Matched(msgspec.Struct, frozen=True, kw_only=True):
    """How many codes were matched, and how much of each dimension is mapped now."""

    version: int
    matched: int
    dimensions: tuple[DimensionCoverage, ...]


class TargetQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Records of the list a dimension points into, with a text in their name, number or id."""

    dimension: Dimension
    text: Text = ""


class ListsRead(msgspec.Struct, frozen=True, kw_only=True):
    """QuickBooks' lists were read again; which change of the mapping counts."""

    version: int


class RuleSaid(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as it is now, and the number of the change that made it so."""

    version: int
    rule: MappingRule


class Removed(msgspec.Struct, frozen=True, kw_only=True):
    """The id of the rule that is gone. What was posted by it stays."""

    rule: str
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
    reason: Text = ""


class Back(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The version that the mapping goes back to, and why."""

    version: Annotated[int, msgspec.Meta(ge=0, le=2**53)]
    reason: Reason


class CompareQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
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
    page = sliced(query, [rule for rule in found.rules if query.dimension in {None, rule.dimension}])
    return RuleSet(version=found.version, items=tuple(page.items), next=page.next)


def _rule(desk: Desk, body: NewRule) -> MappingRule:
    if [bool(body.code), bool(body.conditions), body.default].count(True) != 1:
        raise InputError("Give one of code, conditions, and default: true for every code without a rule.")
    books = load_books(desk)
    if body.default:
        return tables.default_rule(books, body.dimension, body.target, body.note)
    if body.conditions:
        return tables.conditional_rule(
            books, body.dimension, body.conditions, body.target, priority=body.priority, note=body.note
        )
    return tables.rule_for_code(books, body.dimension, body.code, body.target, body.note)


def _set(call: Call) -> RuleSaid:
    body: NewRule = call.body
    with call.desk() as desk:
        rule = _rule(desk, body)
        return RuleSaid(version=tables.set_rule(desk, rule, actor=call.visitor.actor, why=body.note), rule=rule)


def _try(call: Call) -> Trial:
    with call.desk() as desk:
        return try_mapping(desk, with_rules(_load(desk), [_rule(desk, call.body)]))


def _remove(call: Call) -> Removed:
    body: OldRule = call.body
    if bool(body.rule) == bool(body.dimension and body.code):
        raise InputError("Give the rule by its id, or the dimension and the code it is for.")
    rule = body.rule or tables.rule_id(body.dimension or Dimension.ACCOUNT, body.code)
    with call.desk() as desk:
        if not tables.drop_rule(desk, rule, actor=call.visitor.actor, why=body.reason):
            raise NotFoundError
        return Removed(rule=rule, version=_load(desk).version)


def _move(call: Call) -> Moved:
    body: MovedRule = call.body
    with call.desk() as desk:
        if body.rule not in {one.id for one in _load(desk).rules}:
            raise NotFoundError
        moved = tables.move_rule(desk, body.rule, up=body.way == "earlier", actor=call.visitor.actor)
        return Moved(moved=moved, version=_load(desk).version)


def _match(call: Call) -> Matched:
    body: Matches = call.body
    with call.desk() as desk:
        accepted = {(one.dimension, one.code) for one in body.codes if not one.target}
        if body.certain:
            accepted |= set(certain_codes(desk, body.dimension))
        named = {(one.dimension, one.code): one.target for one in body.codes if one.target}
        number = take_over(desk, accepted, named, actor=call.visitor.actor)
        return Matched(version=_load(desk).version, matched=number, dimensions=coverage(desk).dimensions)


def _targets(call: Call) -> Page[Target]:
    query: TargetQuery = call.query
    with call.desk() as desk:
        return counted(
            query, lambda offset, limit: targets(desk, query.dimension, query.text, limit=offset + limit)[offset:]
        )


def _refresh(call: Call) -> ListsRead:
    with call.desk() as desk:
        refresh_lists(desk, thorough=True)
        return ListsRead(version=_load(desk).version)


def _proposals(call: Call) -> Page[ProposedRule]:
    with call.desk() as desk:
        return sliced(call.query, tables.proposals(desk))


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
        rules, version = read_csv(body.csv, load_books(desk)), _load(desk).version
        if not body.dry_run:
            why = body.reason or "imported"
            version = tables.replace_rules(desk, rules, actor=call.visitor.actor, why=why, whole=body.replace)
    return Taken(version=version, rules=len(rules), dry_run=body.dry_run)


def _history(call: Call) -> Page[MappingChange]:
    with call.app.database.read() as tx:

        def read(before: int | None, limit: int) -> list[MappingChange]:
            return mapping_history.history(tx, call.connection.id, limit, before=before)

        return keyed(call.query, read, lambda one: one.version)


def _compare(call: Call) -> Page[RuleChange]:
    query: CompareQuery = call.query
    with call.app.database.read() as tx:
        return sliced(query, mapping_history.compare(tx, call.connection.id, query.older, query.newer))


def _restore(call: Call) -> Taken:
    body: Back = call.body
    with call.desk() as desk:
        version = mapping_history.restore(desk, body.version, actor=call.visitor.actor, reason=body.reason)
        return Taken(version=version, rules=len(_load(desk).rules))


def _coverage(call: Call) -> Coverage:
    with call.desk() as desk:
        return coverage(desk, call.console.documents)


_RULE = {"dimension": "account", "code": "6100", "target": "6100 Travel", "note": "agreed with Kim"}
_TAG, _ALL = "mapping", "/connections/{connection}/mapping"
OPERATIONS = (
    reader(_TAG, _ALL, "The rules", RuleSet, _rules, query=RuleQuery),
    writer(
        _TAG, f"{_ALL}/rules", "Say what a code becomes", RuleSaid, _set, right=Right.MAP, body=NewRule, example=_RULE
    ),
    writer(
        _TAG,
        f"{_ALL}/rules/try",
        "What a rule would change on real documents; nothing is kept",
        Trial,
        _try,
        right=Right.MAP,
        body=NewRule,
        example=_RULE,
        asks_vendors=True,
    ),
    writer(
        _TAG,
        f"{_ALL}/rules/remove",
        "Forget a rule",
        Removed,
        _remove,
        right=Right.MAP,
        body=OldRule,
        example={"dimension": "account", "code": "6100", "reason": "never used"},
    ),
    writer(
        _TAG,
        f"{_ALL}/rules/move",
        "Have a rule with conditions tried earlier or later",
        Moved,
        _move,
        right=Right.MAP,
        body=MovedRule,
    ),
    writer(
        _TAG,
        f"{_ALL}/match",
        "Match codes, to what is proposed or to records you name, as one change",
        Matched,
        _match,
        right=Right.MAP,
        body=Matches,
        example={"certain": True, "codes": [{"dimension": "account", "code": "6100", "target": "6100 Travel"}]},
    ),
    reader(_TAG, f"{_ALL}/targets", "Records that a code may become", Page[Target], _targets, query=TargetQuery),
    writer(
        _TAG,
        f"{_ALL}/refresh",
        "Read QuickBooks' lists again",
        ListsRead,
        _refresh,
        right=Right.MAP,
        asks_vendors=True,
    ),
    reader(
        _TAG,
        f"{_ALL}/proposals",
        "What codes without a rule might become",
        Page[ProposedRule],
        _proposals,
        query=Paged,
    ),
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
        Page[RuleChange],
        _compare,
        query=CompareQuery,
    ),
    writer(_TAG, f"{_ALL}/restore", "Go back to a version", Taken, _restore, right=Right.MAP, body=Back),
    reader(_TAG, f"{_ALL}/coverage", "Codes in use, unmapped first, with what waits for each", Coverage, _coverage),
)
