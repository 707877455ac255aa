"""The control interface: seed, look, act, move the clock, bring bad luck."""

from decimal import Decimal

import msgspec
import pytest

from twins import demo_company
from twins.basware import BaswareInstances, BaswareTwin, Switches
from twins.basware.acts import ACTS
from twins.control import ControlledTwin
from twins.faults import FaultKind, FaultRule
from twins.http import LostAnswerError, Request, Response
from twins.panels import BaswarePanel, QuickBooksPanel
from twins.quickbooks.acts import ACTIONS
from twins.quickbooks.sign_in import ACTIONS as CONNECTION_ACTIONS
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
    assert state["clock"] == {"now": "2026-11-20T12:00:00Z", "running": False, "scale": 1.0}
    assert state["switches"]["redirect"] == Switches().redirect
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
    assert "POST /_twin/act" in body["why"]
    assert "POST /_twin/act" in [command["command"] for command in desk.get("")]


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


def test_long_lists_come_in_pages(desk):
    for number in range(12):
        details = {"document": {"invoiceId": f"i{number:02}", "invoiceNumber": str(number)}}
        desk.post("act", {"action": "approve", "company": "c", "details": details})
    page = desk.get("documents?limit=5&offset=10")
    assert (len(page["items"]), page["total"], page["offset"], page["limit"]) == (3, 13, 10, 5)
    assert len(desk.get("documents")) == 13
    assert desk.call("GET", "/_twin/documents?limit=many")[0] == 400


def test_documents_and_vendors_are_found_by_what_people_know(clock):
    desk = Desk(QuickBooksPanel(QuickBooksTwin(clock)), clock)
    desk.post("seed", demo_company.quickbooks_seed())
    [bill] = desk.get("documents?number=HS-7731")
    assert (bill["kind"], bill["supplier"], bill["total"], bill["status"]) == (
        "Bill",
        "Hartwell & Sons Printing",
        1148.0,
        "open",
    )
    assert desk.get("documents?search=hartwell&kind=bill&status=OPEN") == [bill]
    assert desk.get("documents?kind=VendorCredit&number=HS-7731") == []
    [vendor] = desk.get("vendors?search=hartwell")
    assert (vendor["name"], vendor["balance"]) == ("Hartwell & Sons Printing", 1148.0)
    assert desk.get(f"record?kind=Bill&id={bill['id']}")["DocNumber"] == "HS-7731"
    lines = desk.get(f"ledger?document=Bill:{bill['id']}")
    assert {line["txn_id"] for line in lines} == {bill["id"]}
    assert sum(Decimal(line["debit"]) - Decimal(line["credit"]) for line in lines) == 0
    assert desk.call("GET", "/_twin/record?kind=Bill&id=0")[0] == 404
    assert "Vendor" in desk.call("GET", "/_twin/record?kind=Bills&id=1")[1]["why"]


def test_the_trial_balance_has_equal_sides(clock):
    desk = Desk(QuickBooksPanel(QuickBooksTwin(clock)), clock)
    desk.post("seed", demo_company.quickbooks_seed())
    rows = desk.get("trial-balance")
    assert sum(Decimal(str(row["debit"])) for row in rows) == sum(Decimal(str(row["credit"])) for row in rows) > 0


def test_requests_are_narrowed_down_and_shown_in_full(desk):
    for path in ("/v1/companies", "/v1/vendors", "/nowhere"):
        desk.controlled.handle(Request.build("GET", f"http://x{path}", [("X-Note", path)], b""))
    assert [row["path"] for row in desk.get("requests?path=VENDORS")] == ["/v1/vendors"]
    assert len(desk.get("requests?status=4xx")) == len(desk.get("requests?status=401")) == 3
    assert desk.get("requests?status=200") == desk.get("requests?status=none") == []
    assert [row["number"] for row in desk.get("requests?last=2&brief=1")] == [2, 3]
    assert "request_headers" not in desk.get("requests?brief=1")[0]
    assert desk.get("request?number=2")["request_headers"]["x-note"] == "/v1/vendors"
    assert desk.get("requests?limit=1&offset=1")["items"][0]["number"] == 2
    assert desk.call("GET", "/_twin/request?number=9")[1]["why"] == "kept are 1 to 3"
    assert desk.call("GET", "/_twin/requests?status=fine")[0] == 400


def test_acts_tell_what_they_take_and_a_mistake_names_what_is_known(desk):
    acts = {act["name"]: act for act in desk.get("acts")}
    assert set(ACTS) < set(acts)
    assert all(act["help"] for act in acts.values())
    edit = {one["name"]: one for one in acts["edit"]["parameters"]}
    assert (edit["invoice_id"]["kind"], edit["invoice_id"]["required"]) == ("text", True)
    assert "tenant" not in {one["name"] for one in acts["approve"]["parameters"]}
    for body, known in (
        ({"action": "dance"}, "approve"),
        ({"action": "edit", "details": {"wrong": 1}}, "invoice_id"),
        ({"action": "edit", "details": {"invoice_id": "a"}}, "changes"),
    ):
        answer = desk.call("POST", "/_twin/act", body)[1]
        assert known in f"{answer['error']} {answer['why']}"


def test_every_quickbooks_act_is_described(clock):
    desk = Desk(QuickBooksPanel(QuickBooksTwin(clock)), clock)
    acts = {act["name"]: act for act in desk.get("acts")}
    assert set(ACTIONS) | set(CONNECTION_ACTIONS) < set(acts)
    assert all(act["help"] for act in acts.values())


def test_tokens_and_kept_answers_are_taken_away_by_name(desk, clock):
    assert desk.post("act", {"action": "revoke_tokens"}) == {"result": {}}
    quickbooks = Desk(QuickBooksPanel(QuickBooksTwin(clock)), clock)
    quickbooks.post("seed", demo_company.quickbooks_seed())
    assert quickbooks.post("act", {"action": "forget_answers"}) == {"result": {}}


def test_every_switch_says_what_it_means(desk, clock):
    quickbooks = Desk(QuickBooksPanel(QuickBooksTwin(clock)), clock)
    for each in (desk, quickbooks):
        rows = each.get("switches/described")
        assert [row["name"] for row in rows] == list(each.get("switches"))
        assert [row["name"] for row in rows if not row["help"]] == []
    redirect = next(row for row in desk.get("switches/described") if row["name"] == "redirect")
    assert set(redirect["choices"]) == {"large", "always", "never"}
    desk.post("switches", {"redirect": "never"})
    assert next(row for row in desk.get("switches/described") if row["name"] == "redirect")["value"] == "never"


def test_kinds_of_faults_and_the_vendors_errors_are_listed(desk):
    found = desk.get("faults/kinds")
    assert set(found["kinds"]) == {kind.value for kind in FaultKind}
    assert all(found["kinds"].values())
    assert [one["name"] for one in found["rule"]] == list(FaultRule.__dataclass_fields__)
    assert all(one["help"] for one in found["rule"])
    assert "UNEXPECTED_ERROR" in found["errors"]
    refused = desk.call("POST", "/_twin/faults", {"kind": "status", "error": "3001"})
    assert (refused[0], "UNEXPECTED_ERROR" in refused[1]["error"]) == (400, True)


def test_quickbooks_notifications_are_set_up_and_sent_again(clock):
    desk = Desk(QuickBooksPanel(QuickBooksTwin(clock)), clock)
    seed = demo_company.quickbooks_seed()
    desk.post("seed", seed)
    settings = {"url": "http://127.0.0.1:9/hook", "verifier_token": "canary-verifier", "entities": {"Vendor": []}}
    stand = desk.post("webhooks", settings)
    assert "canary-verifier" not in str(stand)
    assert stand[seed["client_id"]]["url"] == "http://127.0.0.1:9/hook"
    assert desk.call("POST", "/_twin/webhooks", {"url": "nowhere", "verifier_token": "x"})[0] == 400
    desk.post("act", {"action": "rename", "details": {"entity": "Vendor", "id": "101", "name": "Beacon"}})
    outbox = desk.controlled.panel.outboxes()["quickbooks"]
    [attempt] = outbox.deliver_due(lambda _: Response(500))
    assert (attempt.status, [row["state"] for row in desk.get("deliveries")]) == (500, ["waiting"])
    assert [row["status"] for row in desk.get("attempts?status=500")] == [500]
    assert desk.post("resend", {"delivery": attempt.delivery}) == {"delivery": attempt.delivery}
    assert [each.status for each in outbox.deliver_due(lambda _: Response(200))] == [200]
    assert desk.get("deliveries?state=delivered&limit=1")["total"] == 1
    assert desk.call("POST", "/_twin/resend", {"delivery": "delivery-99"})[0] == 400
    assert desk.post("webhooks", {"remove": True}) == {}


@pytest.mark.row("S32", "Q15")
def test_bad_luck_for_notifications_is_added_and_taken_away(clock):
    desk = Desk(QuickBooksPanel(QuickBooksTwin(clock)), clock)
    seed = demo_company.quickbooks_seed()
    desk.post("seed", seed | {"webhooks": {"url": "http://127.0.0.1:9/hook", "verifier_token": "t"}})
    name = desk.post("luck", {"kind": "lost", "about": "Vendor 101"})["id"]
    for vendor in ("101", "102"):
        desk.post("act", {"action": "rename", "details": {"entity": "Vendor", "id": vendor, "name": f"New {vendor}"}})
    sent = []
    desk.controlled.panel.outboxes()["quickbooks"].deliver_due(lambda request: sent.append(request) or Response(200))
    assert b'"102"' in sent[0].body
    assert b'"101"' not in sent[0].body
    assert [(row["id"], row["hits"]) for row in desk.get("luck")] == [(name, 1)]
    assert desk.call("DELETE", f"/_twin/luck?id={name}") == (200, [])
    assert desk.call("POST", "/_twin/luck", {"kind": "lost", "about": "("})[0] == 400


def test_basware_subscriptions_are_shown_without_their_keys(clock):
    desk = Desk(BaswarePanel(BaswareTwin(clock)), clock)
    subscription = {
        "taskType": "AccountingDocuments",
        "subscriptionType": "Webhook",
        "notificationWebhookURL": "http://127.0.0.1:9/hook",
        "webhookAuthenticationToken": "canary-key",
    }
    desk.post("seed", TENANT | {"subscriptions": [subscription]})
    shown = desk.get("webhooks")
    assert shown["c"][0]["notificationWebhookURL"] == "http://127.0.0.1:9/hook"
    assert "canary-key" not in str(shown)
    status, answer = desk.call("POST", "/_twin/webhooks", {"url": "x"})
    assert (status, "subscriptions" in answer["next"]) == (400, True)


@pytest.mark.parametrize(
    ("host", "headers"),
    [
        ("evil.example:8101", {}),
        ("127.0.0.1.evil.example", {}),
        ("127.0.0.1:1", {"Origin": "https://evil.example"}),
        ("127.0.0.1:1", {"Origin": "http://127.0.0.1:2"}),
        ("127.0.0.1:1", {"Origin": "null"}),
        ("127.0.0.1:1", {"Sec-Fetch-Site": "cross-site"}),
    ],
)
def test_no_foreign_page_reaches_the_control_interface(desk, host, headers):
    before = desk.get("switches")
    body = msgspec.json.encode({"bare_lists": True})
    request = Request.build("POST", f"http://{host}/_twin/switches", headers.items(), body)
    answer = desk.controlled.handle(request)
    assert (answer.status, desk.get("switches")) == (403, before)
    assert msgspec.json.decode(answer.body)["why"]


@pytest.mark.parametrize("host", ["127.0.0.1:8101", "localhost", "LOCALHOST:1", "[::1]:5", "[::1]"])
def test_programs_on_this_machine_are_heard(desk, host):
    request = Request.build("GET", f"http://{host}/_twin/clock", [("Origin", f"http://{host}")], b"")
    assert desk.controlled.handle(request).status == 200


def test_a_twin_without_a_process_of_its_own_says_so(desk):
    for method, command in (("POST", "save"), ("GET", "addresses")):
        status, answer = desk.call(method, f"/_twin/{command}", {} if method == "POST" else None)
        assert (status, bool(answer["error"] and answer["why"])) == (400, True)


def test_people_act_in_the_region_of_the_tenant_they_belong_to(clock):
    desk = Desk(BaswarePanel(BaswareInstances(clock)), clock)
    for name, region in (("c", "EU"), ("d", "US")):
        desk.post("seed", TENANT | {"client_id": name, "user": name, "region": region, "accountingDocuments": []})
    act = {"action": "approve", "details": {"document": {"invoiceId": "new"}}}
    assert desk.call("POST", "/_twin/act", act)[0] == 400, "nothing tells which tenant"
    desk.post("act", act | {"company": "d"})
    assert (desk.get("documents?company=c"), len(desk.get("documents?company=d"))) == ([], 1)
    desk.post("act", {"action": "edit", "details": {"invoice_id": "new", "changes": {"invoiceNumber": "7"}}})
    assert desk.get("documents?number=7")[0]["id"] == "new"
    assert [(row["region"], row["environment"]) for row in desk.get("companies")] == [
        ("EU", "production"),
        ("US", "production"),
    ]
