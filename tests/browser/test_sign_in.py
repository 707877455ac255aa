"""Signing in as a person does, and what the browser keeps of it."""

import re

from playwright.sync_api import expect

from ml_connector.model.people import Role
from ml_connector.store import people
from windows import OpenWindow, Window
from world import World

PASSWORD = "seven green herons at dawn"


def give_password(world: World, one: Window) -> None:
    with world.database.write() as tx:
        people.set_password(tx, one.person.person_id, world.app.identity.passwords.hash(PASSWORD), world.clock.now())


def fill_in(one: Window, login: str, password: str) -> None:
    one.page.get_by_label(re.compile("e-mail|name", re.I)).first.fill(login)
    one.page.get_by_label("Password").fill(password)
    one.page.get_by_role("button", name="Sign in").click()


def test_somebody_who_was_on_their_way_to_a_page_gets_there_after_signing_in(world: World, window: OpenWindow) -> None:
    known, new = window(world, Role.ADMINISTRATOR, everywhere=True), window(world)
    give_password(world, known)
    new.open("/people")
    expect(new.page).to_have_url(re.compile(r"/sign-in"))

    fill_in(new, known.person.login, PASSWORD)

    expect(new.page).to_have_url(re.compile(r"/people$"))
    expect(new.page.get_by_role("heading", level=1)).to_have_text("People")
    kept = new.page.context.cookies()
    assert {one["name"]: (one["httpOnly"], one["sameSite"]) for one in kept} == {"ml_connector_session": (True, "Lax")}
    assert new.page.evaluate("document.cookie") == ""


def test_a_wrong_password_is_told_and_nobody_is_signed_in(world: World, window: OpenWindow) -> None:
    known, new = window(world, Role.VIEWER), window(world)
    give_password(world, known)
    new.open("/sign-in")

    fill_in(new, known.person.login, "another password")

    expect(new.page.get_by_role("alert")).to_be_visible()
    new.complaints = [one for one in new.complaints if "401" not in one and "422" not in one and "403" not in one]
    new.open("/me")
    expect(new.page).to_have_url(re.compile(r"/sign-in"))


def test_after_signing_out_the_way_back_is_closed(world: World, window: OpenWindow) -> None:
    one = window(world, Role.VIEWER)
    one.open("/me")
    one.page.get_by_role("button", name="Sign out").click()
    expect(one.page).to_have_url(re.compile(r"/sign-in"))

    one.page.go_back()
    one.page.reload()

    expect(one.page).to_have_url(re.compile(r"/sign-in"))
