"""What people do in Basware's own user interface, as far as the interface to accounting notices."""

import base64
from collections.abc import Callable, Mapping
from typing import Any

from twins.basware.state import IN_PROGRESS, PAID, TRANSFERRED, WAITING, File, Record, Tenant, World
from twins.basware.values import new_uuid, stamp


def approve(
    world: World, *, document: Mapping[str, Any], tenant: str = "", files: Mapping[str, Any] | None = None
) -> str:
    """Approve an invoice: it waits for transfer. An invoiceId is made up if there is none. Returns it."""
    owner = _tenant(world, tenant)
    given = document.get("invoiceId") or new_uuid(world.source).replace("-", "")
    record = owner.add({**document, "invoiceId": given, "processingStatus": WAITING}, world.clock.now())
    attach(record, files or {}, stamp(world.clock.now()))
    return record.invoice_id


def edit(world: World, *, invoice_id: str, changes: Mapping[str, Any]) -> str:
    """Change fields of a document where it stands; a value of None removes the field."""
    owner, record = world.find(invoice_id)
    _change(record, changes)
    owner.move(record, record.status, world.clock.now())
    return invoice_id


def retransfer(world: World, *, invoice_id: str, changes: Mapping[str, Any] | None = None) -> str:
    """Send an invoice to accounting again, perhaps corrected: same id, and it can be acknowledged once more."""
    owner, record = world.find(invoice_id)
    _change(record, changes or {})
    record.transfer += 1
    record.acknowledged = None
    record.done_before = False
    record.log.append(f"Sent to accounting again (transfer {record.transfer})")
    owner.move(record, WAITING, world.clock.now())
    return invoice_id


def remove(world: World, *, invoice_id: str, reason: str = "Other", comment: str = "") -> str:
    """Remove an invoice from the process."""
    owner, record = world.find(invoice_id)
    record.entity |= {
        "removalReason": reason,
        "removalReasonComment": comment,
        "removedBeforeTransfer": record.status not in {TRANSFERRED, PAID},
    }
    owner.move(record, "Removed", world.clock.now())
    return invoice_id


def move(world: World, *, invoice_id: str, status: str) -> str:
    """Bring a document into any status, to set a scene."""
    owner, record = world.find(invoice_id)
    owner.move(record, status, world.clock.now())
    record.done_before = status in {TRANSFERRED, PAID}
    if status != IN_PROGRESS:
        record.acknowledged = None
    return invoice_id


def corrupt(world: World, *, invoice_id: str, text: str) -> str:
    """Let the interface send this text in place of the document's JSON, however broken. Empty text restores it."""
    owner, record = world.find(invoice_id)
    record.text = text.encode() if text else None
    owner.move(record, record.status, world.clock.now())
    return invoice_id


ACTS: Mapping[str, Callable[..., str]] = {
    "approve": approve,
    "edit": edit,
    "retransfer": retransfer,
    "remove": remove,
    "move": move,
    "corrupt": corrupt,
}


def attach(record: Record, files: Mapping[str, Any], created: str) -> None:
    """Give a document its files; one that the document doesn't list yet is listed."""
    listed = list(record.entity.get("attachments") or ())
    known = {item.get("externalCode") for item in listed if isinstance(item, dict)}
    for code, file in files.items():
        content = base64.b64decode(file["content_base64"], validate=True)
        record.files[code] = File(file["filename"], file["content_type"], content)
        if code not in known:
            entry = {"category": "ATTACHMENT", "filename": file["filename"], "isConfidential": False}
            listed.append({"externalCode": code, **entry, "creationTime": created})
    if listed:
        record.entity["attachments"] = listed


def _change(record: Record, changes: Mapping[str, Any]) -> None:
    if fixed := changes.keys() & {"invoiceId", "processingStatus", "lastUpdated"}:
        raise ValueError(f"these fields are Basware's own and can't be edited: {', '.join(sorted(fixed))}")
    for name, value in changes.items():
        if value is None:
            record.entity.pop(name, None)
        else:
            record.entity[name] = value


def _tenant(world: World, name: str) -> Tenant:
    if name:
        return world.tenants[name]
    if len(world.tenants) != 1:
        raise ValueError("name the tenant by its client id, as there is not exactly one")
    return next(iter(world.tenants.values()))
