"""The clients of QuickBooks and of Intuit's sign-in, with what all of them in this process share: token chains and gates."""

from functools import partial
from threading import Lock

import httpx2

from ml_connector.app.credentials import Credentials
from ml_connector.app.egress import Transports
from ml_connector.app.trust import trusted
from ml_connector.model.clock import Clock
from ml_connector.quickbooks.client import PRODUCTION_URL, SANDBOX_URL, QuickBooksClient, make_http
from ml_connector.quickbooks.discovery import PRODUCTION_DISCOVERY_URL, SANDBOX_DISCOVERY_URL, Endpoints
from ml_connector.quickbooks.sign_in import IntuitSignIn
from ml_connector.store import connections
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database
from ml_connector.store.schema import Priority
from ml_connector.store.vault import Vault
from ml_connector.work.budget import Gates, RequestBudget, budget_key
from ml_connector.work.calls import CallLog
from ml_connector.work.meter import Meter, app_hash
from ml_connector.work.settings import QuickBooksSettings, decode_settings
from ml_connector.work.sign_in.chain import TokenChain


class QuickBooksSide:
    """Makes what talks to QuickBooks. `worker` names this process in the token chains. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        credentials: Credentials,
        *,
        clock: Clock,
        transports: Transports,
        worker: str,
    ) -> None:
        self._database = database
        self._vault = vault
        self._credentials = credentials
        self._clock = clock
        self._transports = transports
        self._worker = worker
        self._chains: dict[str, TokenChain] = {}
        self._discovered: dict[str, Endpoints] = {}
        self._gates = Gates()
        self._guard = Lock()

    def http(self, own: QuickBooksSettings) -> httpx2.Client:
        """A pool of connections with the settings' patience."""
        return make_http(
            connect=own.connect_timeout,
            read=own.read_timeout,
            write=own.write_timeout,
            pool=own.pool_timeout,
            transport=self._transports(),
            trusted=trusted(),
        )

    def client(
        self, http: httpx2.Client, row: ConnectionRow, own: QuickBooksSettings, calls: CallLog, priority: Priority
    ) -> QuickBooksClient:
        """The company's client; its calls are noted in `calls`. Raises MissingSecretError."""
        return QuickBooksClient(
            http,
            base_url=quickbooks_address(own),
            realm_id=self._credentials.realm_id(row),
            access_token=self.tokens(row).access_token,
            budget=self._budget(row, own, priority),
            minor_version=own.minor_version,
            on_call=calls.quickbooks,
        )

    def _budget(self, row: ConnectionRow, own: QuickBooksSettings, priority: Priority) -> RequestBudget:
        """This client's share in the company's budget, which every connection to the same company uses."""
        client_id = self._credentials.secret_or_none(row, "quickbooks.client_id") or ""
        with self._database.read() as tx:
            key = budget_key(tx, row)
        return RequestBudget(
            self._database,
            self._clock,
            own.limits,
            key=key,
            meter=Meter(connection_id=row.id, app=app_hash(client_id), quota=own.quota, priority=priority),
            gates=self._gates,
            priority=priority,
        )

    def tokens(self, row: ConnectionRow) -> TokenChain:
        """The sign-in of a connection: one for all threads of this process, so that they look and renew once for all."""
        own = decode_settings(row.settings).quickbooks
        with self._guard:
            if row.id not in self._chains:
                self._chains[row.id] = TokenChain(
                    database=self._database,
                    vault=self._vault,
                    connection_id=row.id,
                    connection_name=row.name,
                    clock=self._clock,
                    refresher=lambda token: self.intuit(self._as_it_is_now(row.id)).refresh(token),
                    worker=self._worker,
                    patience=own.connect_timeout + own.pool_timeout + own.write_timeout + own.read_timeout,
                )
            return self._chains[row.id]

    def forget_tokens(self, connection_id: str) -> None:
        """The next to ask gets a chain with the connection's new settings."""
        with self._guard:
            self._chains.pop(connection_id, None)

    def _as_it_is_now(self, connection_id: str) -> ConnectionRow:
        with self._database.read() as tx:
            return connections.get(tx, connection_id)

    def intuit(self, row: ConnectionRow) -> IntuitSignIn:
        """Intuit's sign-in with this connection's app and addresses. Raises MissingSecretError without the app's keys."""
        own = decode_settings(row.settings).quickbooks
        live = own.environment == "production"
        return IntuitSignIn(
            open_http=partial(self.http, own),
            client_id=self._credentials.secret(row, "quickbooks.client_id"),
            client_secret=self._credentials.secret(row, "quickbooks.client_secret"),
            addresses=Endpoints(authorize=own.authorize_url, token=own.token_url, revoke=own.revoke_url),
            discovery_url=own.discovery_url or (PRODUCTION_DISCOVERY_URL if live else SANDBOX_DISCOVERY_URL),
            api_url=quickbooks_address(own),
            discovered=self._discovered,
            now=self._clock.now,
        )

    def app_of(self, row: ConnectionRow) -> tuple[str, ...]:
        """The app a connection signs in with: verifier tokens belong to it, not to a company."""
        own = decode_settings(row.settings).quickbooks
        return own.environment, self._credentials.secret_or_none(row, "quickbooks.client_id") or ""


def quickbooks_address(own: QuickBooksSettings) -> str:
    """Where QuickBooks' API is called for these settings."""
    return own.base_url or (PRODUCTION_URL if own.environment == "production" else SANDBOX_URL)
