"""Proposals at first connect: what is obvious to a person, and nothing else."""

import pytest

from ml_connector.model.books import Account, Customer, Term
from ml_connector.model.mapping import Dimension
from ml_connector.rules.propose import propose


def proposed(office, dimension, *codes, books=None):
    return [(one.code, one.target_id, one.confidence) for one in propose(codes, books or office.books(), dimension)]


def test_accounts_match_by_number(office):
    (one,) = propose([("6100", "Something else")], office.books(), Dimension.ACCOUNT)
    assert (one.target_id, one.target_name, one.confidence) == ("10", "6100 Office supplies", "certain")
    assert one.why == "same account number"


def test_an_account_of_the_same_name_but_another_number_is_only_likely(office):
    assert proposed(office, Dimension.ACCOUNT, ("9999", "travel")) == [("9999", "11", "likely")]


def test_leading_zeros_make_a_number_likely(office):
    assert proposed(office, Dimension.ACCOUNT, ("006100", "")) == [("006100", "10", "likely")]


@pytest.mark.parametrize("code", ["6900", "2000", "1200"])
def test_inactive_and_unpostable_accounts_are_never_proposed(office, code):
    assert proposed(office, Dimension.ACCOUNT, (code, "")) == []


def test_locations_and_classes_match_by_code_or_name(office):
    assert proposed(office, Dimension.LOCATION, ("NYC", "New York"), ("BOSTON", ""), ("X", "Elsewhere")) == [
        ("NYC", "1", "certain"),
        ("BOSTON", "2", "certain"),
    ]
    assert proposed(office, Dimension.CLASS, ("C1", "audit")) == [("C1", "5000000000000000100", "certain")]


def test_terms_match_however_they_are_punctuated(office):
    assert proposed(office, Dimension.TERM, ("NET30", "")) == [("NET30", "3", "likely")]
    assert proposed(office, Dimension.TERM, ("N30", "Net 30")) == [("N30", "3", "certain")]


def test_vendors_match_by_number_before_name(office):
    assert proposed(office, Dimension.VENDOR, ("V-1", "Big client")) == [("V-1", "71", "certain")]
    assert proposed(office, Dimension.VENDOR, ("V-9", "Northwind Paper")) == [("V-9", "71", "likely")]


def test_two_equally_good_matches_are_no_match(office):
    customers = {
        id_: Customer(id=id_, name="Acme", full_name=f"{parent}:Acme") for id_, parent in (("1", "A"), ("2", "B"))
    }
    books = office.books(customers=customers)
    assert proposed(office, Dimension.CUSTOMER, ("P", "Acme"), books=books) == []
    assert proposed(office, Dimension.CUSTOMER, ("P", "B:Acme"), books=books) == [("P", "2", "certain")]


def test_tax_codes_match_by_name(office):
    assert proposed(office, Dimension.TAX_CODE, ("25%", "")) == [("25%", "5", "certain")]


def test_blank_codes_and_names_match_nothing(office):
    books = office.books(
        accounts={"1": Account(id="1", name="No number", type="Expense")}, terms={"1": Term(id="1", name="---")}
    )
    assert proposed(office, Dimension.ACCOUNT, ("", ""), ("0", ""), books=books) == []
    assert proposed(office, Dimension.TERM, ("...", ""), books=books) == []
