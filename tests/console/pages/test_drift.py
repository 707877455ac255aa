"""Changed afterwards: what differs is shown side by side, and the choice of an accountant is kept and done."""

import re
from collections.abc import Iterator
from decimal import Decimal

import msgspec
import pytest

from databases import SqliteFiles
from ml_connector.model.people import Role
from ml_connector.store import drift_cases
from ml_connector.store.database import Database
from ml_connector.work.drift.views import DifferenceView, DriftCase, worded
from ml_connector.work.jobs import Job
from ml_connector.work.registry import PERFORM
from paperwork import invoice
from programs import Program, another_connection, token_for
from visits import Visit, VisitAs, text_of
from world import World, build_world, payable

PLACE = "/c/demo/drift"


@pytest.fixture
def world(sqlite: SqliteFiles) -> Iterator[World]:
    """An invoice posted over 100.00 whose bill somebody brought to 120.00; the change has been read."""
    with sqlite.fresh() as url:
        database = Database.open(url)
        scene = build_world(database, company="empty")
        PERFORM[Job.CHANGES](scene.desk())
        scene.approve(invoice("A-1"))
        scene.settle()
        change(scene, "120.00")
        yield scene
        database.close()


def change(world: World, amount: str) -> None:
    world.act("change_bill", id=world.only_transaction("A-1")[1]["Id"], amount=amount)
    world.clock.advance(120)
    PERFORM[Job.CHANGES](world.desk())


def seen(browser: Visit) -> str:
    return browser.get(PLACE).text.partition('name="seen" value="')[2].partition('"')[0]


def choose(world: World, browser: Visit, choice: str, shown: str, reason: str = "looked at it") -> str:
    place = f"{PLACE}/{world.row('A-1').invoice_id}/0/{choice}"
    return text_of(browser.follow(browser.post(place, seen=shown, reason=reason)))


def test_what_was_posted_stands_beside_what_is_there_now(world: World, visit: VisitAs) -> None:
    words = text_of(visit(world, Role.VIEWER).get(PLACE))
    assert "A-1" in words
    assert "100.00 USD 120.00 USD" in words
    assert "QuickBooks is right" not in words, "a viewer decides nothing"


def test_what_was_posted_is_brought_back(world: World, visit: VisitAs) -> None:
    browser = visit(world, Role.ACCOUNTANT)
    assert "brings back what was posted" in choose(world, browser, "restore", seen(browser))
    world.settle()
    assert payable(*world.only_transaction("A-1")) == Decimal(100)


def test_what_quickbooks_has_is_accepted_or_left(world: World, visit: VisitAs) -> None:
    browser = visit(world, Role.ACCOUNTANT)
    assert "may stay different" in choose(world, browser, "ignore", seen(browser))
    change(world, "130.00")
    assert "counts as agreed" in choose(world, browser, "accept", seen(browser))
    assert "Nothing differs" in text_of(browser.get(PLACE))
    assert "Accepted" in text_of(browser.get(f"{PLACE}?every=true"))
    assert payable(*world.only_transaction("A-1")) == Decimal(130)


def test_nobody_decides_on_what_they_have_not_seen(world: World, visit: VisitAs) -> None:
    browser = visit(world, Role.ACCOUNTANT)
    shown = seen(browser)
    change(world, "999.00")
    assert "differs in another way by now" in choose(world, browser, "accept", shown)
    assert "999.00" in text_of(browser.get(PLACE))


def test_the_list_is_there_as_csv(world: World, visit: VisitAs) -> None:
    rows = visit(world, Role.VIEWER).get(f"{PLACE}?format=csv").text.strip().splitlines()
    assert any("total" in row and "100" in row and "120" in row for row in rows[1:])


def test_who_may_not_decide_is_told_so(world: World, visit: VisitAs) -> None:
    place = f"{PLACE}/{world.row('A-1').invoice_id}/0"
    for choice in ("accept", "restore", "ignore"):
        assert visit(world, Role.VIEWER).post(f"{place}/{choice}", seen="x", reason="x").status_code == 403
    assert visit(world, Role.ACCOUNTANT).post(f"{place}/explode", seen="x", reason="x").status_code == 404


def test_a_person_of_another_company_finds_nothing_there(world: World, visit: VisitAs) -> None:
    stranger = visit(world, Role.ADMINISTRATOR, elsewhere=another_connection(world))
    assert stranger.get(PLACE).status_code == 404
    place = f"{PLACE}/{world.row('A-1').invoice_id}/0/accept"
    assert stranger.post(place, seen="x", reason="x").status_code == 404


def test_cases_come_a_page_at_a_time_on_the_screen_and_through_the_api_each_of_them_once(
    world: World, visit: VisitAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All were noticed at the same moment, so that only what else orders them keeps pages from overlapping."""
    with world.database.write() as tx:
        (case,) = drift_cases.listing(tx, world.connection_id)
        for number in range(6):
            drift_cases.add(tx, world.connection_id, msgspec.structs.replace(case, invoice_id=f"I-{number}"))
    browser, shown, at, pages = visit(world, Role.VIEWER), list[str](), PLACE, 0
    monkeypatch.setattr("ml_connector.console.pages.drift.SIZE", 3)
    while at:
        page = browser.get(at).text
        shown += re.findall(r'<h2 class="card-title"><a href="/c/demo/documents/([^"]+)"', page)
        at, pages = next(iter(re.findall(r'rel="next" href="([^"]+)"', page)), ""), pages + 1
    assert pages == 3
    assert shown == sorted([case.invoice_id, *(f"I-{number}" for number in range(6))])

    program, told, cursor = Program(browser.client, token_for(world.app, Role.VIEWER)), list[str](), None
    while cursor != "":
        answer = program.get("/connections/demo/drift", limit=3, cursor=cursor or "").json()
        told, cursor = told + [one["invoice_id"] for one in answer["items"]], answer["next"]
    assert told == shown


def test_where_the_currency_itself_was_changed_each_side_has_its_own() -> None:
    differences = (
        DifferenceView(field="currency", line=0, ours="USD", theirs="CAD"),
        DifferenceView(field="total", line=0, ours="100", theirs="137.5"),
    )
    case = msgspec.convert(
        dict.fromkeys(DriftCase.__struct_fields__, "") | {"part": 0, "currency": "USD", "differences": (), "changed_at": None}
        | {"noticed_at": "2026-11-29T12:00:00Z", "decided_at": None}, DriftCase,
    )  # fmt: skip
    changed = msgspec.structs.replace(case, differences=differences)
    assert worded(changed, differences[1]) == ("100.00 USD", "137.50 CAD")
    assert worded(changed, differences[0]) == ("USD", "CAD")
