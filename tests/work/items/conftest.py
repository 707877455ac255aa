"""A connected company on both databases that buys products and services: items of QuickBooks, rows of Basware."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from ml_connector.model.mapping import Dimension
from ml_connector.model.policy import PostingPolicy, Sources
from ml_connector.store.database import Database
from ml_connector.work.jobs import Job, JobReport
from ml_connector.work.lists import refresh_lists
from ml_connector.work.registry import PERFORM
from paperwork import invoice, line
from world import World, build_world

SOURCES = Sources(item="productCode", billable="text1")
SUPPLIES, COST_OF_GOODS, INCOME, STOCK = "55", "46", "43", "35"
"""Accounts of the demo company that items are bought on, sold on and kept on."""


class Shop:
    """The company at work."""

    def __init__(self, world: World) -> None:
        self.world = world

    def item(self, name: str, kind: str = "NonInventory", **more: Any) -> str:
        """Make a product in QuickBooks and know it here; its id."""
        body: dict[str, Any] = {"Name": name, "Type": kind, "ExpenseAccountRef": {"value": SUPPLIES}}
        if kind == "Inventory":
            body |= {
                "ExpenseAccountRef": {"value": COST_OF_GOODS}, "IncomeAccountRef": {"value": INCOME},
                "AssetAccountRef": {"value": STOCK}, "InvStartDate": "2026-01-01", "QtyOnHand": 0,
            }  # fmt: skip
        made = str(self.world.act("enter", entity="Item", body=body | more)["Id"])
        refresh_lists(self.world.desk())
        return made

    def map(self, code: str, target: str) -> None:
        """Map a product code of Basware's."""
        self.world.map(Dimension.ITEM, code, target)

    def invoice(self, number: str, *rows: dict[str, Any], **changes: Any) -> None:
        """Approve an invoice of these rows and post it: `net`, and further fields of the coding row in Basware's own names."""
        document = invoice(number, *(line(str(row["net"])) for row in rows), changes=changes)
        for coding, row in zip(document["codingRows"], rows, strict=True):
            coding |= {name: value for name, value in row.items() if name != "net"}
        self.world.approve(document)
        self.world.settle()

    def lines(self, number: str) -> list[dict[str, Any]]:
        """The lines of its one transaction, in QuickBooks' own books."""
        lines: list[dict[str, Any]] = self.world.only_transaction(number)[1]["Line"]
        return lines

    def pieces(self, number: str) -> list[tuple[str, Decimal, Decimal, Decimal]]:
        """Item, quantity, price and amount of its lines on items."""
        details = [(one, one.get("ItemBasedExpenseLineDetail")) for one in self.lines(number)]
        return [
            (detail["ItemRef"]["value"], *(Decimal(str(value)) for value in (detail["Qty"], detail["UnitPrice"], one["Amount"])))
            for one, detail in details
            if detail
        ]  # fmt: skip

    def on_hand(self, item: str) -> Decimal:
        """How many pieces QuickBooks has in stock."""
        books = self.world.quickbooks.books(self.world.realm_id)
        return Decimal(str(next(one for one in books["Item"] if one["Id"] == item)["QtyOnHand"]))

    def do(self, job: Job) -> JobReport:
        """Do one job as an engine does: with its lease."""
        desk = self.world.desk()
        desk.take_lease()
        try:
            return PERFORM[job](desk)
        finally:
            desk.release_lease()


@pytest.fixture
def shop(database: Database) -> Iterator[Shop]:
    """The demo company, which codes products; the books of QuickBooks have to add up in the end."""
    world = build_world(
        database, company="empty", policy=PostingPolicy(sources=SOURCES, markup_percent=Decimal("12.5"))
    )
    yield Shop(world)
    assert world.check() == []
