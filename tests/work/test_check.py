"""The check report: each line says what was found and what to do, none stops another, and nothing is written in either system."""

from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import httpx2
import msgspec
import pytest

from ml_connector.basware.regions import PLACES
from ml_connector.model.taken_back import ASKED
from ml_connector.store import secrets
from ml_connector.store.database import Database
from ml_connector.store.schema import token_chains
from ml_connector.work.check.line import Check
from ml_connector.work.feed_settings import NetworkSettings
from ml_connector.work.p2p_settings import NoticesFeed
from ml_connector.work.ping import ping
from ml_connector.work.settings import ConnectionSettings
from twins.basware import BaswareInstances
from twins.basware.regions import HOSTS
from twins.demo_company import basware_seed, quickbooks_seed
from twins.demo_company.basware_tenant import NETWORK
from twins.faults import FaultKind, FaultRule
from twins.transport import TwinTransport
from world import World, build_world

EMPTY: dict[str, Any] = {"accountingDocuments": [], "attachments": {}}


NETWORK_SECRETS = {"basware.network_user": NETWORK["user"], "basware.network_password": NETWORK["password"]}
WRONG_SECRETS = NETWORK_SECRETS | {"basware.network_password": "wrong"}


class Between(httpx2.BaseTransport):
    """The twins, with the Date their services would send, and whatever else a test puts at an address."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.skew = timedelta()
        self.places: dict[str, httpx2.Response] = {}
        self.asked: list[httpx2.Request] = []
        self.basware: httpx2.BaseTransport | None = None

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        if (placed := self.places.get(str(request.url))) is not None:
            return placed
        beyond = self.basware if self.basware and request.url.host.endswith("basware.com") else self.world.transport
        answer = beyond.handle_request(request)
        answer.headers["Date"] = format_datetime(self.world.clock.now() + self.skew, usegmt=True)
        return answer


@pytest.fixture
def world(database: Database) -> World:
    return build_world(database, company="empty")


@pytest.fixture
def between(world: World) -> Between:
    seam = Between(world)
    world.restart("checking", transport=seam)
    return seam


def report(world: World, public_url: str = "") -> dict[str, Check]:
    with world.app.probe(world.app.connection("demo"), public_url=public_url) as probe:
        return {line.id: line for line in ping(world.desk(), probe)}


def change(world: World, **basware: Any) -> None:
    def changed(settings: ConnectionSettings) -> ConnectionSettings:
        return msgspec.structs.replace(settings, basware=msgspec.structs.replace(settings.basware, **basware))

    world.change_settings(changed)


def test_a_sound_connection_has_no_line_to_do_anything_about_and_nothing_was_written(
    world: World, between: Between
) -> None:
    before = (
        world.quickbooks_seen.writes,
        world.basware_seen.writes,
        world.quickbooks.books(world.realm_id),
        world.basware.documents(),
    )
    lines = report(world)

    assert [line for line in lines.values() if not line.ok] == []
    assert "Calloway Thorne" in lines["quickbooks.company"].found
    assert "QuickBooks Online Plus" in lines["quickbooks.edition"].found
    assert lines["basware.right.accountingDocuments.write"].found == "granted"
    assert lines["basware.clock"].status == lines["quickbooks.clock"].status == "ok"
    assert (
        world.quickbooks_seen.writes,
        world.basware_seen.writes,
        world.quickbooks.books(world.realm_id),
        world.basware.documents(),
    ) == before


def test_another_time_zone_in_quickbooks_is_told_until_it_is_that_of_the_connection(
    world: World, between: Between
) -> None:
    assert "quickbooks.time_zone" not in report(world), "QuickBooks says none"
    world.act("edit_company", changes={"DefaultTimeZone": "America/Chicago"})
    line = report(world)["quickbooks.time_zone"]
    assert line.ok
    assert line.found == "America/Chicago in QuickBooks; this connection goes by UTC (schedule.time_zone)"

    world.act("edit_company", changes={"DefaultTimeZone": "UTC"})
    assert "quickbooks.time_zone" not in report(world)


@pytest.mark.parametrize(
    ("seconds", "status"), [(0, "ok"), (58, "ok"), (90, "warning"), (-90, "warning"), (303, "failed"), (-400, "failed")]
)
def test_a_clock_that_is_off_is_told_with_its_direction(
    world: World, between: Between, seconds: int, status: str
) -> None:
    between.skew = timedelta(seconds=seconds)
    for line in (report(world)[name] for name in ("quickbooks.clock", "basware.clock")):
        assert line.status == status
        if seconds:
            told = int(line.found.split("machine is ")[1].split(" seconds")[0])
            assert abs(told - abs(seconds)) <= 1, "the Date of an answer has no fractions"
            assert ("behind" if seconds > 0 else "ahead") in line.found


@pytest.mark.parametrize("manner", ["refuse", "drop"])
def test_each_right_is_told_by_itself_however_basware_treats_those_that_are_missing(
    database: Database, manner: str
) -> None:
    tenant = basware_seed() | EMPTY | {"scopes": ["accountingDocuments.read"]}
    world = build_world(database, company=(quickbooks_seed(), tenant), mapping=False)
    world.basware.switches.ungranted_scopes = "drop" if manner == "drop" else "refuse"
    lines = report(world)

    assert lines["basware.right.accountingDocuments.read"].status == "ok"
    assert (lines["basware.right.accountingDocuments.write"].status, lines["basware.sign-in"].status) == (
        "failed",
        "ok",
    )
    assert "consultant" in lines["basware.right.accountingDocuments.write"].to_do


@pytest.mark.parametrize("place", [place for place in PLACES if place != "EU production"])
def test_credentials_of_another_region_or_environment_name_it(world: World, between: Between, place: str) -> None:
    region, _, environment = place.partition(" ")
    instances = BaswareInstances(world.clock._time)
    instances.add_tenant(basware_seed() | {"region": region, "environment": environment})
    between.basware = TwinTransport({host.name: instances for host in HOSTS.values()}, clock=world.clock._time)
    change(world, base_url="", token_url="")
    lines = report(world)

    assert lines["basware.sign-in"].status == "failed"
    assert lines["basware.sign-in"].sign_in
    assert f"{place} accepts these credentials" in lines["basware.region"].found
    assert f'region to "{region}" and environment to "{environment}"' in lines["basware.region"].to_do
    change(world, region=region, environment=environment)
    assert all(line.ok for line in report(world).values())


def test_the_right_to_see_tasks_is_not_asked_for_where_missed_notices_are_not_looked_for(
    world: World, between: Between
) -> None:
    assert "basware.right.tasks.read" in report(world)
    off = NoticesFeed(enabled=False)
    world.change_settings(
        lambda settings: msgspec.structs.replace(
            settings, basware=msgspec.structs.replace(settings.basware, notices=off)
        )
    )
    assert "basware.right.tasks.read" not in report(world)


def test_credentials_go_to_no_other_region_from_an_address_outside_the_table(world: World, between: Between) -> None:
    world.change_settings(lambda settings: settings, {"basware.client_secret": "wrong"})
    lines = report(world)

    assert lines["basware.sign-in"].status == "failed"
    assert {request.url.host for request in between.asked} == {"quickbooks.test", "basware.test"}


def test_one_system_that_is_down_stops_no_line_of_the_other(world: World, between: Between) -> None:
    world.quickbooks_faults.add(FaultRule(kind=FaultKind.STATUS, status=503, times=100))
    lines = report(world)

    assert (lines["quickbooks.sign-in"].status, lines["quickbooks.sign-in"].try_later) == ("failed", True)
    assert lines["basware.sign-in"].status == "ok"


def test_an_ended_sign_in_is_told_as_such(world: World, between: Between) -> None:
    world.quickbooks.sign_in.disconnect(world.realm_id)
    line = report(world)["quickbooks.sign-in"]

    assert (line.status, line.sign_in) == ("failed", True)
    assert "onnect" in line.to_do


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (httpx2.Response(200, json={"status": "ok"}), "ok"),
        (httpx2.Response(200, text="welcome to the router"), "failed"),
        (httpx2.Response(503, json={"status": "ok"}), "failed"),
        (httpx2.Response(302, headers={"location": "https://elsewhere.test"}), "failed"),
        (None, "failed"),
    ],
)
def test_the_way_webhooks_take_is_tried_from_outside(
    world: World, between: Between, answer: httpx2.Response | None, status: str
) -> None:
    if answer is not None:
        between.places["https://connector.test/healthz"] = answer

    assert report(world, "https://connector.test/")["webhooks.address"].status == status
    assert not [
        request
        for request in between.asked
        if request.url.host == "connector.test" and "authorization" in request.headers
    ]
    assert "no public address" in report(world)["webhooks.address"].found


@pytest.mark.parametrize(
    ("sku", "subscription", "status"),
    [
        ("QuickBooks Online Plus", "PAID", "ok"),
        ("QuickBooks Online Advanced", "TRIAL", "ok"),
        ("QuickBooks Online Essentials", "PAID", "warning"),
        ("QuickBooks Online Simple Start", "PAID", "failed"),
        ("QuickBooks Online Plus", "CANCELLED", "failed"),
        ("Something new", "PAID", "warning"),
    ],
)
def test_an_edition_that_lacks_what_posting_needs_is_told(
    database: Database, sku: str, subscription: str, status: str
) -> None:
    company = quickbooks_seed()
    pairs = [{"Name": "OfferingSku", "Value": sku}, {"Name": "SubscriptionStatus", "Value": subscription}]
    company["CompanyInfo"] = company["CompanyInfo"] | {"NameValue": pairs}
    world = build_world(database, company=(company, basware_seed() | EMPTY), mapping=False)

    line = report(world)["quickbooks.edition"]
    assert (line.status, sku in line.found) == (status, True)
    assert bool(line.to_do) is (status != "ok")


def test_the_sign_in_says_when_it_ends_and_warns_a_month_ahead(world: World, between: Between) -> None:
    world.clock.advance(7200)
    first = report(world)["quickbooks.sign-in"]
    again = report(world)["quickbooks.sign-in"]

    assert (first.status, again.status) == ("ok", "ok")
    assert "renewed for this check" in first.found
    assert "renewed" not in again.found
    assert all(word in again.found for word in ("access token until", "unless used before", "in any case"))

    with world.database.write() as tx:
        tx.execute(token_chains.update().values(hard_expires_at=world.clock.now() + timedelta(days=29)))
    assert report(world)["quickbooks.sign-in"].status == "warning"


@pytest.mark.parametrize(
    ("secrets", "status", "found"),
    [
        (NETWORK_SECRETS, "ok", "no notifications wait"),
        (WRONG_SECRETS, "failed", "does not accept"),
        ({}, "failed", "not stored"),
    ],
)
def test_the_networks_own_account_has_a_line_where_it_is_used(
    world: World, between: Between, secrets: dict[str, str], status: str, found: str
) -> None:
    assert "basware.network" not in report(world)
    change(world, network=NetworkSettings(enabled=True))
    world.change_settings(lambda settings: settings, secrets)

    line = report(world)["basware.network"]
    assert (line.status, line.sign_in) == (status, status == "failed")
    assert found in line.found


def _subscribed(world: World, token: str = "ours") -> None:
    """Subscriptions in Basware's own books, and the token they are signed with in ours."""
    kinds = [("AccountingDocuments", status) for status in ("WaitingForTransfer", *ASKED)]
    kinds += [("RequestStatus", "Error"), ("RequestStatus", "Success")]
    bodies = [
        {
            "taskType": task, "taskSubType": sub, "subscriptionType": "Webhook",
            "notificationWebhookURL": "https://connector.test/webhooks/basware", "webhookAuthenticationToken": token,
        }
        for task, sub in kinds
    ]  # fmt: skip
    world.basware._push.seed("demo-basware-client", bodies)
    with world.database.write() as tx:
        secrets.put(tx, world.vault, world.connection_id, "basware.webhook_token", "ours", world.clock.now())


def test_what_basware_announces_is_a_line_and_what_it_does_not_says_what_to_run(world: World, between: Between) -> None:
    assert "not set up" in report(world)["webhooks.subscriptions"].found
    _subscribed(world)
    sound = report(world)["webhooks.subscriptions"]
    assert (sound.status, "RequestStatus/Error" in sound.found) == ("ok", True)

    world.basware._push.subscriptions._of["demo-basware-client"].pop()
    lacking = report(world)["webhooks.subscriptions"]
    assert (lacking.status, lacking.found) == ("warning", "RequestStatus/Success (missing)")
    assert "webhooks repair demo" in lacking.to_do


def test_subscriptions_signed_with_a_token_that_is_not_ours_are_told(world: World, between: Between) -> None:
    world.app.public_url = "https://connector.test"
    _subscribed(world, token="of somebody else")

    assert "other token" in report(world)["webhooks.subscriptions"].found
    assert "of somebody else" not in str(report(world))
