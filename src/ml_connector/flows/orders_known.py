"""What is known when purchase orders are planned for Basware: QuickBooks' side, Basware's side, and the codes that lead across."""

import hashlib
from collections.abc import Mapping
from decimal import Decimal

import msgspec

from ml_connector.model.books import Books
from ml_connector.model.mapping import Dimension
from ml_connector.model.mapping import Mapping as CodeMapping
from ml_connector.model.orders import EXTERNAL_CODE_LIMIT, LinkedBillLine, OrderItem, PurchaseOrder
from ml_connector.model.policy import Sources

Billed = tuple[Decimal | None, Decimal | None]
"""Quantity and net sum that were billed before Basware knew a line."""


class Basware(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the other side. `mark` is this connection in Basware's keys, which all connections of a tenant share.

    `vendor_codes`: supplier codes by QuickBooks vendor, from links. `waiting_vendors`: vendors on their way that Basware has not
    taken. `known`: codes of orders Basware was ever given; `numbers`: those it has them under; `homes`: the company and unit each
    was given for, where it stays; `companies`: those the connection has. `billed`: what lines it knows say of bills before, by
    line code.
    `codes_required`: whether a dimension without a code holds the order.
    """

    mark: str
    company_code: str
    organization_element: str
    source_system: str
    sources: Sources
    mapping: CodeMapping
    vendor_codes: Mapping[str, tuple[str, ...]] = {}
    waiting_vendors: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    numbers: Mapping[str, frozenset[str]] = {}
    homes: Mapping[str, tuple[str, str]] = {}
    companies: tuple[str, ...] = ()
    billed: Mapping[str, Billed] = {}
    codes_required: bool = True


class QuickBooks(msgspec.Struct, frozen=True, kw_only=True):
    """What QuickBooks has. `billed` are order links of bills that did not come from Basware."""

    books: Books
    items: Mapping[str, OrderItem] = {}
    orders: tuple[PurchaseOrder, ...] = ()
    billed: tuple[LinkedBillLine, ...] = ()


def order_code(mark: str, *parts: str) -> str:
    """Our own key of an order or of a line of it: the same for ever, at most 36 characters."""
    key = "-".join(("po", mark, *parts))
    if len(key) <= EXTERNAL_CODE_LIMIT:
        return key
    return f"po-{mark}-{hashlib.sha256(key.encode()).hexdigest()}"[:EXTERNAL_CODE_LIMIT]


class Codes:
    """Basware's codes of QuickBooks' records: the mapping read backwards. Of several codes that lead to a record the one equal to
    its own number counts, then the rule with the lowest priority, then the lowest code."""

    def __init__(self, mapping: CodeMapping) -> None:
        self._by_target: dict[tuple[Dimension, str], list[str]] = {}
        for rule in sorted(mapping.rules, key=lambda rule: (rule.priority, rule.code)):
            if rule.code and rule.target_id:
                self._by_target.setdefault((rule.dimension, rule.target_id), []).append(rule.code)

    def of(self, dimension: Dimension, quickbooks_id: str, number: str = "") -> str:
        """The code, empty when there is none."""
        found = self._by_target.get((dimension, quickbooks_id), [])
        return number if number and number in found else next(iter(found), "")
