"""A served installation with several firms connected, and a client that signs like the vendors do."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from instruments import VirtualClock
from ml_connector.app import App
from ml_connector.basware import webhooks as basware
from ml_connector.basware.webhooks import Form
from ml_connector.quickbooks import webhooks as quickbooks
from ml_connector.store import alerts, deliveries, notices, secrets
from ml_connector.store.alerts import AlertRow
from ml_connector.store.database import Database
from ml_connector.store.deliveries import DeliveryFilter, DeliveryRow
from ml_connector.store.notices import NoticeRow
from ml_connector.store.schema import System
from ml_connector.store.vault import MasterKeys, Vault
from ml_connector.work.settings import BaswareSettings, ConnectionFile, ConnectionSettings
from twins.clock import Clock as TwinClock
from web import served

NORTH, SOUTH, STRANGER = "9341450001", "9341450002", "9341459999"
APP_TOKEN, OTHER_APP_TOKEN = "verifier-of-our-app", "verifier-of-another-app"
TENANT_TOKEN = "geheim-ö-123"


@dataclass
class Office:
    """An installation that is being served."""

    app: App
    url: str
    client: httpx2.Client

    def connect(self, name: str, realm_id: str, **tokens: str) -> str:
        """Connect a firm; `tokens` by field, with two underscores for the point."""
        given = {field.replace("__", "."): token for field, token in tokens.items()}
        all_secrets = {"quickbooks.realm_id": realm_id, **given}
        settings = ConnectionSettings(basware=BaswareSettings(company_codes=(name,)))
        file = ConnectionFile(name=name, settings=settings, secrets=dict(all_secrets))
        return self.app.add_connection(file, all_secrets).id

    def store(self, connection_id: str, field: str, token: str) -> None:
        with self.app.database.write() as tx:
            secrets.put(tx, self.app.vault, connection_id, field, token, self.app.clock.now())

    def quickbooks(self, body: object, token: str = APP_TOKEN, **changes: Any) -> httpx2.Response:
        """Deliver as Intuit does; `changes` replace parts of the request."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {
            "Content-Type": "application/cloudevents+json",
            "intuit-signature": quickbooks.signature(content, token),
        }
        return self.post("/webhooks/quickbooks", content, headers, changes)

    def basware(
        self, body: object, token: str = TENANT_TOKEN, form: Form = Form.HEX, **changes: Any
    ) -> httpx2.Response:
        """Deliver as Basware does."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "X-BWAPI-Signature-256": basware.signature(content, token, form)}
        return self.post("/webhooks/basware", content, headers, changes)

    def post(self, path: str, content: bytes, headers: dict[str, str], changes: dict[str, Any]) -> httpx2.Response:
        request = {"content": content, "headers": headers} | changes
        return self.client.post(self.url + path, **request)

    def deliveries(self) -> list[DeliveryRow]:
        with self.app.database.read() as tx:
            return deliveries.listing(tx, DeliveryFilter())

    def notices(self, connection_id: str, system: System = System.QUICKBOOKS) -> list[NoticeRow]:
        with self.app.database.read() as tx:
            return notices.waiting(tx, connection_id, system)

    def alerts(self, connection_id: str) -> list[AlertRow]:
        with self.app.database.read() as tx:
            return alerts.listing(tx, connection_id)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(TwinClock(datetime(2026, 11, 28, 12, tzinfo=UTC), running=False))


@pytest.fixture
def office(database: Database, clock: VirtualClock) -> Iterator[Office]:
    """Nobody is connected yet."""
    app = App(database, Vault(MasterKeys(b"w" * 32)), clock=clock, worker="web")
    with served(app) as url, httpx2.Client(trust_env=False) as client:
        yield Office(app, url, client)


def bill(number: str = "145", realm_id: str = NORTH, **changes: object) -> dict[str, object]:
    """QuickBooks' announcement of a changed bill."""
    return {
        "specversion": "1.0",
        "id": f"event-{realm_id}-{number}",
        "source": "intuit.x",
        "type": "qbo.bill.updated.v1",
        "time": "2026-11-28T11:59:25.179851517Z",
        "intuitentityid": number,
        "intuitaccountid": realm_id,
        "data": {},
    } | changes


def task(number: str = "1", **changes: object) -> dict[str, object]:
    """Basware's announcement of a document."""
    return {
        "taskId": f"task-{number}",
        "taskStatus": "New",
        "taskType": "AccountingDocuments",
        "taskSubType": "WaitingForTransfer",
        "documentId": f"document-{number}",
        "expirationTime": "2026-11-29T12:00:00Z",
    } | changes


Make = Callable[..., dict[str, object]]


@pytest.fixture
def make_bill() -> Make:
    return bill


@pytest.fixture
def make_task() -> Make:
    return task
