"""The tax of a transaction as QuickBooks answers it.

Shapes follow Intuit's API reference (TxnTaxDetail, TaxLineDetail). Compares nothing.
"""

from decimal import Decimal

from ml_connector.model.money import ZERO
from ml_connector.model.tax_in_books import BookedTax, BookedTaxLine
from ml_connector.quickbooks.records import Record, flag, members, number


def booked_tax(record: Record) -> BookedTax | None:
    """The tax of a bill or vendor credit; None where the record names none.

    Raises UnreadableError for amounts that are no numbers.
    """
    total = number(record, "TxnTaxDetail", "TotalTax")
    lines = tuple(_line(line) for line in members(record, "TxnTaxDetail", "TaxLine"))
    if total is None and not lines:
        return None
    return BookedTax(total=sum((line.amount for line in lines), ZERO) if total is None else total, lines=lines)


def _line(line: Record) -> BookedTaxLine:
    by_percent = flag(line, "TaxLineDetail", "PercentBased", absent=True)
    percent: Decimal | None = number(line, "TaxLineDetail", "TaxPercent") if by_percent else None
    return BookedTaxLine(
        net=number(line, "TaxLineDetail", "NetAmountTaxable") or ZERO,
        percent=percent,
        amount=number(line, "Amount") or ZERO,
    )
