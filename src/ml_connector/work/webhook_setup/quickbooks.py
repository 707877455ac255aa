"""QuickBooks' webhooks: what a person does in Intuit's portal, since there is no interface for it, and the verifier token it shows.

The token belongs to an app, so every connection that signs in with the app gets it.
"""

import msgspec

from ml_connector.quickbooks.webhooks import ENTITIES
from ml_connector.store import audit, secrets
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Tx
from ml_connector.store.schema import System
from ml_connector.work.webhook_setup.office import OLD_TOKEN, TOKEN, WebhookOffice, WebhookSetupError

_UNREAD = frozenset(
    {
        "Budget", "CreditMemo", "Deposit", "Estimate", "Invoice", "JournalCode", "Payment", "RefundReceipt", "SalesReceipt",
        "TimeActivity", "Transfer",
    }
)  # fmt: skip
TICKED = tuple(name for name in ENTITIES if name not in _UNREAD)
"""What to tick in Intuit's portal: everything announced that ml-connector may read. More does no harm."""


class QuickBooksWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """QuickBooks' side, which only Intuit's portal can show. `verifier`: a verifier token is stored; `old_verifier`: the one before
    it still counts; `steps`: what to do in the portal, in order."""

    endpoint: str
    verifier: bool
    old_verifier: bool
    entities: tuple[str, ...]
    steps: tuple[str, ...]


def state_of(office: WebhookOffice) -> QuickBooksWebhook:
    """How QuickBooks' webhooks stand here, and what to do in Intuit's portal."""
    endpoint = office.endpoint(System.QUICKBOOKS)
    keys = "Production" if office.settings.quickbooks.environment == "production" else "Development"
    return QuickBooksWebhook(
        endpoint=endpoint,
        verifier=bool(office.secret(f"quickbooks.{TOKEN}")),
        old_verifier=bool(office.secret(f"quickbooks.{OLD_TOKEN}")),
        entities=TICKED,
        steps=(
            "Sign in at developer.intuit.com, open the app this connection signs in with, and choose Webhooks.",
            f"Choose {keys}, and enter as endpoint URL: {endpoint}",
            "Choose the CloudEvents format if the page offers a choice.",
            f"Tick every operation of: {', '.join(TICKED)}.",
            f"Save. Show the verifier token, run `ml-connector webhooks verifier {office.connection.name}` and paste it there.",
            "The first call may take five minutes. `ml-connector webhooks deliveries` shows what came.",
        ),
    )


def adopt_verifier(office: WebhookOffice, *, actor: str) -> str:
    """Take over the verifier token of another connection of the same app, if this one has none; that connection's name."""
    field = f"quickbooks.{TOKEN}"
    if office.secret(field):
        return ""
    for mate in office.app_mates:
        if token := office.secret_of(mate, field):
            with office.database.write(durable=True) as tx:
                _put_verifier(tx, office, office.connection, token, actor)
            return mate.name
    return ""


def store_verifier(office: WebhookOffice, token: str, *, actor: str) -> list[str]:
    """Store the verifier token of the app, for every connection of it; their names. The one before still counts."""
    if not token.strip():
        raise WebhookSetupError("The verifier token is empty. Copy it from Intuit's portal, page Webhooks.")
    rows = [office.connection, *office.app_mates]
    with office.database.write(durable=True) as tx:
        for row in rows:
            _put_verifier(tx, office, row, token.strip(), actor)
    return [row.name for row in rows]


def _put_verifier(tx: Tx, office: WebhookOffice, row: ConnectionRow, token: str, actor: str) -> None:
    field, now = f"quickbooks.{TOKEN}", office.clock.now()
    former = secrets.get(tx, office.vault, row.id, field)
    if former is not None and former.reveal() == token:
        return
    if former is not None:
        secrets.put(tx, office.vault, row.id, f"quickbooks.{OLD_TOKEN}", former.reveal(), now)
    secrets.put(tx, office.vault, row.id, field, token, now)
    audit.record(tx, row.id, at=now, actor=actor, action="webhook token stored", subject="quickbooks")


def drop_former_verifier(office: WebhookOffice, *, actor: str) -> bool:
    """Let the verifier token before the present one count no longer, for this connection; whether there was one."""
    with office.database.write(durable=True) as tx:
        dropped = secrets.remove(tx, office.connection.id, f"quickbooks.{OLD_TOKEN}")
        if dropped:
            audit.record(
                tx, office.connection.id, at=office.clock.now(), actor=actor, action="old webhook token removed",
                subject="quickbooks",
            )  # fmt: skip
    return dropped
