"""Accounts: type and detail type, number, currency, and which may stand under which.

Source: Intuit's API reference of Account, codes 6010 and 2050 of the error page.
"""

from twins.quickbooks.chart import ALONE, typed
from twins.quickbooks.context import Context
from twins.quickbooks.currency import check_code, currency_of, currency_reference, is_known
from twins.quickbooks.faults import FaultError, Problem, business, refusal
from twins.quickbooks.values import Json

_NUMBER_LIMITS = {"US": 7, "GB": 7, "IN": 7}
_LONG_NUMBERS = 20
_CONTROL = {"Accounts Payable", "Accounts Receivable"}
_FOREIGN = {"Bank", "Credit Card", *_CONTROL}
"""Types of accounts that can be kept in a foreign currency."""


def account(context: Context, record: Json, old: Json | None) -> Json:
    """An account. Raises FaultError."""
    if old is not None and "AccountSubType" not in context.supplied and record.get("AccountType") != old["AccountType"]:
        record = {name: value for name, value in record.items() if name != "AccountSubType"}
    record = typed(record)
    if (
        old is not None
        and old["AccountType"] != record["AccountType"]
        and {old["AccountType"], record["AccountType"]} & _CONTROL
    ):
        raise business(f"The type of an {old['AccountType']} account cannot be changed.", "AccountType")
    if (
        old is not None
        and old["AccountType"] != record["AccountType"]
        and context.company.children("Account", old["Id"])
    ):
        raise business("A sub-account must have the type of its parent.", "AccountType")
    _check_number(context, record)
    return _in_its_currency(context, record, old)


def _check_number(context: Context, record: Json) -> None:
    number = record.get("AcctNum", "")
    if ":" in number:
        raise FaultError(Problem("2040", f"Element contains invalid characters : {number}", "AcctNum"))
    limit = _NUMBER_LIMITS.get(context.company.country, _LONG_NUMBERS)
    if len(number) > limit:
        detail = f"String length specified does not match the supported length. Min:0 Max:{limit} supported. "
        raise FaultError(Problem("2050", f"{detail}Supplied length:{len(number)}", "AcctNum"))
    owner = context.company.account_number_owner(number) if number else None
    if owner is not None and owner != record.get("Id"):
        raise refusal("6240", f"The account number {number} is already used. Id={owner}", "AcctNum")


def _in_its_currency(context: Context, record: Json, old: Json | None) -> Json:
    if old is not None:
        return {**record, "CurrencyRef": old["CurrencyRef"]}
    home = context.company.home_currency
    wanted = currency_of(record, home)
    if wanted != home:
        check_code(wanted, "CurrencyRef")
        if not is_known(context, wanted):
            raise refusal("2220", f"{wanted} is not a currency of this company", "CurrencyRef")
        if record["AccountType"] not in _FOREIGN and not context.lenient:
            raise business(f"An {record['AccountType']} account is kept in the home currency.", "CurrencyRef")
    return {**record, "CurrencyRef": currency_reference(wanted)}


def check_parent(record: Json, parent: Json) -> None:
    """Raises FaultError 6000 for a parent of another type, or one that stands alone."""
    if record["AccountType"] != parent["AccountType"]:
        raise business("A sub-account must have the type of its parent.", "ParentRef")
    if {record.get("AccountSubType"), parent.get("AccountSubType")} & ALONE:
        raise business("This account can neither be nor have a sub-account.", "ParentRef")
