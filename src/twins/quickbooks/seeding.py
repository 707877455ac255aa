"""Sets up a company from a seed: fixed ids are kept, everything the service computes is filled in.

Seeds are trusted as history (closed periods and inactive references are fine) but not as data: unknown properties and
unbalanced entries are refused as they would be from anybody.
"""

from twins.quickbooks.catalogue import ENTITIES, Entity, Family
from twins.quickbooks.checks import inspect
from twins.quickbooks.company import Company
from twins.quickbooks.context import Context
from twins.quickbooks.currency import without
from twins.quickbooks.storing import keep_made
from twins.quickbooks.values import Json, decode, encode, stamp
from twins.quickbooks.writes import finish, settle_others, write

_ORDER = (
    "CompanyCurrency", "ExchangeRate", "TaxAgency", "TaxRate", "TaxCode", "Term", "Account", "Department", "Class", "Vendor",
    "Customer", "Employee", "Item", "PurchaseOrder", "Bill", "VendorCredit", "JournalEntry", "BillPayment", "Attachable",
)  # fmt: skip
_KEPT = ("SyncToken", "MetaData", "CurrentBalance", "IsProject")


def new_company(seed: Json, context_time: str) -> Company:
    """An empty company with the seed's company information and preferences."""
    plain: Json = decode(encode({name: seed.get(name, {}) for name in ("CompanyInfo", "Preferences")}))
    times = {"CreateTime": context_time, "LastUpdatedTime": context_time}
    common = {"domain": "QBO", "sparse": False, "Id": "1", "SyncToken": "0", "MetaData": times}
    info = {**common, "Country": "US", **plain["CompanyInfo"]}
    return Company(str(seed["realm_id"]), info, {**common, **plain["Preferences"]})


def fill(context: Context, entities: dict[str, list[Json]]) -> None:
    """Put the seed's records into the books. Raises FaultError for a record the service could not hold, ValueError for an
    entity it does not know."""
    unknown = set(entities) - set(ENTITIES)
    if unknown:
        raise ValueError(f"the seed names entities this twin does not keep: {', '.join(sorted(unknown))}")
    for name in _ORDER:
        for given in decode(encode(entities.get(name, []))):
            _add(context, ENTITIES[name], given)
    if context.company.is_us:
        for code in ("TAX", "NON"):
            if context.company.get("TaxCode", code) is None:
                _add(
                    context,
                    ENTITIES["TaxCode"],
                    {"Id": code, "Name": code, "Taxable": code == "TAX", "TaxGroup": False},
                )


def _add(context: Context, entity: Entity, given: Json) -> None:
    if entity.family is Family.RATE:
        write(context, entity, given)
        return
    kept = {name: given[name] for name in _KEPT if name in given}
    fields: Json = {
        name: value
        for name, value in inspect(entity, given, latin1_only=context.latin1_only).items()
        if value is not None
    }
    fields = without(fields, "LinkedTxn") if entity.name != "Bill" else fields
    record = finish(context, entity, without(fields, "SyncToken"), None) | kept
    now = stamp(context.now)
    if "Id" not in record:
        record["Id"] = context.company.next_id(entity)
    record["SyncToken"] = str(record.get("SyncToken", "0"))
    record["MetaData"] = {"CreateTime": now, "LastUpdatedTime": now, **record.get("MetaData", {})}
    keep_made(context)
    context.company.put(entity.name, record)
    settle_others(context, entity.name, record, None)
