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
from ml_connector.store.budgets import BudgetRow
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

_LATE = 0.2
"""Seconds after its moment in which a call may still start; less than the margin, so that no window is overfilled."""

_NEW_PROMISES = 5
"""How often a call that comes too late gets another moment, before it is sent as it is: the machine is too slow for better."""

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
    """A call's moment, by the budget's time."""

    id: int
    at: float


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
        share = limits.kept_for_urgent if priority is Priority.BULK else 0.0
        self._windows = (
            Window(limits.requests_per_minute, _LONGEST).leaving_free(share),
            Window(limits.requests_per_second, 1.0 + _MARGIN).leaving_free(share),
        )
        self._batches = Window(limits.batches_per_minute, _LONGEST).leaving_free(share)
        self._ahead = 0.0
        """Seconds by which the budget's time is ahead of our clock, when another machine's clock is."""

    @contextmanager
    def slot(self, *, batch: bool, reads: int) -> Iterator[None]:
        """Hold one request's place, from before it is sent until its answer is read. `reads`: how many Intuit may meter, 0 for
        a write. Raises Throttled when the wait would be too long; nothing was sent then."""
        place = self._promise(batch=batch, reads=reads)
        waited = self._wait(place)
        self._gate.acquire()
        try:
            for _ in range(_NEW_PROMISES):
                if not self._is_over(place, waited=waited):
                    break
                place = self._promise(batch=batch, reads=reads, instead_of=place)
                waited = self._pause(place) > 0
                if waited:
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
        pause = self._limits.wait_after_refusal if retry_after is None else retry_after
        with self._database.write() as tx:
            row = self._locked(tx)
            now = self._now()
            until = _instant(now + pause)
            if row.quiet_until is None or row.quiet_until < until:
                budgets.set_quiet(tx, self._key, until)
            budgets.touch(tx, self._key, _instant(now))
            self._meter.count_refusal(tx, self._clock.now())

    def _promise(self, *, batch: bool, reads: int, instead_of: _Place | None = None) -> _Place:
        """Find the first moment that suits every limit, and keep it for this call."""
        with self._database.write() as tx:
            row = self._locked(tx)
            now = self._now()
            own = None if instead_of is None else instead_of.id
            taken = [slot for slot in budgets.slots(tx, self._key, now - _LONGEST) if slot[0] != own]
            at = self._first_moment(now, row, taken, batch=batch)
            if at - now > self._limits.longest_wait:
                raise _too_long(at - now)
            if own is None:
                own = budgets.add_slot(tx, self._key, at, batch=batch, priority=self._priority)
                self._meter.count(tx, self._clock.now(), reads=reads)
            else:
                budgets.move_slot(tx, own, at)
            budgets.touch(tx, self._key, _instant(now))
            budgets.forget_before(tx, self._key, now - 2 * _LONGEST)
        return _Place(own, at)

    def _first_moment(self, now: float, row: BudgetRow, taken: list[tuple[int, float, bool]], *, batch: bool) -> float:
        quiet = 0.0 if row.quiet_until is None else row.quiet_until.timestamp()
        starts = [at for _, at, _ in taken]
        rules = [(window, starts) for window in self._windows]
        if batch:
            rules.append((self._batches, [at for _, at, is_batch in taken if is_batch]))
        return earliest_start(max(now, quiet), rules)

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

    def _pause(self, place: _Place) -> float:
        return max(0.0, place.at - self._now())

    def _wait(self, place: _Place) -> bool:
        """Wait for a place's moment; whether there was anything to wait for."""
        waited = False
        while (pause := self._pause(place)) > 0:
            self._clock.sleep(pause)
            waited = True
        return waited

    def _is_over(self, place: _Place, *, waited: bool) -> bool:
        """Whether a moment cannot be used any more: it passed, or the vendor asked for a pause while we waited for it."""
        if self._now() - place.at > _LATE:
            return True
        if not waited:
            return False
        with self._database.read() as tx:
            row = budgets.get(tx, self._key)
        return row is not None and row.quiet_until is not None and row.quiet_until.timestamp() > self._now()


def _too_long(seconds: float) -> Throttled:
    return Throttled(f"QuickBooks can take the next call in {seconds:.0f} seconds only", retry_after=seconds)


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
