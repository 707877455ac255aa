"""The tax service: codes made together with their rates, and agencies to make them for."""

from decimal import Decimal

import pytest

from twins.quickbooks.values import decode


@pytest.fixture
def agency(nordic):
    return nordic.post("TaxAgency", {"DisplayName": "Skatteetaten", "TaxTrackedOnPurchases": True})["Id"]


def asked(agency, name="15% food", **rate):
    detail = {"TaxRateName": f"{name} in", "RateValue": "15", "TaxAgencyId": agency, "TaxApplicableOn": "Purchase"}
    return {"TaxCode": name, "TaxRateDetails": [detail | rate]}


def make(nordic, body):
    status, answer = nordic.call("POST", "taxservice/taxcode", body)
    return answer if status == 200 else answer["Fault"]["Error"][0]


def test_a_code_is_made_with_its_rate_and_answered_without_an_entity_around_it(nordic, agency):
    answer = make(nordic, asked(agency))
    assert answer.items() >= {"TaxCode": "15% food"}.items()
    [rate] = answer["TaxRateDetails"]
    assert (rate["TaxRateName"], rate["RateValue"], rate["TaxAgencyId"]) == ("15% food in", 15, agency)
    code = nordic.get("TaxCode", answer["TaxCodeId"])
    [listed] = code["PurchaseTaxRateList"]["TaxRateDetail"]
    assert listed["TaxRateRef"] == {"value": rate["TaxRateId"], "name": "15% food in"}
    assert code["SalesTaxRateList"] == {"TaxRateDetail": []}
    assert nordic.get("TaxRate", rate["TaxRateId"])["AgencyRef"] == {"value": agency}


def test_a_bill_can_use_the_new_code_at_once(nordic, agency):
    code = make(nordic, asked(agency))["TaxCodeId"]
    bill = nordic.post("Bill", nordic.bill(nordic.line("100", TaxCodeRef=code), GlobalTaxCalculation="TaxExcluded"))
    assert bill["TotalAmt"] == 115


def test_a_code_for_sales_cannot_be_used_on_bills(nordic, agency):
    code = make(nordic, asked(agency, TaxApplicableOn="Sales"))["TaxCodeId"]
    body = nordic.bill(nordic.line("100", TaxCodeRef=code), GlobalTaxCalculation="TaxExcluded")
    assert nordic.code("Bill", body) == "6100"


def test_a_code_can_use_a_rate_that_is_there(nordic):
    answer = make(nordic, {"TaxCode": "Reduced", "TaxRateDetails": [{"TaxRateId": "7", "TaxApplicableOn": "Purchase"}]})
    assert answer["TaxRateDetails"][0]["RateValue"] == 12


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"TaxCode": "25%"}, "6240"),
        ({"TaxCode": None}, "2020"),
        ({"TaxRateDetails": []}, "2020"),
        ({"Colour": "red"}, "2010"),
    ],
)
def test_a_code_needs_a_free_name_and_rates(nordic, agency, change, code):
    assert make(nordic, asked(agency) | change)["code"] == code


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"TaxRateName": "12% Purchases"}, "6240"),
        ({"TaxAgencyId": "77"}, "2500"),
        ({"RateValue": 101}, "6000"),
        ({"RateValue": None}, "2020"),
        ({"TaxApplicableOn": "Never"}, "2170"),
        ({"TaxApplicableOn": "Other"}, "2170"),
        ({"TaxRateId": "77"}, "2500"),
    ],
)
def test_a_rate_needs_a_free_name_an_agency_and_a_value(nordic, agency, change, code):
    before = nordic.query("select count(*) from TaxRate")
    assert make(nordic, asked(agency, **change))["code"] == code
    assert nordic.query("select count(*) from TaxRate") == before, "nothing of it is kept"


def test_the_name_clash_has_the_detail_that_was_recorded(nordic, agency):
    error = make(nordic, asked(agency) | {"TaxCode": "25%"})
    assert error["Message"] == "Duplicate Name Exists Error"
    assert error["Detail"].endswith("The name supplied already exists. : null")


def test_agencies_are_created_read_and_unique_but_not_changed(nordic, agency):
    found = nordic.query("select * from TaxAgency where DisplayName = 'Skatteetaten'")["TaxAgency"][0]
    assert (found["Id"], found["TaxTrackedOnPurchases"], found["TaxTrackedOnSales"]) == (agency, True, False)
    assert "Active" not in found
    assert nordic.code("TaxAgency", {"DisplayName": "skatteetaten"}) == "6240"
    assert nordic.code("TaxAgency", found | {"DisplayName": "Other"}) == "500"


def test_the_first_purchase_tax_opens_an_account_for_it(make_caller):
    nordic = make_caller(country="NO", home="NOK")
    company = nordic.twin.companies[nordic.realm]
    nordic.act("edit", entity="Account", id="25", changes={"AccountSubType": "LoanPayable"})
    assert not company.indexes.accounts_of("tax")
    nordic.post("Bill", nordic.bill(nordic.line("100", TaxCodeRef="5"), GlobalTaxCalculation="TaxExcluded"))
    [opened] = company.indexes.accounts_of("tax")
    assert nordic.get("Account", opened)["CurrentBalance"] == Decimal(-25)


def test_the_tax_service_only_creates(nordic):
    answer = nordic.raw("GET", "taxservice/taxcode")
    assert (answer.status, decode(answer.body)["Fault"]["Error"][0]["code"]) == (400, "500")


def test_one_code_cannot_make_two_rates_of_one_name(nordic, agency):
    body = asked(agency)
    body["TaxRateDetails"] *= 2
    assert make(nordic, body)["code"] == "6240"
    assert "TaxRate" not in nordic.query("select * from TaxRate where Name = '15% food in'")
