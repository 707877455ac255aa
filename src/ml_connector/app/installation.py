"""One running installation: its database, vault and clock, its connections, and a desk for each job of them."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

import httpx2

from ml_connector.app.basware_side import BaswareSide
from ml_connector.app.credentials import Credentials
from ml_connector.app.egress import ALLOWED_BY, PublicTransport, is_inside
from ml_connector.app.messenger import Messenger
from ml_connector.app.oidc import OpenIdProvider
from ml_connector.app.quickbooks_side import QuickBooksSide, quickbooks_address
from ml_connector.app.registration import CompanyCodeTakenError, save_connection
from ml_connector.app.settings import NotSetUpError, Settings
from ml_connector.basware.network_http import NewId
from ml_connector.model.clock import Clock
from ml_connector.quickbooks.sign_in import IntuitSignIn
from ml_connector.store import connections
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database
from ml_connector.store.errors import ConnectionUnknownError
from ml_connector.store.master_keys import MasterKeys, is_named
from ml_connector.store.schema import Priority
from ml_connector.store.vault import Vault
from ml_connector.work.calls import CallLog
from ml_connector.work.check.basware import try_credentials
from ml_connector.work.check.probe import Probe, Seen
from ml_connector.work.clock import SystemClock
from ml_connector.work.desk import Desk, Watch
from ml_connector.work.jobs import Job, priority_of
from ml_connector.work.messages.courier import Courier
from ml_connector.work.people.identity import Identity, Limits
from ml_connector.work.people.provider import ProviderSettings
from ml_connector.work.ping import Check, ping
from ml_connector.work.same_customer import customers, of_one_customer
from ml_connector.work.settings import (
    LINKS,
    ConnectionFile,
    ConnectionSettings,
    SettingsError,
    addresses_in,
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
        _keep_addresses_out_of_logs()
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
        self._basware = BaswareSide(
            database, vault, credentials, clock=self.clock, transports=transports, new_id=new_id
        )

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
        self._refuse_inside(file.settings)
        self._refuse_shared_codes(file, resolved)
        with self.database.write(durable=True) as tx:
            row = save_connection(
                tx, self.vault, file, resolved, now=self.clock.now(), actor=actor or self.worker, in_setup=in_setup,
                must_be_new=must_be_new, reason=reason,
            )  # fmt: skip
        self._quickbooks.forget_tokens(row.id)
        return row

    def _refuse_inside(self, settings: ConnectionSettings) -> None:
        """Names are looked at when they are called: only then it is known what they mean."""
        inside = [name for name, url in addresses_in(settings).items() if name not in LINKS and is_inside(url)]
        if inside and not self._anywhere:
            raise SettingsError(
                f"{' and '.join(inside)} would be called inside this machine's own network, which this installation does not do; "
                f"{ALLOWED_BY}. On the twins set it; a real connection needs an address of the Internet."
            )

    def _refuse_shared_codes(self, file: ConnectionFile, resolved: Mapping[str, str]) -> None:
        """Documents of one Basware company would be posted in two QuickBooks companies: nobody can want that."""
        with self.database.read() as tx:
            known = connections.list_all(tx)
            signed_in = customers(tx, known)
        own = next((row for row in known if row.name == file.name), None)
        tenant = self._basware.tenant_of_file(file.settings.basware, own, resolved)
        mates = {one.id for one in of_one_customer(own, known, signed_in)} if own is not None else set()
        for other in known:
            shared = [code for code in file.settings.basware.company_codes if code in other.company_codes]
            same = other.id in mates or (all(tenant) and self._may_be_of(tenant, other))
            if other.name != file.name and shared and same:
                raise CompanyCodeTakenError(shared[0], other.name)

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
                    tenant=partial(self._tenant, row),
                    customer=partial(basware.customer, row, own),
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
                look=partial(_look, http),
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
            tenant_mates=self._same(row, self._basware.tenant_of),
            app_mates=self._same(row, self._quickbooks.app_of),
            public_url=public_url.rstrip("/"),
        )

    def _tenant(self, row: ConnectionRow) -> list[ConnectionRow]:
        """A connection and all others with its sign-in at Basware or of the same customer, oldest first, as they are stored now."""
        wanted = self._basware.tenant_of(row)
        with self.database.read() as tx:
            known = connections.list_all(tx)
            mates = {one.id for one in of_one_customer(row, known, customers(tx, known))}
        found = [one for one in known if one.id in {row.id, *mates} or self._may_be_of(wanted, one)]
        return sorted(found, key=lambda one: (one.created_at, one.id))

    def _may_be_of(self, tenant: tuple[str, ...], row: ConnectionRow) -> bool:
        """Whether a connection has this sign-in at Basware; one whose settings nobody can read any more may well have."""
        try:
            return self._basware.tenant_of(row) == tenant
        except SettingsError:
            return True

    def _same(self, row: ConnectionRow, owner: Callable[[ConnectionRow], tuple[str, ...]]) -> list[ConnectionRow]:
        """The other connections that answer a question about themselves as this one does."""
        with self.database.read() as tx:
            others = [one for one in connections.list_all(tx) if one.id != row.id]
        wanted = owner(row)
        return [one for one in others if all(wanted) and owner(one) == wanted]


def _keep_addresses_out_of_logs() -> None:
    """The HTTP library logs whole addresses and headers: company ids, signed download addresses and tokens among them.

    The calls table keeps what support needs of each call, without any of these.
    """
    for name in ("httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)


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
