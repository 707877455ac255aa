"""After posting: the invoice's tax, what the books have, and what QuickBooks would have computed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_connector.model.policy import NonUsTax
from ml_connector.model.postings import TaxMode
from ml_connector.model.tax_in_books import BookedTax, BookedTaxLine
from ml_connector.rules.tax_difference import compare_tax, is_beyond, tax_alert, tax_told


@pytest.fixture
def bill(office):
    document = office.invoice(
        office.row(net="100.00", tax="25.01", tax_code="V25"),
        office.row(net="10.00", tax="2.50", tax_code="V25"),
        total="137.51",
        tax_sum="27.51",
    )
    return office.posted(document, books=office.books(country="NO"))


def booked(*lines, total=None):
    made = tuple(
        BookedTaxLine(net=Decimal(net), percent=None if percent is None else Decimal(percent), amount=Decimal(amount))
        for net, percent, amount in lines
    )
    return BookedTax(total=Decimal(total) if total else sum(one.amount for one in made), lines=made)


def test_quickbooks_own_sum_is_net_by_percent_rate_by_rate(bill):
    tax = compare_tax(bill, booked(("110.00", "25", "27.51")))
    assert (tax.invoiced, tax.booked, tax.computed) == (Decimal("27.51"), Decimal("27.51"), Decimal("27.50"))
    assert (tax.not_as_sent, tax.difference) == (Decimal(0), Decimal("0.01"))
    assert (is_beyond(tax, Decimal("0.01")), is_beyond(tax, Decimal(0))) == (False, True)


def test_tax_that_no_percentage_gave_is_taken_as_it_is(bill):
    assert compare_tax(bill, booked(("110.00", None, "27.51"))).difference == 0


def test_books_that_differ_from_the_invoice_are_beyond_every_tolerance(bill):
    tax = compare_tax(bill, booked(("110.00", "25", "27.50")))
    assert tax.not_as_sent == Decimal("-0.01")
    assert is_beyond(tax, Decimal(1000))
    assert "not in QuickBooks as invoiced" in tax_alert("INV-1", "Bill 145", tax)


def test_an_answer_without_tax_is_a_booked_tax_of_zero(bill):
    tax = compare_tax(bill, None)
    assert (tax.booked, tax.computed, tax.not_as_sent) == (Decimal(0), Decimal(0), Decimal("-27.51"))


def test_where_quickbooks_keeps_no_tax_there_is_nothing_to_compare(office):
    assert compare_tax(office.posted(office.invoice()), None) is None


def test_what_is_told_has_every_amount(bill):
    told = tax_told(compare_tax(bill, booked(("110.00", "25", "27.51"))))
    assert told == (
        "invoiced 27.51 USD, in QuickBooks 27.51 USD, QuickBooks' own computation 27.50 USD, difference 0.01 USD"
    )


cents = st.integers(1, 10_000_000).map(lambda value: Decimal(value) / 100)


@given(rows=st.lists(st.tuples(cents, cents), min_size=1, max_size=6), inclusive=st.booleans())
def test_whatever_the_supplier_charged_is_what_is_sent_and_lines_with_tax_come_to_the_total(office, rows, inclusive):
    tax = sum(one for _, one in rows)
    document = office.invoice(
        *(office.row(net=net, tax=own, tax_code="V25") for net, own in rows),
        total=sum(net for net, _ in rows) + tax,
        tax_sum=tax,
    )
    policy = {"non_us_tax": NonUsTax.INCLUSIVE if inclusive else NonUsTax.EXCLUSIVE}
    posting = office.posted(document, books=office.books(country="NO"), policy=policy)
    assert posting.tax_mode is (TaxMode.INCLUSIVE if inclusive else TaxMode.EXCLUDED)
    answer = BookedTax(
        total=tax,
        lines=tuple(BookedTaxLine(net=one.net, percent=one.percent, amount=one.amount) for one in posting.tax_amounts),
    )
    compared = compare_tax(posting, answer)
    assert (compared.invoiced, compared.not_as_sent) == (tax, 0)
    if inclusive:
        assert sum(line.with_tax for line in posting.lines) == posting.total
    else:
        assert all(line.with_tax is None for line in posting.lines)
