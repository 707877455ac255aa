"""One process after another does the same jobs, each ended at some step; and one beginning from which many stories are told.

Where `crashes` tells a story anew for each step that a fault strikes, here a fault strikes every step of one story, one process
after another. Used by the crash tests of purchase orders.
"""

import copy
import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy.engine import make_url

from crashes import ON_COMMITS, Crash, Saboteur, new_life, perform
from databases import Databases, PostgresServer, SqliteFiles
from ml_connector.store.database import Database
from ml_connector.work.engine import TRY_LATER
from ml_connector.work.jobs import Job
from ml_connector.work.tenure import LONG, ConnectionBusyError
from twins.transport import TwinTransport
from world import BASWARE_HOST, QUICKBOOKS_HOST, World

_LIVES = 400


class Relentless(Saboteur):
    """Strikes every step once: a life ends at the first step that no life before it was struck at.

    A step is known by its label and by how often the label came before in the same life. Commits that only prolong a lease are let
    through, and of commits all but a crash: they have no answer to lose.
    """

    def __init__(self, fault: str) -> None:
        super().__init__()
        self.struck: set[tuple[str, int]] = set()
        self._fault = fault
        self._met: Counter[str] = Counter()

    def born(self) -> None:
        """Another process begins."""
        self._met.clear()

    def begin(self, label: str) -> str:
        """A step begins; returns the fault that strikes it, or nothing."""
        self.steps.append(label)
        self._met[label] += 1
        step = label, self._met[label]
        if step in self.struck or not is_struck(label, self._fault):
            return ""
        self.struck.add(step)
        return self._fault


def is_struck(label: str, fault: str) -> bool:
    """Requests are struck by every fault; commits by a crash, but those that only prolong the lease."""
    if not label.startswith("commit"):
        return True
    return fault in ON_COMMITS and not label.startswith(("commit: desk.", "commit: tenure."))


def live(world: World, url: str, saboteur: Saboteur, jobs: Sequence[Job], settled: Callable[[World], bool]) -> int:
    """Do jobs, in this order, in one process after another, until two in a row went through all of them unharmed, wrote nothing to
    either system and left nothing unsettled; how many processes it took. What a system never got is given up after a day, so days
    pass while something is unsettled."""
    quiet = idle = 0
    for number in range(_LIVES):
        before = world.quickbooks_seen.writes, world.basware_seen.writes
        if isinstance(saboteur, Relentless):
            saboteur.born()
        struck = _hits(saboteur)
        through = _one_life(world, url, saboteur, jobs, number)
        moved = (world.quickbooks_seen.writes, world.basware_seen.writes) != before or _hits(saboteur) != struck
        idle = 0 if moved or not through else idle + 1
        quiet = idle if settled(world) else 0
        if quiet >= 2:
            return number + 1
        world.clock.sleep(90_000 if idle > 2 else LONG + 1)
    raise AssertionError(f"after {_LIVES} processes there is still something to do")


def _one_life(world: World, url: str, saboteur: Saboteur, jobs: Sequence[Job], number: int) -> bool:
    through = True
    with new_life(world, url, saboteur, number) as app, suppress(Crash):
        for job in jobs:
            try:
                perform(app, job)
            except (ConnectionBusyError, *TRY_LATER):
                through = False  # this job rests; the others of the process go on
            world.clock.advance(61)
        return through
    return False


def _hits(saboteur: Saboteur) -> int:
    return len(saboteur.struck) if isinstance(saboteur, Relentless) else 0


@dataclasses.dataclass
class Beginning:
    """A scene that was set once. Every story told from here has both twins, the database and the clock to itself."""

    world: World
    databases: Databases
    url: str

    def __post_init__(self) -> None:
        self.world.database.close()

    @contextmanager
    def told(self) -> Iterator[tuple[World, str]]:
        """The world as it was then, and the URL of its own database."""
        with _copy_of(self.databases, self.url) as url:
            world = self._twin_of_it(Database.open(url))
            try:
                yield world, url
            finally:
                world.database.close()

    def _twin_of_it(self, database: Database) -> World:
        """Both systems, what stands between them and their clock belong together, so they are copied together."""
        shared = [one.name for one in dataclasses.fields(World) if one.name not in _NOT_COPIED]
        copied = copy.deepcopy([getattr(self.world, name) for name in shared])
        fresh = dataclasses.replace(self.world, database=database, _desk=None, **dict(zip(shared, copied, strict=True)))
        services = {QUICKBOOKS_HOST: fresh.quickbooks_seen, BASWARE_HOST: fresh.basware_seen}
        fresh.transport = TwinTransport(services, clock=fresh.clock._time)
        return fresh.restart("who looks on", transport=fresh.transport)


_NOT_COPIED = frozenset({"database", "vault", "app", "connection", "realm_id", "transport", "_desk"})


@contextmanager
def _copy_of(databases: Databases, url: str) -> Iterator[str]:
    name = make_url(url).database or ""
    if isinstance(databases, PostgresServer):
        with databases.copy(name) as fresh:
            yield fresh
    else:
        with SqliteFiles(Path(name)).fresh() as fresh:
            yield fresh


Scene = Callable[[str], World]
"""Sets the scene in a database of its own."""


@contextmanager
def beginning(databases: Databases, scene: Scene) -> Iterator[Beginning]:
    """A scene set once, in a database of its own, for as many stories as wanted."""
    with databases.fresh() as url:
        yield Beginning(scene(url), databases, url)
