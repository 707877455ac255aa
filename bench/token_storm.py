"""A storm on one QuickBooks sign-in: 4 processes with 50 threads each ask for a token all the time, for simulated weeks.

The twin rotates refresh tokens as Intuit does and listens on loopback. Time is one number in a file that every process maps, moved
by the conductor only while nobody is asking. Counted are refreshes, the fewest that could have served the same demand, and
refusals. Then every way in which an answer can be lost is played, up to a process killed between the answer and its commit: each
must heal, or call a person at once.

    python bench/token_storm.py            # two weeks on SQLite and on PostgreSQL
    SHORT=1 python bench/token_storm.py    # six hours on each; lost answers on SQLite only

Prints two tables; exits with 1 if anything is not as it must be.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from databases import Databases, postgres_server, sqlite_files
from ml_connector.app import App
from ml_connector.model.policy import PostingPolicy
from ml_connector.quickbooks.auth import TokenSet
from ml_connector.quickbooks.errors import QuickBooksError, SignInNeeded
from ml_connector.store import alerts, token_chains
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database
from ml_connector.store.vault import MasterKeys, Vault
from ml_connector.work.budget import Limits
from ml_connector.work.settings import ConnectionFile, ConnectionSettings, QuickBooksSettings
from ml_connector.work.sign_in.chain import TokenChain
from ml_connector.work.sign_in.keeping import SIGN_IN_NEEDED
from shared_clock import MappedClock
from twins.clock import Clock as TwinClock
from twins.demo_company import TODAY, basware_seed, quickbooks_seed
from twins.faults import FaultInjector, FaultKind, FaultRule
from twins.http import Request, Response, Service
from twins.quickbooks import QuickBooksTwin
from twins.serve import TwinServer
from world import connection_file

PROCESSES, THREADS = 4, 50
WITHIN = 1.10
"""How many refreshes are allowed for each that was needed."""
STEPS = (15, 45, 120, 240, 420)
"""Seconds from one demand to the next."""
LONG_STEPS = (45, 240, 420, 600)
LIFE = 3600.0
KEYS = b"s" * 32
UNPACED = Limits(requests_per_second=1000, requests_per_minute=100_000)
"""Time stands still while the processes ask: whoever is told to wait would wait for ever. `make bench-budgets` has the limits."""
TOKEN_PATH = "/oauth2/v1/tokens/bearer"


class ConductorClock(MappedClock):
    """The clock of the conductor's own process, where nobody else is waiting: whoever sleeps moves time, the twin's too."""

    def __init__(self, path: Path, time_of_twin: TwinClock) -> None:
        super().__init__(path)
        self._time = time_of_twin
        self.set(self._time.now())

    def sleep(self, seconds: float) -> None:
        self._time.advance(max(seconds, 0.0))
        self.set(self._time.now())


class Counter:
    """Stands in front of the twin and counts what its token endpoint was asked and how it answered."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.refreshes = self.refused = self.unauthorised = 0

    def handle(self, request: Request) -> Response:
        answer = self._service.handle(request)
        if request.path == TOKEN_PATH:
            self.refreshes += 1
            self.refused += answer.status == 400
        self.unauthorised += answer.status == 401
        return answer


@dataclass
class Stage:
    """A twin on loopback, a database, and the one clock of both."""

    url: str
    clock_file: Path
    clock: MappedClock
    time: TwinClock
    twin: QuickBooksTwin
    faults: FaultInjector
    counter: Counter
    app: App
    row: ConnectionRow
    children: list["Child"] = field(default_factory=list)

    def advance(self, seconds: float) -> None:
        self.time.advance(seconds)
        self.clock.set(self.time.now())

    def child(self, *mode: str) -> "Child":
        child = Child(subprocess.Popen(
            [sys.executable, __file__, *mode, self.url, str(self.clock_file), self.row.id],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        ))  # fmt: skip
        self.children.append(child)
        child.expect("ready")
        return child

    def alarmed(self) -> bool:
        with self.app.database.read() as tx:
            return any(alert.kind == SIGN_IN_NEEDED for alert in alerts.listing(tx, self.row.id))

    def works(self) -> bool:
        """Whether QuickBooks lets us in now, as a new process would try."""
        app = App(self.app.database, self.app.vault, clock=self.clock)
        return bool(app.desk(self.row).quickbooks.company_info())


@dataclass
class Child:
    """Another process, spoken to in lines."""

    process: "subprocess.Popen[str]"

    def say(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def expect(self, word: str) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline().strip()
        if not line.startswith(word):
            raise RuntimeError(f"a child said {line!r} instead of {word!r}")
        return line

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


@contextmanager
def stage(databases: Databases) -> Iterator[Stage]:
    """Everything for one scene, taken down afterwards."""
    with ExitStack() as stack:
        url = stack.enter_context(databases.fresh())
        clock_file = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "now"
        clock_file.write_bytes(bytes(8))
        moment = TwinClock(TODAY, running=False)
        clock = ConductorClock(clock_file, moment)
        twin = QuickBooksTwin(moment)
        seed = quickbooks_seed()
        twin.add_company(seed)
        twin.switches.throttle = False
        faults = FaultInjector(twin, moment)
        counter = Counter(faults)
        server = stack.enter_context(TwinServer(counter))
        database = Database.open(url)
        stack.callback(database.close)
        app = App(database, Vault(MasterKeys(KEYS)), clock=clock)
        settings = QuickBooksSettings(base_url=server.url, token_url=f"{server.url}{TOKEN_PATH}", limits=UNPACED)
        file, secrets = connection_file(
            seed, basware_seed(), name="storm", policy=PostingPolicy(), page_size=100, quickbooks=settings
        )
        settings_here = ConnectionSettings(quickbooks=settings, basware=file.settings.basware)  # on loopback
        row = app.add_connection(ConnectionFile(name="storm", settings=settings_here, secrets={}), secrets)
        made = Stage(url, clock_file, clock, moment, twin, faults, counter, app, row)
        try:
            yield made
        finally:
            for child in made.children:
                child.end()


# the storm


@dataclass(frozen=True)
class Storm:
    """What a storm came to."""

    simulated: timedelta
    demands: int
    refreshes: int
    needed: int
    refused: int
    unauthorised: int
    rotations: int
    seconds: float

    @property
    def holds(self) -> bool:
        return self.refused == 0 and self.unauthorised == 0 and self.refreshes <= self.needed * WITHIN


def storm(databases: Databases, length: timedelta, steps: tuple[int, ...]) -> Storm:
    """Every thread of every process wants a token at each moment of demand."""
    began, draw = time.perf_counter(), random.Random(4)
    with stage(databases) as scene:
        children = [scene.child("storm") for _ in range(PROCESSES)]
        end, demands, needed, good_until = scene.time.now() + length, 0, 0, 0.0
        while scene.time.now() < end:
            moment = scene.time.now().timestamp()
            if moment >= good_until:
                needed, good_until = needed + 1, moment + LIFE
            for child in children:
                child.say("go")
            for child in children:
                child.expect("done")
            demands += PROCESSES * THREADS
            scene.advance(draw.choice(steps))
        with scene.app.database.read() as tx:
            chain = token_chains.get(tx, scene.row.id)
        assert chain is not None
        counted = scene.counter
        return Storm(
            length, demands, counted.refreshes, needed, counted.refused, counted.unauthorised, chain.rotations,
            time.perf_counter() - began,
        )  # fmt: skip


def app_of(url: str, clock_file: str) -> App:
    return App(Database.open(url), Vault(MasterKeys(KEYS)), clock=MappedClock(Path(clock_file)))


def storm_child(url: str, clock_file: str, connection: str) -> None:
    """One process of the storm. One of its threads, another each time, also shows its token to QuickBooks."""
    app = app_of(url, clock_file)
    row = app.connection(connection)
    chain, desk = app.tokens(row), app.desk(row)
    start, over = threading.Barrier(THREADS + 1), threading.Barrier(THREADS + 1)
    problems: list[str] = []
    turn = [0]

    def ask(number: int) -> None:
        while True:
            start.wait()
            try:
                chain.access_token(False)
                if turn[0] % THREADS == number:
                    desk.quickbooks.company_info()
            except Exception as error:  # noqa: BLE001 - whatever it is, the conductor has to hear of it
                problems.append(f"{type(error).__name__}: {error}")
            over.wait()

    for number in range(THREADS):
        threading.Thread(target=ask, args=(number,), daemon=True).start()
    print("ready", flush=True)
    for _line in sys.stdin:
        turn[0] += 1
        start.wait()
        over.wait()
        print(f"failed {problems[0]}" if problems else "done", flush=True)


# lost answers


def holding_child(url: str, clock_file: str, connection: str) -> None:
    """A process that gets Intuit's answer and is held just before it commits it."""
    app = app_of(url, clock_file)
    row = app.connection(connection)

    def refresher(token: str) -> TokenSet:
        fresh = app.intuit(row).refresh(token)
        print("answered", flush=True)
        sys.stdin.readline()
        return fresh

    chain = TokenChain(
        database=app.database, vault=app.vault, connection_id=row.id, connection_name=row.name, clock=app.clock,
        refresher=refresher, worker=app.worker,
    )  # fmt: skip
    print("ready", flush=True)
    sys.stdin.readline()
    chain.access_token(False)
    print("stored", flush=True)
    sys.stdin.readline()


def struck(**rule: object) -> Callable[[Stage], None]:
    """The token endpoint has bad luck."""
    return lambda scene: scene.faults.add(FaultRule(path="bearer", **rule)) and None  # type: ignore[arg-type]


def killed(scene: Stage) -> None:
    """kill -9 between the answer and the commit."""
    child = scene.child("hold")
    child.say("go")
    child.expect("answered")
    child.process.send_signal(signal.SIGKILL)
    child.process.wait()


@dataclass(frozen=True)
class Case:
    """One way to lose an answer. `rotates`: a new refresh token is due; `overlap`: seconds the old one goes on working."""

    name: str
    happens: Callable[[Stage], None]
    expected: str
    rotates: bool = True
    overlap: int = 0


HTML = "<html>Service Unavailable</html>"
CASES = (
    Case("lost on the way there", struck(kind=FaultKind.LOST_BEFORE), "healed"),
    Case("lost on the way back, nothing rotated", struck(kind=FaultKind.LOST_AFTER), "healed", rotates=False),
    Case("lost after rotation, old one works on", struck(kind=FaultKind.LOST_AFTER), "healed", overlap=3600),
    Case("lost after rotation, old one is dead", struck(kind=FaultKind.LOST_AFTER), "alarmed"),
    Case("lost twice, nothing rotated", struck(kind=FaultKind.LOST_AFTER, times=2), "healed", rotates=False),
    Case("lost twice after rotation, old one works on", struck(kind=FaultKind.LOST_AFTER, times=2), "healed", overlap=3600),
    Case("lost twice after rotation, old one is dead", struck(kind=FaultKind.LOST_AFTER, times=2), "alarmed"),
    Case("503 for some minutes", struck(kind=FaultKind.STATUS, status=503, times=6), "healed"),
    Case("503 although the work was done, old one is dead", struck(kind=FaultKind.STATUS, status=503, committed=True), "alarmed"),
    Case("429", struck(kind=FaultKind.STATUS, status=429, times=2), "healed"),
    Case("a web page with status 200", struck(kind=FaultKind.STATUS, status=200, text=HTML), "healed"),
    Case("a web page with status 200, old one is dead",
         struck(kind=FaultKind.STATUS, text=HTML, status=200, committed=True), "alarmed"),
    Case("half an answer, old one works on", struck(kind=FaultKind.TRUNCATED), "healed", overlap=3600),
    Case("broken off, old one is dead", struck(kind=FaultKind.BROKEN_OFF), "alarmed"),
    Case("200 with an error inside", struck(kind=FaultKind.STATUS, status=200, text='{"error":"server_error"}'), "healed"),
    Case("200 with invalid_grant inside", struck(kind=FaultKind.STATUS, status=200, text='{"error":"invalid_grant"}'), "alarmed"),
    Case("kill -9 before the commit, nothing rotated", killed, "healed", rotates=False),
    Case("kill -9 before the commit, old one works on", killed, "healed", overlap=3600),
    Case("kill -9 before the commit, old one is dead", killed, "alarmed"),
)  # fmt: skip


def play(databases: Databases, case: Case) -> str:
    """Let it happen, then go on as the product does; `healed` after how many tries, or `alarmed`."""
    with stage(databases) as scene:
        if not scene.works():
            return "QuickBooks does not answer at all"
        scene.twin.switches.rotation_overlap_seconds = case.overlap
        scene.advance((25 if case.rotates else 2) * 3600)
        case.happens(scene)
        for tries in range(1, 12):
            try:
                if scene.works():
                    return "healed" if not scene.alarmed() else "works, and a person was called for nothing"
            except SignInNeeded:
                return "alarmed" if scene.alarmed() else "given up in silence"
            except QuickBooksError:
                scene.advance(60)
            if tries == 11:
                break
        return "neither healed nor alarmed"


def stopped(databases: Databases, *, dead: bool) -> str:
    """A refresher is stopped with Intuit's answer in hand until others took over, then continued."""
    with stage(databases) as scene:
        scene.works()
        scene.twin.switches.rotation_overlap_seconds = 0 if dead else 3600
        scene.advance(25 * 3600)
        child = scene.child("hold")
        child.say("go")
        child.expect("answered")
        child.process.send_signal(signal.SIGSTOP)
        scene.advance(300)
        try:
            scene.works()
        except SignInNeeded:
            if not dead or not scene.alarmed():
                return "alarmed without need"
        with scene.app.database.read() as tx:
            before = token_chains.get(tx, scene.row.id)
        child.process.send_signal(signal.SIGCONT)
        child.say("go on")
        child.expect("stored")
        with scene.app.database.read() as tx:
            after = token_chains.get(tx, scene.row.id)
        assert before is not None
        assert after is not None
        if not dead and after.generation != before.generation:
            return "newer tokens were overwritten"
        return "healed" if scene.works() and not scene.alarmed() else "not healed"


def main() -> int:
    """Both parts on both databases."""
    short = bool(os.environ.get("SHORT"))
    length = timedelta(hours=6) if short else timedelta(days=14)
    console, right = Console(width=None if sys.stdout.isatty() else 132), True
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        kinds: dict[str, Databases] = {
            "SQLite": stack.enter_context(sqlite_files(folder)), "PostgreSQL": stack.enter_context(postgres_server())
        }  # fmt: skip
        table = Table(title=f"{PROCESSES} processes with {THREADS} threads each, one sign-in")
        for column in ("Database", "Simulated", "Tokens asked for", "Refreshes", "Needed", "More", "Rotations",
                       "invalid_grant", "401", "Real s", "Right"):  # fmt: skip
            table.add_column(column, justify="right")
        for name, databases in kinds.items():
            came = storm(databases, length, LONG_STEPS if short else STEPS)
            right &= came.holds
            table.add_row(
                name, f"{came.simulated.total_seconds() / 86400:g} days", str(came.demands), str(came.refreshes),
                str(came.needed), f"{(came.refreshes / came.needed - 1) * 100:.1f} %", str(came.rotations),
                str(came.refused), str(came.unauthorised), f"{came.seconds:.0f}", "yes" if came.holds else "NO",
            )  # fmt: skip
        console.print(table)
        lost = Table(title="Lost answers")
        for column in ("What happens", "Must be", *kinds):
            lost.add_column(column)
        left_out = {"PostgreSQL"} if short else set()
        for case in CASES:
            seen = ["left out" if name in left_out else play(databases, case) for name, databases in kinds.items()]
            right &= all(one in {case.expected, "left out"} for one in seen)
            lost.add_row(case.name, case.expected, *seen)
        for dead in (False, True):
            seen = [
                "left out" if name in left_out else stopped(databases, dead=dead) for name, databases in kinds.items()
            ]
            right &= all(one in {"healed", "left out"} for one in seen)
            how = "the only good token in hand" if dead else "newer tokens stored meanwhile"
            lost.add_row(f"stopped before the commit and continued, {how}", "healed", *seen)
        console.print(lost)
    console.print("Everything holds." if right else "NOT everything holds.")
    return 0 if right else 1


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["storm", *rest]:
            storm_child(*rest)
        case ["hold", *rest]:
            holding_child(*rest)
        case _:
            sys.exit(main())
