"""What another site, or somebody of another company, can get a real browser to do with a person's session: nothing."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from ml_connector.console.visitors import Visitors
from ml_connector.model.people import Role
from ml_connector.store import people
from ml_connector.work.people.sessions import visitor_of
from ml_connector.work.settings import BaswareSettings, ConnectionFile, ConnectionSettings
from windows import OpenWindow, Window
from world import World

PASSWORD = "seven green herons at dawn"


@contextmanager
def evil_page(html: str) -> Iterator[int]:
    """A page of somebody else on this machine; its port."""

    class Evil(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = html.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Evil)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def is_signed_in(world: World, one: Window) -> bool:
    return visitor_of(world.app.identity, one.person.secret) is not None


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"], ids=["another site", "a neighbour on the same host"])
def test_a_form_of_another_page_changes_nothing(world: World, window: OpenWindow, host: str) -> None:
    """To a browser `localhost` is another site than 127.0.0.1; another port of 127.0.0.1 is the same site, and gets the cookie."""
    one = window(world, Role.ADMINISTRATOR, everywhere=True)
    html = f'<form method="post" action="{one.url}/sign-out"><button>Win a prize</button></form>'
    with evil_page(html) as port:
        one.page.goto(f"http://{host}:{port}/")
        one.page.get_by_role("button").click()
        expect(one.page).to_have_url(f"{one.url}/sign-out")

    assert is_signed_in(world, one)
    one.complaints.clear()  # a refused request is an error to the browser
    one.open("/me")
    expect(one.page.get_by_role("heading", level=1)).to_have_text(one.person.login.partition("@")[0].capitalize())


def test_a_script_of_another_page_reads_and_changes_nothing(world: World, window: OpenWindow) -> None:
    one = window(world, Role.ADMINISTRATOR, everywhere=True)
    with evil_page("<h1>Evil</h1>") as port:
        one.page.goto(f"http://127.0.0.1:{port}/")
        read = one.page.evaluate(
            """async (url) => {
                const seen = [];
                for (const [path, method] of [['/me', 'GET'], ['/sign-out', 'POST']]) {
                    try {
                        const answer = await fetch(url + path, {method, credentials: 'include', headers: {'X-CSRF-Token': 'x'}});
                        seen.push(await answer.text());
                    } catch (error) { seen.push('refused'); }
                }
                return seen;
            }""",
            one.url,
        )

    assert read == ["refused", "refused"]
    assert is_signed_in(world, one)
    one.complaints.clear()


def test_no_other_page_can_frame_the_console(world: World, window: OpenWindow) -> None:
    one = window(world, Role.VIEWER)
    with evil_page(f'<iframe src="{one.url}/me"></iframe>') as port:
        one.page.goto(f"http://127.0.0.1:{port}/")
        one.page.wait_for_load_state("networkidle")
        texts = [frame.evaluate("document.body.innerText") for frame in one.page.frames if frame != one.page.main_frame]

    assert not any("You sign in as" in text for text in texts)
    one.complaints.clear()


def test_a_session_somebody_else_knows_is_not_the_one_a_person_gets(world: World, window: OpenWindow) -> None:
    known, victim = window(world, Role.VIEWER), window(world)
    with world.database.write() as tx:
        people.set_password(tx, known.person.person_id, world.app.identity.passwords.hash(PASSWORD), world.clock.now())
    name = Visitors(world.app).cookie
    planted = {"name": name, "value": "what-the-attacker-knows", "url": victim.url}
    victim.page.context.add_cookies([planted])

    victim.open("/sign-in")
    victim.page.get_by_label("E-mail address or login").fill(known.person.login)
    victim.page.get_by_label("Password").fill(PASSWORD)
    victim.page.get_by_role("button", name="Sign in").click()
    expect(victim.page).to_have_url(re.compile(r"/c/demo/today$"))

    (cookie,) = [one for one in victim.page.context.cookies() if one["name"] == name]
    assert cookie["value"] != "what-the-attacker-knows"
    assert visitor_of(world.app.identity, "what-the-attacker-knows") is None
    assert visitor_of(world.app.identity, cookie["value"]) is not None


def test_another_companys_pages_look_like_pages_that_do_not_exist(world: World, window: OpenWindow) -> None:
    settings = ConnectionSettings(basware=BaswareSettings(company_codes=("ZZ",)))
    world.app.add_connection(ConnectionFile(name="other", settings=settings, secrets={}), {})
    one = window(world, Role.ADMINISTRATOR)
    seen = []
    for name in ("other", "nosuch"):
        for screen in ("today", "documents", "settings", "audit"):
            page = one.open(f"/c/{name}/{screen}")
            expect(page.get_by_role("heading", level=1)).to_have_text("There is no such page")
            seen.append(page.locator("main").inner_text().replace(name, ""))

    assert len(set(seen)) == 1
    one.complaints.clear()  # a page that is not found is an error to the browser
