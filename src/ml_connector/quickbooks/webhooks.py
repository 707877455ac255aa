"""QuickBooks' webhook calls: whether one is Intuit's, and what it announces. Pure; it knows neither HTTP nor connections.

Two shapes come to the same address, CloudEvents arrays and the older `eventNotifications` object, switched in the developer
portal. Samples in Intuit's own repositories differ in ids, times and `data`, so everything is read leniently: what cannot be read
is told, and never spoils the rest of the call.
"""

import base64
import hmac
from collections.abc import Iterator
from typing import Any

from ml_connector.model.announcements import (
    LONGEST,
    Announcement,
    Delivered,
    identity_of,
    instant_of,
    members_of,
    parts_of,
    problem_of,
    text_of,
)

SIGNATURE_HEADER = "intuit-signature"

CLOUD_EVENTS, LEGACY = "cloudevents", "eventNotifications"

ENTITIES = (
    "Account", "Bill", "BillPayment", "Budget", "Class", "CreditMemo", "Currency", "Customer", "Department", "Deposit",
    "Employee", "Estimate", "Invoice", "Item", "JournalCode", "JournalEntry", "Payment", "PaymentMethod", "Preferences",
    "Purchase", "PurchaseOrder", "RefundReceipt", "SalesReceipt", "TaxAgency", "Term", "TimeActivity", "Transfer", "Vendor",
    "VendorCredit",
)  # fmt: skip
"""Everything QuickBooks announces (Intuit, webhooks: entities and operations). TaxCode, TaxRate, ExchangeRate, CompanyInfo and
Attachable never are."""

_BY_LOWER_CASE = {name.lower(): name for name in ENTITIES}
"""CloudEvents types are in lower case without separators: `qbo.billpayment.created.v1`."""

_OPERATIONS = {
    "create": "created", "update": "updated", "delete": "deleted", "merge": "merged", "void": "voided", "email": "emailed",
}  # fmt: skip
"""The older shape's words. CloudEvents have the past tense already."""
_PAST = frozenset(_OPERATIONS.values())


def signature(body: bytes, verifier_token: str) -> str:
    """What `intuit-signature` holds for a body: base64 of the HMAC-SHA256 under the verifier token (Intuit, webhooks)."""
    return base64.b64encode(hmac.digest(verifier_token.encode(), body, "sha256")).decode()


def is_signed(body: bytes, given: str, verifier_token: str) -> bool:
    """Whether a signature is Intuit's over exactly these bytes. Takes as long for a wrong one as for a right one."""
    return hmac.compare_digest(signature(body, verifier_token).encode(), given.encode("utf-8", "replace"))


def read(body: bytes) -> Delivered:
    """Take a call apart, whichever shape it has. Never raises: what cannot be read is in `problem`."""
    try:
        parts = parts_of(body)
    except ValueError as error:
        return Delivered(problem=f"the body is not JSON: {error}")
    found: list[Announcement] = []
    shape, unread = "", 0
    for part in parts:
        fields = members_of(part)
        if fields is None:
            unread += 1
        elif "eventnotifications" in fields:
            shape = shape or LEGACY
            found.extend(_legacy(fields["eventnotifications"]))
        else:
            shape = shape or CLOUD_EVENTS
            found.append(_cloud_event(fields))
    problem = f"{unread} of {len(parts)} events could not be read" if unread else ""
    return Delivered(format=shape, events=tuple(found), problem=problem)


def _cloud_event(fields: dict[str, Any]) -> Announcement:
    entity, operation = _named(text_of(fields, "type"))
    data = members_of(fields.get("data")) or {}
    return _announcement(
        company=text_of(fields, "intuitaccountid"),
        own_id=text_of(fields, "id"),
        entity=entity,
        entity_id=text_of(fields, "intuitentityid"),
        operation=operation,
        merged_id=text_of(data, "deletedid") or text_of(fields, "deletedid"),
        at=text_of(fields, "time"),
    )


def _named(kind: str) -> tuple[str, str]:
    """Entity and operation of a type such as `qbo.billpayment.created.v1`; of an unknown type whatever can be told."""
    parts = kind.split(".")
    if len(parts) < 4 or parts[0].lower() != "qbo":
        return kind, ""
    return _entity(".".join(parts[1:-2])), _operation(parts[-2])


def _entity(name: str) -> str:
    return _BY_LOWER_CASE.get(name.lower(), name)


def _operation(word: str) -> str:
    lower = word.lower()
    return lower if lower in _PAST else _OPERATIONS.get(lower, word)


def _legacy(notifications: object) -> Iterator[Announcement]:
    """The events of the older shape. A notification without a list of entities is one event that cannot be acted on."""
    for notification in notifications if isinstance(notifications, list) else [notifications]:
        fields = members_of(notification) or {}
        change = members_of(fields.get("datachangeevent")) or {}
        entities = change.get("entities")
        for entity in entities if isinstance(entities, list) and entities else [entities]:
            yield _legacy_event(text_of(fields, "realmid"), members_of(entity) or {})


def _legacy_event(company: str, fields: dict[str, Any]) -> Announcement:
    return _announcement(
        company=company,
        own_id="",
        entity=_entity(text_of(fields, "name")),
        entity_id=text_of(fields, "id"),
        operation=_operation(text_of(fields, "operation")),
        merged_id=text_of(fields, "deletedid"),
        at=text_of(fields, "lastupdated"),
    )


def _announcement(
    *, company: str, own_id: str, entity: str, entity_id: str, operation: str, merged_id: str, at: str
) -> Announcement:
    # Events without an id of their own are told apart by record, operation and time (Intuit's advice for the older shape). The
    # company is left out: whoever keeps the event keeps it for one company, and company ids are not stored in the open.
    return Announcement(
        company=company,
        event_id=identity_of(own_id) if own_id else identity_of(entity, entity_id, operation, at),
        entity=entity[:LONGEST],
        entity_id=entity_id[:LONGEST],
        operation=operation[:LONGEST],
        merged_id=merged_id[:LONGEST],
        occurred_at=instant_of(at),
        problem=problem_of(
            {"company": company, "record": entity_id, "kind": entity}, {"merged record": merged_id, "change": operation}
        ),
    )
