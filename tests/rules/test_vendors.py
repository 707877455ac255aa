"""Which vendor a supplier is, and what happens when none is."""

import pytest

from ml_connector.model.books import Customer, Vendor
from ml_connector.model.mapping import Dimension, MappingRule
from ml_connector.model.policy import UnknownVendor
from ml_connector.model.postings import NewVendor, Outcome

CREATE = {"unknown_vendor": UnknownVendor.CREATE}


def with_vendors(office, *vendors, **given):
    return office.books(vendors={vendor.id: vendor for vendor in vendors}, **given)


def test_the_vendor_with_the_suppliers_code_as_number_is_taken(office):
    assert office.posted(office.invoice(supplier_code="v-1 ")).vendor_id == "71"


def test_a_link_comes_before_the_number(office):
    books = with_vendors(office, Vendor(id="71", name="A", number="V-1"), Vendor(id="75", name="B"))
    plan = office.plan(office.invoice(), books=books, vendor_links={"V-1": "75"})
    assert plan.postings[0].vendor_id == "75"
    assert office.explained(plan, "vendor").rule == "linked"


def test_a_mapping_rule_comes_before_the_number(office):
    books = with_vendors(office, Vendor(id="71", name="A", number="V-1"), Vendor(id="75", name="B"))
    rule = MappingRule(id="v", dimension=Dimension.VENDOR, code="V-1", target_id="75")
    assert office.posted(office.invoice(), books=books, mapping=office.mapping(rule)).vendor_id == "75"


@pytest.mark.parametrize("links", [{}, {"V-2": "72"}])
def test_an_inactive_vendor_is_held(office, links):
    (hold,) = office.plan(office.invoice(supplier_code="V-2"), vendor_links=links).holds
    assert (hold.cause.value, hold.facts["vendor"]) == ("vendor-inactive", "Sleeping Ltd (72)")


def test_a_link_to_a_vendor_that_quickbooks_no_longer_has_is_held(office):
    (hold,) = office.plan(office.invoice(), vendor_links={"V-1": "404"}).holds
    assert hold.cause.value == "vendor-unknown"
    assert "404" in hold.facts["why"]


def test_an_active_vendor_wins_over_an_inactive_one_of_the_same_number(office):
    books = with_vendors(
        office, Vendor(id="1", name="Old", number="V-1", active=False), Vendor(id="2", name="New", number="V-1")
    )
    assert office.posted(office.invoice(), books=books).vendor_id == "2"


def test_two_active_vendors_with_the_number_are_ambiguous(office):
    books = with_vendors(office, Vendor(id="1", name="One", number="V-1"), Vendor(id="2", name="Two", number="V-1"))
    (hold,) = office.plan(office.invoice(), books=books).holds
    assert (hold.cause.value, hold.facts["vendors"]) == ("vendor-ambiguous", "One (1), Two (2)")


def test_an_unknown_supplier_is_held_by_default(office):
    plan = office.plan(office.invoice(supplier_code="V-404"))
    assert plan.outcome is Outcome.HOLD
    assert [hold.cause.value for hold in plan.holds] == ["vendor-unknown"]


def test_an_unknown_supplier_is_created_by_policy(office):
    document = office.invoice(supplier_code="V-404", supplier_name="Łódź: Druk\tSp.")
    plan = office.plan(document, policy=CREATE)
    assert plan.outcome is Outcome.CREATE_VENDOR
    assert plan.new_vendor == NewVendor(display_name="Lódz Druk Sp.", number="V-404", company_name="Lódz Druk Sp.")
    assert plan.postings == ()


def test_no_vendor_is_created_for_a_document_that_is_held_anyway(office):
    plan = office.plan(office.invoice(office.row("1.00", account="nope"), supplier_code="V-404"), policy=CREATE)
    assert (plan.outcome, plan.new_vendor) == (Outcome.HOLD, None)
    assert [hold.cause.value for hold in plan.holds] == ["account-not-mapped"]


@pytest.mark.parametrize("name", ["Northwind Paper", "NORTHWIND PAPER", "Sleeping Ltd", "Big client", "Former client"])
def test_a_name_that_quickbooks_has_already_is_not_created_again(office, name):
    document = office.invoice(supplier_code="V-404", supplier_name=name)
    (hold,) = office.plan(document, policy=CREATE).holds
    assert hold.cause.value == "vendor-name-taken"
    assert hold.facts["taken"]


def test_a_supplier_without_name_or_code_cannot_be_created(office):
    assert office.causes(office.invoice(supplier_code="V-404", supplier_name=" \x00"), policy=CREATE) == {
        "vendor-unknown"
    }
    assert office.causes(office.invoice(supplier_code=" "), policy=CREATE) == {"vendor-unknown"}


def test_names_of_suppliers_never_decide(office):
    assert office.causes(office.invoice(supplier_code="V-404", supplier_name="Northwind Paper")) == {"vendor-unknown"}


def test_a_blank_vendor_number_is_nobodys_number(office):
    books = with_vendors(office, Vendor(id="1", name="One", number=" "))
    assert office.causes(office.invoice(supplier_code=""), books=books) == {"vendor-unknown"}


def test_customers_of_other_books_do_not_take_names(office):
    books = office.books(customers={"1": Customer(id="1", name="Somebody")})
    document = office.invoice(supplier_code="V-404", supplier_name="Big client")
    assert office.plan(document, books=books, policy=CREATE).outcome is Outcome.CREATE_VENDOR
