"""Runs, schedules, polling, budgets, webhooks: what is shown, who may start, pause and read again, and what then happens."""

import json
import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from ml_connector.model.people import Role
from ml_connector.quickbooks.webhooks import signature
from ml_connector.store import notices, secrets
from ml_connector.store.database import Database
from ml_connector.store.schema import NoticeState, System
from ml_connector.work.engine import run
from ml_connector.work.engines.local import LocalEngine
from ml_connector.work.engines.runs import run_job
from ml_connector.work.jobs import Job
from twins.faults import FaultKind, FaultRule
from visits import Visit, VisitAs, text_of
from world import World, build_world

HERE = "/c/demo"
TOKEN = "verifier-of-our-app"


@pytest.fixture
def world(database: Database) -> World:
    return build_world(database)


def work(world: World, job: Job = Job.INVOICES) -> None:
    run_job(world.app, world.app.connection("demo"), job, worker="a worker")


# runs


def test_every_run_is_listed_with_what_it_did_or_why_it_failed(world: World, visit: VisitAs) -> None:
    viewer = visit(world, Role.VIEWER)
    assert "No run yet" in text_of(viewer.get(f"{HERE}/runs"))
    work(world)
    page = text_of(viewer.get(f"{HERE}/runs"))
    assert "Invoices done" in page
    assert "posted" in page
    assert "No run failed" in text_of(viewer.get(f"{HERE}/runs?failed=true"))
    assert viewer.get(f"{HERE}/runs?format=csv").text.count("invoices,") == 1


def test_a_run_from_the_command_line_is_listed_with_who_asked_for_it(world: World, visit: VisitAs) -> None:
    run(world.desk(), asked_by="ada@books")
    assert "posted, " in text_of(visit(world, Role.VIEWER).get(f"{HERE}/runs"))
    assert "asked for by ada@books" in text_of(visit(world, Role.VIEWER).get(f"{HERE}/runs"))


def test_a_run_that_failed_says_why(world: World, visit: VisitAs) -> None:
    world.basware_faults.add(FaultRule(kind=FaultKind.STATUS, times=None, status=503))
    work(world)
    page = text_of(visit(world, Role.VIEWER).get(f"{HERE}/runs?failed=true"))
    assert "Invoices Failed" in page
    assert "Basware" in page


def test_runs_are_paged(world: World, visit: VisitAs) -> None:
    for _ in range(51):
        work(world, Job.SIGN_IN)
        world.clock.advance(1)
    viewer = visit(world, Role.VIEWER)
    first = viewer.get(f"{HERE}/runs?job=sign-in")
    assert first.text.count("data-row") == 50
    assert "before=2" in first.text
    assert viewer.get(f"{HERE}/runs?job=sign-in&before=2").text.count("data-row") == 1
    table = viewer.get(f"{HERE}/runs?job=sign-in&format=csv").text.splitlines()
    assert len(table) == 1 + 51, "a table for a spreadsheet has all of them"
    assert table[1:] == sorted(set(table[1:]), key=lambda line: line.split(",")[1], reverse=True)


# schedules


def test_each_job_shows_its_plan_its_next_run_and_the_days_to_come(world: World, visit: VisitAs) -> None:
    viewer = visit(world, Role.VIEWER)
    page = text_of(viewer.get(f"{HERE}/schedules"))
    assert "take approved invoices over, post them, answer Basware" in page
    assert "every 15 minutes" in page or "every 10 minutes" in page or "every 5 minutes" in page
    days = viewer.get(f"{HERE}/schedules/calendar?days=3")
    assert days.text.count("<time") == 3
    assert re.search(r"On every day, unless said otherwise: Invoices \d+ times", text_of(days))
    part = viewer.get(f"{HERE}/schedules/calendar", part=True)
    assert "<html" not in part.text
    assert part.text.count("<time") == 14


def test_run_now_is_what_an_engine_does_next(world: World, visit: VisitAs) -> None:
    work(world)
    accountant = visit(world, Role.ACCOUNTANT)

    answer = accountant.post(f"{HERE}/schedules/run", job="invoices", back="today")

    assert answer.headers["location"] == f"{HERE}/today"
    assert "Invoices: runs as soon as a worker looks." in text_of(accountant.follow(answer))
    LocalEngine(world.app, heart=None, worker="a worker").step()
    page = text_of(accountant.get(f"{HERE}/runs?job=invoices"))
    assert "asked for by" in page


def test_a_paused_job_rests_until_it_is_resumed_and_a_pause_needs_a_reason(world: World, visit: VisitAs) -> None:
    accountant = visit(world, Role.ACCOUNTANT)
    assert accountant.post(f"{HERE}/schedules/pause", job="invoices", reason=" ").status_code == 422

    accountant.post(f"{HERE}/schedules/pause", job="invoices", reason="stock-taking")

    assert "stock-taking" in text_of(accountant.get(f"{HERE}/schedules"))
    refused = accountant.post(f"{HERE}/schedules/run", job="invoices")
    assert refused.status_code == 422
    assert "stock-taking" in text_of(refused)
    accountant.post(f"{HERE}/schedules/resume", job="invoices")
    assert accountant.post(f"{HERE}/schedules/run", job="invoices").status_code == 303


def test_a_whole_connection_is_paused_and_resumed(world: World, visit: VisitAs) -> None:
    accountant = visit(world, Role.ACCOUNTANT)
    accountant.post(f"{HERE}/schedules/pause", reason="audit")
    assert "paused this connection" in text_of(accountant.get(f"{HERE}/schedules"))
    accountant.post(f"{HERE}/schedules/resume")
    assert "paused this connection" not in text_of(accountant.get(f"{HERE}/schedules"))


def test_a_job_there_is_not_is_not_found(world: World, visit: VisitAs) -> None:
    assert visit(world, Role.ACCOUNTANT).post(f"{HERE}/schedules/run", job="nothing").status_code == 404


def test_back_leads_to_no_other_site(world: World, visit: VisitAs) -> None:
    answer = visit(world, Role.ACCOUNTANT).post(f"{HERE}/schedules/run", job="invoices", back="//elsewhere.example")
    assert answer.headers["location"] == f"{HERE}/schedules"


# polling and budgets


def test_feeds_say_how_far_behind_they_are(world: World, visit: VisitAs) -> None:
    work(world)
    world.clock.advance(240)
    page = text_of(visit(world, Role.VIEWER).get(f"{HERE}/feeds"))
    assert "4 minutes" in page
    assert "Off" in page


def test_the_budget_counts_calls_by_day(world: World, visit: VisitAs) -> None:
    work(world)
    viewer = visit(world, Role.VIEWER)
    page = text_of(viewer.get(f"{HERE}/budget"))
    assert "Calls of this connection in November 2026" in page
    assert viewer.get(f"{HERE}/budget?format=csv").text.splitlines()[1].startswith("2026-11-")


# webhooks


@pytest.fixture
def announced(world: World, visit: VisitAs) -> Visit:
    """A viewer of a connection that QuickBooks has announced a bill to."""
    with world.database.write() as tx:
        secrets.put(tx, world.vault, world.connection_id, "quickbooks.webhook_token", TOKEN, world.clock.now())
    viewer = visit(world, Role.VIEWER)
    announce(viewer, world)
    return viewer


def announce(viewer: Visit, world: World, *, number: int = 1) -> None:
    """QuickBooks calls: bill 145 was changed, for the so manieth time."""
    event = {
        "id": f"e{number}",
        "type": "qbo.bill.updated.v1",
        "intuitentityid": "145",
        "intuitaccountid": world.realm_id,
    }
    body = json.dumps([event]).encode()
    headers = {"intuit-signature": signature(body, TOKEN)}
    assert viewer.client.post("/webhooks/quickbooks", content=body, headers=headers).status_code == 200


def test_the_table_of_calls_for_a_spreadsheet_has_all_that_fit(announced: Visit, world: World) -> None:
    for number in range(2, 53):
        announce(announced, world, number=number)
    assert announced.get(f"{HERE}/webhooks").text.count("data-row") == 50
    table = announced.get(f"{HERE}/webhooks?text=Bill+145&format=csv").text.splitlines()
    assert [line.split(",")[0] for line in table[1:]] == [str(number) for number in range(52, 0, -1)]
    assert len(announced.get(f"{HERE}/webhooks?text=Bill+999&format=csv").text.splitlines()) == 1


def test_calls_are_searched_and_shown_without_their_body(announced: Visit, world: World) -> None:
    found = text_of(announced.get(f"{HERE}/webhooks?text=Bill+145"))
    assert "1 to be read" in found
    assert "No call fits" in text_of(announced.get(f"{HERE}/webhooks?text=Bill+999"))
    assert "No call fits" in text_of(announced.get(f"{HERE}/webhooks?system=basware"))
    detail = announced.get(f"{HERE}/webhooks/1")
    assert "Bill 145" in text_of(detail)
    assert world.realm_id not in detail.text


def test_a_call_is_read_once_more_by_who_may_decide(announced: Visit, world: World, visit: VisitAs) -> None:
    with world.database.write() as tx:
        waiting = notices.waiting(tx, world.connection_id, System.QUICKBOOKS)
        notices.settle(tx, world.connection_id, [one.id for one in waiting], NoticeState.DONE, world.clock.now())
    assert announced.post(f"{HERE}/webhooks/1/replay").status_code == 403
    accountant = visit(world, Role.ACCOUNTANT)

    answer = accountant.post(f"{HERE}/webhooks/1/replay")

    assert "1 announcement will be read once more." in text_of(accountant.follow(answer))
    with world.database.read() as tx:
        assert notices.waiting_count(tx, world.connection_id, System.QUICKBOOKS) == 1


def test_moments_are_those_of_the_company(announced: Visit, world: World) -> None:
    wall = world.clock.now().astimezone(ZoneInfo(world.desk().settings.schedule.time_zone))
    before, after = (f"{wall + timedelta(minutes=minutes):%Y-%m-%dT%H:%M}" for minutes in (-10, 10))
    assert "No call fits" in text_of(announced.get(f"{HERE}/webhooks?since={after}"))
    assert "No call fits" not in text_of(announced.get(f"{HERE}/webhooks?since={before}"))


def test_everything_since_a_day_is_read_once_more(announced: Visit, world: World, visit: VisitAs) -> None:
    accountant = visit(world, Role.ACCOUNTANT)
    unread = accountant.post(f"{HERE}/webhooks/replay", since="lately")
    assert (unread.status_code, "Say from which day or moment on" in text_of(unread)) == (422, True)
    answer = accountant.post(f"{HERE}/webhooks/replay", since="2026-01-01")
    assert "1 announcement of 1 call will be read once more." in text_of(accountant.follow(answer))
    assert announced.post(f"{HERE}/webhooks/replay", since="2026-01-01").status_code == 403


def test_a_call_that_said_nothing_to_this_company_is_not_found(world: World, visit: VisitAs) -> None:
    accountant = visit(world, Role.ACCOUNTANT)
    assert accountant.get(f"{HERE}/webhooks/1").status_code == 404
    assert accountant.post(f"{HERE}/webhooks/1/replay").status_code == 404


# who may


@pytest.mark.parametrize(
    "path", ["runs", "schedules", "schedules/calendar", "feeds", "budget", "webhooks", "webhooks/1"]
)
def test_nobody_of_another_company_sees_a_screen(world: World, visit: VisitAs, path: str) -> None:
    assert visit(world).get(f"{HERE}/{path}").status_code == 404


@pytest.mark.parametrize("act", ["run", "pause", "resume"])
def test_starting_and_pausing_needs_the_right_to_decide(world: World, visit: VisitAs, act: str) -> None:
    for role in (Role.VIEWER, Role.MAPPER):
        assert visit(world, role).post(f"{HERE}/schedules/{act}", job="invoices", reason="r").status_code == 403
    assert visit(world).post(f"{HERE}/schedules/{act}", job="invoices", reason="r").status_code == 404
