"""Merging two records of a list, as a person can on screen: one survives with its id, everything of the other becomes its own.

The API itself offers no merge. A notification names the record that vanished (third-party code; not confirmed by Intuit).
"""

from twins.quickbooks.catalogue import Entity
from twins.quickbooks.context import Context, reference_to
from twins.quickbooks.events import Operation
from twins.quickbooks.faults import business, refusal
from twins.quickbooks.lists import MAX_LEVELS, depth, lineage
from twins.quickbooks.references import repointed, users
from twins.quickbooks.storing import find, rename_children, stamped, touch
from twins.quickbooks.values import Json, stamp

MERGEABLE = ("Vendor", "Customer", "Employee", "Account", "Item", "Class", "Department")


def merge(context: Context, entity: Entity, kept_id: str, vanishing_id: str) -> Json:
    """Merge one record into another; the survivor. Raises FaultError when they do not fit together."""
    kept, vanishing = find(context, entity, kept_id), find(context, entity, vanishing_id)
    _check(context, entity, kept, vanishing)
    reference = reference_to(entity.name, kept)
    affected = [(kind, record["Id"]) for kind, record in users(context.company, entity.name, vanishing_id)]
    below = {each["Id"] for each in context.company.children(entity.name, vanishing_id)}
    _retire(context, entity, vanishing)
    for kind, key in affected:
        changed = repointed(kind, context.company.tables[kind].records[key], entity.name, vanishing_id, reference)
        moved = kind == entity.name and key in below
        if moved:
            changed = {**changed, "FullyQualifiedName": f"{reference['name']}:{changed[entity.name_field]}"}
        if context.switches.merging_touches_records:
            touch(context, [(kind, changed)])
        else:
            context.company.put(kind, changed)
        if moved:
            rename_children(context, entity, changed)
    if entity.name == "Account":
        context.company.merge_account(kept_id, vanishing_id)
    survivor = stamped(context, entity, kept, kept)
    context.company.put(entity.name, survivor)
    context.announce(entity.name, kept_id, Operation.MERGE, vanishing_id)
    return survivor


def _check(context: Context, entity: Entity, kept: Json, vanishing: Json) -> None:
    if entity.name not in MERGEABLE:
        raise refusal("500", f"Operation merge is not supported for {entity.name}")
    if kept["Id"] == vanishing["Id"]:
        raise business("A record cannot be merged with itself.")
    for name, what in (
        ("CurrencyRef", "currency"),
        ("AccountType", "type"),
        ("AccountSubType", "detail type"),
        ("Type", "type"),
    ):
        if kept.get(name) != vanishing.get(name):
            raise business(f"Only records of the same {what} can be merged.", name)
    above = lineage(context, entity.name, kept)
    if vanishing["Id"] in above:
        raise business("A record cannot be merged with the one above it.", "ParentRef")
    if len(above) + depth(context, entity.name, vanishing["Id"]) > MAX_LEVELS:
        raise refusal("6180", f"Up to {MAX_LEVELS} levels are supported", "ParentRef")
    names = {each[entity.name_field].casefold() for each in context.company.children(entity.name, kept["Id"])}
    for child in context.company.children(entity.name, vanishing["Id"]):
        if child[entity.name_field].casefold() in names:
            raise business(f"Both have a record {child[entity.name_field]} below them.", entity.name_field)


def _retire(context: Context, entity: Entity, vanishing: Json) -> None:
    """Take the record out of the books; its postings follow with the records that named it."""
    stub = {"domain": "QBO", "status": "Deleted", "Id": vanishing["Id"]}
    kept = {**stub, "MetaData": {"LastUpdatedTime": stamp(context.now)}}
    context.company.remove(entity.name, vanishing, kept, context.now)
