"""A document as the interface shows it: what the tenant's set-up hides, adds or shows otherwise, and damage done on purpose."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from twins.basware.life_cycle import BEFORE_TRANSFER
from twins.basware.showing import ADDED, LATER_VALUE, drifts, without_nulls
from twins.basware.state import PAID, TRANSFERRED, Record, World
from twins.basware.switches import Switches
from twins.basware.values import encode, to_decimal

# The amounts that change sign where credit notes are shown as positive sums, each also in company and organization currency.
_HEADER_AMOUNTS = ("netSum", "grossSum", "taxSum1", "taxSum2", "cashSum")
_ROW_AMOUNTS = ("netTotal", "grossTotal", "taxSum", "taxSum2", "matchedNetSum", "matchedGrossSum")
_LINE_AMOUNTS = ("netSum", "grossSum", "taxSum", "itemTotalSum")
_CURRENCIES = ("", "Company", "Organization")
CREDIT_TYPE = {"invoiceTypeCode": "CREDIT", "invoiceTypeName": "Credit note"}


def shows_attachments(world: World, record: Record) -> bool:
    """Whether the tenant offers this document's files: never, only after the transfer, or once it was released for it."""
    match world.switches.attachments:
        case "always":
            return record.status not in BEFORE_TRANSFER
        case "after transfer":
            return record.status in {TRANSFERRED, PAID}
        case "off":
            return False


def shown_gross(world: World, record: Record) -> Decimal:
    """The gross sum with the sign the interface shows."""
    gross = to_decimal(record.entity.get("grossSum"))
    return -gross if _turned(world, record.entity) else gross


def render(world: World, record: Record) -> bytes:
    """The document's JSON."""
    if record.text is not None:
        return record.text
    entity: Mapping[str, Any] = record.entity
    if not shows_attachments(world, record):
        entity = {name: value for name, value in entity.items() if name != "attachments"}
    if _turned(world, entity):
        entity = {**negated(entity), **CREDIT_TYPE}
    if world.switches.null_fields == "omit":
        entity = without_nulls(entity)
    return encode(_of_a_later_release(world.switches, entity) if drifts(world) else entity)


def _of_a_later_release(switches: Switches, entity: Mapping[str, Any]) -> Mapping[str, Any]:
    """A document with fields and enum values no specification knows. Its status stays, as lists are made by it."""
    if switches.extra_fields:
        entity = {**entity, **ADDED, "codingRows": [_extended(row) for row in entity.get("codingRows") or ()]}
    if switches.unknown_enum_values:
        files = [{**file, "category": LATER_VALUE} for file in entity.get("attachments") or ()]
        entity = {**entity, "removalReason": LATER_VALUE, "attachments": files}
    return entity


def _extended(row: Any) -> Any:
    return {**row, **ADDED} if isinstance(row, dict) else row


def _turned(world: World, entity: Mapping[str, Any]) -> bool:
    """Whether this is a credit note that the tenant shows with positive sums."""
    return world.switches.credit_notes == "positive" and to_decimal(entity.get("grossSum")) < 0


def negated(entity: Mapping[str, Any]) -> dict[str, Any]:
    """A document with all amounts of its header, rows and lines turned around."""
    turned = _negated(entity, _HEADER_AMOUNTS)
    for name, amounts in (("codingRows", _ROW_AMOUNTS), ("invoiceLines", _LINE_AMOUNTS)):
        if entity.get(name):
            turned[name] = [_negated(row, amounts) for row in entity[name]]
    return turned


def _negated(record: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    amounts = {f"{name}{currency}" for name in names for currency in _CURRENCIES}
    return {
        name: -to_decimal(value) if name in amounts and value is not None else value for name, value in record.items()
    }
