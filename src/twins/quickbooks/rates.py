"""Exchange rates as they are read: the one of a day is the last one known by then.

Rates are units of home currency for one unit of the source currency.
"""

from collections.abc import Iterable
from datetime import date

from twins.quickbooks.company import Company
from twins.quickbooks.faults import FaultError, gone, missing, refusal
from twins.quickbooks.query import TODAY, Condition
from twins.quickbooks.values import Json


def rate_of(company: Company, source: str, day: str) -> Json:
    """The rate of one currency on a day.

    Raises FaultError 2020 without a currency, 2060 for what is no day, 610 when no rate is known by then.
    """
    if not source:
        raise FaultError(missing("sourcecurrencycode"))
    try:
        date.fromisoformat(day)
    except ValueError as error:
        raise refusal("2060", f"asofdate : {day}", "asofdate") from error
    home = company.home_currency
    if source == home:
        return {"SourceCurrencyCode": home, "TargetCurrencyCode": home, "Rate": 1, "AsOfDate": day, "domain": "QBO"}
    latest = _latest(company, day).get(source)
    if latest is None:
        raise gone()
    return latest


def on_days_asked_for(company: Company, conditions: tuple[Condition, ...]) -> Iterable[Json]:
    """What a query can concern: all rates, or for a day asked for the rate that holds on it, as of that day."""
    days = [each.values for each in conditions if each.property.lower() == "asofdate" and each.operator in {"=", "in"}]
    if not days or TODAY in days[0]:
        return company.tables["ExchangeRate"].records.values()
    return [{**rate, "AsOfDate": day} for day in dict.fromkeys(days[0]) for rate in _latest(company, day).values()]


def _latest(company: Company, day: str) -> dict[str, Json]:
    """The last rate of each currency on or before a day."""
    found: dict[str, Json] = {}
    for each in company.tables["ExchangeRate"].records.values():
        known = found.get(each["SourceCurrencyCode"])
        if each["AsOfDate"] <= day and (known is None or known["AsOfDate"] <= each["AsOfDate"]):
            found[each["SourceCurrencyCode"]] = each
    return found
