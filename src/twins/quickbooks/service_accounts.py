"""Accounts the service opens by itself: payables per foreign currency, exchange differences, purchase tax.

They are made together with the write that needs them first (`Context.also`).
"""

from twins.quickbooks.catalogue import ENTITIES
from twins.quickbooks.chart import typed
from twins.quickbooks.context import Context
from twins.quickbooks.currency import currency_reference
from twins.quickbooks.values import Json

PAYABLE = "AccountsPayable"
EXCHANGE = "ExchangeGainOrLoss"
TAX = "GlobalTaxPayable"

_NAMES = {
    PAYABLE: "Accounts Payable (A/P)",
    EXCHANGE: "Exchange Gain or Loss",
    TAX: "Purchase Tax Control",
}


def provide(context: Context, use: str, currency: str = "") -> Json:
    """The company's account for a use, opened with the present write when there is none yet."""
    company = context.company
    currency = currency or company.home_currency
    known = company.account_for(use, currency)
    if known is not None:
        return known
    for entity, record in context.also:
        if entity == "Account" and (record["AccountSubType"], record["CurrencyRef"]["value"]) == (use, currency):
            return record
    plain = _NAMES[use] if currency == company.home_currency else f"{_NAMES[use]} - {currency}"
    name = _free(context, plain)
    record = typed({"AccountSubType": use})
    record |= {
        "Id": company.next_id(ENTITIES["Account"]),
        "Name": name,
        "FullyQualifiedName": name,
        "Active": True,
        "SubAccount": False,
        "CurrencyRef": currency_reference(currency),
        "domain": "QBO",
        "sparse": False,
    }
    context.also.append(("Account", record))
    return record


def _free(context: Context, name: str) -> str:
    entity = ENTITIES["Account"]
    candidates = (name, *(f"{name} {number}" for number in range(1, 1000)))
    return next(each for each in candidates if context.company.name_owner(entity, each) is None)


def provide_tax(context: Context) -> None:
    """Make sure there is an account that purchase tax can be booked to."""
    if not context.company.books_to("tax"):
        provide(context, TAX)


def provide_exchange(context: Context) -> None:
    """Make sure there is an account that exchange differences can be booked to."""
    if not context.company.books_to(EXCHANGE):
        provide(context, EXCHANGE)
