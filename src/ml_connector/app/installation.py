"""One running installation: its database, vault and clock, its connections, and a desk for each job of them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from uuid import uuid4

import httpx2

from ml_connector.app.basware_side import BaswareSide
from ml_connector.app.credentials import Credentials
from ml_connector.app.egress import PublicTransport, keep_addresses_out_of_logs
from ml_connector.app.finding import find, of_company
from ml_connector.app.looking import look_at
from ml_connector.app.mates import Mates
from ml_connector.app.messenger import Messenger
from ml_connector.app.oidc import OpenIdProvider
from ml_connector.app.quickbooks_side import QuickBooksSide, quickbooks_address
from ml_connector.app.registration import refuse_inside, save_connection
from ml_connector.app.settings import NotSetUpError, Settings
from ml_connector.basware.network_http import NewId
from ml_connector.model.clock import Clock
from ml_connector.quickbooks.sign_in import IntuitSignIn
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database
from ml_connector.store.master_keys import MasterKeys, is_named
from ml_connector.store.schema import Priority
from ml_connector.store.vault import Vault
from ml_connector.work.calls import CallLog
from ml_connector.work.check.basware import try_credentials
from ml_connector.work.check.probe import Probe
from ml_connector.work.clock import SystemClock
from ml_connector.work.desk import Desk, Watch
from ml_connector.work.jobs import Job, priority_of
from ml_connector.work.messages.courier import Courier
from ml_connector.work.people.identity import Identity, Limits
from ml_connector.work.people.provider import ProviderSettings
from ml_connector.work.ping import Check, ping
from ml_connector.work.settings import (
    ConnectionFile,
    ConnectionSettings,
    decode_settings,
)
from ml_connector.work.shapes import prepare_shapes
from ml_connector.work.sign_in.chain import TokenChain
from ml_connector.work.sign_in.connecting import Connecting
from ml_connector.work.tenure import Tenure
from ml_connector.work.webhook_setup.office import WebhookOffice
from ml_connector.work.workers import worker_name


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
        session_limits: Limits | None = None,
        provider: ProviderSettings | None = None,
        private_targets: bool | None = None,
        private_addresses: bool | None = None,
        open_metrics: bool | None = None,
    ) -> None:
        keep_addresses_out_of_logs()
        prepare_shapes()
        surroundings = Settings()
        self.public_url = public_url.rstrip("/")
        self.webhook_days = webhook_days
        self.database = database
        self.home = home or surroundings.home
        self.vault = vault
        self.new_id = new_id
        self.open_metrics = surroundings.open_metrics if open_metrics is None else open_metrics
        self.messenger = Messenger(private=surroundings.private_targets if private_targets is None else private_targets)
        allowed = surroundings.private_addresses if private_addresses is None else private_addresses
        self._anywhere = allowed or transport is not None
        self.clock: Clock = clock or SystemClock()
        self.worker = worker or worker_name()
        self.identity = Identity(database=database, clock=self.clock, limits=session_limits or Limits())
        self.provider = OpenIdProvider(provider, self.clock.now) if provider else None
        self._credentials = credentials = Credentials(database, vault)

        def transports() -> httpx2.BaseTransport | None:
            return transport if self._anywhere else PublicTransport(self.public_url)

        self._quickbooks = QuickBooksSide(
            database, vault, credentials, clock=self.clock, transports=transports, worker=self.worker
        )
        self._basware = BaswareSide(database, credentials, clock=self.clock, transports=transports, new_id=new_id)
        self._mates = Mates(database, self._basware.accounts)

    @classmethod
    def open(cls, settings: Settings, *, clock: Clock | None = None) -> "App":
        """The installation as it was set up by `init`. Raises NotSetUpError or a StoreError, which say what to do.

        `clock` instead of real time, as in the constructor.
        """
        environment = settings.environment()
        if not is_named(environment):
            raise NotSetUpError(settings.home)
        keys, provider = MasterKeys.from_environment(environment), settings.provider
        database = Database.open(settings.address)
        database.require_current()
        return cls(
            database,
            Vault(keys),
            clock=clock,
            public_url=settings.public_url,
            webhook_days=settings.webhook_days,
            home=settings.home,
            session_limits=settings.session_limits,
            provider=provider,
            private_addresses=settings.private_addresses,
        )

    def close(self) -> None:
        """Give everything back."""
        self._basware.close()
        self.database.close()

    # connections

    def add_connection(
        self,
        file: ConnectionFile,
        resolved: Mapping[str, str],
        *,
        actor: str = "",
        in_setup: bool = False,
        must_be_new: bool = False,
        reason: str = "",
    ) -> ConnectionRow:
        """Save a connection with its secrets, as `registration.save_connection` tells; `actor` is this process unless named.

        Raises CompanyCodeTakenError when another connection with the same sign-in at Basware takes over one of its companies, and
        SettingsError for an address that this installation does not call.
        """
        if not self._anywhere:
            refuse_inside(file.settings)
        self._mates.refuse_shared_codes(file, resolved)
        with self.database.write(durable=True) as tx:
            row = save_connection(
                tx, self.vault, file, resolved, now=self.clock.now(), actor=actor or self.worker, in_setup=in_setup,
                must_be_new=must_be_new, reason=reason,
            )  # fmt: skip
        self._quickbooks.forget_tokens(row.id)
        return row

    def connection(self, name: str) -> ConnectionRow:
        """One connection by name or id; with no name the only one there is. Raises ConnectionUnknownError."""
        return find(self.database, name)

    def connections_of(self, realm_id: str) -> list[ConnectionRow]:
        """All connections of a QuickBooks company by its id, also while the master key is being changed."""
        return of_company(self.database, self.vault, realm_id)

    # work

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
        quickbooks, basware = self._quickbooks, self._basware
        with ExitStack() as opened:
            quickbooks_http = opened.enter_context(quickbooks.http(settings.quickbooks))
            basware_http = opened.enter_context(basware.http(own))
            network_http = opened.enter_context(basware.network_http(own))
            extracts_http = opened.enter_context(basware.extracts_http(own))
            with self._credentials.at_one_look(row):
                return Desk(
                    database=self.database,
                    connection_id=row.id,
                    connection_name=row.name,
                    settings=settings,
                    clock=self.clock,
                    quickbooks=quickbooks.client(
                        quickbooks_http, row, settings.quickbooks, calls, priority or priority_of(job)
                    ),
                    tokens=self.tokens(row),
                    basware=basware.client(basware_http, row, own, calls),
                    feeds=basware.feeds(basware_http, row, own, calls),
                    files=basware.files(extracts_http, row, own, calls),
                    master_data=basware.master_data(basware_http, row, own, calls),
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
                    network=basware.network_for(job, network_http, row, own, calls),
                    extracts=basware.extracts(extracts_http, row, own, calls),
                    close=opened.pop_all().close,
                    tenant=partial(self._mates.of_tenant, row),
                    customer=partial(basware.accounts.customer, row, own),
                    webhooks=partial(self._office, row, settings, basware_http, calls, self.public_url),
                    watch=watch or (lambda _what, _done, _total: None),
                    stopping=stopping,
                    spool=Path(own.extracts.spool or self.home / "spool").expanduser() / row.id,
                )

    def desk_for(self, row: ConnectionRow, job: Job, worker: str, stopping: Callable[[], bool]) -> Desk:
        """A desk as an engine asks for it."""
        return self.desk(row, job=job, worker=worker, stopping=stopping)

    @contextmanager
    def probe(self, row: ConnectionRow, *, public_url: str = "") -> Iterator[Probe]:
        """What `ping` asks with, for the length of a block. Raises MissingSecretError."""
        settings = decode_settings(row.settings)
        with self._basware.http(settings.basware) as http:
            yield Probe(
                look=partial(look_at, http),
                basware=self._basware.probe(http, row, settings.basware),
                quickbooks_url=quickbooks_address(settings.quickbooks),
                public_url=public_url,
            )

    def courier(self) -> Courier:
        """What tells people outside the console, for one thread."""
        return Courier(self.database, self.vault, self.clock, self.messenger.deliver, self.public_url)

    def ping(self, row: ConnectionRow, *, public_url: str = "") -> list[Check]:
        """Ask both systems, line by line, whether a connection works. Raises MissingSecretError."""
        desk = self.desk(row)
        try:
            with self.probe(row, public_url=public_url or self.public_url) as probe:
                return ping(desk, probe)
        finally:
            desk.write_calls()
            desk.close()

    def try_basware(self, row: ConnectionRow) -> Check:
        """Whether Basware takes a connection's credentials. Raises MissingSecretError."""
        with self.probe(row) as probe:
            return try_credentials(decode_settings(row.settings).basware, probe)

    # signing in

    def tokens(self, row: ConnectionRow) -> TokenChain:
        """The QuickBooks sign-in of a connection: one for all threads of this process."""
        return self._quickbooks.tokens(row)

    def intuit(self, row: ConnectionRow) -> IntuitSignIn:
        """Intuit's sign-in with this connection's app and addresses. Raises MissingSecretError without the app's keys."""
        return self._quickbooks.intuit(row)

    def connecting(self) -> Connecting:
        """Connecting companies through people's browsers, and disconnecting them."""
        return Connecting(database=self.database, vault=self.vault, clock=self.clock, intuit=self.intuit)

    # webhooks

    @contextmanager
    def webhook_office(self, row: ConnectionRow, *, public_url: str = "") -> Iterator[WebhookOffice]:
        """What setting up a connection's webhooks needs, for the length of a block. Raises MissingSecretError."""
        settings, calls = decode_settings(row.settings), CallLog(self.clock)
        with self._basware.http(settings.basware) as http:
            try:
                yield self._office(row, settings, http, calls, public_url or self.public_url)
            finally:  # also what was refused: that is when somebody looks for it
                if not calls.is_empty:
                    with self.database.write() as tx:
                        calls.write(tx, row.id)

    def _office(
        self, row: ConnectionRow, settings: ConnectionSettings, http: httpx2.Client, calls: CallLog, public_url: str
    ) -> WebhookOffice:
        return WebhookOffice(
            database=self.database,
            vault=self.vault,
            clock=self.clock,
            connection=row,
            settings=settings,
            subscriptions=self._basware.subscriptions(http, row, settings.basware, calls),
            tenant_mates=self._mates.alike(row, self._basware.accounts.tenant_of),
            app_mates=self._mates.alike(row, self._quickbooks.app_of),
            public_url=public_url.rstrip("/"),
        )
