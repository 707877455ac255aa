"""What the demo company's Basware tenant has in its lists: imported long ago, with the codes that its documents use.

An earlier import called every record by its own business code. Nothing here knows QuickBooks.
"""

from collections.abc import Iterable
from typing import Any

from twins.demo_company.chart import BASWARE_ACCOUNTS
from twins.demo_company.dimensions import OFFICES, PRACTICES, PROJECT, TERMS, TermLine
from twins.demo_company.documents import COMPANY_CODE
from twins.demo_company.vendors import Supplier

PRACTICE_LIST = "ACC_LIST_1"
"""The generic list that holds the business units."""

_IMPORTED = "2026-10-01T05:00:00.000Z"
_FROM, _UNTIL = "2020-01-01", "2099-12-31"
_HERE = [{"companyCode": COMPANY_CODE, "active": True}]
_HERE_AND_BELOW = [{"companyCode": COMPANY_CODE, "active": True, "inherit": True}]


def lists(suppliers: Iterable[Supplier]) -> dict[str, Any]:
    """All lists of the tenant by the names a seed calls them, with these suppliers as its vendors."""
    return {
        "accounts": [
            _record(code) | {"accountCode": code, "accountNames": _named(name), "companies": _HERE_AND_BELOW}
            for code, name in BASWARE_ACCOUNTS.items()
        ],
        "costCenters": [
            _record(office.code)
            | {"costCenterCode": office.code, "costCenterNames": _named(office.name), "companies": _HERE}
            for office in OFFICES
        ],
        "projects": [
            _record(code)
            | {"projectCode": code, "projectName": project.name, "companies": _HERE}
            | {"validFrom": _FROM, "validUntil": _UNTIL}
            for code, project in PROJECT.items()
        ],
        "lists": {
            PRACTICE_LIST: [
                _record(unit.code)
                | {"text_1": unit.code, "text_2": unit.name, "listContent": "BusinessUnit", "companies": _HERE}
                for unit in PRACTICES
            ]
        },
        "taxCodes": [
            _record(f"ST-{office.code}")
            | {"taxCode": f"ST-{office.code}", "taxCodeNames": _named(f"Sales tax {office.name}")}
            | {"taxPercentage": office.tax_percent, "companies": _HERE_AND_BELOW}
            for office in OFFICES
        ],
        "paymentTerms": [_term(term) for term in TERMS],
        "vendors": [_vendor(supplier) for supplier in suppliers],
    }


def _record(code: str) -> dict[str, Any]:
    return {"externalCode": code, "lastUpdated": _IMPORTED}


def _named(name: str) -> list[dict[str, str]]:
    return [{"language": "en-US", "translation": name}]


def _term(term: TermLine) -> dict[str, Any]:
    discount = {"cashDueDateCalc": 1, "cashDueDateDays": term.discount_days, "cashDiscount": term.discount_percent}
    return {
        **_record(term.code),
        "paymentTermCode": term.code,
        "paymentTermNames": _named(term.name),
        "dueDateCalc": 1,
        "dueDateDays": term.days,
        **(discount if term.discount_percent else {}),
        "validFrom": _FROM,
        "validTo": _UNTIL,
        "companies": _HERE_AND_BELOW,
    }


def _vendor(supplier: Supplier) -> dict[str, Any]:
    address = {
        "externalCode": f"{supplier.code}-1",
        "name": supplier.name,
        "addressType": "PostalAddress",
        "cityName": supplier.city,
        "countrySubEntity": supplier.state,
        "countryId": supplier.country,
    }
    return {
        **_record(supplier.code),
        "vendorCode": supplier.code,
        "name": supplier.name,
        "addresses": [address],
        "paymentMeans": [{"paymentMeansCode": "Check", "currencyCode": supplier.currency, "default": True}],
        "paymentTerms": {"paymentTermCode": supplier.terms},
        "processingStatus": {"active": True, "paymentDenied": False},
        "companies": [{"companyCode": COMPANY_CODE, "inheritToChildUnits": True}],
    }
