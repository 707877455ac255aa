"""The tax of a posted transaction as three parties see it: the supplier, QuickBooks' books, and QuickBooks' arithmetic.

Amounts are positive, in the transaction's currency. Knows neither the wire nor what difference is too much.
"""

from decimal import Decimal

import msgspec


class BookedTaxLine(msgspec.Struct, frozen=True, kw_only=True):
    """Tax of one rate in QuickBooks' answer. `percent` is 25 for 25 %, None for an amount that no percentage gave."""

    net: Decimal
    percent: Decimal | None
    amount: Decimal


class BookedTax(msgspec.Struct, frozen=True, kw_only=True):
    """The tax of a transaction in QuickBooks' answer (TxnTaxDetail): its total, and what it is made of."""

    total: Decimal
    lines: tuple[BookedTaxLine, ...] = ()


class TaxComparison(msgspec.Struct, frozen=True, kw_only=True):
    """The same tax three times.

    `invoiced`: what the supplier invoiced, and what was sent. `booked`: what QuickBooks' books have. `computed`: net by percent,
    rate by rate, as QuickBooks would have come to by itself.
    """

    currency: str
    invoiced: Decimal
    booked: Decimal
    computed: Decimal

    @property
    def not_as_sent(self) -> Decimal:
        """What the books have too much of; anything but zero means that the open amount is not what is owed."""
        return self.booked - self.invoiced

    @property
    def difference(self) -> Decimal:
        """What the supplier invoiced beyond QuickBooks' own sum."""
        return self.invoiced - self.computed
