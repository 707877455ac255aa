"""What people enter on the screens of the mapping, read or refused in words, and what they are told."""

from collections.abc import Mapping

from ml_connector.model.mapping import Dimension, MappingRule
from ml_connector.work.desk import Desk
from ml_connector.work.lists import load_books
from ml_connector.work.mapping_matching import Code
from ml_connector.work.mapping_tables import MappingTableError, conditional_rule, default_rule, rule_for_code


def matched_in(fields: Mapping[str, str]) -> tuple[list[Code], dict[Code, str]]:
    """Of a form with codes side by side: those whose proposals were ticked, and those for which a record was named."""
    accepted = [_code(name.removeprefix("accept:")) for name in fields if name.startswith("accept:")]
    named = {
        _code(name.removeprefix("to:")): target.strip()
        for name, target in fields.items()
        if name.startswith("to:") and target.strip()
    }
    return accepted, named


def told_of(number: int) -> str:
    """What is said after so many codes were matched."""
    if not number:
        return "Nothing was ticked or named."
    return f"{number} {'code is' if number == 1 else 'codes are'} matched."


def entered_rule(desk: Desk, fields: Mapping[str, str]) -> MappingRule:
    """The rule somebody entered. Raises MappingTableError in words."""
    books = load_books(desk)
    dimension, kind = _dimension(fields.get("dimension", "")), fields.get("kind", "code")
    target, note = fields.get("target", "").strip(), fields.get("note", "").strip()
    if not target:
        raise MappingTableError("Name the record of QuickBooks by number, name or id, or write none to leave it empty.")
    if kind == "default":
        return default_rule(books, dimension, target, note)
    if kind == "conditions":
        priority = fields.get("priority", "").strip() or "100"
        if not (priority.isascii() and priority.isdecimal() and len(priority) <= 9):
            raise MappingTableError(f"The priority {priority!r} is not a whole number of at most nine digits.")
        return conditional_rule(
            books, dimension, fields.get("conditions", ""), target, priority=int(priority), note=note
        )
    code = fields.get("code", "").strip()
    if not code:
        raise MappingTableError("Name Basware's code.")
    return rule_for_code(books, dimension, code, target, note)


def order_of(rule: MappingRule) -> tuple[bool, bool, int, str, str]:
    """Exact codes, then conditions as they are tried, then the default."""
    return rule.is_default, not rule.code, rule.priority if rule.conditions else 0, rule.code, rule.id


def _code(text: str) -> Code:
    dimension, _, code = text.partition(":")
    return _dimension(dimension), code


def _dimension(text: str) -> Dimension:
    try:
        return Dimension(text)
    except ValueError as error:
        raise MappingTableError(f"{text!r} is no dimension.") from error
