"""Purchase orders both ways and contracts, from a click in one system to the other's books; each story ends by comparing both books
from the twins' own data."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from tests.work.orders.conftest import PAPER, Buyer, Purchasing

from ml_connector.model.mapping import Dimension
from ml_connector.store import alerts
from ml_connector.store.database import Database
from ml_connector.work.engine import Step
from ml_connector.work.engines.local import LocalEngine
from ml_connector.work.engines.runs import Ending
from ml_connector.work.feeds.contract_views import contract_list
from ml_connector.work.feeds.shown import order_link_list
from ml_connector.work.jobs import Job
from ml_connector.work.order_links import ALERT, accept_links
from ml_connector.work.p2p_settings import MatchingOrdersSettings, OrdersFeed
from ml_connector.work.settings import ConnectionSettings
from ml_connector.work.webhook_setup import basware
from ml_connector.work.webhook_setup.standing import GOOD
from online import Online
from order_books import billed_differences, given_differences, taken_differences
from paperwork import CORVID, invoice, line
from world import World, build_world


@pytest.fixture
def buyer(database: Database) -> Buyer:
    """A company whose orders in QuickBooks go to Basware."""
    made = Buyer(build_world(database, company="empty"))
    made.settings(matching_orders=MatchingOrdersSettings(enabled=True))
    return made


@pytest.fixture
def purchasing(database: Database) -> Purchasing:
    """A company whose orders in Basware go to QuickBooks."""
    return Purchasing(Buyer(build_world(database, company="empty")))


# From QuickBooks to Basware


def test_a_month_of_orders_in_quickbooks_ends_with_both_books_agreeing(buyer):
    toner = buyer.item("Toner", Sku="T-9")
    by_item = buyer.order({"item": toner, "quantity": 10, "price": 50}, {"account": "55", "amount": 120}, number="1")
    large = buyer.order(*({"account": "55", "amount": n} for n in range(1, 131)), number="2")
    closed, deleted = buyer.order(number="3"), buyer.order(number="4")
    buyer.carry()
    assert given_differences(buyer.world) == []
    assert len(buyer.lines("2")) == 130

    lines = buyer.in_quickbooks(by_item)["Line"]
    lines[0]["ItemBasedExpenseLineDetail"]["Qty"], lines[0]["Amount"] = Decimal(12), Decimal(600)
    buyer.edit(by_item, Line=[lines[0]], PrivateNote="No paper this time")
    buyer.edit(large, Line=buyer.in_quickbooks(large)["Line"][5:], DocNumber="2-B")
    buyer.world.act("close_order", id=closed)
    buyer.world.act("delete", entity="PurchaseOrder", id=deleted)
    buyer.order({"account": "56", "amount": 77}, vendor="102", number="5")
    buyer.carry()
    assert given_differences(buyer.world) == []
    assert {number for number, head in buyer.heads().items() if head["isClosed"]} == {"3", "4"}

    buyer.world.act("reopen_order", id=closed)
    buyer.carry()
    assert given_differences(buyer.world) == []
    calls = len(buyer.tenant.intake.requests)
    for _ in range(3):
        buyer.world.clock.advance(86_400)
        buyer.carry(rounds=1)
    assert len(buyer.tenant.intake.requests) == calls, "nothing changed, and nothing was sent"
    assert buyer.world.check() == []


# From Basware to QuickBooks


def test_a_month_of_orders_in_basware_ends_with_both_books_agreeing(purchasing):
    split = [
        {"accountCode": code, "splitPercent": Decimal(share)} for code, share in (("6110", "33.33"), ("6120", "66.67"))
    ]
    purchasing.order("PO-A", PAPER, {**PAPER, "netUnitPrice": Decimal("19.99"), "coding": split})
    purchasing.order("PO-B", *({**PAPER, "quantity": n} for n in range(1, 121)))
    purchasing.order("PO-C", supplierCode=CORVID)
    purchasing.order("PO-D")
    purchasing.carry()
    assert taken_differences(purchasing.world) == []
    assert len(next(one for one in purchasing.books if one["DocNumber"] == "PO-B")["Line"]) == 120

    lines = purchasing.lines("PO-A")
    changes = {lines[0]["externalCode"]: {"quantity": 11}, lines[1]["externalCode"]: {"lineStatus": "Deleted"}}
    purchasing.act("change_purchase_order", lines=changes, new_lines=[{**PAPER, "description": "Ink"}])
    purchasing.act("receive_purchase_order", "PO-B", lines={purchasing.lines("PO-B")[0]["externalCode"]: 1})
    purchasing.act("cancel_purchase_order", "PO-C")
    purchasing.act("close_purchase_order", "PO-D")
    purchasing.carry()
    assert taken_differences(purchasing.world) == []
    assert {one["DocNumber"]: one["POStatus"] for one in purchasing.books} == {
        "PO-A": "Open", "PO-B": "Open", "PO-C": "Closed", "PO-D": "Closed",
    }  # fmt: skip

    purchasing.world.act("delete", entity="PurchaseOrder", id=purchasing.books[0]["Id"])
    purchasing.act("change_purchase_order", changes={"purpose": "It is needed after all"})
    purchasing.carry()
    purchasing.carry()
    assert taken_differences(purchasing.world) == []
    assert purchasing.world.check() == []


def test_an_order_that_waits_for_its_vendor_and_account_comes_whole_once_both_are_there(purchasing):
    purchasing.order("PO-A", {**PAPER, "coding": [{"accountCode": "9999"}]}, supplierCode="V-77777")
    purchasing.carry()
    assert sorted(purchasing.causes()) == ["account-not-mapped", "vendor-unknown"]
    assert purchasing.books == []

    purchasing.world.map(Dimension.ACCOUNT, "9999", "55")
    purchasing.carry()
    assert purchasing.causes() == ["vendor-unknown"]
    purchasing.world.map(Dimension.VENDOR, "V-77777", "101")
    purchasing.carry()
    assert taken_differences(purchasing.world) == []
    assert len(purchasing.books) == 1


# Invoices matched with orders


def approve(world: World, number: str, *rows: tuple[str, str, str], order: str = "1005") -> None:
    """Approve an invoice matched with an order in Basware: net, account and order line of each row."""
    document = invoice(number, *(line(net, account=account) for net, account, _ in rows))
    for row, (_, _, order_line) in zip(document["codingRows"], rows, strict=True):
        row |= {"orderNumber": order, "orderLineNumber": order_line}
    world.approve(document)


def post(buyer: Buyer) -> None:
    """Read QuickBooks' changes, and post and answer what is there."""
    buyer.do(Job.CHANGES)
    buyer.world.settle()
    buyer.world.clock.advance(61)
    buyer.do(Job.CHANGES)


def links(buyer: Buyer) -> list[tuple[str, str]]:
    return sorted((one.invoice_number, one.state) for one in order_link_list(buyer.world.desk()).page())


def told(buyer: Buyer) -> list[str]:
    with buyer.world.database.read() as tx:
        return [one.message for one in alerts.listing(tx, buyer.world.connection_id) if one.kind == ALERT]


def test_an_order_is_billed_in_parts_over_billed_and_reopened_and_both_books_agree(buyer):
    order = buyer.order({"account": "55", "amount": 300}, {"account": "56", "amount": 200})
    buyer.carry()
    approve(buyer.world, "I-1", ("100.00", "6110", "1"), ("200.00", "6120", "2"))
    post(buyer)
    assert (buyer.in_quickbooks(order)["POStatus"], links(buyer)) == ("Open", [("I-1", "linked"), ("I-1", "linked")])
    assert billed_differences(buyer.world) == []

    approve(buyer.world, "I-2", ("250.00", "6110", "1"))
    post(buyer)
    assert [state for number, state in links(buyer) if number == "I-2"] == ["dropped"]
    assert len(told(buyer)) == 1
    accept_links(buyer.world.desk(), buyer.world.row("I-2").invoice_id, actor="Kim", reason="agreed by telephone")
    assert told(buyer) == []

    approve(buyer.world, "I-3", ("200.00", "6110", "1"))
    post(buyer)
    assert buyer.in_quickbooks(order)["POStatus"] == "Closed"
    buyer.carry()
    assert buyer.heads()["1005"]["isClosed"] is True
    assert given_differences(buyer.world) == []

    _, bill = buyer.world.only_transaction("I-3")
    buyer.world.act("delete", entity="Bill", id=bill["Id"])
    buyer.carry()
    assert buyer.in_quickbooks(order)["POStatus"] == "Open"
    assert buyer.heads()["1005"]["isClosed"] is False
    assert given_differences(buyer.world) == []
    assert [buyer.world.state(number) for number in ("I-1", "I-2")] == ["confirmed", "confirmed"]


@pytest.mark.parametrize("what", ["a closed order", "a deleted order", "a line that is gone"])
def test_a_link_that_quickbooks_drops_without_a_word_is_told_and_can_be_accepted(buyer, what):
    order = buyer.order({"account": "55", "amount": 300}, {"account": "56", "amount": 200})
    approve(buyer.world, "I-1", ("200.00", "6120", "2"))
    buyer.do(Job.CHANGES)
    buyer.world.run([Step.INTAKE, Step.PLAN])  # the bill is in the outbox when the order changes
    acts: dict[str, Callable[[], Any]] = {
        "a closed order": lambda: buyer.world.act("close_order", id=order),
        "a deleted order": lambda: buyer.world.act("delete", entity="PurchaseOrder", id=order),
        "a line that is gone": lambda: buyer.edit(order, Line=buyer.in_quickbooks(order)["Line"][:1]),
    }
    acts[what]()
    buyer.world.settle()

    _, bill = buyer.world.only_transaction("I-1")
    assert not bill.get("LinkedTxn")
    assert links(buyer) == [("I-1", "dropped")]
    assert len(told(buyer)) == 1
    assert buyer.world.state("I-1") == "confirmed"
    accept_links(buyer.world.desk(), buyer.world.row("I-1").invoice_id, actor="Kim", reason="fine")
    assert (links(buyer), told(buyer)) == ([("I-1", "accepted")], [])


def test_an_order_of_basware_is_billed_by_its_own_line_numbers_and_both_books_agree(purchasing):
    purchasing.order("PO-A", PAPER, {**PAPER, "coding": [{"accountCode": "6120"}]})
    purchasing.carry()
    buyer = purchasing.buyer
    approve(buyer.world, "I-1", ("200.00", "6120", "2"), order="PO-A")
    approve(buyer.world, "I-2", ("150.00", "6110", "1"), order="PO-A")
    post(buyer)
    assert links(buyer) == [("I-1", "linked"), ("I-2", "linked")]
    assert billed_differences(buyer.world) == []
    assert purchasing.books[0]["POStatus"] == "Open"

    approve(buyer.world, "I-3", ("50.00", "6110", "1"), order="PO-A")
    post(buyer)
    assert purchasing.books[0]["POStatus"] == "Closed"
    assert billed_differences(buyer.world) == []
    purchasing.act("close_purchase_order")
    purchasing.carry()
    assert taken_differences(buyer.world) == []


# Contracts, by notification and by poll


def contracting(known: ConnectionSettings) -> ConnectionSettings:
    own = msgspec.structs.replace(known.basware, orders=OrdersFeed(enabled=True, contracts=True))
    return msgspec.structs.replace(known, basware=own)


@pytest.fixture
def listening(online: Online) -> tuple[Online, LocalEngine]:
    """A company that takes contracts over and is told by webhook; everything that was due is done."""
    online.world.change_settings(contracting)
    engine = LocalEngine(online.world.app, heart=None, worker="engine")
    assert {run.ending for run in engine.step()} == {Ending.DONE}
    online.subscribe()
    return online, engine


def contract(world: World, **more: Any) -> None:
    world.clock.advance(1)
    document = {"externalCode": "K-1", "referenceCode": "C-17", "title": "Paper", "total": 1000, **more}
    world.basware.act("contract", document=document)


def test_a_contract_and_a_spend_that_basware_announces_are_here_at_the_next_look(listening):
    online, engine = listening
    contract(online.world)
    assert Job.ORDERS not in {run.job for run in engine.step()}, "nobody has told us yet"
    assert online.deliver() == [200]
    assert (Job.ORDERS, Ending.DONE) in {(run.job, run.ending) for run in engine.step()}
    assert [view.contract.number for view in contract_list(online.world.desk()).page()] == ["C-17"]

    online.world.basware.act("plan_spend", contract="C-17", plan="plan 1", net_sum=250, gross_sum=250)
    assert online.deliver() == [200, 200]  # the spend, and the contract with its totals
    assert Job.ORDERS in {run.job for run in engine.step()}
    assert contract_list(online.world.desk()).page()[0].contract.reserved == 250


def test_a_purchase_order_that_basware_announces_is_here_at_the_next_look(listening):
    online, engine = listening
    online.world.basware.act("purchase_order", document={"externalCode": "PO-A"}, lines=[PAPER])
    assert online.deliver() == [200]
    assert (Job.ORDERS, Ending.DONE) in {(run.job, run.ending) for run in engine.step()}


def test_subscriptions_to_contracts_are_wanted_with_contracts_only_and_come_back_by_a_repair(online):
    kinds = {"ExportedContracts/WaitingForExport", "ExportedContractSpends/WaitingForExport"}

    def subscribed() -> set[str]:
        with online.office() as office:
            return {one.name for one in basware.lines_of(office) if one.state == GOOD}

    online.subscribe()
    assert not kinds & subscribed()
    online.world.change_settings(contracting)
    online.subscribe(mend=True)
    assert kinds <= subscribed()
    online.world.basware._push.subscriptions._of.clear()
    assert subscribed() == set()
    online.subscribe(mend=True)
    assert kinds <= subscribed()
