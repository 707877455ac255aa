"""The shapes of the answers: plain, empty, and the error bodies of Basware's specification (ResponseEntityList)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from twins.basware.state import Record, Tenant, World
from twins.basware.values import encode
from twins.http import Request, Response

REQUEST_ID = "x-amzn-RequestId"
CONTINUATION = "x-amz-meta-continuationtoken"
JSON_TYPE = "application/json; charset=utf-8"


class Code(StrEnum):
    """Error codes the twin uses, from the ErrorEntity schema, with the type Basware files them under."""

    SCHEMA = "SCHEMA_VALIDATION_ERROR"
    CONFLICT = "CONFLICT_IN_POST"
    TOKEN = "ACCESS_TOKEN_VALIDATION_ERROR"
    PARAMETER = "PARAMETER_VALIDATION_ERROR"
    DATA = "DATA_VALIDATION_FAILED"
    CREDENTIALS = "CREDENTIAL_VALIDATION_ERROR"
    NOT_FOUND = "ENTITY_NOT_FOUND"
    UNEXPECTED = "UNEXPECTED_ERROR"
    MISMATCH = "EXTERNAL_CODE_MISMATCH"
    NOT_ALLOWED = "METHOD_NOT_ALLOWED"

    @property
    def type(self) -> str:
        """BUSINESS, VALIDATION, TECHNICAL or SECURITY."""
        kinds = {
            Code.TOKEN: "SECURITY",
            Code.CREDENTIALS: "SECURITY",
            Code.CONFLICT: "BUSINESS",
            Code.DATA: "BUSINESS",
            Code.NOT_FOUND: "BUSINESS",
            Code.UNEXPECTED: "TECHNICAL",
        }
        return kinds.get(self, "VALIDATION")


@dataclass(frozen=True)
class Call:
    """One authorized request on its way through the twin."""

    world: World
    tenant: Tenant
    request: Request
    request_id: str
    now: datetime

    def record(self, invoice_id: str) -> Record | None:
        """The tenant's document of that id."""
        return self.tenant.records.get(invoice_id)

    def refuse(self, status: int, code: Code, messages: Iterable[str], external_code: str = "") -> Response:
        """An error answer with one entry per message."""
        return refusal(self.request_id, status, code, messages, external_code)


def refusal(request_id: str, status: int, code: Code, messages: Iterable[str], external_code: str = "") -> Response:
    """A ResponseEntityList body."""
    return refusals(request_id, status, code, [(external_code, message) for message in messages])


def refusals(request_id: str, status: int, code: Code, found: Iterable[tuple[str, str]]) -> Response:
    """A ResponseEntityList body about several records: external codes and messages."""
    errors = [
        {"externalCode": external_code, "type": code.type, "code": code.value, "message": message, "info": ""}
        for external_code, message in found
    ]
    return in_json({"requestId": request_id, "hasErrors": True, "errors": errors}, status)


# Basware P2P specification: 401 and 404 have a body on these resources only, and not when they are acknowledged.
WITH_REFUSAL_BODIES = frozenset({"exportedContracts", "exportedContractSpends", "exportedPurchaseRequisitions"})


def unauthorized(request: Request, request_id: str) -> Response:
    """The 401 for bad credentials: empty, but for a few resources; notifications and extracts have a form of their own."""
    if request.path.startswith(("/v1/subscriptions", "/v1/tasks", "/v1/dataExtracts")):
        return in_json({"message": "Unauthorized"}, 401)
    if request.method == "POST" or WITH_REFUSAL_BODIES.isdisjoint(request.path.split("/")):
        return empty(401)
    return refusal(request_id, 401, Code.CREDENTIALS, ["the credentials are missing, wrong or expired"])


def in_json(value: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(status, {"Content-Type": JSON_TYPE}, encode(value))


def in_text(text: str) -> Response:
    """A plain string, as the acknowledge endpoints give it."""
    return Response(200, {"Content-Type": "text/plain; charset=utf-8"}, text.encode())


def in_file(name: str, content_type: str, content: bytes) -> Response:
    """A file under its name, in whatever script that is."""
    return Response(
        200,
        {"Content-Type": content_type, "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"},
        content,
    )


def empty(status: int) -> Response:
    """An answer without a body, as 401, 404 and 405 are."""
    return Response(status)
