"""A small Basware tenant with one of everything, and what a request must name to meet it."""

import base64
import pickle
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

import msgspec

from contract.specification import Operation
from contract.tenant_records import CODES, COMPANY, EXPORTED, RECEIPT, RECORDS, REFUSED_LATER, SUBSCRIPTION
from twins.basware import BaswareTwin
from twins.clock import Clock
from twins.http import Request, Response

HOST = "basware.test"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
_AN_HOUR = 3600
_STATUSES = (
    "WaitingForTransfer",
    "TransferInProgress",
    "Transferred",
    "TransferFailed",
    "Paid",
    "WaitingForPrebook",
    "PrebookInProgress",
    "Prebooked",
    "Removed",
)
_ENRICHED = ("WaitingForEnrichmentTransfer", "EnrichmentTransferInProgress")
_FIT = {
    "acknowledge": ("WaitingForTransfer", "WaitingForPrebook"),
    "transferResponses": ("WaitingForTransfer", "TransferInProgress"),
    "prebookResponses": ("WaitingForPrebook", "PrebookInProgress"),
    "paymentResponses": ("Transferred", "Paid"),
    "enrichmentResponses": ("EnrichmentTransferInProgress", "WaitingForEnrichmentTransfer"),
}
"""The documents on which an operation has a chance, by the last part of its path."""
_FILE = {"filename": "invoice.pdf", "content_base64": "JVBERi0xLjQ=", "content_type": "application/pdf"}
_BEGINNING = "2000-01-01T00:00:00Z"


@dataclass
class Scene:
    """A fresh twin with the tenant in it."""

    twin: BaswareTwin
    clock: Clock
    learnt: dict[str, str] = field(default_factory=dict)
    """Ids the twin gave out while the tenant was set up."""

    def known(self, operation: Operation, number: int) -> dict[str, str]:
        """Values of parameters that mean something for an operation, another each time where there are several."""
        fit = _FIT.get(operation.template.rpartition("/")[2], (*_STATUSES, *_ENRICHED))
        return self.learnt | {
            "invoiceId": f"doc-{fit[number % len(fit)]}",
            "attachmentExternalCode": "file-1",
            "companyCode": COMPANY,
            "invoiceNumber": "NW-WaitingForTransfer",
            "invoiceDate": "2026-11-02T00:00:00Z",
            "listKey": "ACC_LIST_1",
            "orderExternalCode": "order-1",
            "externalCode": self.learnt.get(operation.resource) or CODES.get(operation.resource, ""),
            "entityType": "Vendor",
            "errorEntityExternalCode": str(REFUSED_LATER["externalCode"]),
            "taskType": "AccountingDocuments",
            "taskSubType": "WaitingForTransfer",
            "lastUpdated": _BEGINNING,
        }

    def body(self, operation: Operation, generated: Any, known: dict[str, str], number: int) -> Any:
        """A body that the operation can take: a fixed one where little else would do, or one made from a generated one."""
        code, by_code = known["externalCode"], number % 2 == 0
        fixed = {
            "POST /v1/tokens": {"grant_type": "client_credentials", "scope": "accountingDocuments.read"},
            "POST /v1/requestStatus/acknowledge": {"requestIds": [known["requestId"]]},
            "POST /v1/subscriptions": [SUBSCRIPTION],
            "POST /v1/purchaseGoodsReceipts": [RECEIPT | {"externalCode": "receipt-2", "externalGRNumber": "GR-2"}],
        }
        if operation.name in fixed:
            return fixed[operation.name]
        if operation.template.endswith("/acknowledge"):
            return {"externalCodes": [code]} if by_code else {"lastUpdated": _BEGINNING}
        if operation.method == "DELETE":
            return {"externalCode": code} if by_code else {"lastUpdated": _BEGINNING}
        is_change = operation.method == "PATCH" and isinstance(generated, dict)
        return generated | {"externalCode": code} if is_change else generated

    def authorization(self, path: str) -> str:
        """How to sign in there."""
        name, word = ("client", "secret") if path == "/v1/tokens" else ("interface", "pass word")
        return "Basic " + base64.b64encode(f"{name}:{word}".encode()).decode()

    def send(self, method: str, path: str, body: Any = None) -> Response:
        """Ask the twin something while setting up. Raises ValueError when it refuses."""
        headers = {"Authorization": self.authorization(path), "Content-Type": "application/json"}
        content = b"" if body is None else msgspec.json.encode(body)
        answer = self.twin.handle(Request.build(method, f"https://{HOST}{path}", headers.items(), content))
        if answer.status >= 300:
            raise ValueError(f"{method} {path} was answered {answer.status}: {answer.body!r}")
        return answer

    def read(self, path: str) -> Any:
        """What a list says. Raises ValueError when it is refused."""
        return msgspec.json.decode(self.send("GET", path).body)


def _receive(_request: Request) -> Response:
    """The receiver of notifications: everything arrives."""
    return Response(200)


def furnished() -> Scene:
    """The tenant on a fresh twin."""
    scene: Scene = pickle.loads(_furnished())
    scene.twin.connect(_receive)
    return scene


@cache
def _furnished() -> bytes:
    """The tenant, stored: a copy is quicker to make than the tenant itself."""
    clock = Clock(NOON, running=False)
    scene = Scene(BaswareTwin(clock), clock)
    scene.twin.connect(_receive)
    documents = [document(status) for status in _STATUSES]
    documents += [document(status) | {"p2pProcessingMode": "InvoiceEnrichment"} for status in _ENRICHED]
    scopes = {f"{path.split('/')[2]}" for _, path in scene.twin.operations}
    scene.twin.add_tenant(
        {
            "client_id": "client",
            "client_secret": "secret",
            "user": "interface",
            "password": "pass word",
            "bwcid": "004711-TEST1",
            "scopes": [f"{scope}.{right}" for scope in sorted(scopes) for right in ("read", "write", "delete")],
            "companies": [{"companyCode": COMPANY, "name": "Demo Holdings"}],
            "accountingDocuments": documents,
            "attachments": {one["invoiceId"]: {"file-1": _FILE} for one in documents},
        }
    )
    _import(scene)
    return pickle.dumps(scene)


def _import(scene: Scene) -> None:
    """Send everything in, let it be processed, and note the ids that came out of it."""
    scene.send("POST", "/v1/subscriptions", [SUBSCRIPTION])
    for path, record in RECORDS.items():
        scene.send("POST", path, [record])
    scene.learnt["requestId"] = scene.send("POST", "/v1/vendors", [REFUSED_LATER]).headers["x-amzn-RequestId"]
    for action, details in EXPORTED:
        made = scene.twin.act(action, **details)
    scene.learnt["exportedContractSpends"] = made
    scene.send("POST", "/v1/purchaseGoodsReceipts", [RECEIPT])
    scene.twin.act("approve", document=document("WaitingForTransfer") | {"invoiceId": "doc-new"})
    scene.learnt["taskId"] = scene.read("/v1/tasks")["taskStatus"][0]["taskId"]
    scene.learnt["extract_id"] = scene.read("/v1/dataExtracts")[0]["id"]
    scene.clock.advance(_AN_HOUR)


def document(status: str) -> dict[str, Any]:
    """An accounting document in a status."""
    return {
        "invoiceId": f"doc-{status}",
        "processingStatus": status,
        "companyCode": COMPANY,
        "supplierCode": "V-1",
        "currencyCode": "USD",
        "paymentBlock": False,
        "invoiceNumber": f"NW-{status}",
        "invoiceDate": "2026-11-02T00:00:00",
        "netSum": 1000,
        "grossSum": 1080,
        "codingRows": [{"externalCode": f"row-{status}", "rowIndex": 1, "accountCode": "6150", "netTotal": 1000}],
    }
