"""Basware as bad luck imitates it: names of its operations, bodies of its errors, fields with listed values.

Source: Basware P2P specification (ResponseEntityList, ErrorEntity, the enumerations of its schemas). 413, 429, 503 and 504 are in
no specification; they have the form of the gateway that the service stands behind (inferred).
"""

from collections.abc import Mapping
from datetime import datetime

from twins.http import Request
from twins.manners import VendorError

_ENUMERATIONS = frozenset(
    {
        "associationType", "category", "code", "documentType", "entityType", "invoiceType", "itemStatus", "matchingMode",
        "matchingType", "paymentStatus", "processingStatus", "p2pProcessingMode", "removalReason", "status", "taskStatus",
        "taskSubType", "taskType", "type",
    }
)  # fmt: skip
"""Fields with an enumeration in Basware's schemas."""

_ENTRIES: dict[str, tuple[int, str, str]] = {
    "EXTERNAL_CODE_MISMATCH": (400, "VALIDATION", "the code in the path differs from the one in the body"),
    "SCHEMA_VALIDATION_ERROR": (400, "VALIDATION", "the body does not fit the schema"),
    "PARAMETER_VALIDATION_ERROR": (400, "VALIDATION", "a parameter is wrong"),
    "DATA_VALIDATION_FAILED": (400, "BUSINESS", "the content breaks a rule"),
    "DATA_ORIGIN_VALIDATION_ERROR": (400, "VALIDATION", "the record belongs to another source"),
    "CREDENTIAL_VALIDATION_ERROR": (401, "SECURITY", "the credentials are wrong"),
    "ACCESS_TOKEN_VALIDATION_ERROR": (403, "SECURITY", "the token is wrong or lacks a scope"),
    "ENTITY_NOT_FOUND": (404, "VALIDATION", "there is no such record"),
    "METHOD_NOT_ALLOWED": (405, "VALIDATION", "the record is not in a state for this"),
    "CONFLICT_IN_POST": (409, "BUSINESS", "another write was there first"),
    "UNEXPECTED_ERROR": (500, "TECHNICAL", "an error inside the service; whether a write was done is not known"),
    "SNS_PUBLISH_ERROR": (500, "TECHNICAL", "stored, but not passed on to P2P"),
    "SQS_PUBLISH_ERROR": (500, "TECHNICAL", "stored, but not passed on to P2P"),
}
"""Codes of ErrorEntity: status, type and meaning."""

_GATEWAY: dict[str, tuple[int, str, str]] = {
    "throttled": (429, "Too Many Requests", "too many requests, in the gateway's form"),
    "unavailable": (503, "Service Unavailable", "down for the moment, in the gateway's form"),
    "timeout": (504, "Endpoint request timed out", "the gateway gave up waiting; the work may be done"),
    "too-large": (413, "Request Too Long", "more bytes than the gateway takes"),
}

_VERBS = {"GET": "read", "POST": "write", "PATCH": "patch", "DELETE": "delete"}


class BaswareManners:
    """The manners of Basware. Errors are named by the codes of ErrorEntity, and by words where Basware has none."""

    def operation(self, request: Request) -> str:
        """The resource and what is done to it: `accountingDocuments.list`, `vendors.write`, `vendors.patch`, or what the path says,
        as in `accountingDocuments.acknowledge`; `tokens.issue` for signing in."""
        parts = [part for part in request.path.strip("/").split("/") if part]
        if len(parts) < 2 or not parts[0].startswith("v"):
            return f"{parts[0].lstrip('.')}.read" if parts else ""
        resource, below = parts[1], parts[2:]
        if resource == "tokens":
            return "tokens.issue"
        if request.method == "GET" and (not below or (resource == "lists" and len(below) == 1)):
            return f"{resource}.list"
        if len(below) > 1 and resource != "lists":
            return f"{resource}.{below[1]}"
        if below and below[-1] in {"acknowledge", "status"}:
            return f"{resource}.{below[-1]}"
        return f"{resource}.{_VERBS.get(request.method, request.method.lower())}"

    def enumerations(self) -> frozenset[str]:
        """Fields with an enumeration in Basware's schemas."""
        return _ENUMERATIONS

    def errors(self) -> Mapping[str, str]:
        """By code or word, with what it means."""
        return {name: meaning for name, (_, _, meaning) in (_ENTRIES | _GATEWAY).items()}

    def error(self, name: str, now: datetime, request_id: str) -> VendorError:  # noqa: ARG002 - these bodies carry no time
        """The answer for a code or word. Raises KeyError for one that the tables do not have."""
        if name in _GATEWAY:
            status, message, _ = _GATEWAY[name]
            return VendorError(status, {"message": message})
        status, kind, meaning = _ENTRIES[name]
        entry = {"externalCode": "", "type": kind, "code": name, "message": meaning, "info": ""}
        return VendorError(status, {"requestId": request_id, "hasErrors": True, "errors": [entry]})
