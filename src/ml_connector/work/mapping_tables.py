"""Mapping as people handle it: rules set, moved, removed by name. The table: `mapping_csv.py`; proposals: `mapping_proposals.py`.

A target may be given by QuickBooks id, by number or by full name; it is always stored by id.
"""

from collections.abc import Sequence
from uuid import NAMESPACE_URL, uuid5

import msgspec

from ml_connector.model.books import Books, ListRecord
from ml_connector.model.mapping import Condition, Dimension, MappingRule, records_of
from ml_connector.store import mappings
from ml_connector.store.rows import lock_connection
from ml_connector.work.desk import Desk


class MappingTableError(ValueError):
    """A mapping cannot be used; the message names the row, what is wrong, and what is expected."""


def find_target(books: Books, dimension: Dimension, text: str) -> ListRecord:
    """The QuickBooks record a person means. Raises MappingTableError when none or several fit."""
    records = records_of(books, dimension)
    if text in records:
        return records[text]
    wanted = text.strip().casefold()
    fits = [one for one in records.values() if wanted in _names(one)]
    active = [one for one in fits if one.active] or fits
    if len(active) == 1:
        return active[0]
    if not active:
        raise MappingTableError(f"QuickBooks has no {_noun(dimension)} with the id, number or name {text!r}.")
    found = ", ".join(f"{one.label} (id {one.id})" for one in active)
    raise MappingTableError(f"Several {_noun(dimension)}s are called {text!r}: {found}. Give the id.")


def target_of(books: Books, dimension: Dimension, text: str) -> ListRecord | None:
    """The record meant, or None for "none": leave the dimension empty on purpose. No line can do without account or vendor."""
    if text != "none":
        return find_target(books, dimension, text)
    if dimension in {Dimension.ACCOUNT, Dimension.VENDOR}:
        raise MappingTableError(
            f"The {_noun(dimension)} cannot be left empty. Name one of QuickBooks' {_noun(dimension)}s."
        )
    return None


def _names(record: ListRecord) -> set[str]:
    numbers = (getattr(record, "number", ""), getattr(record, "sku", ""))
    return {name.casefold() for name in (record.name, record.full_name, record.label, *numbers) if name}


def _noun(dimension: Dimension) -> str:
    return dimension.value.replace("_", " ")


def rule_for_code(books: Books, dimension: Dimension, code: str, target: str, note: str = "") -> MappingRule:
    """A rule for one exact code; `target` "none" leaves the dimension empty on purpose."""
    record = target_of(books, dimension, target)
    return MappingRule(
        id=rule_id(dimension, code),
        dimension=dimension,
        target_id=record.id if record else "",
        target_name=record.label if record else "",
        code=code,
        note=note,
    )


def default_rule(books: Books, dimension: Dimension, target: str, note: str = "") -> MappingRule:
    """The rule for codes that nothing else matches; shown wherever it was used."""
    record = target_of(books, dimension, target)
    return MappingRule(
        id=rule_id(dimension, "*default*"),
        dimension=dimension,
        target_id=record.id if record else "",
        target_name=record.label if record else "",
        is_default=True,
        note=note,
    )


def rule_id(dimension: Dimension, code: str) -> str:
    """The id of the rule for one code: always the same, so that there is one."""
    return str(uuid5(NAMESPACE_URL, f"mapping/{dimension.value}/{code}"))


def conditional_rule(
    books: Books, dimension: Dimension, conditions: str, target: str, *, priority: int = 100, note: str = ""
) -> MappingRule:
    """A rule for every row that meets all conditions, written as in the table. Raises MappingTableError."""
    tests = tuple(condition_of(text) for text in conditions.split(";") if text.strip())
    if not tests:
        raise MappingTableError("Name at least one condition, such as accountCode=6400..6499.")
    record = target_of(books, dimension, target)
    return MappingRule(
        id=rule_id(dimension, conditions),
        dimension=dimension,
        target_id=record.id if record else "",
        target_name=record.label if record else "",
        conditions=tests,
        priority=priority,
        note=note,
    )


def set_rule(desk: Desk, rule: MappingRule, *, actor: str, why: str = "") -> int:
    """Store one rule; the mapping's version after it."""
    with desk.write() as tx:
        return mappings.set_rule(tx, desk.connection_id, rule, by=actor, now=desk.clock.now(), why=why or rule.note)


def replace_rules(desk: Desk, rules: Sequence[MappingRule], *, actor: str, why: str = "", whole: bool = False) -> int:
    """Take a table of rules over as one change; the mapping's version after it. `whole`: other rules go."""
    with desk.write() as tx:
        lock_connection(tx, desk.connection_id)  # before looking: a rule that somebody sets at this moment stays
        known = {} if whole else {rule.id: rule for rule in mappings.load(tx, desk.connection_id).rules}
        wanted = (known | {rule.id: rule for rule in rules}).values()
        return mappings.replace_all(tx, desk.connection_id, wanted, by=actor, now=desk.clock.now(), why=why)


def remove_rule(desk: Desk, dimension: Dimension, code: str, *, actor: str, why: str = "") -> bool:
    """Remove the rule of one code; whether there was one."""
    return drop_rule(desk, rule_id(dimension, code), actor=actor, why=why)


def drop_rule(desk: Desk, id_: str, *, actor: str, why: str = "") -> bool:
    """Remove a rule by its id; whether there was one."""
    with desk.write() as tx:
        return mappings.remove_rule(tx, desk.connection_id, id_, by=actor, now=desk.clock.now(), why=why)


def move_rule(desk: Desk, id_: str, *, up: bool, actor: str) -> bool:
    """Have a rule with conditions tried one place earlier or later than now; False where there is no such place.

    The rules of its dimension are numbered anew, in tens, as one change.
    """
    with desk.write() as tx:
        lock_connection(tx, desk.connection_id)
        known = mappings.load(tx, desk.connection_id).rules
        moved = next((rule for rule in known if rule.id == id_ and rule.conditions), None)
        if moved is None:
            return False
        order = [rule for rule in known if rule.dimension is moved.dimension and rule.conditions]
        place = order.index(moved)
        other = place - 1 if up else place + 1
        if not 0 <= other < len(order):
            return False
        order[place], order[other] = order[other], order[place]
        numbered = {
            rule.id: msgspec.structs.replace(rule, priority=number * 10) for number, rule in enumerate(order, start=1)
        }
        wanted = [numbered.get(rule.id, rule) for rule in known]
        why = f"tried {'earlier' if up else 'later'}: {conditions_text(moved)}"
        mappings.replace_all(tx, desk.connection_id, wanted, by=actor, now=desk.clock.now(), why=why)
    return True


def conditions_text(rule: MappingRule) -> str:
    """The conditions of a rule as the table writes them."""
    return "; ".join(_condition_text(condition) for condition in rule.conditions)


def _condition_text(condition: Condition) -> str:
    if condition.equals:
        return f"{condition.field}={condition.equals}"
    return f"{condition.field}={condition.low}..{condition.high}"


def condition_of(text: str) -> Condition:
    """A condition as people write it: field=value or field=low..high. Raises MappingTableError for anything else."""
    field, separator, value = text.strip().partition("=")
    if not separator or not field or not value:
        raise MappingTableError(f"the condition {text.strip()!r} is not of the form field=value or field=low..high.")
    low, is_range, high = value.partition("..")
    return Condition(field=field, low=low, high=high) if is_range else Condition(field=field, equals=value)
