"""A company's request budget: shared by every process, thread and connection, kept by waiting, urgent work first.

The QuickBooks twin enforces Intuit's limits exactly, so what counts here is that it never has to refuse.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Event

import httpx2
import msgspec
import pytest
from sqlalchemy import func, select

from instruments import TakingTurns, VirtualClock
from ml_connector.app import App
from ml_connector.model.clock import Clock as ProductClock
from ml_connector.quickbooks.errors import Throttled
from ml_connector.store import budgets, secrets
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database
from ml_connector.store.schema import Priority, budget_slots, meters
from ml_connector.work.budget import Gates, Limits, RequestBudget
from ml_connector.work.desk import Desk
from ml_connector.work.meter import Meter, Quota
from ml_connector.work.settings import ConnectionFile, ConnectionSettings, decode_settings
from world import World, build_world

pytestmark = pytest.mark.both_databases

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


def test_fifty_threads_of_five_processes_are_never_refused_and_use_what_they_may(shared: World) -> None:
    workers = Workers(shared)
    for number in range(5):
        app = workers.process(f"process {number}")
        for _ in range(10):
            workers.add(app, read, times=16)

    workers.run()

    starts = [at for at, _ in workers.wire.starts]
    assert workers.refused() == 0
    assert len(starts) == 800
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


def test_two_connections_to_one_company_share_its_budget(world: World) -> None:
    other = _second_connection(world)
    workers = Workers(world)
    app = workers.process("one")
    for row in (world.connection, other):
        for _ in range(4):
            workers.add(app, read, times=70, row=row)

    workers.run()

    assert workers.refused() == 0
    assert len(workers.wire.starts) == 560


def _second_connection(world: World) -> ConnectionRow:
    """Another Basware company joined to the same QuickBooks company, signed in by the same person."""
    settings = decode_settings(world.connection.settings)
    own = msgspec.structs.replace(settings.basware, company_codes=("OTHER",))
    file = ConnectionFile(name="second", settings=msgspec.structs.replace(settings, basware=own), secrets={})
    known = {}
    with world.database.read() as tx:
        for field in secrets.fields(tx, world.connection.id):
            if (value := secrets.get(tx, world.vault, world.connection.id, field)) is not None:
                known[field] = value.reveal()
    world.clock.advance(1)  # it is the younger one, whose budget has the older one's name
    return world.app.add_connection(file, known)


def test_another_companys_queue_delays_nobody(world: World) -> None:
    north, south = "quickbooks north", "quickbooks south"
    time = world.clock.taking_turns()
    waits: list[float] = []

    def busy() -> None:
        for _ in range(250):
            with _budget(world, time, key=north).slot(batch=True, reads=0):
                pass

    def calm() -> None:
        for _ in range(60):
            asked = time.now()
            with _budget(world, time, key=south).slot(batch=True, reads=0):
                waits.append((time.now() - asked).total_seconds())
            time.sleep(2)

    time.run([*[busy] * 4, calm])

    assert waits == [0.0] * 60


def test_urgent_calls_find_room_at_once_while_polls_use_all_they_may(world: World) -> None:
    workers = Workers(world)
    polling, posting = workers.process("polling"), workers.process("posting")
    for _ in range(20):
        workers.add(polling, read, times=40, priority=Priority.BULK, name="polls")
    workers.add(posting, read, times=60, name="postings", every=1.0, after=5.0)

    workers.run()

    assert workers.refused() == 0
    assert workers.waits["postings"] == [0.0] * 60
    assert len(workers.waits["polls"]) == 800


def test_polls_are_not_starved_by_urgent_work_that_never_ends(world: World) -> None:
    workers = Workers(world)
    app = workers.process("one")
    for _ in range(12):
        workers.add(app, read, times=100, name="postings")
    workers.add(app, read, times=2, priority=Priority.BULK, name="polls", after=10.0)

    workers.run()

    assert workers.refused() == 0
    assert len(workers.waits["polls"]) == 2
    assert max(workers.waits["polls"]) <= 2 * 60.25
    assert max(workers.waits["postings"]) <= 60.25


def test_polls_wait_behind_urgent_calls_that_are_waiting(world: World) -> None:
    """All of the second is used up: what is urgent has the next one, though a poll asked first would have fitted as well."""
    time = world.clock.taking_turns()
    started: list[str] = []

    def call(priority: Priority, after: float) -> Callable[[], None]:
        def work() -> None:
            time.sleep(after)
            with _budget(world, time, priority=priority, limits=Limits(requests_per_second=5)).slot(
                batch=False, reads=1
            ):
                started.append(priority.value)

        return work

    time.run([*[call(Priority.URGENT, 0.0)] * 10, call(Priority.BULK, 0.1)])

    assert started == ["urgent"] * 10 + ["bulk"]


def test_a_refusal_quiets_everybody_at_that_company_and_nobody_else(world: World) -> None:
    time = world.clock.taking_turns()
    here, there = [_budget(world, time, key="quickbooks here") for _ in range(2)], _budget(world, time, key="elsewhere")
    starts: dict[str, list[float]] = {"here": [], "there": []}

    def refused() -> None:
        with here[0].slot(batch=False, reads=1):
            pass
        here[0].throttled(None)

    def call(budget: RequestBudget, name: str) -> Callable[[], None]:
        def work() -> None:
            time.sleep(1)
            with budget.slot(batch=False, reads=1):
                starts[name].append((time.now() - began).total_seconds())

        return work

    began = time.now()
    time.run([refused, call(here[1], "here"), call(there, "there")])

    assert starts == {"here": [60.0], "there": [1.0]}


@pytest.mark.parametrize(("named", "expected"), [(7.0, 7.0), (0.0, 0.0), (None, 60.0)])
def test_after_a_refusal_the_company_is_quiet_for_the_time_it_named_or_a_minute(
    world: World, named: float | None, expected: float
) -> None:
    budget = _budget(world, world.clock)

    budget.throttled(named)

    assert _starts(budget, world.clock, 1) == [expected]


@pytest.mark.parametrize("named", [2_147_483_647.0, 1e30, float("inf")])
def test_a_pause_of_years_is_not_believed_and_quickbooks_is_asked_again_after_an_hour(
    world: World, named: float
) -> None:
    budget = _budget(world, world.clock)

    budget.throttled(named)

    with pytest.raises(Throttled), budget.slot(batch=False, reads=1):
        pass
    world.clock.advance(3600)
    assert _starts(budget, world.clock, 1) == [0.0]


def test_a_shorter_refusal_does_not_cut_a_longer_one_short(world: World) -> None:
    budget = _budget(world, world.clock)

    budget.throttled(30.0)
    budget.throttled(1.0)

    assert _starts(budget, world.clock, 1) == [30.0]


def test_a_call_that_waits_already_notices_a_refusal_of_another(world: World) -> None:
    time = world.clock.taking_turns()
    limits = Limits(requests_per_second=1)
    one, other = _budget(world, time, limits=limits), _budget(world, time, limits=limits)
    starts: list[float] = []
    began = time.now()

    def refused() -> None:
        with one.slot(batch=False, reads=1):
            time.sleep(0.5)
        one.throttled(20.0)

    def waiting() -> None:
        time.sleep(0.1)
        with other.slot(batch=False, reads=1):
            starts.append(round((time.now() - began).total_seconds(), 3))

    time.run([refused, waiting])

    assert starts == [20.5]


def test_what_a_process_promised_itself_before_it_died_expires(shared: World) -> None:
    dead = _budget(shared, shared.clock)
    for _ in range(500):
        dead._promise(batch=False, reads=1)

    shared.clock.advance(200)
    starts = _starts(_budget(shared, shared.clock), shared.clock, 20)

    assert starts == [pytest.approx(0.25 * (number // 2)) for number in range(20)]
    with shared.database.read() as tx:
        assert tx.execute(select(func.count()).select_from(budget_slots)).scalar_one() < 100


def test_a_call_that_had_to_wait_too_long_fails_at_once_and_takes_no_place(shared: World) -> None:
    budget = _budget(shared, shared.clock, limits=Limits(longest_wait=30.0))
    budget.throttled(31.0)
    before = _rows(shared)

    with pytest.raises(Throttled, match="next call in 31 seconds"), budget.slot(batch=False, reads=1):
        raise AssertionError

    assert _rows(shared) == before
    shared.clock.advance(2)
    assert _starts(budget, shared.clock, 1) == [29.0]


def _rows(world: World) -> tuple[int, int]:
    with world.database.read() as tx:
        slots = tx.execute(select(func.count()).select_from(budget_slots)).scalar_one()
        return slots, tx.execute(select(func.sum(meters.c.reads))).scalar_one() or 0


def test_a_job_that_finds_no_room_is_told_so_without_another_pause(world: World) -> None:
    """The wait is our own: the company refused nothing, so its budget is not made quiet for longer."""
    world.change_settings(_with_limits(Limits(longest_wait=10.0)))
    key = f"quickbooks {world.connection_id}"
    world.clock.advance(120)
    _budget(world, world.clock, key=key).throttled(50.0)
    with world.database.read() as tx:
        before = budgets.get(tx, key)

    with pytest.raises(Throttled):
        world.desk().quickbooks.preferences()

    with world.database.read() as tx:
        after = budgets.get(tx, key)
    assert before is not None
    assert after is not None
    assert after.quiet_until == before.quiet_until


def _with_limits(limits: Limits) -> Callable[[ConnectionSettings], ConnectionSettings]:
    def change(settings: ConnectionSettings) -> ConnectionSettings:
        own = msgspec.structs.replace(settings.quickbooks, limits=limits)
        return msgspec.structs.replace(settings, quickbooks=own)

    return change


@pytest.mark.parametrize("back", [0.4, 30.0, 7200.0, 366 * 86400.0])
def test_a_clock_set_back_neither_stops_a_company_nor_lets_it_be_refused(shared: World, back: float) -> None:
    own = _Skewed(shared.clock)
    budget = _budget(shared, own, limits=Limits(requests_per_minute=30))
    starts: list[float] = []
    for number in range(60):
        if number == 25:
            own.by = -back
        with budget.slot(batch=False, reads=1):
            starts.append(shared.clock.now().timestamp())

    assert _most(starts, 60.0) <= 30
    assert _most(starts, 1.0) <= 10
    assert starts[-1] - starts[0] <= 2 * 60.25 + 2


def test_machines_whose_clocks_are_behind_stay_within_the_limits_all_the_same(shared: World) -> None:
    time = shared.clock.taking_turns()
    starts: list[float] = []

    def work(by: float) -> Callable[[], None]:
        own = _Skewed(time, by)
        budget = _budget(shared, own, limits=Limits(requests_per_minute=40))

        def calls() -> None:
            for _ in range(20):
                with budget.slot(batch=False, reads=1):
                    starts.append(shared.clock.now().timestamp())

        return calls

    time.run([work(0.0), work(-9.0), work(-4.0), work(-300.0)])

    assert _most(starts, 60.0) <= 40
    assert _most(starts, 1.0) <= 10
    assert max(starts) - min(starts) <= 2 * 60.25


class _Skewed:
    """A machine's clock that is wrong by so many seconds."""

    def __init__(self, right: VirtualClock | TakingTurns, by: float = 0.0) -> None:
        self._right = right
        self.by = by

    def now(self) -> datetime:
        return self._right.now() + timedelta(seconds=self.by)

    def sleep(self, seconds: float) -> None:
        self._right.sleep(seconds)


def test_a_process_that_was_stopped_while_it_waited_takes_another_moment(world: World) -> None:
    """Its own passed: others may have used the second in which it wakes up."""
    limits = Limits(requests_per_second=2)
    others = _budget(world, world.clock, limits=limits)
    _starts(others, world.clock, 2)
    slow = _budget(
        world, _Oversleeping(world.clock, by=30.0, then=lambda: _starts(others, world.clock, 2)), limits=limits
    )
    woke = world.clock.now() + timedelta(seconds=31.25)

    with slow.slot(batch=False, reads=1):
        started = world.clock.now()

    assert 0 < (started - woke).total_seconds() <= 1.25


class _Oversleeping:
    """A clock that wakes its sleeper too late the first time, after others did something."""

    def __init__(self, right: VirtualClock, *, by: float, then: Callable[[], object]) -> None:
        self._right = right
        self._by = by
        self._then = then

    def now(self) -> datetime:
        return self._right.now()

    def sleep(self, seconds: float) -> None:
        self._right.sleep(seconds + self._by)
        if self._by:
            self._by = 0.0
            self._then()


def test_machines_that_have_too_much_to_do_wake_late_and_still_use_most_of_what_there_is(world: World) -> None:
    """Everybody comes half a second too late. No limit is overrun, and nobody goes back to the end of the queue for it."""
    time = world.clock.taking_turns()
    starts: list[float] = []

    class Late:
        def now(self) -> datetime:
            return time.now()

        def sleep(self, seconds: float) -> None:
            time.sleep(seconds + 0.5)

    def work() -> None:
        budget = _budget(world, Late())
        for _ in range(10):
            with budget.slot(batch=False, reads=1):
                starts.append(time.now().timestamp())

    time.run([work] * 20)

    assert _most(starts, 1.0) <= 10
    assert len(starts) == 200
    assert max(starts) - min(starts) <= 200 / 10 * (1.25 + 0.5) + 2


def test_calls_below_the_limits_do_not_wait(world: World) -> None:
    budget = _budget(world, world.clock)
    waited = []
    for _ in range(40):
        world.clock.advance(0.2)
        asked = world.clock.now()
        with budget.slot(batch=True, reads=0):
            waited.append(world.clock.now() - asked)

    assert waited == [timedelta()] * 40


def test_no_more_calls_of_a_process_are_under_way_at_once_than_allowed(world: World) -> None:
    gates = Gates()
    budgets_of_two = [_budget(world, world.clock, limits=Limits(in_flight=2), gates=gates) for _ in range(2)]
    third_is_let_in = Event()

    def third_call() -> None:
        with budgets_of_two[1].slot(batch=False, reads=1):
            third_is_let_in.set()

    with ThreadPoolExecutor(1) as other, budgets_of_two[0].slot(batch=False, reads=1):
        with budgets_of_two[1].slot(batch=False, reads=1):
            call = other.submit(third_call)
            # However slow the machine: waiting too shortly can only hide a fault, never report one that is not there.
            assert not third_is_let_in.wait(0.2)
        call.result(timeout=30)
    assert third_is_let_in.is_set()


def test_real_threads_on_one_database_never_promise_more_than_there_is(shared: World) -> None:
    """Nobody takes turns here: the database's own locks keep the promises apart."""
    budget = [_budget(shared, _Stopped(shared.clock.now()), limits=Limits(longest_wait=9999)) for _ in range(8)]

    with ThreadPoolExecutor(8) as pool:
        places = list(pool.map(lambda number: budget[number % 8]._promise(batch=False, reads=1), range(160)))

    moments = [place.at for place in places]
    assert _most(moments, 1.25 - 1e-6) == 10
    assert max(moments) - min(moments) == pytest.approx(79 * 0.25)


class _Stopped:
    """A clock that stands still."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def sleep(self, seconds: float) -> None:
        raise AssertionError(f"nobody was to wait {seconds} seconds here")


def _budget(
    world: World,
    clock: ProductClock,
    *,
    key: str = "quickbooks test",
    limits: Limits | None = None,
    priority: Priority = Priority.URGENT,
    gates: Gates | None = None,
) -> RequestBudget:
    """The share of one client, as another process would have it."""
    return RequestBudget(
        world.database,
        clock,
        limits or Limits(),
        key=key,
        meter=Meter(connection_id=world.connection_id, app="an app", quota=Quota(), priority=priority),
        gates=gates or Gates(),
        priority=priority,
    )


def _starts(budget: RequestBudget, clock: VirtualClock, count: int) -> list[float]:
    """When so many calls in a row start, in seconds from now."""
    began, found = clock.now(), []
    for _ in range(count):
        with budget.slot(batch=False, reads=1):
            found.append((clock.now() - began).total_seconds())
    return found


def _most(starts: Sequence[float], seconds: float) -> int:
    return max((sum(one <= other < one + seconds for other in starts) for one in starts), default=0)
