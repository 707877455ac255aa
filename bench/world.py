"""A whole world in one process: both twins, the product between them, and one clock that all three obey.

Tests, the crash matrix and the benchmarks build their scenes here. Nothing waits and nothing opens a socket: time moves when
somebody sleeps on the virtual clock, so an hour takes no longer than a second, and every run of a scene is the same.
"""

import pickle
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import partial
from hashlib import sha256
from typing import Any, NamedTuple

import httpx2
import msgspec

from frozen import copied
from instruments import AheadClock, VirtualClock, Witness, changes_basware, changes_quickbooks
from ml_connector.app import App
from ml_connector.model.books import Books
from ml_connector.model.holds import Cause
from ml_connector.model.mapping import Dimension
from ml_connector.model.policy import PostingPolicy
from ml_connector.rules.marker import find_marker
from ml_connector.rules.propose import propose
from ml_connector.store import documents, mappings
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database
from ml_connector.store.documents import DocumentRow
from ml_connector.store.vault import MasterKeys, Vault
from ml_connector.work.desk import Desk
from ml_connector.work.engine import TRY_LATER, RunReport, Step
from ml_connector.work.engine import run as run_engine
from ml_connector.work.jobs import Job
from ml_connector.work.lists import load_books, refresh_lists
from ml_connector.work.mapping_tables import rule_for_code, set_rule
from ml_connector.work.registry import PERFORM
from ml_connector.work.settings import BaswareSettings, ConnectionFile, ConnectionSettings, QuickBooksSettings
from network_watch import NetworkWatch
from twins.basware import BaswareTwin
from twins.clock import Clock as TwinClock
from twins.demo_company import TODAY, basware_seed, quickbooks_seed, setup
from twins.faults import FaultInjector
from twins.quickbooks import QuickBooksTwin
from twins.transport import TwinTransport

QUICKBOOKS_HOST = "quickbooks.test"
BASWARE_HOST = "basware.test"
PERSON = "harness"
TRANSACTIONS = ("Bill", "VendorCredit", "JournalEntry")

_FIELDS = {
    Dimension.ACCOUNT: "accountCode",
    Dimension.LOCATION: "costCenterCode",
    Dimension.CLASS: "businessUnitCode",
    Dimension.CUSTOMER: "projectCode",
    Dimension.TERM: "paymentTermCode",
}
"""Where the demo company's Basware keeps the codes of each dimension."""

Seeds = tuple[dict[str, Any], dict[str, Any]]


class _Apart(NamedTuple):
    """What of a world is not in its database."""

    time: TwinClock
    quickbooks: QuickBooksTwin
    basware: BaswareTwin
    quickbooks_faults: FaultInjector
    basware_faults: FaultInjector
    quickbooks_seen: Witness
    basware_seen: Witness
    network_seen: NetworkWatch
    realm_id: str


@dataclass(kw_only=True)
class World:
    """Two twins, the product, and where they meet. Change the twins through their own acts and switches."""

    quickbooks: QuickBooksTwin
    basware: BaswareTwin
    quickbooks_faults: FaultInjector
    basware_faults: FaultInjector
    quickbooks_seen: Witness
    basware_seen: Witness
    network_seen: NetworkWatch
    transport: httpx2.BaseTransport
    clock: VirtualClock
    database: Database
    vault: Vault
    app: App
    connection: ConnectionRow
    realm_id: str
    _desk: Desk | None = field(default=None, repr=False)

    @property
    def connection_id(self) -> str:
        """The scope of everything the product keeps for this world."""
        return self.connection.id

    # copies of it

    def put_away(self) -> Any:
        """Everything of it that is not in its database."""
        if self._desk is not None:
            self._desk.write_calls()
        time = self.clock.time
        parts = (getattr(self, name) for name in _Apart._fields if name != "time")
        return _Apart(time, *parts), self.connection_id, self.app.worker

    @classmethod
    def taken_out(cls, state: Any, database: Database) -> "World":
        """The same in another database, as a new process finds it. The vault is the one of worlds that are given none."""
        apart, connection_id, worker = state
        vault = Vault(MasterKeys(b"w" * 32))
        return _joined(apart, database, vault, worker, lambda app: app.connection(connection_id))

    # the product

    def desk(self) -> Desk:
        """The desk of the present process; the same until `restart`, as its budget and token are."""
        if self._desk is None:
            self._desk = self.app.desk(self.app.connection(self.connection_id))
        return self._desk

    def run(self, only: Collection[Step] = tuple(Step)) -> RunReport:
        """Do once what is due. Raises what the engine raises."""
        return run_engine(self.desk(), only)

    def do(self, *jobs: Job) -> None:
        """Have each of these jobs done once, a minute after one another."""
        for job in jobs:
            self.clock.advance(61)
            desk = self.desk()
            desk.take_lease()
            try:
                PERFORM[job](desk)
            finally:
                desk.release_lease()

    def settle(self, *, runs: int = 25) -> RunReport:
        """Run until nothing is due, moving the clock to what is; systems that are down are tried again a minute later.

        Returns the last report. Raises AssertionError when it never ends, and at once whatever needs a person.
        """
        for _ in range(runs):
            try:
                report = self.run()
            except TRY_LATER:
                self.clock.advance(61)
                continue
            if report.next_due is not None:
                self.clock.move_to(report.next_due + timedelta(seconds=1))
            elif not (report.posted.unclear or report.answered.unclear):
                return report
        raise AssertionError(f"after {runs} runs something is still due")

    def restart(self, worker: str = "second process", *, transport: httpx2.BaseTransport | None = None) -> "World":
        """What a new process finds: the same database and secrets, nothing in memory. The old process is never heard of again."""
        self.app = App(
            self.database, self.vault, clock=self.clock, transport=transport or self.transport, worker=worker
        )
        self._desk = None
        return self

    def change_settings(
        self, change: Callable[[ConnectionSettings], ConnectionSettings], secrets: Mapping[str, str] | None = None
    ) -> None:
        """Save the connection again with other settings or credentials, as `connection add` does."""
        settings = change(self.desk().settings)
        given = dict(secrets or {})
        file = ConnectionFile(name=self.connection.name, settings=settings, secrets=dict(given))
        self.connection = self.app.add_connection(file, given)
        self._desk = None

    def map(self, dimension: Dimension, code: str, target: str) -> None:
        """Map one code to a QuickBooks record by id, number or name, as `mapping set` does."""
        desk = self.desk()
        set_rule(desk, rule_for_code(load_books(desk), dimension, code, target), actor=PERSON)

    def books(self) -> Books:
        """QuickBooks' lists as the product keeps them."""
        return load_books(self.desk())

    # what came of it

    def row(self, document: str) -> DocumentRow:
        """A document as the product keeps it, by invoice number or id."""
        with self.database.read() as tx:
            found = documents.find(tx, self.connection_id, document)
        if found is None:
            raise KeyError(f"the product knows no document {document}")
        return found

    def state(self, document: str) -> str:
        """How far a document has come."""
        return self.row(document).state.value

    def causes(self, document: str) -> list[Cause]:
        """Why a document waits."""
        return [hold.cause for hold in self.row(document).holds]

    def in_basware(self, document: str) -> dict[str, Any]:
        """A document in Basware's own books, by invoice number or id."""
        for one in self.basware.documents():
            if document in {one["invoiceId"], one.get("invoiceNumber")}:
                return one
        raise KeyError(f"Basware has no document {document}")

    def approve(self, document: dict[str, Any]) -> str:
        """Approve an invoice in Basware; its invoice id."""
        return self.basware.act("approve", document=document)

    def send_again(self, document: str, **changes: Any) -> None:
        """Send a document from Basware to accounting once more, a moment later, perhaps corrected."""
        self.clock.advance(60)
        self.basware.act("retransfer", invoice_id=self.in_basware(document)["invoiceId"], changes=changes)

    def act(self, action: str, **details: Any) -> dict[str, Any]:
        """Do something as a person in QuickBooks' own pages, a moment later."""
        self.clock.advance(60)
        return self.quickbooks.act(self.realm_id, action, **details)

    def answers(self, document: str) -> list[dict[str, Any]]:
        """Every transfer response Basware took for a document, oldest first."""
        return self.basware.answers(self.in_basware(document)["invoiceId"])

    def transactions(self) -> list[tuple[str, dict[str, Any]]]:
        """Everything in QuickBooks' own books that carries our marker: kind and record."""
        books = self.quickbooks.books(self.realm_id)
        return [
            (kind, record)
            for kind in TRANSACTIONS
            for record in books[kind]
            if find_marker(record.get("PrivateNote", ""))
        ]

    def posted(self, document: str) -> list[tuple[str, dict[str, Any]]]:
        """What QuickBooks' own books have for a document: kind and record, by part."""
        invoice_id = self.in_basware(document)["invoiceId"]
        found = []
        for kind, record in self.transactions():
            marker = find_marker(record["PrivateNote"])
            if marker is not None and marker.invoice_id == invoice_id:
                found.append((marker.part, kind, record))
        return [(kind, record) for _, kind, record in sorted(found, key=lambda one: one[0])]

    def only_transaction(self, document: str) -> tuple[str, dict[str, Any]]:
        """The one transaction of a document. Raises AssertionError when there is none or more than one."""
        found = self.posted(document)
        assert len(found) == 1, f"{document} has {len(found)} transactions in QuickBooks"
        return found[0]

    def check(self) -> list[str]:
        """Whatever is wrong with either twin's books; empty when both are sound."""
        return [*self.quickbooks.check(self.realm_id), *self.basware.check()]


def payable(kind: str, record: Mapping[str, Any]) -> Decimal:
    """What a transaction owes its vendor, always positive; of a journal entry its line with the vendor."""
    if kind != "JournalEntry":
        return Decimal(str(record["TotalAmt"]))
    lines = (
        line for line in record["Line"] if line["JournalEntryLineDetail"].get("Entity", {}).get("Type") == "Vendor"
    )
    return sum((Decimal(str(line["Amount"])) for line in lines), Decimal(0))


Build = Callable[..., World]
"""Makes worlds in a database chosen already, as test fixtures hand it out."""


def build_world(
    database: Database | str,
    *,
    company: str | Seeds = "demo",
    policy: PostingPolicy | None = None,
    mapping: bool = True,
    worker: str = "first process",
    name: str = "demo",
    quickbooks_settings: QuickBooksSettings | None = None,
    page_size: int = 100,
    vault: Vault | None = None,
    ahead: tuple[float, float] = (0, 0),
) -> World:
    """A world with a company in it, connected and, unless told otherwise, mapped; no document has been taken over yet.

    `database` is migrated. `company` is "demo", "empty" (the demo company without a waiting document), or the seeds of both
    twins. `ahead`: by how many seconds the clocks of QuickBooks and Basware are ahead of the
    product's. The mapping is what the proposals for the company's code lists give, and the vendors a person links by hand.
    """
    own = Database.open(database) if isinstance(database, str) else database
    build = partial(
        _built, own, company=company, policy=policy or PostingPolicy(), mapping=mapping, worker=worker, name=name,
        quickbooks_settings=quickbooks_settings or QuickBooksSettings(), page_size=page_size,
        vault=vault or Vault(MasterKeys(b"w" * 32)), ahead=ahead,
    )  # fmt: skip
    if vault is not None:
        return build()
    which = company if isinstance(company, str) else sha256(pickle.dumps(company)).hexdigest()
    return copied(own, repr((which, policy, mapping, worker, name, quickbooks_settings, page_size, ahead)), build)


def _built(
    own: Database,
    *,
    company: str | Seeds,
    policy: PostingPolicy,
    mapping: bool,
    worker: str,
    name: str,
    quickbooks_settings: QuickBooksSettings,
    page_size: int,
    vault: Vault,
    ahead: tuple[float, float],
) -> World:
    time = TwinClock(TODAY, running=False)
    qb_seed, bw_seed = _seeds(company)
    clocks = [AheadClock(time, seconds) if seconds else time for seconds in ahead]
    quickbooks_twin, basware_twin = QuickBooksTwin(clocks[0]), BaswareTwin(clocks[1])
    quickbooks_twin.add_company(qb_seed)
    basware_twin.add_tenant(bw_seed)
    qb_faults, bw_faults = FaultInjector(quickbooks_twin, time), FaultInjector(basware_twin, time)
    network_seen = NetworkWatch(bw_faults)
    qb_seen, bw_seen = Witness(qb_faults, changes_quickbooks), Witness(network_seen, changes_basware)
    apart = _Apart(
        time, quickbooks_twin, basware_twin, qb_faults, bw_faults, qb_seen, bw_seen, network_seen, qb_seed["realm_id"]
    )
    file = connection_file(
        qb_seed, bw_seed, name=name, policy=policy, page_size=page_size, quickbooks=quickbooks_settings
    )
    world = _joined(apart, own, vault, worker, lambda app: app.add_connection(*file))
    if mapping:
        accept_mapping(world.desk())
    return world


def _joined(
    apart: _Apart, own: Database, vault: Vault, worker: str, connection: Callable[[App], ConnectionRow]
) -> World:
    """The product between the twins."""
    transport = TwinTransport(
        {QUICKBOOKS_HOST: apart.quickbooks_seen, BASWARE_HOST: apart.basware_seen}, clock=apart.time
    )
    clock = VirtualClock(apart.time)
    app = App(own, vault, clock=clock, transport=transport, worker=worker)
    parts = apart._asdict()
    del parts["time"]
    return World(
        **parts, transport=transport, clock=clock, database=own, vault=vault, app=app, connection=connection(app)
    )


def _seeds(company: str | Seeds) -> Seeds:
    if not isinstance(company, str):
        return company
    if company not in {"demo", "empty"}:
        raise ValueError(f"no company is called {company!r}")
    basware_company = basware_seed()
    if company == "empty":
        basware_company |= {"accountingDocuments": [], "attachments": {}}
    return quickbooks_seed(), basware_company


def connection_file(
    qb_seed: Mapping[str, Any],
    bw_seed: Mapping[str, Any],
    *,
    name: str,
    policy: PostingPolicy,
    quickbooks: QuickBooksSettings,
    page_size: int,
) -> tuple[ConnectionFile, dict[str, str]]:
    """What a person would write to connect the two twins, and the secrets in it."""
    settings = ConnectionSettings(
        quickbooks=_at_twin(quickbooks),
        basware=BaswareSettings(
            base_url=f"https://{BASWARE_HOST}",
            company_codes=tuple(one["companyCode"] for one in bw_seed["companies"]),
            page_size=page_size,
        ),
        policy=policy,
    )
    secrets = {
        "quickbooks.client_id": qb_seed["client_id"],
        "quickbooks.client_secret": qb_seed["client_secret"],
        "quickbooks.refresh_token": qb_seed["refresh_token"],
        "quickbooks.realm_id": qb_seed["realm_id"],
        "basware.client_id": bw_seed["client_id"],
        "basware.client_secret": bw_seed["client_secret"],
    }
    return ConnectionFile(name=name, settings=settings, secrets=dict(secrets)), secrets


def _at_twin(settings: QuickBooksSettings) -> QuickBooksSettings:
    return msgspec.structs.replace(
        settings,
        base_url=f"https://{QUICKBOOKS_HOST}",
        discovery_url=f"https://{QUICKBOOKS_HOST}/.well-known/openid_configuration",
        authorize_url=f"https://{QUICKBOOKS_HOST}/connect/oauth2",
        token_url=f"https://{QUICKBOOKS_HOST}/oauth2/v1/tokens/bearer",
        revoke_url=f"https://{QUICKBOOKS_HOST}/v2/oauth2/tokens/revoke",
    )


def accept_mapping(desk: Desk, vendor_links: Mapping[str, str] | None = None) -> None:
    """Take over what the proposals make of the demo company's code lists, and link the vendors that carry no number."""
    refresh_lists(desk)
    books, known = load_books(desk), setup()
    linked = known["vendor_links"] if vendor_links is None else vendor_links
    rules = [
        rule_for_code(books, dimension, one.code, one.target_id)
        for dimension, basware_field in _FIELDS.items()
        for one in propose(known["codes"][basware_field].items(), books, dimension)
    ]
    rules += [rule_for_code(books, Dimension.VENDOR, code, vendor_id) for code, vendor_id in linked.items()]
    with desk.write() as tx:
        mappings.add_missing(tx, desk.connection_id, rules, by=PERSON, now=desk.clock.now())
