"""Products and services: which accounts each type needs, and what of them a purchase can use.

Source: Intuit's API reference of Item.
"""

from twins.quickbooks.context import Context
from twins.quickbooks.faults import FaultError, business, missing, refusal
from twins.quickbooks.values import ZERO, Json, natural

_EXPENSE = {"Expense", "Other Expense", "Cost of Goods Sold", "Other Current Asset", "Fixed Asset", "Other Asset",
            "Other Current Liability", "Long Term Liability", "Equity", "Income", "Other Income"}  # fmt: skip
_ACCOUNTS = {
    "Inventory": {
        "IncomeAccountRef": {"Income"},
        "ExpenseAccountRef": {"Cost of Goods Sold"},
        "AssetAccountRef": {"Other Current Asset"},
    },
    "Service": {"IncomeAccountRef": {"Income", "Other Income"}, "ExpenseAccountRef": _EXPENSE},
    "NonInventory": {"IncomeAccountRef": {"Income", "Other Income"}, "ExpenseAccountRef": _EXPENSE},
}
"""Types of account that each kind of item may name."""
_NEEDED_FOR_INVENTORY = ("IncomeAccountRef", "ExpenseAccountRef", "AssetAccountRef", "InvStartDate", "QtyOnHand")


def item(context: Context, record: Json, old: Json | None) -> Json:
    """An item. Raises FaultError."""
    record = {"Type": (old or {}).get("Type", "Service"), "TrackQtyOnHand": False, **record}
    kind = record["Type"]
    if context.lenient:
        return record
    if old is not None and old["Type"] != kind and "Category" in {old["Type"], kind}:
        raise business("A category cannot become an item, nor an item a category.", "Type")
    if kind == "Inventory":
        absent = [missing(name) for name in _NEEDED_FOR_INVENTORY if name not in record]
        if absent:
            raise FaultError(*absent)
        record = {**record, "TrackQtyOnHand": True}
    elif kind in _ACCOUNTS and not {"IncomeAccountRef", "ExpenseAccountRef"} & set(record):
        raise FaultError(missing("IncomeAccountRef"))
    elif kind == "Category":
        accounts = [name for name in ("IncomeAccountRef", "ExpenseAccountRef", "AssetAccountRef") if name in record]
        if accounts:
            raise business("A category has no accounts.", accounts[0])
    for name, wanted in _ACCOUNTS.get(kind, {}).items():
        if name in record and context.find("Account", record[name])["AccountType"] not in wanted:
            raise refusal("6430", f"This account cannot be used for {name} of a {kind} item", name)
    return _counted(context, record, old)


def _counted(context: Context, record: Json, old: Json | None) -> Json:
    """The item with the quantity it began with, where a count of what is there now was sent: bills since then stay on top."""
    if old is None or "QtyOnHand" not in record or "QtyOnHand" not in context.supplied:
        return record
    return {**record, "QtyOnHand": natural(record["QtyOnHand"] - context.company.books.received.get(old["Id"], ZERO))}


def check_parent(_record: Json, parent: Json) -> None:
    """Raises FaultError 700 for a parent that is no category."""
    if parent["Type"] != "Category":
        raise refusal("700", "Only a category can have items below it", "ParentRef")


def purchase_account(context: Context, reference: Json) -> tuple[Json, Json]:
    """An item and the account its purchase is booked to. Raises FaultError 6000 when it cannot be bought."""
    found = context.find("Item", reference)
    if found["Type"] in {"Category", "Group"}:
        raise business(f"A {found['Type'].lower()} cannot be bought.", "ItemRef")
    target = found.get("AssetAccountRef") if found["Type"] == "Inventory" else found.get("ExpenseAccountRef")
    if target is None:
        raise business("The item has no purchase side: it needs an expense account.", "ItemRef")
    return found, context.find("Account", target)
