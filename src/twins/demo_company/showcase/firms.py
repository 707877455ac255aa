"""The four firms of the showcase, as seeds: the demo company, and three of its form under other flags and with other habits.

Some causes exclude each other in one company: classes cannot be switched off where several of them meet. Hence four.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from twins.demo_company import basware_tenant, quickbooks_books
from twins.demo_company.currencies import FOREIGN
from twins.demo_company.documents import COMPANY_CODE, COMPANY_NAME
from twins.demo_company.vendors import BY_CODE, SUPPLIERS

Json = dict[str, Any]


@dataclass(frozen=True)
class Firm:
    """One firm: what the connector calls it, its company in QuickBooks, its tenant and company in Basware."""

    key: str
    name: str
    realm_id: str
    code: str
    further_codes: tuple[str, ...] = ()
    other_words: dict[str, str] = field(default_factory=dict)
    """What stands in its papers where the demo company's have something else."""

    @property
    def client_id(self) -> str:
        """Its client at Basware, by which the twin calls the tenant."""
        return f"{self.key}-basware-client"

    def told(self, value: Any) -> Any:
        """A record of the demo company as this firm's: other codes, names and credentials, wherever they stand alone."""
        if isinstance(value, dict):
            return {key: self.told(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.told(inner) for inner in value]
        return self._words.get(value, value) if isinstance(value, str) else value

    @property
    def _words(self) -> dict[str, str]:
        own = {
            COMPANY_CODE: self.code,
            COMPANY_NAME: self.name,
            quickbooks_books.REALM_ID: self.realm_id,
            quickbooks_books.REFRESH_TOKEN: f"RT1-{self.key}",
            basware_tenant.CLIENT_ID: self.client_id,
            basware_tenant.CLIENT_SECRET: f"{self.key}-basware-secret",
            basware_tenant.USER: f"{self.key}.api",
            basware_tenant.BWCID: f"{self.code.lower()}{basware_tenant.BWCID[4:]}",
            basware_tenant.NETWORK["user"]: f"{self.key}.network",
        }
        return {**own, **self.other_words}


AMERICAN = Firm("calloway", COMPANY_NAME, "9341453900126010", "US10", further_codes=("US11",))
BRITISH = Firm(
    "thames", "Thames Row Surveyors Ltd", "9341453900126020", "GB20",
    other_words={
        "USD": "GBP", "GBP": "USD", "United States Dollar": "British Pound Sterling",
        "British Pound Sterling": "United States Dollar", "US": "GB",
    },
)  # fmt: skip
SMALL = Firm("harbor", "Harbor Lane Bakery LLC", "9341453900126030", "US30")
SIGNED_OUT = Firm("oldmill", "Old Mill Books Inc.", "9341453900126040", "US40")

FIRMS = (AMERICAN, BRITISH, SMALL, SIGNED_OUT)

VAT = {"VAT20": ("20", "21", "31"), "VAT5": ("5", "22", "32"), "VAT0": ("0", "23", "33")}
"""British taxes by Basware's code: percent, QuickBooks' id of the rate, and of the code."""

BILLED_ON = "TR-7006"
"""The British firm's bill that somebody typed in, and whose cost a customer was billed for: it has no opposite any more."""

SALES_ONLY = "34"
"""QuickBooks' id of a tax code that is for sales alone."""


def seeds() -> dict[str, list[Json]]:
    """All companies and tenants, by the name of the twin, in the order of `FIRMS`. No document waits yet."""
    return {
        "quickbooks": [_american(), _british(), _small(), _plain(SIGNED_OUT)],
        "basware": [_tenant(firm) for firm in FIRMS],
    }


def _plain(firm: Firm, *, multicurrency: bool = False) -> Json:
    seed: Json = firm.told(quickbooks_books.company_seed(SUPPLIERS, [], multicurrency=multicurrency))
    return seed


def _american() -> Json:
    seed = _plain(AMERICAN)
    [one] = [vendor for vendor in seed["entities"]["Vendor"] if vendor["Id"] == "107"]
    one["TaxIdentifier"] = "12-3456789"
    return seed


def _british() -> Json:
    """Value added tax, one class for a whole transaction, three foreign currencies, of which one has no payable account."""
    seed = _plain(BRITISH, multicurrency=True)
    seed["CompanyInfo"] |= {"Country": "GB"}
    seed["Preferences"]["TaxPrefs"] = {"UsingSalesTax": True}
    seed["Preferences"]["AccountingInfoPrefs"] |= {"ClassTrackingPerTxn": True, "ClassTrackingPerTxnLine": False}
    seed["entities"] |= {
        "Bill": [_billed_on()],
        "BillPayment": [],
        "Account": [one for one in seed["entities"]["Account"] if not one["Name"].endswith("CAD")],
        "ExchangeRate": _british_rates(seed["entities"]["ExchangeRate"]),
        "TaxRate": [
            {"Id": rate, "Name": f"{percent}% purchases", "RateValue": Decimal(percent)}
            for percent, rate, _ in VAT.values()
        ],
        "TaxCode": [
            *(
                {
                    "Id": code,
                    "Name": f"{percent}%",
                    "PurchaseTaxRateList": {"TaxRateDetail": [{"TaxRateRef": {"value": rate}}]},
                }
                for percent, rate, code in VAT.values()
            ),
            {"Id": SALES_ONLY, "Name": "20% sales"},
        ],
    }
    return seed


def _billed_on() -> Json:
    made: Json = BRITISH.told(
        quickbooks_books.bill(
            "905", vendor_id="101", number=BILLED_ON, day="2026-10-05", due="2026-11-04", office="NYC", account="6110",
            practice="FIRM", amount=Decimal("700.00"), text="Survey pegs, charged on",
        )
    )  # fmt: skip
    detail = made["Line"][0]["AccountBasedExpenseLineDetail"]
    detail |= {
        "BillableStatus": "HasBeenBilled",
        "CustomerRef": {"value": "202"},
        "TaxCodeRef": {"value": VAT["VAT0"][2]},
    }
    return made


def _british_rates(american: list[Json]) -> list[Json]:
    """Pounds for one unit: what the dollar rates say of dollars and pounds, seen from the other side."""
    pound = next(one.rate for one in FOREIGN if one.code == "GBP")
    return [
        {
            **one,
            "TargetCurrencyCode": "GBP",
            "Rate": (1 / one["Rate"] if one["SourceCurrencyCode"] == "USD" else one["Rate"] / pound).quantize(
                Decimal("0.000001")
            ),
        }
        for one in american
    ]


def _small() -> Json:
    """One currency, no locations, no classes, nothing billed on."""
    seed = _plain(SMALL)
    preferences = seed["Preferences"]
    preferences["AccountingInfoPrefs"] |= {
        "TrackDepartments": False, "ClassTrackingPerTxn": False, "ClassTrackingPerTxnLine": False,
    }  # fmt: skip
    preferences["VendorAndPurchasesPrefs"] |= {"BillableExpenseTracking": False}
    seed["entities"] |= {"Bill": [], "BillPayment": [], "Department": [], "Class": []}
    return seed


def _tenant(firm: Firm) -> Json:
    seed: Json = firm.told(basware_tenant.tenant_seed((), BY_CODE))
    seed["companies"] += [{"companyCode": code, "name": f"{firm.name}, {code}"} for code in firm.further_codes]
    return seed
