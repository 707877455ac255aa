"""What people do to lists: vendors, accounts, classes, locations, currencies."""

from typing import Any

from twins.quickbooks import merges, writes
from twins.quickbooks.acts.details import amount_in, change, day_in, entity_of, object_in, reference, stored
from twins.quickbooks.catalogue import ENTITIES
from twins.quickbooks.context import Context
from twins.quickbooks.lists import SUFFIX
from twins.quickbooks.values import Json


def create_vendor(
    context: Context,
    *,
    name: str,
    number: str = "",
    email: str = "",
    currency: str = "",
    fields: Json | None = None,
) -> Json:
    """Enter a new vendor. A person can choose a currency, whatever the API makes of it."""
    body: Json = {"DisplayName": name, **object_in("fields", fields or {})}
    if number:
        body["AcctNum"] = number
    if email:
        body["PrimaryEmailAddr"] = {"Address": email}
    if currency:
        body["CurrencyRef"] = reference(currency)
    context.by_hand = True
    return writes.write(context, ENTITIES["Vendor"], body)


def edit_vendor(context: Context, *, id: str, changes: Json) -> Json:  # noqa: A002 - the service's own word
    """Change some fields of a vendor."""
    return change(context, "Vendor", id, object_in("changes", changes))


def inactivate(context: Context, *, entity: str, id: str) -> Json:  # noqa: A002
    """Make a list record inactive."""
    return change(context, entity, id, {"Active": False})


def activate(context: Context, *, entity: str, id: str) -> Json:  # noqa: A002
    """Make a list record active again, under its old name."""
    field = entity_of(entity).name_field
    name = stored(context, entity, id)[field].removesuffix(SUFFIX)
    return change(context, entity, id, {"Active": True, field: name})


def rename(context: Context, *, entity: str, id: str, name: str) -> Json:  # noqa: A002
    """Give a list record another name."""
    return change(context, entity, id, {entity_of(entity).name_field: name})


def merge(context: Context, *, entity: str, id: str, vanishing: str) -> Json:  # noqa: A002
    """Merge another record into this one, which keeps its id; everything of the vanishing one becomes its own."""
    return merges.merge(context, entity_of(entity), id, vanishing)


def add_currency(context: Context, *, code: str) -> Json:
    """Add a currency to those the company uses, or use one again that was made inactive."""
    known = context.company.name_owner(ENTITIES["CompanyCurrency"], code)
    if known is not None:
        return change(context, "CompanyCurrency", known[1], {"Active": True})
    return writes.write(context, ENTITIES["CompanyCurrency"], {"Code": code})


def set_exchange_rate(context: Context, *, currency: str, rate: Any, date: str = "") -> Json:
    """Set how many units of home currency one unit of a currency is worth from a day on."""
    body = {"SourceCurrencyCode": currency, "Rate": amount_in("rate", rate), "AsOfDate": day_in(context, "date", date)}
    return writes.write(context, ENTITIES["ExchangeRate"], body)
