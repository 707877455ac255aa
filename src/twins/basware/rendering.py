"""A document as the interface shows it: what the tenant's set-up hides, adds or shows otherwise, and damage done on purpose."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from twins.basware.life_cycle import BEFORE_TRANSFER
from twins.basware.state import PAID, TRANSFERRED, Record, World
from twins.basware.values import encode, to_decimal

_ADDED = {"baswareMinorRelease": {"note": "a field of a later release"}}

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
    entity = record.entity
    if not shows_attachments(world, record):
        entity = {name: value for name, value in entity.items() if name != "attachments"}
    if _turned(world, entity):
        entity = {**negated(entity), **CREDIT_TYPE}
    if world.switches.null_fields == "omit":
        entity = _without_nulls(entity)
    return encode(drifted(world, entity, "codingRows"))


def drifted(world: World, entity: Mapping[str, Any], rows: str) -> Mapping[str, Any]:
    """A record as a later release might show it, where the switches want that; on a share of records drawn from the seed."""
    switches = world.switches
    if not (switches.extra_fields or switches.unknown_enum_values):
        return entity
    if switches.drift_share < 1 and world.source.random() >= switches.drift_share:
        return entity
    if switches.extra_fields:
        entity = {**entity, **_ADDED, rows: [_extended(row) for row in entity.get(rows) or ()]}
    if switches.unknown_enum_values:
        entity = {**entity, **_later_values(entity)}
    return entity


def _later_values(entity: Mapping[str, Any]) -> dict[str, Any]:
    """Enum values no specification knows, for a document (removal reason, attachments) or an order (its status)."""
    if "invoiceId" not in entity:
        return {"orderStatus": "StatusOfALaterRelease"}
    files = [{**file, "category": "SCANNEDENVELOPE"} for file in entity.get("attachments") or ()]
    return {"removalReason": "ReasonOfALaterRelease", "attachments": files}


def _extended(row: Any) -> Any:
    return {**row, **_ADDED} if isinstance(row, dict) else row


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


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(inner) for name, inner in value.items() if inner is not None}
    return [_without_nulls(inner) for inner in value] if isinstance(value, list) else value
