"""The demo company's suppliers, and the people and customers whose names are close to theirs.

Basware calls a supplier by `code`; QuickBooks keeps the same code in the vendor's AcctNum, but for one vendor whose
number nobody entered. Plain data; nothing here knows about documents.
"""

from dataclasses import dataclass
from typing import Any

from twins.demo_company.currencies import currency_ref


@dataclass(frozen=True)
class Supplier:
    """One supplier in both systems. `vendor_id` is QuickBooks' id, `terms` the Basware code of the usual payment terms,
    `currency` that of its invoices.
    """

    code: str
    vendor_id: str
    name: str
    terms: str
    city: str
    state: str
    number_entered: bool = True
    active: bool = True
    country: str = "US"
    currency: str = "USD"

    @property
    def display_name(self) -> str:
        """The vendor's name in QuickBooks, which marks inactive records with a suffix."""
        return self.name if self.active else f"{self.name} (deleted)"


SUPPLIERS = (
    Supplier("V-10011", "101", "Beacon Office Supply Co.", "NET30", "Albany", "NY"),
    Supplier("V-10012", "102", "Corvid Cloud Hosting, Inc.", "NET30", "Denver", "CO"),
    Supplier("V-10015", "103", "Meridian Property Management LLC", "IMMED", "New York", "NY"),
    Supplier("V-10018", "104", "Lakeshore Temporary Staffing LLC", "NET15", "Chicago", "IL"),
    Supplier("V-10021", "105", "Hartwell & Sons Printing", "2-10NET30", "Boston", "MA"),
    Supplier("V-10023", "106", "Northgate Travel Partners", "NET30", "Newark", "NJ"),
    Supplier("V-10026", "107", "Sterling Research & Translation Group", "NET45", "Washington", "DC"),
    Supplier("V-10031", "108", "Metro Fiber Communications", "NET30", "Hartford", "CT"),
    Supplier("V-10034", "109", "Quillpoint Software, Inc.", "NET60", "Austin", "TX"),
    Supplier("V-10037", "110", "Fairmount Catering & Events", "NET15", "Chicago", "IL"),
    Supplier("V-10042", "111", "Summit Professional Insurance Brokers", "NET30", "Philadelphia", "PA"),
    Supplier("V-10048", "112", "Oakline Workplace Furniture", "NET30", "Grand Rapids", "MI", number_entered=False),
    Supplier("V-10009", "113", "Redfern Couriers", "NET15", "Boston", "MA", active=False),
)

BY_CODE = {supplier.code: supplier for supplier in SUPPLIERS}


def quickbooks_vendors(suppliers: tuple[Supplier, ...], term_ids: dict[str, str]) -> list[dict[str, Any]]:
    """Suppliers in QuickBooks' Vendor shape; `term_ids` gives the QuickBooks id of each Basware terms code."""
    return [_vendor(supplier, term_ids) for supplier in suppliers]


def _vendor(supplier: Supplier, term_ids: dict[str, str]) -> dict[str, Any]:
    slug = "".join(letter for letter in supplier.name.lower() if letter.isascii() and letter.isalnum())
    vendor: dict[str, Any] = {
        "Id": supplier.vendor_id,
        "DisplayName": supplier.display_name,
        "CompanyName": supplier.name,
        "PrintOnCheckName": supplier.name,
        "Active": supplier.active,
        "Vendor1099": False,
        "TermRef": {"value": term_ids[supplier.terms]},
        "CurrencyRef": currency_ref(supplier.currency),
        "PrimaryEmailAddr": {"Address": f"billing@{slug}.example"},
        "BillAddr": {"City": supplier.city, "CountrySubDivisionCode": supplier.state, "Country": supplier.country},
    }
    if supplier.number_entered:
        vendor["AcctNum"] = supplier.code
    return vendor


def quickbooks_employees() -> list[dict[str, Any]]:
    """Staff; the first shares a surname with the printer, so that a search by name alone goes wrong."""
    return [
        {
            "Id": "181",
            "GivenName": "Harriet",
            "FamilyName": "Hartwell",
            "DisplayName": "Harriet Hartwell",
            "Active": True,
        },
        {
            "Id": "182",
            "GivenName": "Marcus",
            "FamilyName": "Oyelaran",
            "DisplayName": "Marcus Oyelaran",
            "Active": True,
        },
    ]
