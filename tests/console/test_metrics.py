"""/metrics tells a monitor what the tables say, of the connections it may see, and tells nobody else anything."""

import re
from collections.abc import Iterator

import httpx2
import pytest

from databases import SqliteFiles
from ml_connector.model.people import Role
from ml_connector.store import alerts, connections
from ml_connector.store.database import Database
from ml_connector.store.schema import Severity
from ml_connector.work.measures import METRICS
from paperwork import invoice
from programs import token_for
from web import browser
from world import World, build_world


@pytest.fixture
def world(sqlite: SqliteFiles) -> Iterator[World]:
    with sqlite.fresh() as url:
        database = Database.open(url)
        yield build_world(database, company="empty")
        database.close()


@pytest.fixture
def monitor(world: World) -> Iterator[httpx2.Client]:
    with browser(world.app) as client:
        yield client


def figures(client: httpx2.Client, token: str) -> dict[str, float]:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    lines = [line.rpartition(" ") for line in answer.text.splitlines() if not line.startswith("#")]
    return {name.removeprefix("ml_connector_"): float(value) for name, _, value in lines}


def test_the_figures_are_those_of_the_tables(world: World, monitor: httpx2.Client) -> None:
    world.approve(invoice("A-1"))
    world.approve(invoice("A-2", supplier="V-0815", supplier_name="Nobody & Sons"))
    world.settle()
    with world.database.write() as tx:
        alerts.raise_(tx, world.connection_id, kind="x", message="x", severity=Severity.ERROR, now=world.clock.now())
    world.clock.advance(3600)

    seen = figures(monitor, token_for(world.app, Role.VIEWER))

    assert seen['documents{connection="demo",state="confirmed"}'] == 1
    assert seen['documents{connection="demo",state="held"}'] == 1
    assert seen['documents_oldest_waiting_seconds{connection="demo"}'] >= 3600
    assert seen['alerts_open{connection="demo",severity="error"}'] == 1
    assert seen['connection_active{connection="demo"}'] == 1
    assert seen['requests_limit_per_minute{connection="demo",kind="requests"}'] == 500
    assert 0 < seen['sign_in_days_left{connection="demo",limit="unused"}'] < 102


def test_every_metric_says_what_it_means_and_has_the_labels_it_is_documented_with(
    world: World, monitor: httpx2.Client
) -> None:
    text = monitor.get("/metrics", headers={"Authorization": f"Bearer {token_for(world.app, Role.VIEWER)}"}).text

    for metric in METRICS:
        assert f"# HELP ml_connector_{metric.name} {metric.about}\n" in text
        for labels in re.findall(rf"^ml_connector_{metric.name}\{{(.*)\}}", text, flags=re.M):
            assert re.findall(r'(\w+)="', labels) == ["connection", *metric.labels]
    assert "python_info" not in text


def test_figures_are_read_from_the_tables_every_few_seconds_at_most(world: World, monitor: httpx2.Client) -> None:
    token = token_for(world.app, Role.VIEWER)
    before = figures(monitor, token)
    world.approve(invoice("A-1"))
    world.run()
    assert figures(monitor, token) == before
    world.clock.advance(6)
    assert figures(monitor, token) != before


def test_a_token_sees_its_own_connections_only_and_without_one_nothing_is_told(
    world: World, monitor: httpx2.Client
) -> None:
    with world.database.write() as tx:
        connections.add(
            tx, connection_id="another", name="another", settings=world.connection.settings, now=world.clock.now(),
            company_code="X",
        )  # fmt: skip
    elsewhere = token_for(world.app, Role.ADMINISTRATOR, "another")

    assert {
        re.findall(r'connection="(\w+)"', name)[0] for name in figures(monitor, elsewhere) if "info" not in name
    } == {"another"}
    for headers in ({}, {"Authorization": "Bearer mlc_wrong"}, {"Authorization": "Basic eDp5"}):
        refused = monitor.get("/metrics", headers=headers)
        assert refused.status_code == 401
        assert "documents" not in refused.text


def test_on_this_machine_no_token_is_needed_where_that_is_set(world: World) -> None:
    world.app.open_metrics = True
    with browser(world.app) as client:
        assert 'documents{connection="demo"' in client.get("/metrics").text
        rebound = client.get(
            "/metrics", headers={"Host": "elsewhere.example"}
        )  # a page whose name means this machine by now
        assert rebound.status_code == 401
