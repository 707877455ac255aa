"""The currencies a generated firm may deal in: their names, their payable accounts in QuickBooks and their rates to the dollar.

Rates are invented, of the right size, and move a little from day to day. Nothing here knows about documents.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

HOME = "USD"


@dataclass(frozen=True)
class Currency:
    """One currency: `rate` is US dollars for one unit, `payable_id` QuickBooks' id of its Accounts Payable account."""

    code: str
    name: str
    rate: Decimal
    payable_id: str
    payable_number: str


FOREIGN = (
    Currency("EUR", "Euro", Decimal("1.0842"), "133", "2001"),
    Currency("GBP", "British Pound Sterling", Decimal("1.2715"), "134", "2002"),
    Currency("CAD", "Canadian Dollar", Decimal("0.7236"), "135", "2003"),
)
_BY_CODE = {currency.code: currency for currency in FOREIGN}
_FIRST_DAY = date(2026, 9, 1)


def currency_ref(code: str) -> dict[str, str]:
    """A reference to a currency as QuickBooks prints it."""
    return {"value": code, "name": "United States Dollar" if code == HOME else _BY_CODE[code].name}


def rate(code: str, day: date) -> Decimal:
    """US dollars for one unit on a day, to four decimals; the home currency is always 1."""
    if code == HOME:
        return Decimal("1.0")
    swing = Decimal((day - _FIRST_DAY).days % 11 - 5) / 1000
    return (_BY_CODE[code].rate * (1 + swing)).quantize(Decimal("0.0001"))


def quickbooks_currencies() -> list[dict[str, Any]]:
    """The foreign currencies in QuickBooks' CompanyCurrency shape."""
    return [
        {"Id": str(number), "Code": currency.code, "Name": currency.name, "Active": True}
        for number, currency in enumerate(FOREIGN, 1)
    ]


def quickbooks_payables() -> list[dict[str, Any]]:
    """A payable account for each foreign currency, as QuickBooks opens them with the first vendor in it."""
    return [
        {
            "Id": currency.payable_id,
            "Name": f"Accounts Payable (A/P) - {currency.code}",
            "FullyQualifiedName": f"Accounts Payable (A/P) - {currency.code}",
            "AcctNum": currency.payable_number,
            "SubAccount": False,
            "Active": True,
            "AccountType": "Accounts Payable",
            "AccountSubType": "AccountsPayable",
            "CurrencyRef": currency_ref(currency.code),
        }
        for currency in FOREIGN
    ]


def quickbooks_rates(first: date, last: date) -> list[dict[str, Any]]:
    """The rate of every foreign currency on each day, in QuickBooks' ExchangeRate shape."""
    days = [first + timedelta(days=count) for count in range((last - first).days + 1)]
    return [
        {
            "SourceCurrencyCode": currency.code,
            "TargetCurrencyCode": HOME,
            "Rate": rate(currency.code, day),
            "AsOfDate": day.isoformat(),
        }
        for currency in FOREIGN
        for day in days
    ]
