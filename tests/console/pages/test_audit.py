"""The audit in the console: found by what it was about, by whom, what and when; whole as CSV; nobody else's."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from databases import SqliteFiles
from ml_connector.model.people import Role
from ml_connector.store import audit
from ml_connector.store.database import Database
from ml_connector.work import decisions
from ml_connector.work.audit_views import AuditFilter, whole_audit
from paperwork import invoice, line
from programs import another_connection
from visits import VisitAs, text_of
from world import World, build_world

PLACE = "/c/demo/audit"


@pytest.fixture
def world(sqlite: SqliteFiles) -> Iterator[World]:
    """A-1 is posted; A-2 was ignored by Ada."""
    with sqlite.fresh() as url:
        database = Database.open(url)
        scene = build_world(database, company="empty")
        scene.approve(invoice("A-1"))
        scene.approve(invoice("A-2", line("5.50", account="6470")))
        scene.settle()
        scene.clock.advance(86_400)
        decisions.ignore(scene.desk(), scene.row("A-2"), reason="paid <b>by card</b>", actor="Ada Lopez")
        yield scene
        database.close()


def test_an_entry_is_found_by_invoice_person_action_and_day(world: World, visit: VisitAs) -> None:
    browser = visit(world, Role.VIEWER)
    of_a1 = text_of(browser.get(f"{PLACE}?text=A-1"))
    assert "Written to QuickBooks" in of_a1
    assert "Ignored" not in of_a1.partition("Why")[2]
    for query in ("text=A-2&action=ignored", "person=Ada+Lopez", "since=2026-11-21"):
        found = browser.get(f"{PLACE}?{query}")
        assert "paid &lt;b&gt;by card&lt;/b&gt;" in found.text
        assert "Written to QuickBooks" not in text_of(found).partition("Why")[2]
    assert "No entries" in text_of(browser.get(f"{PLACE}?until=2026-10-01"))
    assert "cannot be read as a day" in text_of(browser.get(f"{PLACE}?since=yesterday"))


@pytest.mark.parametrize("query", ["until=9999-12-31", "since=0001-01-01", "since=0001-01-01&until=9999-12-31"])
@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
def test_the_first_and_the_last_day_of_the_calendar_leave_nothing_out(world: World, query: str, zone: str) -> None:
    days = {name: date.fromisoformat(day) for name, day in (one.split("=") for one in query.split("&"))}
    found = whole_audit(world.desk(), AuditFilter(**days), zone)
    assert [one.id for one in found] == [one.id for one in whole_audit(world.desk(), AuditFilter(), zone)]


def test_pages_go_on_with_older_entries(world: World, visit: VisitAs) -> None:
    with world.database.write() as tx:
        many = (audit.NewEntry(at=world.clock.now(), actor="Ada", action="counted", subject=str(n)) for n in range(150))
        audit.record_many(tx, world.connection_id, many)
    browser = visit(world, Role.VIEWER)
    first = browser.get(f"{PLACE}?action=counted")
    older = first.text.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    second = browser.get(older)
    assert [page.text.count("<tr data-row>") for page in (first, second)] == [100, 50]


def test_as_csv_the_audit_is_whole(world: World, visit: VisitAs) -> None:
    text = visit(world, Role.VIEWER).get(f"{PLACE}?format=csv").text.lstrip("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text)))
    with world.database.read() as tx:
        assert len(rows) == len(audit.listing(tx, world.connection_id, limit=1000))
    assert ("Ada Lopez", "ignored") in {(row["who"], row["what"]) for row in rows}


def test_a_person_of_another_company_finds_nothing_there(world: World, visit: VisitAs) -> None:
    stranger = visit(world, Role.ADMINISTRATOR, elsewhere=another_connection(world))
    assert stranger.get(PLACE).status_code == 404
    assert stranger.get(f"{PLACE}?format=csv").status_code == 404
    assert visit(world).get(PLACE).status_code == 404


def test_entries_have_the_company_s_time_and_its_zone_is_said(world: World, visit: VisitAs) -> None:
    schedule = replace(world.desk().settings.schedule, time_zone="Pacific/Auckland")
    world.change_settings(lambda known: replace(known, schedule=schedule))
    words = text_of(visit(world, Role.VIEWER).get(f"{PLACE}?action=ignored"))
    there = world.clock.now().astimezone(ZoneInfo("Pacific/Auckland"))
    assert f"{there:%H:%M} Ada Lopez" in words
    assert "Times are those of the company (Pacific/Auckland)." in words


def test_pages_of_no_company_say_utc(world: World, visit: VisitAs) -> None:
    browser = visit(world, Role.ADMINISTRATOR, everywhere=True)
    for page in ("/people", "/people/history", "/me"):
        answer = browser.get(page)
        moments = re.findall(r"<time [^>]*>([^<]* \d\d:\d\d[^<]*)</time>", answer.text)
        assert moments, page
        assert all(one.endswith(" UTC") for one in moments), page
        assert "Times are those" not in answer.text
