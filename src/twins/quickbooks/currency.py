"""In which currency a transaction stands, and at which rate: what was measured on a real company in July 2026.

A foreign transaction needs a rate (2410), its party must have the same currency (6000), and only one foreign currency may
take part (6000). A home-currency transaction needs neither.
"""

from decimal import Decimal
from typing import Any

from twins.quickbooks.catalogue import Entity
from twins.quickbooks.checks import inspect
from twins.quickbooks.context import Context
from twins.quickbooks.faults import FaultError, Problem, business, missing, refusal
from twins.quickbooks.values import Json

NAMES = {
    "AED": "United Arab Emirates Dirham", "AUD": "Australian Dollar", "BRL": "Brazilian Real", "CAD": "Canadian Dollar",
    "CHF": "Swiss Franc", "CNY": "Chinese Yuan", "CZK": "Czech Koruna", "DKK": "Danish Krone", "EUR": "Euro",
    "GBP": "British Pound Sterling", "HKD": "Hong Kong Dollar", "HUF": "Hungarian Forint", "ILS": "Israeli Shekel",
    "INR": "Indian Rupee", "ISK": "Icelandic Krona", "JPY": "Japanese Yen", "KRW": "South Korean Won", "MXN": "Mexican Peso",
    "MYR": "Malaysian Ringgit", "NOK": "Norwegian Krone", "NZD": "New Zealand Dollar", "PHP": "Philippine Peso",
    "PLN": "Polish Zloty", "RON": "Romanian Leu", "SAR": "Saudi Riyal", "SEK": "Swedish Krona", "SGD": "Singapore Dollar",
    "THB": "Thai Baht", "TRY": "Turkish Lira", "TWD": "New Taiwan Dollar", "UAH": "Ukrainian Hryvnia",
    "USD": "United States Dollar", "ZAR": "South African Rand",
}  # fmt: skip

ONE_FOREIGN = "You can only use one foreign currency per transaction."


def currency_reference(code: str) -> Json:
    """A currency as a reference."""
    return {"value": code, "name": NAMES.get(code, code)}


def currency_of(record: Json | None, home: str) -> str:
    """The currency of a vendor, customer, account or transaction; home currency when it names none."""
    return str((record or {}).get("CurrencyRef", {}).get("value", home))


def is_known(context: Context, code: str) -> bool:
    """Whether the company uses the currency."""
    company = context.company
    listed = company.tables["CompanyCurrency"].records.values()
    return code == company.home_currency or any(
        each["Code"] == code and (each.get("Active", True) or context.lenient) for each in listed
    )


def check_code(code: str, element: str) -> None:
    """Raises FaultError 2220 for what is no currency at all."""
    if len(code) != 3 or not (code.isascii() and code.isalpha() and code.isupper()):
        raise refusal("2220", f"Currency code is not valid. Supplied value:{code}", element)


def settle(context: Context, fields: Json, old: Json | None, party: Json | None) -> Json:
    """The transaction with its currency and rate decided. `party` is its vendor, where it has one.

    Raises FaultError 2410 without a rate, 6000 for a currency the party or the company does not use.
    """
    company = context.company
    home = company.home_currency
    wanted = currency_of(fields, home)
    if not company.multicurrency:
        if old is None and "CurrencyRef" in fields and not context.lenient:
            if context.switches.refuse_currency_when_single or wanted != home:
                raise business(
                    "Multicurrency is not enabled for this company; a currency cannot be specified.", "CurrencyRef"
                )
        elif wanted != home:
            raise business("Multicurrency is not enabled for this company.", "CurrencyRef")
        return {**without(fields, "ExchangeRate"), "CurrencyRef": currency_reference(home)}
    if old is not None and currency_of(old, home) != wanted:
        raise business("The currency of a transaction cannot be changed.", "CurrencyRef")
    if old is None and not is_known(context, wanted):
        raise refusal("2220", f"{wanted} is not a currency of this company", "CurrencyRef")
    if party is not None and currency_of(party, home) != wanted:
        raise business(ONE_FOREIGN, "CurrencyRef")
    if wanted == home:
        return {**fields, "CurrencyRef": currency_reference(home), "ExchangeRate": 1}
    if Decimal(fields.get("ExchangeRate", 0)) <= 0:
        # The service's own text is spelled like this.
        raise FaultError(Problem("2410", "Curreny, ExchangeRate is missing.", "ExchangeRate"))
    return {**fields, "CurrencyRef": currency_reference(wanted)}


def check_account(context: Context, account: Json, currency: str) -> None:
    """Raises FaultError 6000 when the account is kept in a foreign currency other than the transaction's."""
    home = context.company.home_currency
    if currency_of(account, home) not in {home, currency}:
        raise business(ONE_FOREIGN)


def without(fields: Json, *names: str) -> Json:
    """The record less some properties."""
    return {name: value for name, value in fields.items() if name not in names}


def company_currency(context: Context, record: Json, old: Json | None) -> Json:
    """A currency of the company. Raises FaultError."""
    if "Code" not in record:
        raise FaultError(missing("Code"))
    check_code(record["Code"], "Code")
    if not context.company.multicurrency and not context.lenient:
        raise business("Multicurrency is not enabled for this company.")
    if record["Code"] == context.company.home_currency:
        raise business("The home currency is always a currency of the company.", "Code")
    if old is not None and record["Code"] != old["Code"]:
        raise business("The code of a currency cannot be changed.", "Code")
    return {"Name": NAMES.get(record["Code"], record["Code"]), **record}


def exchange_rate(context: Context, entity: Entity, body: Any) -> tuple[Json, Json | None]:
    """The rate of a currency on a day, which has one record, and that record as it was. Raises FaultError."""
    company = context.company
    fields = {name: value for name, value in inspect(entity, body, latin1_only=False).items() if value is not None}
    absent = [missing(name) for name in ("SourceCurrencyCode", "Rate") if name not in fields]
    if absent:
        raise FaultError(*absent)
    if not company.multicurrency and not context.lenient:
        raise business("Multicurrency is not enabled for this company.")
    source, home = fields["SourceCurrencyCode"], company.home_currency
    check_code(source, "SourceCurrencyCode")
    if fields.get("TargetCurrencyCode", home) != home:
        raise business(f"Rates are kept for the home currency, {home}, alone.", "TargetCurrencyCode")
    if not context.lenient and (source == home or not is_known(context, source)):
        raise refusal("2220", f"{source} is not a foreign currency of this company", "SourceCurrencyCode")
    if fields["Rate"] <= 0:
        raise refusal("2090", f"Rate : {fields['Rate']}", "Rate")
    day = fields.get("AsOfDate", context.today)
    record = {**without(fields, "Id", "SyncToken"), "TargetCurrencyCode": home, "AsOfDate": day}
    record |= {"Id": f"{source}-{day}", "domain": "QBO", "sparse": False}
    return record, company.get(entity.name, record["Id"])
