"""The clients of Basware's interfaces, with what all of them in this process share: tokens, turns and pauses of a tenant."""

from collections.abc import Mapping, Sequence
from functools import partial
from hashlib import sha256
from threading import Lock
from typing import TypedDict
from zoneinfo import ZoneInfo

import httpx2

from ml_connector.app.credentials import Credentials
from ml_connector.app.egress import Transports
from ml_connector.app.trust import trusted
from ml_connector.basware import auth
from ml_connector.basware.attachments import AttachmentsClient
from ml_connector.basware.client import BaswareClient, make_http
from ml_connector.basware.exchange import Exchange, OnCall, Turns
from ml_connector.basware.extracts import ExtractsClient
from ml_connector.basware.feeds import BaswareFeeds, SignIn
from ml_connector.basware.master_data import MasterDataClient
from ml_connector.basware.network import NetworkClient, Paths
from ml_connector.basware.network_http import NetworkHttp, NewId
from ml_connector.basware.pauses import Pauses
from ml_connector.basware.probing import BaswareProbe
from ml_connector.basware.regions import Addresses, Environment, Region, addresses
from ml_connector.basware.subscriptions import RIGHTS, SubscriptionsClient
from ml_connector.model.clock import Clock
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database
from ml_connector.store.vault import Vault
from ml_connector.work.budget import SharedPause
from ml_connector.work.calls import CallLog
from ml_connector.work.jobs import Job
from ml_connector.work.settings import BaswareSettings, MissingSecretError, decode_settings


class _Shared(TypedDict):
    """Arguments that every client of Purchase-to-Pay takes."""

    base_url: str
    clock: Clock
    on_call: OnCall
    turns: Turns
    pauses: Pauses


class BaswareSide:
    """Makes what talks to Basware. `new_id` gives a UUID never given before. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        credentials: Credentials,
        *,
        clock: Clock,
        transports: Transports,
        new_id: NewId,
    ) -> None:
        self._database = database
        self._vault = vault
        self._credentials = credentials
        self._clock = clock
        self._transports = transports
        self._new_id = new_id
        self._guard = Lock()
        self._turns: dict[tuple[str, str], Turns] = {}
        self._tokens: dict[tuple[str, str, str], auth.TokenCache] = {}
        self._sign_in_http: httpx2.Client | None = None

    def close(self) -> None:
        """Give back what the token caches hold."""
        if self._sign_in_http is not None:
            self._sign_in_http.close()

    # pools of connections

    def http(self, own: BaswareSettings) -> httpx2.Client:
        """A pool of connections with the settings' patience."""
        return self._http(own, own.connect_timeout, own.read_timeout)

    def extracts_http(self, own: BaswareSettings) -> httpx2.Client:
        """The same for the Data Access API, whose files are large."""
        return self._http(own, own.extracts.connect_timeout, own.extracts.read_timeout)

    def _http(self, own: BaswareSettings, connect: float, read: float) -> httpx2.Client:
        return make_http(
            connect=connect,
            read=read,
            write=own.write_timeout,
            pool=own.pool_timeout,
            transport=self._transports(),
            trusted=trusted(),
        )

    def network_http(self, own: BaswareSettings) -> NetworkHttp:
        """The same for the Network, which wants a new id on every request."""
        return NetworkHttp(
            new_id=self._new_id,
            connect=own.network.connect_timeout,
            read=own.network.read_timeout,
            write=own.write_timeout,
            pool=own.pool_timeout,
            transport=self._transports(),
            trusted=trusted(),
        )

    # clients

    def client(self, http: httpx2.Client, row: ConnectionRow, own: BaswareSettings, calls: CallLog) -> BaswareClient:
        """Documents and the answers to them. Raises MissingSecretError, as all of these do."""
        where = basware_addresses(own)
        return BaswareClient(
            http,
            authorization=self._sign_in(row, own, where)(auth.INVOICE_SCOPES),
            **self._shared(row, own, where, calls),
        )

    def feeds(self, http: httpx2.Client, row: ConnectionRow, own: BaswareSettings, calls: CallLog) -> BaswareFeeds:
        """Orders, vendors and what became of requests."""
        where = basware_addresses(own)
        return BaswareFeeds(
            http,
            sign_in=self._sign_in(row, own, where, complete=True),
            **self._shared(row, own, where, calls),
        )

    def files(self, http: httpx2.Client, row: ConnectionRow, own: BaswareSettings, calls: CallLog) -> AttachmentsClient:
        """Files of documents, which may be large."""
        where = basware_addresses(own)
        return AttachmentsClient(
            http,
            base_url=where.base_url,
            authorization=self._sign_in(row, own, where)(auth.INVOICE_SCOPES),
            clock=self._clock,
            on_call=calls.basware,
            pauses=self._pauses_at(row, own, where),
        )

    def master_data(
        self, http: httpx2.Client, row: ConnectionRow, own: BaswareSettings, calls: CallLog
    ) -> MasterDataClient:
        """The lists that Basware is given."""
        where = basware_addresses(own)
        return MasterDataClient(
            http,
            sign_in=self._sign_in(row, own, where, complete=True),
            **self._shared(row, own, where, calls),
        )

    def network_for(
        self, job: Job, http: NetworkHttp, row: ConnectionRow, own: BaswareSettings, calls: CallLog
    ) -> NetworkClient | None:
        """The Network, if the connection uses it. A missing password stops the job that needs it, and no other."""
        if not own.network.enabled:
            return None
        try:
            return self._network(http, row, own, calls)
        except MissingSecretError:
            if job is Job.NETWORK:
                raise
            return None

    def _network(self, http: NetworkHttp, row: ConnectionRow, own: BaswareSettings, calls: CallLog) -> NetworkClient:
        """The Network has an account of its own; where Basware says OAuth2, the tokens are those of the API client."""
        where = basware_addresses(own)
        if own.network.auth == "basic":
            user = self._credentials.secret(row, "basware.network_user")
            authorization: auth.Authorization = auth.BasicAuthorization(
                user, self._credentials.secret(row, "basware.network_password")
            )
            pauses = self._pauses_of(own.network_url or where.base_url, "network", user)
        else:
            authorization = self._sign_in(row, own, where)(auth.INVOICE_SCOPES)
            pauses = self._pauses_at(row, own, where)
        return NetworkClient(
            http,
            base_url=own.network_url or where.base_url,
            authorization=authorization,
            clock=self._clock,
            paths=Paths(
                notifications=own.network.notifications_path,
                documents=own.network.documents_path,
                files=own.network.files_path,
            ),
            allowed_hosts=own.network.allowed_hosts,
            largest_document=own.network.largest_document,
            largest_file=own.network.largest_file,
            on_call=calls.basware,
            pauses=pauses,
        )

    def extracts(
        self, http: httpx2.Client, row: ConnectionRow, own: BaswareSettings, calls: CallLog
    ) -> ExtractsClient | None:
        """The Data Access API, if the connection uses it."""
        if not own.extracts.enabled:
            return None
        where = basware_addresses(own)
        return ExtractsClient(
            http,
            base_url=own.extracts.base_url or where.base_url,
            authorization=self._sign_in(row, own, where)(own.extracts.scopes),
            clock=self._clock,
            timezone=ZoneInfo(own.extracts.timezone),
            on_call=calls.basware,
            pauses=self._pauses_at(row, own, where),
        )

    def subscriptions(
        self, http: httpx2.Client, row: ConnectionRow, own: BaswareSettings, calls: CallLog
    ) -> SubscriptionsClient:
        """Which webhooks Basware sends, with the rights that each of its calls needs."""
        where = basware_addresses(own)
        exchange = partial(Exchange, http, **self._shared(row, own, where, calls))
        sign_in = self._sign_in(row, own, where, complete=True)
        return SubscriptionsClient({right: exchange(authorization=sign_in(scopes)) for right, scopes in RIGHTS.items()})

    def probe(self, http: httpx2.Client, row: ConnectionRow, own: BaswareSettings) -> BaswareProbe:
        """What `ping` asks with."""
        basic = own.auth == "basic"
        return BaswareProbe(
            http,
            basware_addresses(own),
            self._credentials.secret(row, "basware.user" if basic else "basware.client_id"),
            self._credentials.secret(row, "basware.password" if basic else "basware.client_secret"),
            self._clock,
            basic=basic,
        )

    # what a tenant's clients share

    def _shared(self, row: ConnectionRow, own: BaswareSettings, where: Addresses, calls: CallLog) -> _Shared:
        """Address, clock, log, turns and pauses of every client of Purchase-to-Pay."""
        return _Shared(
            base_url=where.base_url,
            clock=self._clock,
            on_call=calls.basware,
            turns=self._turns_at(row, own, where),
            pauses=self._pauses_at(row, own, where),
        )

    def customer(self, row: ConnectionRow, own: BaswareSettings) -> str:
        """Whose system a connection signs in at, as Basware writes it into its tokens; empty with user and password. Raises what
        signing in raises."""
        return "" if own.auth == "basic" else self._tokens_at(row, own, basware_addresses(own)).token().customer

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

    def _pauses_at(self, row: ConnectionRow, own: BaswareSettings, where: Addresses) -> SharedPause:
        """The pauses a Basware tenant asked for, which every process and connection with the same sign-in keeps."""
        return self._pauses_of(where.base_url, self._credentials.secret(row, _account(own)))

    def _pauses_of(self, *whose: str) -> SharedPause:
        """The pauses of an account. Its name in the database is a hash that no change of the master key changes."""
        tenant = sha256("\n".join(whose).encode()).hexdigest()[:32]
        return SharedPause(self._database, self._clock, f"basware {tenant}")

    def _turns_at(self, row: ConnectionRow, own: BaswareSettings, where: Addresses) -> Turns:
        """Whose turn it is at a Basware tenant, which several connections may share."""
        return self._turns.setdefault((where.base_url, self._credentials.secret(row, _account(own))), Turns())

    def _sign_in(self, row: ConnectionRow, own: BaswareSettings, where: Addresses, *, complete: bool = False) -> SignIn:
        """How to sign in with some scopes; `complete`: not at all, unless every one of them is granted."""
        if own.auth == "basic":
            basic = auth.BasicAuthorization(
                self._credentials.secret(row, "basware.user"), self._credentials.secret(row, "basware.password")
            )
            return lambda _scopes: basic
        cache = self._tokens_at(row, own, where)

        def authorization(scopes: Sequence[str]) -> auth.Authorization:
            return cache.complete_authorization(scopes) if complete else cache.authorization(scopes)

        return authorization

    def _tokens_at(self, row: ConnectionRow, own: BaswareSettings, where: Addresses) -> auth.TokenCache:
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
