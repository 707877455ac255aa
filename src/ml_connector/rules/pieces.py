"""So many pieces at such a price: an amount as QuickBooks wants it on an item line, exact to the cent.

QuickBooks refuses an item line whose amount is not quantity times price (error 6070). The amount always wins: the price follows
from it, and where no price of QuickBooks' digits gives it, the last pieces stand on a line of their own. Knows nothing of items.
"""

from collections.abc import Iterator
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

import msgspec

from ml_connector.model.money import ZERO

FRACTION = Decimal("0.00001")
"""Smallest part of a price or of a quantity (Intuit's entity reference: amounts of "10.5 format")."""

MOST = Decimal(10) ** 10
"""Largest quantity, and largest price of one piece where there are several (the same reference)."""

_CENT = Decimal("0.01")
_HALF_CENT = Decimal("0.005")
_MOST_APART = 9


class Pieces(msgspec.Struct, frozen=True, kw_only=True):
    """Part of an amount: pieces, with its sign, and the price of one, never negative."""

    amount: Decimal
    quantity: Decimal
    unit_price: Decimal


def one_piece(amount: Decimal) -> Pieces:
    """An amount of which nobody knows how many pieces it is for."""
    return Pieces(amount=amount, quantity=Decimal(-1 if amount < 0 else 1), unit_price=abs(amount))


def in_pieces(amount: Decimal, quantity: Decimal, price: Decimal | None = None) -> tuple[Pieces, ...]:
    """An amount in cents as pieces: one line at `price` if that gives it, at the shortest price that does, or two lines.

    The lines add up to the amount and to the quantity, taken with the amount's sign. Empty where that cannot be done: no
    quantity, or one piece costs less, or more, than QuickBooks has digits for.
    """
    count = abs(quantity)
    if not count.is_finite() or not ZERO < count <= MOST or count != count.quantize(FRACTION):
        return ()
    sign, owed = (-1 if amount < 0 else 1), abs(amount)
    for candidate in _prices(owed, count, price):
        if candidate <= MOST and _gives(candidate, count, owed):
            return (Pieces(amount=amount, quantity=sign * count, unit_price=candidate),)
    return tuple(
        Pieces(amount=sign * part, quantity=sign * pieces, unit_price=at) for part, pieces, at in _apart(owed, count)
    )


def _prices(owed: Decimal, count: Decimal, price: Decimal | None) -> Iterator[Decimal]:
    if price is not None and price.is_finite() and ZERO <= price <= MOST and price == price.quantize(FRACTION):
        yield price
    for digits in range(2, 6):
        yield (owed / count).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def _gives(price: Decimal, count: Decimal, owed: Decimal) -> bool:
    """Whether the product is the amount whichever way halves of a cent are rounded: QuickBooks does not say which."""
    return abs(price * count - owed) < _HALF_CENT


def _apart(owed: Decimal, count: Decimal) -> list[tuple[Decimal, Decimal, Decimal]]:
    """Nearly all pieces at a price rounded down, and the last few at the price that makes up for it."""
    price = (owed / count).quantize(FRACTION, ROUND_DOWN)
    if not ZERO < price <= MOST or count <= _MOST_APART:
        return []
    for last in map(Decimal, range(1, _MOST_APART + 1)):
        most = (price * (count - last)).quantize(_CENT, ROUND_HALF_UP)
        rest = owed - most
        at = (rest / last).quantize(FRACTION, ROUND_HALF_UP)
        if rest >= 0 and _gives(price, count - last, most) and _gives(at, last, rest):
            return [(most, count - last, price), (rest, last, at)]
    return []
