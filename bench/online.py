"""A world that both twins reach as the vendors would: our real server on loopback, and the twins' own senders.

For scenes about webhooks. What a person does in Intuit's portal and at the command line are methods here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from ml_connector.store import alerts, calls, deliveries, notices, secrets
from ml_connector.store.deliveries import DeliveryFilter, DeliveryRow
from ml_connector.store.notices import NoticeRow
from ml_connector.store.schema import System
from ml_connector.work import webhook_log
from ml_connector.work.settings import ConnectionFile
from ml_connector.work.webhook_setup import basware as subscriptions
from ml_connector.work.webhook_setup import quickbooks
from ml_connector.work.webhook_setup.office import WebhookOffice
from twins.http import Response
from twins.outgoing import OutgoingRequest, UnreachableError
from twins.postman import HttpSender
from twins.quickbooks.webhooks import WebhookSettings
from world import World

TENANT = "demo-basware-client"
VERIFIER = "verifier-of-the-demo-app"
PERSON = "ann"


class Online:
    """A world whose product can be reached by both twins."""

    def __init__(self, world: World, url: str, sender: HttpSender) -> None:
        self.world, self.url, self.sender = world, url, sender
        world.basware.connect(sender)

    @contextmanager
    def office(self, connection_id: str = "") -> Iterator[WebhookOffice]:
        row = self.world.app.connection(connection_id or self.world.connection_id)
        with self.world.app.webhook_office(row, public_url=self.url) as office:
            yield office

    def subscribe(self, **choices: Any) -> list[str]:
        with self.office() as office:
            return [line.state for line in subscriptions.subscribe(office, actor=PERSON, **choices)]

    def states(self) -> list[str]:
        with self.office() as office:
            return [line.state for line in subscriptions.lines_of(office)]

    def connect_quickbooks(self, **changes: Any) -> None:
        """What a person does in Intuit's portal, and with the verifier token it shows."""
        settings = WebhookSettings(url=f"{self.url}/webhooks/quickbooks", verifier_token=VERIFIER, **changes)
        self.world.quickbooks.webhooks.configure("demo-quickbooks-client", settings)
        with self.office() as office:
            quickbooks.store_verifier(office, VERIFIER, actor=PERSON)

    def deliver(self) -> list[int | None]:
        """Let both twins send what is due; what they were answered."""
        return [
            attempt.status
            for twin in (self.world.quickbooks, self.world.basware)
            for attempt in twin.outbox.deliver_due(self.sender)
        ]

    def notices(self, system: System, connection_id: str = "") -> list[NoticeRow]:
        with self.world.database.read() as tx:
            return notices.waiting(tx, connection_id or self.world.connection_id, system)

    def deliveries(self) -> list[DeliveryRow]:
        with self.world.database.read() as tx:
            return deliveries.listing(tx, DeliveryFilter())

    def secret(self, field: str, connection_id: str = "") -> str:
        with self.world.database.read() as tx:
            found = secrets.get(tx, self.world.vault, connection_id or self.world.connection_id, field)
        return "" if found is None else found.reveal()

    def second(self, name: str) -> str:
        """A second connection of the same Basware account and Intuit app, with another QuickBooks company."""
        given = {
            field: self.secret(field)
            for field in (
                "quickbooks.client_id",
                "quickbooks.client_secret",
                "basware.client_id",
                "basware.client_secret",
            )
        }
        given["quickbooks.realm_id"] = "9341459999"
        known = self.world.desk().settings
        basware = msgspec.structs.replace(known.basware, company_codes=("US20",))
        settings = msgspec.structs.replace(known, basware=basware)
        file = ConnectionFile(name=name, settings=settings, secrets=dict(given))
        return self.world.app.add_connection(file, given).id

    def elsewhere(self, task_type: str = "AccountingDocuments", sub_type: str = "WaitingForTransfer") -> None:
        """Another program's subscription in the same tenant."""
        body = {
            "taskType": task_type, "taskSubType": sub_type, "subscriptionType": "Webhook",
            "notificationWebhookURL": "https://archive.test/hook?key=secret", "webhookAuthenticationToken": "theirs",
        }  # fmt: skip
        self.world.basware._push.seed("demo-basware-client", [body])

    def replay(self, *rows: DeliveryRow) -> int:
        """Have deliveries read once more; how many notices wait again."""
        world = self.world
        return webhook_log.replay(world.database, world.vault, rows, world.clock.now(), actor=PERSON).waiting

    def at_basware(self) -> list[str]:
        """The tokens of all subscriptions in Basware's own books."""
        return [one.token for one in self.world.basware._push.subscriptions._of.get(TENANT, [])]

    def cut_off(self) -> None:
        """Basware does not reach us from now on."""
        self.world.basware.connect(_nobody)

    def reachable(self) -> None:
        """Basware reaches us again."""
        self.world.basware.connect(self.sender)

    def calls(self, path: str) -> int:
        """How many calls the jobs made to a resource of Basware."""
        self.world.desk().write_calls()
        with self.world.database.read() as tx:
            rows = calls.listing(tx, self.world.connection_id, limit=100_000)
        return sum(row.path.startswith(path) for row in rows)

    def alerts(self) -> list[alerts.AlertRow]:
        """What is open about webhooks."""
        with self.world.database.read() as tx:
            return [row for row in alerts.listing(tx, self.world.connection_id) if row.kind == subscriptions.ALERT]

    def put_token(self, token: str, connection_id: str = "") -> None:
        """Store another token for Basware, as a restored backup would."""
        with self.world.database.write() as tx:
            row = connection_id or self.world.connection_id
            secrets.put(tx, self.world.vault, row, "basware.webhook_token", token, self.world.clock.now())


def _nobody(_request: OutgoingRequest) -> Response:
    raise UnreachableError("nobody there")
