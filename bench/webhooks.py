"""How many webhook calls a second `ml-connector serve` takes, how fast it answers, and whether a kill loses anything it answered.

    python bench/webhooks.py              # 500 calls a second for 20 s, on SQLite and PostgreSQL; then the same with a kill -9
    SHORT=1 python bench/webhooks.py      # 4 s each; speed is printed, and only losses count
    RATE=800 SECONDS=60 python bench/webhooks.py

A real server process, on a database that waits for its disk; the load comes from a process of its own, at fixed times whether
earlier calls were answered or not, and a call's time counts from when it was due. Exits with 1 when an answered call is not stored,
or when p99 reaches 100 ms.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import uvloop
from rich.console import Console
from rich.table import Table
from sqlalchemy import create_engine, text

from databases import Databases, postgres_server, sqlite_files
from ml_connector.app import App, Settings
from ml_connector.store.database import Database
from ml_connector.store.vault import MasterKeys, Vault, generate_master_key
from ml_connector.work.settings import BaswareSettings, ConnectionFile, ConnectionSettings

RATE = int(os.environ.get("RATE", "500"))
SHORT = bool(os.environ.get("SHORT"))
SECONDS = float(os.environ.get("SECONDS", "4" if SHORT else "20"))
MOST_MILLISECONDS = 100.0

TOKENS = ("verifier-of-an-app", "basware-tökén")
REALMS = ("9341453900126010", "9341453900126011")
_CONNECTIONS = 64
_BASWARE_EVERY = 5


# The load, in a process of its own


def call(seed: str, index: int) -> tuple[str, dict[str, str], bytes]:
    """Path, headers and body of one call: every fifth from Basware, the others from QuickBooks with one to three events."""
    name = f"{seed}-{index}"
    if index % _BASWARE_EVERY == 0:
        task = {
            "taskId": name, "taskStatus": "New", "taskType": "AccountingDocuments", "taskSubType": "WaitingForTransfer",
            "documentId": f"d{index}", "expirationTime": "2099-01-01T00:00:00Z",
        }  # fmt: skip
        body = json.dumps(task).encode()
        digest = hmac.digest(TOKENS[1].encode(), body, "sha256").hex()
        return "/webhooks/basware", {"Content-Type": "application/json", "X-BWAPI-Signature-256": digest}, body
    events = [
        {
            "specversion": "1.0", "id": f"{name}-{number}", "source": "intuit.bench", "type": "qbo.bill.updated.v1",
            "datacontenttype": "application/json", "time": "2026-08-10T21:31:25.179851517Z",
            "intuitentityid": str(index), "intuitaccountid": REALMS[number % 2], "data": {},
        }
        for number in range(1 + index % 3)
    ]  # fmt: skip
    body = json.dumps(events).encode()
    signature = base64.b64encode(hmac.digest(TOKENS[0].encode(), body, "sha256")).decode()
    return "/webhooks/quickbooks", {"Content-Type": "application/cloudevents+json", "intuit-signature": signature}, body


class Line:
    """One kept connection to the server."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, request: bytes) -> int:
        """Send one request and wait for its answer; the status, 0 when none came."""
        try:
            if self._streams is None:
                self._streams = await asyncio.open_connection(self._host, self._port)
            reader, writer = self._streams
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
            )
            await reader.readexactly(length)
            return int(head.split(b" ", 2)[1])
        except (OSError, EOFError, StopIteration):
            if self._streams is not None:
                self._streams[1].close()
            self._streams = None
            return 0


async def load(url: str, seed: str, indexes: list[int], rate: float) -> list[tuple[int, int, float]]:
    """Make calls at fixed times; index, status and milliseconds since it was due for each."""
    address = urlsplit(url)
    host, port = str(address.hostname), int(address.port or 80)
    requests = []
    for index in indexes:
        path, headers, body = call(seed, index)
        lines = [f"POST {path} HTTP/1.1", f"Host: {address.netloc}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        requests.append((index, "\r\n".join(lines).encode() + b"\r\n\r\n" + body))
    idle: asyncio.Queue[Line] = asyncio.Queue()
    for _ in range(_CONNECTIONS):
        idle.put_nowait(Line(host, port))
    outcomes: list[tuple[int, int, float]] = []

    async def one(index: int, request: bytes, due: float) -> None:
        line = await idle.get()
        status = await line.send(request)
        idle.put_nowait(line)
        outcomes.append((index, status, (time.perf_counter() - due) * 1000))

    started = time.perf_counter() + 0.1  # the loop's own clock only counts whole milliseconds
    running = set()
    for number, (index, request) in enumerate(requests):
        due = started + number / rate
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(one(index, request, due))
        running.add(task)
        task.add_done_callback(running.discard)
    while running:
        await asyncio.wait(set(running))
    return outcomes


def send_load(url: str, seed: str, indexes: list[int]) -> list[tuple[int, int, float]]:
    """`load` from another process."""
    wanted = json.dumps({"url": url, "seed": seed, "indexes": indexes, "rate": RATE})
    ended = subprocess.run(
        [sys.executable, __file__, "--load"], input=wanted, capture_output=True, text=True, check=True
    )
    return msgspec.json.decode(ended.stdout, type=list[tuple[int, int, float]])


def be_the_load() -> None:
    """What the load's process does."""
    wanted = json.loads(sys.stdin.read())
    outcomes = uvloop.run(load(wanted["url"], wanted["seed"], wanted["indexes"], wanted["rate"]))
    sys.stdout.write(json.dumps(outcomes))


# The server, in another


@dataclass
class Server:
    """`ml-connector serve` as a process, and where it listens."""

    process: subprocess.Popen[str]
    url: str

    @classmethod
    def start(cls, environment: dict[str, str], port: int = 0) -> "Server":
        """Start it and wait until it listens. Raises RuntimeError with what it said when it does not."""
        program = "from ml_connector.cli.main import main; main()"
        process = subprocess.Popen(
            [sys.executable, "-c", program, "serve", "--port", str(port)],
            stderr=subprocess.PIPE, text=True, env=environment,
        )  # fmt: skip
        assert process.stderr is not None
        said = process.stderr.readline()
        if "Listening on " not in said:
            raise RuntimeError(f"the server did not start: {said}{process.stderr.read()}")
        url = said.split("Listening on ")[1].split(". ")[0]
        threading.Thread(target=process.stderr.read, daemon=True).start()  # its log must not fill the pipe
        return cls(process, url)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(urlsplit(self.url).port or 0)

    def cpu_seconds(self) -> float:
        """Processor time it has used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self) -> None:
        """kill -9."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Stop it as a service manager does."""
        self.process.terminate()
        self.process.wait()


def connected(url: str, folder: Path) -> dict[str, str]:
    """An installation with two QuickBooks companies and one Basware tenant; the environment that leads to it."""
    key = generate_master_key()
    database = Database.open(url)
    app = App(database, Vault(MasterKeys(base64.b64decode(key))))
    for number, realm_id in enumerate(REALMS):
        secrets = {
            "quickbooks.realm_id": realm_id,
            "quickbooks.webhook_token": TOKENS[0],
            "basware.webhook_token": TOKENS[1],
        }
        settings = ConnectionSettings(basware=BaswareSettings(company_codes=(f"US{number}",)))
        app.add_connection(ConnectionFile(name=f"firm-{number}", settings=settings, secrets=dict(secrets)), secrets)
    app.close()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ML_CONNECTOR_")}
    own = {"ML_CONNECTOR_HOME": str(folder), "ML_CONNECTOR_DATABASE_URL": url, "ML_CONNECTOR_MASTER_KEY": key}
    return {**kept, **own}


# What came of it


@dataclass(frozen=True)
class Figures:
    """One run's outcome. `lost`: answered with 200 and not in the database. `cpu`: the server's processor milliseconds a call."""

    name: str
    sent: int
    answered: int
    per_second: float
    milliseconds: tuple[float, float, float, float]
    lost: int
    notices_missing: int
    cpu: float = 0.0

    @property
    def sound(self) -> bool:
        """Whether nothing answered is missing."""
        return not self.lost and not self.notices_missing


def stored(url: str, seed: str, indexes: list[int]) -> tuple[int, int]:
    """Of these calls, how many are not in the database, and how many notices of them are missing."""
    engine = create_engine(Settings(database_url=url).address.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        digests = set(connection.execute(text("SELECT digest FROM deliveries")).scalars())
        events = connection.execute(text("SELECT event_id FROM notices")).scalars().all()
    engine.dispose()
    bodies = {index: call(seed, index)[2] for index in indexes}
    lost = [index for index, body in bodies.items() if hashlib.sha256(body).hexdigest() not in digests]
    # A Basware task goes to both connections that share the token; each QuickBooks event to the one of its company.
    wanted = sum(2 if index % _BASWARE_EVERY == 0 else 1 + index % 3 for index in indexes)
    ours = {f"{seed}-{index}" for index in indexes}
    found = sum(event in ours or event.rpartition("-")[0] in ours for event in events)
    return len(lost), max(0, wanted - found)


def figures(name: str, url: str, seed: str, outcomes: list[tuple[int, int, float]]) -> Figures:
    """What a run's outcomes come to."""
    answered = [index for index, status, _ in outcomes if status == 200]
    times = sorted(took for _, status, took in outcomes if status == 200)
    quantiles = (
        tuple(times[min(len(times) - 1, int(len(times) * part))] for part in (0.5, 0.95, 0.99, 1.0))
        if times
        else (0.0,) * 4
    )
    lost, missing = stored(url, seed, answered)
    return Figures(name, len(outcomes), len(answered), len(answered) / SECONDS, quantiles, lost, missing)  # type: ignore[arg-type]


def steady(kind: str, url: str, environment: dict[str, str]) -> Figures:
    """The whole load on one server."""
    server = Server.start(environment)
    send_load(server.url, f"{kind}-warm", list(range(RATE // 2)))
    before = server.cpu_seconds()
    outcomes = send_load(server.url, f"{kind}-steady", list(range(int(RATE * SECONDS))))
    used = server.cpu_seconds() - before
    server.stop()
    return replace(figures(f"{kind}, steady", url, f"{kind}-steady", outcomes), cpu=used * 1000 / len(outcomes))


def killed(kind: str, url: str, environment: dict[str, str]) -> tuple[Figures, Figures]:
    """The load with a kill -9 of the server in the middle and a new one at once; then whatever was not answered once more."""
    servers = [Server.start(environment)]

    def strike() -> None:
        servers[0].kill()
        servers.append(Server.start(environment, servers[0].port))

    timer = threading.Timer(SECONDS / 2 + 0.5, strike)
    timer.start()
    seed = f"{kind}-killed"
    outcomes = send_load(servers[0].url, seed, list(range(int(RATE * SECONDS))))
    timer.join()
    first = figures(f"{kind}, kill -9", url, seed, outcomes)
    again = [index for index, status, _ in outcomes if status != 200]
    rest = send_load(servers[-1].url, seed, again)
    servers[-1].stop()
    second = figures(f"{kind}, rest again", url, seed, [*rest, *(one for one in outcomes if one[1] == 200)])
    return first, second


@contextmanager
def databases(kind: str, folder: Path) -> Iterator[Databases]:
    """Databases that really wait for the disk."""
    if kind == "SQLite":
        with sqlite_files(folder) as files:
            yield files
    else:
        with postgres_server(durable=True) as server:
            yield server


def show(found: list[Figures]) -> None:
    """Print the table."""
    busy = f"{os.getloadavg()[0]:.1f} of {os.cpu_count()} processors busy, this benchmark included"
    table = Table(title=f"{RATE} webhook calls a second for {SECONDS:g} s ({busy})", header_style="bold")
    for column in (
        "Run",
        "Sent",
        "Answered 200",
        "a second",
        "p50 ms",
        "p95",
        "p99",
        "max",
        "CPU ms a call",
        "Lost",
        "Notices missing",
    ):
        table.add_column(column, justify="left" if column == "Run" else "right")
    for one in found:
        times = (f"{took:.1f}" for took in one.milliseconds)
        table.add_row(
            one.name,
            str(one.sent),
            str(one.answered),
            f"{one.per_second:.0f}",
            *times,
            f"{one.cpu:.2f}" if one.cpu else "",
            str(one.lost),
            str(one.notices_missing),
        )
    Console(width=140).print(table)


def main() -> int:
    """Run everything; the exit code."""
    found: list[Figures] = []
    steady_ones: list[Figures] = []
    started = time.perf_counter()
    for kind in os.environ.get("DATABASES", "SQLite,PostgreSQL").split(","):
        with tempfile.TemporaryDirectory() as name, databases(kind, Path(name)) as given, given.fresh() as url:
            environment = connected(url, Path(name))
            steady_ones.append(steady(kind, url, environment))
            found += [steady_ones[-1], *killed(kind, url, environment)]
    show(found)
    lost = [one for one in found if not one.sound or (one in steady_ones and one.answered != one.sent)]
    slow = [one for one in steady_ones if one.milliseconds[2] >= MOST_MILLISECONDS]
    sys.stdout.write(f"{len(found)} runs in {time.perf_counter() - started:.0f} s\n")
    for one in lost:
        sys.stdout.write(f"NOT ALL STORED OR ANSWERED: {one.name}\n")
    for one in slow:
        sys.stdout.write(f"{'slow, which does not count here' if SHORT else 'TOO SLOW'}: {one.name}\n")
    return 1 if lost or (slow and not SHORT) else 0


if __name__ == "__main__":
    if "--load" in sys.argv:
        be_the_load()
    else:
        sys.exit(main())
