"""Vendors as either system's own books have them, reduced to the fields both have, for stories of random edits."""

from typing import Any

QUICKBOOKS, BASWARE = "QuickBooks", "Basware"
NAME, EMAIL, PHONE, STREET, TERM, ACTIVE = "name", "email", "phone", "street", "term", "active"
TERMS = {"1": "IMMED", "2": "NET15", "3": "NET30", "4": "NET45", "5": "NET60"}
"""Basware's codes of payment terms by QuickBooks' id."""


def inner(record: dict[str, Any], name: str, new: dict[str, Any], key: str) -> dict[str, Any]:
    """The inner record of a kind, made if there is none."""
    found = record.setdefault(name, [])
    if not any(one.get(key) == new[key] for one in found):
        found.append(new)
    return next(one for one in found if one.get(key) == new[key])


def read_quickbooks(record: dict[str, Any]) -> dict[str, Any]:
    """The fields both have, from QuickBooks' own books."""
    return {
        NAME: record["DisplayName"] if record["Active"] else record["DisplayName"].removesuffix(" (deleted)"),
        EMAIL: record.get("PrimaryEmailAddr", {}).get("Address", ""),
        PHONE: record.get("PrimaryPhone", {}).get("FreeFormNumber", ""),
        STREET: record.get("BillAddr", {}).get("Line1", ""),
        TERM: record.get("TermRef", {}).get("value", ""),
        ACTIVE: record["Active"],
    }


def read_basware(record: dict[str, Any]) -> dict[str, Any]:
    """The same, from what Basware's interface holds."""
    contact = next((one for one in record.get("contacts", ()) if one.get("role") == "PrimaryContact"), {})
    address = next((one for one in record.get("addresses", ()) if one["addressType"] == "PostalAddress"), {})
    code = (record.get("paymentTerms") or {}).get("paymentTermCode", "")
    return {
        NAME: record["name"],
        EMAIL: contact.get("email", ""),
        PHONE: contact.get("telephone", ""),
        STREET: address.get("streetName", ""),
        TERM: {one: key for key, one in TERMS.items()}.get(code, code),
        ACTIVE: record["processingStatus"]["active"],
    }


def vendor_of_basware(code: str) -> dict[str, Any]:
    """A vendor as another program gives it to Basware, with much that QuickBooks knows nothing of."""
    return {
        "externalCode": f"other-{code}",
        "vendorCode": code,
        "name": f"Firm {code}",
        "sourceSystem": "other",
        "companies": [{"companyCode": "US10", "inheritToChildUnits": True}],
        "contacts": [{"name": "Payables", "role": "PrimaryContact"}, {"name": "Sales", "role": "AdditionalContact"}],
        "addresses": [
            {"externalCode": f"{code}-D", "name": "Dock", "addressType": "DeliveryAddress", "streetName": "9 Dock"},
            {"externalCode": f"{code}-P", "name": "Office", "addressType": "PostalAddress", "cityName": "Salem"},
        ],
        "paymentMeans": [
            {
                "paymentMeansCode": "ACH",
                "currencyCode": "USD",
                "default": True,
                "financialAccounts": [
                    {
                        "financialInstitution": {"id": "EXMPUS33", "name": "Example Bank", "schemeId": "BIC"},
                        "financialAccountIdentifiers": [{"schemeId": "BBAN", "id": f"021-{code}", "default": True}],
                    }
                ],
            }
        ],
        "paymentTerms": {"paymentTermCode": "NET30"},
        "orderingDetails": {"orderingFormat": "email", "orderEmail": "orders@firm.example"},
        "processingStatus": {"active": True, "paymentDenied": False},
    }
