"""The screen of a month: it adds up to what the books have, says why bills are missing, and is finished once it is over."""

import re
from collections.abc import Iterator
from datetime import date
from html import unescape

import pytest

from databases import SqliteFiles
from ml_connector.model.people import Role
from ml_connector.store.database import Database
from ml_connector.work.engines.runs import run_job
from ml_connector.work.jobs import Job
from ml_connector.work.month import after, month_of
from paperwork import invoice, line
from visits import VisitAs, text_of
from world import World, build_world

PLACE = "/c/demo/month"


@pytest.fixture
def world(sqlite: SqliteFiles) -> Iterator[World]:
    """A-1 is in QuickBooks, A-2 is held for its account; both are of one month."""
    with sqlite.fresh() as url:
        scene = build_world(Database.open(url), company="empty")
        scene.approve(invoice("A-1", line("60.00")))
        scene.approve(invoice("A-2", line("5.50", account="6470")))
        run(scene)
        yield scene
        scene.database.close()


def run(world: World) -> None:
    assert run_job(world.app, world.connection, Job.INVOICES, worker="a worker").problem == ""


def test_a_month_adds_up_and_says_why_it_is_not_finished(world: World, visit: VisitAs) -> None:
    viewer = visit(world, Role.VIEWER)
    month = world.row("A-2").invoice_date[:7]
    page = viewer.get(f"{PLACE}?month={month}")
    words = text_of(page)
    assert "No: 1 of the 2 bills dated in" in words
    assert "Held 1 5.50 USD not yet" in words
    assert "60.00 USD yes" in words
    assert "Account not mapped" in words
    there = re.search(r'href="(/c/demo/documents[?]state=held[^"]*)"', page.text)
    assert there
    listed = text_of(viewer.get(unescape(there[1])))
    assert "A-2" in listed
    assert "A-1" not in listed
    assert f"{month},held,yes,1,USD,5.50" in viewer.get(f"{PLACE}?month={month}&format=csv").text


def test_a_month_is_finished_once_basware_was_looked_at_after_it(world: World, visit: VisitAs) -> None:
    viewer, accountant = visit(world, Role.VIEWER), visit(world, Role.ACCOUNTANT)
    accountant.post(f"/c/demo/documents/{world.row('A-2').invoice_id}/ignore", reason="paid by card")
    month = world.row("A-1").invoice_date[:7]
    first = month_of(month)
    assert first
    assert "So far: every bill dated in" in text_of(viewer.get(f"{PLACE}?month={month}"))
    world.clock.advance(((after(first) - world.clock.now().date()).days + 1) * 24 * 3600)
    run(world)
    assert "Yes: every bill dated in" in text_of(visit(world, Role.VIEWER).get(f"{PLACE}?month={month}"))


def test_what_is_no_month_is_said_and_no_other_company_sees_it(world: World, visit: VisitAs) -> None:
    assert "cannot be read as a month" in text_of(visit(world, Role.VIEWER).get(f"{PLACE}?month=9999-13"))
    assert visit(world).get(PLACE).status_code == 404
    assert (month_of("2026-11"), month_of("9999-12"), month_of("November")) == (date(2026, 11, 1), None, None)
