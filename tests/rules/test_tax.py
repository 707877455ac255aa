"""Tax outside the United States: codes by line and the document's own tax amounts by rate."""

from decimal import Decimal

import pytest

from ml_connector.model.mapping import Dimension, MappingRule
from ml_connector.model.policy import NonUsTax, SeveralLocations
from ml_connector.model.postings import TaxMode


@pytest.fixture
def norway(office):
    return office.books(country="NO", home_currency="USD")


def taxes(posting):
    return [(tax.rate_id, str(tax.net), str(tax.amount)) for tax in posting.tax_amounts]


def taxed(office, *rows, **given):
    return office.invoice(*rows, total=sum(row.net + (row.tax or 0) for row in rows), **given)


def test_lines_are_net_with_a_tax_code_each_and_the_documents_own_tax_by_rate(office, norway):
    document = taxed(
        office,
        office.row(net="100.00", tax="25.01", tax_code="V25"),
        office.row(net="10.00", tax="2.50", tax_code="V25"),
        office.row(net="5.00", tax="0.00", tax_code="V0"),
        tax_sum="27.51",
    )
    bill = office.posted(document, books=norway)
    assert bill.tax_mode is TaxMode.EXCLUDED
    assert [(str(line.amount), line.tax_code_id) for line in bill.lines] == [
        ("100.00", "5"),
        ("10.00", "5"),
        ("5.00", "6"),
    ]
    assert taxes(bill) == [("r0", "5.00", "0.00"), ("r25", "110.00", "27.51")]
    assert bill.total == Decimal("142.51")


def test_a_document_without_tax_and_codes_says_that_tax_does_not_apply(office, norway):
    bill = office.posted(office.invoice(office.row(net="100.00"), total="100.00"), books=norway)
    assert (bill.tax_mode, bill.tax_amounts, bill.lines[0].tax_code_id) == (TaxMode.NOT_APPLICABLE, (), "")


def test_a_row_that_names_the_zero_code_gets_it(office, norway):
    bill = office.posted(office.invoice(office.row(net="100.00", tax_code="V0"), total="100.00"), books=norway)
    assert (bill.tax_mode, bill.lines[0].tax_code_id) == (TaxMode.EXCLUDED, "6")


def test_a_taxed_document_needs_a_code_on_every_row(office, norway):
    document = taxed(
        office, office.row(net="100.00", tax="25.00", tax_code="V25"), office.row(net="10.00"), tax_sum="25.00"
    )
    (hold,) = office.plan(document, books=norway).holds
    assert (hold.cause.value, hold.rows) == ("tax-code-missing", (2,))


def test_an_unmapped_tax_code_is_held(office, norway):
    document = taxed(office, office.row(net="100.00", tax="25.00", tax_code="V99"), tax_sum="25.00")
    (hold,) = office.plan(document, books=norway).holds
    assert (hold.cause.value, hold.subject) == ("tax-code-not-mapped", "V99")


def test_a_tax_code_without_a_purchase_rate_is_held(office, norway):
    document = taxed(office, office.row(net="100.00", tax="25.00", tax_code="S25"), tax_sum="25.00")
    assert office.causes(document, books=norway) == {"tax-code-not-for-purchases"}


def test_an_inactive_or_vanished_tax_code_is_held(office, norway):
    rule = MappingRule(id="x", dimension=Dimension.TAX_CODE, code="GONE", target_id="404")
    document = taxed(office, office.row(net="100.00", tax="25.00", tax_code="GONE"), tax_sum="25.00")
    assert office.causes(document, books=norway, mapping=office.mapping(rule)) == {"tax-code-not-for-purchases"}


def test_tax_on_a_zero_rate_is_held(office, norway):
    document = taxed(office, office.row(net="100.00", tax="25.00", tax_code="V0"), tax_sum="25.00")
    assert office.causes(document, books=norway) == {"tax-differs"}


def test_tax_of_the_rows_that_is_not_the_documents_is_held(office, norway):
    document = office.invoice(
        office.row(net="100.00", tax="24.00", tax_code="V25"), total="125.00", net_sum="100.00", tax_sum="25.00"
    )
    (hold,) = office.plan(document, books=norway).holds
    assert (hold.cause.value, hold.facts["difference"]) == ("tax-differs", "1.00 USD")


def test_a_cent_of_tax_goes_to_the_largest_row_where_rounding_is_allowed(office, norway):
    rows = [office.row(net="100.00", tax="25.00", tax_code="V25"), office.row(net="1.00", tax="0.25", tax_code="V25")]
    document = office.invoice(*rows, total="126.26", net_sum="101.00", tax_sum="25.26")
    bill = office.posted(
        document, books=norway, policy={"rounding_limit": Decimal("0.02"), "rounding_account_id": "41"}
    )
    assert taxes(bill) == [("r25", "101.00", "25.26")]


def test_net_and_tax_that_do_not_make_the_total_are_held(office, norway):
    document = office.invoice(office.row(net="100.00", tax="25.00", tax_code="V25"), total="126.00", tax_sum="25.00")
    assert office.causes(document, books=norway) == {"lines-differ-from-total"}


def test_the_documents_tax_is_shared_by_rate_when_rows_know_only_their_net(office, norway):
    rows = [
        office.row(net="100.00", tax_percent="25", tax_code="V25"),
        office.row(net="100.00", tax_percent="0", tax_code="V0"),
    ]
    document = office.invoice(*rows, total="225.00", net_sum="200.00", tax_sum="25.00")
    assert taxes(office.posted(document, books=norway)) == [("r0", "100.00", "0.00"), ("r25", "100.00", "25.00")]


def test_a_code_of_two_rates_shares_the_tax_between_them(office, norway):
    document = taxed(office, office.row(net="100.00", tax="12.00", tax_code="GRP"), tax_sum="12.00")
    assert taxes(office.posted(document, books=norway)) == [("gst", "100.00", "5.00"), ("pst", "100.00", "7.00")]


def test_reverse_charge_is_owed_and_deducted_at_once(office, norway):
    row = office.row(net="100.00", tax="0.00", tax_excluded="25.00", tax_code="RC")
    bill = office.posted(taxed(office, row, tax_sum="0.00", tax_excluded_sum="25.00"), books=norway)
    assert taxes(bill) == [("rc+", "100.00", "25.00"), ("rc-", "100.00", "-25.00")]
    assert bill.total == Decimal("100.00")


def test_a_credit_notes_tax_is_positive_too(office, norway):
    document = taxed(office, office.row(net="-100.00", tax="-25.00", tax_code="V25"), tax_sum="-25.00")
    assert taxes(office.posted(document, books=norway)) == [("r25", "100.00", "25.00")]


def test_each_location_has_its_own_tax(office, norway):
    document = taxed(
        office,
        office.row(net="100.00", tax="25.00", tax_code="V25", location="NYC"),
        office.row(net="40.00", tax="10.00", tax_code="V25", location="BOS"),
        tax_sum="35.00",
    )
    plan = office.plan(document, books=norway, policy={"several_locations": SeveralLocations.ONE_BILL_PER_LOCATION})
    assert [(taxes(bill), str(bill.total)) for bill in plan.postings] == [
        ([("r25", "100.00", "25.00")], "125.00"),
        ([("r25", "40.00", "10.00")], "50.00"),
    ]


def journal(office):
    return taxed(
        office,
        office.row(net="100.00", tax="25.00", tax_code="V25", location="NYC"),
        office.row(net="40.00", tax="10.00", tax_code="V25", location="BOS"),
        tax_sum="35.00",
    )


def test_tax_of_a_journal_entry_goes_to_the_tax_account(office, norway):
    entry = office.posted(journal(office), books=norway, policy={"tax_account_id": "40"})
    told = [(line.account_id, str(line.amount), line.tax_code_id) for line in entry.lines]
    assert told == [("10", "100.00", ""), ("10", "40.00", ""), ("40", "35.00", ""), ("33", "175.00", "")]
    assert (entry.tax_mode, entry.tax_amounts, office.balance(entry)) == (TaxMode.NONE, (), 0)


def test_tax_of_a_journal_entry_without_a_tax_account_is_held(office, norway):
    assert office.causes(journal(office), books=norway) == {"tax-account-missing"}


def test_the_rounding_line_takes_the_zero_code(office, norway):
    document = office.invoice(office.row(net="100.00", tax="25.00", tax_code="V25"), total="125.01", tax_sum="25.00")
    bill = office.posted(
        document, books=norway, policy={"rounding_limit": Decimal("0.02"), "rounding_account_id": "41"}
    )
    assert (str(bill.lines[-1].amount), bill.lines[-1].tax_code_id) == ("0.01", "6")


def test_lines_show_amounts_with_tax_where_the_company_wants_it(office, norway):
    document = taxed(
        office,
        office.row(net="100.00", tax="25.01", tax_code="V25"),
        office.row(net="5.00", tax="0.00", tax_code="V0"),
        tax_sum="25.01",
    )
    plan = office.plan(document, books=norway, policy={"non_us_tax": NonUsTax.INCLUSIVE})
    (bill,) = plan.postings
    assert bill.tax_mode is TaxMode.INCLUSIVE
    assert [(str(line.amount), str(line.with_tax)) for line in bill.lines] == [("100.00", "125.01"), ("5.00", "5.00")]
    assert taxes(bill) == [("r0", "5.00", "0.00"), ("r25", "100.00", "25.01")]
    assert bill.total == Decimal("130.01")
    assert office.explained(plan, "tax").rule.endswith("lines shown with tax")


def test_a_rounding_line_has_no_tax_to_show(office, norway):
    document = office.invoice(office.row(net="100.00", tax="25.00", tax_code="V25"), total="125.02", tax_sum="25.00")
    policy = {
        "non_us_tax": NonUsTax.INCLUSIVE, "rounding_limit": Decimal("0.05"), "rounding_account_id": "41",
    }  # fmt: skip
    bill = office.posted(document, books=norway, policy=policy)
    assert [str(line.with_tax) for line in bill.lines] == ["125.00", "0.02"]


def test_in_the_united_states_no_tax_code_is_sent(office):
    bill = office.posted(
        office.invoice(office.row("108.00", net="100.00", tax="8.00", tax_code="TAX8"), tax_sum="8.00")
    )
    assert (bill.tax_mode, bill.lines[0].tax_code_id) == (TaxMode.NONE, "")
