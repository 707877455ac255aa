"""A British company for scenes about value added tax: the demo company under another flag, and invoices with VAT."""

from decimal import Decimal
from typing import Any

from paperwork import invoice
from twins.demo_company import basware_seed, quickbooks_seed
from twins.demo_company.documents import Row
from world import Seeds

RATES = {"VAT20": ("20", "21"), "VAT5": ("5", "22"), "VAT0": ("0", "23")}
"""Percent and QuickBooks' id of the tax rate, by Basware's tax code."""
CODES = {"VAT20": "31", "VAT5": "32", "VAT0": "33"}
"""QuickBooks' id of the tax code, by Basware's."""


def british_seeds(*, sales_tax: bool = True) -> Seeds:
    """Both twins' seeds, with no document waiting. Without `sales_tax` QuickBooks' sales tax is switched off."""
    quickbooks, basware = quickbooks_seed(), basware_seed()
    quickbooks["CompanyInfo"] |= {"Country": "GB"}
    quickbooks["Preferences"] |= {"TaxPrefs": {"UsingSalesTax": sales_tax}}
    quickbooks["entities"] |= {
        "Bill": [],
        "BillPayment": [],
        "TaxRate": [
            {"Id": rate_id, "Name": f"{percent}% purchases", "RateValue": Decimal(percent)}
            for percent, rate_id in RATES.values()
        ],
        "TaxCode": [
            {
                "Id": CODES[code],
                "Name": f"{percent}%",
                "PurchaseTaxRateList": {"TaxRateDetail": [{"TaxRateRef": {"value": rate_id}}]},
            }
            for code, (percent, rate_id) in RATES.items()
        ],
    }
    return quickbooks, basware | {"accountingDocuments": [], "attachments": {}}


def with_vat(number: str, *rows: tuple[Row, str, str], **more: Any) -> dict[str, Any]:
    """An approved invoice whose rows have a tax code and the tax the supplier charged: (row, code, tax)."""
    document = invoice(number, *(row for row, _, _ in rows), **more)
    for coded, (_, code, tax) in zip(document["codingRows"], rows, strict=True):
        coded["taxCode"], coded["taxPercent"] = code, Decimal(RATES[code][0])
        coded["taxSum"] = Decimal(tax)
        coded["grossTotal"] = coded["netTotal"] + coded["taxSum"]
    document["taxSum1"] = sum(coded["taxSum"] for coded in document["codingRows"])
    document["grossSum"] = document["netSum"] + document["taxSum1"]
    return document
