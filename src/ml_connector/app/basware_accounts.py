"""As whom each connection calls Basware, and what all clients of one account share: tokens, turns and pauses."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from threading import Lock
from typing import TypedDict

import httpx2

from ml_connector.app.credentials import Credentials
from ml_connector.app.egress import Transports
from ml_connector.app.trust import trusted
from ml_connector.basware import auth
from ml_connector.basware.client import make_http
from ml_connector.basware.exchange import OnCall, Turns
from ml_connector.basware.feeds import SignIn
from ml_connector.basware.pauses import Pauses
from ml_connector.basware.regions import Addresses, Environment, Region, addresses
from ml_connector.model.clock import Clock
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database
from ml_connector.work.budget import SharedPause
from ml_connector.work.calls import CallLog
from ml_connector.work.settings import BaswareSettings, decode_settings


class Shared(TypedDict):
    """Arguments that every client of Purchase-to-Pay takes."""

    base_url: str
    clock: Clock
    on_call: OnCall
    turns: Turns
    pauses: Pauses


class BaswareAccounts:
    """The accounts of all connections of this process. Safe to share between threads."""

    def __init__(self, database: Database, credentials: Credentials, *, clock: Clock, transports: Transports) -> None:
        self._database = database
        self._credentials = credentials
        self._clock = clock
        self._transports = transports
        self._guard = Lock()
        self._turns: dict[tuple[str, str], Turns] = {}
        self._tokens: dict[tuple[str, str, str], auth.TokenCache] = {}
        self._sign_in_http: httpx2.Client | None = None

    def close(self) -> None:
        """Give back what the token caches hold."""
        if self._sign_in_http is not None:
            self._sign_in_http.close()

    def shared(self, row: ConnectionRow, own: BaswareSettings, where: Addresses, calls: CallLog) -> Shared:
        """Address, clock, log, turns and pauses of every client of Purchase-to-Pay."""
        return Shared(
            base_url=where.base_url,
            clock=self._clock,
            on_call=calls.basware,
            turns=self.turns_at(row, own, where),
            pauses=self.pauses_at(row, own, where),
        )

    def customer(self, row: ConnectionRow, own: BaswareSettings) -> str:
        """Whose system a connection signs in at, as Basware writes it into its tokens; empty with user and password. Raises what
        signing in raises."""
        return "" if own.auth == "basic" else self.tokens_at(row, own, basware_addresses(own)).token().customer

    def tenant_of(self, row: ConnectionRow) -> tuple[str, ...]:
        """Where a connection calls Basware, and as whom."""
        own = decode_settings(row.settings).basware
        return basware_addresses(own).base_url, self._credentials.secret_or_none(row, _account(own)) or ""

    def tenant_of_file(
        self, own: BaswareSettings, row: ConnectionRow | None, given: Mapping[str, str]
    ) -> tuple[str, ...]:
        """The same of a connection that is about to be saved: what it is given counts, else what it has already."""
        field = _account(own)
        kept = self._credentials.secret_or_none(row, field) if row is not None else None
        return basware_addresses(own).base_url, given.get(field) or kept or ""

    def pauses_at(self, row: ConnectionRow, own: BaswareSettings, where: Addresses) -> SharedPause:
        """The pauses a Basware tenant asked for, which every process and connection with the same sign-in keeps."""
        return self.pauses_of(where.base_url, self._credentials.secret(row, _account(own)))

    def pauses_of(self, *whose: str) -> SharedPause:
        """The pauses of an account. Its name in the database is a hash that no change of the master key changes."""
        tenant = sha256("\n".join(whose).encode()).hexdigest()[:32]
        return SharedPause(self._database, self._clock, f"basware {tenant}")

    def turns_at(self, row: ConnectionRow, own: BaswareSettings, where: Addresses) -> Turns:
        """Whose turn it is at a Basware tenant, which several connections may share."""
        return self._turns.setdefault((where.base_url, self._credentials.secret(row, _account(own))), Turns())

    def sign_in(self, row: ConnectionRow, own: BaswareSettings, where: Addresses, *, complete: bool = False) -> SignIn:
        """How to sign in with some scopes; `complete`: not at all, unless every one of them is granted."""
        if own.auth == "basic":
            basic = auth.BasicAuthorization(
                self._credentials.secret(row, "basware.user"), self._credentials.secret(row, "basware.password")
            )
            return lambda _scopes: basic
        cache = self.tokens_at(row, own, where)

        def authorization(scopes: Sequence[str]) -> auth.Authorization:
            return cache.complete_authorization(scopes) if complete else cache.authorization(scopes)

        return authorization

    def tokens_at(self, row: ConnectionRow, own: BaswareSettings, where: Addresses) -> auth.TokenCache:
        """The tokens of a Basware client, shared by every desk of this process: a token outlives many jobs."""
        client_id = self._credentials.secret(row, "basware.client_id")
        secret = self._credentials.secret(row, "basware.client_secret")
        key = (where.token_url, client_id, secret)
        with self._guard:
            if self._sign_in_http is None:
                self._sign_in_http = make_http(
                    connect=own.connect_timeout,
                    read=own.read_timeout,
                    transport=self._transports(),
                    trusted=trusted(),
                )
            if key not in self._tokens:
                self._tokens[key] = auth.TokenCache(
                    self._sign_in_http,
                    token_url=where.token_url,
                    client_id=client_id,
                    client_secret=secret,
                    clock=self._clock,
                )
            return self._tokens[key]


def _account(own: BaswareSettings) -> str:
    """The secret that says as whom Basware is called."""
    return "basware.user" if own.auth == "basic" else "basware.client_id"


def basware_addresses(own: BaswareSettings) -> Addresses:
    """Where Basware is called for these settings."""
    return addresses(
        Region(own.region),
        Environment(own.environment),
        base_url=own.base_url,
        token_url=own.token_url,
        hosts=own.hosts,
    )
