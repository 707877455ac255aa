"""A page for each cause: part of the package, readable for whoever is signed in, and with links that lead somewhere."""

import re
from importlib.resources import files

import pytest

from ml_connector.console.pages.errors import explained
from ml_connector.model.holds import Cause
from ml_connector.model.people import Role
from ml_connector.store.database import Database
from visits import VisitAs
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


def test_who_is_not_signed_in_is_asked_to(world: World, visit: VisitAs) -> None:
    stranger = visit(world, Role.VIEWER)
    stranger.client.cookies.clear()
    assert stranger.get("/errors/vendor-inactive").headers["location"].startswith("/sign-in")
