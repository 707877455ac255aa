"""The screen of today: what it says about the books, for whom, and that its figures are those of the twins."""

import re
from datetime import date, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from databases import SqliteFiles
from ml_connector.model.people import Role
from ml_connector.store.database import Database
from ml_connector.work import review
from ml_connector.work.engines.runs import run_job
from ml_connector.work.jobs import Job
from ml_connector.work.review import Flow
from paperwork import invoice, line
from visits import Visit, VisitAs, text_of
from world import World, build_world


@pytest.fixture
def world(database: Database) -> World:
    return build_world(database)


def work(world: World) -> None:
    """The job that posts, as an engine does it."""
    assert run_job(world.app, world.connection, Job.INVOICES, worker="a worker").problem == ""


def test_before_the_first_run_the_books_are_not_current(world: World, visit: VisitAs) -> None:
    page = text_of(visit(world, Role.VIEWER).get("/c/demo/today"))
    assert "No: Basware was not looked at yet" in page


def test_held_bills_make_it_a_yes_with_a_but_and_posted_ones_count_with_their_money(
    world: World, visit: VisitAs
) -> None:
    work(world)
    page = text_of(visit(world, Role.VIEWER).get("/c/demo/today"))
    assert re.search(r"Yes, but \d+ things need you\. \d+ bills wait for them\.", page)
    posted = len({record["PrivateNote"].split("[bw:")[1].split("/")[0] for _, record in world.transactions()})
    assert f"Posted today {posted} " in page
    raw = visit(world, Role.VIEWER).get("/c/demo/today").text
    there = re.search(r'href="(/c/demo/documents[?]posted=[^"]*)"', raw)
    assert there
    assert "F-2314" in text_of(visit(world, Role.VIEWER).get(unescape(there[1]))), (
        "it is there, though Basware knows of it already"
    )


def test_bills_that_wait_for_a_release_are_never_called_posted(sqlite: SqliteFiles, visit: VisitAs) -> None:
    with sqlite.fresh() as url:
        world = build_world(Database.open(url), company="empty")
        review.set_review(world.desk(), Flow.INVOICES, on=True, actor="Ada")
        world.restart()
        world.approve(invoice("A-1", line("250.00")))
        assert run_job(world.app, world.app.connection("demo"), Job.INVOICES, worker="a worker").problem == ""
        viewer = visit(world, Role.VIEWER)
        today, needs = (text_of(viewer.get(f"/c/demo/{page}")) for page in ("today", "needs-you"))
        assert "Yes, but 1 bill waits for a release." in today
        assert "For a release 1 250.00 USD" in today
        assert "1 bill waits for a release" in needs
        assert "Nothing needs you" not in needs
        world.database.close()


def test_an_hour_without_a_look_is_told(world: World, visit: VisitAs) -> None:
    work(world)
    world.clock.advance(2 * 3600)
    page = text_of(visit(world, Role.VIEWER).get("/c/demo/today"))
    assert "No: Basware was looked at last at" in page
    assert "2 hours behind" in page


def test_a_paused_connection_is_not_current_and_says_why(world: World, visit: VisitAs) -> None:
    work(world)
    accountant = visit(world, Role.ACCOUNTANT)
    accountant.post("/c/demo/schedules/pause", reason="year end")
    assert "No: posting is paused: year end." in text_of(accountant.get("/c/demo/today"))


def test_an_ended_sign_in_is_told_once_with_the_way_on_and_its_exact_answer_one_step_away(
    sqlite: SqliteFiles, visit: VisitAs
) -> None:
    with sqlite.fresh() as url:
        world = build_world(Database.open(url), company="empty")
        world.approve(invoice("A-1"))
        world.act("disconnect_app")
        world.quickbooks.act(world.realm_id, "expire_access_tokens")
        assert run_job(world.app, world.connection, Job.INVOICES, worker="a worker").problem
        page = visit(world, Role.ADMINISTRATOR).get("/c/demo/today")
        plain = re.sub(r"<details.*?</details>", "", page.text, flags=re.S)
        assert plain.count("QuickBooks ended the connection") == 1
        assert 'href="/c/demo/connection">Sign in to QuickBooks again' in plain
        assert "intuit_tid" in page.text
        assert "intuit_tid" not in plain
        world.database.close()


def test_the_chart_and_its_table_tell_the_same(world: World, visit: VisitAs) -> None:
    work(world)
    viewer = visit(world, Role.VIEWER)
    figures = viewer.get("/c/demo/today/history.json").json()
    table = viewer.get("/c/demo/today?format=csv").text
    assert len(figures["days"]) == 30
    assert f"{figures['days'][-1]},{figures['posted'][-1]},{figures['held'][-1]}" in table
    assert figures["posted"][-1] > 0
    assert figures["held"][-1] > 0


def test_the_part_that_stays_fresh_comes_without_the_frame(world: World, visit: VisitAs) -> None:
    part = visit(world, Role.VIEWER).get("/c/demo/today/now", part=True)
    assert part.status_code == 200
    assert "<html" not in part.text


@pytest.mark.parametrize("path", ["today", "today/now", "today/history.json"])
def test_nobody_of_another_company_sees_it(world: World, visit: VisitAs, path: str) -> None:
    assert visit(world).get(f"/c/demo/{path}").status_code == 404


def test_what_was_posted_today_is_what_its_list_shows_by_the_company_s_own_day(
    empty_world: World, visit: VisitAs
) -> None:
    world = empty_world
    schedule = replace(world.desk().settings.schedule, time_zone="Pacific/Auckland")
    world.change_settings(lambda known: replace(known, schedule=schedule))
    day = until_shortly_before_midnight(world, "Pacific/Auckland")
    world.approve(invoice("A-1", line("250.00")))
    work(world)
    assert posted_today(visit(world, Role.VIEWER)) == ("1", f"/c/demo/documents?posted={day}")
    world.clock.advance(3600)  # tomorrow in Auckland, the same day in UTC
    for number in ("A-2", "A-3"):
        world.approve(invoice(number, line("70.00")))
    work(world)
    viewer = visit(world, Role.VIEWER)
    number, there = posted_today(viewer)
    assert (number, there) == ("2", f"/c/demo/documents?posted={day + timedelta(days=1)}")
    assert listed(viewer, there) == {"A-2", "A-3"}
    assert {row["invoice"] for row in viewer.table(f"{there}&format=csv")} == {"A-2", "A-3"}
    assert listed(viewer, f"/c/demo/documents?posted={day}") == {"A-1"}
    assert listed(viewer, f"{there}&sort=amount&text=a-3") == {"A-3"}
    assert 'name="posted" value="' + there[-10:] in viewer.get(there).text
    for edge in ("0001-01-01", "9999-12-31"):
        assert viewer.get(f"/c/demo/documents?posted={edge}").status_code == 200
        assert listed(viewer, f"/c/demo/documents?posted={edge}") == set()
    assert "posted on “soon”" in text_of(viewer.get("/c/demo/documents?posted=soon"))


def until_shortly_before_midnight(world: World, zone: str) -> date:
    """Lets time pass until half past eleven in the evening there; which day that is there."""
    local = world.clock.now().astimezone(ZoneInfo(zone))
    evening = local.replace(hour=23, minute=30, second=0, microsecond=0)
    world.clock.advance((evening - local).total_seconds() % (24 * 3600))
    return world.clock.now().astimezone(ZoneInfo(zone)).date()


def posted_today(viewer: Visit) -> tuple[str, str]:
    """How many bills the screen says were posted today, and the address that leads to."""
    found = re.search(
        r'Posted today</h3>\s*<p class="figure"><a href="([^"]*)">(\d+)</a>', viewer.get("/c/demo/today").text
    )
    assert found
    return found[2], unescape(found[1])


def listed(viewer: Visit, address: str) -> set[str]:
    """The numbers of the invoices that a list shows."""
    return set(re.findall(r'class="one-line" title="([^"]*)"', viewer.get(address).text))
