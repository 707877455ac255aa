"""Shares of an amount add up to it to the cent, whatever the weights."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ml_connector.rules.shares import distribute

CENT = Decimal("0.01")
CENTS = st.integers(-(10**9), 10**9).map(lambda cents: cents * CENT)


def test_the_cent_left_over_goes_to_the_largest_remainder():
    assert distribute(Decimal("10.00"), [Decimal(1), Decimal(1), Decimal(1)], CENT) == [
        Decimal("3.34"),
        Decimal("3.33"),
        Decimal("3.33"),
    ]
    assert distribute(Decimal("1.00"), [Decimal(1), Decimal(2)], CENT) == [Decimal("0.33"), Decimal("0.67")]


def test_weights_of_no_sum_are_taken_without_their_sign_and_then_as_equal():
    assert distribute(Decimal("1.00"), [Decimal(3), Decimal(-3)], CENT) == [Decimal("0.50"), Decimal("0.50")]
    assert distribute(Decimal("1.00"), [Decimal(0), Decimal(0)], CENT) == [Decimal("0.50"), Decimal("0.50")]
    assert distribute(Decimal("1.00"), [], CENT) == []


@given(CENTS, st.lists(CENTS, min_size=1, max_size=30))
def test_shares_always_add_up_and_are_whole_cents(total, weights):
    shares = distribute(total, weights, CENT)
    assert sum(shares) == total
    assert all(share == share.quantize(CENT) for share in shares)


@given(CENTS, st.lists(st.integers(1, 10**6).map(Decimal), min_size=1, max_size=30))
def test_no_share_is_a_whole_cent_away_from_its_exact_proportion(total, weights):
    whole = sum(weights)
    for share, weight in zip(distribute(total, weights, CENT), weights, strict=True):
        assert abs(share * whole - total * weight) < CENT * whole
