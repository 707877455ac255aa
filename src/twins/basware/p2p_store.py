"""What P2P itself holds of imported data: what arrived there from the interface, and what people enter or change in its screens.

The interface shows nothing of this; a test, the control interface and an extract of P2P's tables do.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from twins.basware.values import stamp

ORDERS, ORDER_LINES, VENDORS = "matchingOrders", "matchingOrderLines", "vendors"

Code = tuple[str, str]
"""A company (or another scope) and a business code that is unique in it."""


@dataclass
class Row:
    """One record of a table. `key` is its external code, or one that P2P made up for a record entered by hand."""

    key: str
    entity: dict[str, Any]
    origin: Literal["interface", "person"]
    updated: datetime
    codes: tuple[Code, ...] = ()
    receipts: tuple[dict[str, Any], ...] = ()
    """Goods receipts that people entered on an order line."""

    def shown(self) -> dict[str, Any]:
        """The record as P2P's screens have it."""
        shown = {**self.entity, "origin": self.origin, "changedInP2P": stamp(self.updated)}
        return {**shown, "goodsReceipts": self.all_receipts()} if self.receipts else shown

    def all_receipts(self) -> list[dict[str, Any]]:
        """The goods receipts of an order line, whoever entered them."""
        return [*(self.entity.get("goodsReceipts") or ()), *self.receipts]


@dataclass
class Table:
    """The rows of one table by key, and which row has which business code."""

    rows: dict[str, Row] = field(default_factory=dict)
    codes: dict[Code, str] = field(default_factory=dict)


@dataclass
class P2PStore:
    """One tenant's P2P, as far as imported data goes. What is None is not restricted."""

    units: dict[str, str] = field(default_factory=dict)
    """Companies and other units of the organization, each with the unit above it, or an empty text."""
    currencies: frozenset[str] | None = None
    """Active currencies."""
    vendor_classes: frozenset[str] | None = None
    identifier_keys: frozenset[str] | None = None
    tables: dict[str, Table] = field(default_factory=dict)
    lines_of: dict[str, dict[str, None]] = field(default_factory=dict)
    """Keys of an order's lines, by the order's external code."""

    def row(self, table: str, key: str) -> Row | None:
        """A record by its key."""
        return self.tables[table].rows.get(key) if table in self.tables else None

    def rows(self, table: str) -> Iterator[Row]:
        """All records of a table, oldest first."""
        yield from self.tables[table].rows.values() if table in self.tables else ()

    def holder(self, table: str, code: Code) -> Row | None:
        """The record that has exactly this code in this company."""
        key = self.tables[table].codes.get(code) if table in self.tables else None
        return self.row(table, key) if key is not None else None

    def find(self, table: str, company: str, code: str) -> Row | None:
        """The record that goes by this code in a company: its own, or one inherited from a unit above it."""
        unit = company
        while unit:
            row = self.holder(table, (unit, code))
            if row is not None and (unit == company or _inherits(row.entity, unit)):
                return row
            unit = self.units.get(unit, "")
        return None

    def save(self, table: str, row: Row, codes: Iterable[Code]) -> None:
        """Put a record in place of the one with its key; its codes become the given ones."""
        held = self.tables.setdefault(table, Table())
        if old := held.rows.get(row.key):
            for code in old.codes:
                if held.codes.get(code) == row.key:
                    del held.codes[code]
            row.receipts = row.receipts or old.receipts
        row.codes = tuple(codes)
        held.rows[row.key] = row
        held.codes.update(dict.fromkeys(row.codes, row.key))
        if table == ORDER_LINES:
            self.lines_of.setdefault(str(row.entity["orderExternalCode"]), {})[row.key] = None

    def lines(self, order: str) -> list[Row]:
        """The lines of an order by its external code."""
        return [self.tables[ORDER_LINES].rows[key] for key in self.lines_of.get(order, ())]

    def visible_orders(self) -> Iterator[Row]:
        """Orders that people see: those that have lines."""
        return (row for row in self.rows(ORDERS) if self.lines_of.get(row.key))

    def shown(self, table: str) -> list[dict[str, Any]]:
        """A table as P2P's screens show it: an order only once it has lines."""
        return [row.shown() for row in (self.visible_orders() if table == ORDERS else self.rows(table))]


def codes_of(entity: Mapping[str, Any], property_name: str) -> tuple[Code, ...]:
    """The business code of a record in each of its companies."""
    if not property_name:
        return ()
    code = str(entity[property_name])
    return tuple((str(company["companyCode"]), code) for company in entity.get("companies") or ())


def _inherits(entity: Mapping[str, Any], unit: str) -> bool:
    """Whether units below `unit` inherit a record."""
    return any(
        company["companyCode"] == unit and bool(company.get("inherit") or company.get("inheritToChildUnits"))
        for company in entity.get("companies") or ()
    )
