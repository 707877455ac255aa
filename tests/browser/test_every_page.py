"""Every screen, looked at by a real browser: it complains about nothing, nothing is in anybody's way or too wide for a phone."""

import pytest

from ml_connector.console.navigation import SECTIONS
from ml_connector.model.people import Role
from windows import OpenWindow
from world import World

MORE = ("schedules/calendar", "mapping/rules", "mapping/history", "settings?subject=secrets", "connection")
PAGES = [f"/c/demo/{path}" for path in (*(section.path for section in SECTIONS), *MORE)]
PAGES += ["/connections", "/connections/new", "/people", "/me", "/errors", "/errors/vendor-inactive"]


@pytest.fixture
def synced(world: World) -> World:
    world.settle()
    return world


@pytest.mark.parametrize(("phone", "dark"), [(False, False), (True, True)], ids=["desk", "phone and dark"])
def test_every_screen_can_be_used_by_everybody(synced: World, window: OpenWindow, phone: bool, dark: bool) -> None:
    one = window(synced, Role.ADMINISTRATOR, everywhere=True, phone=phone, dark=dark)
    found = []
    for path in PAGES:
        one.open(path)
        heading = one.page.get_by_role("heading", level=1).inner_text()
        found += [f"{path}: {words}" for words in one.barriers()]
        if heading == "There is no such page":
            found.append(f"{path}: is not there")
        if one.is_too_wide():
            found.append(f"{path}: is too wide")
    assert found == [], "\n".join(found)


def test_every_screen_teaches_where_there_is_nothing_yet(world: World, window: OpenWindow) -> None:
    one = window(world, Role.ADMINISTRATOR, everywhere=True)
    for path in PAGES:
        one.open(path)
        words = one.page.get_by_role("main").inner_text()
        assert len(words) > 80, f"{path} says too little: {words}"
