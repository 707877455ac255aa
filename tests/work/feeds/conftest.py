"""A connected demo company whose feeds are switched on, on either database, and what tests ask of it."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx2
import msgspec
import pytest
from sqlalchemy import select

from elsewhere import post_elsewhere
from ml_connector.store import alerts, calls, copies, jobs
from ml_connector.store.database import Database
from ml_connector.store.schema import inbox as inbox_table
from ml_connector.work.feeds import orders
from ml_connector.work.jobs import Job, JobReport
from ml_connector.work.p2p_settings import OrdersFeed, VendorsFeed
from ml_connector.work.registry import PERFORM
from ml_connector.work.settings import ConnectionSettings
from twins.basware.intake import Stored
from twins.basware.master_data import keep
from twins.basware.resources import BY_NAME
from twins.demo_company import basware_seed, quickbooks_seed
from world import World, build_world, connection_file

LINES = [{"quantity": 10, "netUnitPrice": Decimal("19.99"), "coding": [{"accountCode": "6150"}]}]


class Office:
    """The company at work: its people in Basware, and the jobs one at a time."""

    def __init__(self, world: World) -> None:
        self.world = world

    def second_connection(self, name: str, company_code: str) -> "Office":
        """Another company of the same Basware tenant, joined to the same QuickBooks company."""
        known = self.world.desk().settings
        settings = msgspec.structs.replace(
            known, basware=msgspec.structs.replace(known.basware, company_codes=(company_code,))
        )
        file, secrets = connection_file(
            quickbooks_seed(),
            basware_seed(),
            name=name,
            policy=known.policy,
            quickbooks=known.quickbooks,
            page_size=known.basware.page_size,
        )
        file = msgspec.structs.replace(file, settings=settings)
        row = self.world.app.add_connection(file, secrets)
        return Office(dataclasses.replace(self.world, connection=row, _desk=None))

    def settings(self, **changes: Any) -> None:
        """Change settings of `[basware]`."""

        def changed(known: ConnectionSettings) -> ConnectionSettings:
            return msgspec.structs.replace(known, basware=msgspec.structs.replace(known.basware, **changes))

        self.world.change_settings(changed)

    def do(self, job: Job) -> JobReport:
        """Do one job as an engine does: with its lease."""
        desk = self.world.desk()
        desk.take_lease()
        try:
            return PERFORM[job](desk)
        finally:
            desk.release_lease()

    # purchase orders

    def order(self, code: str, **document: Any) -> str:
        """Order something in Basware; the order's code."""
        self.world.clock.advance(1)
        return self.world.basware.act("purchase_order", document={"externalCode": code, **document}, lines=LINES)

    def change(self, code: str, **changes: Any) -> None:
        """Change an order in Basware, which exports it again."""
        self.world.clock.advance(1)
        self.world.basware.act("change_purchase_order", order=code, changes=changes)

    @property
    def tenant(self) -> Any:
        """Basware's own books of the company."""
        return next(iter(self.world.basware._world.tenants.values()))

    def post(self, path: str, body: Any) -> None:
        """Another program with all rights writes to Basware's interface."""
        post_elsewhere(self.world, path, msgspec.json.encode(body))

    def keep_vendors(self, records: Iterable[dict[str, Any]]) -> None:
        """Vendors that have been with Basware for long."""
        for number, record in enumerate(records):
            moment = self.world.clock.now() - timedelta(days=1) + timedelta(seconds=number)
            keep(self.tenant.intake, BY_NAME["vendors"], "", record, now=moment, made_up=f"b-{number}")

    def in_basware(self) -> int:
        """How many vendors Basware's interface shows."""
        return len(self.tenant.intake.records("vendors").stored)

    def number(self, feed: str) -> int:
        """How many records of a feed are here."""
        with self.world.database.read() as tx:
            return copies.count(tx, self.world.connection_id, feed)

    def status_in_basware(self, code: str) -> str:
        """Whether Basware still waits for an order to be taken over."""
        return str(self.tenant.intake.records("exportedPurchaseOrders").stored[code].entity["processingStatus"])

    def here(self, code: str, feed: str = orders.FEED) -> dict[str, Any] | None:
        """The newest version of a record as it is kept here."""
        with self.world.database.read() as tx:
            found = copies.content(tx, self.world.connection_id, feed, code)
        return msgspec.json.decode(found.payload) if found else None

    def versions(self, code: str, feed: str = orders.FEED) -> int:
        """How many versions of a record arrived."""
        with self.world.database.read() as tx:
            own = inbox_table.c
            query = select(own.id).where(
                own.connection_id == self.world.connection_id, own.feed == feed, own.external_id == code
            )
            return len(tx.execute(query).all())

    def acknowledge_elsewhere(self, code: str) -> None:
        """Another program takes an order over."""
        stored = self.tenant.intake.records("exportedPurchaseOrders").stored[code]
        entity = {**stored.entity, "processingStatus": "Exported"}
        self.tenant.intake.records("exportedPurchaseOrders").put(code, Stored(entity, stored.updated), "Exported")

    def ask_to_read_again(self, job: Job, day: str) -> None:
        """A person wants a feed read again from a day on."""
        with self.world.database.write() as tx:
            jobs.change(tx, self.world.connection_id, job, self.world.clock.now(), backfill_from=day)

    def asked_to_read_again(self, job: Job) -> str:
        """From which day on a feed is still to be read again."""
        with self.world.database.read() as tx:
            return jobs.get(tx, self.world.connection_id, job).backfill_from

    def unacknowledged(self) -> list[str]:
        """Orders of which we do not know whether Basware was told."""
        with self.world.database.read() as tx:
            return [one.external_id for one in copies.unacknowledged(tx, self.world.connection_id, orders.FEED, 100)]

    # calls and alerts

    def calls(self, path: str, method: str = "GET") -> int:
        """How many calls to a resource were made and logged."""
        self.world.desk().write_calls()
        with self.world.database.read() as tx:
            rows = calls.listing(tx, self.world.connection_id, limit=100_000)
        return sum(row.method == method and row.path.startswith(path) for row in rows)

    def alerts(self) -> list[tuple[str, str]]:
        """What people are told now: kind and message."""
        with self.world.database.read() as tx:
            return [(one.kind, one.message) for one in alerts.listing(tx, self.world.connection_id)]


@pytest.fixture
def office_at() -> type[Office]:
    """Makes an office of a world of the test's own."""
    return Office


@pytest.fixture
def office(database: Database) -> Iterator[Office]:
    """The demo company, mapped, no document waiting, every feed switched on."""
    made = Office(build_world(database, company="empty"))
    made.settings(orders=OrdersFeed(enabled=True), vendors=VendorsFeed(enabled=True))
    yield made
    assert made.world.basware.check() == []


class Between(httpx2.BaseTransport):
    """A network on which something happens just before or after one call."""

    def __init__(self, inner: httpx2.BaseTransport) -> None:
        self.inner = inner
        self.before: Callable[[httpx2.Request], None] = lambda _request: None

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.before(request)
        return self.inner.handle_request(request)


@pytest.fixture
def between(office: Office) -> Between:
    """The office's network, on which a test can interfere."""
    network = Between(office.world.transport)
    office.world.restart(transport=network)
    return network
