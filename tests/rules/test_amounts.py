"""What each row is worth: tax in the cost or on its own line, sums to the cent, rounding only where it is allowed."""

from decimal import Decimal

import msgspec
import pytest

from ml_connector.model.books import Account
from ml_connector.model.policy import SeveralLocations, UsTax

OWN_LINE = {"us_tax": UsTax.OWN_LINE, "tax_account_id": "40"}
ROUNDING = {"rounding_limit": Decimal("0.05"), "rounding_account_id": "41"}


def amounts(posting):
    return [(line.account_id, str(line.amount)) for line in posting.lines]


def test_tax_is_part_of_the_cost_when_a_row_has_a_gross_amount(office):
    document = office.invoice(office.row("108.00", net="100.00", tax="8.00"), net_sum="100.00", tax_sum="8.00")
    assert amounts(office.posted(document)) == [("10", "108.00")]


def test_a_row_without_gross_costs_its_net_plus_its_tax(office):
    document = office.invoice(office.row(net="100.00", tax="8.00"), total="108.00", net_sum="100.00", tax_sum="8.00")
    assert amounts(office.posted(document)) == [("10", "108.00")]


def test_a_row_with_net_alone_costs_its_net_when_the_invoice_has_no_tax(office):
    assert amounts(office.posted(office.invoice(office.row(net="100.00"), total="100.00"))) == [("10", "100.00")]


def test_the_invoices_tax_is_shared_among_rows_that_know_only_their_net(office):
    rows = [office.row(net="10.00"), office.row(net="10.00"), office.row(net="10.00", account="6200")]
    plan = office.plan(office.invoice(*rows, total="31.00", net_sum="30.00", tax_sum="1.00"))
    assert amounts(plan.postings[0]) == [("10", "10.34"), ("10", "10.33"), ("11", "10.33")]
    assert office.explained(plan, "row 1: amount").rule == "row net plus 0.34, its share of the invoice's tax"


def test_only_tax_that_no_row_accounts_for_is_shared(office):
    rows = [office.row("54.00", net="50.00", tax="4.00"), office.row(net="50.00")]
    document = office.invoice(*rows, total="110.00", net_sum="100.00", tax_sum="10.00")
    assert amounts(office.posted(document)) == [("10", "54.00"), ("10", "56.00")]


def test_tax_on_its_own_line_leaves_the_rows_net(office):
    document = office.invoice(
        office.row("54.00", net="50.00", tax="4.00", location="NYC"),
        office.row("54.00", net="50.00", tax="4.00", account="6200"),
        net_sum="100.00",
        tax_sum="8.00",
    )
    bill = office.posted(document, policy=OWN_LINE)
    assert amounts(bill) == [("10", "50.00"), ("11", "50.00"), ("40", "8.00")]
    assert (bill.lines[-1].class_id, bill.lines[-1].rows, bill.total) == ("", (), Decimal("108.00"))


def test_tax_on_its_own_line_of_a_journal_entry_has_neither_class_nor_location(office):
    document = office.invoice(
        office.row(net="50.00", tax="4.00", location="NYC"),
        office.row(net="50.00", tax="4.00", location="BOS"),
        total="108.00",
        tax_sum="8.00",
    )
    entry = office.posted(document, policy=OWN_LINE)
    assert amounts(entry) == [("10", "50.00"), ("10", "50.00"), ("40", "8.00"), ("33", "108.00")]
    assert (entry.lines[2].location_id, entry.lines[2].class_id) == ("", "")
    assert office.balance(entry) == 0


def test_tax_in_the_cost_of_a_journal_entry_stays_in_its_rows(office):
    document = office.invoice(
        office.row("54.00", net="50.00", location="NYC"),
        office.row("54.00", net="50.00", location="BOS"),
        tax_sum="8.00",
    )
    assert amounts(office.posted(document)) == [("10", "54.00"), ("10", "54.00"), ("33", "108.00")]


def test_tax_on_its_own_line_is_split_by_location_to_the_cent(office):
    rows = [office.row(net="10.00", location="NYC"), office.row(net="10.00", location="BOS"), office.row(net="10.00")]
    document = office.invoice(*rows, total="31.00", tax_sum="1.00")
    plan = office.plan(document, policy=OWN_LINE | {"several_locations": SeveralLocations.ONE_BILL_PER_LOCATION})
    assert [amounts(bill) for bill in plan.postings] == [
        [("10", "10.00"), ("10", "10.00"), ("40", "0.67")],
        [("10", "10.00"), ("40", "0.33")],
    ]
    assert sum(bill.total for bill in plan.postings) == Decimal("31.00")


@pytest.mark.parametrize(
    ("account", "why"),
    [("", "no account is set"), ("12", "inactive"), ("999", "no account with id"), ("34", "takes no lines")],
)
def test_tax_without_a_usable_account_is_held(office, account, why):
    document = office.invoice(office.row(net="100.00"), total="108.00", tax_sum="8.00")
    (hold,) = office.plan(document, policy=OWN_LINE | {"tax_account_id": account}).holds
    assert hold.cause.value == "tax-account-missing"
    assert why in hold.facts["why"]


def test_reverse_charge_tax_is_never_part_of_what_is_owed(office):
    row = office.row("125.00", net="100.00", tax_excluded="25.00")
    document = office.invoice(row, total="100.00", net_sum="100.00", tax_sum="0.00", tax_excluded_sum="25.00")
    assert amounts(office.posted(document)) == [("10", "100.00")]


def test_a_missing_total_is_net_plus_tax(office):
    plan = office.plan(office.invoice(office.row("108.00"), total=None, net_sum="100.00", tax_sum="8.00"))
    assert plan.postings[0].total == Decimal("108.00")
    assert "for want of grossSum" in office.explained(plan, "total").source


def test_a_document_without_any_total_is_held(office):
    assert office.causes(office.invoice(office.row("108.00"), total=None, tax_sum="8.00")) == {"missing-amount"}


def test_a_row_without_any_amount_is_held(office):
    (hold,) = office.plan(office.invoice(office.row("100.00"), office.row(None), total="100.00")).holds
    assert (hold.cause.value, hold.rows) == ("missing-amount", (2,))


def test_a_document_without_rows_is_held(office):
    document = office.invoice(total="100.00")
    assert office.causes(msgspec.structs.replace(document, rows=())) == {"no-coding-rows"}


def test_rows_over_nothing_are_kept_out_and_said_so(office):
    plan = office.plan(office.invoice(office.row("100.00"), office.row("0.00", account="unknown")))
    assert len(plan.postings[0].lines) == 1
    assert "kept out" in office.explained(plan, "row 2: amount").result


def test_lines_that_do_not_add_up_are_held_with_both_sums_and_the_difference(office):
    (hold,) = office.plan(office.invoice(office.row("990.00"), total="1000.00")).holds
    assert hold.cause.value == "lines-differ-from-total"
    assert hold.facts["lines"] == "990.00 USD"
    assert hold.facts["total"] == "1,000.00 USD"
    assert hold.facts["difference"] == "10.00 USD"


@pytest.mark.parametrize(("rows", "line"), [("99.95", "0.05"), ("100.05", "-0.05")])
def test_a_small_difference_goes_to_the_rounding_line(office, rows, line):
    bill = office.posted(office.invoice(office.row(rows), total="100.00"), policy=ROUNDING)
    assert amounts(bill) == [("10", rows), ("41", line)]
    assert bill.total == Decimal("100.00")


def test_the_rounding_line_of_a_credit_note_is_turned_with_it(office):
    credit = office.posted(office.invoice(office.row("-99.97"), total="-100.00"), policy=ROUNDING)
    assert amounts(credit) == [("10", "99.97"), ("41", "0.03")]


def test_the_rounding_line_of_a_journal_entry_keeps_it_balanced(office):
    document = office.invoice(office.row("60.01", location="NYC"), office.row("40.00", location="BOS"), total="100.00")
    entry = office.posted(document, policy=ROUNDING)
    assert office.balance(entry) == 0
    assert entry.total == Decimal("100.00")


def test_a_difference_above_the_limit_is_held(office):
    assert office.causes(office.invoice(office.row("99.94"), total="100.00"), policy=ROUNDING) == {
        "lines-differ-from-total"
    }


@pytest.mark.parametrize(
    ("account", "told"), [("", "no rounding account is set"), ("12", "inactive"), ("33", "takes no lines")]
)
def test_a_rounding_line_without_a_usable_account_is_held(office, account, told):
    policy = ROUNDING | {"rounding_account_id": account}
    (hold,) = office.plan(office.invoice(office.row("99.99"), total="100.00"), policy=policy).holds
    assert hold.cause.value == "lines-differ-from-total"
    assert told in hold.facts["rounding"]


def test_amounts_finer_than_a_cent_are_held_even_if_they_add_up(office):
    (hold,) = office.plan(office.invoice(office.row("33.335"), office.row("66.665"), total="100.00")).holds
    assert (hold.cause.value, hold.facts["amount"], hold.rows) == ("amount-precision", "33.335 USD", (1, 2))


def test_amounts_finer_than_a_cent_are_rounded_where_a_rounding_line_is_allowed(office):
    document = office.invoice(office.row("33.335"), office.row("66.665"), total="100.00")
    assert amounts(office.posted(document, policy=ROUNDING)) == [("10", "33.34"), ("10", "66.67"), ("41", "-0.01")]


def test_a_total_finer_than_a_cent_is_always_held(office):
    assert "amount-precision" in office.causes(office.invoice(office.row("100.00"), total="100.001"), policy=ROUNDING)


@pytest.mark.parametrize("amount", ["1E+30", "1E-30", "99999999999999999999.99", "NaN", "Infinity"])
def test_numbers_no_ledger_can_hold_are_held(office, amount):
    assert "amount-precision" in office.causes(office.invoice(office.row(amount), total="100.00"))
    assert "amount-precision" in office.causes(office.invoice(office.row("100.00"), total=amount))


def test_yen_have_no_cents(office):
    accounts = dict(office.books().accounts) | {
        "35": Account(id="35", name="A/P", type="Accounts Payable", currency="JPY")
    }
    books = office.books(home_currency="JPY", accounts={k: v for k, v in accounts.items() if k != "33"})
    assert office.posted(office.invoice(office.row("1000"), currency="JPY"), books=books).total == 1000
    assert "amount-precision" in office.causes(office.invoice(office.row("1000.50"), currency="JPY"), books=books)
