"""Rows on a QuickBooks item instead of an account: which, whether it can be bought, how many at what price."""

from decimal import Decimal

import pytest

from ml_connector.model.mapping import Dimension, MappingRule
from ml_connector.model.policy import NonUsTax, Sources, StockWithoutQuantity
from ml_connector.model.postings import TaxMode
from ml_connector.rules.coding import NOT_BOUGHT
from ml_connector.rules.propose import propose

ON = {"sources": Sources(item="productCode")}


def pieces_of(posting):
    return [(line.item_id, line.quantity, line.unit_price, line.amount) for line in posting.lines]


def row_of(office, gross, item, quantity=None, price=None, **given):
    quantities = {} if quantity is None else {"matchedQuantity": Decimal(quantity)}
    prices = {} if price is None else {"orderedNetPrice": Decimal(price)}
    return office.row(gross, item=item, quantities=quantities, prices=prices, **given)


def test_a_row_with_a_mapped_product_is_posted_on_the_item(office):
    document = office.invoice(row_of(office, "250.00", "TONER", "5", "50"), office.row("10.00"))
    bill = office.posted(document, policy=ON)
    assert pieces_of(bill) == [("302", 5, 50, Decimal(250)), ("", None, None, Decimal(10))]
    assert [line.account_id for line in bill.lines] == ["10", "10"]


def test_the_account_code_of_a_row_on_an_item_is_not_asked_for(office):
    row = row_of(office, "250.00", "CONS", account="nope")
    plan = office.plan(office.invoice(row), policy=ON)
    assert plan.holds == ()
    assert office.explained(plan, "row 1: account").result == "6200 Travel (11)"
    assert office.explained(plan, "row 1: item").result == "Consulting (301)"


def test_items_are_off_until_a_field_is_named_for_them(office):
    bill = office.posted(office.invoice(row_of(office, "250.00", "nope", "5")))
    assert pieces_of(bill) == [("", None, None, Decimal(250))]


def test_a_rule_may_leave_a_product_to_the_rows_account(office):
    rule = MappingRule(id="rest", dimension=Dimension.ITEM, target_id="", is_default=True)
    document = office.invoice(row_of(office, "250.00", "nope"), row_of(office, "10.00", "CONS"))
    bill = office.posted(document, policy=ON, mapping=office.mapping(rule))
    assert [line.item_id for line in bill.lines] == ["", "301"]


@pytest.mark.parametrize(
    ("code", "cause", "said"),
    [
        ("nope", "item-not-mapped", None),
        ("OLD", "item-inactive", None),
        ("CAT", "item-not-purchasable", NOT_BOUGHT["Category"]),
        ("SET", "item-not-purchasable", NOT_BOUGHT["Group"]),
        ("SALES", "item-not-purchasable", "it has no expense account"),
        ("LOST", "item-not-purchasable", "its account 6900 Old expenses is inactive"),
        ("CHAIR", "item-quantity-missing", "Basware gives no matchedQuantity"),
    ],
)
def test_a_product_that_leads_to_no_usable_item_is_held_with_its_row(office, code, cause, said):
    (hold,) = office.plan(office.invoice(office.row("1.00"), row_of(office, "50.00", code)), policy=ON).holds
    assert (hold.cause.value, hold.rows, hold.facts.get("why")) == (cause, (2,), said)


def test_a_quantity_that_basware_does_not_give_is_one_piece_at_the_whole_amount(office):
    plan = office.plan(office.invoice(row_of(office, "99.95", "TONER")), policy=ON)
    assert pieces_of(plan.postings[0]) == [("302", 1, Decimal("99.95"), Decimal("99.95"))]
    assert office.explained(plan, "row 1: quantity").source == "no matchedQuantity on row 1"
    assert office.explained(plan, "row 1: quantity").result == "1 x 99.95"


def test_a_stock_item_without_a_quantity_counts_one_piece_where_the_company_says_so(office):
    policy = ON | {"stock_without_quantity": StockWithoutQuantity.ONE_PIECE}
    bill = office.posted(office.invoice(row_of(office, "99.95", "CHAIR")), policy=policy)
    assert pieces_of(bill) == [("303", 1, Decimal("99.95"), Decimal("99.95"))]


def test_the_amount_wins_over_the_price_basware_gives(office):
    """Tax in the cost of a US line makes a piece cost more than its net price."""
    plan = office.plan(office.invoice(row_of(office, "272.19", "TONER", "5", "50")), policy=ON)
    assert pieces_of(plan.postings[0]) == [("302", 5, Decimal("54.438"), Decimal("272.19"))]
    assert office.explained(plan, "row 1: quantity").rule == "price from the amount"


def test_the_price_basware_gives_is_kept_where_it_gives_the_amount(office):
    plan = office.plan(office.invoice(row_of(office, "61.73", "TONER", "5", "12.3465")), policy=ON)
    assert pieces_of(plan.postings[0]) == [("302", 5, Decimal("12.3465"), Decimal("61.73"))]
    assert office.explained(plan, "row 1: quantity").rule == "orderedNetPrice as it is"


def test_a_price_that_is_no_number_is_no_price(office):
    plan = office.plan(office.invoice(row_of(office, "100.00", "TONER", "5", "sNaN")), policy=ON)
    assert pieces_of(plan.postings[0]) == [("302", 5, Decimal(20), Decimal(100))]
    assert office.explained(plan, "row 1: quantity").rule == "price from the amount"


def test_where_no_price_gives_the_amount_the_last_piece_stands_apart(office):
    (bill,) = office.plan(office.invoice(row_of(office, "1000.00", "CHAIR", "3000")), policy=ON).postings
    assert [(line.quantity, line.unit_price, line.amount) for line in bill.lines] == [
        (2999, Decimal("0.33333"), Decimal("999.66")),
        (1, Decimal("0.34"), Decimal("0.34")),
    ]
    assert {line.rows for line in bill.lines} == {(1,)}


def test_pieces_that_stand_apart_share_the_tax_shown_on_their_lines(office):
    row = row_of(office, None, "TONER", "3000", net="1000.00", tax="250.00", tax_code="V25")
    document = office.invoice(row, total="1250.00", net_sum="1000.00", tax_sum="250.00")
    policy = ON | {"non_us_tax": NonUsTax.INCLUSIVE}
    bill = office.posted(document, policy=policy, books=office.books(country="NO"))
    assert bill.tax_mode is TaxMode.INCLUSIVE
    assert sum(line.with_tax for line in bill.lines) == bill.total == Decimal(1250)
    assert len(bill.lines) == 2


def test_a_credit_note_gives_the_pieces_back(office):
    row = row_of(office, "-250.00", "CHAIR", "-5", "50")
    credit = office.posted(office.invoice(row), policy=ON)
    assert credit.type.value == "VendorCredit"
    assert pieces_of(credit) == [("303", 5, 50, Decimal(250))]


def test_a_returned_piece_on_an_invoice_counts_against_the_others(office):
    rows = [row_of(office, "250.00", "CHAIR", "5", "50"), row_of(office, "-50.00", "CHAIR", "1", "50")]
    bill = office.posted(office.invoice(*rows), policy=ON)
    assert [(line.quantity, line.unit_price) for line in bill.lines] == [(5, 50), (-1, 50)]


def test_a_journal_entry_has_the_items_account_in_its_place(office):
    rows = [row_of(office, "250.00", "CONS", location="NYC"), office.row("10.00", location="BOS")]
    plan = office.plan(office.invoice(*rows), policy=ON)
    (entry,) = plan.postings
    assert [(line.item_id, line.account_id) for line in entry.lines] == [("", "11"), ("", "10"), ("", "33")]
    assert any(one.rule == "a journal entry has no items" for one in plan.explanations)


def test_stock_is_not_booked_by_journal_entry(office):
    rows = [row_of(office, "250.00", "CHAIR", "5", location="NYC"), office.row("10.00", location="BOS")]
    (hold,) = office.plan(office.invoice(*rows), policy=ON).holds
    assert (hold.cause.value, hold.rows) == ("item-needs-bill", (1,))


def test_another_field_may_hold_the_quantity(office):
    row = office.row("250.00", item="CHAIR", quantities={"num2": Decimal(4), "matchedQuantity": Decimal(5)})
    policy = {"sources": Sources(item="productCode", quantity="num2")}
    assert pieces_of(office.posted(office.invoice(row), policy=policy)) == [
        ("303", 4, Decimal("62.5"), Decimal(250)),
    ]


def test_products_are_proposed_by_sku_and_name_and_only_items_that_can_be_bought(office):
    codes = [("T-1", "Toner black"), ("X-9", "Consulting"), ("Audit hours", ""), ("Office set", "")]
    found = {one.code: one.target_id for one in propose(codes, office.books(), Dimension.ITEM)}
    assert found == {"T-1": "302", "X-9": "301"}
