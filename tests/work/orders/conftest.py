"""A connected company that buys: orders of QuickBooks go to Basware, and what both sides' own books say of them."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from ml_connector.store import outgoing
from ml_connector.store.database import Database
from ml_connector.work.feeds.shown import order_list
from ml_connector.work.jobs import Job, JobReport
from ml_connector.work.p2p_settings import MatchingOrdersSettings, OrdersFeed
from ml_connector.work.registry import PERFORM
from ml_connector.work.settings import ConnectionSettings
from twins.basware.exports import ORDERS, hand_over
from world import World, build_world

BEACON = "101"
"""The vendor Beacon Office Supply Co., Basware's supplier V-10011."""
SUPPLIES = "55"
"""The account 6110 Office Supplies, which Basware calls 6110 as well."""

PAPER = {"quantity": 10, "netUnitPrice": Decimal(20), "description": "Paper", "coding": [{"accountCode": "6110"}]}
"""A line of an order of Basware: 200 of supplies."""


class Buyer:
    """The company at work: orders in QuickBooks, and the jobs one at a time."""

    def __init__(self, world: World) -> None:
        self.world = world

    def settings(self, **changes: Any) -> None:
        """Change settings of `[basware]`."""

        def changed(known: ConnectionSettings) -> ConnectionSettings:
            return msgspec.structs.replace(known, basware=msgspec.structs.replace(known.basware, **changes))

        self.world.change_settings(changed)

    def do(self, job: Job) -> JobReport:
        """Do one job as an engine does: with its lease."""
        desk = self.world.desk()
        desk.take_lease()
        try:
            return PERFORM[job](desk)
        finally:
            desk.release_lease()

    # QuickBooks

    def item(self, name: str = "Toner", account: str = SUPPLIES, **more: Any) -> str:
        """Make a product in QuickBooks; its id."""
        body = {"Name": name, "Type": "NonInventory", "ExpenseAccountRef": {"value": account}, **more}
        return str(self.world.act("enter", entity="Item", body=body)["Id"])

    def order(self, *lines: dict[str, Any], vendor: str = BEACON, number: str = "1005", **more: Any) -> str:
        """Order something in QuickBooks; the order's id. Without lines: 500 of supplies."""
        wanted = list(lines) or [{"account": SUPPLIES, "amount": 500}]
        return str(self.world.act("create_order", vendor=vendor, lines=wanted, number=number, **more)["Id"])

    def edit(self, order: str, **changes: Any) -> None:
        """Change an order in QuickBooks."""
        self.world.act("edit", entity="PurchaseOrder", id=order, changes=changes)

    def in_quickbooks(self, order: str) -> dict[str, Any]:
        """An order in QuickBooks' own books."""
        return next(
            one for one in self.world.quickbooks.books(self.world.realm_id)["PurchaseOrder"] if one["Id"] == order
        )

    # the product

    def carry(self, rounds: int = 3) -> None:
        """Read what changed in QuickBooks, give it to Basware, and hear what became of it, head first and then lines."""
        self.do(Job.CHANGES)
        for _ in range(rounds):
            self.do(Job.MASTER_DATA)
            self.world.clock.advance(61)
            self.do(Job.OUTCOMES)
        self.do(Job.MASTER_DATA)

    def rows(self, resource: str) -> list[outgoing.OutgoingRow]:
        """What Basware is to hold, as it is kept here."""
        with self.world.database.read() as tx:
            return outgoing.listing(tx, self.world.connection_id, resource=resource)

    def causes(self) -> list[str]:
        """Why orders wait."""
        return [hold.cause.value for row in self.rows("matchingOrders") for hold in row.holds]

    # Basware

    @property
    def tenant(self) -> Any:
        """Basware's own books of the company."""
        return next(iter(self.world.basware._world.tenants.values()))

    def heads(self) -> dict[str, dict[str, Any]]:
        """Orders in Purchase-to-Pay, by number."""
        return {row.entity["orderNumber"]: row.entity for row in self.tenant.intake.p2p.rows("matchingOrders")}

    def lines(self, number: str = "1005") -> list[dict[str, Any]]:
        """Lines of an order in Purchase-to-Pay, in their order."""
        code = self.heads()[number]["externalCode"]
        found = [row.entity for row in self.tenant.intake.p2p.lines(code)]
        return sorted(found, key=lambda line: line["sortNumber"])

    def posts(self, entity_type: str = "MatchingOrderLine") -> list[Any]:
        """The calls that gave Basware such records."""
        return [one for one in self.tenant.intake.requests.values() if one.entity_type == entity_type]


class Purchasing:
    """People order in Basware; the jobs bring it to QuickBooks."""

    def __init__(self, buyer: Any) -> None:
        self.buyer, self.world = buyer, buyer.world
        buyer.settings(orders=OrdersFeed(enabled=True, post=True))

    def order(self, code: str = "PO-A", *lines: dict[str, Any], **document: Any) -> str:
        """Order something in Basware; the order's code."""
        self.world.clock.advance(1)
        wanted = {"externalCode": code, "orderNumber": code, "supplierCode": "V-10011", **document}
        return str(self.world.basware.act("purchase_order", document=wanted, lines=list(lines) or [PAPER]))

    def act(self, action: str, code: str = "PO-A", **details: Any) -> None:
        """Do something with an order in Basware, which exports it again."""
        self.world.clock.advance(1)
        self.world.basware.act(action, order=code, **details)

    def lines(self, code: str = "PO-A") -> list[dict[str, Any]]:
        """Lines of an order in Basware's own books."""
        found: list[dict[str, Any]] = self._exported(code)["orderLines"]
        return found

    def _exported(self, code: str) -> dict[str, Any]:
        entity: dict[str, Any] = self.buyer.tenant.intake.records("exportedPurchaseOrders").stored[code].entity
        return entity

    def reopen(self, code: str = "PO-A") -> None:
        """Expect something again of an order that was closed in Basware, for which it has no screen of its own here."""
        self.world.clock.advance(1)
        entity = {**self._exported(code), "orderStatus": "Ordered"}
        hand_over(self.world.basware._world, self.buyer.tenant, ORDERS, entity)

    def carry(self) -> None:
        """Take orders over, plan them, and send what is ready."""
        self.buyer.do(Job.ORDERS)
        self.buyer.do(Job.INVOICES)

    @property
    def books(self) -> list[dict[str, Any]]:
        """Every purchase order in QuickBooks' own books."""
        return self.world.quickbooks.books(self.world.realm_id)["PurchaseOrder"]

    def bill(self, order: dict[str, Any], amount: int) -> str:
        """Somebody types a bill for part of the first line of an order into QuickBooks; its id."""
        link, first = {"TxnId": order["Id"], "TxnType": "PurchaseOrder"}, order["Line"][0]
        line = {
            "Amount": amount,
            "DetailType": first["DetailType"],
            first["DetailType"]: {"AccountRef": first[first["DetailType"]]["AccountRef"]},
            "LinkedTxn": [{**link, "TxnLineId": first["Id"]}],
        }
        body = {"VendorRef": order["VendorRef"], "DocNumber": f"typed {amount}", "Line": [line], "LinkedTxn": [link]}
        return str(self.world.act("enter", entity="Bill", body=body)["Id"])

    def links_of(self, bill: str) -> list[tuple[str, str]]:
        """What a bill in QuickBooks' own books is linked to: order and line."""
        books = self.world.quickbooks.books(self.world.realm_id)["Bill"]
        lines = next(one for one in books if one["Id"] == bill)["Line"]
        return [(link["TxnId"], link["TxnLineId"]) for line in lines for link in line["LinkedTxn"]]

    def states(self) -> dict[str, str]:
        """How far each order has come."""
        return {line.number: line.quickbooks for line in order_list(self.world.desk()).page()}

    def causes(self) -> list[str]:
        """Why orders wait."""
        return [cause for line in order_list(self.world.desk()).page() for cause in line.causes]


@pytest.fixture
def buyer_at() -> Callable[[World], Buyer]:
    """Makes the buyer of a world."""

    def made(world: World) -> Buyer:
        buyer = Buyer(world)
        buyer.settings(matching_orders=MatchingOrdersSettings(enabled=True))
        return buyer

    return made


@pytest.fixture
def buyer(database: Database, buyer_at: Callable[[World], Buyer]) -> Iterator[Buyer]:
    """The demo company, with orders of QuickBooks given to Basware."""
    made = buyer_at(build_world(database, company="empty"))
    yield made
    assert made.world.check() == []


@pytest.fixture
def purchasing(buyer: Buyer) -> Purchasing:
    """The same company, whose orders in Basware go to QuickBooks."""
    return Purchasing(buyer)
