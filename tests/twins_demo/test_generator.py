"""Generated firms: the same for the same seed, exact to the cent, and with as many problems as asked for."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twins.demo_company import Generated, generate, generate_with_expectations, setup

Json = dict[str, Any]
CLOSE_DATE = "2026-09-30T00:00:00"


def documents(firm: Generated) -> list[Json]:
    return list(firm.basware["accountingDocuments"])


def numbers_of_held(firm: Generated) -> list[str]:
    return [number for number, expected in firm.expected.items() if expected.kind == "held"]


@pytest.fixture(scope="module")
def sound() -> Generated:
    return generate_with_expectations(600, seed=7)


@pytest.fixture(scope="module")
def troubled() -> Generated:
    return generate_with_expectations(200, seed=11, problems=0.1)


def test_the_same_seed_gives_the_same_firm_and_another_seed_another() -> None:
    assert generate(40, 3, 5, 0.2) == generate(40, 3, 5, 0.2)
    assert generate(40, 3, 5, 0.2) != generate(40, 4, 5, 0.2)


@settings(max_examples=40, deadline=None)
@given(count=st.integers(0, 60), seed=st.integers(0, 2**32), vendors=st.integers(1, 12), problems=st.floats(0, 1))
def test_any_firm_has_the_asked_count_exact_sums_and_one_outcome_per_document(
    count: int, seed: int, vendors: int, problems: float
) -> None:
    firm = generate_with_expectations(count, seed, vendors, problems)
    waiting = documents(firm)
    assert len(waiting) == len(firm.expected) == count
    assert len(numbers_of_held(firm)) == round(count * problems)
    for document in waiting:
        expected = firm.expected[document["invoiceNumber"]]
        gap = document["grossSum"] - sum(line["grossTotal"] for line in document["codingRows"])
        assert gap == (Decimal("10.00") if expected.cause == "lines-differ-from-total" else 0)
        assert document["netSum"] + document["taxSum1"] == document["grossSum"]
        assert expected.total == abs(document["grossSum"])
        assert expected.total > 0


def test_without_problems_every_document_can_be_posted(
    sound: Generated, unknown_codes: Callable[[Json, Json], list[str]]
) -> None:
    typed_in = {bill["DocNumber"] for bill in sound.quickbooks["entities"]["Bill"]}
    assert numbers_of_held(sound) == []
    for document in documents(sound):
        assert unknown_codes(sound.quickbooks, document) == []
        assert document["voucherDate"] > CLOSE_DATE
        assert document["invoiceNumber"] not in typed_in


def test_kinds_are_mixed_and_follow_from_sign_and_offices(sound: Generated) -> None:
    kinds = Counter(expected.kind for expected in sound.expected.values())
    assert kinds.keys() == {"Bill", "VendorCredit", "JournalEntry"}
    assert kinds["Bill"] > 400
    for document in documents(sound):
        several = len({line["costCenterCode"] for line in document["codingRows"]}) > 1
        kind = "JournalEntry" if several else "VendorCredit" if document["grossSum"] < 0 else "Bill"
        assert sound.expected[document["invoiceNumber"]].kind == kind


def test_large_firms_bring_long_numbers_many_rows_and_tax(sound: Generated) -> None:
    waiting = documents(sound)
    assert any(len(document["invoiceNumber"]) > 21 for document in waiting)
    assert any(len(document["codingRows"]) == 30 for document in waiting)
    assert any(document["taxSum1"] for document in waiting)


def test_problems_are_real_and_take_turns(
    troubled: Generated, unknown_codes: Callable[[Json, Json], list[str]]
) -> None:
    causes = Counter(expected.cause for expected in troubled.expected.values() if expected.cause)
    kinds = ("account-not-mapped", "vendor-inactive", "period-closed", "duplicate-number", "lines-differ-from-total")
    assert causes == dict.fromkeys(kinds, 4)
    vendors = {vendor["Id"]: vendor.get("AcctNum") for vendor in troubled.quickbooks["entities"]["Vendor"]}
    typed_in = {
        (vendors[bill["VendorRef"]["value"]], bill["DocNumber"]) for bill in troubled.quickbooks["entities"]["Bill"]
    }
    for document in documents(troubled):
        found = set()
        for code in unknown_codes(troubled.quickbooks, document):
            found.add("vendor-inactive" if code == "supplierCode V-10009" else "account-not-mapped")
        if document["voucherDate"] <= CLOSE_DATE:
            found.add("period-closed")
        if (document["supplierCode"], document["invoiceNumber"]) in typed_in:
            found.add("duplicate-number")
        if document["grossSum"] != sum(line["grossTotal"] for line in document["codingRows"]):
            found.add("lines-differ-from-total")
        cause = troubled.expected[document["invoiceNumber"]].cause
        assert found == ({cause} if cause else set())


def test_identities_numbers_and_vendor_names_are_unique_in_a_large_firm() -> None:
    firm = generate_with_expectations(1500, seed=5, vendors=1200)
    waiting = documents(firm)
    vendors = firm.quickbooks["entities"]["Vendor"]
    for values in (
        [document["invoiceId"] for document in waiting],
        [document["invoiceNumber"] for document in waiting],
        [vendor["Id"] for vendor in vendors],
        [vendor["DisplayName"] for vendor in vendors],
    ):
        assert len(set(values)) == len(values)
    approved = [document["lastUpdated"] for document in waiting]
    assert approved == sorted(set(approved))


def test_generated_documents_obey_baswares_specification(
    troubled: Generated, schema_errors: Callable[[Json], list[str]]
) -> None:
    assert [error for document in documents(troubled)[:60] for error in schema_errors(document)] == []


def test_a_generated_firm_is_connected_with_the_demo_companys_setup(troubled: Generated) -> None:
    known = setup()
    assert troubled.quickbooks["realm_id"] == known["realm_id"]
    assert {document["companyCode"] for document in documents(troubled)} == {known["company_code"]}
    assert {name: troubled.basware[name] for name in known["basware"]} == known["basware"]


@pytest.mark.parametrize(("count", "vendors", "problems"), [(1, 1, 1.5), (1, 1, -0.1), (1, 0, 0.0), (-1, 1, 0.0)])
def test_impossible_wishes_are_refused(count: int, vendors: int, problems: float) -> None:
    with pytest.raises(ValueError, match=r"problems|supplier"):
        generate(count, 1, vendors, problems)
