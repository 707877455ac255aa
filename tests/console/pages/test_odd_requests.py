"""Requests that no page of ours makes: they are refused, and nothing falls over them."""

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from fastapi.routing import iter_route_contexts

from databases import SqliteFiles
from ml_connector.console.application import create_application
from ml_connector.model.people import Role
from ml_connector.store.database import Database
from ml_connector.work.decisions import LONGEST_REASON
from visits import VisitAs, text_of
from world import World, build_world

ODD = [quote(text.encode("utf-8", "surrogatepass")) for text in ("9" * 25, "\x00", "\ud800")]


@pytest.fixture
def world(sqlite: SqliteFiles) -> Iterator[World]:
    with sqlite.fresh() as url:
        database = Database.open(url)
        yield build_world(database, company="empty", mapping=False)
        database.close()


def odd_addresses(world: World) -> Iterator[str]:
    """Each page, with something odd in each part of its address and in each parameter of its query."""
    for route in iter_route_contexts(create_application(world.app).routes):
        dependant, path = getattr(route, "dependant", None), route.path
        if dependant is None or path is None or "GET" not in (getattr(route, "methods", None) or ()):
            continue
        named = path.replace("{connection}", "demo")
        plain = re.sub(r"\{[^}]+\}", "1", named)
        for odd in ODD:
            if "{" in named:
                yield re.sub(r"\{[^}]+\}", odd, named)
            yield from (f"{plain}?{field.alias}={odd}" for field in dependant.query_params)


def test_no_page_falls_over_an_address_that_nobody_would_write(world: World, visit: VisitAs) -> None:
    boss = visit(world, Role.ADMINISTRATOR, everywhere=True)
    tried = {address: boss.get(address).status_code for address in odd_addresses(world)}

    assert len(tried) > 150
    assert {address[:80]: status for address, status in tried.items() if status >= 500} == {}


def test_an_address_that_only_takes_forms_is_told_as_a_page(world: World, visit: VisitAs) -> None:
    boss = visit(world, Role.ADMINISTRATOR)
    answer = boss.get("/c/demo/schedules/pause", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert "A form is sent to this address, and none came along. Nothing was changed." in text_of(answer)
    assert (
        boss.get("/c/demo/schedules/pause", headers={"Accept": "*/*"}).headers["content-type"].startswith("text/plain")
    )


def test_what_nobody_would_write_into_a_field_is_refused_in_words(world: World, visit: VisitAs) -> None:
    boss = visit(world, Role.ADMINISTRATOR)
    told = boss.post("/c/demo/connection/pause", reason="x" * (LONGEST_REASON + 1))
    assert (told.status_code, "A reason has at most 1,000 characters" in text_of(told)) == (422, True)
    told = boss.post("/c/demo/mapping/rules", dimension="account", code="y" * 20_001)
    assert (told.status_code, "20,001 characters" in text_of(told)) == (422, True)
    assert boss.post("/c/demo/connection/pause", reason="x" * LONGEST_REASON).status_code == 303


@pytest.mark.parametrize(
    "later",
    [
        "documents?below=1", "documents?state=held&below=1", "plan?below=1", "mapping?start=50", "vendors?start=50",
        "vendors/unsure?start=50", "orders?start=50", "orders/links?start=50", "payments?start=50",
        "dimensions?every=1&start=5000", "runs?before=1", "webhooks?before=1", "audit?before=1",
    ],
)  # fmt: skip
def test_behind_the_end_of_a_list_nobody_is_told_that_it_is_empty(world: World, visit: VisitAs, later: str) -> None:
    viewer = visit(world, Role.VIEWER)
    told = viewer.get(f"/c/demo/{later}")
    assert "Nothing on this page any more" in text_of(told)
    first = told.text.partition('empty-action"><a class="btn" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert first.startswith(f"/c/demo/{later.partition('?')[0]}?")
    assert "Nothing on this page" not in text_of(viewer.get(first))
