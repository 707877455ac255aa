"""What people do to the company as a whole: closing the books, preferences, company information, revaluation."""

from decimal import Decimal
from typing import Any

from twins.quickbooks import service_accounts, settings, writes
from twins.quickbooks.acts.details import amount_in, day_in, object_in, reference
from twins.quickbooks.catalogue import ENTITIES, SETTINGS
from twins.quickbooks.checks import inspect
from twins.quickbooks.context import Context
from twins.quickbooks.currency import without
from twins.quickbooks.storing import keep_made
from twins.quickbooks.values import ZERO, Json, cents

_DETAIL = "JournalEntryLineDetail"


def close_books(context: Context, *, date: str | None) -> Json:
    """Close the books up to and including a day; null opens them again."""
    day = day_in(context, "date", date) if date else None
    return set_preference(context, path="AccountingInfoPrefs.BookCloseDate", value=day)


def reopen_books(context: Context) -> Json:
    """Open closed books again."""
    return close_books(context, date=None)


def set_preference(context: Context, *, path: str, value: Any) -> Json:
    """Change a setting, named Group.Name; null takes it away. Settings of OtherPrefs are kept as text."""
    group, dot, name = path.partition(".")
    entity = SETTINGS["Preferences"]
    if not dot or group not in entity.properties:
        raise ValueError(f"path: {path!r} does not name a setting, such as AccountingInfoPrefs.TrackDepartments")
    old = context.company.preferences
    values: Json = old.get(group, {})
    if group == "OtherPrefs":
        others = [each for each in values.get("NameValue", ()) if each["Name"] != name]
        text = str(value).lower() if isinstance(value, bool) else str(value)
        values = {"NameValue": others if value is None else [*others, {"Name": name, "Value": text}]}
    elif value is None:
        values = without(values, name)
    else:
        values = {**values, **inspect(entity, {group: {name: value}}, latin1_only=False)[group]}
    return settings.change(context, entity, {**old, group: values})


def edit_company(context: Context, *, changes: Json) -> Json:
    """Change facts of the company, such as its name or address; null takes one away."""
    news = object_in("changes", changes)
    unknown = sorted(news.keys() - SETTINGS["CompanyInfo"].properties.keys())
    if unknown:
        raise ValueError(f"changes: CompanyInfo has no {', '.join(unknown)}")
    merged = {**context.company.info, **news}
    return settings.change(
        context, SETTINGS["CompanyInfo"], {name: value for name, value in merged.items() if value is not None}
    )


def revalue(context: Context, *, currency: str, rate: Any, date: str = "") -> Json:
    """Revalue a currency: an entry that brings what its accounts are worth in home currency to a new rate. The entry."""
    company, day, new = context.company, day_in(context, "date", date), amount_in("rate", rate)
    lines, total = [], ZERO
    for key, account in company.tables["Account"].records.items():
        if account["CurrencyRef"]["value"] != currency or currency == company.home_currency:
            continue
        change = cents(company.books.in_own_currency[key] * new) - company.books.by_account[key]
        if change:
            lines.append(_line(key, change))
            total += change
    if not lines:
        raise ValueError(f"currency: nothing of {currency} changes its worth")
    if total:
        gains = service_accounts.provide(context, service_accounts.EXCHANGE)
        keep_made(context)
        lines.append(_line(gains["Id"], -total))
    body: Json = {
        "TxnDate": day,
        "HomeCurrencyAdjustment": True,
        "Adjustment": True,
        "CurrencyRef": reference(currency),
        "ExchangeRate": new,
        "Line": lines,
    }
    return writes.write(context, ENTITIES["JournalEntry"], body)


def _line(account: str, change: Decimal) -> Json:
    detail = {"PostingType": "Debit" if change > 0 else "Credit", "AccountRef": reference(account)}
    return {"Amount": abs(change), "DetailType": _DETAIL, _DETAIL: detail}
