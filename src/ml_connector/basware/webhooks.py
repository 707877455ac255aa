"""Basware's push notifications: whether one is Basware's, and what it announces. Pure; it knows neither HTTP nor connections.

Header and algorithm of the signature come from Basware's connector manuals; how the digest is written is published nowhere, so
every usual form is taken until one has matched, and then only that one. A notification carries no business data.
"""

import base64
import hmac
from enum import StrEnum
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

SIGNATURE_HEADER = "x-bwapi-signature-256"
CONNECTION_TEST = "ConnectionTest"
FORMAT = "task"

TASK_TYPES = (
    "AccountingDocuments",
    "ExportedPurchaseRequisitions",
    "ExportedPurchaseOrders",
    "RequestStatus",
    "ExportedContracts",
    "ExportedContractSpends",
)
"""What can be subscribed (Basware push notification specification, taskType)."""

_BY_LOWER_CASE = {name.lower(): name for name in (*TASK_TYPES, CONNECTION_TEST)} | {
    "accoutingdocuments": "AccountingDocuments"  # as the specification's own example spells it
}
_PREFIX = "sha256="


class Form(StrEnum):
    """How a digest is written in the header."""

    HEX = "hex"
    UPPER_HEX = "upper-case hex"
    BASE64 = "base64"
    PREFIXED_HEX = "sha256=hex"
    PREFIXED_UPPER_HEX = "sha256=upper-case hex"
    PREFIXED_BASE64 = "sha256=base64"


def signature(body: bytes, token: str, form: Form) -> str:
    """What the header holds for a body: HMAC-SHA256 with the token's UTF-8 bytes as key, written in one form."""
    return _written(_digest(body, token), form)


def matching_form(body: bytes, given: str, token: str) -> Form | None:
    """The form in which a signature is Basware's over exactly these bytes, None when it is in none.

    Every form is compared, in constant time, so that how long it takes tells nothing.
    """
    offered, digest = given.encode("utf-8", "replace"), _digest(body, token)
    matches = [form for form in Form if hmac.compare_digest(_written(digest, form).encode(), offered)]
    return matches[0] if matches else None


def _digest(body: bytes, token: str) -> bytes:
    return hmac.digest(token.encode(), body, "sha256")


def _written(digest: bytes, form: Form) -> str:
    kind = form.removeprefix(_PREFIX)
    text = base64.b64encode(digest).decode() if kind == Form.BASE64 else digest.hex()
    return (_PREFIX if form.startswith(_PREFIX) else "") + (text.upper() if kind == Form.UPPER_HEX else text)


def read(body: bytes) -> Delivered:
    """Take a call apart. Never raises: what cannot be read is in `problem`."""
    try:
        parts = parts_of(body)
    except ValueError as error:
        return Delivered(problem=f"the body is not JSON: {error}")
    tasks = [_task(fields) for part in parts if (fields := members_of(part)) is not None]
    events = tuple(task for task in tasks if task.entity != CONNECTION_TEST)
    unread = len(parts) - len(tasks)
    return Delivered(
        format=FORMAT if tasks else "",
        events=events,
        problem=f"{unread} of {len(parts)} tasks could not be read" if unread else "",
        is_test=bool(tasks) and not events,
    )


def _task(fields: dict[str, Any]) -> Announcement:
    kind, sub_type, document = (text_of(fields, name) for name in ("tasktype", "tasksubtype", "documentid"))
    expires, own_id = text_of(fields, "expirationtime"), text_of(fields, "taskid")
    return Announcement(
        event_id=identity_of(own_id) if own_id else identity_of(kind, sub_type, document, expires),
        entity=_BY_LOWER_CASE.get(kind.lower(), kind)[:LONGEST],
        entity_id=document[:LONGEST],
        operation=sub_type[:LONGEST],
        expires_at=instant_of(expires),
        problem=problem_of({"task type": kind, "document": document}, {"sub type": sub_type}),
    )
