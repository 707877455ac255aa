"""In which currency a transaction stands, and at which rate: what was measured on a real company in July 2026.

A foreign transaction needs a rate (2410), its party must have the same currency (6000), and only one foreign currency may
take part (6000). A home-currency transaction needs neither.
"""

from decimal import Decimal

from twins.quickbooks.context import Context
from twins.quickbooks.faults import FaultError, Problem, business, refusal
from twins.quickbooks.values import Json

NAMES = {
    "AUD": "Australian Dollar", "CAD": "Canadian Dollar", "CHF": "Swiss Franc", "DKK": "Danish Krone", "EUR": "Euro",
    "GBP": "British Pound Sterling", "INR": "Indian Rupee", "JPY": "Japanese Yen", "NOK": "Norwegian Krone",
    "PLN": "Polish Zloty", "SEK": "Swedish Krona", "USD": "United States Dollar",
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
    return code == company.home_currency or any(each["Code"] == code and each.get("Active", True) for each in listed)


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
    if not is_known(context, wanted):
        raise refusal("2220", f"{wanted} is not a currency of this company", "CurrencyRef")
    if old is not None and currency_of(old, home) != wanted:
        raise business("The currency of a transaction cannot be changed.", "CurrencyRef")
    if party is not None and currency_of(party, home) != wanted:
        raise business(ONE_FOREIGN, "CurrencyRef")
    if wanted == home:
        return {**fields, "CurrencyRef": currency_reference(home), "ExchangeRate": 1}
    if Decimal(fields.get("ExchangeRate", 0)) <= 0:
        raise FaultError(Problem("2410", "Currency, ExchangeRate is missing.", "ExchangeRate"))
    return {**fields, "CurrencyRef": currency_reference(wanted)}


def check_account(context: Context, account: Json, currency: str) -> None:
    """Raises FaultError 6000 when the account is kept in a foreign currency other than the transaction's."""
    home = context.company.home_currency
    if currency_of(account, home) not in {home, currency}:
        raise business(ONE_FOREIGN)


def without(fields: Json, *names: str) -> Json:
    """The record less some properties."""
    return {name: value for name, value in fields.items() if name not in names}
