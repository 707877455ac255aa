"""The tokens webhook calls are signed with, of all connections: whoever calls has to be told apart before anything is stored.

Reads the sealed secrets of every connection at once, which nothing else does; hands them out masked.
"""

from datetime import datetime

import msgspec
from sqlalchemy import delete, select

from ml_connector.store.database import Tx
from ml_connector.store.rows import inserted
from ml_connector.store.schema import System, connections, secrets, webhook_forms
from ml_connector.store.vault import Secret, Vault

FIELDS = {
    "quickbooks.webhook_token": System.QUICKBOOKS,
    "quickbooks.old_webhook_token": System.QUICKBOOKS,
    "basware.webhook_token": System.BASWARE,
    "basware.old_webhook_token": System.BASWARE,
}
"""The secrets that verify, by name: the present token, and the one before it while the sender may still use it."""


_STATES = (
    select(secrets.c.connection_id, secrets.c.field, secrets.c.version, connections.c.realm_hash, webhook_forms.c.form)
    .join(connections, connections.c.id == secrets.c.connection_id)
    .outerjoin(
        webhook_forms,
        (webhook_forms.c.connection_id == secrets.c.connection_id)
        & (webhook_forms.c.system == System.BASWARE)
        & secrets.c.field.in_([name for name, system in FIELDS.items() if system is System.BASWARE]),
    )
    .where(secrets.c.field.in_(list(FIELDS)))
    .order_by(secrets.c.connection_id, secrets.c.field)
)


class KeyState(msgspec.Struct, frozen=True, kw_only=True):
    """A token's place, and everything that decides what it verifies; equal as long as nothing changed."""

    connection_id: str
    field: str
    version: int
    realm_hash: str
    form: str


class WebhookKey(msgspec.Struct, frozen=True, kw_only=True):
    """A token that verifies for one connection. `form`: how Basware's signature has to be written; empty: not known yet."""

    connection_id: str
    system: System
    realm_hash: str
    form: str
    token: Secret


def states(tx: Tx) -> tuple[KeyState, ...]:
    """What there is, without opening anything: cheap enough to be asked again and again."""
    return tuple(
        KeyState(connection_id=connection, field=field, version=version, realm_hash=realm, form=form or "")
        for connection, field, version, realm, form in tx.execute(_STATES)
    )


def opened(tx: Tx, vault: Vault, state: KeyState) -> WebhookKey | None:
    """One token, opened; None when it went away meanwhile. Raises VaultError when it does not open."""
    query = select(secrets.c.envelope).where(
        secrets.c.connection_id == state.connection_id, secrets.c.field == state.field
    )
    envelope = tx.execute(query).scalar_one_or_none()
    if envelope is None:
        return None
    return WebhookKey(
        connection_id=state.connection_id,
        system=FIELDS[state.field],
        realm_hash=state.realm_hash,
        form=state.form,
        token=vault.open(envelope, table="secrets", connection_id=state.connection_id, field=state.field),
    )


def pin_form(tx: Tx, connection_id: str, system: System, form: str, now: datetime) -> None:
    """Keep the form in which a connection's signatures come; the first one stays."""
    row = {"connection_id": connection_id, "system": system, "form": form, "pinned_at": now}
    inserted(tx, webhook_forms, row)


def forget_form(tx: Tx, connection_id: str, system: System) -> None:
    """Take any form again until one has matched."""
    tx.execute(
        delete(webhook_forms).where(webhook_forms.c.connection_id == connection_id, webhook_forms.c.system == system)
    )
