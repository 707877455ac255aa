"""A real Chromium in front of a served world. Whatever a page complains about while a test looks at it fails that test.

Debian's package is used (`apt-get install chromium`); where it is absent these tests are skipped and say so.
"""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack

import httpx2
import pytest
from playwright.sync_api import Browser, sync_playwright

from databases import SqliteFiles
from ml_connector.app import App
from ml_connector.console.visitors import Visitors
from ml_connector.model.people import EVERY_CONNECTION, Role
from ml_connector.work.people.directory import Grant
from visits import FAST, Visit, signed_in
from web import served
from windows import DESK, PATIENCE, PHONE, TELL_POLICY, OpenWindow, Window
from world import World, build_world

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture
def world(sqlite: SqliteFiles) -> Iterator[World]:
    """The demo company, connected and mapped; on SQLite, for what a browser sees does not hang on the database."""
    with sqlite.fresh() as url:
        built = build_world(url)
        yield built
        built.database.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser. Not one for the whole process: its loop runs in this thread, where other tests run loops of their own."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def window(chromium: Browser) -> Iterator[OpenWindow]:
    """Opens windows. One server for each installation; every complaint of a window fails the test at its end."""
    windows: list[Window] = []
    with ExitStack() as opened:
        served_at: dict[int, str] = {}

        def of_app(app: App) -> str:
            if id(app) not in served_at:
                object.__setattr__(app.identity, "passwords", FAST)
                served_at[id(app)] = opened.enter_context(served(app))
            return served_at[id(app)]

        def open_window(
            world: World,
            *roles: Role,
            everywhere: bool = False,
            phone: bool = False,
            dark: bool = False,
            known: bool = True,
        ) -> Window:
            url = of_app(world.app)
            place = EVERY_CONNECTION if everywhere else world.connection_id
            client = opened.enter_context(httpx2.Client(base_url=url, trust_env=False))
            grants = [Grant(connection_id=place, role=role) for role in roles]
            person = signed_in(world.app, client, grants) if known else Visit(client, world.app, login="")
            context = chromium.new_context(
                viewport=PHONE if phone else DESK, color_scheme="dark" if dark else "light", reduced_motion="reduce"
            )
            opened.callback(context.close)
            context.set_default_timeout(PATIENCE)
            context.add_init_script(TELL_POLICY)
            if roles:
                cookie = {"name": Visitors(world.app).cookie, "value": person.secret, "url": url}
                context.add_cookies([cookie])
            new = Window(context.new_page(), url, person)
            new.page.on("console", new.heard)
            new.page.on("pageerror", lambda error: new.complaints.append(f"{new.page.url}: {error}"))
            windows.append(new)
            return new

        yield open_window
        assert [complaint for one in windows for complaint in one.complaints] == []
