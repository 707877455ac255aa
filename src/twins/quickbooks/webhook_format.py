"""How a change looks on the wire: Intuit's CloudEvents array and the older eventNotifications object, and their signature.

Sources: Intuit's webhooks pages and its note of November 2025 on the new payload; samples in Intuit's repositories differ in
the form of ids, times and `data`, so those are switches.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from twins.quickbooks.events import Change, Operation
from twins.quickbooks.switches import Switches
from twins.quickbooks.values import Json, encode, pacific

SIGNATURE = "intuit-signature"
EVENTS_PER_CALL = 100  # Intuit's webinar of February 2025
Format = Literal["cloudevents", "legacy"]

_CREATE_UPDATE_DELETE = frozenset({Operation.CREATE, Operation.UPDATE, Operation.DELETE})
_VOIDABLE = frozenset(
    {"BillPayment", "CreditMemo", "Invoice", "Payment", "Purchase", "RefundReceipt", "SalesReceipt", "Transfer"}
)
_MERGEABLE = frozenset({"Account", "Customer", "Employee", "Item", "Vendor"})
_ENTITIES = (
    "Account Bill BillPayment Budget Class CreditMemo Currency Customer Department Deposit Employee Estimate Invoice Item "
    "JournalCode JournalEntry Payment PaymentMethod Preferences Purchase PurchaseOrder RefundReceipt SalesReceipt TaxAgency "
    "Term TimeActivity Transfer Vendor VendorCredit"
)
_PAST_TENSE = {
    Operation.CREATE: "created",
    Operation.UPDATE: "updated",
    Operation.DELETE: "deleted",
    Operation.MERGE: "merged",
    Operation.VOID: "voided",
}
_ANNOUNCED_AS = {"CompanyCurrency": "Currency"}
"""Records that notifications know under another name than the API does (inferred from Intuit's list)."""


def _operations(entity: str) -> frozenset[Operation]:
    if entity == "Preferences":
        return frozenset({Operation.UPDATE})
    merge = {Operation.MERGE} if entity in _MERGEABLE else set()
    void = {Operation.VOID} if entity in _VOIDABLE else set()
    return _CREATE_UPDATE_DELETE | merge | void


OPERATIONS = {entity: _operations(entity) for entity in _ENTITIES.split()}
"""What is announced at all (Intuit's table of entities and operations). TaxCode, TaxRate, ExchangeRate, CompanyInfo and
Attachable never are."""


@dataclass(frozen=True)
class Event:
    """One change on its way to one application. `ready` is when it may be sent, `fraction` its time's last three digits."""

    id: str
    change: Change
    ready: datetime
    fraction: str
    may_be_overtaken: bool = False


def announced_name(change: Change, switches: Switches) -> str:
    """The name a change is announced under; empty when this kind of change never is."""
    name = _ANNOUNCED_AS.get(change.entity, change.entity)
    merges_lists = switches.webhook_merges_of_lists and change.entity in {"Class", "Department"}
    if change.operation is Operation.MERGE and merges_lists:
        return name
    return name if change.operation in OPERATIONS.get(name, ()) else ""


def bodies(
    events: Sequence[Event], style: Format, source: str, switches: Switches
) -> Iterator[tuple[bytes, tuple[str, ...]]]:
    """The bodies of the calls that carry these events, in order, each with the ids of its events."""
    together = style == "cloudevents" and switches.webhook_companies_together
    for company in [events] if together else _by_company(events):
        for part in _parts(company, style, source, switches):
            yield _body(part, style, source, switches), tuple(event.id for event in part)


def signature(verifier_token: str, body: bytes) -> str:
    """The base64 HMAC-SHA256 of the raw body."""
    return base64.b64encode(hmac.new(verifier_token.encode(), body, hashlib.sha256).digest()).decode()


def source_of(client_id: str) -> str:
    """The `source` of an application's events: opaque, and the same for ever."""
    return f"intuit.{base64.urlsafe_b64encode(hashlib.sha256(client_id.encode()).digest()).decode()}"


def _by_company(events: Sequence[Event]) -> list[list[Event]]:
    found: dict[str, list[Event]] = {}
    for event in events:
        found.setdefault(event.change.realm_id, []).append(event)
    return list(found.values())


def _parts(events: Sequence[Event], style: Format, source: str, switches: Switches) -> Iterator[list[Event]]:
    """Events cut into calls, by number and by size; one event always fits."""
    part: list[Event] = []
    size = 0
    for event in events:
        length = len(_body([event], style, source, switches))
        if part and (len(part) == EVENTS_PER_CALL or size + length > switches.webhook_bytes):
            yield part
            part, size = [], 0
        part.append(event)
        size += length
    if part:
        yield part


def _body(events: Sequence[Event], style: Format, source: str, switches: Switches) -> bytes:
    if style == "cloudevents":
        return encode([_cloud_event(event, source, switches) for event in events])
    notification = {
        "realmId": events[0].change.realm_id,
        "dataChangeEvent": {"entities": [_legacy_entity(event.change, switches) for event in events]},
    }
    return encode({"eventNotifications": [notification]})


def _cloud_event(event: Event, source: str, switches: Switches) -> Json:
    change = event.change
    name = _ANNOUNCED_AS.get(change.entity, change.entity).lower()
    shown = {
        "specversion": "1.0",
        "id": event.id,
        "source": source,
        "type": f"qbo.{name}.{_PAST_TENSE[change.operation]}.v1",
        "datacontenttype": "application/json",
        "time": _utc(change.at, event.fraction if switches.webhook_time == "nanoseconds" else None),
        "intuitentityid": change.record_id,
        "intuitaccountid": change.realm_id,
    }
    data: Json = {}
    if switches.webhook_data == "alternative_ids":
        data["alternative_ids"] = [{"id": change.record_id, "namespace": "qbo"}]
    if change.deleted_id and switches.webhook_deleted_id == "data":
        data["deletedId"] = change.deleted_id
    return {**shown, "data": data} if data or switches.webhook_data != "absent" else shown


def _legacy_entity(change: Change, switches: Switches) -> Json:
    if switches.webhook_legacy_time == "offset":
        updated = pacific(change.at).strftime("%Y-%m-%dT%H:%M:%S%z")
    else:
        utc = change.at.astimezone(UTC)
        updated = f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"
    entity = {
        "name": _ANNOUNCED_AS.get(change.entity, change.entity),
        "id": change.record_id,
        "operation": change.operation.value,
        "lastUpdated": updated,
    }
    return {**entity, "deletedId": change.deleted_id} if change.deleted_id else entity


def _utc(instant: datetime, fraction: str | None) -> str:
    utc = instant.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}" + ("Z" if fraction is None else f".{utc.microsecond:06d}{fraction}Z")
