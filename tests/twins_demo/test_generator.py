"""Generated firms: the same for the same seed, exact to the cent, and with as many problems as asked for."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twins.demo_company import Generated, Wishes, generate, setup
from twins.demo_company.mistakes import MISTAKES
from twins.demo_company.trades import UNITED_STATES, supplier_name

Json = dict[str, Any]
CLOSE_DATE = "2026-09-30T00:00:00"
CAUSE_OF_CODE = {
    "accountCode": "account-not-mapped",
    "costCenterName": "location-not-mapped",
    "supplierCode": "vendor-unknown",
    "supplierCode V-10009": "vendor-inactive",
}


def documents(firm: Generated) -> list[Json]:
    return list(firm.basware["accountingDocuments"])


def numbers_of_held(firm: Generated) -> list[str]:
    return [number for number, expected in firm.expected.items() if expected.kind == "held"]


@pytest.fixture(scope="module")
def sound() -> Generated:
    return generate(Wishes(600, seed=7))


@pytest.fixture(scope="module")
def troubled() -> Generated:
    return generate(Wishes(200, seed=11, problems=0.16))


def test_the_same_seed_gives_the_same_firm_and_another_seed_another() -> None:
    assert generate(Wishes(40, 3, 5, 0.2, 0.2)) == generate(Wishes(40, 3, 5, 0.2, 0.2))
    assert generate(Wishes(40, 3, 5, 0.2, 0.2)) != generate(Wishes(40, 4, 5, 0.2, 0.2))


@settings(max_examples=40, deadline=None)
@given(
    wishes=st.builds(
        Wishes, documents=st.integers(0, 60), seed=st.integers(0, 2**32), vendors=st.integers(1, 12),
        problems=st.floats(0, 1), foreign=st.floats(0, 1),
    )
)  # fmt: skip
def test_any_firm_has_the_asked_count_exact_sums_and_one_outcome_per_document(wishes: Wishes) -> None:
    firm = generate(wishes)
    waiting = documents(firm)
    assert len(waiting) == len(firm.expected) == wishes.documents
    assert len(numbers_of_held(firm)) == round(wishes.documents * wishes.problems)
    for document in waiting:
        expected = firm.expected[document["invoiceNumber"]]
        gap = document["grossSum"] - sum(line["grossTotal"] for line in document["codingRows"])
        assert gap == (Decimal("10.00") if expected.cause == "lines-differ-from-total" else 0)
        assert document["netSum"] + document["taxSum1"] == document["grossSum"]
        assert expected.total == abs(document["grossSum"])
        assert (expected.total == 0) == (expected.cause == "zero-total")
        assert document["currencyCode"] == expected.currency


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
    assert causes == {mistake.cause: 4 for mistake in MISTAKES}
    vendors = {vendor["Id"]: vendor.get("AcctNum") for vendor in troubled.quickbooks["entities"]["Vendor"]}
    typed_in = {
        (vendors[bill["VendorRef"]["value"]], bill["DocNumber"]) for bill in troubled.quickbooks["entities"]["Bill"]
    }
    for document in documents(troubled):
        found = set()
        for code in unknown_codes(troubled.quickbooks, document):
            found.add(CAUSE_OF_CODE[code.partition(" ")[0] if code != "supplierCode V-10009" else code])
        if document["voucherDate"] <= CLOSE_DATE:
            found.add("period-closed")
        if (document["supplierCode"], document["invoiceNumber"]) in typed_in:
            found.add("duplicate-number")
        if not document["grossSum"]:
            found.add("zero-total")
        if document["grossSum"] != sum(line["grossTotal"] for line in document["codingRows"]):
            found.add("lines-differ-from-total")
        cause = troubled.expected[document["invoiceNumber"]].cause
        assert found == ({cause} if cause else set())


def test_identities_numbers_and_vendor_names_are_unique_in_a_large_firm() -> None:
    firm = generate(Wishes(1500, seed=5, vendors=1200, foreign=0.3))
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


@pytest.mark.parametrize(
    "wishes", [{"problems": 1.5}, {"problems": -0.1}, {"foreign": 1.1}, {"vendors": 0}, {"documents": -1}]
)
def test_impossible_wishes_are_refused(wishes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"problems|foreign|supplier"):
        Wishes(**{"documents": 1, **wishes})


def test_suppliers_abroad_invoice_in_their_currency_at_the_days_rate() -> None:
    firm = generate(Wishes(400, seed=3, vendors=60, foreign=0.25))
    vendors = {vendor["AcctNum"]: vendor for vendor in firm.quickbooks["entities"]["Vendor"] if "AcctNum" in vendor}
    currencies = Counter(vendor["CurrencyRef"]["value"] for vendor in vendors.values())
    assert currencies["EUR"] + currencies["GBP"] + currencies["CAD"] == 15
    payables = {
        account["CurrencyRef"]["value"]
        for account in firm.quickbooks["entities"]["Account"]
        if account["AccountType"] == "Accounts Payable"
    }
    assert currencies.keys() <= payables
    rates = {
        (each["SourceCurrencyCode"], each["AsOfDate"]): each["Rate"]
        for each in firm.quickbooks["entities"]["ExchangeRate"]
    }
    foreign = [document for document in documents(firm) if document["currencyCode"] != "USD"]
    assert len(foreign) > 40
    for document in foreign:
        assert vendors[document["supplierCode"]]["CurrencyRef"]["value"] == document["currencyCode"]
        assert document["exchangeRateCompany"] == rates[document["currencyCode"], document["invoiceDate"][:10]]
        exact = document["grossSum"] * document["exchangeRateCompany"]
        assert abs(document["grossSumCompany"] - exact) <= Decimal("0.005")


def test_amounts_are_spread_as_in_real_life(sound: Generated) -> None:
    nets = sorted(abs(line["netTotal"]) for document in documents(sound) for line in document["codingRows"])
    assert nets[0] < 60
    assert 200 < nets[len(nets) // 2] < 1_000
    assert nets[-1] > 5_000
    first_digits = Counter(str(net).lstrip("0.")[0] for net in nets)
    assert first_digits["1"] > 2 * first_digits["8"]


def test_a_very_large_firm_still_has_a_name_for_everybody() -> None:
    names = [supplier_name(index, UNITED_STATES) for index in range(100_000)]
    assert len(set(names)) == len(names)
