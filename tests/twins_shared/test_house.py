"""One process that serves everything: ports, regions, what is sent, the page, the state file."""

import base64
import json
import threading

import httpx2
import msgspec
import pytest

from twins import demo_company, keep
from twins.basware.regions import HOSTS, Environment, Place, Region
from twins.clock import Clock
from twins.house import House, Plan
from twins.http import Response
from twins.keep import Story
from twins.serve import TwinServer


def fresh():
    story = Story.begin(Clock())
    story.quickbooks.panel.seed(demo_company.quickbooks_seed())
    story.basware.panel.seed(demo_company.basware_seed())
    return story


def american():
    """A tenant in the United States with its test system."""
    return demo_company.basware_seed() | {
        "client_id": "american",
        "user": "american",
        "region": "US",
        "environment": "test",
        "accountingDocuments": [],
        "attachments": {},
    }


def control(url, method, command, body=None):
    content = None if body is None else msgspec.json.Encoder(decimal_format="number").encode(body)
    headers = {"Content-Type": "application/json"}
    answer = httpx2.request(method, f"{url}/_twin/{command}", content=content, headers=headers, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.json()


def companies(url, user, word="demo-basware-password"):
    authorization = "Basic " + base64.b64encode(f"{user}:{word}".encode()).decode()
    return httpx2.get(f"{url}/v1/companies", headers={"Authorization": authorization}, timeout=60).status_code


def test_both_twins_and_the_page_are_reached_and_tell_of_each_other():
    with House(fresh(), Plan()) as house:
        found = house.addresses()
        for name in ("quickbooks", "basware"):
            assert control(found[name], "GET", "state")["twin"] == name
            assert control(found[name], "GET", "addresses") == json.loads(json.dumps(found))
        page = httpx2.get(found["page"], timeout=60)
        assert (page.status_code, "Calloway" in page.text or "demo-basware-client" in page.text) == (200, True)
        assert [(one["region"], one["environment"]) for one in found["regions"]] == [("EU", "production")]
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(found["page"])


def test_a_tenant_in_another_region_opens_its_own_port_and_only_that_one_takes_its_credentials():
    with House(fresh(), Plan()) as house:
        europe = house.addresses()["basware"]
        assert control(europe, "POST", "seed", american()) == {"company": "american"}
        regions = {(one["region"], one["environment"]): one["url"] for one in house.addresses()["regions"]}
        assert regions["EU", "production"] == europe
        there = regions["US", "test"]
        assert (companies(there, "american"), companies(there, "calloway.api")) == (200, 401)
        assert (companies(europe, "american"), companies(europe, "calloway.api")) == (401, 200)
        assert companies(there.replace("127.0.0.1", "localhost"), "american") == 200


def test_all_regions_listen_when_asked_to():
    with House(fresh(), Plan(all_regions=True)) as house:
        regions = house.addresses()["regions"]
        assert {(one["region"], one["environment"]) for one in regions} == {
            (place.region, place.environment) for place in HOSTS
        }
        assert len({one["url"] for one in regions}) == 8
        assert {companies(one["url"], "calloway.api") for one in regions[1:]} == {401}


def test_the_port_asked_for_is_the_seeded_companys():
    story = Story.begin(Clock())
    story.basware.panel.seed(american())
    with TwinServer(story.basware) as probe:
        port = int(probe.url.rpartition(":")[2])
    with House(story, Plan(basware_port=port)) as house:
        assert house.addresses()["basware"] == f"http://127.0.0.1:{port}"
        assert house.addresses()["regions"][0]["region"] == Region.US
        assert companies(house.addresses()["basware"], "american") == 200


def test_a_taken_port_leaves_nothing_running():
    before = threading.active_count()
    with TwinServer(fresh().basware) as taken, pytest.raises(OSError, match="in use"):
        House(fresh(), Plan(page_port=int(taken.url.rpartition(":")[2])))
    assert threading.active_count() == before


class Receiver:
    """Notes what it is sent."""

    def __init__(self):
        self.came = threading.Event()
        self.bodies = []

    def handle(self, request):
        self.bodies.append(request.body)
        self.came.set()
        return Response(200)


@pytest.mark.parametrize("route", ["at once", "when the clock moves"])
def test_notifications_are_sent_and_a_moved_clock_lets_them_go(route):
    receiver, story = Receiver(), fresh()
    story.clock.stop()
    with TwinServer(receiver) as there, House(story, Plan()) as house:
        url = house.addresses()["quickbooks"]
        window = 0 if route == "at once" else 300
        control(url, "POST", "webhooks", {"url": f"{there.url}/hook", "verifier_token": "v", "window_seconds": window})
        details = {"entity": "Vendor", "id": "101", "name": "Renamed"}
        control(url, "POST", "act", {"action": "rename", "details": details})
        if window:
            assert control(url, "GET", "attempts") == []
            control(url, "POST", "clock", {"advance": 300})
        assert receiver.came.wait(30)
    assert len(receiver.bodies) == 1
    assert b"101" in receiver.bodies[0]


def test_a_subscription_in_a_region_is_tested_and_served_there():
    receiver, story = Receiver(), fresh()
    seed = american() | {"scopes": ["subscriptions.write"]}
    with TwinServer(receiver) as there, House(story, Plan()) as house:
        control(house.addresses()["basware"], "POST", "seed", seed)
        url = next(one["url"] for one in house.addresses()["regions"] if one["region"] == "US")
        body = [
            {
                "taskType": "AccountingDocuments",
                "subscriptionType": "Webhook",
                "notificationWebhookURL": f"{there.url}/hook",
                "webhookAuthenticationToken": "key",
            }
        ]
        word = base64.b64encode(b"american:demo-basware-password").decode()
        answer = httpx2.post(
            f"{url}/v1/subscriptions", json=body, headers={"Authorization": f"Basic {word}"}, timeout=60
        )
        assert answer.status_code == 200, answer.text
        assert b"ConnectionTest" in receiver.bodies[0]
        receiver.came.clear()
        approved = {"action": "approve", "company": "american", "details": {"document": {"invoiceId": "new"}}}
        control(url, "POST", "act", approved)
        assert receiver.came.wait(30)
    assert b"new" in receiver.bodies[1]


# The state file


def test_a_state_is_saved_when_told_and_at_the_end_and_goes_on_under_other_ports(tmp_path):
    plan = Plan(state=tmp_path / "state", save_every=3_600)
    with House(fresh(), plan) as house:
        url = house.addresses()["quickbooks"]
        control(url, "POST", "clock", {"stop": True})
        saved = control(url, "POST", "save", {})
        assert (saved["state"], saved["bytes"]) == (str(plan.state), plan.state.stat().st_size)
        details = {"entity": "Vendor", "id": "101", "name": "Renamed"}
        control(url, "POST", "act", {"action": "rename", "details": details})
        control(house.addresses()["basware"], "POST", "seed", american())
        now = control(url, "GET", "clock")["now"]
    story = keep.load(plan.state)
    with House(story, plan) as house:
        assert control(house.addresses()["quickbooks"], "GET", "clock")["now"] == now
        assert control(house.addresses()["quickbooks"], "GET", "record?kind=Vendor&id=101")["DisplayName"] == "Renamed"
        there = next(one["url"] for one in house.addresses()["regions"] if one["region"] == "US")
        assert companies(there, "american") == 200
        assert story.regions.place_of(there.removeprefix("http://")) == Place(Region.US, Environment.TEST)


def test_a_state_is_saved_every_so_often_when_something_changed(tmp_path, monkeypatch):
    written = threading.Event()
    real = keep.save

    def save(story, path):
        size = real(story, path)
        written.set()
        return size

    monkeypatch.setattr(keep, "save", save)
    with House(fresh(), Plan(state=tmp_path / "state", save_every=0.01)) as house:
        assert written.wait(30), "a new story is kept from the start"
        written.clear()
        control(house.addresses()["quickbooks"], "POST", "clock", {"advance": 5})
        assert written.wait(30)
    assert keep.load(tmp_path / "state").quickbooks.panel.companies()


def test_a_state_that_cannot_be_written_is_told_and_tried_again(tmp_path, monkeypatch, capsys):
    tried, real = [], keep.save
    second = threading.Event()

    def save(story, path):
        tried.append(path)
        if len(tried) == 1:
            raise OSError("no space left")
        second.set()
        return real(story, path)

    monkeypatch.setattr(keep, "save", save)
    with House(fresh(), Plan(state=tmp_path / "state", save_every=0.01)):
        assert second.wait(30)
    assert "could not be saved: no space left" in capsys.readouterr().err
