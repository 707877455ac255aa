"""Tax codes of a company outside the US in Basware."""

from decimal import Decimal

from ml_connector.model.mapping import Dimension
from ml_connector.work.jobs import Job
from sent_lists import SentLists, english, is_active, nothing_in_basware
from world import build_world

TRANSACTIONS = ("Bill", "BillPayment", "VendorCredit", "JournalEntry", "PurchaseOrder", "Item")
"""What the demo company entered under US tax, which a British one cannot have."""


def rate(key: str, percent: str) -> dict[str, object]:
    return {"Id": key, "Name": f"{percent}% purchases", "RateValue": Decimal(percent), "Active": True}


def code(key: str, name: str, *rates: str) -> dict[str, object]:
    details = [{"TaxRateRef": {"value": one}, "TaxTypeApplicable": "TaxOnAmount", "TaxOrder": 0} for one in rates]
    purchases = {"PurchaseTaxRateList": {"TaxRateDetail": details}} if rates else {}
    return {"Id": key, "Name": name, "Active": True, "Taxable": True, "TaxGroup": True, **purchases}


def test_codes_with_a_purchase_rate_go_with_their_percent_and_lead_back(database):
    quickbooks, basware = nothing_in_basware()
    quickbooks["CompanyInfo"]["Country"] = "GB"
    for kind in TRANSACTIONS:
        quickbooks["entities"][kind] = []
    quickbooks["entities"]["TaxRate"] = [rate("6", "20"), rate("7", "2.5")]
    quickbooks["entities"]["TaxCode"] = [
        code("5", "20.0% S", "6"),
        code("8", "20% + 2.5%", "6", "7"),
        code("9", "Sales only"),
    ]
    firm = SentLists(build_world(database, company=(quickbooks, basware), mapping=False))
    firm.go()

    found = {key: (english(one), Decimal(str(one["taxPercentage"]))) for key, one in firm.in_p2p("taxCodes").items()}
    assert found == {"5": ("20.0% S", Decimal(20)), "8": ("20% + 2.5%", Decimal("22.5"))}
    assert firm.target(Dimension.TAX_CODE, "5") == "5"


def test_a_us_company_has_none(database):
    firm = SentLists(build_world(database, company=nothing_in_basware(), mapping=False))
    firm.go()

    assert firm.in_p2p("taxCodes") == {}
    assert firm.do(Job.MASTER_DATA).counts["sent"] == 0
    assert all(is_active(one) for one in firm.in_p2p("accounts").values())
