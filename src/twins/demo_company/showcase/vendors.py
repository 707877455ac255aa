"""Vendors of the showcase's American firm: what another program gave to Basware, what people type in, merge and change.

The other program is the group's purchasing system: it posts vendors to Basware's interface under its own keys.
"""

from typing import Any

from twins.demo_company.showcase.firms import AMERICAN
from twins.demo_company.showcase.hands import Json
from twins.demo_company.showcase.paper import Clerk

_UNSURE, _NAME_TAKEN, _REFUSED, _BANK = "V-80001", "V-80002", "V-80003", "V-80004"
_TERM, _MERGED, _TYPED = "V-80005", "V-80006", "V-80007"
_STERLING = "V-10026"


def known_before(clerk: Clerk) -> None:
    """What the other program has given, and what QuickBooks has, before both are compared for the first time."""
    clerk.quickbooks("create_vendor", name="Ferrybridge Signs")
    clerk.quickbooks("create_vendor", name="Sundial Florists", number=_MERGED)
    clerk.quickbooks("create_vendor", name="Sundial Flowers", number="V-80016")
    clerk.hands.other_program(
        AMERICAN.key,
        [
            _vendor(_UNSURE, "Ferrybridge Signs"),
            _vendor(_NAME_TAKEN, "Quayside Couriers"),
            _vendor(_REFUSED, "Pelican Freight"),
            _vendor(_BANK, "Delta Window Cleaning", paymentMeans=_bank("021-4471")),
            _vendor(_TERM, "Norwood Catering"),
            _vendor(_MERGED, "Sundial Florists"),
            _vendor(
                _STERLING, "Sterling Research & Translation Group", externalCode=_STERLING,
                identifiers=[{"id": "98-7654321", "schemeId": "TaxId"}],
            ),
        ],
    )  # fmt: skip
    clerk.basware(
        "add_vendor",
        vendor={
            "vendorCode": _TYPED, "name": "Quayside Repairs",
            "companies": [{"companyCode": AMERICAN.code, "inheritToChildUnits": True}],
            "processingStatus": {"active": True, "paymentDenied": False},
        },
    )  # fmt: skip
    clerk.basware("extract")


def change(clerk: Clerk) -> None:
    """Later: new bank details, terms nobody knows, a merge nobody announces, an address for a vendor that only Basware's screens
    can change."""
    clerk.hands.other_program(
        AMERICAN.key,
        [
            _vendor(_BANK, "Delta Window Cleaning", paymentMeans=_bank("666-9001")),
            _vendor(_TERM, "Norwood Catering", paymentTerms={"paymentTermCode": "NET99"}),
        ],
    )
    clerk.quickbooks(
        "merge",
        entity="Vendor",
        id=clerk.find("Vendor", "V-80016")["Id"],
        vanishing=clerk.find("Vendor", _MERGED)["Id"],
    )
    clerk.quickbooks(
        "edit_vendor", id=clerk.find("Vendor", "Quayside Repairs")["Id"],
        changes={"PrimaryEmailAddr": {"Address": "pay@quayside.example"}},
    )  # fmt: skip
    clerk.quickbooks("edit", entity="Account", id=clerk.find("Account", "6120")["Id"], changes={"AcctNum": "6129"})
    clerk.enter("Account", Name="Stationery", AcctNum="6120", AccountType="Expense")


def _vendor(code: str, name: str, **more: Any) -> Json:
    return {
        "externalCode": f"purchasing-{code}",
        "vendorCode": code,
        "name": name,
        "companies": [{"companyCode": AMERICAN.code, "inheritToChildUnits": True}],
        "processingStatus": {"active": True, "paymentDenied": False},
        **more,
    }


def _bank(number: str) -> list[Json]:
    account = {
        "financialInstitution": {"id": "EXMPUS33", "name": "Example Bank", "schemeId": "BIC"},
        "financialAccountIdentifiers": [{"schemeId": "BBAN", "id": number, "default": True}],
    }
    return [{"paymentMeansCode": "ACH", "currencyCode": "USD", "default": True, "financialAccounts": [account]}]
