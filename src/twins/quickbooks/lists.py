"""Everything that is a list: names and their uniqueness, levels, and what making inactive does.

Source: Intuit's API reference of each; the name suffix of inactive records was recorded from the service.
"""

from collections.abc import Callable

from twins.quickbooks import accounts, items, people
from twins.quickbooks.catalogue import ENTITIES, Entity, Family
from twins.quickbooks.context import Context, reference_to
from twins.quickbooks.currency import company_currency, without
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
_LEVELLED = {"Item", "Customer"}
_REFERENCES = {
    "Vendor": {"TermRef": "Term", "APAccountRef": "Account"},
    "Customer": {"SalesTermRef": "Term", "ARAccountRef": "Account"},
    "Item": {
        "ExpenseAccountRef": "Account",
        "IncomeAccountRef": "Account",
        "AssetAccountRef": "Account",
        "PrefVendorRef": "Vendor",
        "ClassRef": "Class",
    },
}
_NAMES_FREE = {"Account": ':"\t\n', "CompanyCurrency": ""}
"""Characters that a name must not have; `:` separates levels."""


def finish(context: Context, kind: str, fields: Json, old: Json | None) -> Json:
    """The whole list record for what a request says. Raises FaultError."""
    record = {"Active": True, **fields}
    prepare = _PREPARE.get(kind)
    if prepare is not None:
        record = prepare(context, record, old)
    record = context.complete(record, _REFERENCES.get(kind, {}), old)
    entity = ENTITIES[kind]
    if entity.name_field not in record:
        raise FaultError(missing(entity.name_field))
    record = _nest(context, kind, _suffixed(context, entity, record))
    _check_name(context, entity, record)
    return record


def _suffixed(context: Context, entity: Entity, record: Json) -> Json:
    """An inactive record under its name with the suffix, and with a number before that where the name is taken."""
    name = record[entity.name_field]
    if record.get("Active", True) or name.endswith(SUFFIX) or entity.name_field == "Code":
        return record
    ancestors = record.get("FullyQualifiedName", "").rpartition(":")[0]
    prefix = f"{ancestors}:" if ancestors and entity.family is Family.LIST else ""
    candidates = (f"{name}{SUFFIX}", *(f"{name} {number}{SUFFIX}" for number in range(1, 1000)))
    mine = (None, (entity.name, record.get("Id")))
    free = next(each for each in candidates if context.company.name_owner(entity, prefix + each) in mine)
    return {**record, entity.name_field: free}


def _nest(context: Context, kind: str, record: Json) -> Json:
    flag = _NESTED.get(kind)
    if flag is None:
        return record
    name = record[ENTITIES[kind].name_field]
    if "ParentRef" not in record:
        return {**without(record, "Level"), flag: False, "FullyQualifiedName": name}
    parent = _parent(context, kind, record)
    full_name = f"{parent.get('FullyQualifiedName', '')}:{name}"
    if full_name.count(":") + depth(context, kind, record.get("Id", "")) >= MAX_LEVELS:
        raise refusal("6180", f"Up to {MAX_LEVELS} levels are supported", "ParentRef")
    nested = {**record, "ParentRef": reference_to(kind, parent), flag: True, "FullyQualifiedName": full_name}
    return {**nested, "Level": full_name.count(":")} if kind in _LEVELLED else nested


def _parent(context: Context, kind: str, record: Json) -> Json:
    """The record above. Raises FaultError 900 when it is the record itself or below it, 700 or 6000 when it may have no child."""
    parent = context.find(kind, record["ParentRef"])
    if record.get("Id") in lineage(context, kind, parent):
        raise refusal("900", "A record cannot be its own parent", "ParentRef")
    if not context.lenient:
        check = _CHECK_PARENT.get(kind)
        if check is not None:
            check(record, parent)
    return parent


def lineage(context: Context, kind: str, record: Json) -> list[str]:
    """Ids of a record and of all those above it."""
    found = [record["Id"]]
    above = context.company.get(kind, record["ParentRef"]["value"]) if "ParentRef" in record else None
    return found if above is None else found + lineage(context, kind, above)


def depth(context: Context, kind: str, record_id: str) -> int:
    """How many levels a record has below itself."""
    return max((1 + depth(context, kind, each["Id"]) for each in context.company.children(kind, record_id)), default=0)


def _check_name(context: Context, entity: Entity, record: Json) -> None:
    name = record[entity.name_field]
    if any(character in name for character in _NAMES_FREE.get(entity.name, ":\t\n")):
        raise FaultError(Problem("2040", f"Element contains invalid characters : {name}", entity.name_field))
    printed = record.get("PrintOnCheckName", "")
    if any(character in printed for character in ":\t\n"):
        raise FaultError(Problem("2040", f"Element contains invalid characters : {printed}", "PrintOnCheckName"))
    unique = name if entity.family is Family.PERSON else record.get("FullyQualifiedName") or name
    owner = context.company.name_owner(entity, unique)
    if owner is not None and owner != (entity.name, record.get("Id")):
        raise taken(context, entity, owner[1])


def taken(context: Context, entity: Entity, owner_id: str) -> FaultError:
    """Code 6240, with one of the details that were seen."""
    form = context.switches.duplicate_name_detail
    another = "Another customer, vendor or employee is already using this name"
    if entity.family is not Family.PERSON and form != "null":
        detail = f"Id={owner_id}"
    else:
        detail = {
            "another and id": f"{another}. Id={owner_id}",
            "another": f"{another}. Please use a different name.",
            "type": f"Another $${entity.name.lower()}$$ is already using this name.",
            "null": "null",
        }[form]
    return refusal("6240", f"The name supplied already exists. : {detail}", entity.name_field)


def _term(context: Context, record: Json, _old: Json | None) -> Json:
    record = {"Type": "DATE_DRIVEN" if "DayOfMonthDue" in record else "STANDARD", **record}
    needed = "DayOfMonthDue" if record["Type"] == "DATE_DRIVEN" else "DueDays"
    if needed not in record and not context.lenient:
        raise FaultError(missing(needed))
    for name, least, most in (("DueDays", 0, 999), ("DiscountDays", 0, 999), ("DueNextMonthDays", 0, 999),
                              ("DayOfMonthDue", 1, 31), ("DiscountDayOfMonth", 1, 31), ("DiscountPercent", 0, 100)):  # fmt: skip
        if name in record and not least <= record[name] <= most:
            raise refusal("2090", f"{name} has to be from {least} to {most}. Supplied value:{record[name]}", name)
    return record


def _agency(context: Context, record: Json, old: Json | None) -> Json:
    if old is not None and not context.lenient:
        raise refusal("500", "Operation update is not supported for TaxAgency")
    return {"TaxTrackedOnPurchases": False, "TaxTrackedOnSales": False, **without(record, "Active")}


_PREPARE: dict[str, Callable[[Context, Json, Json | None], Json]] = {
    "Vendor": people.vendor,
    "Customer": people.customer,
    "Employee": people.employee,
    "Account": accounts.account,
    "Term": _term,
    "CompanyCurrency": company_currency,
    "Item": items.item,
    "TaxAgency": _agency,
}
_CHECK_PARENT: dict[str, Callable[[Json, Json], None]] = {
    "Account": accounts.check_parent,
    "Item": items.check_parent,
}
