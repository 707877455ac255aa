"""Purchase orders and contracts whose every step is crashed at, and whose every answer gets lost: in the end both twins' books are
those of a run that nobody disturbed.

For each fault one relentless story strikes every step once, each time in another process. `CRASHES=all` tells a story for each
single step and fault as well, which takes some minutes.
"""

from collections.abc import Callable

import pytest
from tests.work.orders.conftest import PAPER, Buyer, Purchasing

from crashes import EVERY, FAULTS, Saboteur
from databases import Databases
from lives import Beginning, Relentless, beginning, is_struck, live
from ml_connector.store.schema import OutgoingState
from ml_connector.work.feeds.contract_views import contract_list
from ml_connector.work.feeds.shown import order_link_list, order_list
from ml_connector.work.jobs import Job
from ml_connector.work.p2p_settings import MatchingOrdersSettings, OrdersFeed
from order_books import Books, differences, order_books
from paperwork import invoice, line
from world import World, build_world

THINNER = FAULTS[1:2]
"""The faults on PostgreSQL, where a database takes longer to make: a crash after a commit is what can differ there."""


@pytest.fixture
def databases(request: pytest.FixtureRequest, database_kind: str) -> Databases:
    """Where the stories of a test get their databases."""
    found: Databases = request.getfixturevalue("sqlite" if database_kind == "sqlite" else "postgres")
    return found


def tell(
    databases: Databases, scene: Callable[[str], World], jobs: list[Job], settled: Callable[[World], bool]
) -> Books:
    """Tell a scene undisturbed and with every fault; the books it ends with each time. Raises AssertionError where they differ."""
    with beginning(databases, scene) as begun:
        first = Saboteur()
        right = _story(begun, first, jobs, settled)
        for fault in FAULTS if databases.__class__.__name__ == "SqliteFiles" else THINNER:
            saboteur = Relentless(fault)
            assert differences(_story(begun, saboteur, jobs, settled), right) == [], f"{fault} at every step"
            assert len(saboteur.struck) >= sum(is_struck(label, fault) for label in set(first.steps))
        if EVERY:
            _each_alone(begun, first.steps, right, jobs, settled)
    return right


def _each_alone(
    begun: Beginning, steps: list[str], right: Books, jobs: list[Job], settled: Callable[[World], bool]
) -> None:
    for number, label in enumerate(steps):
        for fault in FAULTS:
            if is_struck(label, fault):
                books = _story(begun, Saboteur(number, fault), jobs, settled)
                assert differences(books, right) == [], f"{fault} at step {number}, {label}"


def _story(begun: Beginning, saboteur: Saboteur, jobs: list[Job], settled: Callable[[World], bool]) -> Books:
    with begun.told() as (world, url):
        live(world, url, saboteur, jobs, settled)
        assert world.check() == []
        return order_books(world) | {"shown": _shown(world)}


def _shown(world: World) -> Books:
    """What the product says of it, without when."""
    desk = world.desk()
    return {
        "orders": {
            one.number: (one.quickbooks, one.quickbooks_id, one.acknowledged) for one in order_list(desk).page()
        },
        "links": sorted(
            (one.invoice_number, one.order_line_id, one.state, one.amount) for one in order_link_list(desk).page()
        ),
        "contracts": sorted(
            (view.contract.number, view.contract.spent, len(view.spends)) for view in contract_list(desk).page()
        ),
    }


# QuickBooks' orders for Basware


def given(url: str) -> World:
    """A changed order, a closed one, a deleted one and a new one."""
    buyer = Buyer(build_world(url, company="empty"))
    buyer.settings(matching_orders=MatchingOrdersSettings(enabled=True))
    changed = buyer.order({"account": "55", "amount": 5}, {"account": "56", "amount": 7}, number="1001")
    closed, deleted = buyer.order(number="1002"), buyer.order(number="1003")
    buyer.carry()
    lines = buyer.in_quickbooks(changed)["Line"]
    buyer.edit(changed, Line=[{**lines[0], "Amount": 6}], PrivateNote="Less of it")
    buyer.world.act("close_order", id=closed)
    buyer.world.act("delete", entity="PurchaseOrder", id=deleted)
    buyer.order({"item": buyer.item(), "quantity": 10, "price": 50}, {"account": "55", "amount": 120}, number="1004")
    return buyer.world


def all_given(world: World) -> bool:
    buyer = Buyer(world)
    return {row.state for name in ("matchingOrders", "matchingOrderLines") for row in buyer.rows(name)} == {
        OutgoingState.DONE
    }


def test_giving_basware_quickbooks_orders_survives_every_step(databases):
    books = tell(databases, given, [Job.CHANGES, Job.MASTER_DATA, Job.OUTCOMES], all_given)
    assert {one["orderNumber"]: one["isClosed"] for one in books["matchingOrders"]} == {
        "1001": False, "1002": True, "1003": True, "1004": False,
    }  # fmt: skip
    assert [(one["netSum"], one["isDeleted"]) for one in books["matchingOrderLines"]] == [
        (6, False), (7, True), (500, False), (500, True), (500, False), (120, False),
    ]  # fmt: skip


# Basware's orders for QuickBooks


def ordered(url: str) -> World:
    """An order that gets another line, one that is cancelled, and a new one split over two accounts."""
    purchasing = Purchasing(Buyer(build_world(url, company="empty")))
    purchasing.order("PO-A")
    purchasing.order("PO-C")
    purchasing.carry()
    purchasing.act("change_purchase_order", new_lines=[{**PAPER, "description": "Ink"}], changes={"purpose": "More"})
    purchasing.act("cancel_purchase_order", "PO-C")
    coding = [{"accountCode": code, "splitPercent": share} for code, share in (("6110", 30), ("6120", 70))]
    purchasing.order("PO-B", {**PAPER, "coding": coding}, PAPER)
    return purchasing.world


def all_posted(world: World) -> bool:
    return {one.quickbooks for one in order_list(world.desk()).page()} == {"done"}


def test_putting_basware_orders_into_quickbooks_survives_every_step(databases):
    books = tell(databases, ordered, [Job.ORDERS, Job.INVOICES], all_posted)
    found = {
        one["DocNumber"]: (one["POStatus"], [line["Amount"] for line in one["Line"]]) for one in books["PurchaseOrder"]
    }
    assert found == {"PO-A": ("Open", [200, 200]), "PO-B": ("Open", [60, 140, 200]), "PO-C": ("Closed", [200])}


# Bills of orders


def matched(url: str) -> World:
    """Two invoices matched with an order: one for a whole line, one for more than is left of the other."""
    buyer = Buyer(build_world(url, company="empty"))
    buyer.order({"account": "55", "amount": 300}, {"account": "56", "amount": 200})
    for number, net, order_line, account in (("B-1", "200.00", "2", "6120"), ("B-2", "310.00", "1", "6110")):
        document = invoice(number, line(net, account=account))
        for row in document["codingRows"]:
            row |= {"orderNumber": "1005", "orderLineNumber": order_line}
        buyer.world.approve(document)
    return buyer.world


def all_answered(world: World) -> bool:
    return {world.in_basware(number)["processingStatus"] for number in ("B-1", "B-2")} == {"Transferred"}


def test_linking_bills_to_orders_survives_every_step(databases):
    books = tell(databases, matched, [Job.CHANGES, Job.INVOICES], all_answered)
    assert [len(one.get("transferResponses", ())) for one in books["accountingDocuments"].values()] == [1, 1]
    assert [(number, state) for number, _, state, _ in books["shown"]["links"]] == [
        ("B-1", "linked"),
        ("B-2", "dropped"),
    ]


# Contracts


def contracted(url: str) -> World:
    """Three contracts, what is spent on two of them, and an invoice that names one."""
    buyer = Buyer(build_world(url, company="empty"))
    buyer.settings(orders=OrdersFeed(enabled=True, contracts=True, page_size=2))
    for number in ("C-1", "C-2", "C-3"):
        buyer.world.clock.advance(1)
        contract = {"externalCode": f"K-{number}", "referenceCode": number, "title": "Paper", "total": 1000}
        buyer.world.basware.act("contract", document=contract)
    for number, net in (("C-1", 100), ("C-1", 50), ("C-2", 30)):
        buyer.world.clock.advance(1)
        buyer.world.basware.act("plan_spend", contract=number, plan=f"plan {net}", net_sum=net, gross_sum=net)
    return buyer.world


def all_taken(world: World) -> bool:
    tenant = Buyer(world).tenant
    kept = [
        one
        for name in ("exportedContracts", "exportedContractSpends")
        for one in tenant.intake.records(name).stored.values()
    ]
    return {one.entity["processingStatus"] for one in kept} == {"Exported"}


def test_taking_contracts_over_survives_every_step(databases):
    books = tell(databases, contracted, [Job.ORDERS], all_taken)
    assert [number for number, _, _ in books["shown"]["contracts"]] == ["C-1", "C-2", "C-3"]
