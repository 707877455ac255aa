"""From a Basware code to a QuickBooks record by the connection's rules: exact code, then conditions, then the default.

It decides which record is meant; whether that record may be used is looked at where it is used.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from ml_connector.model.documents import AccountingDocument, CodingRow, row_value
from ml_connector.model.mapping import Condition, Dimension, Mapping, MappingRule

NO_ROW = CodingRow(row_index=0)
"""Stands for the document itself where a rule looks at no particular row."""

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class LastBuilt(Generic[_Key, _Value]):
    """Keeps what was built from the last object given, so that a run over thousands of documents indexes the books once.

    Sound because the model's objects are frozen: the same object always gives the same index.
    """

    def __init__(self, build: Callable[[_Key], _Value]) -> None:
        self._build = build
        self._last: tuple[_Key, _Value] | None = None

    def __call__(self, key: _Key) -> _Value:
        last = self._last
        if last is None or last[0] is not key:
            last = (key, self._build(key))
            self._last = last
        return last[1]


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules say about one code.

    `found` tells whether any rule applied; with `found` and an empty `target_id` the dimension is left empty on purpose.
    """

    code: str
    target_id: str = ""
    rule: str = "no rule"
    found: bool = False
    is_default: bool = False


class _Index(msgspec.Struct, frozen=True):
    exact: dict[tuple[Dimension, str], MappingRule]
    conditional: dict[Dimension, list[MappingRule]]
    default: dict[Dimension, MappingRule]


def _build_index(mapping: Mapping) -> _Index:
    exact: dict[tuple[Dimension, str], MappingRule] = {}
    conditional: dict[Dimension, list[MappingRule]] = {}
    default: dict[Dimension, MappingRule] = {}
    for rule in sorted(mapping.rules, key=lambda rule: (rule.priority, rule.id)):
        if rule.is_default:
            default.setdefault(rule.dimension, rule)
        elif rule.code:
            exact.setdefault((rule.dimension, rule.code.strip()), rule)
        elif rule.conditions:
            conditional.setdefault(rule.dimension, []).append(rule)
    return _Index(exact, conditional, default)


_index = LastBuilt(_build_index)


def resolve(
    mapping: Mapping, dimension: Dimension, code: str, document: AccountingDocument, row: CodingRow = NO_ROW
) -> Match:
    """The rule for this code on this row: its exact code first, then conditions by ascending priority, then the default."""
    index, code = _index(mapping), code.strip()
    if code and (rule := index.exact.get((dimension, code))):
        return _matched(code, rule, f"exact code {code}")
    for rule in index.conditional.get(dimension, ()):
        if all(holds_true(condition, document, row) for condition in rule.conditions):
            return _matched(code, rule, " and ".join(_told(condition) for condition in rule.conditions))
    if rule := index.default.get(dimension):
        return _matched(code, rule, "default")
    return Match(code=code)


def _matched(code: str, rule: MappingRule, told: str) -> Match:
    return Match(code=code, target_id=rule.target_id, rule=told, found=True, is_default=rule.is_default)


def holds_true(condition: Condition, document: AccountingDocument, row: CodingRow) -> bool:
    """Whether a row meets a condition. A condition without value or range asks for an empty field."""
    value = row_value(document, row, condition.field).strip()
    if condition.equals or not (condition.low or condition.high):
        return value == condition.equals.strip()
    return bool(value) and all(
        _in_order(*pair) for pair in ((condition.low, value), (value, condition.high)) if all(pair)
    )


def _in_order(first: str, second: str) -> bool:
    """Digits compare as numbers, other texts only when equally long: "20" to "A0" is no range anybody means."""
    if first.isdecimal() and second.isdecimal():
        return _without_zeros(first) <= _without_zeros(second)
    return len(first) == len(second) and first <= second


def _without_zeros(digits: str) -> tuple[int, str]:
    """Orders digits as numbers whatever their length; codes of many digits are no reason to fail."""
    significant = digits.lstrip("0")
    return len(significant), significant


def _told(condition: Condition) -> str:
    if condition.low or condition.high:
        return f"{condition.field} from {condition.low or 'the lowest'} to {condition.high or 'the highest'}"
    return f"{condition.field} = {condition.equals}" if condition.equals else f"{condition.field} is empty"
