"""Secrets of a connection, each sealed for exactly its place. Nothing here returns or stores one in the open.

A version counts the writes of each secret, so that of two processes that renewed a token only one is stored.
"""

from collections.abc import Callable
from datetime import datetime

import msgspec
from sqlalchemy import select, update

from ml_connector.store.database import Tx
from ml_connector.store.rows import insert, inserted
from ml_connector.store.schema import secrets
from ml_connector.store.vault import Secret, Vault

_TABLE = "secrets"


class SecretVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A secret with the number of its writes and the moment of the last one."""

    secret: Secret
    version: int
    updated_at: datetime


def put(tx: Tx, vault: Vault, connection_id: str, field: str, value: str, now: datetime) -> int:  # noqa: PLR0917
    """Store a secret, new or in place of the old one; its version."""
    envelope = vault.seal(value, table=_TABLE, connection_id=connection_id, field=field)
    statement = insert(tx, secrets).values(
        connection_id=connection_id, field=field, envelope=envelope, version=1, updated_at=now
    )
    statement = statement.on_conflict_do_update(
        index_elements=[secrets.c.connection_id, secrets.c.field],
        set_={"envelope": envelope, "version": secrets.c.version + 1, "updated_at": now},
    )
    return int(tx.execute(statement.returning(secrets.c.version)).scalar_one())


def put_if_version(  # noqa: PLR0917
    tx: Tx, vault: Vault, connection_id: str, field: str, value: str, version: int, now: datetime
) -> bool:
    """Store a secret only if it still has this version (0: there is none yet). False when somebody else was first."""
    envelope = vault.seal(value, table=_TABLE, connection_id=connection_id, field=field)
    if version == 0:
        new = {"connection_id": connection_id, "field": field, "envelope": envelope, "version": 1, "updated_at": now}
        return inserted(tx, secrets, new)
    statement = (
        update(secrets)
        .where(secrets.c.connection_id == connection_id, secrets.c.field == field, secrets.c.version == version)
        .values(envelope=envelope, version=version + 1, updated_at=now)
    )
    return tx.execute(statement).rowcount == 1


def get(tx: Tx, vault: Vault, connection_id: str, field: str) -> Secret | None:
    """A secret, None if the connection has none of that name. Raises VaultError when it does not open."""
    found = get_version(tx, vault, connection_id, field)
    return None if found is None else found.secret


def get_version(tx: Tx, vault: Vault, connection_id: str, field: str) -> SecretVersion | None:
    """A secret with its version, as `put_if_version` wants it back."""
    query = select(secrets).where(secrets.c.connection_id == connection_id, secrets.c.field == field)
    row = tx.execute(query).one_or_none()
    if row is None:
        return None
    secret = vault.open(row.envelope, table=_TABLE, connection_id=connection_id, field=field)
    return SecretVersion(secret=secret, version=row.version, updated_at=row.updated_at)


def look(tx: Tx, vault: Vault, connection_id: str) -> Callable[[str], Secret | None]:
    """All of a connection's secrets as they are now, each opened when it is asked for; then VaultError where it does not open."""
    query = select(secrets.c.field, secrets.c.envelope).where(secrets.c.connection_id == connection_id)
    sealed = {row.field: row.envelope for row in tx.execute(query)}

    def opened(field: str) -> Secret | None:
        envelope = sealed.get(field)
        if envelope is None:
            return None
        return vault.open(envelope, table=_TABLE, connection_id=connection_id, field=field)

    return opened


def fields(tx: Tx, connection_id: str) -> list[str]:
    """Names of the secrets a connection has, for showing which are set."""
    query = select(secrets.c.field).where(secrets.c.connection_id == connection_id).order_by(secrets.c.field)
    return list(tx.execute(query).scalars())


def remove(tx: Tx, connection_id: str, field: str) -> bool:
    """Forget a secret; whether there was one."""
    statement = secrets.delete().where(secrets.c.connection_id == connection_id, secrets.c.field == field)
    return tx.execute(statement).rowcount == 1
