"""Basware's regions and environments: one system each, and the credentials of one are worth nothing in another."""

import base64
import json
from datetime import UTC, datetime

import pytest

from twins.basware import BaswareInstances
from twins.basware.regions import HOSTS, Confidence, Environment, Place, Region, place_named
from twins.clock import Clock
from twins.http import Request
from twins.outgoing import UnreachableError

SCOPES = ["accountingDocuments.read", "companies.read"]


def tenant(name, region="", environment="", documents=()):
    return {
        "client_id": name,
        "client_secret": f"secret of {name}",
        "user": f"user of {name}",
        "password": "word",
        "bwcid": f"020779-{name}",
        "scopes": SCOPES,
        "companies": [{"companyCode": "US10", "name": name}],
        "accountingDocuments": [{"invoiceId": key, "processingStatus": "WaitingForTransfer"} for key in documents],
        **({"region": region} if region else {}),
        **({"environment": environment} if environment else {}),
    }


@pytest.fixture
def basware():
    """A tenant in every one of the eight systems, named after it."""
    instances = BaswareInstances(Clock(datetime(2026, 11, 20, 12, tzinfo=UTC), running=False))
    for place in HOSTS:
        instances.add_tenant(tenant(place.name, place.region, place.environment, [f"invoice in {place.name}"]))
    return instances


def asked(instances, host, path, authorization, body=b""):
    headers = [("Authorization", authorization), ("Content-Type", "application/x-www-form-urlencoded")]
    return instances.handle(Request.build("POST" if body else "GET", f"https://{host}{path}", headers, body))


def basic(name, word):
    return "Basic " + base64.b64encode(f"{name}:{word}".encode()).decode()


def token(instances, host, name):
    body = b"grant_type=client_credentials&scope=accountingDocuments.read+companies.read"
    return asked(instances, host, "/v1/tokens", basic(name, f"secret of {name}"), body)


def companies(instances, host, authorization):
    answer = asked(instances, host, "/v1/companies", authorization)
    return json.loads(answer.body)["companies"][0]["name"] if answer.status == 200 else answer.status


def claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@pytest.mark.row("S2")
@pytest.mark.parametrize("place", HOSTS, ids=lambda place: place.name)
def test_the_credentials_of_a_region_work_there_and_nowhere_else(basware, place):
    host = HOSTS[place].name
    issued = json.loads(token(basware, host, place.name).body)["access_token"]
    user = basic(f"user of {place.name}", "word")
    for other, known in HOSTS.items():
        expected = place.name if other == place else 401
        assert companies(basware, known.name, user) == expected
        assert companies(basware, known.name, f"Bearer {issued}") == expected
        assert (token(basware, known.name, place.name).status == 200) is (other == place)


@pytest.mark.row("S1")
@pytest.mark.parametrize("place", HOSTS, ids=lambda place: place.name)
def test_a_token_names_the_system_that_issued_it_and_the_tenant(basware, place):
    host = HOSTS[place].name
    found = claims(json.loads(token(basware, host, place.name).body)["access_token"])
    assert (found["iss"], found["aud"]) == (f"https://{host}", "OpenAPI")
    assert (found["sub"], found["bwcid"]) == (place.name, f"020779-{place.name}")
    configuration = asked(basware, host, "/.well-known/openid-configuration", "")
    assert json.loads(configuration.body)["issuer"].rstrip("/") == found["iss"]


def test_other_spellings_and_names_below_a_host_belong_to_its_system(basware):
    us = Place(Region.US, Environment.PRODUCTION)
    for host in ("us-api.basware.com", "api.us.basware.com:443", "downloads.api.us.basware.com", "API.US.BASWARE.COM"):
        assert basware.place_of(host) == us
    assert basware.place_of("evil-api.us.basware.com") == basware.main
    basware.assign("127.0.0.1:8103", us)
    assert basware.place_of("127.0.0.1:8103") == us
    assert basware.place_of("127.0.0.1:8104") == basware.main


def test_a_host_that_nobody_assigned_is_the_first_tenants():
    instances = BaswareInstances(Clock())
    assert instances.main == Place(Region.EU, Environment.PRODUCTION)
    instances.add_tenant(tenant("ours", "us", "test"))
    assert instances.main == Place(Region.US, Environment.TEST)
    assert companies(instances, "basware.test", basic("user of ours", "word")) == "ours"
    assert instances.used == [Place(Region.US, Environment.TEST)]


def test_an_unknown_region_and_a_client_id_taken_elsewhere_are_refused():
    instances = BaswareInstances(Clock())
    instances.add_tenant(tenant("ours"))
    with pytest.raises(ValueError, match="taken in EU production"):
        instances.add_tenant(tenant("ours", "US"))
    with pytest.raises(ValueError, match="regions EU, US, AU, CA"):
        instances.add_tenant(tenant("theirs", "MARS"))
    with pytest.raises(ValueError, match="environments production, test"):
        place_named("EU", "staging")
    assert list(instances.tenants) == ["ours"]


def test_people_act_where_the_invoice_or_the_tenant_is(basware):
    basware.act("edit", invoice_id="invoice in AU test", changes={"description": "corrected"})
    [edited] = [one for one in basware.documents() if one.get("description") == "corrected"]
    assert edited["invoiceId"] == "invoice in AU test"
    basware.act("approve", tenant="US test", document={"invoiceId": "new"})
    assert [one["invoiceId"] for one in basware.documents("US test")] == ["invoice in US test", "new"]
    with pytest.raises(ValueError, match="name the tenant"):
        basware.act("edit", invoice_id="nowhere", changes={})
    with pytest.raises(KeyError):
        basware.act("dance")
    assert len(basware.documents()) == 9
    assert basware.check() == []


def test_requests_are_counted_over_all_systems_and_all_share_their_switches(basware):
    for host in ("api.basware.com", "api.ca.basware.com"):
        companies(basware, host, "")
    assert (basware.calls["requests"], basware.calls["unauthorized"]) == (2, 2)
    basware.switches.allow_basic = False
    for place, host in HOSTS.items():
        assert companies(basware, host.name, basic(f"user of {place.name}", "word")) == 401


def test_each_system_sends_its_own_notifications(basware):
    assert list(basware.outboxes) == list(HOSTS)
    asked_for = []

    def send(request):
        asked_for.append(request.url)
        raise UnreachableError("nobody there")

    basware.connect(send)
    assert all(outbox.deliver_due(send) == [] for outbox in basware.outboxes.values())
    assert asked_for == []


def test_only_europes_production_host_is_documented():
    assert [place.name for place, host in HOSTS.items() if host.confidence is Confidence.DOCUMENTED] == [
        "EU production"
    ]
    assert len({name for host in HOSTS.values() for name in (host.name, *host.others)}) == 12
    assert set(HOSTS) == {Place(region, environment) for region in Region for environment in Environment}
