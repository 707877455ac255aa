"""An amount as pieces at a price: QuickBooks' own check holds, the amount to the cent, the quantity to the piece."""

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ml_connector.rules.pieces import FRACTION, MOST, Pieces, in_pieces, one_piece

CENT = Decimal("0.01")
amounts = st.integers(-10_000_000_00, 10_000_000_00).map(lambda value: value * CENT)
quantities = st.integers(-50_000, 50_000).map(Decimal) | st.integers(-10_000_000, 10_000_000).map(
    lambda value: value * FRACTION
)
prices = st.none() | st.integers(0, 10_000_000).map(lambda value: value * FRACTION)


@settings(deadline=None)
@given(amounts, quantities.filter(bool), prices)
@example(Decimal("100000.01"), Decimal("0.00001"), None)  # once two lines that went past each other
def test_the_lines_come_to_the_amount_and_the_quantity_however_halves_are_rounded(amount, quantity, price):
    lines = in_pieces(amount, quantity, price)
    if not lines:  # only where one piece costs next to nothing, or more than QuickBooks can write
        assert not FRACTION <= abs(amount / quantity) <= MOST
        return
    assert sum(one.amount for one in lines) == amount
    assert abs(sum(one.quantity for one in lines)) == abs(quantity)
    for one in lines:
        product = one.quantity * one.unit_price
        assert {product.quantize(CENT, way) for way in (ROUND_HALF_UP, ROUND_HALF_EVEN)} == {one.amount}
        assert one.unit_price >= 0
        assert one.unit_price == one.unit_price.quantize(FRACTION)
        assert one.quantity * amount >= 0


@settings(deadline=None)
@given(amounts)
def test_an_amount_of_unknown_pieces_is_one_piece_with_its_sign(amount):
    one = one_piece(amount)
    assert (one.quantity * one.unit_price, abs(one.quantity)) == (amount, 1)


@pytest.mark.parametrize(
    ("amount", "quantity", "price", "lines"),
    [
        ("250", "5", None, [("250", "5", "50.00")]),
        ("61.73", "5", None, [("61.73", "5", "12.346")]),
        ("61.73", "5", "12.345", [("61.73", "5", "12.346")]),  # 61.725 is half a cent: nobody says which way it goes
        ("61.73", "5", "12.3465", [("61.73", "5", "12.3465")]),
        ("-250", "5", "50", [("-250", "-5", "50")]),
        ("1000", "3000", None, [("999.66", "2999", "0.33333"), ("0.34", "1", "0.34000")]),
        ("10", "0.5", None, [("10", "0.5", "20.00")]),
        ("0", "5", None, [("0", "5", "0.00")]),
        ("1", "300000000", None, []),
        ("1", "0", None, []),
        ("1", "NaN", None, []),
    ],
)
def test_examples_an_accountant_can_follow(amount, quantity, price, lines):
    found = in_pieces(Decimal(amount), Decimal(quantity), Decimal(price) if price else None)
    wanted = [Pieces(amount=Decimal(a), quantity=Decimal(q), unit_price=Decimal(p)) for a, q, p in lines]
    assert list(found) == wanted
