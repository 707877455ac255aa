"""QuickBooks' rotating token chain, kept alive: one refresher at a time, and nothing is used before it is stored.

Intuit gives out a new refresh token about once a day and the old one dies at once, so a refresh token that was issued but not
stored is a connection lost. Everybody who needs a token asks here; the lease makes one process of them refresh.
"""

from collections.abc import Callable
from datetime import timedelta

import msgspec

from ml_connector.model.clock import Clock
from ml_connector.quickbooks.auth import TokenSet
from ml_connector.quickbooks.errors import SignInNeeded, Throttled, Unavailable
from ml_connector.store import leases, secrets
from ml_connector.store.database import Database
from ml_connector.store.vault import Vault

_FIELD = "quickbooks.tokens"
_LEASE = "quickbooks token"
_LEASE_SECONDS = 200.0  # longer than the longest an answer can take
_REFRESH_AHEAD = timedelta(minutes=5)
_WAIT = 1.0

Refresher = Callable[[str], TokenSet]
"""Exchanges a refresh token for a new set. Raises SignInNeeded, Unavailable or Throttled."""


class TokenChain:
    """The access token of one connection. `refresher` talks to Intuit; the store keeps what it returns."""

    def __init__(
        self, *, database: Database, vault: Vault, connection_id: str, clock: Clock, refresher: Refresher, worker: str
    ) -> None:
        self._database = database
        self._vault = vault
        self._connection_id = connection_id
        self._clock = clock
        self._refresher = refresher
        self._worker = worker
        self._tokens: TokenSet | None = None

    def access_token(self, force: bool) -> str:
        """A token that is good for some minutes at least. `force` after a 401: the token at hand was refused.

        Raises SignInNeeded when a person has to connect again, Unavailable when Intuit cannot be reached and no token is left.
        """
        refused = self._tokens.access_token if force and self._tokens else ""
        if self._tokens is None or refused:
            self._tokens = self._stored()
        if self._usable(self._tokens, refused, _REFRESH_AHEAD):
            return self._access()
        try:
            self._tokens = self._refresh_alone(refused)
        except (Unavailable, Throttled):
            # A token that still lives serves until Intuit's token service answers again.
            if not self._usable(self._tokens, refused, timedelta(seconds=30)):
                raise
        return self._access()

    def _access(self) -> str:
        assert self._tokens is not None  # noqa: S101  both callers just made sure
        return self._tokens.access_token

    def _usable(self, tokens: TokenSet | None, refused: str, ahead: timedelta) -> bool:
        return (
            tokens is not None
            and tokens.access_token != refused
            and self._clock.now() + ahead < tokens.access_expires_at
        )

    def _stored(self) -> TokenSet | None:
        with self._database.read() as tx:
            secret = secrets.get(tx, self._vault, self._connection_id, _FIELD)
        return msgspec.json.decode(secret.reveal(), type=TokenSet) if secret else None

    def _refresh_alone(self, refused: str) -> TokenSet:
        while True:
            with self._database.write() as tx:
                fence = leases.acquire(tx, self._connection_id, _LEASE, self._worker, self._clock.now(), _LEASE_SECONDS)
            if fence is not None:
                break
            self._clock.sleep(_WAIT)
            stored = self._stored()
            if stored is not None and self._usable(stored, refused, _REFRESH_AHEAD):
                return stored
        try:
            stored = self._stored()
            if stored is not None and self._usable(stored, refused, _REFRESH_AHEAD):
                return stored
            return self._refresh(stored)
        finally:
            with self._database.write() as tx:
                leases.release(tx, self._connection_id, _LEASE, self._worker)

    def _refresh(self, stored: TokenSet | None) -> TokenSet:
        token = stored.refresh_token if stored else self._first_refresh_token()
        try:
            fresh = self._refresher(token)
        except Unavailable:
            fresh = self._refresher(token)  # an answer that got lost is asked for again at once, with the same token
        with self._database.write(durable=True) as tx:
            text = msgspec.json.encode(fresh).decode()
            secrets.put(tx, self._vault, self._connection_id, _FIELD, text, self._clock.now())
        return fresh

    def _first_refresh_token(self) -> str:
        with self._database.read() as tx:
            secret = secrets.get(tx, self._vault, self._connection_id, "quickbooks.refresh_token")
        if secret is None:
            raise SignInNeeded("No refresh token is stored for this connection. Connect QuickBooks again.")
        return secret.reveal()
