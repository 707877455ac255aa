"""Tax after posting: what the supplier invoiced, against what QuickBooks booked and what it would have computed.

Suppliers round in their own ways, so a cent or two is nothing. More hints at a wrong code, and that is told to a person; the
transaction stays as it is, since what is owed is what was invoiced.
"""

from decimal import Decimal

from ml_connector.model.money import ZERO, format_money, round_money
from ml_connector.model.postings import Posting, TaxMode
from ml_connector.model.tax_in_books import BookedTax, TaxComparison

WITH_CODES = {TaxMode.EXCLUDED, TaxMode.INCLUSIVE}
"""Ways of writing tax in which QuickBooks keeps tax on the transaction."""


def compare_tax(posting: Posting, booked: BookedTax | None) -> TaxComparison | None:
    """The tax of a posting against QuickBooks' answer; None where QuickBooks keeps no tax on it.

    An answer without tax to a posting with tax is a booked tax of zero: nothing is passed over because it is missing.
    """
    if posting.tax_mode not in WITH_CODES:
        return None
    tax = booked or BookedTax(total=ZERO)
    computed = sum(
        (
            line.amount if line.percent is None else round_money(line.net * line.percent / 100, posting.currency)
            for line in tax.lines
        ),
        ZERO,
    )
    invoiced = sum((one.amount for one in posting.tax_amounts), ZERO)
    return TaxComparison(currency=posting.currency, invoiced=invoiced, booked=tax.total, computed=computed)


def is_beyond(tax: TaxComparison, tolerance: Decimal) -> bool:
    """Whether a person has to know: the books differ from the invoice at all, or QuickBooks' own sum by more than allowed."""
    return bool(tax.not_as_sent) or abs(tax.difference) > tolerance


def tax_told(tax: TaxComparison) -> str:
    """The comparison as a person would say it."""
    amounts = f"invoiced {_money(tax, tax.invoiced)}, in QuickBooks {_money(tax, tax.booked)}"
    own = f"QuickBooks' own computation {_money(tax, tax.computed)}"
    return f"{amounts}, {own}, difference {_money(tax, tax.difference)}"


def tax_alert(invoice_number: str, transaction: str, tax: TaxComparison) -> str:
    """What a person is told about a difference beyond the tolerance, and what to do."""
    if tax.not_as_sent:
        return (
            f"Tax of invoice {invoice_number} is not in QuickBooks as invoiced ({transaction}): {tax_told(tax)}. "
            "The open amount is not what the supplier is owed. Correct the tax on the transaction in QuickBooks, and see "
            "that sales tax is switched on there: without it QuickBooks keeps to its own computation."
        )
    return (
        f"Tax of invoice {invoice_number} is far from QuickBooks' own computation ({transaction}): {tax_told(tax)}. "
        "It was posted as invoiced. See whether the tax codes of its rows are the right ones and correct them in Basware or in "
        "the mapping; if the supplier's tax is right, nothing is to be done."
    )


def _money(tax: TaxComparison, amount: Decimal) -> str:
    return format_money(amount, tax.currency)
