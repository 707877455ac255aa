"""A working day of the demo company, every job on its schedule: all work done, no budget overrun, no secret written anywhere."""

import re
from collections import Counter
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import text

from feed_scenes import arrive, file, invoice, with_feeds
from ml_connector.store import alerts, jobs
from ml_connector.store.database import Database
from ml_connector.work.engines.local import LocalEngine
from ml_connector.work.engines.runs import Ending, Run
from ml_connector.work.feed_settings import NetworkSettings
from ml_connector.work.jobs import Job
from twins.demo_company import EXPECTED
from world import QUICKBOOKS_HOST, Build, World

STEP = 600
"""Seconds of the world's time between two looks of the engine."""
HOURS = 10

TOKENS = re.compile(rb'"(?:access_token|refresh_token)"\s*:\s*"([^"]+)"')


class Ear(httpx2.BaseTransport):
    """Passes everything on; remembers how often each system said which status, and the tokens both gave out."""

    def __init__(self, beyond: httpx2.BaseTransport) -> None:
        self._beyond = beyond
        self.statuses: Counter[tuple[str, int]] = Counter()
        self.tokens: set[str] = set()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Pass one request on."""
        response = self._beyond.handle_request(request)
        system = "quickbooks" if request.url.host == QUICKBOOKS_HOST else "basware"
        self.statuses[system, response.status_code] += 1
        if "token" in request.url.path:
            self.tokens |= {found.decode() for found in TOKENS.findall(response.read())}
        return response


@pytest.fixture
def day(build: Build, caplog: pytest.LogCaptureFixture) -> tuple[World, Ear, list[Run]]:
    """The demo company's day: 60 documents wait, documents come through the Network, everything runs by its schedule."""
    caplog.set_level("DEBUG")
    world = build(company="demo")
    with_feeds(world, network=NetworkSettings(enabled=True))
    ear = Ear(world.transport)
    world.restart("engine", transport=ear)
    engine, runs = LocalEngine(world.app, heart=None, worker="engine"), list[Run]()
    for step in range(HOURS * 3600 // STEP):
        if step % 12 == 0:
            arrive(world, invoice(f"NW-{step}"), files={"scan.pdf": file()})
        runs += engine.step()
        world.clock.advance(STEP)
    return world, ear, runs


def test_a_day_by_schedule_does_all_work_within_the_budget_and_writes_no_secret(
    day: tuple[World, Ear, list[Run]], one_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    world, ear, runs = day

    # All work is done, by every job the connection has, and nothing failed.
    assert {run.ending for run in runs} == {Ending.DONE}, [run.problem for run in runs if run.problem]
    with world.database.read() as tx:
        past = jobs.of_connection(tx, world.connection.id)
        assert alerts.listing(tx, world.connection.id) == []
    enabled = {
        Job.INVOICES, Job.ATTACHMENTS, Job.CHANGES, Job.PAYMENTS, Job.OUTCOMES, Job.NOTICES, Job.NETWORK, Job.SIGN_IN,
    }  # fmt: skip
    assert {name for name, row in past.items() if row.succeeded_at is not None} == set(enabled)
    posted = [number for number, expected in EXPECTED.items() if expected.kind != "held"]
    for number in posted:
        world.only_transaction(number)
        assert [answer["success"] for answer in world.answers(number)] == [True]

    # Neither system had to say that it was asked too often, and every request to the Network had an id of its own.
    assert {status for (_, status), _ in ear.statuses.items() if status in {401, 403, 429} or status >= 500} == set()
    assert world.network_seen.problems() == []
    assert len(world.network_seen.seen) > 60

    # No secret stands anywhere: not in the log of any library, not in the database's own files.
    secrets = {*ear.tokens, "demo-quickbooks-secret", "demo-basware-secret", "RT1-demo-calloway-thorne", world.realm_id}
    assert len(ear.tokens) > 10
    with one_database.write() as tx:
        tx.execute(text("SELECT 1"))
    file_of_it = Path(str(one_database.engine.url.database))
    written = b"".join(part.read_bytes() for part in file_of_it.parent.glob(f"{file_of_it.name}*"))
    assert b"MPM-2611-AUS" in written, "the files are those of this day"
    said = caplog.text
    assert [secret for secret in secrets if secret.encode() in written or secret in said] == []
