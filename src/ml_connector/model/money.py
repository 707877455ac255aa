"""Amounts are Decimal from the byte on the wire to the byte on the wire; this is the one place that rounds and prints them."""

from decimal import ROUND_HALF_UP, Decimal

# ISO 4217 currencies whose minor unit is not a hundredth.
_MINOR_UNITS = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0,
    "UGX": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
}  # fmt: skip

ZERO = Decimal(0)


def minor_unit(currency: str) -> Decimal:
    """The smallest payable amount of a currency: 0.01 for USD, 1 for JPY, 0.001 for KWD."""
    return Decimal(1).scaleb(-_MINOR_UNITS.get(currency.upper(), 2))


def round_money(amount: Decimal, currency: str) -> Decimal:
    """The amount to the currency's minor unit, halves away from zero, as invoices do."""
    return amount.quantize(minor_unit(currency), rounding=ROUND_HALF_UP)


def is_payable_amount(amount: Decimal, currency: str) -> bool:
    """Whether the amount can be paid exactly: it has no fraction below the currency's minor unit."""
    return amount == round_money(amount, currency)


_MOST_RANK = 2**62


def rank_of(amount: Decimal | None) -> int:
    """Where an amount stands among others, in ten-thousandths, for lists that are put in order by an index: databases that keep
    amounts as text cannot. 0 for none."""
    if amount is None or not amount.is_finite():
        return 0
    return max(-_MOST_RANK, min(_MOST_RANK, int(amount * 10_000)))


def format_money(amount: Decimal, currency: str) -> str:
    """The amount as people read it: thousands separators, the currency's decimals, and the currency's code behind."""
    return f"{round_money(amount, currency):,} {currency}"
