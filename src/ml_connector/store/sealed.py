"""Everything in the database that hangs on the master key, wherever it is kept: envelopes and keyed hashes.

For showing which keys are in use and for moving from one to another while other processes read and write. A value is replaced
only if it is still the one that was read, so that nothing anybody wrote meanwhile is lost. Values are never opened here.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, func, select, tuple_, update

from ml_connector.store.database import Tx
from ml_connector.store.schema import connections, deliveries, message_targets, secrets
from ml_connector.store.vault import PREFIX, Vault

_KEY_ID = 12
"""Characters of a key's id."""


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """A table with envelopes: the columns that find a row, and where its envelope says it belongs."""

    table: Any
    keys: tuple[str, ...]
    connection_id: str = ""
    """The column that holds it; empty for values that belong to no connection."""
    field: str

    @property
    def name(self) -> str:
        """The table's name."""
        return str(self.table.name)


SEALED = (
    Kind(table=secrets, keys=("connection_id", "field"), connection_id="connection_id", field="field"),
    Kind(table=deliveries, keys=("id",), field="digest"),
    Kind(table=message_targets, keys=("id",), connection_id="connection_id", field="id"),
)
"""Every table with envelopes."""


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """One envelope and its place."""

    kind: Kind
    key: tuple[Any, ...]
    connection_id: str
    field: str
    envelope: str

    @property
    def place(self) -> str:
        """Where it is, for people. Tells nothing of what it holds."""
        return " ".join(part for part in (self.kind.name, self.connection_id, self.field) if part)

    def rewrapped(self, vault: Vault) -> str:
        """The envelope under the current key. Raises VaultError when it does not open."""
        return vault.rewrap(self.envelope, table=self.kind.name, connection_id=self.connection_id, field=self.field)


def envelopes_by_key(tx: Tx) -> dict[str, dict[str, int]]:
    """How many envelopes are under each master key, by the key's id and the table's name."""
    found: dict[str, dict[str, int]] = {}
    for kind in SEALED:
        key_id = _key_id(kind.table.c.envelope)
        query = select(key_id, func.count()).where(kind.table.c.envelope != "").group_by(key_id)
        for key, number in tx.execute(query):
            found.setdefault(key, {})[kind.name] = number
    return found


def hashes_by_key(tx: Tx) -> dict[str, int]:
    """How many connections' company ids are hashed with each master key."""
    key_id = func.substr(connections.c.realm_hash, 1, _KEY_ID)
    query = select(key_id, func.count()).where(connections.c.realm_hash != "").group_by(key_id)
    return {row[0]: row[1] for row in tx.execute(query)}


def not_under(tx: Tx, kind: Kind, key_id: str, after: Sequence[Any], limit: int) -> list[Sealed]:
    """Envelopes of a table that are under any other key, in the order of their keys, from after one of them on."""
    columns = [kind.table.c[name] for name in kind.keys]
    envelope = kind.table.c.envelope
    query = select(kind.table).where(envelope != "", _key_id(envelope) != key_id).order_by(*columns).limit(limit)
    if after:
        query = query.where(tuple_(*columns) > tuple_(*after))
    return [
        Sealed(
            kind=kind,
            key=tuple(row._mapping[name] for name in kind.keys),
            connection_id=row._mapping[kind.connection_id] if kind.connection_id else "",
            field=row._mapping[kind.field],
            envelope=row.envelope,
        )
        for row in tx.execute(query)
    ]


def replace(tx: Tx, sealed: Sealed, fresh: str) -> bool:
    """Put another envelope of the same value in its place, unless somebody wrote another value there meanwhile."""
    found = [sealed.kind.table.c[name] == part for name, part in zip(sealed.kind.keys, sealed.key, strict=True)]
    statement = update(sealed.kind.table).where(*found, sealed.kind.table.c.envelope == sealed.envelope)
    return tx.execute(statement.values(envelope=fresh)).rowcount == 1


def rehash(tx: Tx, old: str, new: str) -> int:
    """Put another keyed hash of the same QuickBooks company in place of one; for how many connections it stood."""
    return tx.execute(update(connections).where(connections.c.realm_hash == old).values(realm_hash=new)).rowcount


def token_hashes(tx: Tx) -> list[str]:
    """The different texts by which deliveries name the webhook tokens that verified them: keyed hashes, separated by blanks."""
    return list(tx.execute(select(deliveries.c.token_hashes).distinct()).scalars())


def rehash_tokens(tx: Tx, old: str, new: str) -> int:
    """Name the same tokens by other keyed hashes; in how many deliveries."""
    return tx.execute(update(deliveries).where(deliveries.c.token_hashes == old).values(token_hashes=new)).rowcount


def _key_id(envelope: ColumnElement[Any]) -> ColumnElement[str]:
    return func.substr(envelope, len(PREFIX) + 2, _KEY_ID)
