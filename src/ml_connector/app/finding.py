"""Finding the connection that somebody means, by its name or by the QuickBooks company it is joined to."""

from ml_connector.store import connections
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database
from ml_connector.store.errors import ConnectionUnknownError
from ml_connector.store.vault import Vault


def find(database: Database, name: str) -> ConnectionRow:
    """One connection by name or id; with no name the only one there is. Raises ConnectionUnknownError."""
    with database.read() as tx:
        known = connections.list_all(tx)
        if not known:
            raise ConnectionUnknownError("There is no connection yet. Add one with `ml-connector connection add FILE`.")
        if not name and len(known) == 1:
            return known[0]
        if not name:
            raise ConnectionUnknownError(
                f"There are several connections; name one of: {', '.join(one.name for one in known)}."
            )
        return connections.get(tx, name)


def of_company(database: Database, vault: Vault, realm_id: str) -> list[ConnectionRow]:
    """All connections of a QuickBooks company by its id, also while the master key is being changed."""
    found = _known_of(database, vault, realm_id)
    if not found and _learn_of_new_keys(database, vault):
        found = _known_of(database, vault, realm_id)
    return found


def _known_of(database: Database, vault: Vault, realm_id: str) -> list[ConnectionRow]:
    with database.read() as tx:
        return connections.of_company(tx, vault.fingerprints(realm_id, purpose="realm"))


def _learn_of_new_keys(database: Database, vault: Vault) -> bool:
    """Look for a key that only other processes know so far: one of them has made hashes with it. Whether it was found."""
    with database.read() as tx:
        stored = [row.realm_hash for row in connections.list_all(tx)]
    return vault.learn_from(stored)
