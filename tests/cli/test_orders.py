"""Purchase orders and contracts at the command line: what waits and why, trying again, links left out, contracts."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ml_connector.app import App, Settings
from ml_connector.work.jobs import Job
from ml_connector.work.registry import PERFORM
from paperwork import invoice, line
from terminal import CONNECTION, Run
from world import World

ORDERS = CONNECTION.replace(
    'client_id = "demo-basware-client"',
    'client_id = "demo-basware-client"\norders = { enabled = true, post = true, contracts = true }',
)
ROWS = [{"quantity": 10, "netUnitPrice": Decimal(20), "description": "Paper", "coding": [{"accountCode": "6110"}]}]

Do = Callable[..., None]


@pytest.fixture
def buying(run: Run, connected: World, connection_file: Path, once: Callable[..., None]) -> World:
    """The demo company with its orders put into QuickBooks, its contracts taken over, and one account mapped."""

    def buy() -> None:
        connection_file.write_text(ORDERS)
        assert run("connection", "add", connection_file).code == 0
        assert run("mapping", "set", "account", "6110", "6110").code == 0

    once("orders switched on", buy)
    return connected


@pytest.fixture
def do(buying: World) -> Iterator[Do]:
    """Does jobs as an engine does."""
    installation = App.open(Settings())

    def done(*jobs: Job) -> None:
        for job in jobs:
            desk = installation.desk(installation.connection(""))
            desk.take_lease()
            PERFORM[job](desk)
            desk.release_lease()
            desk.close()
            buying.clock.advance(61)

    yield done
    installation.close()


def order(world: World, code: str, **document: Any) -> None:
    """Order something in Basware."""
    world.clock.advance(1)
    wanted = {"externalCode": code, "orderNumber": code, "supplierCode": "V-10011", **document}
    world.basware.act("purchase_order", document=wanted, lines=ROWS)


def dropped_link(run: Run, world: World, do: Do) -> None:
    """A bill whose order was closed in QuickBooks, so that QuickBooks left the link out."""
    made = world.act("create_order", vendor="101", lines=[{"account": "55", "amount": 300}], number="1005")
    world.act("close_order", id=made["Id"])
    document = invoice("B-1", line("100.00"))
    for row in document["codingRows"]:
        row |= {"orderNumber": "1005", "orderLineNumber": "1"}
    world.approve(document)
    run("sync", "--only", "intake")
    run("mapping", "propose", "--accept")
    do(Job.CHANGES, Job.INVOICES)


# Orders


def test_an_order_that_waits_is_listed_with_its_cause_and_shown_with_the_way_out(run, buying, do):
    order(buying, "PO-1", supplierCode="V-1")
    order(buying, "PO-2")
    do(Job.ORDERS, Job.INVOICES)

    (held,) = run("orders", "list", "--state", "held", "--json").json
    assert (held["number"], held["quickbooks"], held["causes"]) == ("PO-1", "held", ["vendor-unknown"])
    assert held["problems"] == [run("orders", "show", "PO-1").err.strip()]
    assert [one["number"] for one in run("orders", "list", "--state", "done", "--json").json] == ["PO-2"]
    assert "vendor-unknown" in run("orders", "list").out


def test_an_order_in_the_list_has_every_field_of_its_shape(run, buying, do):
    order(buying, "PO-1", supplierName="Beacon")
    do(Job.ORDERS, Job.INVOICES)
    (shown,) = run("orders", "list", "--json").json
    assert (shown.pop("received_at")[:10], shown.pop("supplier")) == ("2026-11-20", "Beacon")
    (there,) = buying.quickbooks.books(buying.realm_id)["PurchaseOrder"]
    assert shown == {
        "external_code": "PO-1", "number": "PO-1", "company_code": "US10", "supplier_code": "V-10011", "status": "Ordered",
        "net_sum": 200, "currency": "USD", "lines": 1, "acknowledged": True, "quickbooks": "done", "quickbooks_id": there["Id"],
        "causes": [], "problems": [],
    }  # fmt: skip


def test_no_more_orders_are_listed_than_asked_for(run, buying, do):
    for number in ("PO-1", "PO-2", "PO-3"):
        order(buying, number)
    do(Job.ORDERS)
    assert [one["number"] for one in run("orders", "list", "--limit", "2", "--json").json] == ["PO-3", "PO-2"]


def test_an_empty_list_of_orders_is_no_error_and_says_what_is_not_switched_on(run, connected, connection_file):
    nothing = run("orders", "list", "--json")
    assert (nothing.code, nothing.json) == (0, [])
    assert "[basware.orders] in the connection file is not switched on" in nothing.err
    connection_file.write_text(ORDERS.replace("post = true, ", ""))
    assert run("connection", "add", connection_file).code == 0
    assert run("orders", "list").err == ""
    assert "no post = true" in run("orders", "list", "--state", "held").err


def test_an_order_is_tried_again_once_somebody_put_right_what_quickbooks_refused(run, buying, do):
    order(buying, "PO-1")
    do(Job.ORDERS)
    buying.act("inactivate", entity="Account", id="55")
    for _ in range(4):
        do(Job.INVOICES, Job.ORDERS)
    assert run("orders", "list", "--json").json[0]["quickbooks"] == "held"
    buying.act("activate", entity="Account", id="55")

    again = run("orders", "retry", "PO-1")
    assert (again.code, again.err.strip()) == (0, "Order PO-1 is tried again with the next run.")
    do(Job.ORDERS, Job.INVOICES)
    assert run("orders", "list", "--json").json[0]["quickbooks"] == "done"


def test_an_order_that_is_being_sent_is_not_tried_again(run, buying, do):
    order(buying, "PO-1")
    do(Job.ORDERS)
    refused = run("orders", "retry", "PO-1")
    assert refused.code == 2
    assert "is being sent just now" in refused.err


@pytest.mark.parametrize("command", ["show", "retry"])
def test_an_order_nobody_knows_is_told_with_where_to_look(run, buying, command):
    unknown = run("orders", command, "PO-9")
    assert (unknown.code, unknown.out) == (2, "")
    assert "There is no order 'PO-9'. `ml-connector orders list` shows all." in unknown.err


@pytest.mark.parametrize("command", ["orders list", "orders links"])
def test_a_state_that_does_not_exist_is_refused(run, buying, command):
    assert run(*command.split(), "--state", "lost").code == 2


# Links


def test_no_link_is_an_empty_list_and_a_good_end(run, buying):
    nothing = run("orders", "links", "--json")
    assert (nothing.code, nothing.json) == (0, [])


def test_a_link_that_quickbooks_left_out_ends_with_one_until_a_person_accepts_it(run, buying, do):
    dropped_link(run, buying, do)
    listed = run("orders", "links", "--json")
    (link,) = listed.json
    assert listed.code == 1
    assert (link["invoice_number"], link["state"], link["amount"], link["currency"]) == ("B-1", "dropped", 100, "USD")
    assert link["why"] == "order 1005 is closed"
    assert sorted(link) == [
        "amount", "bill_id", "currency", "invoice_id", "invoice_number", "order_id", "order_line_id", "state", "why",
    ]  # fmt: skip
    assert run("orders", "links", "--state", "linked").code == 0

    accepted = run("orders", "accept-links", "B-1", "--reason", "old order")
    assert (accepted.code, accepted.err.strip()) == (0, "The bill of invoice B-1 stays without its order links.")
    after = run("orders", "links", "--json")
    assert (after.code, after.json[0]["state"], after.json[0]["why"]) == (0, "accepted", "old order")


def test_there_is_nothing_to_accept_where_no_link_was_left_out(run, buying, do):
    dropped_link(run, buying, do)
    assert run("orders", "accept-links", "B-1").code == 2  # a reason is needed
    run("orders", "accept-links", "B-1", "--reason", "old order")
    twice = run("orders", "accept-links", "B-1", "--reason", "old order")
    assert (twice.code, twice.err.strip()) == (2, "Error: QuickBooks left no order link of invoice B-1 out.")
    unknown = run("orders", "accept-links", "B-9", "--reason", "old order")
    assert unknown.code == 2
    assert "There is no document 'B-9'" in unknown.err


# Contracts


def contract(world: World, code: str = "K-1", **more: Any) -> None:
    """A contract that is in force in Basware, with a plan of 250 spent on it."""
    world.clock.advance(1)
    document = {"externalCode": code, "referenceCode": "C-17", "title": "Paper", "total": 1000, **more}
    world.basware.act("contract", document=document)


def test_a_contract_is_listed_and_shown_with_what_is_spent_on_it(run, buying, do):
    contract(buying, suppliers=[{"supplierCode": "V-10011"}])
    buying.basware.act("plan_spend", contract="C-17", plan="plan 1", net_sum=250, gross_sum=250)
    do(Job.ORDERS)

    (listed,) = run("contracts", "list", "--json").json
    assert listed == {
        "number": "C-17", "external_code": "K-1", "title": "Paper", "company_code": "US10", "suppliers": ["V-10011"],
        "active": True, "total": 1000, "spent": 0, "reserved": 250, "unknown": 0, "currency": "USD", "documents": [],
        "acknowledged": True,
    }  # fmt: skip
    shown = run("contracts", "show", "C-17", "--json")
    assert (shown.code, shown.json["contract"]) == (0, listed)
    assert shown.json["spends"] == [
        {
            "document_type": "SpendPlan", "document_number": "plan 1", "net": 250, "document_net": 250, "document_currency": "USD",
            "cancelled": False,
        }
    ]  # fmt: skip
    assert "plan 1" in run("contracts", "show", "K-1").out
    assert "C-17" in run("contracts", "list", "--text", "paper").out


def test_an_empty_list_of_contracts_is_no_error_and_says_what_is_not_switched_on(run, connected):
    nothing = run("contracts", "list", "--json")
    assert (nothing.code, nothing.json) == (0, [])
    assert "has no contracts = true" in nothing.err


def test_a_contract_nobody_knows_and_one_number_on_two_contracts_are_told(run, buying, do):
    contract(buying, "K-1")
    contract(buying, "K-2")
    do(Job.ORDERS)

    unknown = run("contracts", "show", "C-99")
    assert (unknown.code, unknown.err.strip()) == (
        2,
        "Error: There is no contract 'C-99'. `ml-connector contracts list` shows all.",
    )
    twice = run("contracts", "show", "C-17")
    assert twice.code == 2
    assert "K-1" in twice.err
    assert "K-2" in twice.err
    assert run("contracts", "show", "K-2", "--json").json["contract"]["external_code"] == "K-2"


def test_a_spend_in_another_currency_is_shown_in_its_own_and_told(run, buying, do):
    contract(buying, currencyCode="EUR")
    buying.approve(invoice("I-1", line("100.00"), changes={"contractNumber": "C-17"}))
    run("sync", "--only", "intake")
    run("mapping", "propose", "--accept")
    do(Job.INVOICES, Job.ORDERS)
    shown = run("contracts", "show", "C-17")
    assert "100.00" in shown.out
    assert "Basware gives 1 of these in another currency" in shown.err
