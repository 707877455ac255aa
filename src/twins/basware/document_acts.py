"""What people do with invoices in Basware's own user interface, as far as the interface to accounting notices."""

import base64
from collections.abc import Callable, Mapping
from typing import Any, Literal

from twins.basware.life_cycle import BEFORE_TRANSFER, ENRICHMENT, LEGACY_STATUSES, PREBOOK, REQUESTS, TRANSFER, Stage
from twins.basware.rendering import CREDIT_TYPE, negated
from twins.basware.state import IN_PROGRESS, PAID, RESPONSE_LISTS, STATUSES, TRANSFERRED, File, Record, Tenant, World
from twins.basware.values import new_uuid, stamp, to_decimal


def approve(
    world: World, *, document: Mapping[str, Any], tenant: str = "", files: Mapping[str, Any] | None = None
) -> str:
    """Approve a new invoice: it waits for transfer. An invoiceId is made up if there is none. Returns it."""
    return _arrive(world, tenant, document, TRANSFER, files)


def prebook(
    world: World, *, document: Mapping[str, Any], tenant: str = "", files: Mapping[str, Any] | None = None
) -> str:
    """Send a new invoice for prebooking, before it is approved. Returns its id."""
    return _arrive(world, tenant, {"prebooked": False, **document}, PREBOOK, files)


def enrich(
    world: World, *, document: Mapping[str, Any], tenant: str = "", files: Mapping[str, Any] | None = None
) -> str:
    """Release a new invoice that Basware only completes and another system approves for payment. Returns its id."""
    return _arrive(world, tenant, {**document, "p2pProcessingMode": "InvoiceEnrichment"}, ENRICHMENT, files)


def release(world: World, *, invoice_id: str, changes: Mapping[str, Any] | None = None) -> str:
    """Finish the approval of an invoice that Basware has already (prebooked, new, filtered): it waits for transfer.

    Raises ValueError for one that was released before, which can only be sent again.
    """
    owner, record = world.find(invoice_id)
    if record.status not in BEFORE_TRANSFER or record.status in ENRICHMENT.open:
        raise ValueError(f"{invoice_id} is {record.status}, so it can't be released for transfer")
    _change(record, changes or {})
    owner.move(record, TRANSFER.waiting, world.clock.now())
    return invoice_id


def edit(world: World, *, invoice_id: str, changes: Mapping[str, Any]) -> str:
    """Change fields of a document where it stands; a value of None removes the field."""
    owner, record = world.find(invoice_id)
    _change(record, changes)
    owner.move(record, record.status, world.clock.now())
    return invoice_id


def retransfer(world: World, *, invoice_id: str, changes: Mapping[str, Any] | None = None) -> str:
    """Send an invoice to accounting again, perhaps corrected: same id, and it can be acknowledged once more.

    What was being prebooked or enriched is sent for that again, everything else for transfer.
    """
    owner, record = world.find(invoice_id)
    _change(record, changes or {})
    stage = next((stage for stage in (PREBOOK, ENRICHMENT) if record.status in {*stage.open, stage.failed}), TRANSFER)
    if record.entity.get("p2pProcessingMode") == "InvoiceEnrichment":
        stage = ENRICHMENT
    record.transfer += 1
    record.acknowledged = record.acknowledging_until = None
    record.done_before = False
    record.log.append(f"Sent to accounting again (transfer {record.transfer})")
    owner.move(record, stage.waiting, world.clock.now())
    return invoice_id


def ask(world: World, *, invoice_id: str, request: Literal["cancel prebook", "remove", "return", "complete"]) -> str:
    """Ask accounting to cancel a prebooking, or to remove, return or complete an invoice: it waits for that."""
    owner, record = world.find(invoice_id)
    owner.move(record, _request(request).waiting, world.clock.now())
    record.log.append(f"Accounting was asked to {request}")
    return invoice_id


def settle(world: World, *, invoice_id: str, success: bool = True) -> str:
    """Settle what was asked of accounting, as no interface does it: the prebooking is cancelled, the invoice removed and so on."""
    owner, record = world.find(invoice_id)
    name, stage = next(((name, stage) for name, stage in REQUESTS.items() if record.status in stage.open), ("", None))
    if stage is None:
        raise ValueError(f"{invoice_id} is {record.status}, nothing was asked of accounting")
    if name == "cancel prebook" and success:
        record.entity["prebooked"] = False
    if name == "remove" and success:
        return remove(world, invoice_id=invoice_id)
    owner.move(record, stage.done if success else stage.failed, world.clock.now())
    return invoice_id


def remove(world: World, *, invoice_id: str, reason: str = "Other", comment: str = "") -> str:
    """Remove an invoice from the process."""
    owner, record = world.find(invoice_id)
    before = not record.successes() and not record.done_before and record.status not in {TRANSFERRED, PAID}
    record.entity |= {"removalReason": reason, "removalReasonComment": comment, "removedBeforeTransfer": before}
    owner.move(record, REQUESTS["remove"].done, world.clock.now())
    return invoice_id


def dispute(world: World, *, invoice_id: str, reason: str = "", disputed: bool = True) -> str:
    """Dispute an invoice with its supplier, or end the dispute. Its place in the process stays."""
    owner, record = world.find(invoice_id)
    now = world.clock.now()
    info = {"disputeReason": reason or None, "disputeDate": stamp(now)} if disputed else {}
    record.entity["disputeInfo"] = {"isDisputed": disputed, **info}
    owner.move(record, record.status, now)
    return invoice_id


def credit(world: World, *, invoice_id: str, number: str, changes: Mapping[str, Any] | None = None) -> str:
    """Approve a credit note over all of an invoice: the same rows with negative sums. Returns its id."""
    owner, record = world.find(invoice_id)
    if to_decimal(record.entity.get("grossSum")) <= 0:
        raise ValueError(f"{invoice_id} has no positive sum that could be credited")
    left_out = {"attachments", "voucherNumber1", "voucherNumber2", "disputeInfo", "invoiceId", *RESPONSE_LISTS}
    document = {name: value for name, value in record.entity.items() if name not in left_out}
    document |= {"invoiceNumber": number, "prebooked": False, **CREDIT_TYPE}
    return _arrive(world, owner.client_id, {**negated(document), **(changes or {})}, TRANSFER, None)


def add_files(world: World, *, invoice_id: str, files: Mapping[str, Any]) -> str:
    """Attach files to a document that the interface offers already: they appear late."""
    owner, record = world.find(invoice_id)
    now = world.clock.now()
    attach(record, files, stamp(now))
    owner.move(record, record.status, now)
    return invoice_id


def move(world: World, *, invoice_id: str, status: str) -> str:
    """Bring a document into any status, to set a scene. Raises ValueError for a status Basware doesn't know."""
    if status not in STATUSES | LEGACY_STATUSES:
        raise ValueError(f"{status} is not a status")
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


def attach(record: Record, files: Mapping[str, Any], created: str) -> None:
    """Give a document its files; one that the document doesn't list yet is listed."""
    listed = list(record.entity.get("attachments") or ())
    known = {item.get("externalCode") for item in listed if isinstance(item, dict)}
    for code, file in files.items():
        content = base64.b64decode(file["content_base64"], validate=True)
        record.files[code] = File(file["filename"], file["content_type"], content)
        if code not in known:
            entry = {"category": file.get("category", "ATTACHMENT"), "filename": file["filename"]}
            listed.append({"externalCode": code, **entry, "isConfidential": False, "creationTime": created})
    if listed:
        record.entity["attachments"] = listed


def owner_named(world: World, name: str) -> Tenant:
    """The tenant of that client id, or the only one there is. Raises ValueError when there are several, KeyError for none."""
    if name:
        return world.tenants[name]
    if len(world.tenants) != 1:
        raise ValueError("name the tenant by its client id, as there is not exactly one")
    return next(iter(world.tenants.values()))


def _arrive(
    world: World, tenant: str, document: Mapping[str, Any], stage: Stage, files: Mapping[str, Any] | None
) -> str:
    """Take a new invoice in where a stage begins."""
    owner = owner_named(world, tenant)
    given = document.get("invoiceId") or new_uuid(world.source).replace("-", "")
    record = owner.add({**document, "invoiceId": given, "processingStatus": stage.waiting}, world.clock.now())
    attach(record, files or {}, stamp(world.clock.now()))
    return record.invoice_id


def _request(name: str) -> Stage:
    if name not in REQUESTS:
        raise ValueError(f"accounting can be asked to {', '.join(REQUESTS)}, not to {name}")
    return REQUESTS[name]


def _change(record: Record, changes: Mapping[str, Any]) -> None:
    if fixed := changes.keys() & {"invoiceId", "processingStatus", "lastUpdated"}:
        raise ValueError(f"these fields are Basware's own and can't be edited: {', '.join(sorted(fixed))}")
    for name, value in changes.items():
        if value is None:
            record.entity.pop(name, None)
        else:
            record.entity[name] = value


ACTS: Mapping[str, Callable[..., str]] = {
    "approve": approve,
    "prebook": prebook,
    "enrich": enrich,
    "release": release,
    "edit": edit,
    "retransfer": retransfer,
    "ask": ask,
    "settle": settle,
    "remove": remove,
    "dispute": dispute,
    "credit": credit,
    "attach": add_files,
    "move": move,
    "corrupt": corrupt,
}
