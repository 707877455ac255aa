"""A process that crashes: before or after any commit or request, without the answer, or with the request sent twice.

A story is told once undisturbed, while its steps are counted: every commit to the database and every request to either system.
Then it is told again, with one step struck by one fault, in one process after another until nothing is left to do; the books of
both systems have to say afterwards what they would have said anyway. The crash matrix tells the story of posting; the tests named
test_crashes.py tell those of everything else.

CRASHES=all tells every story, each step with each fault (`make crash-stories`); without it each test tells some of its own, spread
over the whole, the faults in turn.
"""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Protocol

import httpx2
from sqlalchemy import Connection

from ml_connector.app import App
from ml_connector.store.database import Database
from ml_connector.work.engine import TRY_LATER
from ml_connector.work.jobs import Job, JobReport
from ml_connector.work.registry import PERFORM
from ml_connector.work.tenure import LONG, ConnectionBusyError
from world import World

FAULTS = ("crash before", "crash after", "answer lost", "sent twice")
ON_COMMITS = {"crash before", "crash after", "crash twice"}
"""A commit has no answer to lose and is not sent."""

EVERY = os.environ.get("CRASHES") == "all"
"""Whether every story is told."""

_SOME = 6
"""How many a test tells otherwise."""


class Crash(BaseException):
    """The process ends here. Not an Exception, so that nothing can mistake it for something to handle."""


class Saboteur:
    """Counts steps and strikes at one of them."""

    def __init__(self, strike_at: int = -1, fault: str = "", second: int = -1) -> None:
        self.steps: list[str] = []
        self._strike_at, self._fault, self._second = strike_at, fault, second

    def begin(self, label: str) -> str:
        """A step begins; returns the fault that strikes it, or nothing."""
        number = len(self.steps)
        self.steps.append(label)
        if number == self._strike_at:
            return "crash after" if self._fault == "crash twice" else self._fault
        return "crash after" if number == self._second else ""

    def strike_again(self) -> None:
        """The next life of the process crashes too, some steps in."""
        if self._fault == "crash twice" and self._second < 0:
            self._second = len(self.steps) + 1 + self._strike_at % 5


class SabotagedDatabase(Database):
    """A database whose every commit is a step."""

    saboteur: Saboteur

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Connection]:
        """A transaction; a crash before its commit rolls it back, one after it does not."""
        fault = self.saboteur.begin(f"commit: {_caller()}")
        with super().write(durable=durable) as tx:
            yield tx
            if fault == "crash before":
                raise Crash
        if fault == "crash after":
            raise Crash


class SabotagedTransport(httpx2.BaseTransport):
    """A network whose every request is a step."""

    def __init__(self, inner: httpx2.BaseTransport, saboteur: Saboteur) -> None:
        self._inner = inner
        self._saboteur = saboteur

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Pass a request on, or not, or twice."""
        path = "/".join(part for part in request.url.path.split("/") if not _is_id(part))
        fault = self._saboteur.begin(f"{request.method} {path}")
        if fault == "crash before":
            raise Crash
        answer = self._inner.handle_request(request)
        if fault == "sent twice":
            answer = self._inner.handle_request(request)
        if fault == "crash after":
            raise Crash
        if fault == "answer lost":
            raise httpx2.ReadError("the connection was cut", request=request)
        return answer


def _is_id(part: str) -> bool:
    return len(part) > 12 and any(character.isdigit() for character in part)


def _caller() -> str:
    """The function of the product that commits."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        path = frame.f_code.co_filename
        if "/ml_connector/work/" in path and frame.f_code.co_name not in {"write", "__enter__"}:
            return f"{Path(path).stem}.{frame.f_code.co_name.lstrip('_')}"
        frame = frame.f_back
    return "unknown"


@contextmanager
def new_life(world: World, url: str, saboteur: Saboteur, number: int) -> Iterator[App]:
    """A process of the product of its own, with the saboteur at its database and its network."""
    database = SabotagedDatabase.open(url)
    database.saboteur = saboteur
    transport = SabotagedTransport(world.transport, saboteur)
    try:
        yield App(database, world.vault, clock=world.clock, transport=transport, worker=f"life {number}")
    finally:
        database.close()


def live(
    world: World,
    url: str,
    saboteur: Saboteur,
    act: Callable[[App], bool],
    *,
    after: Callable[[int], None] = lambda _: None,
) -> None:
    """Do something in one process after another, as whoever operates them would, until it came to rest twice in a row.

    `act` says whether it came to rest; a crash, a busy connection and a system that is down mean that it did not. `after` looks at
    the books, and may let time pass, when a life is over; it is given the life's number. Each life begins when the lease of the one
    before has run out.
    """
    at_rest = 0
    for number in range(30):
        with new_life(world, url, saboteur, number) as app:
            try:
                at_rest = at_rest + 1 if act(app) else 0
            except (Crash, ConnectionBusyError, *TRY_LATER):
                at_rest = 0
        after(number)
        if at_rest == 2:
            return
        world.clock.sleep(LONG + 1)
    raise AssertionError("it never came to an end")


def perform(app: App, job: Job) -> JobReport:
    """Do one job of the only connection, as an engine does it: with the lease."""
    desk = app.desk(app.connection(""))
    desk.take_lease()
    report = PERFORM[job](desk)
    desk.release_lease()
    return report


class Story(Protocol):
    """Tells a story to its end, in databases of its own, and asserts how it ends."""

    def __call__(self, saboteur: Saboteur) -> None: ...


def every_fault(
    story: Story, faults: Sequence[str] = FAULTS, strikes: Callable[[str, str], bool] = lambda _label, _fault: True
) -> int:
    """Tell a story undisturbed, then with its steps struck, or some of them; returns how many ways there are to strike it.

    `strikes` says of a step's label and a fault whether that pair is worth a story: some are the same as another.
    """
    undisturbed = Saboteur()
    story(undisturbed)
    ways = [
        (number, fault)
        for number, label in enumerate(undisturbed.steps)
        for fault in faults
        if (fault in ON_COMMITS or not label.startswith("commit")) and strikes(label, fault)
    ]
    for number, fault in ways if EVERY else some_of(ways):
        story(Saboteur(number, fault))
    return len(ways)


def some_of(ways: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """A few steps from beginning to end, with one fault each, in turn; always the same ones."""
    faults_of: dict[int, list[str]] = {}
    for number, fault in ways:
        faults_of.setdefault(number, []).append(fault)
    numbers = list(faults_of)
    chosen = sorted({numbers[round(n * (len(numbers) - 1) / (_SOME - 1))] for n in range(_SOME)}) if numbers else []
    return [(number, faults_of[number][turn % len(faults_of[number])]) for turn, number in enumerate(chosen)]
