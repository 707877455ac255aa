"""What Purchase-to-Pay and QuickBooks refuse of an order: each refusal ends as a cause with a way out, or heals by itself.

The rules of Purchase-to-Pay are those of the twin's `order_rules`. Those on how a line is matched, and on net and gross, are never
broken: one test says that whatever is in an order, it is taken, or held before it is sent. Receipts and users are never given.
"""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ml_connector.model.holds import Cause
from ml_connector.rules.causes import describe
from ml_connector.work.feeds.shown import order_list, orders_named, retry_order
from ml_connector.work.jobs import Job
from ml_connector.work.p2p_settings import MatchingOrdersSettings
from twins.quickbooks.faults import FaultError
from world import build_world

REFUSED = [Cause.RECORD_REFUSED.value]


def why(buyer, resource="matchingOrders"):
    """What Purchase-to-Pay said, and that there is a way out of it in words."""
    (row,) = [row for row in buyer.rows(resource) if row.problem]
    assert describe(row.holds[0]).what_to_do
    return row.problem


# Purchase-to-Pay, on the head


def test_a_company_that_purchase_to_pay_does_not_have_is_told_and_heals_with_the_setting(buyer):
    buyer.settings(matching_orders=MatchingOrdersSettings(enabled=True, company_code="XX99"))
    buyer.order()
    buyer.carry()
    assert buyer.causes() == REFUSED
    assert "XX99" in why(buyer)

    buyer.settings(matching_orders=MatchingOrdersSettings(enabled=True))
    buyer.carry()
    assert buyer.causes() == []
    assert len(buyer.lines()) == 1


def test_an_organization_element_that_is_not_there_is_told_and_heals_with_the_setting(buyer):
    buyer.settings(matching_orders=MatchingOrdersSettings(enabled=True, organization_element="NOWHERE"))
    buyer.order()
    buyer.carry()
    assert buyer.causes() == REFUSED
    assert "Organization element NOWHERE was not found" in why(buyer)

    buyer.settings(matching_orders=MatchingOrdersSettings(enabled=True))
    buyer.carry()
    assert buyer.causes() == []


def test_an_order_that_another_program_gave_before_is_told_and_heals_with_another_number(buyer):
    order = buyer.order(number="77")
    buyer.carry()
    there = "Order 78 is there already as theirs"
    buyer.world.basware.act("refuse_imports", entity_type="MatchingOrder", message=there, times=1)
    buyer.edit(order, DocNumber="78")
    buyer.carry()
    assert buyer.causes() == REFUSED
    assert there in why(buyer)

    buyer.world.basware.act("accept_imports")
    buyer.edit(order, DocNumber="79")
    buyer.carry()
    assert buyer.causes() == []
    assert "79" in buyer.heads()


# Purchase-to-Pay, on the lines


@pytest.mark.parametrize("message", ["Order was not found", "Account 6110 was not found", "The line is closed"])
def test_a_line_that_is_refused_waits_with_basware_words_and_is_tried_again_by_itself(buyer, message):
    buyer.world.basware.act("refuse_imports", entity_type="MatchingOrderLine", message=message, times=1)
    buyer.order()
    buyer.carry(rounds=2)
    assert message in why(buyer, "matchingOrderLines")
    assert buyer.lines() == []

    buyer.world.basware.act("accept_imports")
    buyer.world.clock.advance(900)
    buyer.carry()
    assert {row.state.value for row in buyer.rows("matchingOrderLines")} == {"done"}
    assert len(buyer.lines()) == 1


AMOUNTS = st.decimals("-500", "500", places=2)
LINES = st.lists(
    st.one_of(
        st.fixed_dictionaries({"account": st.just("55"), "amount": AMOUNTS}),
        st.fixed_dictionaries({"quantity": st.integers(-20, 20), "price": st.decimals("0", "99", places=2)}),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(lines=LINES)
def test_whatever_an_order_says_it_is_taken_or_held_before_it_is_sent(sqlite, buyer_at, lines):
    with sqlite.fresh() as url:
        buyer = buyer_at(build_world(url, company="empty"))
        item = buyer.item()
        whole = [one if "account" in one else {"item": item, **one} for one in lines]
        try:
            buyer.order(*whole)
        except FaultError:
            buyer.world.database.close()
            return  # QuickBooks itself does not take it
        buyer.carry()
        assert Cause.RECORD_REFUSED.value not in buyer.causes()
        sent = {row.state.value for row in buyer.rows("matchingOrderLines")}
        assert sent <= {"done"}
        held = [hold.cause for row in buyer.rows("matchingOrders") for hold in row.holds]
        assert held in ([], [Cause.ORDER_NOT_USABLE])
        assert bool(held) != bool(sent)
        buyer.world.database.close()


# QuickBooks


@pytest.mark.parametrize(("entity", "key"), [("Account", "55"), ("Vendor", "101")])
def test_a_record_made_inactive_meanwhile_ends_as_a_cause_with_a_way_out_and_a_retry_puts_it_right(
    purchasing, entity, key
):
    purchasing.order()
    purchasing.buyer.do(Job.ORDERS)
    purchasing.world.act("inactivate", entity=entity, id=key)
    for _ in range(4):
        purchasing.buyer.do(Job.INVOICES)
        purchasing.buyer.do(Job.ORDERS)
    (shown,) = order_list(purchasing.world.desk()).page()
    assert purchasing.books == []
    assert shown.quickbooks == "held"
    assert shown.problems

    purchasing.world.act("activate", entity=entity, id=key)
    (found,) = orders_named(purchasing.world.desk(), "PO-A")
    assert retry_order(purchasing.world.desk(), found, "somebody")
    purchasing.carry()
    assert purchasing.states() == {"PO-A": "done"}


def test_an_order_that_somebody_changed_in_quickbooks_meanwhile_is_read_and_changed_again(purchasing):
    purchasing.order()
    purchasing.carry()
    purchasing.act("change_purchase_order", changes={"purpose": "Spring"})
    purchasing.buyer.do(Job.ORDERS)
    (order,) = purchasing.books
    purchasing.buyer.edit(order["Id"], ShipMethodRef={"value": "UPS", "name": "UPS"})
    for _ in range(2):
        purchasing.carry()
    (order,) = purchasing.books
    assert "Spring" in order["PrivateNote"]
    assert purchasing.states() == {"PO-A": "done"}


def test_an_order_that_somebody_deleted_in_quickbooks_meanwhile_is_made_again_once(purchasing):
    purchasing.order()
    purchasing.carry()
    purchasing.act("change_purchase_order", changes={"purpose": "Spring"})
    purchasing.buyer.do(Job.ORDERS)
    purchasing.world.act("delete", entity="PurchaseOrder", id=purchasing.books[0]["Id"])
    for _ in range(3):
        purchasing.carry()
    assert [order["TotalAmt"] for order in purchasing.books] == [Decimal(200)]
    assert purchasing.states() == {"PO-A": "done"}
