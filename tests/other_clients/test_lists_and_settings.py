"""python-quickbooks, unchanged, reading a company's lists and settings, and setting taxes and rates."""

from decimal import Decimal

import pytest
from quickbooks.objects import CompanyInfo, Customer, Employee, Item, Preferences, TaxAgency, TaxCode, TaxRate
from quickbooks.objects.companycurrency import CompanyCurrency
from quickbooks.objects.exchangerate import ExchangeRate
from quickbooks.objects.taxservice import TaxRateDetails, TaxService

pytestmark = pytest.mark.filterwarnings(
    "ignore:datetime.datetime.utc.*:DeprecationWarning"
)  # the library's, from Python 3.12

READERS = {
    "CompanyInfo": lambda qb: CompanyInfo.get("1002", qb=qb).CompanyName,
    "Preferences": lambda qb: Preferences.get(qb=qb).CurrencyPrefs.HomeCurrency.value,
    "Item": lambda qb: [each.Name for each in Item.all(qb=qb)],
    "Customer": lambda qb: [each.DisplayName for each in Customer.filter(Active=True, qb=qb)],
    "Employee": lambda qb: Employee.get("65", qb=qb).DisplayName,
    "TaxCode": lambda qb: TaxCode.get("5", qb=qb).PurchaseTaxRateList.TaxRateDetail[0].TaxRateRef.value,
    "TaxRate": lambda qb: TaxRate.get("6", qb=qb).RateValue,
    "TaxAgency": lambda qb: [each.DisplayName for each in TaxAgency.all(qb=qb)],
    "CompanyCurrency": lambda qb: [each.Code for each in CompanyCurrency.all(qb=qb)],
    "ExchangeRate": lambda qb: [
        each.Rate for each in ExchangeRate.where("SourceCurrencyCode IN ('EUR') AND AsOfDate = '2026-01-02'", qb=qb)
    ],
}
FOUND = {
    "CompanyInfo": "Company 1002",
    "Preferences": "NOK",
    "Item": ["Toner"],
    "Customer": ["Acme"],
    "Employee": "Ada Byron",
    "TaxCode": "6",
    "TaxRate": 25,
    "TaxAgency": ["Skatteetaten"],
    "CompanyCurrency": ["EUR"],
    "ExchangeRate": [12],
}


def test_list_or_get(abroad, entity):
    assert READERS[entity](abroad) == FOUND[entity]


def test_create_through_the_tax_service(abroad, twin, entity):
    rate = TaxRateDetails()
    rate.TaxRateName, rate.RateValue, rate.TaxAgencyId, rate.TaxApplicableOn = "15% food", 15, "1", "Purchase"
    service = TaxService()
    service.TaxCode = "15%"
    service.TaxRateDetails = [rate]
    made = service.save(qb=abroad)
    code = TaxCode.get(made.TaxCodeId, qb=abroad)
    assert (code.Name, entity) == ("15%", made.qbo_object_name)
    used = TaxRate.get(code.PurchaseTaxRateList.TaxRateDetail[0].TaxRateRef.value, qb=abroad)
    assert (used.Name, used.RateValue) == ("15% food", 15)


def test_set_a_rate(abroad, twin, entity):
    rate = ExchangeRate()
    rate.SourceCurrencyCode, rate.TargetCurrencyCode = "EUR", "NOK"
    rate.Rate, rate.AsOfDate = Decimal("11.8125"), "2026-03-01"
    rate.save(qb=abroad)
    held = [each for each in twin.books("1002")[entity] if each["AsOfDate"] == "2026-03-01"]
    assert [each["Rate"] for each in held] == [Decimal("11.8125")]
