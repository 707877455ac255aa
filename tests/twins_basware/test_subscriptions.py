"""Subscribing to push notifications: what is taken, tested, shown and deleted, and the refusals in their own form."""

import hashlib
import hmac
import json

import pytest

from twins.basware import BaswareTwin
from twins.clock import Clock
from twins.http import Request, Response
from twins.outgoing import UnreachableError
from twins.recorder import Recorder

URL = "https://receiver.test/invoices"
TOKEN = "geheim-ö-123"
SCOPES = ["accountingDocuments.read", "accountingDocuments.write", "tasks.read"] + [
    f"subscriptions.{right}" for right in ("read", "write", "delete")
]


class Receiver:
    """Keeps what it is sent and answers as told."""

    def __init__(self):
        self.calls = []
        self.answer = Response(200)

    def __call__(self, request):
        self.calls.append(request)
        if isinstance(self.answer, UnreachableError):
            raise self.answer
        return self.answer


@pytest.fixture
def receiver():
    return Receiver()


@pytest.fixture
def caller(tools, receiver):
    caller = tools.caller([], scopes=SCOPES)
    caller.twin.connect(receiver)
    return caller


def subscription(**changes):
    body = {
        "taskType": "AccountingDocuments",
        "taskSubType": "WaitingForTransfer",
        "subscriptionType": "Webhook",
        "notificationWebhookURL": URL,
        "webhookAuthenticationToken": TOKEN,
        **changes,
    }
    return {name: value for name, value in body.items() if value is not ...}


def shown(caller, tools, query=""):
    answer = caller.get(f"/v1/subscriptions{query}")
    return [] if answer.status == 404 else tools.parsed(answer)["subscriptions"]


def delete(caller, tools, **query):
    pairs = {"lastUpdated": "2000-01-01T00:00:00Z", "taskType": "All", "taskSubType": "All", **query}
    text = "&".join(f"{name}={value}" for name, value in pairs.items() if value is not ...)
    answer = caller.send("DELETE", f"/v1/subscriptions?{text}")
    return answer.status, tools.parsed(answer)


def refusals(caller, tools, body):
    """The messages of a 400, whose form is checked."""
    answer = caller.post("/v1/subscriptions", body)
    assert answer.status == 400, answer.body
    content = tools.parsed(answer)
    assert set(content) == {"requestId", "hasError", "errorMessages"}
    assert content["hasError"] is True
    assert len(content["requestId"]) == 16
    assert content["requestId"].endswith("=")
    assert all(set(each) == {"type", "code", "message"} for each in content["errorMessages"])
    return content["errorMessages"]


# subscribing


@pytest.mark.row("S29")
def test_subscribing_tests_the_address_with_the_new_key_before_it_answers(caller, tools, receiver):
    answer = caller.post("/v1/subscriptions", [subscription()])
    assert answer.status == 200
    assert tools.parsed(answer) == [{**subscription(), "lastUpdated": "2026-11-20T12:00:00Z"}]
    (call,) = receiver.calls
    assert (call.method, call.url) == ("POST", URL)
    payload = json.loads(call.body)
    assert (payload["taskType"], payload["taskStatus"]) == ("ConnectionTest", "New")
    assert {"taskId", "documentId"} <= payload.keys()
    assert all(isinstance(value, str) for value in payload.values())
    expected = hmac.new(TOKEN.encode(), call.body, hashlib.sha256).hexdigest()
    assert call.headers["x-bwapi-signature-256"] == expected


@pytest.mark.row("S29")
@pytest.mark.parametrize(
    "answer",
    [
        Response(201),
        Response(204),
        Response(302),
        Response(401),
        Response(500),
        Response(200, delay=3.5),
        UnreachableError("no"),
    ],
)
def test_an_address_that_does_not_answer_200_in_time_is_refused(caller, tools, receiver, answer):
    receiver.answer = answer
    (message,) = refusals(caller, tools, [subscription()])
    assert URL in message["message"]
    assert caller.get("/v1/subscriptions").status == 404


@pytest.mark.row("S29")
def test_one_bad_address_refuses_all_and_each_address_is_tested_once(caller, tools, receiver):
    pair = [subscription(), subscription(taskSubType="WaitingForPrebook")]
    assert caller.post("/v1/subscriptions", pair).status == 200
    assert len(receiver.calls) == 1
    receiver.answer = Response(503)
    refusals(caller, tools, [subscription(notificationWebhookURL="https://other.test/")])
    assert [each["notificationWebhookURL"] for each in shown(caller, tools)] == [URL, URL]


@pytest.mark.row("S29")
def test_a_service_that_can_make_no_calls_takes_no_subscription(tools):
    caller = tools.caller([], scopes=SCOPES)
    (message,) = refusals(caller, tools, [subscription()])
    assert "connection test" in message["message"]


def test_a_tenant_may_insist_on_the_test_being_echoed(caller, tools, receiver):
    caller.twin.switches.push_wants_echo = True
    refusals(caller, tools, [subscription()])
    caller.twin.connect(lambda request: Response(200, {}, request.body))
    assert caller.post("/v1/subscriptions", [subscription()]).status == 200


@pytest.mark.parametrize(
    ("task_type", "stored"),
    [("RequestStatus", "Error"), ("AccountingDocuments", "All"), ("ExportedPurchaseOrders", "All")],
)
@pytest.mark.parametrize("given", [None, ...])
def test_a_missing_sub_type_means_errors_of_requests_and_everything_else(caller, tools, task_type, stored, given):
    answer = caller.post("/v1/subscriptions", [subscription(taskType=task_type, taskSubType=given)])
    assert tools.parsed(answer)[0]["taskSubType"] == stored


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"taskType": ...}, "taskType"),
        ({"taskType": None}, "taskType"),
        ({"taskType": "Vendors"}, "taskType"),
        ({"taskType": ""}, "taskType"),
        ({"taskSubType": "WaitingForExport"}, "taskSubType"),
        ({"taskSubType": 7}, "taskSubType"),
        ({"taskType": "RequestStatus"}, "taskSubType"),
        ({"subscriptionType": ...}, "subscriptionType"),
        ({"subscriptionType": "Email"}, "subscriptionType"),
        ({"subscriptionType": "Polling"}, "subscriptionType"),
        ({"notificationWebhookURL": ...}, "notificationWebhookURL"),
        ({"notificationWebhookURL": "receiver.test"}, "notificationWebhookURL"),
        ({"notificationWebhookURL": "https://receiver.test/" + "x" * 2083}, "notificationWebhookURL"),
        ({"webhookAuthenticationToken": ...}, "webhookAuthenticationToken"),
        ({"webhookAuthenticationToken": ""}, "webhookAuthenticationToken"),
        ({"lastUpdated": "yesterday"}, "lastUpdated"),
        ({"externalCode": "1"}, "externalCode"),
        ({"autoResponder": "Disabled"}, "autoResponder"),
        ({"autoResponder": {"autoResponseMode": "Maybe"}}, "autoResponder"),
        ({"autoResponder": {"autoResponseMessage": 1}}, "autoResponder"),
        ({"autoResponder": {"fieldUpdateArray": {}}}, "autoResponder"),
    ],
)
def test_bodies_are_strictly_checked(caller, tools, receiver, changes, name):
    (message,) = refusals(caller, tools, [subscription(**changes)])
    assert (message["type"], message["code"]) == ("VALIDATION", "SCHEMA_VALIDATION_ERROR")
    assert message["message"].startswith(name)
    assert receiver.calls == []


def test_a_body_that_is_no_array_is_refused_and_one_that_is_no_json_is_unprocessable(caller, tools):
    refusals(caller, tools, subscription())
    refusals(caller, tools, ["text"])
    headers = {"Content-Type": "application/json"}
    for answer in (caller.post("/v1/subscriptions", b"[{", headers), caller.post("/v1/subscriptions", b"[]")):
        assert answer.status == 422
        assert set(tools.parsed(answer)) == {"message"}


def test_the_reserved_auto_responder_and_a_given_time_stamp_are_taken(caller, tools):
    reserved = {"autoResponseMode": "Disabled", "fieldUpdateArray": None}
    body = subscription(autoResponder=reserved, lastUpdated="2021-08-04T08:39:13Z")
    (stored,) = tools.parsed(caller.post("/v1/subscriptions", [body]))
    assert stored["autoResponder"] == reserved
    assert stored["lastUpdated"] == "2026-11-20T12:00:00Z"


def test_the_same_subscription_again_replaces_the_first_with_its_key(caller, tools):
    caller.post("/v1/subscriptions", [subscription()])
    caller.clock.advance(60)
    caller.post("/v1/subscriptions", [subscription(webhookAuthenticationToken="new")])
    (kept,) = shown(caller, tools)
    assert (kept["webhookAuthenticationToken"], kept["lastUpdated"]) == ("new", "2026-11-20T12:01:00Z")
    caller.twin.switches.repeated_subscription = "add"
    caller.post("/v1/subscriptions", [subscription()])
    assert len(shown(caller, tools)) == 2


# looking and deleting


def three(caller):
    """Three subscriptions, a minute apart."""
    for task_type, sub_type in (
        ("AccountingDocuments", "WaitingForTransfer"),
        ("AccountingDocuments", "All"),
        ("RequestStatus", "All"),
    ):
        assert caller.post("/v1/subscriptions", [subscription(taskType=task_type, taskSubType=sub_type)]).status == 200
        caller.clock.advance(60)


def test_subscriptions_are_listed_by_filter_with_their_keys_in_clear(caller, tools):
    three(caller)
    assert len(shown(caller, tools)) == 3
    assert {each["webhookAuthenticationToken"] for each in shown(caller, tools)} == {TOKEN}
    assert [each["taskSubType"] for each in shown(caller, tools, "?taskType=AccountingDocuments")] == [
        "WaitingForTransfer",
        "All",
    ]
    assert [each["taskType"] for each in shown(caller, tools, "?taskSubType=All")] == [
        "AccountingDocuments",
        "RequestStatus",
    ]
    assert [each["taskType"] for each in shown(caller, tools, "?lastUpdated=2026-11-20T12:01:00Z")] == ["RequestStatus"]
    answer = caller.get("/v1/subscriptions?taskType=ExportedContracts")
    assert (answer.status, tools.parsed(answer)) == (404, {"detail": "Not Found"})
    assert caller.get("/v1/subscriptions?lastUpdated=soon").status == 422


def test_deleting_goes_by_filter_and_needs_all_three_parameters(caller, tools):
    three(caller)
    for name in ("lastUpdated", "taskType", "taskSubType"):
        status, body = delete(caller, tools, **{name: ...})
        assert (status, set(body)) == (422, {"message"})
        assert name in body["message"]
    assert delete(caller, tools, lastUpdated="soon")[0] == 422
    assert delete(caller, tools, taskType="RequestStatus", taskSubType="Error") == (
        200,
        {"status": "Deleted successfully", "numberOfRecordsDeleted": 0},
    )
    status, body = delete(caller, tools, taskType="AccountingDocuments", taskSubType="WaitingForTransfer")
    assert (status, body["numberOfRecordsDeleted"]) == (200, 1)
    status, body = delete(caller, tools, lastUpdated="2026-11-20T12:01:30Z")
    assert body["numberOfRecordsDeleted"] == 1
    status, body = delete(caller, tools)
    assert body["numberOfRecordsDeleted"] == 1
    assert shown(caller, tools) == []


def test_tenants_do_not_see_each_others_subscriptions(caller, tools):
    other = tools.tenant([], client_id="other", user="other", password="other", scopes=SCOPES)
    caller.twin.add_tenant(other)
    three(caller)
    caller.authorization = tools.basic("other", "other")
    assert caller.get("/v1/subscriptions").status == 404
    assert delete(caller, tools)[1]["numberOfRecordsDeleted"] == 0


# access


@pytest.mark.parametrize("path", ["/v1/subscriptions", "/v1/tasks", "/v1/tasks/1"])
def test_bad_credentials_get_a_message(caller, tools, path):
    answer = caller.get(path, anonymous=True)
    assert (answer.status, tools.parsed(answer)) == (401, {"message": "Unauthorized"})


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/v1/subscriptions", "subscriptions.read"),
        ("POST", "/v1/subscriptions", "subscriptions.write"),
        ("DELETE", "/v1/subscriptions", "subscriptions.delete"),
        ("GET", "/v1/tasks", "tasks.read"),
        ("GET", "/v1/tasks/1", "tasks.read"),
    ],
)
def test_each_operation_needs_its_scope(tools, method, path, scope):
    caller = tools.caller([], scopes=[each for each in SCOPES if each != scope])
    assert caller.send(method, path).status == 403
    caller = tools.caller([], scopes=[scope])
    assert caller.send(method, path).status in {404, 422}


def test_a_seed_can_bring_subscriptions_whose_addresses_are_not_tested(tools):
    caller = tools.caller([], scopes=SCOPES, subscriptions=[subscription()])
    assert [each["notificationWebhookURL"] for each in shown(caller, tools)] == [URL]
    with pytest.raises(ValueError, match="taskType"):
        BaswareTwin(Clock()).add_tenant(tools.tenant([], subscriptions=[subscription(taskType="Vendors")]))


def test_the_record_of_requests_never_holds_a_key(caller, tools):
    recorder = Recorder(caller.twin, caller.clock)
    headers = {"Authorization": caller.authorization, "Content-Type": "application/json"}
    body = json.dumps([subscription()]).encode()
    for method, content in (("POST", body), ("GET", b"")):
        request = Request.build(method, "https://basware.test/v1/subscriptions", headers.items(), content)
        assert TOKEN.encode() in recorder.handle(request).body
    for exchange in recorder.exchanges:
        assert b"geheim" not in exchange.request_body + exchange.response_body
