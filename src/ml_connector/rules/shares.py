"""Splitting an amount so that its shares add up to it, and telling which numbers can be amounts at all."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

MOST_DIGITS = 15
"""Digits QuickBooks keeps of an amount (Intuit's entity reference: "max 15 digits in 10.5 format")."""


def is_usable(amount: Decimal) -> bool:
    """Whether an amount is a number of a size that can be booked at all."""
    if not amount.is_finite():
        return False
    _, digits, exponent = amount.as_tuple()
    return not any(digits) or (amount.adjusted() < MOST_DIGITS and int(exponent) >= -MOST_DIGITS)


def distribute(total: Decimal, weights: Sequence[Decimal], unit: Decimal) -> list[Decimal]:
    """Split `total` (whole units) in proportion to the weights so that the shares add up to it exactly.

    Largest remainder method: every share is cut down to whole units, and the units left over go to the largest
    remainders, the earliest first among equals. Weights of no sum are taken without their sign, then as equal.
    """
    if not weights:
        return []
    if total < 0:  # a credit note is split exactly as its invoice
        return [-share for share in distribute(-total, weights, unit)]
    exact = [Fraction(weight) for weight in weights]
    if not sum(exact):
        exact = [abs(weight) for weight in exact]
    whole = sum(exact)
    if not whole:
        exact, whole = [Fraction(1)] * len(exact), Fraction(len(exact))
    units = int(Fraction(total) / Fraction(unit))
    shares = [units * weight / whole for weight in exact]
    floors = [share.numerator // share.denominator for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda place: (floors[place] - shares[place], place))
    for place in by_remainder[: units - sum(floors)]:
        floors[place] += 1
    return [floor * unit for floor in floors]
