"""QuickBooks' vendors in the form both systems share, and back: what one can hold of a value, and the changes that bring it there.

Lengths and rules are those of Intuit's entity reference, Vendor. A tax id is shown masked there, so it is written and never read.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ml_connector.model.vendors import (
    ACTIVE,
    ADDRESS,
    CURRENCY,
    EMAIL,
    NAME,
    NO,
    PHONE,
    TAX_ID,
    TERM,
    WEBSITE,
    YES,
    Address,
    VendorNow,
)
from ml_connector.quickbooks.records import Record, flag, instant, name_of, reference, required, text
from ml_connector.quickbooks.wire import UnsendableError

LIMITS = {NAME: 500, EMAIL: 100, PHONE: 30, WEBSITE: 1000, TAX_ID: 20}
"""Longest values of a vendor (Intuit's entity reference, Vendor: DisplayName, PrimaryEmailAddr, PrimaryPhone, WebAddr,
TaxIdentifier)."""
STREET_LIMIT, CITY_LIMIT, POSTAL_CODE_LIMIT = 500, 255, 30
"""Longest Line1, City and regions, and PostalCode of an address (Intuit's entity reference, PhysicalAddress)."""
COMPANY_LIMIT, NUMBER_LIMIT = 100, 100

_LINES = ("Line1", "Line2", "Line3", "Line4", "Line5")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def vendor_now(record: Record, ahead: timedelta = timedelta(0)) -> VendorNow:
    """A vendor as QuickBooks has it; its moment by our clock, QuickBooks' being `ahead` of it. Raises UnreadableError."""
    changed = instant(record, "MetaData", "LastUpdatedTime") or instant(record, "MetaData", "CreateTime") or _LONG_AGO
    address = Address(
        street=", ".join(line for name in _LINES if (line := text(record, "BillAddr", name).strip(" ,"))),
        city=text(record, "BillAddr", "City"),
        region=text(record, "BillAddr", "CountrySubDivisionCode"),
        postal_code=text(record, "BillAddr", "PostalCode"),
        country=text(record, "BillAddr", "Country"),
    )
    values = {
        NAME: name_of(record, "DisplayName"),
        ACTIVE: YES if flag(record, "Active", absent=True) else NO,
        EMAIL: text(record, "PrimaryEmailAddr", "Address"),
        PHONE: text(record, "PrimaryPhone", "FreeFormNumber"),
        WEBSITE: text(record, "WebAddr", "URI"),
        ADDRESS: address.text(),
        TERM: reference(record, "TermRef"),
        CURRENCY: reference(record, "CurrencyRef"),
    }
    return VendorNow(
        key=required(record, "Id"),
        code=" ".join(text(record, "AcctNum").split()),
        values={name: tidy(value) if name != ADDRESS else value for name, value in values.items()},
        at=changed - ahead,
        tax_tail=mask_tail(text(record, "TaxIdentifier")),
        account=text(record, "AcctNum"),
    )


def tidy(value: str) -> str:
    """A text on one line without outer or doubled white space: how values are compared."""
    return " ".join(value.split())


def mask_tail(shown: str) -> str:
    """What is legible of a masked tax id: letters and digits behind the mask."""
    return "".join(one for one in shown if one.isalnum()).lstrip("Xx")


def fits(field: str, value: str) -> str | None:
    """What a vendor in QuickBooks holds of a value; None when it can hold nothing of it. Names and terms are up to the caller."""
    if field == ADDRESS:
        return _fitting_address(Address.of(value)).text()
    if field == EMAIL and value and (len(value) > LIMITS[EMAIL] or not _EMAIL.fullmatch(value)):
        return None  # half an address reaches nobody
    if field in {TAX_ID, WEBSITE} and len(value) > LIMITS[field]:
        return None
    return value[: LIMITS[field]].strip() if field in LIMITS else value


def _fitting_address(address: Address) -> Address:
    return Address(
        street=address.street[:STREET_LIMIT].strip(" ,"),
        city=address.city[:CITY_LIMIT].strip(),
        region=address.region[:CITY_LIMIT].strip(),
        postal_code=address.postal_code[:POSTAL_CODE_LIMIT].strip(),
        country=address.country[:CITY_LIMIT].strip(),
    )


def changes_body(record: Record, changes: Mapping[str, str]) -> dict[str, Any]:
    """The sparse update that brings these values into a vendor as it was read: what is not named stays as it is.

    Sparse, because a full update would either clear the masked tax id or write its mask (Intuit documents neither for vendors).
    Raises UnsendableError for a name QuickBooks cannot hold.
    """
    body: dict[str, Any] = {
        "sparse": True,
        "Id": required(record, "Id"),
        "SyncToken": text(record, "SyncToken"),
        **_members(changes),
    }
    # QuickBooks puts a suffix on the name of an inactive vendor and does not take it off again.
    if changes.get(ACTIVE) == YES:
        body.setdefault("DisplayName", name_of(record, "DisplayName"))
    if NAME in changes and text(record, "CompanyName") == name_of(record, "DisplayName"):
        body["CompanyName"] = changes[NAME][:COMPANY_LIMIT].strip()
    return body


def new_vendor(code: str, values: Mapping[str, str], *, multicurrency: bool) -> dict[str, Any]:
    """The body that creates a vendor. The currency, which is for life, is named only where the company uses several."""
    if not values.get(NAME):
        raise UnsendableError("a vendor needs a name")
    filled = {name: value for name, value in values.items() if value and name not in {ACTIVE, CURRENCY}}
    body = _members(filled) | {"CompanyName": values[NAME][:COMPANY_LIMIT].strip(), "AcctNum": code[:NUMBER_LIMIT]}
    if multicurrency and values.get(CURRENCY):
        body["CurrencyRef"] = {"value": values[CURRENCY]}
    return body


def _members(values: Mapping[str, str]) -> dict[str, Any]:
    """Fields as QuickBooks writes them. Its currency is never among them: it cannot be changed."""
    made: dict[str, Any] = {}
    for field, value in values.items():
        match field:
            case "name":
                if not value or any(character in value for character in ":\t\r\n"):
                    raise UnsendableError(f"not a vendor name in QuickBooks: {value!r}")
                made["DisplayName"] = value
            case "active":
                made["Active"] = value == YES
            case "email":
                made["PrimaryEmailAddr"] = {"Address": value}
            case "phone":
                made["PrimaryPhone"] = {"FreeFormNumber": value}
            case "website":
                made["WebAddr"] = {"URI": value}
            case "address":
                made["BillAddr"] = _address_member(Address.of(value))
            case "term":
                made["TermRef"] = {"value": value} if value else {}
            case "tax_id":
                made["TaxIdentifier"] = value
    return made


def _address_member(address: Address) -> dict[str, str]:
    """A whole address: lines that another address had are emptied."""
    return {
        **dict.fromkeys(_LINES, ""),
        "Line1": address.street,
        "City": address.city,
        "CountrySubDivisionCode": address.region,
        "PostalCode": address.postal_code,
        "Country": address.country,
    }
