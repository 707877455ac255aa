"""What setting webhooks up needs, handed in: where we are reached, the tokens, and which connections share them.

Only `app/installation.py` makes one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from ml_connector.basware.subscriptions import SubscriptionsClient
from ml_connector.model.clock import Clock
from ml_connector.store import secrets
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database
from ml_connector.store.schema import System
from ml_connector.store.vault import Vault
from ml_connector.work.settings import ConnectionSettings

TOKEN, OLD_TOKEN = "webhook_token", "old_webhook_token"
"""The secrets of each system: what signs, and what signed before and may still do so."""


Looks = Callable[[ConnectionRow], bool]
"""Whether whoever asks looks after a connection."""


class WebhookSetupError(Exception):
    """Webhooks cannot be set up as asked; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class WebhookOffice:
    """What setting a connection's webhooks up needs.

    `tenant_mates` are the other connections of the same Basware account, which share its subscriptions; `app_mates` those of the
    same Intuit app, which share its verifier token.
    """

    database: Database
    vault: Vault
    clock: Clock
    connection: ConnectionRow
    settings: ConnectionSettings
    subscriptions: SubscriptionsClient
    tenant_mates: Sequence[ConnectionRow]
    app_mates: Sequence[ConnectionRow]
    public_url: str

    def endpoint(self, system: System) -> str:
        """Where a system delivers. Raises WebhookSetupError when nobody said where we are reached, or it is not encrypted."""
        if not self.public_url:
            raise WebhookSetupError(
                "Nobody said where webhooks reach this installation. Set ML_CONNECTOR_PUBLIC_URL, such as "
                "https://connector.example.com, or give --url."
            )
        parts = urlsplit(self.public_url)
        if parts.scheme != "https" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
            raise WebhookSetupError(
                f"Webhooks need an address that begins with https, not {self.public_url}: put a proxy with TLS in front of "
                "`ml-connector serve`; docs/webhooks.md shows one."
            )
        return self.address(system)

    def address(self, system: System) -> str:
        """The same without asking whether anything can be delivered there; empty when nobody said where we are reached."""
        return f"{self.public_url}/webhooks/{system.value}" if self.public_url else ""

    def secret(self, field: str) -> str:
        """One of the connection's tokens, empty when there is none."""
        return self.secret_of(self.connection, field)

    def secret_of(self, row: ConnectionRow, field: str) -> str:
        """A token of another connection that belongs together with this one, empty when it has none."""
        with self.database.read() as tx:
            found = secrets.get(tx, self.vault, row.id, field)
        return "" if found is None else found.reveal()


def for_whom(office: WebhookOffice, looks_after: Looks) -> WebhookOffice:
    """The office for somebody who does not look after every connection: those of the same Intuit app that are not theirs are left
    alone, and never named."""
    return replace(office, app_mates=[one for one in office.app_mates if looks_after(one)])


def require_whole_tenant(office: WebhookOffice, looks_after: Looks) -> None:
    """Raise WebhookSetupError where connections share the Basware account that whoever asks does not look after: its subscriptions
    and their token are everybody's."""
    if not all(looks_after(one) for one in office.tenant_mates):
        raise WebhookSetupError(
            "Other connections share this Basware account and its subscriptions, and you do not administer all of them. Nothing "
            "was changed. Somebody who administers every connection can do it."
        )
