"""Currencies, exchange rates and the payable account."""

from decimal import Decimal

import pytest

from ml_connector.model.books import Account, Vendor
from ml_connector.model.holds import Who
from ml_connector.model.policy import RateSource, UnknownVendor
from ml_connector.rules.causes import describe

AP = "Accounts Payable"


def world(office, *, vendor="EUR", accounts=(("33", "USD"), ("36", "EUR")), **given):
    """A company with two currencies."""
    chart = {"10": Account(id="10", name="Office supplies", type="Expense")}
    chart |= {id_: Account(id=id_, name=f"A/P {currency}", type=AP, currency=currency) for id_, currency in accounts}
    vendors = {"71": Vendor(id="71", name="Northwind", number="V-1", currency=vendor)}
    return office.books(multicurrency=True, accounts=chart, vendors=vendors, **given)


def euros(office, **given):
    return office.invoice(**({"currency": "EUR", "company_currency": "USD", "exchange_rate": "1.0945"} | given))


def test_a_foreign_bill_carries_the_documents_rate_and_the_payable_account_of_its_currency(office):
    bill = office.posted(euros(office), books=world(office))
    assert (bill.currency, bill.exchange_rate, bill.payable_account_id, bill.multicurrency) == (
        "EUR",
        Decimal("1.0945"),
        "36",
        True,
    )


def test_a_home_currency_bill_has_no_rate(office):
    bill = office.posted(office.invoice(exchange_rate="1.0"), books=world(office, vendor="USD"))
    assert (bill.exchange_rate, bill.payable_account_id) == (None, "33")


def test_the_rate_can_come_from_quickbooks(office):
    policy = {"rate_source": RateSource.QUICKBOOKS}
    bill = office.posted(euros(office), books=world(office), policy=policy, quickbooks_rates={"EUR": Decimal("1.1")})
    assert bill.exchange_rate == Decimal("1.1")


@pytest.mark.parametrize("rate", [None, "0", "-1", "NaN"])
def test_a_foreign_bill_without_a_usable_rate_is_never_sent(office, rate):
    (hold,) = office.plan(euros(office, exchange_rate=rate), books=world(office)).holds
    assert hold.cause.value == "exchange-rate-missing"
    assert describe(hold).who is Who.AP_TEAM


def test_a_rate_that_quickbooks_lacks_is_not_taken_from_the_document(office):
    (hold,) = office.plan(euros(office), books=world(office), policy={"rate_source": RateSource.QUICKBOOKS}).holds
    assert hold.cause.value == "exchange-rate-missing"
    assert describe(hold).who is Who.ACCOUNTANT


def test_a_rate_into_another_currency_than_the_books_is_no_rate(office):
    (hold,) = office.plan(euros(office, company_currency="GBP"), books=world(office)).holds
    assert (hold.cause.value, describe(hold).who) == ("exchange-rate-missing", Who.ADMINISTRATOR)


def test_a_foreign_document_in_a_company_of_one_currency_is_held_for_that_alone(office):
    assert office.causes(euros(office)) == {"currency-not-enabled"}


def test_a_vendor_kept_in_another_currency_is_held(office):
    (hold,) = office.plan(euros(office), books=world(office, vendor="USD")).holds
    assert (hold.cause.value, hold.facts["vendor_currency"]) == ("vendor-currency-differs", "USD")


def test_a_home_currency_document_of_a_foreign_vendor_is_held(office):
    assert office.causes(office.invoice(), books=world(office)) == {"vendor-currency-differs"}


def test_of_two_vendors_with_one_number_the_one_in_the_documents_currency_is_taken(office):
    books = world(office)
    vendors = dict(books.vendors) | {"72": Vendor(id="72", name="Northwind USD", number="V-1", currency="USD")}
    books = type(books)(preferences=books.preferences, accounts=books.accounts, vendors=vendors)
    assert office.posted(euros(office), books=books).vendor_id == "71"
    assert office.posted(office.invoice(), books=books).vendor_id == "72"


def test_a_currency_without_a_payable_account_is_held(office):
    assert office.causes(euros(office), books=world(office, accounts=(("33", "USD"),))) == {"payable-account-missing"}


def test_several_payable_accounts_of_a_currency_are_ambiguous_until_the_policy_names_one(office):
    books = world(office, accounts=(("33", "USD"), ("36", "EUR"), ("37", "EUR")))
    (hold,) = office.plan(euros(office), books=books).holds
    assert hold.cause.value == "payable-account-missing"
    assert "A/P EUR (36), A/P EUR (37)" in hold.facts["why"]
    assert (
        office.posted(euros(office), books=books, policy={"payable_account_ids": {"EUR": "37"}}).payable_account_id
        == "37"
    )


@pytest.mark.parametrize(("named", "why"), [("404", "does not have"), ("10", "of type Expense"), ("33", "kept in USD")])
def test_a_payable_account_of_the_policy_must_fit(office, named, why):
    (hold,) = office.plan(euros(office), books=world(office), policy={"payable_account_ids": {"EUR": named}}).holds
    assert hold.cause.value == "payable-account-missing"
    assert why in hold.facts["why"]


def test_an_inactive_payable_account_is_not_used(office):
    accounts = dict(office.books().accounts) | {"33": Account(id="33", name="A/P", type=AP, active=False)}
    assert office.causes(office.invoice(), books=office.books(accounts=accounts)) == {"payable-account-missing"}
    policy = {"payable_account_ids": {"USD": "33"}}
    (hold,) = office.plan(office.invoice(), books=office.books(accounts=accounts), policy=policy).holds
    assert "inactive" in hold.facts["why"]


def test_an_expense_account_in_a_third_currency_takes_no_lines(office):
    books = world(office)
    accounts = dict(books.accounts) | {"10": Account(id="10", name="Bank GBP", type="Bank", currency="GBP")}
    books = type(books)(preferences=books.preferences, accounts=accounts, vendors=books.vendors)
    assert office.causes(euros(office), books=books) == {"account-not-postable"}


def test_a_vendor_to_create_gets_the_documents_currency_where_several_are_used(office):
    plan = office.plan(
        euros(office, supplier_code="V-9"), books=world(office), policy={"unknown_vendor": UnknownVendor.CREATE}
    )
    assert plan.new_vendor.currency == "EUR"
