"""A page for each cause: part of the package, readable for whoever is signed in, and with links that lead somewhere."""

import re
from importlib.resources import files

import pytest

from ml_connector.console.pages.errors import explained
from ml_connector.model.holds import Cause
from ml_connector.model.people import Role
from ml_connector.store.database import Database
from ml_connector.work.engines.runs import run_job
from ml_connector.work.jobs import Job
from ml_connector.work.needs.remedies import WORDS, Act, remedy_of
from ml_connector.work.settings import BaswareSettings, ConnectionSettings
from ml_connector.work.settings_views import setting_views
from paperwork import invoice
from visits import VisitAs, text_of
from world import World, build_world


@pytest.fixture
def world(database: Database) -> World:
    return build_world(database, company="empty", mapping=False)


@pytest.mark.parametrize("cause", list(Cause), ids=str)
def test_every_cause_has_its_page_in_the_package(cause: Cause) -> None:
    assert (files("ml_connector") / "error_pages" / f"{cause.value}.md").is_file()
    page = explained(cause.value, "/errors")
    assert page is not None
    assert "How to fix it" in page.body


def test_links_lead_to_pages_there_are_or_are_plain_words() -> None:
    known = {f"/errors/{cause.value}" for cause in Cause} | {"/errors"}
    for name in ("README", *(cause.value for cause in Cause)):
        page = explained(name, "/errors")
        assert page is not None
        links = set(re.findall(r'href="([^"#]*)', page.body))
        assert {link for link in links if link.startswith("/")} <= known
        assert all(link.startswith(("/errors", "https://")) for link in links if link)


def test_a_page_is_shown_and_what_is_none_is_not_found(world: World, visit: VisitAs) -> None:
    viewer = visit(world, Role.VIEWER)
    assert "<h1>Vendor inactive</h1>" in viewer.get("/errors/vendor-inactive").text
    assert "Held documents" in viewer.get("/errors").text
    for name in ("nothing", "README", "..%2Fmodel%2Fholds", "vendor-inactive.md"):
        assert viewer.get(f"/errors/{name}").status_code == 404


@pytest.mark.parametrize("cause", list(Cause), ids=str)
def test_every_cause_is_put_right_in_the_console_and_by_settings_there_are(cause: Cause) -> None:
    remedy = remedy_of(cause)
    assert set(remedy.settings) <= set(
        setting_views(ConnectionSettings(basware=BaswareSettings(company_codes=("US10",))))
    )
    assert {WORDS[act] for act in remedy.acts}
    assert (Act.RULE in remedy.acts) == bool(remedy.settings)


def test_the_page_of_a_cause_leads_to_its_card_and_its_settings(world: World, visit: VisitAs) -> None:
    world.approve(invoice("A-1", supplier="V-99", supplier_name="Nobody's Paper"))
    run_job(world.app, world.app.connection("demo"), Job.INVOICES, worker="a worker")
    boss = visit(world, Role.ADMINISTRATOR)
    page = boss.get("/errors/vendor-unknown").text
    [card] = re.findall(r'href="(/c/demo/needs-you/[0-9a-f]{24})">1 waits', page)
    assert "Nobody" in text_of(boss.get(card))
    assert '/c/demo/settings?subject=policy#set-policy-unknown_vendor"' in page
    assert 'id="set-policy-unknown_vendor"' in boss.get("/c/demo/settings?subject=policy").text
    assert "settings" not in visit(world, Role.ACCOUNTANT).get("/errors/vendor-unknown").text.partition("<article")[0]


def test_who_is_not_signed_in_is_asked_to(world: World, visit: VisitAs) -> None:
    stranger = visit(world, Role.VIEWER)
    stranger.client.cookies.clear()
    assert stranger.get("/errors/vendor-inactive").headers["location"].startswith("/sign-in")
