"""Which Basware code becomes which QuickBooks record: rules a person can read, kept per connection.

Targets are QuickBooks ids. A rule with a `code` matches that code exactly; one with conditions matches the row;
the default matches whatever is left and is marked as such wherever it was used.
"""

from collections import abc
from enum import StrEnum

import msgspec

from ml_connector.model.books import Books, ListRecord


class Dimension(StrEnum):
    """What a mapping rule decides."""

    ACCOUNT = "account"
    LOCATION = "location"
    CLASS = "class"
    CUSTOMER = "customer"
    ITEM = "item"
    TAX_CODE = "tax_code"
    TERM = "term"
    VENDOR = "vendor"


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """One test on a Basware field: equal to `equals`, or between `low` and `high` inclusive, compared as text of equal length
    or as numbers when both are digits."""

    field: str
    equals: str = ""
    low: str = ""
    high: str = ""


class MappingRule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule. Exactly one of these holds: it has a `code`, it has `conditions`, or it `is_default`.

    `target_id` "" means: leave the dimension empty on purpose (not allowed for accounts and vendors).
    Rules with conditions are tried by ascending `priority`, then by id.
    """

    id: str
    dimension: Dimension
    target_id: str
    target_name: str = ""
    code: str = ""
    conditions: tuple[Condition, ...] = ()
    is_default: bool = False
    priority: int = 100
    note: str = ""


class Mapping(msgspec.Struct, frozen=True, kw_only=True):
    """All rules of one connection, and its version (how many changes were made to it)."""

    rules: tuple[MappingRule, ...] = ()
    version: int = 0


def records_of(books: Books, dimension: Dimension) -> abc.Mapping[str, ListRecord]:
    """The QuickBooks list a dimension points into, by id, inactive records included."""
    lists: dict[Dimension, abc.Mapping[str, ListRecord]] = {
        Dimension.ACCOUNT: books.accounts,
        Dimension.LOCATION: books.locations,
        Dimension.CLASS: books.classes,
        Dimension.CUSTOMER: books.customers,
        Dimension.ITEM: books.items,
        Dimension.TAX_CODE: books.tax_codes,
        Dimension.TERM: books.terms,
        Dimension.VENDOR: books.vendors,
    }
    return lists[dimension]
