"""Vendors, customers, accounts, locations, classes and the small lists: names, parents, and what making inactive does.

Source: Intuit's API reference of each; the name suffix of inactive records was recorded from the service.
"""

from collections.abc import Callable

from twins.quickbooks.catalogue import ENTITIES, Family
from twins.quickbooks.context import Context, reference_to
from twins.quickbooks.currency import NAMES, currency_of, currency_reference, is_known, without
from twins.quickbooks.faults import FaultError, Problem, missing, refusal
from twins.quickbooks.values import Json

SUFFIX = " (deleted)"
MAX_LEVELS = 5
_NESTED = {
    "Account": "SubAccount",
    "Department": "SubDepartment",
    "Class": "SubClass",
    "Item": "SubItem",
    "Customer": "Job",
}
_REFERENCES = {
    "Vendor": {"TermRef": "Term", "APAccountRef": "Account"},
    "Customer": {"SalesTermRef": "Term"},
    "Item": {
        "ExpenseAccountRef": "Account",
        "IncomeAccountRef": "Account",
        "AssetAccountRef": "Account",
        "PrefVendorRef": "Vendor",
        "ClassRef": "Class",
    },
}
_CLASSIFICATION = {
    "Bank": "Asset",
    "Accounts Receivable": "Asset",
    "Other Current Asset": "Asset",
    "Fixed Asset": "Asset",
    "Other Asset": "Asset",
    "Accounts Payable": "Liability",
    "Credit Card": "Liability",
    "Other Current Liability": "Liability",
    "Long Term Liability": "Liability",
    "Equity": "Equity",
    "Income": "Revenue",
    "Other Income": "Revenue",
    "Cost of Goods Sold": "Expense",
    "Expense": "Expense",
    "Other Expense": "Expense",
    "Non-Posting": "Asset",
}


def finish(context: Context, kind: str, fields: Json, old: Json | None) -> Json:
    """The whole list record for what a request says. Raises FaultError."""
    record = {"Active": True, **fields}
    prepare = _PREPARE.get(kind)
    if prepare is not None:
        record = prepare(context, record, old)
    record = context.complete(record, _REFERENCES.get(kind, {}))
    name_field = ENTITIES[kind].name_field
    if name_field not in record and kind != "CompanyCurrency":
        raise FaultError(missing(name_field))
    record = _nest(context, kind, _suffixed(record, name_field))
    _check_name(context, kind, record)
    return record


def _suffixed(record: Json, name_field: str) -> Json:
    if record["Active"] or name_field not in record or record[name_field].endswith(SUFFIX):
        return record
    return {**record, name_field: record[name_field] + SUFFIX}


def _nest(context: Context, kind: str, record: Json) -> Json:
    flag = _NESTED.get(kind)
    if flag is None:
        return record
    name = record[ENTITIES[kind].name_field]
    if "ParentRef" not in record:
        return {**record, flag: False, "FullyQualifiedName": name}
    parent = context.find(kind, record["ParentRef"])
    if parent["Id"] == record.get("Id"):
        raise refusal("900", "A record cannot be its own parent", "ParentRef")
    full_name = f"{parent.get('FullyQualifiedName', '')}:{name}"
    if full_name.count(":") >= MAX_LEVELS:
        raise refusal("6180", f"Up to {MAX_LEVELS} levels are supported", "ParentRef")
    return {**record, "ParentRef": reference_to(kind, parent), flag: True, "FullyQualifiedName": full_name}


def _check_name(context: Context, kind: str, record: Json) -> None:
    entity = ENTITIES[kind]
    name = record.get(entity.name_field, "")
    forbidden = ":\t\n" if entity.family is Family.PERSON else ':"\t\n' if kind == "Account" else ":\t\n"
    if any(character in name for character in forbidden):
        raise FaultError(Problem("2040", f"Element contains invalid characters : {name}", entity.name_field))
    unique = (
        name if entity.family is Family.PERSON else record.get("FullyQualifiedName") or name or record.get("Code", "")
    )
    owner = context.company.name_owner(entity, unique)
    if owner is not None and owner != (kind, record.get("Id")):
        raise refusal(
            "6240",
            f"The name supplied already exists. : Another customer, vendor or employee is already using this name. Id={owner[1]}"
            if entity.family is Family.PERSON
            else f"The name supplied already exists. : Id={owner[1]}",
            entity.name_field,
        )


def _person_name(record: Json) -> Json:
    if "DisplayName" in record:
        return record
    parts = [record[name] for name in ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix") if name in record]
    if not parts:
        raise refusal(
            "6080", "At least one of Title, GivenName, MiddleName, FamilyName, Suffix, DisplayName is required"
        )
    return {**record, "DisplayName": " ".join(parts)}


def _mail(record: Json) -> None:
    address = record.get("PrimaryEmailAddr", {}).get("Address", "")
    if address and ("@" not in address or "." not in address.rpartition("@")[2]):
        raise refusal(
            "2210", f"Email address does not conform to the syntax. Supplied value:{address}", "PrimaryEmailAddr"
        )


def _fixed_currency(context: Context, record: Json, old: Json | None) -> Json:
    home = context.company.home_currency
    if old is not None:
        return {**record, "CurrencyRef": old["CurrencyRef"]}
    wanted = currency_of(record, home)
    if wanted != home and not is_known(context, wanted):
        raise refusal("2220", f"{wanted} is not a currency of this company", "CurrencyRef")
    return {**record, "CurrencyRef": currency_reference(wanted)}


def _vendor(context: Context, record: Json, old: Json | None) -> Json:
    record = _person_name(record)
    _mail(record)
    if old is None and context.switches.vendor_currency_ignored and not context.lenient:
        record = without(record, "CurrencyRef")
    identifier = record.get("TaxIdentifier", "")
    if identifier:
        record = {**record, "TaxIdentifier": "X" * max(len(identifier) - 4, 0) + identifier[-4:]}
    record = {"PrintOnCheckName": record["DisplayName"], "Vendor1099": False, **record}
    return _fixed_currency(context, record, old)


def _customer(context: Context, record: Json, old: Json | None) -> Json:
    record = _person_name(record)
    _mail(record)
    return _fixed_currency(context, {"PrintOnCheckName": record["DisplayName"], **record}, old)


def _employee(_context: Context, record: Json, _old: Json | None) -> Json:
    return _person_name(record)


def _account(context: Context, record: Json, old: Json | None) -> Json:
    if "AccountType" not in record and old is not None:
        record = {**record, "AccountType": old["AccountType"]}
    if "AccountType" not in record:
        raise refusal("6010", "You must specify either an AccountType or an AccountSubType", "AccountType")
    number = record.get("AcctNum", "")
    if ":" in number:
        raise FaultError(Problem("2040", f"Element contains invalid characters : {number}", "AcctNum"))
    limit = 7 if context.company.info.get("Country", "US") in {"US", "USA", "GB", "GBR", "UK", "IN", "IND"} else 20
    if len(number) > limit:
        detail = f"String length specified does not match the supported length. Min:0 Max:{limit} supported. "
        raise FaultError(Problem("2050", f"{detail}Supplied length:{len(number)}", "AcctNum"))
    others = context.company.tables["Account"].records.items()
    if number and any(each.get("AcctNum") == number and key != record.get("Id") for key, each in others):
        raise refusal("6240", f"The account number {number} is already used", "AcctNum")
    record = {**record, "Classification": _CLASSIFICATION[record["AccountType"]]}
    return _fixed_currency(context, record, old)


def _term(_context: Context, record: Json, _old: Json | None) -> Json:
    return {"Type": "DATE_DRIVEN" if "DayOfMonthDue" in record else "STANDARD", **record}


def _currency(_context: Context, record: Json, _old: Json | None) -> Json:
    if "Code" not in record:
        raise FaultError(missing("Code"))
    return {"Name": NAMES.get(record["Code"], record["Code"]), **record}


def _item(_context: Context, record: Json, _old: Json | None) -> Json:
    return {"Type": "Service", **record}


_PREPARE: dict[str, Callable[[Context, Json, Json | None], Json]] = {
    "Vendor": _vendor,
    "Customer": _customer,
    "Employee": _employee,
    "Account": _account,
    "Term": _term,
    "CompanyCurrency": _currency,
    "Item": _item,
}
