"""Everything the jobs of one connection need, handed in: database, clock, both clients, settings.

Only `app/installation.py` makes one. A job takes a desk and nothing else, so the simulation and the tests run the very same jobs.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec

from ml_connector.basware.attachments import AttachmentsClient
from ml_connector.basware.client import BaswareClient
from ml_connector.basware.extracts import ExtractsClient
from ml_connector.basware.feeds import BaswareFeeds
from ml_connector.basware.master_data import MasterDataClient
from ml_connector.basware.network import NetworkClient
from ml_connector.model.clock import Clock
from ml_connector.model.policy import PostingPolicy
from ml_connector.quickbooks.client import QuickBooksClient
from ml_connector.rules.calendar import local_date
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database, Tx
from ml_connector.work.calls import CallLog
from ml_connector.work.sealing import PORTION, seal_audits
from ml_connector.work.settings import ConnectionSettings
from ml_connector.work.sign_in.chain import TokenChain
from ml_connector.work.tenure import ConnectionBusyError, StoppedError, Tenure
from ml_connector.work.webhook_setup.office import WebhookOffice

__all__ = ["ConnectionBusyError", "Desk", "Watch"]

Watch = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is (0 when nobody knows), for a progress bar."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """One connection, ready to work. `worker` names this process in leases and batches."""

    database: Database
    connection_id: str
    connection_name: str
    settings: ConnectionSettings
    clock: Clock
    quickbooks: QuickBooksClient
    tokens: TokenChain
    """The sign-in the QuickBooks client works with."""
    basware: BaswareClient
    feeds: BaswareFeeds
    """Everything of Basware's Purchase-to-Pay besides invoices, for reading."""
    files: AttachmentsClient
    """Files of Basware's documents."""
    master_data: MasterDataClient
    """Basware's lists, for writing."""
    worker: str
    tenure: Tenure
    calls: CallLog
    close: Callable[[], None]
    """Ends the connections to both systems."""
    watch: Watch = lambda _what, _done, _total: None
    stopping: Callable[[], bool] = lambda: False
    """Whether this process was asked to stop: a job then ends at its next safe point."""
    network: NetworkClient | None = None
    """The Basware Network, None where the connection has not switched it on."""
    extracts: ExtractsClient | None = None
    """Data Access, None where the connection has not switched it on."""
    webhooks: Callable[[], WebhookOffice] | None = None
    """What looks after the subscriptions of webhooks, made when it is asked for."""
    tenant: Callable[[], Sequence[ConnectionRow]] = tuple
    """Every connection with this one's sign-in at Basware, or of the same customer there, itself among them, in the order in which
    they were made."""
    customer: Callable[[], str] = str
    """As which Basware customer the connection signs in; empty where Basware does not say. Raises what signing in raises."""
    spool: Path = Path("spool")
    """Where files of this connection lie between being downloaded and being loaded."""

    @property
    def policy(self) -> PostingPolicy:
        """The company's choices. Unless they say otherwise, only documents of the connection's own companies are posted."""
        policy = self.settings.policy
        if policy.company_codes:
            return policy
        return msgspec.structs.replace(policy, company_codes=self.settings.basware.company_codes)

    @property
    def time_zone(self) -> str:
        """Where the company is: its days begin and end by the clock there."""
        return self.settings.schedule.time_zone

    def today(self) -> date:
        """The day it is where the company is: whatever is dated today is dated this day."""
        return local_date(self.clock.now(), self.time_zone)

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Tx]:
        """A transaction for a job: once the job was begun, it writes only while this worker is still the one.

        Raises ConnectionBusyError otherwise; nothing was written then.
        """
        with self.tenure.write(durable=durable) as tx:
            yield tx

    def write_calls(self) -> None:
        """Put calls into the log that no job has put there yet: what happened is noted whoever has the connection by now."""
        if self.calls.is_empty:
            return
        with self.database.write() as tx:
            self.calls.write(tx, self.connection_id)

    def take_lease(self) -> None:
        """Become the one worker of this job. Raises ConnectionBusyError when another one is."""
        self.tenure.take()

    def keep_lease(self) -> None:
        """Stay the one worker, said before every page and every call that writes.

        Raises ConnectionBusyError when it is too late, and StoppedError when this process is to end: here is a safe point.
        """
        if self.stopping():
            raise StoppedError
        with self.database.write() as tx:
            self.calls.write(tx, self.connection_id)
            kept = self.tenure.keep(tx)
        if not kept:
            raise self.tenure.lost()

    def release_lease(self) -> None:
        """Let another worker in, once what this one did is sealed in the audit."""
        with self.database.write() as tx:
            self.calls.write(tx, self.connection_id)
            self.calls.forget_old(tx, self.connection_id)
            sealed = seal_audits(tx, self.connection_id, self.connection_name)
        while sealed == PORTION:
            with self.database.write() as tx:
                sealed = seal_audits(tx, self.connection_id, self.connection_name)
        self.tenure.release()
