"""The clients of Basware's interfaces. As whom they call, and what those of one account share, is `basware_accounts.py`."""

from functools import partial
from zoneinfo import ZoneInfo

import httpx2

from ml_connector.app.basware_accounts import BaswareAccounts, basware_addresses
from ml_connector.app.credentials import Credentials
from ml_connector.app.egress import Transports
from ml_connector.app.trust import trusted
from ml_connector.basware import auth
from ml_connector.basware.attachments import AttachmentsClient
from ml_connector.basware.client import BaswareClient, make_http
from ml_connector.basware.exchange import Exchange
from ml_connector.basware.extracts import ExtractsClient
from ml_connector.basware.feeds import BaswareFeeds
from ml_connector.basware.master_data import MasterDataClient
from ml_connector.basware.network import NetworkClient, Paths
from ml_connector.basware.network_http import NetworkHttp, NewId
from ml_connector.basware.probing import BaswareProbe
from ml_connector.basware.subscriptions import RIGHTS, SubscriptionsClient
from ml_connector.model.clock import Clock
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database
from ml_connector.work.calls import CallLog
from ml_connector.work.jobs import Job
from ml_connector.work.settings import BaswareSettings, MissingSecretError


class BaswareSide:
    """Makes what talks to Basware. `new_id` gives a UUID never given before. Safe to share between threads."""

    def __init__(
        self, database: Database, credentials: Credentials, *, clock: Clock, transports: Transports, new_id: NewId
    ) -> None:
        self.accounts = BaswareAccounts(database, credentials, clock=clock, transports=transports)
        self._credentials = credentials
        self._clock = clock
        self._transports = transports
        self._new_id = new_id

    def close(self) -> None:
        """Give back what the token caches hold."""
        self.accounts.close()

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
            authorization=self.accounts.sign_in(row, own, where)(auth.INVOICE_SCOPES),
            **self.accounts.shared(row, own, where, calls),
        )

    def feeds(self, http: httpx2.Client, row: ConnectionRow, own: BaswareSettings, calls: CallLog) -> BaswareFeeds:
        """Orders, vendors and what became of requests."""
        where = basware_addresses(own)
        return BaswareFeeds(
            http,
            sign_in=self.accounts.sign_in(row, own, where, complete=True),
            **self.accounts.shared(row, own, where, calls),
        )

    def files(self, http: httpx2.Client, row: ConnectionRow, own: BaswareSettings, calls: CallLog) -> AttachmentsClient:
        """Files of documents, which may be large."""
        where = basware_addresses(own)
        return AttachmentsClient(
            http,
            base_url=where.base_url,
            authorization=self.accounts.sign_in(row, own, where)(auth.INVOICE_SCOPES),
            clock=self._clock,
            on_call=calls.basware,
            pauses=self.accounts.pauses_at(row, own, where),
        )

    def master_data(
        self, http: httpx2.Client, row: ConnectionRow, own: BaswareSettings, calls: CallLog
    ) -> MasterDataClient:
        """The lists that Basware is given."""
        where = basware_addresses(own)
        return MasterDataClient(
            http,
            sign_in=self.accounts.sign_in(row, own, where, complete=True),
            **self.accounts.shared(row, own, where, calls),
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
            pauses = self.accounts.pauses_of(own.network_url or where.base_url, "network", user)
        else:
            authorization = self.accounts.sign_in(row, own, where)(auth.INVOICE_SCOPES)
            pauses = self.accounts.pauses_at(row, own, where)
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
            authorization=self.accounts.sign_in(row, own, where)(own.extracts.scopes),
            clock=self._clock,
            timezone=ZoneInfo(own.extracts.timezone),
            on_call=calls.basware,
            pauses=self.accounts.pauses_at(row, own, where),
        )

    def subscriptions(
        self, http: httpx2.Client, row: ConnectionRow, own: BaswareSettings, calls: CallLog
    ) -> SubscriptionsClient:
        """Which webhooks Basware sends, with the rights that each of its calls needs."""
        where = basware_addresses(own)
        exchange = partial(Exchange, http, **self.accounts.shared(row, own, where, calls))
        sign_in = self.accounts.sign_in(row, own, where, complete=True)
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
