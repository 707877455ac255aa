"""The control interface: seed, look, act, move the clock, bring bad luck."""

import msgspec
import pytest

from twins import demo_company
from twins.basware import BaswareTwin
from twins.control import ControlledTwin
from twins.http import LostAnswerError, Request
from twins.panels import BaswarePanel, QuickBooksPanel
from twins.quickbooks.twin import QuickBooksTwin

TENANT = {
    "client_id": "c",
    "client_secret": "s",
    "user": "u",
    "password": "p",
    "bwcid": "b",
    "scopes": ["accountingDocuments.read", "accountingDocuments.write"],
    "companies": [],
    "accountingDocuments": [{"invoiceId": "a", "processingStatus": "WaitingForTransfer", "grossSum": 12.5}],
}


class Desk:
    """Speaks JSON to a controlled twin."""

    def __init__(self, panel, clock):
        self.controlled = ControlledTwin(panel, clock)

    def call(self, method, path, body=None):
        content = b"" if body is None else msgspec.json.encode(body)
        answer = self.controlled.handle(Request.build(method, f"http://127.0.0.1:1{path}", [], content))
        return answer.status, msgspec.json.decode(answer.body)

    def get(self, command):
        status, body = self.call("GET", f"/_twin/{command}")
        assert status == 200, body
        return body

    def post(self, command, body):
        status, found = self.call("POST", f"/_twin/{command}", body)
        assert status == 200, found
        return found


@pytest.fixture
def desk(clock):
    desk = Desk(BaswarePanel(BaswareTwin(clock)), clock)
    assert desk.post("seed", TENANT) == {"company": "c"}
    return desk


def test_the_state_tells_everything_at_a_glance(desk):
    state = desk.get("state")
    assert (state["twin"], state["companies"]) == ("basware", ["c"])
    assert state["clock"] == {"now": "2026-11-20T12:00:00Z", "running": False}
    assert state["switches"]["redirect"] == "large"
    assert (state["calls"], state["faults"]) == ({}, [])


def test_books_ledger_and_check_are_shown(desk):
    books = desk.get("books")
    assert books["accountingDocuments"][0]["grossSum"] == 12.5
    assert desk.get("books?company=c") == books
    assert (desk.get("ledger"), desk.get("check")) == ([], [])


def test_acts_change_the_books(desk):
    assert desk.post("act", {"action": "edit", "details": {"invoice_id": "a", "changes": {"description": "x"}}}) == {
        "result": "a"
    }
    new = desk.post("act", {"action": "approve", "company": "c", "details": {"document": {"invoiceNumber": "7"}}})[
        "result"
    ]
    documents = {item["invoiceId"]: item for item in desk.get("books")["accountingDocuments"]}
    assert documents["a"]["description"] == "x"
    assert documents[new]["processingStatus"] == "WaitingForTransfer"


def test_the_clock_is_moved(desk, clock):
    desk.post("clock", {"advance": 90})
    assert desk.get("clock")["now"] == "2026-11-20T12:01:30Z"
    desk.post("clock", {"set": "2027-01-01T00:00:00+01:00"})
    assert desk.get("clock")["now"] == "2026-12-31T23:00:00Z"
    assert desk.post("clock", {"run": 2.5})["running"] is True
    assert desk.post("clock", {"stop": True})["running"] is False


def test_switches_are_set_by_name_and_kind(desk):
    assert (
        desk.post("switches", {"redirect": "never", "recovery_seconds": None, "processing_seconds": 1.5})["redirect"]
        == "never"
    )
    assert desk.controlled.panel.switches.recovery_seconds is None
    for wrong in ({"redirect": "perhaps"}, {"no_such_switch": 1}, {"page_bytes": "many"}):
        status, body = desk.call("POST", "/_twin/switches", {"bare_lists": True, **wrong})
        assert (status, "error" in body) == (400, True)
    assert desk.get("switches")["bare_lists"] is False


def test_faults_come_and_go_and_strike_the_twin_but_not_the_control(desk):
    name = desk.post("faults", {"kind": "lost before", "path": "accountingDocuments", "times": None, "lasts": 60.5})[
        "id"
    ]
    with pytest.raises(LostAnswerError):
        desk.call("GET", "/v1/accountingDocuments")
    assert [(rule["id"], rule["hits"]) for rule in desk.get("faults")] == [(name, 1)]
    assert desk.call("DELETE", f"/_twin/faults?id={name}") == (200, [])
    desk.post("faults", {"kind": "slow", "delay": 3})
    assert desk.call("DELETE", "/_twin/faults") == (200, [])
    assert desk.call("POST", "/_twin/faults", {"kind": "bad hair day"})[0] == 400


def test_requests_and_calls_are_listed_without_the_controls_own(desk):
    desk.controlled.handle(
        Request.build("GET", "http://x/v1/companies?pageSize=1", [("Authorization", "Basic c2VjcmV0")], b"")
    )
    [exchange] = desk.get("requests")
    assert (exchange["method"], exchange["path"], exchange["status"]) == ("GET", "/v1/companies", 401)
    assert "c2VjcmV0" not in str(exchange)
    assert desk.get("calls") == {"requests": 1, "unauthorized": 1}
    assert desk.call("DELETE", "/_twin/requests")[0] == 200
    assert desk.get("requests?last=5") == []


@pytest.mark.parametrize(
    ("command", "body"),
    [
        ("act", {"action": "dance"}),
        ("act", {"details": {}}),
        ("act", {"action": "edit", "details": {"invoice_id": "nobody", "changes": {}}}),
        ("act", {"action": "edit", "details": {"wrong": 1}}),
        ("act", {"action": "edit", "company": "nobody", "details": {"invoice_id": "a", "changes": {}}}),
        ("seed", {}),
        ("clock", {"jump": 1}),
        ("clock", {"set": "2027-01-01T00:00:00"}),
        ("clock", []),
    ],
)
def test_mistakes_are_told_and_change_nothing(desk, command, body):
    before = desk.get("state"), desk.get("books")
    status, answer = desk.call("POST", f"/_twin/{command}", body)
    assert status == 400
    assert answer["error"]
    assert (desk.get("state"), desk.get("books")) == before


def test_an_unknown_command_names_the_known_ones(desk):
    status, body = desk.call("GET", "/_twin/magic")
    assert status == 404
    assert "POST /_twin/act" in body["commands"]


def test_a_quickbooks_twin_has_the_same_panel(clock):
    desk = Desk(QuickBooksPanel(QuickBooksTwin(clock)), clock)
    realm = desk.post("seed", demo_company.quickbooks_seed())["company"]
    assert desk.get("state")["companies"] == [realm]
    assert desk.get("check") == []
    assert desk.get("books")
    assert desk.get(f"ledger?company={realm}")
    assert desk.call("GET", "/_twin/books?company=nobody")[0] == 400
    assert desk.post("switches", {"throttle": False})["throttle"] is False


def test_what_quickbooks_refuses_a_person_is_told(clock):
    desk = Desk(QuickBooksPanel(QuickBooksTwin(clock)), clock)
    desk.post("seed", demo_company.quickbooks_seed())
    details = {"entity": "Vendor", "id": "no such vendor", "name": "X"}
    status, answer = desk.call("POST", "/_twin/act", {"action": "rename", "details": details})
    assert status == 400
    assert "QuickBooks refused this" in answer["error"]
