"""What a world is run and watched with: clocks that nobody waits for, and a witness in front of each twin."""

import heapq
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import count
from threading import Event, Thread, current_thread

from twins.clock import Clock as TwinClock
from twins.http import Request, Response, Service


class Witness:
    """Stands in front of a twin and counts what it was asked, also where the answer got lost."""

    def __init__(self, service: Service, writes: Callable[[Request], bool]) -> None:
        self._service = service
        self._writes = writes
        self.requests = 0
        self.writes = 0
        """Requests that ask the service to change something; signing in is none."""

    def handle(self, request: Request) -> Response:
        """Pass the request on. Raises LostAnswerError when a fault cuts the connection."""
        self.requests += 1
        self.writes += self._writes(request)
        return self._service.handle(request)


def changes_quickbooks(request: Request) -> bool:
    """Whether a request asks QuickBooks to write; queries travel by POST too."""
    if request.method != "POST" or not request.path.startswith("/v3/") or request.path.endswith("/query"):
        return False
    return not request.path.endswith("/batch") or b'"operation"' in request.body


def changes_basware(request: Request) -> bool:
    """Whether a request asks Basware to write."""
    return request.method != "GET" and "tokens" not in request.path


class AheadClock(TwinClock):
    """The clock of a service that is some seconds ahead of everybody else's, or behind if they are negative."""

    def __init__(self, time: TwinClock, seconds: float) -> None:
        super().__init__(time.now(), running=False)
        self._time = time
        self._ahead = timedelta(seconds=seconds)

    def now(self) -> datetime:
        """The present instant as this service has it, in UTC."""
        return self._time.now() + self._ahead

    def set(self, instant: datetime) -> None:
        """Move everybody's time to where this service shows that instant."""
        self._time.set(instant - self._ahead)


class VirtualClock:
    """The product's clock on the twins' stopped one: whoever sleeps moves time for everybody."""

    def __init__(self, time: TwinClock) -> None:
        self._time = time

    @property
    def time(self) -> TwinClock:
        """The twins' clock."""
        return self._time

    def taking_turns(self) -> "TakingTurns":
        """The same time for many threads."""
        return TakingTurns(self._time)

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return self._time.now()

    def sleep(self, seconds: float) -> None:
        """Let time pass without waiting for it."""
        if seconds > 0:
            self._time.advance(seconds)

    def advance(self, seconds: float) -> None:
        """The same, as a test says it."""
        self._time.advance(seconds)

    def move_to(self, instant: datetime) -> None:
        """Go forward to an instant; one that has passed changes nothing."""
        if instant > self._time.now():
            self._time.set(instant)


class TakingTurns:
    """The product's clock for many threads on the twins' stopped one: time moves only when all of them wait.

    One thread runs at a time, until it sleeps or ends; then the one that has waited for the earliest moment. So what many
    workers do together is the same every time, and takes no longer than their work.
    """

    def __init__(self, time: TwinClock) -> None:
        self._time = time
        self._waiting: list[tuple[float, int, Event]] = []
        self._numbers = count()
        self._workers: set[Thread] = set()

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return self._time.now()

    def sleep(self, seconds: float) -> None:
        """Let others run until so much time has passed; outside of `run` time just passes."""
        if current_thread() not in self._workers:
            self._time.advance(max(0.0, seconds))
            return
        mine = self._queue(self.now().timestamp() + max(0.0, seconds))
        self._next()
        mine.wait()

    def run(self, works: Iterable[Callable[[], None]]) -> None:
        """Let each of these run in a thread of its own until all have ended. The first failure is raised here."""
        failures: list[BaseException] = []
        threads = [
            Thread(target=self._worker, args=(work, self._queue(self.now().timestamp()), failures), daemon=True)
            for work in works
        ]
        self._workers.update(threads)
        for thread in threads:
            thread.start()
        self._next()
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]

    def _worker(self, work: Callable[[], None], turn: Event, failures: list[BaseException]) -> None:
        turn.wait()
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised again by `run`, in the caller's own thread
            failures.append(error)
        self._next()

    def _queue(self, moment: float) -> Event:
        turn = Event()
        heapq.heappush(self._waiting, (moment, next(self._numbers), turn))
        return turn

    def _next(self) -> None:
        """Wake whoever waits for the earliest moment, at that moment."""
        if not self._waiting:
            return
        moment, _, turn = heapq.heappop(self._waiting)
        self._time.advance(max(0.0, moment - self.now().timestamp()))
        turn.set()
