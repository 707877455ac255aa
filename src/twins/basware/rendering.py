"""A document as the interface shows it: what the tenant's set-up hides or adds, and damage done on purpose."""

from typing import Any

from twins.basware.state import PAID, TRANSFERRED, Record, World
from twins.basware.values import encode

_ADDED = {"baswareMinorRelease": {"note": "a field of a later release"}}


def shows_attachments(world: World, record: Record) -> bool:
    """Whether the tenant offers this document's files (at all, or only after the transfer)."""
    match world.switches.attachments:
        case "always":
            return True
        case "after transfer":
            return record.status in {TRANSFERRED, PAID}
        case "off":
            return False


def render(world: World, record: Record) -> bytes:
    """The document's JSON."""
    if record.text is not None:
        return record.text
    entity = record.entity
    if not shows_attachments(world, record):
        entity = {name: value for name, value in entity.items() if name != "attachments"}
    if world.switches.extra_fields:
        entity = {**entity, **_ADDED, "codingRows": [_extended(row) for row in entity.get("codingRows") or ()]}
    if world.switches.unknown_enum_values:
        files = [{**file, "category": "SCANNEDENVELOPE"} for file in entity.get("attachments") or ()]
        entity = {**entity, "removalReason": "ReasonOfALaterRelease", "attachments": files}
    return encode(entity)


def _extended(row: Any) -> Any:
    return {**row, **_ADDED} if isinstance(row, dict) else row
