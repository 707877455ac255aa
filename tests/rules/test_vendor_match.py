"""Which vendor of QuickBooks one of Basware is: certain by what is unique, likely by the rest, and a name alone proves nothing."""

from datetime import UTC, datetime

import pytest

from ml_connector.model.vendors import CURRENCY, EMAIL, NAME, PHONE, TAX_ID, VendorNow
from ml_connector.rules.vendor_match import match, plain_name
from ml_connector.rules.vendor_names import Names, TakenName, free_code, name_in_quickbooks

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def vendor(key: str, name: str = "", *, code: str = "", tail: str = "", account: str = "", **values: str) -> VendorNow:
    """A vendor of either side."""
    return VendorNow(key=key, code=code, values={NAME: name, **values}, at=NOON, tax_tail=tail, account=account)


def certain(theirs: list[VendorNow], ours: list[VendorNow], **more) -> dict[str, str]:
    """Matches made by themselves, as ids by code."""
    found = match(theirs, ours, more.get("linked", {}), more.get("apart", {}))
    return {code: one.quickbooks_id for code, one in found.certain.items()}


def review(theirs: list[VendorNow], ours: list[VendorNow], **more) -> dict[str, list[str]]:
    """What a person has to look at, as ids by code."""
    found = match(theirs, ours, more.get("linked", {}), more.get("apart", {}))
    return {code: [one.quickbooks_id for one in some] for code, some in found.review.items()}


def test_the_vendor_code_is_the_vendor_number():
    assert certain([vendor("x", "Acme", code="V-1")], [vendor("7", "Other", code="v-1")]) == {"V-1": "7"}


def test_two_vendors_with_one_number_are_for_a_person():
    ours = [vendor("7", code="V-1"), vendor("8", code="V-1")]

    assert certain([vendor("x", code="V-1")], ours) == {}
    assert review([vendor("x", code="V-1")], ours) == {"V-1": ["7", "8"]}


def test_a_name_alone_is_never_certain():
    theirs, ours = [vendor("x", "ACME, Inc.", code="V-1")], [vendor("7", "Acme")]

    assert certain(theirs, ours) == {}
    assert review(theirs, ours) == {"V-1": ["7"]}


def test_name_and_e_mail_together_are_enough():
    theirs = [vendor("x", "ACME, Inc.", code="V-1", **{EMAIL: "AP@acme.example"})]

    assert certain(theirs, [vendor("7", "Acme", **{EMAIL: "ap@acme.example"})]) == {"V-1": "7"}


def test_another_currency_or_another_tax_id_needs_a_persons_eye():
    for ours in (
        vendor("7", "Acme", code="V-1", **{CURRENCY: "EUR"}),
        vendor("7", "Acme", code="V-1", tail="9999", **{CURRENCY: "USD"}),
    ):
        theirs = vendor("x", "Acme", code="V-1", **{CURRENCY: "USD", TAX_ID: "98-7654321"})
        assert certain([theirs], [ours]) == {}
        assert review([theirs], [ours]) == {"V-1": ["7"]}


def test_the_end_of_a_masked_tax_id_and_the_name_are_for_a_person():
    theirs = vendor("x", "Acme", code="V-1", **{TAX_ID: "98-7654321"})

    assert review([theirs], [vendor("7", "Acme Ltd", tail="4321")]) == {"V-1": ["7"]}


def test_what_was_linked_before_is_certain_whatever_else_speaks_for_another():
    ours = [vendor("7", "Acme"), vendor("8", "Other", code="V-1")]

    assert certain([vendor("x", "Other", code="V-1")], ours, linked={"V-1": "7"}) == {"V-1": "7"}


def test_whom_a_person_said_it_is_not_does_not_come_back():
    ours = [vendor("7", "Acme", code="V-1")]

    assert certain([vendor("x", "Acme", code="V-1")], ours, apart={"V-1": frozenset({"7"})}) == {}
    assert review([vendor("x", "Acme", code="V-1")], ours, apart={"V-1": frozenset({"7"})}) == {}


def test_one_vendor_of_quickbooks_that_is_certain_for_two_is_certain_for_neither():
    theirs = [vendor("x", code="V-1", **{TAX_ID: "1"}), vendor("y", code="V-2", **{TAX_ID: "1"})]
    ours = [vendor("7", code="", **{TAX_ID: "1"})]

    assert certain(theirs, ours) == {}
    assert review(theirs, ours) == {"V-1": ["7"], "V-2": ["7"]}


def test_a_phone_number_alone_is_not_worth_a_persons_time():
    theirs, ours = vendor("x", code="V-1", **{PHONE: "+1 503 555 0100"}), vendor("7", **{PHONE: "(503) 555-0100"})

    assert review([theirs], [ours]) == {}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ACME, Inc.", "Acme"),
        ("Hartwell & Sons", "Hartwell and Sons"),
        ("Café Zürich AG", "Cafe Zurich"),
        ("A.B.C. Ltd", "ABC"),
    ],
)
def test_names_are_compared_without_accents_punctuation_and_forms_of_company(one, other):
    assert plain_name(one) == plain_name(other)


def test_a_name_of_nothing_but_a_form_of_company_is_still_a_name():
    assert plain_name("The Company") == "the company"


# names in QuickBooks


NAMES = Names([("Acme", "vendor", "7"), ("Globex", "customer", "8"), ("Umbrella", "employee", "9")])


def named(name: str, policy: TakenName = TakenName.HOLD, **more) -> tuple[str | None, str]:
    """The name a vendor gets, and who has the one it should have."""
    return name_in_quickbooks(name, "V-1", NAMES, policy, latin1_only=False, **more)


def test_a_free_name_is_taken_as_it_is_and_characters_quickbooks_refuses_are_not():
    assert named("New: Paper\tLtd") == ("New Paper Ltd", "")


@pytest.mark.parametrize(
    ("name", "holder"), [("acme", "vendor 7"), ("Globex", "customer 8"), ("UMBRELLA", "employee 9")]
)
def test_a_name_that_a_vendor_customer_or_employee_has_waits_or_gets_the_code_behind_it(name, holder):
    assert named(name) == (None, holder)
    assert named(name, TakenName.SUFFIX) == (f"{name} (V-1)", holder)


def test_a_vendor_keeps_its_own_name_and_a_suffix_stays_once_it_is_there():
    assert named("Acme", vendor="7") == ("Acme", "")
    assert named("Free", TakenName.SUFFIX, vendor="5", shown="Free (V-1)") == ("Free (V-1)", "")


def test_a_name_with_a_suffix_is_never_too_long():
    long = "x" * 500
    names = Names([(long, "customer", "1")])
    made, _ = name_in_quickbooks(long, "V-1", names, TakenName.SUFFIX, latin1_only=False)

    assert made is not None
    assert len(made) == 500
    assert made.endswith(" (V-1)")


def test_the_vendor_code_is_the_number_if_it_is_free_and_fits_and_is_never_given_twice():
    given = free_code({"12": "V-1", "9": "V-1", "3": "", "4": "x" * 26, "5": "B-2"}, ["b-2", "QB3"], 25)

    assert given == {"9": "V-1", "12": "QB12", "3": "QB3-3", "4": "QB4", "5": "QB5"}
