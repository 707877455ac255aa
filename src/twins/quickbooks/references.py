"""Who refers to a list record, and the same record with the reference changed: renaming and merging go through here."""

from collections.abc import Iterator, Mapping
from typing import Any

from twins.quickbooks.company import Company
from twins.quickbooks.values import Json, encode

_NAMES: Mapping[str, frozenset[str]] = {
    "Vendor": frozenset({"VendorRef", "PrefVendorRef"}),
    "Customer": frozenset({"CustomerRef"}),
    "Employee": frozenset(),
    "Account": frozenset(
        {
            "AccountRef", "APAccountRef", "ARAccountRef", "ItemAccountRef", "BankAccountRef", "CCAccountRef", "ExpenseAccountRef",
            "IncomeAccountRef", "AssetAccountRef", "COGSAccountRef",
        }
    ),
    "Item": frozenset({"ItemRef"}),
    "Class": frozenset({"ClassRef"}),
    "Department": frozenset({"DepartmentRef"}),
    "Term": frozenset({"TermRef", "SalesTermRef"}),
}  # fmt: skip
"""The properties that refer to an entity, besides parents and parties, which say or imply what they mean."""

_ELSEWHERE = ("JournalEntry", "Item", "Attachable", "Vendor", "Customer")
"""Where a vendor may be named other than in the head of a transaction."""


def users(company: Company, entity: str, record_id: str) -> Iterator[tuple[str, Json]]:
    """Every record that refers to one, by entity."""
    if entity not in _NAMES:
        return
    named = b'"value":' + encode(record_id)  # the text of a record shows soonest that it is not there
    for kind, table in company.tables.items():
        if entity == "Vendor" and kind not in _ELSEWHERE:
            found = [table.records[key] for key in company.of_vendor(kind, record_id)]
        else:
            found = list(table.records.values())
        for record in found:
            if named in encode(record) and repointed(kind, record, entity, record_id, {"value": ""}) is not record:
                yield kind, record


def repointed(kind: str, record: Json, entity: str, record_id: str, reference: Json) -> Json:
    """The record with every reference to (entity, id) replaced; the very same object when there is none."""
    names = _NAMES[entity] | ({"ParentRef"} if kind == entity else frozenset())
    changed: Json = _replaced(record, entity, names, record_id, reference)
    return changed


def _replaced(value: Any, entity: str, names: frozenset[str], record_id: str, reference: Json) -> Any:
    if isinstance(value, list):
        items = [_replaced(each, entity, names, record_id, reference) for each in value]
        return value if all(new is old for new, old in zip(items, value, strict=True)) else items
    if not isinstance(value, dict):
        return value
    changed = {}
    for name, inner in value.items():
        if not isinstance(inner, (dict, list)):
            continue
        if isinstance(inner, dict) and (
            name in names or (name == "EntityRef" and entity in {value.get("Type"), inner.get("type")})
        ):
            if inner.get("value") == record_id:
                kept = {"type": inner["type"], "value": reference["value"]} if "type" in inner else reference
                changed[name] = inner if inner == kept else kept
        else:
            changed[name] = _replaced(inner, entity, names, record_id, reference)
    news = {name: inner for name, inner in changed.items() if inner is not value[name]}
    return {**value, **news} if news else value
