"""How many requests a QuickBooks company may get, kept by waiting before a request rather than by being refused.

Intuit's limits page (2026): 500 requests a minute per company, 10 a second and 40 batches a minute per company and app; older
pages say 10 at once. All are obeyed, all are settings. A budget is shared, through the database, by everything that talks to the
company: every process, job and command, and every connection that joins the company. Each call is promised a moment in one short
transaction and waits for it, so nobody polls and nobody is overtaken by his like.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import BoundedSemaphore, Lock
from typing import Annotated

import msgspec

from ml_connector.model.clock import Clock
from ml_connector.quickbooks.errors import Throttled
from ml_connector.rules.pacing import Window, earliest_start
from ml_connector.store import budgets, connections
from ml_connector.store.budgets import BudgetRow, Slot
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database, Tx
from ml_connector.store.schema import Priority
from ml_connector.work.meter import Meter

AtLeastOne = Annotated[int, msgspec.Meta(ge=1)]


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The vendor's limits per company; lower them if other programs share the company.

    What Intuit also limits, 120 batches a minute for all apps of a company and 800 requests a minute to all its services, is
    never reached within these.
    """

    requests_per_minute: AtLeastOne = 500
    requests_per_second: AtLeastOne = 10
    batches_per_minute: AtLeastOne = 40
    in_flight: AtLeastOne = 10
    """Requests under way at once, for each process."""
    kept_for_urgent: Annotated[float, msgspec.Meta(ge=0, le=0.9)] = 0.2
    """The share of each limit that loads, comparisons and polls leave free for postings, answers and people."""
    wait_after_refusal: Annotated[float, msgspec.Meta(ge=0)] = 60.0
    """Seconds to stay quiet after a 429, unless the answer names a time (Intuit's limits page)."""
    longest_wait: Annotated[float, msgspec.Meta(gt=0)] = 300.0
    """Seconds a call waits at most; one that had to wait longer fails at once, and its job is tried again later."""


_MARGIN = 0.25
"""Seconds added to each window: what left us a second apart may arrive closer together."""

_LONGEST = 60.0 + _MARGIN
"""Seconds of the longest window there is."""

_LONGEST_BELIEVED = 3600.0
"""Seconds of a pause that is kept before Intuit is asked again: a mistaken header must not silence a company for years."""

_LATE = 0.2
"""Seconds after its moment in which a call may still leave; less than the margin, so that no window is overfilled."""

_TRIES = 5
"""How often a call that was too slow to leave in its moment gets another one, before it is sent as it is."""

_CLOCKS_APART = 600.0
"""Seconds that clocks of several machines may differ; a larger gap means that the clock was set back."""


def budget_key(tx: Tx, row: ConnectionRow) -> str:
    """What stands for a connection's QuickBooks company; all connections that join the same company have the same.

    The oldest of them gives the name: the company's hash would change with the master key, in the middle of somebody's work.
    """
    return f"quickbooks {connections.oldest_of_company(tx, row.id).id}"


class Gates:
    """How many calls of this process may be under way at once, by company."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._gates: dict[tuple[str, int], BoundedSemaphore] = {}

    def of(self, key: str, most: int) -> BoundedSemaphore:
        """The one gate of a company."""
        with self._lock:
            return self._gates.setdefault((key, most), BoundedSemaphore(most))


class _Place(msgspec.Struct, frozen=True):
    """A call's moment, by the budget's time; `started`: it is now, and the call is on its way."""

    id: int
    at: float
    batch: bool
    started: bool


class _Windows(msgspec.Struct, frozen=True):
    """What the limits come to for work that leaves a share of them free. `even` is kept among calls of one priority."""

    minute: Window
    second: Window
    even: Window
    batches: Window


def _windows(limits: Limits, left_free: float) -> _Windows:
    second = Window(limits.requests_per_second, 1.0 + _MARGIN).leaving_free(left_free)
    return _Windows(
        minute=Window(limits.requests_per_minute, _LONGEST).leaving_free(left_free),
        second=second,
        even=second.evened(),
        batches=Window(limits.batches_per_minute, _LONGEST).leaving_free(left_free),
    )


class RequestBudget:
    """The share that one client has in the budget of a company. `slot` waits for room; `throttled` says that there was none.

    `key` stands for the company. Safe to share between threads.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        limits: Limits,
        *,
        key: str,
        meter: Meter,
        gates: Gates,
        priority: Priority = Priority.URGENT,
    ) -> None:
        self._database = database
        self._clock = clock
        self._limits = limits
        self._key = key
        self._meter = meter
        self._priority = priority
        self._gate = gates.of(key, limits.in_flight)
        self._whole = _windows(limits, 0.0)
        self._share = _windows(limits, limits.kept_for_urgent if priority is Priority.BULK else 0.0)
        self._ahead = 0.0
        """Seconds by which the budget's time is ahead of our clock, when another machine's clock is."""

    @contextmanager
    def slot(self, *, batch: bool, reads: int) -> Iterator[None]:
        """Hold one request's place, from before it is sent until its answer is read. `reads`: how many Intuit may meter, 0 for
        a write. Raises Throttled when the wait would be too long; nothing was sent then."""
        place = self._promise(batch=batch, reads=reads)
        self._wait(place)
        self._gate.acquire()
        try:
            slow = 0
            while not (place.started and (self._now() - place.at <= _LATE or slow == _TRIES)):
                slow += place.started
                place = self._start(place)
                if not place.started:
                    self._gate.release()
                    try:
                        self._wait(place)
                    finally:
                        self._gate.acquire()
            yield
        finally:
            self._gate.release()

    def throttled(self, retry_after: float | None) -> None:
        """The vendor answered 429: everybody who talks to this company stays quiet for the time it names, or the setting's."""
        pause = self._limits.wait_after_refusal if retry_after is None else min(retry_after, _LONGEST_BELIEVED)
        with self._database.write() as tx:
            row = self._locked(tx)
            now = self._now()
            until = _instant(now + pause)
            if row.quiet_until is None or row.quiet_until < until:
                budgets.set_quiet(tx, self._key, until)
            budgets.touch(tx, self._key, _instant(now))
            self._meter.count_refusal(tx, self._clock.now())

    def _promise(self, *, batch: bool, reads: int) -> _Place:
        """Find the first moment that suits every limit, and keep it for this call. It starts at once when that moment is now."""
        with self._database.write() as tx:
            row = self._locked(tx)
            now = self._now()
            at = self._first_moment(now, row, budgets.slots(tx, self._key, now - _LONGEST), batch=batch)
            self._refuse_long_wait(at - now)
            started = at <= now
            slot_id = budgets.add_slot(tx, self._key, at, batch=batch, priority=self._priority, started=started)
            self._meter.count(tx, self._clock.now(), reads=reads)
            budgets.touch(tx, self._key, _instant(now))
            budgets.forget_before(tx, self._key, now - 2 * _LONGEST)
        return _Place(slot_id, at, batch, started)

    def _start(self, place: _Place) -> _Place:
        """Start a call whose moment has come: now, if what really started leaves room, else as soon as it does.

        Promises order the calls; what counts for the limits is when they started. So a call that comes late, on a machine that has
        too much to do, neither overfills a window nor loses its turn.
        """
        with self._database.write() as tx:
            row = self._locked(tx)
            now = self._now()
            others = budgets.slots(tx, self._key, now - _LONGEST)
            begun = [slot for slot in others if slot.started and slot.id != place.id]
            at = self._first_moment(now, row, begun, batch=place.batch, promised=True)
            self._refuse_long_wait(at - now)
            budgets.move_slot(tx, place.id, at, started=at <= now)
            budgets.touch(tx, self._key, _instant(now))
        return _Place(place.id, at, place.batch, at <= now)

    def _first_moment(
        self, now: float, row: BudgetRow, taken: list[Slot], *, batch: bool, promised: bool = False
    ) -> float:
        """The first moment beside these places. What is kept free and evened out was seen to when a place was `promised`."""
        quiet = 0.0 if row.quiet_until is None else row.quiet_until.timestamp()
        windows = self._whole if promised else self._share
        starts = [slot.at for slot in taken]
        rules = [(windows.minute, starts), (windows.second, starts)]
        if not promised:
            urgent = self._priority is Priority.URGENT
            rules.append((windows.even, [slot.at for slot in taken if bool(slot.urgent) is urgent]))
        if batch:
            rules.append((windows.batches, [slot.at for slot in taken if slot.batch]))
        return earliest_start(max(now, quiet), rules)

    def _refuse_long_wait(self, seconds: float) -> None:
        if seconds > self._limits.longest_wait:
            text = f"QuickBooks can take the next call in {seconds:.0f} seconds only"
            raise Throttled(text, retry_after=seconds)

    def _locked(self, tx: Tx) -> BudgetRow:
        """The budget, locked; from here on `_now` is no earlier than any other machine's clock was.

        A clock that was set back takes the budget with it: what was promised counts as if it had been promised just now.
        """
        row = budgets.lock(tx, self._key, self._clock.now())
        behind = row.updated_at.timestamp() - self._clock.now().timestamp()
        if behind > _CLOCKS_APART:
            row, behind = budgets.set_back(tx, row, timedelta(seconds=behind)), 0.0
            self._ahead = 0.0
        self._ahead = max(self._ahead, behind)
        return row

    def _now(self) -> float:
        return self._clock.now().timestamp() + self._ahead

    def _wait(self, place: _Place) -> None:
        while (pause := place.at - self._now()) > 0:
            self._clock.sleep(pause)


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


class SharedPause:
    """A pause that Basware asked for, kept by everybody who uses the same sign-in there. `key` stands for it."""

    _LOOKED_FOR = 1.0
    """Seconds after which the database is looked at again; a pause somebody else ran into is noticed that much later."""

    def __init__(self, database: Database, clock: Clock, key: str) -> None:
        self._database = database
        self._clock = clock
        self._key = key
        self._until = 0.0
        self._look_at = 0.0

    def left(self) -> float:
        """Seconds until Basware may be called again."""
        now = self._clock.now().timestamp()
        if not self._look_at - self._LOOKED_FOR <= now < self._look_at:
            with self._database.read() as tx:
                row = budgets.get(tx, self._key)
            self._until = 0.0 if row is None or row.quiet_until is None else row.quiet_until.timestamp()
            self._look_at = now + self._LOOKED_FOR
        return max(0.0, self._until - now)

    def ask(self, seconds: float) -> None:
        """Basware asked for a pause of so many seconds; a longer one that is on already stays."""
        now = self._clock.now()
        until = now + timedelta(seconds=seconds)
        with self._database.write() as tx:
            row = budgets.lock(tx, self._key, now)
            if row.quiet_until is None or row.quiet_until < until:
                budgets.set_quiet(tx, self._key, until)
            budgets.touch(tx, self._key, now)
        self._look_at = 0.0
