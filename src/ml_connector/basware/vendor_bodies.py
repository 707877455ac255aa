"""Basware's vendors in the form both systems share, and back: what a vendor holds of a value, and the whole record that says it.

A vendor is always posted whole: a PATCH must not change its inner records and cannot empty a field (Basware P2P specification).
What of a record is not ours is taken over from the record as it was read, so that nothing only Basware has is lost.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from ml_connector.basware.master_data import MARK
from ml_connector.basware.monitoring import instant
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

CODE_LIMIT, EXTERNAL_CODE_LIMIT = 25, 36
LIMITS = {NAME: 250, EMAIL: 200, PHONE: 50, WEBSITE: 200, TERM: 25, TAX_ID: 36}
"""Longest values of a vendor (Basware P2P specification, VendorEntity and its inner records)."""
PART_LIMIT, MORE_LIMIT, ADDRESS_NAME_LIMIT = 50, 200, 200
"""Longest streetName and other parts of an address, additional address fields, and names of addresses and contacts."""

Record = Mapping[str, Any]
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_COUNTRY, _MORE_STREET = "Country", "AdditionalStreetName"
_GENERATED = frozenset({"lastUpdated", "buvid"})


class VendorShape(msgspec.Struct, frozen=True, kw_only=True):
    """What Basware has to be told about every vendor: companies for new ones, the identifier that is the tax id, and how vendors
    are paid whose payment means nobody named."""

    companies: tuple[str, ...]
    tax_scheme: str
    payment_means: str
    source_system: str = "QuickBooks"


def read_record(payload: str) -> dict[str, Any]:
    """A vendor as it was read, without what Basware adds by itself and without our mark. Raises msgspec.DecodeError."""
    found = msgspec.json.decode(payload, type=dict[str, Any])
    kept = {name: value for name, value in found.items() if name not in _GENERATED and value is not None}
    if "tags" in kept:
        kept["tags"] = [one for one in _inner(found, "tags") if one.get("name") != MARK]
        if not kept["tags"]:
            del kept["tags"]
    return kept


def changed_at(payload: str) -> datetime:
    """When a vendor was posted last, by Basware's clock."""
    return instant(str(msgspec.json.decode(payload).get("lastUpdated") or "")) or _LONG_AGO


def vendor_now(record: Record, shape: VendorShape, changed: datetime, ahead: timedelta = timedelta(0)) -> VendorNow:
    """A vendor as Basware's interface shows it; its moment by our clock, Basware's being `ahead` of it."""
    contact, address = _contact(record), _address(record)
    means = _means(record)
    status = record.get("processingStatus") or {}
    term = record.get("paymentTerms") or {}
    values = {
        NAME: _text(record, "name"),
        ACTIVE: NO if status.get("active") is False else YES,
        EMAIL: _text(contact, "email"),
        PHONE: _text(contact, "telephone"),
        WEBSITE: _text(contact, "website"),
        ADDRESS: _address_of(address).text(),
        TERM: _text(term, "paymentTermCode"),
        CURRENCY: _text(means, "currencyCode"),
        TAX_ID: _tax_id(record, shape.tax_scheme),
    }
    return VendorNow(
        key=_text(record, "externalCode"),
        code=_text(record, "vendorCode"),
        values=values,
        at=changed - ahead,
        account=_text(record, "supplierAssignedAccountId"),
    )


def _tax_id(record: Record, scheme: str) -> str:
    found = [one for one in _inner(record, "identifiers") if one.get("schemeId") == scheme]
    return _text(found[0], "id") if found else ""


def _address_of(address: Record) -> Address:
    more = {str(one.get("key")): _text(one, "value") for one in _inner(address, "additionalAddressFields")}
    street = [part.strip(" ,") for part in (_text(address, "streetName"), more.get(_MORE_STREET, ""))]
    return Address(
        street=", ".join(part for part in street if part),
        city=_text(address, "cityName"),
        region=_text(address, "countrySubEntity"),
        postal_code=_text(address, "postalZone"),
        country=more.get(_COUNTRY, "") or _text(address, "countryId"),
    )


def fits(field: str, value: str) -> str | None:
    """What a vendor in Basware holds of a value; None when it can hold nothing of it. Terms are decided by the caller."""
    if field == ADDRESS:
        return _address_of(_address_members({}, Address.of(value))).text()
    if field == EMAIL and "@" not in value:
        return "" if not value else None
    if field in {EMAIL, WEBSITE, TERM, TAX_ID} and len(value) > LIMITS[field]:
        return None
    if field == NAME and not value:
        return None
    return value[: LIMITS[field]].strip() if field in LIMITS else value


def new_record(external_code: str, vendor_code: str, shape: VendorShape) -> dict[str, Any]:
    """The beginning of a vendor Basware does not have."""
    return {
        "externalCode": external_code[:EXTERNAL_CODE_LIMIT],
        "vendorCode": vendor_code,
        "sourceSystem": shape.source_system,
        "companies": [{"companyCode": one, "inheritToChildUnits": True} for one in shape.companies],
        "processingStatus": {"active": True, "paymentDenied": False},
    }


def with_values(base: Record, values: Mapping[str, str], shape: VendorShape) -> dict[str, Any]:
    """The whole record with these values in it; everything else stays as it is in `base`."""
    made = dict(base)
    if NAME in values:
        made["name"] = values[NAME]
    if ACTIVE in values:
        made["processingStatus"] = {**(made.get("processingStatus") or {}), "active": values[ACTIVE] == YES}
    if TERM in values:
        made["paymentTerms"] = {"paymentTermCode": values[TERM]} if values[TERM] else None
    _put_contact(made, {name: values[name] for name in (EMAIL, PHONE, WEBSITE) if name in values})
    if ADDRESS in values:
        _put_address(made, Address.of(values[ADDRESS]))
    if values.get(CURRENCY):
        _put_currency(made, values[CURRENCY], shape)
    if TAX_ID in values:
        others = [one for one in _inner(made, "identifiers") if one.get("schemeId") != shape.tax_scheme]
        own = [{"id": values[TAX_ID], "schemeId": shape.tax_scheme, "defaultPartyId": False}] if values[TAX_ID] else []
        made["identifiers"] = [*others, *own]
    return {name: value for name, value in made.items() if value not in (None, [])}


def body_of(record: Record) -> str:
    """A record as JSON, the same for the same content."""
    return msgspec.json.encode(record, order="sorted").decode()


_CONTACT_FIELDS = {EMAIL: "email", PHONE: "telephone", WEBSITE: "website"}


def _put_contact(made: dict[str, Any], values: Mapping[str, str]) -> None:
    if not values:
        return
    own = dict(_contact(made))
    own |= {_CONTACT_FIELDS[name]: value for name, value in values.items()}
    own = {name: value for name, value in own.items() if value != ""}
    contacts = list(_inner(made, "contacts"))
    place = next((number for number, one in enumerate(contacts) if one is _contact(made)), None)
    if not own.get("name"):
        if not any(values.values()):
            return
        own = {"name": str(made["name"])[:ADDRESS_NAME_LIMIT], "role": "PrimaryContact", **own}
    if place is None:
        contacts.append(own)
    else:
        contacts[place] = own
    made["contacts"] = contacts


def _put_address(made: dict[str, Any], address: Address) -> None:
    addresses, before = list(_inner(made, "addresses")), _address(made)
    if not address.text() and not before:
        return
    start = dict(before) or {
        "externalCode": f"{made['externalCode']}"[: EXTERNAL_CODE_LIMIT - 2] + "-P",
        "name": str(made["name"])[:ADDRESS_NAME_LIMIT],
        "addressType": "PostalAddress",
        "default": not addresses,
    }
    own = _address_members(start, address)
    place = next((number for number, one in enumerate(addresses) if one is before), None)
    if place is None:
        addresses.append(own)
    else:
        addresses[place] = own
    made["addresses"] = addresses


def _address_members(start: Record, address: Address) -> dict[str, Any]:
    """An address in the fields P2P reads: not address lines, not countryId (Basware P2P specification)."""
    street, more_street = _split(address.street)
    kept = [one for one in _inner(start, "additionalAddressFields") if one.get("key") not in {_COUNTRY, _MORE_STREET}]
    more = [
        {"key": key, "value": value[:MORE_LIMIT]}
        for key, value in ((_COUNTRY, address.country), (_MORE_STREET, more_street))
        if value
    ]
    country_id = address.country.upper() if len(address.country) == 2 and address.country.isalpha() else ""
    members = {
        "streetName": street,
        "cityName": address.city[:PART_LIMIT].strip(),
        "countrySubEntity": address.region[:PART_LIMIT].strip(),
        "postalZone": address.postal_code[:PART_LIMIT].strip(),
        "countryId": country_id,
        "additionalAddressFields": [*kept, *more],
    }
    return {name: value for name, value in {**start, **members}.items() if value not in ("", [], None)}


def _split(street: str) -> tuple[str, str]:
    """A street in the field that is for it, and what does not fit into it: broken at a comma, else at a space."""
    if len(street) <= PART_LIMIT:
        return street, ""
    for mark in (",", " "):
        place = street.rfind(mark, 1, PART_LIMIT + 1)
        if place > 0:
            return street[:place].strip(" ,"), street[place:].strip(" ,")[:MORE_LIMIT].strip(" ,")
    return street[:PART_LIMIT].strip(" ,"), street[PART_LIMIT:][:MORE_LIMIT].strip(" ,")


def _put_currency(made: dict[str, Any], currency: str, shape: VendorShape) -> None:
    """The currency of the default payment means is the vendor's (Basware P2P specification, VendorPaymentMeanEntity)."""
    means, before = list(_inner(made, "paymentMeans")), _means(made)
    if not before:
        means.append({"paymentMeansCode": shape.payment_means, "currencyCode": currency, "default": True})
    else:
        means = [{**one, "currencyCode": currency, "default": True} if one is before else one for one in means]
    made["paymentMeans"] = means


def postal_address(record: Record) -> dict[str, str]:
    """The postal address as P2P's own tables have it: the street without what went into an additional field."""
    address = _address(record)
    return {
        "street": _text(address, "streetName"),
        "city": _text(address, "cityName"),
        "postal_code": _text(address, "postalZone"),
    }


def bank_details(record: Record) -> list[dict[str, Any]]:
    """Where a vendor is paid: every bank account with its payment means, in a stable order. Empty when there is none."""
    found = [
        {"paymentMeansCode": mean.get("paymentMeansCode"), "financialAccounts": mean["financialAccounts"]}
        for mean in _inner(record, "paymentMeans")
        if mean.get("financialAccounts")
    ]
    return sorted(found, key=lambda one: msgspec.json.encode(one, order="sorted"))


def with_bank_details(record: Record, details: list[dict[str, Any]]) -> dict[str, Any]:
    """The record with other bank accounts; payment means without accounts stay."""
    left = [dict(one) for one in details]
    means: list[dict[str, Any]] = []
    for mean in _inner(record, "paymentMeans"):
        plain = {name: value for name, value in mean.items() if name != "financialAccounts"}
        own = next((one for one in left if one.get("paymentMeansCode") == mean.get("paymentMeansCode")), None)
        if own is not None:
            left.remove(own)
            plain["financialAccounts"] = own["financialAccounts"]
        means.append(plain)
    means += left
    made = {**record, "paymentMeans": means}
    return made if means else {name: value for name, value in made.items() if name != "paymentMeans"}


def _contact(record: Record) -> Record:
    """The contact whose e-mail P2P takes: the primary one, else the first."""
    contacts = _inner(record, "contacts")
    primary = [one for one in contacts if one.get("role") == "PrimaryContact"]
    return (primary or contacts or [{}])[0]


def _address(record: Record) -> Record:
    """The postal address: the default one of its type, else the first."""
    postal = [one for one in _inner(record, "addresses") if one.get("addressType") in {"PostalAddress", None}]
    default = [one for one in postal if one.get("default")]
    return (default or postal or [{}])[0]


def _means(record: Record) -> Record:
    """The default payment means, else the only one."""
    means = _inner(record, "paymentMeans")
    default = [one for one in means if one.get("default")]
    return default[0] if default else means[0] if len(means) == 1 else {}


def _inner(record: Record, name: str) -> list[dict[str, Any]]:
    value = record.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(record: Record, name: str) -> str:
    value = record.get(name)
    return "" if value is None else " ".join(str(value).split())
