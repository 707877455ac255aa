"""A form that is refused comes back on its own page, with the words of the refusal and what was typed; secrets do not."""

from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from ml_connector.console.forgery import FIELD, SHOWN_ON
from ml_connector.console.refill import refilled
from ml_connector.model.people import Role
from ml_connector.store import people
from ml_connector.store.database import Database
from ml_connector.work.jobs import Job
from ml_connector.work.people.identity import operator
from ml_connector.work.people.sessions import end_all
from ml_connector.work.people.tokens import owner_of
from ml_connector.work.schedule import pause
from ml_connector.work.schedule_settings import BlackoutSettings
from ml_connector.work.settings import ConnectionSettings
from vendor_scenes import Vendors, bank
from visits import Visit, VisitAs
from world import World, build_world

Fields = dict[str, str]


class Forms(HTMLParser):
    """The fields of each form of a page as a browser would send them, by the address the form leads to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, Fields]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "form":
            self.found.append((told.get("action") or "", {}))
        elif tag == "input" and self.found and told.get("name"):
            self.found[-1][1][told["name"] or ""] = told.get("value") or ""


def form_on(page: str, action: str, **about: str) -> Fields:
    """The one form that leads there and is about this."""
    (fields,) = (fields for to, fields in Forms(page).found if to.endswith(action) and fields.items() >= about.items())
    return fields


def send(person: Visit, path: str, fields: Fields, **typed: str) -> tuple[int, str]:
    answer = person.client.post(path, data=fields | typed, headers=person.headers)
    return answer.status_code, answer.text


@pytest.fixture
def world(database: Database) -> World:
    return build_world(database, company="empty")


def test_a_refused_act_on_a_vendor_gives_back_what_was_typed(world: World, visit: VisitAs) -> None:
    vendors = Vendors(world)
    vendors.sync()
    for account in ("021-1", "666-9"):
        vendors.edit("V-10011", lambda one, number=account: one.update(paymentMeans=bank(number)))
        vendors.sync()
    anna = visit(world, Role.MAPPER, Role.ACCOUNTANT)
    here, typed = "/c/demo/vendors/V-10011", 'called "0815" <b>twice</b> & they said yes'
    anna.post(f"{here}/link", quickbooks_id=vendors.pair("V-10011").quickbooks_id)
    fields = form_on(anna.get(here).text, "/approve")

    status, page = send(anna, f"{here}/approve", fields, reason=typed)

    assert status == 422
    assert "<h1>Beacon Office Supply Co.</h1>" in page
    back = form_on(page, "/approve")
    assert back == fields | {"reason": typed}
    assert form_on(page, "/reject")["reason"] == ""
    assert "<b>twice" not in page
    form = page.partition("/approve")[2].partition("</form>")[0]
    assert "somebody else" in form
    assert 'role="alert"' in form
    assert f'data-page="{here}"' in form
    assert send(anna, f"{here}/approve", back)[0] == 422, "it can be sent again as it is"


def closed_all_day(settings: ConnectionSettings) -> ConnectionSettings:
    closed = BlackoutSettings(reason="month end", start="00:00", end="23:00")
    return msgspec.structs.replace(settings, schedule=msgspec.structs.replace(settings.schedule, blackouts=(closed,)))


def rest(world: World, job: Job) -> None:
    row, now = world.app.connection("demo"), world.clock.now()
    pause(world.database, row, job, reason="stock-taking", actor="Bob", now=now)


def test_a_refused_form_of_the_schedules_comes_back_or_tells_what_was_written(world: World, visit: VisitAs) -> None:
    world.change_settings(closed_all_day)
    ann, here = visit(world, Role.ACCOUNTANT), "/c/demo/schedules"
    seen = ann.get(here).text
    rest(world, Job.INVOICES)

    status, page = send(
        ann, f"{here}/run", form_on(seen, "/schedules/run", job="invoices"), despite="the auditors are here"
    )
    assert status == 422
    assert form_on(page, "/schedules/run", job="invoices")["despite"] == "the auditors are here"
    assert "the auditors" not in str([one for to, one in Forms(page).found if one.get("job") != "invoices"])
    assert "Bob paused it" in page

    # Bob was quicker: there is no form for it any more
    status, page = send(ann, f"{here}/pause", form_on(seen, "/schedules/pause", job="invoices"), reason="year end")
    assert status == 422
    assert "You had written: <q>year end</q>" in page
    assert "Bob paused it" in page.partition('id="said"')[2].partition("year end")[0]


def give_password(world: World, person: Visit) -> None:
    with world.database.write() as tx:
        hashed = world.app.identity.passwords.hash("one that nobody guesses")
        people.set_password(tx, person.person_id, hashed, world.clock.now())


def test_who_was_signed_out_meanwhile_is_led_back_to_the_page_they_were_on(world: World, visit: VisitAs) -> None:
    person, here = visit(world, Role.ACCOUNTANT), "/c/demo/schedules?x=a%20b"
    fields = form_on(person.get(here).text, "/schedules/pause", job="invoices")
    owner = owner_of(world.app.identity, person.login, by=operator("the test"))
    end_all(world.app.identity, owner, actor="the test")

    answer = person.client.post("/c/demo/schedules/pause", data=fields, headers=person.headers)

    led = urlsplit(answer.headers["location"])
    assert (answer.status_code, led.path, parse_qs(led.query)["next"]) == (303, "/sign-in", [here])


def test_no_secret_is_given_back_and_no_page_that_does_something_is_opened(world: World, visit: VisitAs) -> None:
    person = visit(world, Role.VIEWER)
    fields = form_on(person.get("/me").text, "/me/tokens")
    of_tokens = fields
    assert (fields[SHOWN_ON], bool(fields[FIELD])) == ("/me", True)

    of_token = {"connection": "demo", "role": "viewer", "days": "9999"}
    status, page = send(person, "/me/tokens", fields, name="Reports <1>", **of_token)
    assert status == 422
    assert (form_on(page, "/me/tokens")["name"], form_on(page, "/me/tokens")["days"]) == ("Reports <1>", "9999")

    give_password(world, person)
    fields = form_on(person.get("/me").text, "/me/password")
    passwords = {"current": "a guess that is wrong", "password": "seven green herons", "again": "seven green herons"}
    status, page = send(person, "/me/password", fields, **passwords)
    assert (status, "not your current password" in page) == (422, True)
    assert not [secret for secret in passwords.values() if secret in page]

    for elsewhere in (
        "/connect/quickbooks/x",
        "//example.com/",
        "https://example.com/",
        "/api/v1/me",
        "/nowhere",
        "\\",
    ):
        status, page = send(person, "/me/tokens", of_tokens | {SHOWN_ON: elsewhere}, name="Reports", **of_token)
        assert (status, "Reports" in page) == (422, False), elsewhere


PAGE = """<html><details class="a"><summary>Pause</summary>
<form method="post" action="/a%20b/save?x=1"><input type=hidden name="about" value="1"><input name="many" value="old">
<input name="many" value="old"><input type="password" name="secret"><input type="checkbox" name="on" value="yes" checked>
<input type="radio" name="way" value="up" checked><input type="radio" name="way" value="down">
<select name="which"><option selected>one</option><option value="2">two</option></select>
<textarea name="text" rows="3">old</textarea></form></details>
<form method="post" action="/a%20b/save"><input type=hidden name="about" value="2"><input name="many" value="other"></form>
<form id="far" method="post"><button formaction="/far">Go</button></form><input form="far" name="note"></html>"""


def test_every_sort_of_field_is_given_back_in_the_form_that_was_sent_and_in_no_other() -> None:
    sent = {
        "about": ["1"], "many": ["a", 'b"'], "secret": ["hush"], "way": ["down"], "which": ["2"], "text": ["</textarea>"],
    }  # fmt: skip
    page = refilled(PAGE, "/a b/save", sent, "<p>No.</p>")
    assert page is not None
    assert '<details class="a" open>' in page
    assert 'action="/a%20b/save?x=1"><p>No.</p><input' in page
    assert '<input name="many" value="a" autofocus>\n<input name="many" value="b&quot;">' in page
    assert "hush" not in page
    assert '<input type="checkbox" name="on" value="yes">' in page
    assert '<input type="radio" name="way" value="up"><input type="radio" name="way" value="down" checked>' in page
    assert '<option>one</option><option value="2" selected>two</option>' in page
    assert '<textarea name="text" rows="3" autofocus' not in page
    assert "&lt;/textarea&gt;</textarea>" in page
    assert page.endswith(PAGE.partition("</details>")[2])

    assert refilled(PAGE, "/a b/save", {"about": ["3"]}, "No.") is None
    far = refilled(PAGE, "/far", {"note": ["n"]}, "No.")
    assert far is not None
    assert '<input form="far" name="note" value="n" autofocus>' in far


def test_what_was_typed_for_one_thing_never_stands_in_the_form_of_another() -> None:
    page = (
        '<html><form method="post" action="/fix"><input type="hidden" name="item" value="B">'
        '<input type="hidden" name="seen" value="2"><input name="to" value=""></form></html>'
    )
    assert refilled(page, "/fix", {"item": ["A"], "seen": ["1"], "to": ["6420"]}, "<p>no</p>") is None
    assert 'value="6420"' in str(refilled(page, "/fix", {"item": ["B"], "seen": ["1"], "to": ["6420"]}, "<p>no</p>"))
