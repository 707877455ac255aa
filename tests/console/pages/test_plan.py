"""The plan in the console: what waits is shown in full, and released as it was shown."""

from collections.abc import Iterator
from html import unescape

import pytest

from databases import SqliteFiles
from ml_connector.model.people import Role
from ml_connector.store.database import Database
from ml_connector.work import review
from ml_connector.work.review import Flow
from paperwork import invoice, line
from programs import another_connection
from visits import Visit, VisitAs, text_of
from world import World, build_world

PLACE = "/c/demo/plan"


@pytest.fixture
def world(sqlite: SqliteFiles) -> Iterator[World]:
    """Under review: A-1 and A-2 are proposed, A-3 is held for its account."""
    with sqlite.fresh() as url:
        database = Database.open(url)
        scene = build_world(database, company="empty")
        review.set_review(scene.desk(), Flow.INVOICES, on=True, actor="Ada")
        scene.restart()
        for number in ("A-1", "A-2"):
            scene.approve(invoice(number))
        scene.approve(invoice("A-3", line("5.50", account="6470")))
        scene.settle()
        yield scene
        database.close()


def token(browser: Visit, query: str = "") -> str:
    return browser.get(PLACE + query).text.partition('name="token" value="')[2].partition('"')[0]


def ticked(world: World, *numbers: str) -> list[str]:
    return [f"{world.row(number).invoice_id}:{world.row(number).proposal}" for number in numbers]


def test_what_the_next_run_does_is_told_for_each_document(world: World, visit: VisitAs) -> None:
    words = text_of(visit(world, Role.VIEWER).get(PLACE))
    assert "Waits for a release, then is posted" in words
    assert "Stays held until its causes are gone" in words
    assert "Bill A-1" in words
    assert "6110 Office Costs:Office Supplies" in words
    assert "Release all" not in words, "a viewer releases nothing"
    assert world.transactions() == []


def test_what_is_ticked_is_posted_and_the_rest_waits_on(world: World, visit: VisitAs) -> None:
    browser = visit(world, Role.ACCOUNTANT)
    said = text_of(browser.follow(browser.post(f"{PLACE}/release", chosen=ticked(world, "A-1"))))
    assert "1 document released: the next run posts it as shown." in said
    assert "released by" in said
    late = visit(world, Role.ACCOUNTANT)
    said = text_of(late.follow(late.post(f"{PLACE}/release", chosen=ticked(world, "A-1"))))
    assert f"Nothing was released. It was released already by {browser.login} at " in said
    assert f"(released by {browser.login}" in said
    world.settle()
    assert (len(world.posted("A-1")), world.posted("A-2")) == (1, [])
    said = text_of(browser.follow(browser.post(f"{PLACE}/release")))
    assert "Nothing was ticked" in said


def test_everything_that_fits_is_released_at_once_if_it_is_still_what_was_shown(world: World, visit: VisitAs) -> None:
    browser = visit(world, Role.ACCOUNTANT)
    seen = token(browser, "?text=a-2")
    browser.post(f"{PLACE}/release-all?text=a-2", token=seen)
    world.settle()
    assert (world.posted("A-1"), len(world.posted("A-2"))) == ([], 1)

    seen = token(browser)
    world.approve(invoice("A-4"))
    world.settle()
    said = text_of(browser.follow(browser.post(f"{PLACE}/release-all", token=seen)))
    assert "the plan has changed since you looked" in said
    world.settle()
    assert world.posted("A-1") == []


def test_of_two_who_release_everything_the_second_is_told_who_was_first(world: World, visit: VisitAs) -> None:
    first, second = visit(world, Role.ACCOUNTANT), visit(world, Role.ACCOUNTANT)
    seen = token(second, "?state=planned")
    first.post(f"{PLACE}/release-all", token=token(first))
    for run in range(2):  # before and after the next run has posted it
        said = text_of(second.follow(second.post(f"{PLACE}/release-all?state=planned", token=seen)))
        assert f"Nothing was released. 2 were released already by {first.login} at " in said, run
        assert "That stands." in said
        world.settle()
    assert (len(world.posted("A-1")), len(world.posted("A-2"))) == (1, 1)


def test_what_a_colleague_released_of_it_does_not_keep_the_rest_from_being_released(
    world: World, visit: VisitAs
) -> None:
    first, second, third = (visit(world, Role.ACCOUNTANT) for _ in range(3))
    seen, narrower = token(second), token(third, "?text=a-1")
    first.post(f"{PLACE}/release", chosen=ticked(world, "A-1"))
    said = text_of(second.follow(second.post(f"{PLACE}/release-all", token=seen)))
    assert f"1 document released: the next run posts it as shown. It was released already by {first.login} at " in said
    said = text_of(third.follow(third.post(f"{PLACE}/release-all?text=a-1", token=narrower)))
    assert f"Nothing was released. It was released already by {first.login} at " in said


def test_what_is_proposed_differently_by_now_is_not_taken_for_what_a_colleague_released(
    world: World, visit: VisitAs
) -> None:
    first, second = visit(world, Role.ACCOUNTANT), visit(world, Role.ACCOUNTANT)
    seen = token(second)
    first.post(f"{PLACE}/release-all", token=token(first))
    corrected = invoice("A-2", line("70.00"))
    world.send_again("A-2", **{name: corrected[name] for name in ("codingRows", "netSum", "grossSum")})
    world.settle()
    said = text_of(second.follow(second.post(f"{PLACE}/release-all", token=seen)))
    assert "the plan has changed since you looked" in said


def test_an_administrator_switches_the_review_off_and_what_waits_is_posted(world: World, visit: VisitAs) -> None:
    assert visit(world, Role.ACCOUNTANT).post(f"{PLACE}/review", flow="invoices", switch="off").status_code == 403
    visit(world, Role.ADMINISTRATOR).post(f"{PLACE}/review", flow="invoices", switch="off")
    world.restart().settle()
    assert (len(world.posted("A-1")), len(world.posted("A-2"))) == (1, 1)


def test_who_may_not_decide_releases_nothing(world: World, visit: VisitAs) -> None:
    for role in (Role.VIEWER, Role.MAPPER):
        browser = visit(world, role)
        assert browser.post(f"{PLACE}/release", chosen=ticked(world, "A-1")).status_code == 403
        assert browser.post(f"{PLACE}/release-all", token=token(browser)).status_code == 403
    world.settle()
    assert world.transactions() == []


def test_a_person_of_another_company_finds_nothing_there(world: World, visit: VisitAs) -> None:
    stranger = visit(world, Role.ADMINISTRATOR, elsewhere=another_connection(world))
    assert stranger.get(PLACE).status_code == 404
    assert stranger.post(f"{PLACE}/release", chosen=ticked(world, "A-1")).status_code == 404
    assert stranger.post(f"{PLACE}/release-all", token="x").status_code == 404
    assert stranger.post(f"{PLACE}/review", flow="invoices", switch="off").status_code == 404


def test_the_plan_as_csv_is_whole(world: World, visit: VisitAs) -> None:
    answer = visit(world, Role.VIEWER).get(f"{PLACE}?format=csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert len(unescape(answer.text).strip().splitlines()) == 4
