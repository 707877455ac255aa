"""Which order Basware is to hold, and how each kind of line is measured: the rules of docs/orders.md, one by one."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ml_connector.flows.orders_known import Basware, QuickBooks, order_code
from ml_connector.flows.orders_out import plan_orders
from ml_connector.model.books import Account, Books, Vendor
from ml_connector.model.holds import Cause
from ml_connector.model.mapping import Dimension, Mapping, MappingRule
from ml_connector.model.orders import MatchingMode, OrderItem, OrderLine, PurchaseOrder
from ml_connector.model.policy import Sources

BOOKS = Books(
    accounts={"55": Account(id="55", name="Supplies", number="6110", type="Expense")},
    vendors={"101": Vendor(id="101", name="Beacon", number="V-1")},
)


def rule(code, target="55", dimension=Dimension.ACCOUNT, **more):
    return MappingRule(id=f"{dimension.value} {code}", dimension=dimension, code=code, target_id=target, **more)


def basware(*rules, **more):
    return Basware(
        mark="cafe0123", company_code="US10", organization_element="US10", source_system="QuickBooks",
        sources=Sources(), mapping=Mapping(rules=rules or (rule("6110"),)), **more,
    )  # fmt: skip


def line(amount="100", **more):
    return OrderLine(**({"id": "1", "number": 1, "amount": Decimal(amount), "account_id": "55"} | more))


def order(*lines, **more):
    return PurchaseOrder(**({"id": "7", "vendor_id": "101", "number": "1005", "lines": lines or (line(),)} | more))


def planned(*orders, known=None, items=None):
    return plan_orders(known or basware(), QuickBooks(books=BOOKS, orders=orders, items=items or {}))


def only_line(made, **more):
    (one,) = planned(order(made), **more)
    (found,) = one.lines
    return found


def test_a_line_without_a_quantity_is_matched_by_its_sum():
    made = only_line(line("80"))
    assert (made.mode, made.quantity, made.net_price, made.net_sum) == (MatchingMode.BLANKET, 1, 80, 80)


def test_a_line_with_a_quantity_is_matched_by_quantity_and_price():
    made = only_line(line("80", quantity=Decimal(4), unit_price=Decimal(20)))
    assert (made.mode, made.quantity, made.net_price, made.net_sum) == (MatchingMode.STANDARD, 4, 20, 80)


def test_a_line_that_takes_goods_back_has_a_quantity_above_zero_and_a_negative_price():
    for taken in (line("-80", quantity=Decimal(-4), unit_price=Decimal(20)), line("-80")):
        made = only_line(taken)
        assert made.mode is MatchingMode.RETURN
        assert made.quantity > 0 > made.net_price
        assert made.quantity * made.net_price == made.net_sum == -80


def test_a_gross_unit_price_gives_way_to_the_net_amount():
    made = only_line(line("80", quantity=Decimal(4), unit_price=Decimal(25)))
    assert made.net_price == 20


@given(
    amount=st.decimals(-10_000, 10_000, places=2),
    quantity=st.none() | st.decimals(-1000, 1000, places=3),
    price=st.none() | st.decimals(0, 10_000, places=4),
)
def test_whatever_a_line_says_its_quantity_is_above_zero_and_its_price_makes_its_sum(amount, quantity, price):
    (made,) = planned(order(line(amount, quantity=quantity, unit_price=price)))
    for one in made.lines:
        assert one.quantity > 0
        assert abs(one.quantity * one.net_price - one.net_sum) <= Decimal("0.02")
        assert (one.mode is MatchingMode.RETURN) == (amount < 0)
    assert bool(made.lines) != bool(made.holds)


def test_an_amount_for_a_quantity_of_nothing_holds_the_order():
    (made,) = planned(order(line("5", quantity=Decimal(0))))
    assert {hold.cause for hold in made.holds} == {Cause.ORDER_NOT_USABLE}
    assert made.head is None


def test_an_item_is_coded_with_the_account_it_is_bought_on():
    toner = OrderItem(id="3", name="Toner", sku="T-9", account_id="55")
    made = only_line(line("50", item_id="3", account_id=""), items={"3": toner})
    assert (made.coding["accountCode"], made.product_code, made.product_name) == ("6110", "T-9", "Toner")


def test_of_several_codes_the_accounts_own_number_counts_then_priority_then_the_lowest_code():
    codes = (rule("1000"), rule("6110"), rule("2000", priority=1))
    assert only_line(line(), known=basware(*codes)).coding["accountCode"] == "6110"
    assert only_line(line(), known=basware(codes[0], codes[2])).coding["accountCode"] == "2000"
    assert only_line(line(), known=basware(rule("3000"), codes[0])).coding["accountCode"] == "1000"


def test_a_linked_supplier_goes_before_a_mapped_one_and_that_before_the_vendor_number():
    mapped = rule("V-MAPPED", "101", Dimension.VENDOR)
    linked = basware(rule("6110"), mapped, vendor_codes={"101": ("V-LINKED",)})
    assert planned(order(), known=linked)[0].head.supplier_code == "V-LINKED"
    assert planned(order(), known=basware(rule("6110"), mapped))[0].head.supplier_code == "V-MAPPED"
    assert planned(order())[0].head.supplier_code == "V-1"


def test_a_vendor_basware_has_not_taken_yet_is_waited_for():
    (made,) = planned(order(), known=basware(waiting_vendors=frozenset({"101"})))
    assert [hold.cause for hold in made.holds] == [Cause.ORDER_VENDOR_UNKNOWN]


def test_an_order_that_basware_knows_keeps_its_number_against_an_older_one():
    known = basware(known=frozenset({order_code("cafe0123", "9")}))
    made = {one.quickbooks_id: one for one in planned(order(), order(id="9"), known=known)}
    assert made["9"].head is not None
    assert [hold.cause for hold in made["7"].holds] == [Cause.ORDER_NUMBER_TAKEN]


@given(
    ids=st.lists(st.text("0123456789", min_size=1, max_size=40), unique=True),
    line_id=st.text("0123456789", max_size=20),
)
def test_keys_of_orders_and_lines_fit_and_never_meet(ids, line_id):
    keys = [order_code("cafe0123", one) for one in ids] + [order_code("cafe0123", one, f"l{line_id}") for one in ids]
    assert all(len(key) <= 36 for key in keys)
    assert len(set(keys)) == len(keys)
