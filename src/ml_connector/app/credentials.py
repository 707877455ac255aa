"""The secrets of connections, opened when a client is made that needs them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ml_connector.store import secrets
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database
from ml_connector.store.vault import Secret, Vault
from ml_connector.work.settings import MissingSecretError
from ml_connector.work.sign_in import keeping

_SEEN: ContextVar[tuple["Credentials", str, Callable[[str], Secret | None]] | None] = ContextVar("_SEEN", default=None)
"""What a thread has seen of whose secrets, while it looks once."""


class Credentials:
    """Opens secrets; each look is a transaction of its own, so that what changed meanwhile counts, unless `at_one_look`."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    @contextmanager
    def at_one_look(self, row: ConnectionRow) -> Iterator[None]:
        """What this thread asks of a connection's secrets in the block is answered as they are now: a desk asks twenty times."""
        with self._database.read() as tx:
            found = secrets.look(tx, self._vault, row.id)
        before = _SEEN.set((self, row.id, found))
        try:
            yield
        finally:
            _SEEN.reset(before)

    def secret(self, row: ConnectionRow, field: str) -> str:
        """A secret that has to be there. Raises MissingSecretError."""
        found = self.secret_or_none(row, field)
        if found is None:
            raise MissingSecretError(row.name, field)
        return found

    def secret_or_none(self, row: ConnectionRow, field: str) -> str | None:
        """A secret, if the connection has it."""
        seen = _SEEN.get()
        if seen is not None and seen[:2] == (self, row.id):
            stored = seen[2](field)
        else:
            with self._database.read() as tx:
                stored = secrets.get(tx, self._vault, row.id, field)
        return None if stored is None else stored.reveal()

    def realm_id(self, row: ConnectionRow) -> str:
        """The QuickBooks company's id; empty while nobody has signed in, since no token is there to call with.

        Raises MissingSecretError when there are tokens and no company.
        """
        known = self.secret_or_none(row, "quickbooks.realm_id")
        if known is not None:
            return known
        with self._database.read() as tx:
            signed_in = bool(keeping.load(tx, self._vault, row.id).tokens.refresh_token)
        if signed_in:
            raise MissingSecretError(row.name, "quickbooks.realm_id")
        return ""
