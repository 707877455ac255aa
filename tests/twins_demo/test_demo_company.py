"""The demo company is what its story says: exact sums, known codes, five problems, and the right outcome of each document."""

import base64
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from twins.demo_company import EXPECTED, TODAY, basware_seed, quickbooks_seed, setup

Json = dict[str, Any]
CLOSE_DATE = "2026-09-30T00:00:00"
PROBLEMS = {"account-not-mapped", "vendor-inactive", "period-closed", "duplicate-number", "lines-differ-from-total"}


@pytest.fixture(scope="module")
def company() -> Json:
    return quickbooks_seed()


@pytest.fixture(scope="module")
def documents() -> list[Json]:
    return list(basware_seed()["accountingDocuments"])


def outcome(document: Json) -> str:
    expected = EXPECTED[document["invoiceNumber"]]
    return expected.cause or expected.kind


def offices(document: Json) -> set[str]:
    return {line["costCenterCode"] for line in document["codingRows"]}


def by_number(documents: list[Json], number: str) -> Json:
    return next(document for document in documents if document["invoiceNumber"] == number)


def test_sixty_documents_wait_for_transfer_and_each_has_one_expected_outcome(documents: list[Json]) -> None:
    assert len(documents) == 60
    assert {document["processingStatus"] for document in documents} == {"WaitingForTransfer"}
    assert Counter(document["invoiceNumber"] for document in documents) == Counter(list(EXPECTED))


def test_each_row_and_each_document_is_net_plus_tax_to_the_cent(documents: list[Json]) -> None:
    for document in documents:
        assert document["netSum"] + document["taxSum1"] == document["grossSum"]
        for line in document["codingRows"]:
            assert line["netTotal"] + line["taxSum"] == line["grossTotal"]
            exact_tax = line["netTotal"] * line["taxPercent"] / 100
            assert abs(line["taxSum"] - exact_tax) <= Decimal("0.005")
            assert line["grossTotal"].as_tuple().exponent == -2


def test_rows_add_up_to_the_total_in_all_documents_but_the_one_that_is_ten_dollars_off(documents: list[Json]) -> None:
    differences = {
        document["invoiceNumber"]: document["grossSum"] - sum(line["grossTotal"] for line in document["codingRows"])
        for document in documents
    }
    assert {number: gap for number, gap in differences.items() if gap} == {"F-2291": Decimal("10.00")}


def test_the_expected_total_is_the_documents_own_total_without_its_sign(documents: list[Json]) -> None:
    for document in documents:
        assert EXPECTED[document["invoiceNumber"]].total == abs(document["grossSum"])


def test_each_problem_stands_in_exactly_one_document() -> None:
    causes = Counter(expected.cause for expected in EXPECTED.values() if expected.kind == "held")
    assert causes == dict.fromkeys(PROBLEMS, 1)
    assert all(bool(expected.cause) == (expected.kind == "held") for expected in EXPECTED.values())


def test_every_code_is_known_to_quickbooks_but_where_a_problem_is_meant(
    company: Json, documents: list[Json], unknown_codes: Callable[[Json, Json], list[str]]
) -> None:
    missing = {document["invoiceNumber"]: unknown_codes(company, document) for document in documents}
    assert {number: codes for number, codes in missing.items() if codes} == {
        "NG118971": ["accountCode 6470"],
        "RC-90066": ["supplierCode V-10009"],
        "OWF-61203": ["supplierCode V-10048"],
        "OWF-61288": ["supplierCode V-10048"],
    }


def test_the_vendor_without_a_number_is_named_among_the_links_to_make_by_hand(company: Json) -> None:
    unnumbered = [vendor for vendor in company["entities"]["Vendor"] if "AcctNum" not in vendor]
    assert setup()["vendor_links"] == {"V-10048": unnumbered[0]["Id"]}
    assert len(unnumbered) == 1


def test_a_document_is_dated_in_closed_books_only_where_that_is_its_problem(
    company: Json, documents: list[Json]
) -> None:
    assert company["Preferences"]["AccountingInfoPrefs"]["BookCloseDate"] == CLOSE_DATE[:10]
    closed = [document["invoiceNumber"] for document in documents if document["voucherDate"] <= CLOSE_DATE]
    assert closed == ["CVD-2026-09381"]
    assert EXPECTED[closed[0]].cause == "period-closed"
    assert max(document["voucherDate"] for document in documents) < TODAY.isoformat()


def test_the_number_typed_in_by_hand_waits_in_basware_for_the_same_vendor(company: Json, documents: list[Json]) -> None:
    vendors = {vendor["Id"]: vendor.get("AcctNum") for vendor in company["entities"]["Vendor"]}
    typed_in = {(vendors[bill["VendorRef"]["value"]], bill["DocNumber"]) for bill in company["entities"]["Bill"]}
    waiting = {(document["supplierCode"], document["invoiceNumber"]) for document in documents}
    assert typed_in & waiting == {("V-10021", "HS-7731")}


def test_one_office_makes_a_bill_and_several_make_a_journal_entry(documents: list[Json]) -> None:
    for document in documents:
        if outcome(document) in {"Bill", "VendorCredit"}:
            assert len(offices(document)) == 1
    journals = [document for document in documents if outcome(document) == "JournalEntry"]
    assert sorted(len(offices(document)) for document in journals) == [2, 2, 3]


def test_credit_notes_are_the_four_documents_with_negative_sums(documents: list[Json]) -> None:
    negative = [document for document in documents if document["grossSum"] < 0]
    assert len(negative) == 4
    assert {outcome(document) for document in negative} == {"VendorCredit"}
    assert all(line["grossTotal"] < 0 for document in negative for line in document["codingRows"])


def test_the_special_documents_of_the_story_are_there(documents: list[Json]) -> None:
    assert [document["invoiceNumber"] for document in documents if len(document["invoiceNumber"]) > 21] == [
        "MPM-2026-11-NYC-LEASE-000418"
    ]
    assert [document["invoiceNumber"] for document in documents if document["paymentBlock"]] == ["F-2307"]
    assert [len(document["codingRows"]) for document in documents if len(document["codingRows"]) >= 25] == [27]
    assert "Łódź" in by_number(documents, "SRT/26/0977")["description"]
    assert any(document["taxSum1"] > 0 for document in documents)
    assert any(line["projectCode"] for document in documents for line in document["codingRows"])
    assert any(
        len({line["businessUnitCode"] for line in document["codingRows"]}) > 2 and outcome(document) == "Bill"
        for document in documents
    )


def test_only_descriptions_carry_letters_outside_latin_1(company: Json, documents: list[Json]) -> None:
    msgspec.json.encode(company["entities"]["Vendor"]).decode().encode("latin-1")
    for document in documents:
        for field in ("invoiceNumber", "supplierName", "paymentTermName"):
            document[field].encode("latin-1")


def test_a_cash_discount_is_two_percent_of_the_payable_amount_within_ten_days(documents: list[Json]) -> None:
    discounted = [document for document in documents if "cashSum" in document]
    assert {document["paymentTermCode"] for document in discounted} == {"2-10NET30"}
    brochures = by_number(documents, "HS-7758")
    assert (brochures["cashDate"], brochures["cashSum"]) == ("2026-11-07T00:00:00", Decimal("29.59"))


def test_identities_are_unique_stable_and_in_order_of_approval(documents: list[Json]) -> None:
    identities = [document["invoiceId"] for document in documents]
    assert len(set(identities)) == len(identities)
    assert all(len(identity) == 32 and int(identity, 16) >= 0 for identity in identities)
    assert by_number(documents, "MF-5530912")["invoiceId"] == "d479f3af72e25c83b99b2056c77e4fd9"
    approved = [document["lastUpdated"] for document in documents]
    assert approved == sorted(set(approved))
    rows = [line["externalCode"] for document in documents for line in document["codingRows"]]
    assert len(set(rows)) == len(rows)
    for document in documents:
        assert len({line["rowIndex"] for line in document["codingRows"]}) == len(document["codingRows"])


def test_every_document_obeys_baswares_specification(
    documents: list[Json], schema_errors: Callable[[Json], list[str]]
) -> None:
    assert {
        document["invoiceNumber"]: schema_errors(document) for document in documents if schema_errors(document)
    } == {}
    assert schema_errors({**documents[0], "supplierColour": "red"})


def test_attached_images_are_the_ones_the_documents_name(documents: list[Json]) -> None:
    files = basware_seed()["attachments"]
    named = {
        document["invoiceId"]: {
            attachment["externalCode"]: attachment["filename"] for attachment in document["attachments"]
        }
        for document in documents
        if document["attachments"]
    }
    assert len(named) >= 3
    assert named == {
        invoice: {code: file["filename"] for code, file in held.items()} for invoice, held in files.items()
    }
    for held in files.values():
        for file in held.values():
            content = base64.b64decode(file["content_base64"], validate=True)
            start = int(content.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
            assert content.startswith(b"%PDF-")
            assert content[start : start + 4] == b"xref"


def test_quickbooks_ids_are_unique_per_list_and_every_reference_leads_somewhere(company: Json) -> None:
    entities = company["entities"]
    ids = {name: [record["Id"] for record in records] for name, records in entities.items()}
    for listed in ids.values():
        assert len(set(listed)) == len(listed)
        assert all(isinstance(identity, str) for identity in listed)
    assert all(len(identity) == 19 for identity in ids["Class"])
    for name in ("Account", "Department", "Customer"):
        parents = {record["ParentRef"]["value"] for record in entities[name] if "ParentRef" in record}
        assert parents
        assert parents <= set(ids[name])
    assert {vendor["TermRef"]["value"] for vendor in entities["Vendor"]} <= set(ids["Term"])
    for bill in entities["Bill"]:
        assert bill["VendorRef"]["value"] in ids["Vendor"]
        assert bill["DepartmentRef"]["value"] in ids["Department"]
        for line in bill["Line"]:
            detail = line["AccountBasedExpenseLineDetail"]
            assert detail["AccountRef"]["value"] in ids["Account"]
            assert detail["ClassRef"]["value"] in ids["Class"]


def test_people_vendors_and_customers_share_no_display_name_and_numbers_no_account(company: Json) -> None:
    entities = company["entities"]
    names = [record["DisplayName"] for kind in ("Vendor", "Customer", "Employee") for record in entities[kind]]
    numbers = [account["AcctNum"] for account in entities["Account"]]
    assert len(set(names)) == len(names)
    assert len(set(numbers)) == len(numbers)
    assert all(len(number) <= 7 for number in numbers)


def test_the_firm_has_the_size_and_settings_of_the_story(company: Json) -> None:
    sizes = {name: len(records) for name, records in company["entities"].items()}
    assert (sizes["Vendor"], sizes["Department"], sizes["Class"], sizes["Customer"], sizes["Term"]) == (13, 5, 6, 10, 6)
    assert 38 <= sizes["Account"] <= 45
    inactive = [
        record.get("DisplayName", record.get("Name"))
        for kind in ("Account", "Vendor")
        for record in company["entities"][kind]
        if not record["Active"]
    ]
    assert inactive == ["Fax Services (deleted)", "Redfern Couriers (deleted)"]
    preferences = company["Preferences"]
    warnings = {pair["Name"]: pair["Value"] for pair in preferences["OtherPrefs"]["NameValue"]}
    assert preferences["CurrencyPrefs"]["MultiCurrencyEnabled"] is False
    assert warnings["WarnDuplicateBillNumber"] == warnings["WarnDuplicateJournalNumber"] == "true"


def test_the_paid_bill_is_paid_in_full_by_the_payment_that_names_it(company: Json) -> None:
    payment = company["entities"]["BillPayment"][0]
    paid = [bill for bill in company["entities"]["Bill"] if bill["Balance"] == 0]
    assert [bill["Id"] for bill in paid] == [payment["Line"][0]["LinkedTxn"][0]["TxnId"]]
    assert paid[0]["TotalAmt"] == payment["TotalAmt"]
    assert paid[0]["LinkedTxn"][0]["TxnId"] == payment["Id"]


def test_baswares_code_lists_name_every_code_in_use_and_fit_the_seeds_credentials(documents: list[Json]) -> None:
    known = setup()
    for document in documents:
        assert known["codes"]["paymentTermCode"][document["paymentTermCode"]] == document["paymentTermName"]
        assert known["codes"]["supplierCode"][document["supplierCode"]] == document["supplierName"]
        for line in document["codingRows"]:
            for field, label in (
                ("accountCode", "accountName"),
                ("costCenterCode", "costCenterName"),
                ("businessUnitCode", "businessUnitName"),
                ("projectCode", "projectName"),
            ):
                assert known["codes"][field].get(line[field], "") == line[label]
    tenant, books = basware_seed(), quickbooks_seed()
    assert {name: tenant[name] for name in known["basware"]} == known["basware"]
    assert {name: books[name] for name in known["quickbooks"]} == known["quickbooks"]
    assert (books["realm_id"], tenant["companies"][0]["companyCode"]) == (known["realm_id"], known["company_code"])


def test_seeds_are_json_with_exact_decimals_and_independent_of_each_other() -> None:
    encoder = msgspec.json.Encoder(decimal_format="number")
    decoder = msgspec.json.Decoder(float_hook=Decimal)
    assert decoder.decode(encoder.encode(basware_seed())) == basware_seed()
    assert decoder.decode(encoder.encode(quickbooks_seed())) == quickbooks_seed()
    encoder.encode(setup())
    changed = quickbooks_seed()
    changed["entities"]["Vendor"][0]["DisplayName"] = "Somebody else"
    assert quickbooks_seed()["entities"]["Vendor"][0]["DisplayName"] == "Beacon Office Supply Co."
