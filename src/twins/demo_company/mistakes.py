"""What goes wrong with invoices in real life: ways to spoil a good one, each with the cause for which it must be held.

Knows how an invoice looks before it is turned into a document, and nothing of who finds the mistake.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from twins.demo_company.chart import UNKNOWN_ACCOUNT
from twins.demo_company.documents import Invoice
from twins.demo_company.vendors import SUPPLIERS, Supplier

NOBODY = Supplier("V-19999", "", "Vantage Point Signage LLC", "NET30", "Albany", "NY")
"""A supplier that Basware knows and QuickBooks does not."""

UNKNOWN_OFFICE = "RNO"
"""A cost centre for an office that QuickBooks has no location for."""

_INACTIVE = SUPPLIERS[-1]


@dataclass(frozen=True)
class Mistake:
    """A cause, and what spoils a good invoice in dollars so that it has this cause and no other."""

    cause: str
    spoil: Callable[[Invoice], Invoice]


def _unknown_account(invoice: Invoice) -> Invoice:
    first, *rest = invoice.rows
    return replace(invoice, rows=(replace(first, account=UNKNOWN_ACCOUNT[0]), *rest))


def _inactive_vendor(invoice: Invoice) -> Invoice:
    return replace(invoice, supplier=_INACTIVE.code)


def _closed_period(invoice: Invoice) -> Invoice:
    return replace(invoice, dated=date(2026, 9, 25), voucher_date=date(2026, 9, 28))


def _typed_in_already(invoice: Invoice) -> Invoice:
    """Stays as it is: the bookkeeper has typed it in as well."""
    return invoice


def _wrong_sum(invoice: Invoice) -> Invoice:
    return replace(invoice, surplus=Decimal("10.00"))


def _unknown_vendor(invoice: Invoice) -> Invoice:
    return replace(invoice, supplier=NOBODY.code)


def _unknown_office(invoice: Invoice) -> Invoice:
    return replace(invoice, rows=tuple(replace(line, office=UNKNOWN_OFFICE) for line in invoice.rows))


def _comes_to_nothing(invoice: Invoice) -> Invoice:
    first = invoice.rows[0]
    return replace(invoice, rows=(replace(first, net=Decimal("0.00")),))


TYPED_IN = Mistake("duplicate-number", _typed_in_already)

MISTAKES = (
    Mistake("account-not-mapped", _unknown_account),
    Mistake("vendor-inactive", _inactive_vendor),
    Mistake("period-closed", _closed_period),
    TYPED_IN,
    Mistake("lines-differ-from-total", _wrong_sum),
    Mistake("vendor-unknown", _unknown_vendor),
    Mistake("location-not-mapped", _unknown_office),
    Mistake("zero-total", _comes_to_nothing),
)
"""In the order in which they take turns."""
