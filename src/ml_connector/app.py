"""The only place where the parts are put together: settings, database, vault, clocks, clients, jobs.

The command line and the console ask here and nowhere else.
"""

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Annotated
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx2
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from ml_connector.basware import auth as basware_auth
from ml_connector.basware.client import BaswareClient
from ml_connector.basware.client import make_http as make_basware_http
from ml_connector.basware.exchange import Exchange, Turns
from ml_connector.basware.extracts import ExtractsClient
from ml_connector.basware.feeds import BaswareFeeds, SignIn
from ml_connector.basware.network import NetworkClient, Paths
from ml_connector.basware.network_http import NetworkHttp, NewId
from ml_connector.basware.probing import BaswareProbe
from ml_connector.basware.regions import Addresses, Environment, Region, addresses
from ml_connector.basware.subscriptions import RIGHTS, SubscriptionsClient
from ml_connector.model.clock import Clock
from ml_connector.quickbooks.client import PRODUCTION_URL, SANDBOX_URL, QuickBooksClient
from ml_connector.quickbooks.client import make_http as make_quickbooks_http
from ml_connector.quickbooks.discovery import PRODUCTION_DISCOVERY_URL, SANDBOX_DISCOVERY_URL, Endpoints
from ml_connector.quickbooks.sign_in import IntuitSignIn
from ml_connector.store import audit, connections, jobs, secrets
from ml_connector.store import books as book_store
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database, Tx
from ml_connector.store.errors import ConnectionUnknownError
from ml_connector.store.master_keys import COMMAND_VARIABLE, FILE_VARIABLE, KEY_VARIABLE, MasterKeys, is_named
from ml_connector.store.schema import Priority
from ml_connector.store.vault import Vault, generate_master_key
from ml_connector.work.budget import Gates, RequestBudget, SharedPause, budget_key
from ml_connector.work.calls import CallLog
from ml_connector.work.check.probe import Probe, Seen
from ml_connector.work.clock import SystemClock
from ml_connector.work.desk import Desk, Watch
from ml_connector.work.jobs import Job, priority_of
from ml_connector.work.meter import Meter, app_hash
from ml_connector.work.schedule import note_changed_plans
from ml_connector.work.settings import (
    BaswareSettings,
    ConnectionFile,
    ConnectionSettings,
    MissingSecretError,
    QuickBooksSettings,
    decode_settings,
    encode_settings,
)
from ml_connector.work.shapes import prepare_shapes
from ml_connector.work.sign_in import keeping
from ml_connector.work.sign_in.chain import TokenChain
from ml_connector.work.sign_in.connecting import Connecting
from ml_connector.work.tenure import Tenure
from ml_connector.work.webhook_setup.office import WebhookOffice
from ml_connector.work.workers import worker_name


class Settings(BaseSettings):
    """Where this installation keeps its things. Every field is an environment variable with the prefix ML_CONNECTOR_."""

    model_config = SettingsConfigDict(env_prefix="ML_CONNECTOR_", extra="ignore")

    home: Path = Path.home() / ".ml-connector"
    database_url: str = ""
    public_url: str = ""
    """Where browsers and webhooks reach `ml-connector serve` from outside, without a trailing slash."""
    webhook_days: Annotated[int, Field(ge=1)] = 30
    """Days a webhook call and what was made of it are kept."""

    @property
    def address(self) -> str:
        """The database's URL: as set, else a file in the home folder."""
        return self.database_url or f"sqlite:///{self.home / 'ml-connector.db'}"

    @property
    def key_file(self) -> Path:
        """Where `init` keeps the master key when no other place was named."""
        return self.home / "master.key"

    def environment(self) -> Mapping[str, str]:
        """The environment the master key is read from; the key file in the home folder counts where nothing else is named."""
        found = dict(os.environ)
        if not is_named(found) and self.key_file.exists():
            found[FILE_VARIABLE] = str(self.key_file)
        return found


class App:
    """One running installation. `transport` replaces the network, for tests and the simulation.

    `home` is the folder for downloaded files, as the settings have it unless given; `new_id` gives a UUID never given before.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        *,
        clock: Clock | None = None,
        transport: httpx2.BaseTransport | None = None,
        worker: str = "",
        public_url: str = "",
        webhook_days: int = 30,
        home: Path | None = None,
        new_id: NewId = uuid4,
    ) -> None:
        self.public_url = public_url.rstrip("/")
        self.webhook_days = webhook_days
        self.database = database
        self.home = home or Settings().home
        self._new_id = new_id
        self.vault = vault
        self.clock: Clock = clock or SystemClock()
        _keep_addresses_out_of_logs()
        prepare_shapes()
        self.worker = worker or worker_name()
        self._transport = transport
        self._chains: dict[str, TokenChain] = {}
        self._discovered: dict[str, Endpoints] = {}
        self._guard = Lock()
        self._turns: dict[tuple[str, str], Turns] = {}
        self._basware_tokens: dict[tuple[str, str, str], basware_auth.TokenCache] = {}
        self._basware_sign_in: httpx2.Client | None = None
        self._gates = Gates()

    @classmethod
    def open(cls, settings: Settings) -> "App":
        """The installation as it was set up by `init`. Raises NotSetUpError or a StoreError, which say what to do."""
        environment = settings.environment()
        if not is_named(environment):
            raise NotSetUpError(settings.home)
        keys = MasterKeys.from_environment(environment)
        database = Database.open(settings.address)
        database.require_current()
        return cls(
            database,
            Vault(keys),
            public_url=settings.public_url,
            webhook_days=settings.webhook_days,
            home=settings.home,
        )

    def close(self) -> None:
        """Give everything back."""
        if self._basware_sign_in is not None:
            self._basware_sign_in.close()
        self.database.close()

    def add_connection(self, file: ConnectionFile, resolved: Mapping[str, str]) -> ConnectionRow:
        """Register a connection with its secrets, or bring the one of that name up to date.

        New credentials replace the old ones; mapping, links and history stay. Raises OtherCompanyError when they belong to
        another QuickBooks company, ConnectionExistsError when another connection joins the same two companies.
        """
        now = self.clock.now()
        settings = encode_settings(file.settings)
        company_code = ",".join(file.settings.basware.company_codes)
        realm_id = resolved.get("quickbooks.realm_id", "")
        hashes = self.vault.fingerprints(realm_id, purpose="realm") if realm_id else ("",)
        realm_hash = hashes[0]
        with self.database.write(durable=True) as tx:
            known = next((row for row in connections.list_all(tx) if row.name == file.name), None)
            if known is None:
                known = connections.add(
                    tx, connection_id=str(uuid4()), name=file.name, settings=settings, now=now,
                    realm_hash=realm_hash, company_code=company_code, known_as=hashes,
                )  # fmt: skip
            else:
                self._keep_company(tx, known, realm_id)
                connections.update_settings(tx, known.id, settings, now)
                jobs.work_out_anew(tx, known.id, now)
                connections.set_companies(
                    tx, known.id, realm_hash=realm_hash or known.realm_hash, company_code=company_code, now=now,
                    known_as=hashes,
                )  # fmt: skip
                note_changed_plans(tx, known, file.settings, now)
            for field, value in resolved.items():
                stored = secrets.get(tx, self.vault, known.id, field)
                if stored is not None and stored.reveal() == value:
                    continue
                secrets.put(tx, self.vault, known.id, field, value, now)
                if field == keeping.FIRST:
                    # Somebody connected again. The same token as ever says nothing: the chain has long gone on from it.
                    keeping.keep_first(tx, self.vault, known.id, value, now)
            keeping.note_saved(tx, self.vault, known.id, now)
            audit.record(
                tx, known.id, at=now, actor=self.worker, action="connection saved", subject=file.name, after=settings
            )
            self._chains.pop(known.id, None)
            return connections.get(tx, known.id)

    def _keep_company(self, tx: Tx, known: ConnectionRow, realm_id: str) -> None:
        """Lists, mapping and links are one company's: once its lists were read, no other may take its place."""
        stored = secrets.get(tx, self.vault, known.id, "quickbooks.realm_id")
        if stored is None or realm_id in {"", stored.reveal()}:
            return
        if book_store.all_of(tx, known.id, "CompanyInfo"):
            raise OtherCompanyError(known.name)

    def connections_of(self, realm_id: str) -> list[ConnectionRow]:
        """All connections of a QuickBooks company by its id, also while the master key is being changed."""
        found = self._known_of(realm_id)
        if not found and self._learn_of_new_keys():
            found = self._known_of(realm_id)
        return found

    def _known_of(self, realm_id: str) -> list[ConnectionRow]:
        with self.database.read() as tx:
            return connections.of_company(tx, self.vault.fingerprints(realm_id, purpose="realm"))

    def _learn_of_new_keys(self) -> bool:
        """Look for a key that only other processes know so far: one of them has made hashes with it. Whether it was found."""
        with self.database.read() as tx:
            stored = [row.realm_hash for row in connections.list_all(tx)]
        return self.vault.learn_from(stored)

    def connection(self, name: str) -> ConnectionRow:
        """One connection by name or id; with no name the only one there is. Raises ConnectionUnknownError."""
        with self.database.read() as tx:
            known = connections.list_all(tx)
            if not known:
                raise ConnectionUnknownError(
                    "There is no connection yet. Add one with `ml-connector connection add FILE`."
                )
            if not name and len(known) == 1:
                return known[0]
            if not name:
                raise ConnectionUnknownError(
                    f"There are several connections; name one of: {', '.join(one.name for one in known)}."
                )
            return connections.get(tx, name)

    def desk(
        self,
        row: ConnectionRow,
        watch: Watch | None = None,
        *,
        job: Job = Job.INVOICES,
        worker: str = "",
        stopping: Callable[[], bool] = lambda: False,
        priority: Priority | None = None,
    ) -> Desk:
        """Everything a job of a connection needs; `watch` is told how far it is. Nothing is called yet.

        `worker` names who does the job, this process unless told otherwise; `stopping` says whether to end at the next safe point.
        `priority` says whether its calls to QuickBooks go before others; unless told otherwise that is the job's.
        """
        worker = worker or self.worker
        settings = decode_settings(row.settings)
        calls, own = CallLog(self.clock), settings.basware
        quickbooks_http = self._quickbooks_http(settings.quickbooks)
        basware_http = make_basware_http(
            connect=own.connect_timeout,
            read=own.read_timeout,
            write=own.write_timeout,
            pool=own.pool_timeout,
            transport=self._transport,
        )

        network_http = NetworkHttp(
            new_id=self._new_id,
            connect=own.network.connect_timeout,
            read=own.network.read_timeout,
            write=own.write_timeout,
            pool=own.pool_timeout,
            transport=self._transport,
        )
        extracts_http = make_basware_http(
            connect=own.extracts.connect_timeout,
            read=own.extracts.read_timeout,
            write=own.write_timeout,
            pool=own.pool_timeout,
            transport=self._transport,
        )

        def close() -> None:
            for http in (quickbooks_http, basware_http, network_http, extracts_http):
                http.close()

        return Desk(
            database=self.database,
            connection_id=row.id,
            connection_name=row.name,
            settings=settings,
            clock=self.clock,
            quickbooks=self._quickbooks(quickbooks_http, row, settings, calls, priority or priority_of(job)),
            tokens=self.tokens(row),
            basware=self._basware(basware_http, row, own, calls),
            feeds=self._feeds(basware_http, row, own, calls),
            worker=worker,
            tenure=Tenure(
                self.database,
                connection_id=row.id,
                connection_name=row.name,
                worker=worker,
                clock=self.clock,
                name=job,
            ),
            calls=calls,
            close=close,
            watch=watch or (lambda _what, _done, _total: None),
            stopping=stopping,
            network=self._network_for(job, network_http, row, own, calls),
            extracts=self._extracts(extracts_http, row, own, calls) if own.extracts.enabled else None,
            spool=Path(own.extracts.spool or self.home / "spool").expanduser() / row.id,
        )

    def desk_for(self, row: ConnectionRow, job: Job, worker: str, stopping: Callable[[], bool]) -> Desk:
        """A desk as an engine asks for it."""
        return self.desk(row, job=job, worker=worker, stopping=stopping)

    @contextmanager
    def probe(self, row: ConnectionRow, *, public_url: str = "") -> Iterator[Probe]:
        """What `ping` asks with, for the length of a block. Raises MissingSecretError."""
        settings = decode_settings(row.settings)
        own, basic = settings.basware, settings.basware.auth == "basic"
        with make_basware_http(
            connect=own.connect_timeout,
            read=own.read_timeout,
            write=own.write_timeout,
            pool=own.pool_timeout,
            transport=self._transport,
        ) as http:
            yield Probe(
                look=partial(_look, http),
                basware=BaswareProbe(
                    http,
                    basware_addresses(own),
                    self._secret(row, "basware.user" if basic else "basware.client_id"),
                    self._secret(row, "basware.password" if basic else "basware.client_secret"),
                    self.clock,
                    basic=basic,
                ),
                quickbooks_url=quickbooks_address(settings.quickbooks),
                public_url=public_url,
            )

    def _secret(self, row: ConnectionRow, field: str) -> str:
        with self.database.read() as tx:
            secret = secrets.get(tx, self.vault, row.id, field)
        if secret is None:
            raise MissingSecretError(row.name, field)
        return secret.reveal()

    def tokens(self, row: ConnectionRow) -> TokenChain:
        """The sign-in of a connection: one for all threads of this process, so that they look and renew once for all."""
        own = decode_settings(row.settings).quickbooks
        with self._guard:
            if row.id not in self._chains:
                self._chains[row.id] = TokenChain(
                    database=self.database,
                    vault=self.vault,
                    connection_id=row.id,
                    connection_name=row.name,
                    clock=self.clock,
                    refresher=lambda token: self.intuit(self.connection(row.id)).refresh(token),
                    worker=self.worker,
                    patience=own.connect_timeout + own.pool_timeout + own.write_timeout + own.read_timeout,
                )
            return self._chains[row.id]

    def intuit(self, row: ConnectionRow) -> IntuitSignIn:
        """Intuit's sign-in with this connection's app and addresses. Raises MissingSecretError without the app's keys."""
        own = decode_settings(row.settings).quickbooks
        live = own.environment == "production"
        return IntuitSignIn(
            open_http=partial(self._quickbooks_http, own),
            client_id=self._secret(row, "quickbooks.client_id"),
            client_secret=self._secret(row, "quickbooks.client_secret"),
            addresses=Endpoints(authorize=own.authorize_url, token=own.token_url, revoke=own.revoke_url),
            discovery_url=own.discovery_url or (PRODUCTION_DISCOVERY_URL if live else SANDBOX_DISCOVERY_URL),
            api_url=quickbooks_address(own),
            discovered=self._discovered,
            now=self.clock.now,
        )

    def connecting(self) -> Connecting:
        """Connecting companies through people's browsers, and disconnecting them."""
        return Connecting(database=self.database, vault=self.vault, clock=self.clock, intuit=self.intuit)

    def _quickbooks_http(self, own: QuickBooksSettings) -> httpx2.Client:
        return make_quickbooks_http(
            connect=own.connect_timeout,
            read=own.read_timeout,
            write=own.write_timeout,
            pool=own.pool_timeout,
            transport=self._transport,
        )

    def _quickbooks(
        self,
        http: httpx2.Client,
        row: ConnectionRow,
        settings: ConnectionSettings,
        calls: CallLog,
        priority: Priority,
    ) -> QuickBooksClient:
        own = settings.quickbooks
        return QuickBooksClient(
            http,
            base_url=quickbooks_address(own),
            realm_id=self._realm_id(row),
            access_token=self.tokens(row).access_token,
            budget=self._budget(row, own, priority),
            minor_version=own.minor_version,
            on_call=calls.quickbooks,
        )

    def _realm_id(self, row: ConnectionRow) -> str:
        """The company's id; empty while nobody has signed in, since no token is there to call with."""
        with self.database.read() as tx:
            known = secrets.get(tx, self.vault, row.id, "quickbooks.realm_id")
            signed_in = bool(keeping.load(tx, self.vault, row.id).tokens.refresh_token)
        if known is None and signed_in:
            raise MissingSecretError(row.name, "quickbooks.realm_id")
        return "" if known is None else known.reveal()

    def _budget(self, row: ConnectionRow, own: QuickBooksSettings, priority: Priority) -> RequestBudget:
        """This client's share in the company's budget, which every connection to the same company uses."""
        with self.database.read() as tx:
            client_id, key = secrets.get(tx, self.vault, row.id, "quickbooks.client_id"), budget_key(tx, row)
        return RequestBudget(
            self.database,
            self.clock,
            own.limits,
            key=key,
            meter=Meter(
                connection_id=row.id,
                app=app_hash(client_id.reveal() if client_id else ""),
                quota=own.quota,
                priority=priority,
            ),
            gates=self._gates,
            priority=priority,
        )

    def _basware(self, http: httpx2.Client, row: ConnectionRow, own: BaswareSettings, calls: CallLog) -> BaswareClient:
        where = basware_addresses(own)
        return BaswareClient(
            http,
            base_url=where.base_url,
            authorization=self._sign_in(row, own, where)(basware_auth.INVOICE_SCOPES),
            clock=self.clock,
            on_call=calls.basware,
            turns=self._turns_at(row, own, where),
            pauses=self._pauses_at(row, own, where),
        )

    def _pauses_at(self, row: ConnectionRow, own: BaswareSettings, where: Addresses) -> SharedPause:
        """The pauses a Basware tenant asked for, which every process and connection with the same sign-in keeps."""
        account = self._secret(row, "basware.user" if own.auth == "basic" else "basware.client_id")
        tenant = self.vault.fingerprints(f"{where.base_url} {account}", purpose="basware tenant")[0]
        return SharedPause(self.database, self.clock, f"basware {tenant}")

    def _network_for(
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
            authorization: basware_auth.Authorization = basware_auth.BasicAuthorization(
                self._secret(row, "basware.network_user"), self._secret(row, "basware.network_password")
            )
        else:
            authorization = self._sign_in(row, own, where)(basware_auth.INVOICE_SCOPES)
        return NetworkClient(
            http,
            base_url=own.network_url or where.base_url,
            authorization=authorization,
            clock=self.clock,
            paths=Paths(
                notifications=own.network.notifications_path,
                documents=own.network.documents_path,
                files=own.network.files_path,
            ),
            allowed_hosts=own.network.allowed_hosts,
            largest_document=own.network.largest_document,
            largest_file=own.network.largest_file,
            on_call=calls.basware,
        )

    def _extracts(
        self, http: httpx2.Client, row: ConnectionRow, own: BaswareSettings, calls: CallLog
    ) -> ExtractsClient:
        where = basware_addresses(own)
        return ExtractsClient(
            http,
            base_url=own.extracts.base_url or where.base_url,
            authorization=self._sign_in(row, own, where)(own.extracts.scopes),
            clock=self.clock,
            timezone=ZoneInfo(own.extracts.timezone),
            on_call=calls.basware,
        )

    def _feeds(self, http: httpx2.Client, row: ConnectionRow, own: BaswareSettings, calls: CallLog) -> BaswareFeeds:
        where = basware_addresses(own)
        return BaswareFeeds(
            http,
            base_url=where.base_url,
            sign_in=self._sign_in(row, own, where, complete=True),
            clock=self.clock,
            on_call=calls.basware,
            turns=self._turns_at(row, own, where),
            pauses=self._pauses_at(row, own, where),
        )

    @contextmanager
    def webhook_office(self, row: ConnectionRow, *, public_url: str = "") -> Iterator[WebhookOffice]:
        """What setting up a connection's webhooks needs, for the length of a block. Raises MissingSecretError."""
        settings = decode_settings(row.settings)
        own, calls = settings.basware, CallLog(self.clock)
        where = basware_addresses(own)
        with make_basware_http(
            connect=own.connect_timeout,
            read=own.read_timeout,
            write=own.write_timeout,
            pool=own.pool_timeout,
            transport=self._transport,
        ) as http:
            exchange = partial(
                Exchange, http, base_url=where.base_url, clock=self.clock, on_call=calls.basware,
                turns=self._turns_at(row, own, where), pauses=self._pauses_at(row, own, where),
            )  # fmt: skip
            sign_in = self._sign_in(row, own, where, complete=True)
            clients = {right: exchange(authorization=sign_in(scopes)) for right, scopes in RIGHTS.items()}
            yield WebhookOffice(
                database=self.database,
                vault=self.vault,
                clock=self.clock,
                connection=row,
                settings=settings,
                subscriptions=SubscriptionsClient(clients),
                tenant_mates=self._same(row, self._tenant_of),
                app_mates=self._same(row, self._intuit_app_of),
                public_url=(public_url or self.public_url).rstrip("/"),
            )
        if not calls.is_empty:
            with self.database.write() as tx:
                calls.write(tx, row.id)

    def _same(self, row: ConnectionRow, owner: Callable[[ConnectionRow], tuple[str, ...]]) -> list[ConnectionRow]:
        """The other connections that answer a question about themselves as this one does."""
        with self.database.read() as tx:
            others = [one for one in connections.list_all(tx) if one.id != row.id]
        wanted = owner(row)
        return [one for one in others if all(wanted) and owner(one) == wanted]

    def _tenant_of(self, row: ConnectionRow) -> tuple[str, ...]:
        """Where a connection calls Basware, and as whom."""
        own = decode_settings(row.settings).basware
        field = "basware.user" if own.auth == "basic" else "basware.client_id"
        return basware_addresses(own).base_url, self._secret_or_none(row, field)

    def _intuit_app_of(self, row: ConnectionRow) -> tuple[str, ...]:
        """The app a connection signs in to QuickBooks with: verifier tokens belong to it, not to a company."""
        own = decode_settings(row.settings).quickbooks
        return own.environment, self._secret_or_none(row, "quickbooks.client_id")

    def _secret_or_none(self, row: ConnectionRow, field: str) -> str:
        with self.database.read() as tx:
            secret = secrets.get(tx, self.vault, row.id, field)
        return "" if secret is None else secret.reveal()

    def _turns_at(self, row: ConnectionRow, own: BaswareSettings, where: Addresses) -> Turns:
        """Whose turn it is at a Basware tenant, which several connections may share."""
        account = self._secret(row, "basware.user" if own.auth == "basic" else "basware.client_id")
        return self._turns.setdefault((where.base_url, account), Turns())

    def _sign_in(self, row: ConnectionRow, own: BaswareSettings, where: Addresses, *, complete: bool = False) -> SignIn:
        """How to sign in with some scopes; `complete`: not at all, unless every one of them is granted."""
        if own.auth == "basic":
            basic = basware_auth.BasicAuthorization(
                self._secret(row, "basware.user"), self._secret(row, "basware.password")
            )
            return lambda _scopes: basic
        cache = self._tokens_at(row, own, where)

        def authorization(scopes: Sequence[str]) -> basware_auth.Authorization:
            return cache.complete_authorization(scopes) if complete else cache.authorization(scopes)

        return authorization

    def _tokens_at(self, row: ConnectionRow, own: BaswareSettings, where: Addresses) -> basware_auth.TokenCache:
        """The tokens of a Basware client, shared by every desk of this process: a token outlives many jobs."""
        client_id, secret = self._secret(row, "basware.client_id"), self._secret(row, "basware.client_secret")
        key = (where.token_url, client_id, secret)
        with self._guard:
            if self._basware_sign_in is None:
                self._basware_sign_in = make_basware_http(
                    connect=own.connect_timeout, read=own.read_timeout, transport=self._transport
                )
            if key not in self._basware_tokens:
                self._basware_tokens[key] = basware_auth.TokenCache(
                    self._basware_sign_in,
                    token_url=where.token_url,
                    client_id=client_id,
                    client_secret=secret,
                    clock=self.clock,
                )
            return self._basware_tokens[key]


def _keep_addresses_out_of_logs() -> None:
    """The HTTP library logs whole addresses and headers: company ids, signed download addresses and tokens among them.

    The calls table keeps what support needs of each call, without any of these.
    """
    for name in ("httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)


class NotSetUpError(Exception):
    """There is no master key: `init` was never run here, or the environment that names the key is not set."""

    def __init__(self, home: Path) -> None:
        super().__init__(
            f"Nothing is set up in {home}. Run `ml-connector init` first; if it was set up elsewhere, set ML_CONNECTOR_HOME to "
            f"that folder, or {KEY_VARIABLE}, {FILE_VARIABLE} or {COMMAND_VARIABLE} to where its master key is."
        )


class OtherCompanyError(Exception):
    """A connection was to be moved to another QuickBooks company, whose ids its mapping and links do not mean."""

    def __init__(self, connection: str) -> None:
        super().__init__(
            f"The connection {connection} belongs to another QuickBooks company: its mapping and what it posted are that "
            f"company's. Give the connection file for this realm_id another name."
        )


def quickbooks_address(own: QuickBooksSettings) -> str:
    """Where QuickBooks' API is called for these settings."""
    return own.base_url or (PRODUCTION_URL if own.environment == "production" else SANDBOX_URL)


def _look(http: httpx2.Client, url: str) -> Seen:
    """What an address answers to anybody; nothing of ours goes along, and no redirect is followed."""
    try:
        answer = http.get(url, follow_redirects=False)
    except (httpx2.RequestError, httpx2.InvalidURL) as error:
        return Seen(problem=type(error).__name__)
    return Seen(status=answer.status_code, body=answer.content, server_time=_date_of(answer))


def _date_of(answer: httpx2.Response) -> datetime | None:
    try:
        told = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return None
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def basware_addresses(own: BaswareSettings) -> Addresses:
    """Where Basware is called for these settings."""
    return addresses(
        Region(own.region),
        Environment(own.environment),
        base_url=own.base_url,
        token_url=own.token_url,
        hosts=own.hosts,
    )


def initialise(settings: Settings) -> tuple[Database, bool]:
    """Make the home folder, a master key unless one was given, and the tables; whether a key was made.

    Safe to repeat: nothing that exists is replaced.
    """
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = False
    if not is_named(settings.environment()):
        descriptor = os.open(settings.key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(generate_master_key() + "\n")
        made = True
    MasterKeys.from_environment(settings.environment())
    database = Database.open(settings.address)
    database.migrate()
    return database, made
