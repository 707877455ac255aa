"""What people do with imported data in P2P's own screens. It changes P2P alone: the interface goes on showing what was posted.

A later import of a changed record replaces what people did to it; an unchanged one is not processed, so their changes stay.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Literal

from twins.basware.document_acts import owner_named
from twins.basware.imports import codes_in_p2p, look
from twins.basware.intake import Finding, ImportFault
from twins.basware.order_rules import received
from twins.basware.p2p_store import ORDER_LINES, ORDERS, VENDORS, P2PStore, Row
from twins.basware.resources import BY_NAME, ENTITY_TYPES
from twins.basware.schemas import problems, schema
from twins.basware.state import Tenant, World
from twins.basware.values import to_decimal

_VENDORS = BY_NAME[VENDORS]


def add_vendor(world: World, *, vendor: Mapping[str, Any], tenant: str = "") -> str:
    """Enter a vendor by hand. It has no external code, so the interface never shows it. Returns P2P's own key."""
    owner = _looked_at(world, tenant)
    lacking = [name for name in ("vendorCode", "name", "companies") if not vendor.get(name)]
    if lacking:
        raise ValueError(f"a vendor needs {', '.join(lacking)}")
    owner.intake.entered += 1
    return _save_vendor(world, owner, f"P2P-{owner.intake.entered}", dict(vendor))


def edit_vendor(world: World, *, vendor: str, changes: Mapping[str, Any], tenant: str = "") -> str:
    """Change fields of a vendor, named by its vendor code or external code; None empties a field. Returns its key."""
    owner = _looked_at(world, tenant)
    row = _vendor(owner.intake.p2p, vendor)
    changed = {name: value for name, value in {**row.entity, **changes}.items() if value is not None}
    return _save_vendor(world, owner, row.key, changed)


def inactivate_vendor(world: World, *, vendor: str, tenant: str = "") -> str:
    """Take a vendor out of use. Returns its key."""
    row = _vendor(_looked_at(world, tenant).intake.p2p, vendor)
    status = {**(row.entity.get("processingStatus") or {}), "active": False}
    return edit_vendor(world, vendor=vendor, changes={"processingStatus": status}, tenant=tenant)


def close_matching_order(world: World, *, order: str, tenant: str = "") -> str:
    """Close an order and its lines, named by order number or external code: they take no new goods receipts."""
    owner = _looked_at(world, tenant)
    store = owner.intake.p2p
    row = _order(store, order)
    for table, each in ((ORDERS, row), *((ORDER_LINES, line) for line in store.lines(row.key))):
        closed = Row(each.key, {**each.entity, "isClosed": True}, each.origin, world.clock.now())
        store.save(table, closed, each.codes)
    return row.key


def receive_matching_order(
    world: World, *, order: str, line: str, quantity: Any, number: str = "", tenant: str = ""
) -> str:
    """Receive goods on an order line, named by its line number. Returns the external code of the goods receipt."""
    owner = _looked_at(world, tenant)
    store = owner.intake.p2p
    row = _order(store, order)
    found = [each for each in store.lines(row.key) if each.entity["lineNumber"] == line]
    if not found:
        raise KeyError(f"order {order} has no line {line}")
    target, amount = found[0], to_decimal(quantity)
    if amount <= 0:
        raise ValueError("the quantity received must be above zero")
    if target.entity.get("isClosed"):
        raise ValueError(f"line {line} of order {order} is closed")
    arrived = sum((left["quantity"] for left in received(target.all_receipts())), Decimal(0))
    if arrived + amount > to_decimal(target.entity["quantity"]) and not target.entity.get("isOverreceivalAllowed"):
        raise ValueError(f"line {line} of order {order} takes no more than {target.entity['quantity']}")
    owner.intake.entered += 1
    code = f"P2P-GR-{owner.intake.entered}"
    receipt = {"externalCode": code, "goodsReceiptNumber": number or code, "quantity": amount}
    for price in ("netPrice", "grossPrice"):
        if target.entity.get(price) is not None:
            receipt[price] = target.entity[price]
    target.receipts = (*target.receipts, receipt)
    target.updated = world.clock.now()
    return code


def refuse_imports(
    world: World,
    *,
    message: str,
    entity_type: str = "",
    external_code: str = "*",
    outcome: Literal["Error", "Warning"] = "Error",
    category: Literal["DataValidation", "Technical", "Unknown"] = "Technical",
    times: int | None = None,
    tenant: str = "",
) -> str:
    """Let P2P have trouble with records on purpose. Returns how many such rules are in force."""
    if entity_type and entity_type not in ENTITY_TYPES:
        raise ValueError(f"{entity_type} is not one of Basware's entity types")
    if outcome not in {"Error", "Warning"} or category not in {"DataValidation", "Technical", "Unknown"}:
        raise ValueError(f"P2P knows no outcome {outcome} or no category {category}")
    faults = owner_named(world, tenant).intake.faults
    faults.append(ImportFault(outcome, Finding(message, outcome, category), entity_type, external_code, times))
    return str(len(faults))


def accept_imports(world: World, *, tenant: str = "") -> str:
    """End all trouble made by `refuse_imports`. Returns how many rules went."""
    faults = owner_named(world, tenant).intake.faults
    count = len(faults)
    faults.clear()
    return str(count)


def _looked_at(world: World, tenant: str) -> Tenant:
    """The tenant, with everything imported that is due, because somebody sits in front of P2P."""
    owner = owner_named(world, tenant)
    look(world, owner)
    return owner


def _vendor(store: P2PStore, name: str) -> Row:
    for row in store.rows(VENDORS):
        if name in {row.key, row.entity.get("vendorCode")}:
            return row
    raise KeyError(f"P2P has no vendor {name}")


def _order(store: P2PStore, name: str) -> Row:
    for row in store.visible_orders():
        if name in {row.key, row.entity["orderNumber"]}:
            return row
    raise KeyError(f"P2P shows no order {name}")


def _save_vendor(world: World, owner: Tenant, key: str, entity: dict[str, Any]) -> str:
    """Save what a person entered, if P2P would have it."""
    store = owner.intake.p2p
    if wrong := problems(schema(_VENDORS.schema), entity, partial=True):
        raise ValueError("; ".join(wrong))
    codes = codes_in_p2p(_VENDORS, entity)
    for scope, code in codes:
        holder = store.holder(VENDORS, (scope, code))
        if holder is not None and holder.key != key:
            raise ValueError(f"{code} is in use in {scope} by another vendor")
    before = store.row(VENDORS, key)
    origin = before.origin if before else "person"
    store.save(VENDORS, Row(key, entity, origin, world.clock.now()), codes)
    return key


ACTS: Mapping[str, Callable[..., str]] = {
    "add_vendor": add_vendor,
    "edit_vendor": edit_vendor,
    "inactivate_vendor": inactivate_vendor,
    "close_matching_order": close_matching_order,
    "receive_matching_order": receive_matching_order,
    "refuse_imports": refuse_imports,
    "accept_imports": accept_imports,
}
"""What people do with imported data, by name."""
