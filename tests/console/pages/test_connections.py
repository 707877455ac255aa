"""Connections as people see and change them."""

import re
from datetime import timedelta

import pytest

from ml_connector.model.people import Role
from ml_connector.quickbooks.auth import TokenSet
from ml_connector.store import audit, calls
from ml_connector.store.database import Database
from ml_connector.store.schema import ConnectionState
from ml_connector.work.engines.runs import run_job
from ml_connector.work.jobs import Job
from ml_connector.work.settings import BaswareSettings, ConnectionFile, ConnectionSettings
from ml_connector.work.sign_in import keeping
from paperwork import invoice
from visits import VisitAs, text_of
from world import World, build_world

HERE = "/c/demo/connection"


@pytest.fixture
def world(database: Database) -> World:
    scene = build_world(database, company="empty")
    settings = ConnectionSettings(basware=BaswareSettings(company_codes=("ZZ",)))
    scene.app.add_connection(ConnectionFile(name="hidden", settings=settings, secrets={}), {})
    return scene


def state(world: World) -> ConnectionState:
    return world.app.connection("demo").state


def test_a_card_says_whether_a_connection_works_and_what_to_do(world: World, visit: VisitAs) -> None:
    page = text_of(visit(world, Role.VIEWER).get("/connections"))

    assert "Calloway Thorne" in page
    assert "Works" in page
    assert "Last sync never" in page
    assert "New connection" not in page


def test_a_card_writes_days_as_its_company_does(world: World, visit: VisitAs) -> None:
    assert run_job(world.app, world.connection, Job.INVOICES, worker="a worker").problem == ""
    page = text_of(visit(world, Role.VIEWER).get("/connections"))
    assert re.search(r"Last sync \d\d/\d\d/\d{4} \d\d:\d\d", page)


def test_a_failure_of_before_somebody_connected_again_is_not_told_as_of_now(world: World, visit: VisitAs) -> None:
    viewer = visit(world, Role.VIEWER)
    world.approve(invoice("A-1"))
    world.act("disconnect_app")
    world.quickbooks.act(world.realm_id, "expire_access_tokens")
    run_job(world.app, world.app.connection("demo"), Job.INVOICES, worker="a worker")
    assert "QuickBooks ended the connection" in text_of(viewer.get("/connections"))

    world.clock.advance(60)
    soon, late = (world.clock.now() + timedelta(hours=hours) for hours in (1, 2400))
    tokens = TokenSet(access_token="at", refresh_token="rt", access_expires_at=soon, refresh_expires_at=late)
    with world.database.write() as tx:
        keeping.keep_connected(tx, world.vault, world.connection_id, tokens, world.clock.now())

    page = text_of(viewer.get("/connections"))
    assert "Works" in page
    assert "QuickBooks ended the connection" not in page


def test_nobody_sees_a_connection_they_have_no_role_in(world: World, visit: VisitAs) -> None:
    viewer = visit(world, Role.VIEWER)

    assert "hidden" not in text_of(viewer.get("/connections"))
    assert viewer.get("/c/hidden/connection").status_code == 404
    assert text_of(viewer.get("/c/hidden/connection")) == text_of(viewer.get("/c/nowhere/connection"))
    assert "hidden" in visit(world, Role.ADMINISTRATOR, everywhere=True).get("/connections").text


def test_without_any_connection_the_page_tells_how_one_is_made(world: World, visit: VisitAs) -> None:
    page = visit(world).get("/connections")

    assert "No connection yet" in page.text


def test_the_report_is_asked_for_and_shown_line_by_line(world: World, visit: VisitAs) -> None:
    page = text_of(visit(world, Role.ACCOUNTANT).post(f"{HERE}/check"))

    assert "QuickBooks company" in page
    assert "Basware sign-in" in page


def test_who_may_only_look_spends_nothing_of_the_budgets(world: World, visit: VisitAs) -> None:
    viewer = visit(world, Role.VIEWER)
    with world.database.read() as tx:
        before = calls.counts(tx, world.connection_id)

    assert viewer.post(f"{HERE}/check").status_code == 403
    assert "It takes an accountant or an administrator" in text_of(viewer.get(HERE))
    with world.database.read() as tx:
        assert calls.counts(tx, world.connection_id) == before


def test_a_pause_needs_a_reason_and_is_ended_again(world: World, visit: VisitAs) -> None:
    accountant = visit(world, Role.ACCOUNTANT)

    assert accountant.post(f"{HERE}/pause").status_code == 422
    assert accountant.post(f"{HERE}/pause", reason="stocktaking").status_code == 303
    assert "stocktaking" in text_of(accountant.get(HERE))
    assert world.app.connection("demo").paused_by == accountant.login
    accountant.post(f"{HERE}/resume")
    assert world.app.connection("demo").paused_at is None


@pytest.mark.parametrize(
    ("then", "pattern"),
    [("connect", r'http-equiv="refresh" content="0; url=(http://127.0.0.1:\d+(/connect/quickbooks/[^"]+))"'),
     ("link", r'readonly value="(http://127.0.0.1:\d+(/connect/quickbooks/[^"]+))"')],
)  # fmt: skip
def test_the_way_to_intuit_goes_on_by_itself_or_is_a_link_and_works_once(
    world: World, visit: VisitAs, then: str, pattern: str
) -> None:
    boss = visit(world, Role.ADMINISTRATOR)

    page = boss.post(f"{HERE}/connect", then=then)

    assert "form-action 'self';" in page.headers["content-security-policy"]
    found = re.search(pattern, page.text)
    assert found is not None
    assert boss.client.get(found[2]).headers["location"].startswith("https://quickbooks.test/connect/oauth2")
    assert "link-old" in boss.client.get(found[2]).headers["location"]


def test_disconnecting_gives_the_sign_in_back_and_keeps_why(world: World, visit: VisitAs) -> None:
    boss = visit(world, Role.ADMINISTRATOR)

    assert boss.post(f"{HERE}/disconnect").status_code == 422
    assert boss.post(f"{HERE}/disconnect", reason="the company is sold").status_code == 303

    assert state(world) is ConnectionState.PAUSED
    assert "Disconnected" in text_of(boss.get("/connections"))
    with world.database.read() as tx:
        entry = audit.listing(tx, world.connection_id, action="disconnected from QuickBooks")[0]
    assert entry.actor == boss.login
    assert "the company is sold" in entry.reason


@pytest.mark.parametrize(
    ("path", "roles"),
    [
        ("connect", (Role.VIEWER, Role.ACCOUNTANT, Role.MAPPER)),
        ("disconnect", (Role.VIEWER, Role.ACCOUNTANT, Role.MAPPER)),
        ("pause", (Role.VIEWER, Role.MAPPER)),
        ("resume", (Role.VIEWER, Role.MAPPER)),
    ],
)
def test_lesser_roles_change_nothing(world: World, visit: VisitAs, path: str, roles: tuple[Role, ...]) -> None:
    for role in roles:
        assert visit(world, role).post(f"{HERE}/{path}", reason="x").status_code == 403
    assert visit(world).post(f"{HERE}/{path}", reason="x").status_code == 404
    assert state(world) is ConnectionState.ACTIVE


def test_what_to_do_in_intuits_portal_stands_on_the_page(world: World, visit: VisitAs) -> None:
    world.app.public_url = "https://connector.test"

    assert "https://connector.test/webhooks/quickbooks" in visit(world, Role.VIEWER).get(HERE).text


def test_names_with_markup_stay_text(world: World, visit: VisitAs) -> None:
    visit(world, Role.ACCOUNTANT).post(f"{HERE}/pause", reason="<script>alert(1)</script>")

    assert "<script>alert" not in visit(world, Role.VIEWER).get("/connections").text


def test_the_list_goes_out_as_a_table(world: World, visit: VisitAs) -> None:
    assert "demo,Calloway Thorne" in visit(world, Role.VIEWER).get("/connections?format=csv").text
