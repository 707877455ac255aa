"""Vendors, customers and employees: the name they go by, their currency, and what is masked.

Source: Intuit's API reference of each. A foreign currency on a new vendor was measured to be ignored in July 2026.
"""

from twins.quickbooks.catalogue import ENTITIES
from twins.quickbooks.company import masked
from twins.quickbooks.context import Context
from twins.quickbooks.currency import NAMES, check_code, currency_of, currency_reference, is_known, without
from twins.quickbooks.faults import FaultError, business, missing, refusal
from twins.quickbooks.values import Json

_NAME_PARTS = ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")


def vendor(context: Context, record: Json, old: Json | None) -> Json:
    """A vendor. Raises FaultError."""
    record = _named(context, record, old)
    ignored = context.switches.vendor_currency_ignored and not context.lenient and not context.by_hand
    if old is None and ignored:
        record = without(record, "CurrencyRef")
    record = {"PrintOnCheckName": record["DisplayName"], "Vendor1099": False, **record}
    record = _in_its_currency(context, _identified(context, record, old), old)
    _check_inactivation(context, record, old)
    return record


def customer(context: Context, record: Json, old: Json | None) -> Json:
    """A customer, or a job of one. Raises FaultError."""
    record = _named(context, record, old)
    usual = {"PrintOnCheckName": record["DisplayName"], "BillWithParent": False, "PreferredDeliveryMethod": "Print"}
    return _in_its_currency(context, {**usual, **record}, old)


def employee(context: Context, record: Json, old: Json | None) -> Json:
    """An employee, who goes by given and family name; with payroll nobody can choose another. Raises FaultError."""
    named = [record[name] for name in ("GivenName", "FamilyName") if name in record]
    if not named and not context.lenient:
        raise FaultError(missing("GivenName"), missing("FamilyName"))
    if _has_payroll(context) and named:
        record = without(record, "DisplayName")
        if not record["Active"] and old is not None and not old["Active"]:
            record["DisplayName"] = old["DisplayName"]
    record = _named(context, record, old)
    record = {"PrintOnCheckName": record["DisplayName"], "BillableTime": False, **record}
    if "SSN" in record and old is not None and record["SSN"].upper().startswith("X"):
        record = {**record, "SSN": old.get("SSN", record["SSN"])}
    return record


def _has_payroll(context: Context) -> bool:
    pairs = context.company.info.get("NameValue", ())
    return any(each["Name"] == "PayrollFeature" and str(each["Value"]).lower() == "true" for each in pairs)


def _named(context: Context, record: Json, old: Json | None) -> Json:
    """The record with a display name, made of its parts where there is none. Raises FaultError 6080 or 2020."""
    if "DisplayName" in record:
        return record
    if old is not None and "DisplayName" in context.supplied:
        raise FaultError(missing("DisplayName"))
    parts = [record[name] for name in _NAME_PARTS if name in record]
    if not parts:
        raise refusal(
            "6080", "At least one of Title, GivenName, MiddleName, FamilyName, Suffix, DisplayName is required"
        )
    return {**record, "DisplayName": " ".join(parts)}


def _identified(context: Context, record: Json, old: Json | None) -> Json:
    """A mask that was read and comes back does not take the place of the number behind it, unless switched."""
    known = (old or {}).get("TaxIdentifier")
    sent_back = known is not None and record.get("TaxIdentifier") == masked(known)
    return {**record, "TaxIdentifier": known} if sent_back and context.switches.masked_tax_identifier_kept else record


def _in_its_currency(context: Context, record: Json, old: Json | None) -> Json:
    """The record with its currency, which cannot be changed; a new one becomes a currency of the company."""
    if old is not None:
        return {**record, "CurrencyRef": old["CurrencyRef"]}
    company = context.company
    wanted = currency_of(record, company.home_currency)
    if wanted != company.home_currency:
        check_code(wanted, "CurrencyRef")
        if not company.multicurrency and not context.lenient:
            raise business("Multicurrency is not enabled for this company.", "CurrencyRef")
        if not is_known(context, wanted):
            context.also.append(("CompanyCurrency", _new_currency(context, wanted)))
    return {**record, "CurrencyRef": currency_reference(wanted)}


def _new_currency(context: Context, code: str) -> Json:
    known = context.company.name_owner(ENTITIES["CompanyCurrency"], code)
    if known is not None:
        raise business(f"The currency {code} has been made inactive.", "CurrencyRef")
    key = context.company.next_id(ENTITIES["CompanyCurrency"])
    return {"Id": key, "Code": code, "Name": NAMES.get(code, code), "Active": True, "domain": "QBO", "sparse": False}


def _check_inactivation(context: Context, record: Json, old: Json | None) -> None:
    if old is None or record["Active"] or not old["Active"] or not context.switches.inactive_needs_zero_balance:
        return
    if context.company.books.by_vendor.get(old["Id"]):
        raise refusal("6220", "A vendor with an open balance cannot be made inactive", "Active")
