"""The rules of the mapping: what there is, one set, tried, removed, moved.

Codes and what they may become are `mapping_codes.py`, the table and earlier versions `mapping_versions.py`.
"""

from typing import Annotated, Literal

import msgspec

from ml_connector.console.api.operation import Call, InputError, Name, Paged, Text, reader, sliced, writer
from ml_connector.console.trouble import NotFoundError
from ml_connector.model.mapping import Dimension, Mapping, MappingRule
from ml_connector.model.people import Right
from ml_connector.store import mappings
from ml_connector.work import mapping_tables as tables
from ml_connector.work.desk import Desk
from ml_connector.work.lists import load_books
from ml_connector.work.mapping_trial import Trial, try_mapping, with_rules


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


class RuleSaid(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as it is now, and the number of the change that made it so."""

    version: int
    rule: MappingRule


class Removed(msgspec.Struct, frozen=True, kw_only=True):
    """The id of the rule that is gone. What was posted by it stays."""

    rule: str
    version: int


def rules_now(desk: Desk) -> Mapping:
    """The rules as they are."""
    with desk.database.read() as tx:
        return mappings.load(tx, desk.connection_id)


def _rules(call: Call) -> RuleSet:
    query: RuleQuery = call.query
    with call.desk() as desk:
        found = rules_now(desk)
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
        return try_mapping(desk, with_rules(rules_now(desk), [_rule(desk, call.body)]), call.console.documents)


def _remove(call: Call) -> Removed:
    body: OldRule = call.body
    if bool(body.rule) == bool(body.dimension and body.code):
        raise InputError("Give the rule by its id, or the dimension and the code it is for.")
    rule = body.rule or tables.rule_id(body.dimension or Dimension.ACCOUNT, body.code)
    with call.desk() as desk:
        if not tables.drop_rule(desk, rule, actor=call.visitor.actor, why=body.reason):
            raise NotFoundError
        return Removed(rule=rule, version=rules_now(desk).version)


def _move(call: Call) -> Moved:
    body: MovedRule = call.body
    with call.desk() as desk:
        if body.rule not in {one.id for one in rules_now(desk).rules}:
            raise NotFoundError
        moved = tables.move_rule(desk, body.rule, up=body.way == "earlier", actor=call.visitor.actor)
        return Moved(moved=moved, version=rules_now(desk).version)


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
)
