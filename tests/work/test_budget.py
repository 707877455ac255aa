"""A company's request budget: shared by every process, thread and connection, kept by waiting, urgent work first.

The QuickBooks twin enforces Intuit's limits exactly, so what counts here is that it never has to refuse.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event

import httpx2
import msgspec
import pytest
from sqlalchemy import func, select

from instruments import TakingTurns, VirtualClock
from ml_connector.app import App
from ml_connector.quickbooks.errors import Throttled
from ml_connector.store import budgets, connections
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database
from ml_connector.store.schema import Priority, budget_slots, meters
from ml_connector.work.budget import Gates, Limits, RequestBudget
from ml_connector.work.desk import Desk
from ml_connector.work.meter import Meter, Quota
from twins.clock import Clock
from twins.quickbooks import QuickBooksTwin
from world import World, build_world

START = datetime(2026, 11, 20, 14, tzinfo=UTC)
TOGETHER = 500
"""Requests a minute that Intuit allows to a company."""


@pytest.fixture
def shared(database: Database) -> Iterator[World]:
    """The demo company on either database."""
    world = build_world(database, company="empty", mapping=False)
    world.clock.advance(120)
    yield world
    assert world.quickbooks.check(world.realm_id) == []


class Watching(httpx2.BaseTransport):
    """Notes when each call to QuickBooks left, and passes it on."""

    def __init__(self, inner: httpx2.BaseTransport, clock: VirtualClock) -> None:
        self._inner = inner
        self._clock = clock
        self.starts: list[tuple[float, str]] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if "/v3/company/" in request.url.path:
            self.starts.append((self._clock.now().timestamp(), request.url.path.rpartition("/")[2]))
        return self._inner.handle_request(request)


class Workers:
    """Many processes with many threads each, on one database, whose time moves only when all of them wait."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.time: TakingTurns = world.clock.taking_turns()
        self.wire = Watching(world.transport, world.clock)
        self._works: list[Callable[[], None]] = []
        self.waits: dict[str, list[float]] = {}

    def process(self, name: str) -> App:
        return App(self.world.database, self.world.vault, clock=self.time, transport=self.wire, worker=name)

    def add(
        self,
        app: App,
        call: Callable[[Desk], object],
        *,
        times: int,
        priority: Priority = Priority.URGENT,
        row: ConnectionRow | None = None,
        name: str = "",
        every: float = 0.0,
        after: float = 0.0,
    ) -> None:
        desk = app.desk(row or self.world.connection, priority=priority)
        waits = self.waits.setdefault(name, [])

        def work() -> None:
            self.time.sleep(after)
            for _ in range(times):
                asked = self.time.now()
                call(desk)
                waits.append((self.time.now() - asked).total_seconds())
                self.time.sleep(every)
            desk.close()

        self._works.append(work)

    def run(self) -> None:
        self.time.run(self._works)

    def refused(self) -> int:
        return int(self.world.quickbooks.calls["throttled"])


def read(desk: Desk) -> object:
    return desk.quickbooks.preferences()


def batch(desk: Desk) -> object:
    return desk.quickbooks.batch_queries(["select * from Term"])


def _most(starts: Sequence[float], seconds: float) -> int:
    return max((sum(one <= other < one + seconds for other in starts) for one in starts), default=0)


def test_fifty_threads_of_five_processes_are_never_refused_and_use_what_they_may(shared: World) -> None:
    workers = Workers(shared)
    for number in range(5):
        app = workers.process(f"process {number}")
        for thread in range(10):
            workers.add(app, read, times=20, priority=list(Priority)[thread % 2])

    workers.run()

    starts = [at for at, _ in workers.wire.starts]
    assert workers.refused() == 0
    assert len(starts) == 1000
    assert len(starts) / (max(starts) - min(starts)) * 60 >= 0.9 * TOGETHER


def test_batches_of_several_processes_stay_within_forty_a_minute_and_use_them(shared: World) -> None:
    workers = Workers(shared)
    for number in range(4):
        workers.add(workers.process(f"process {number}"), batch, times=30)

    workers.run()

    starts = sorted(at for at, path in workers.wire.starts if path == "batch")
    assert workers.refused() == 0
    assert len(starts) == 120
    assert starts[80] - starts[0] <= 2 * 60 / 0.9


def test_two_connections_to_one_company_share_its_budget(shared: World) -> None:
    other = _second_connection(shared)
    workers = Workers(shared)
    app = workers.process("one")
    for row in (shared.connection, other):
        for _ in range(4):
            workers.add(app, read, times=70, row=row)

    workers.run()

    assert workers.refused() == 0
    assert len(workers.wire.starts) == 560


def _second_connection(world: World) -> ConnectionRow:
    """Another Basware company joined to the same QuickBooks company."""
    with world.database.write() as tx:
        row = connections.add(
            tx, connection_id="second", name="second", settings=world.connection.settings, now=world.clock.now(),
            realm_hash=world.connection.realm_hash, company_code="OTHER",
        )  # fmt: skip
        for field in ("quickbooks.client_id", "quickbooks.client_secret", "quickbooks.realm_id", "quickbooks.tokens"):
            from ml_connector.store import secrets

            known = secrets.get(tx, world.vault, world.connection.id, field)
            if known is not None:
                secrets.put(tx, world.vault, row.id, field, known.reveal(), world.clock.now())
    return row
