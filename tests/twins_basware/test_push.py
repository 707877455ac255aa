"""Push notifications and their history: what is announced, how it is signed, repeated, lost, and found again."""

import base64
import hashlib
import hmac
import json
import pickle

import pytest

from twins.basware.notices import Notice
from twins.http import Response
from twins.luck import LuckRule, Mishap
from twins.outgoing import UnreachableError

URL = "https://receiver.test/invoices"
TOKEN = "geheim-ö-123"
SCOPES = [
    "accountingDocuments.read",
    "accountingDocuments.write",
    "tasks.read",
    "subscriptions.read",
    "subscriptions.write",
    "subscriptions.delete",
]


def subscription(task_type="AccountingDocuments", sub_type="All", **changes):
    return {
        "taskType": task_type,
        "taskSubType": sub_type,
        "subscriptionType": "Webhook",
        "notificationWebhookURL": URL,
        "webhookAuthenticationToken": TOKEN,
        **changes,
    }


class Receiver:
    """Keeps the notifications, and answers with the next status, 200 in the end; 0 is no answer at all."""

    def __init__(self):
        self.calls = []
        self.statuses = []

    def __call__(self, request):
        self.calls.append(request)
        status = self.statuses.pop(0) if self.statuses else 200
        if not status:
            raise UnreachableError("nobody there")
        return Response(status, {}, request.body)

    @property
    def payloads(self):
        return [json.loads(call.body) for call in self.calls]

    @property
    def documents(self):
        return [payload["documentId"] for payload in self.payloads]


class Pushed:
    """A tenant with subscriptions, and who receives them."""

    def __init__(self, tools, documents, subscriptions):
        self.caller = tools.caller(documents, scopes=SCOPES, subscriptions=subscriptions)
        self.twin, self.clock = self.caller.twin, self.caller.clock
        self.receiver = Receiver()
        self.twin.connect(self.receiver)
        self.tools = tools

    def deliver(self):
        return self.twin.outbox.deliver_due(self.receiver)

    def approve(self, number):
        return self.twin.act("approve", document=self.tools.invoice(number))

    def tasks(self, query="", headers=None):
        answer = self.caller.get(f"/v1/tasks{query}", headers)
        return [] if answer.status == 404 else self.tools.parsed(answer)["taskStatus"]

    def task(self, name):
        (task,) = self.tools.parsed(self.caller.get(f"/v1/tasks/{name}"))["taskStatus"]
        return task


@pytest.fixture
def pushed(tools):
    return Pushed(tools, [tools.invoice(1)], [subscription()])


# what is announced


def test_a_released_invoice_is_announced_without_any_of_its_content(pushed):
    pushed.approve(5)
    pushed.deliver()
    (payload,) = pushed.receiver.payloads
    assert payload == {
        "taskId": payload["taskId"],
        "taskStatus": "New",
        "taskType": "AccountingDocuments",
        "taskSubType": "WaitingForTransfer",
        "documentId": "inv5",
        "expirationTime": "2026-11-21T12:00:00Z",
    }
    assert pushed.caller.get(f"/v1/accountingDocuments/{payload['documentId']}").status == 200


def test_an_invoice_is_announced_when_it_comes_to_wait_for_something(pushed):
    for status in (
        "WaitingForPrebook",
        "WaitingForTransfer",
        "WaitingForPrebookCancelation",
        "WaitingToBeRemoved",
        "WaitingToBeReturned",
        "WaitingToBeCompleted",
        "Removed",
    ):
        pushed.twin.act("move", invoice_id="inv1", status=status)
    pushed.deliver()
    assert [payload["taskSubType"] for payload in pushed.receiver.payloads] == [
        "WaitingForPrebook",
        "WaitingForTransfer",
        "WaitingForPrebookCancelation",
        "WaitingToBeRemoved",
        "WaitingToBeReturned",
        "WaitingToBeCompleted",
    ]


def test_what_the_client_does_is_not_announced_but_a_retransfer_is(pushed):
    pushed.caller.acknowledge("inv1")
    pushed.caller.answer("inv1", success=False, responseMessage="no account")
    pushed.deliver()
    assert pushed.receiver.calls == []
    pushed.twin.act("retransfer", invoice_id="inv1")
    pushed.twin.act("edit", invoice_id="inv1", changes={"referencePerson": "Ada"})
    pushed.deliver()
    assert pushed.receiver.documents == ["inv1"]


def test_a_subscription_hears_of_its_type_and_sub_type_only(tools):
    pushed = Pushed(
        tools,
        [tools.invoice(1)],
        [
            subscription(sub_type="WaitingForPrebook", notificationWebhookURL="https://prebook.test/"),
            subscription("RequestStatus", "Error", notificationWebhookURL="https://errors.test/"),
            subscription("ExportedPurchaseOrders", None, notificationWebhookURL="https://orders.test/"),
        ],
    )
    announce = pushed.twin._world.announce
    for kind, sub_type in (
        ("RequestStatus", "Error"),
        ("RequestStatus", "Success"),
        ("ExportedPurchaseOrders", "WaitingForExport"),
    ):
        announce(Notice("client", kind, sub_type, f"{kind}-{sub_type}"))
    announce(Notice("somebody else", "RequestStatus", "Error", "not ours"))
    pushed.twin.act("retransfer", invoice_id="inv1")
    pushed.twin.act("move", invoice_id="inv1", status="WaitingForPrebook")
    pushed.deliver()
    assert [
        (call.host, payload["documentId"])
        for call, payload in zip(pushed.receiver.calls, pushed.receiver.payloads, strict=True)
    ] == [
        ("errors.test", "RequestStatus-Error"),
        ("orders.test", "ExportedPurchaseOrders-WaitingForExport"),
        ("prebook.test", "inv1"),
    ]


def test_every_matching_subscription_gets_a_task_of_its_own(tools):
    subscriptions = [
        subscription(),
        subscription(sub_type="WaitingForTransfer", notificationWebhookURL="https://two.test/"),
    ]
    pushed = Pushed(tools, [], subscriptions)
    pushed.approve(1)
    pushed.deliver()
    assert sorted(call.host for call in pushed.receiver.calls) == ["receiver.test", "two.test"]
    assert len({payload["taskId"] for payload in pushed.receiver.payloads}) == 2


def test_after_the_subscription_is_deleted_nothing_is_sent(pushed):
    pushed.approve(5)
    waiting = pushed.tasks()[0]["taskId"]
    query = "lastUpdated=2000-01-01T00:00:00Z&taskType=All&taskSubType=All"
    assert pushed.caller.send("DELETE", f"/v1/subscriptions?{query}").status == 200
    pushed.approve(6)
    pushed.deliver()
    assert pushed.receiver.calls == []
    assert pushed.task(waiting)["taskStatus"] == "Failed"


# signature


@pytest.mark.row("S30")
def test_notifications_are_signed_over_the_raw_body(pushed):
    pushed.approve(5)
    pushed.deliver()
    (call,) = pushed.receiver.calls
    assert call.headers["content-type"] == "application/json"
    expected = hmac.new(TOKEN.encode("utf-8"), call.body, hashlib.sha256).hexdigest()
    assert call.headers["x-bwapi-signature-256"] == expected


@pytest.mark.row("S30")
@pytest.mark.parametrize("prefix", ["", "sha256="])
@pytest.mark.parametrize(
    ("encoding", "write"),
    [
        ("hex", bytes.hex),
        ("upper-case hex", lambda digest: digest.hex().upper()),
        ("base64", lambda digest: base64.b64encode(digest).decode()),
    ],
)
def test_the_signature_can_be_written_in_any_way_seen(pushed, encoding, write, prefix):
    pushed.twin.switches.push_signature = encoding
    pushed.twin.switches.push_signature_prefix = bool(prefix)
    pushed.approve(5)
    pushed.deliver()
    (call,) = pushed.receiver.calls
    digest = hmac.new(TOKEN.encode(), call.body, hashlib.sha256).digest()
    assert call.headers["x-bwapi-signature-256"] == prefix + write(digest)


def test_the_misspelled_task_type_of_the_published_example_can_be_had(pushed):
    pushed.twin.switches.push_misspelled_type = True
    pushed.approve(5)
    pushed.deliver()
    assert pushed.receiver.payloads[0]["taskType"] == "AccoutingDocuments"


# repetition


@pytest.mark.row("S31")
def test_a_notification_is_tried_three_times_ever_slower_and_then_its_task_fails(pushed):
    pushed.receiver.statuses = [500, 0, 204]
    pushed.approve(5)
    outbox, waits = pushed.twin.outbox, []
    while outbox.next_due:
        waits.append((outbox.next_due - pushed.clock.now()).total_seconds())
        pushed.clock.set(outbox.next_due)
        pushed.deliver()
    assert waits == [0, 10, 20]
    assert len({call.body for call in pushed.receiver.calls}) == 1
    (task,) = pushed.tasks()
    assert task["taskStatus"] == "Failed"
    assert task["taskHistory"] == [
        {"action": "New", "timeStamp": "2026-11-20T12:00:00Z", "messages": ["Task Created"]},
        {
            "action": "Failed",
            "timeStamp": "2026-11-20T12:00:30Z",
            "messages": ["attempt 1: HTTP 500", "attempt 2: nobody there", "attempt 3: HTTP 204"],
        },
    ]


@pytest.mark.row("S31")
def test_how_often_and_how_fast_is_a_matter_of_switches(pushed):
    switches = pushed.twin.switches
    switches.push_attempts, switches.push_retry_seconds, switches.push_retry_factor = 5, 1.0, 3.0
    pushed.receiver.statuses = [500] * 4
    pushed.approve(5)
    outbox, waits = pushed.twin.outbox, []
    while outbox.next_due:
        waits.append((outbox.next_due - pushed.clock.now()).total_seconds())
        pushed.clock.set(outbox.next_due)
        pushed.deliver()
    assert waits == [0, 1, 3, 9, 27]
    assert pushed.tasks()[0]["taskStatus"] == "Completed"


@pytest.mark.row("S31")
def test_how_long_a_receiver_may_take_and_a_task_lives_is_a_matter_of_switches(pushed):
    switches = pushed.twin.switches
    switches.push_patience_seconds, switches.push_expiration_seconds = 30.0, 600.0
    pushed.approve(5)
    (early,) = pushed.twin.outbox.deliver_due(lambda request: Response(200, delay=request.patience + 1))
    pushed.clock.advance(10)
    (later,) = pushed.twin.outbox.deliver_due(lambda request: Response(200, delay=29.0))
    assert (early.accepted, later.accepted) == (False, True)
    assert pushed.tasks()[0]["expirationTime"] == "2026-11-20T12:10:00Z"


@pytest.mark.row("S31")
def test_a_success_completes_the_task(pushed):
    pushed.receiver.statuses = [503]
    pushed.approve(5)
    pushed.deliver()
    assert pushed.tasks()[0]["taskStatus"] == "New"
    pushed.clock.advance(10)
    pushed.deliver()
    (task,) = pushed.tasks()
    assert (task["taskStatus"], task["lastUpdated"]) == ("Completed", "2026-11-20T12:00:10Z")
    assert [step["action"] for step in task["taskHistory"]] == ["New", "Completed"]
    assert pushed.twin.outbox.next_due is None


def test_a_tenant_may_insist_on_the_notification_being_echoed(pushed):
    pushed.twin.switches.push_wants_echo = True
    pushed.approve(5)
    (made,) = pushed.twin.outbox.deliver_due(lambda request: Response(200))
    assert not made.accepted
    pushed.clock.advance(10)
    (made,) = pushed.deliver()
    assert made.accepted


def test_repetitions_are_signed_with_the_key_of_today(pushed):
    pushed.receiver.statuses = [500]
    pushed.approve(5)
    pushed.deliver()
    body = [subscription(webhookAuthenticationToken="new", notificationWebhookURL=URL)]
    assert pushed.caller.post("/v1/subscriptions", body).status == 200
    pushed.approve(6)
    pushed.clock.advance(10)
    pushed.deliver()
    for call in pushed.receiver.calls[1:]:
        expected = hmac.new(b"new", call.body, hashlib.sha256).hexdigest()
        assert call.headers["x-bwapi-signature-256"] == expected
    assert sorted(pushed.receiver.documents[2:]) == ["inv5", "inv6"]


# bad luck


@pytest.mark.row("S32")
def test_notifications_can_come_twice_out_of_order_or_not_at_all(pushed):
    luck = pushed.twin.outbox.luck
    luck.add(LuckRule(kind=Mishap.DUPLICATE, about="WaitingForTransfer inv5", seconds=5))
    luck.add(LuckRule(kind=Mishap.OVERTAKEN, about="inv6", seconds=3))
    luck.add(LuckRule(kind=Mishap.LOST, about="inv7"))
    for number in (5, 6, 7, 8):
        pushed.approve(number)
    for _ in range(3):
        pushed.deliver()
        pushed.clock.advance(3)
    assert pushed.receiver.documents == ["inv5", "inv8", "inv6", "inv5"]
    assert pushed.receiver.calls[0].body == pushed.receiver.calls[3].body
    assert {task["documentId"]: task["taskStatus"] for task in pushed.tasks()} == {
        "inv5": "Completed",
        "inv6": "Completed",
        "inv7": "New",
        "inv8": "Completed",
    }


@pytest.mark.row("S32")
def test_bad_luck_can_be_a_percentage_and_is_off_by_default(pushed):
    for number in range(10, 20):
        pushed.approve(number)
    pushed.deliver()
    assert len(pushed.receiver.calls) == 10
    pushed.twin.switches.outgoing_duplicates = 100.0
    pushed.approve(20)
    pushed.twin.switches.outgoing_duplicates, pushed.twin.switches.outgoing_lost = 0.0, 100.0
    pushed.approve(21)
    pushed.deliver()
    pushed.clock.advance(60)
    pushed.deliver()
    assert pushed.receiver.documents[10:] == ["inv20", "inv20"]


# history


def test_tasks_are_found_by_type_status_document_and_time(pushed):
    pushed.approve(5)
    pushed.deliver()
    pushed.clock.advance(60)
    pushed.approve(6)
    (first,), (second,) = pushed.tasks("?documentId=inv5"), pushed.tasks("?documentId=inv6")
    assert set(first) == {
        "taskId",
        "taskStatus",
        "taskType",
        "taskSubType",
        "documentId",
        "expirationTime",
        "isSimulatedTask",
        "lastUpdated",
        "taskHistory",
    }
    assert pushed.tasks("?taskStatus=Completed") == [first]
    assert pushed.tasks("?taskStatus=New") == [second]
    assert pushed.tasks("?lastUpdated=2026-11-20T12:00:00Z") == [second]
    assert pushed.tasks("?taskType=AccountingDocuments&taskStatus=Completed") == [first]
    assert pushed.tasks("?taskType=RequestStatus") == []
    assert pushed.task(first["taskId"]) == first


def test_unknown_tasks_and_bad_filters_are_refused(pushed, tools):
    for path in ("/v1/tasks", "/v1/tasks/unknown"):
        answer = pushed.caller.get(path)
        assert (answer.status, tools.parsed(answer)) == (404, {"detail": "Not Found"})
    for query in ("?taskStatus=Done", "?lastUpdated=soon"):
        answer = pushed.caller.get(f"/v1/tasks{query}")
        assert (answer.status, set(tools.parsed(answer))) == (422, {"message"})
    assert pushed.caller.send("POST", "/v1/tasks").status == 405


def test_the_history_is_paged_by_a_continuation_token_bound_to_the_query(pushed, tools):
    pushed.twin.switches.tasks_per_page = 2
    for number in range(10, 15):
        pushed.approve(number)
    found, headers = [], {}
    while True:
        answer = pushed.caller.get("/v1/tasks", headers)
        found.append([task["documentId"] for task in tools.parsed(answer)["taskStatus"]])
        token = answer.headers.get("x-amz-meta-continuationtoken")
        if not token:
            break
        headers = {"x-amz-meta-continuationtoken": token}
    assert found == [["inv10", "inv11"], ["inv12", "inv13"], ["inv14"]]
    assert pushed.caller.get("/v1/tasks?taskStatus=New", headers).status == 422


def test_tasks_of_unknown_types_can_turn_up_in_the_history_or_be_sent(pushed):
    pushed.twin.switches.push_unknown_tasks = "listed"
    pushed.approve(5)
    pushed.deliver()
    assert [payload["taskType"] for payload in pushed.receiver.payloads] == ["AccountingDocuments"]
    assert [task["taskType"] for task in pushed.tasks("?taskStatus=New")] == ["InvoiceGenericTask"]
    pushed.twin.switches.push_unknown_tasks = "sent"
    pushed.approve(6)
    pushed.deliver()
    assert [payload["taskType"] for payload in pushed.receiver.payloads[1:]] == [
        "AccountingDocuments",
        "InvoiceGenericTask",
    ]


def test_waiting_notifications_survive_storing_the_twin(pushed):
    pushed.approve(5)
    push = pickle.loads(pickle.dumps(pushed.twin._push))
    push.outbox.deliver_due(pushed.receiver)
    assert pushed.receiver.documents == ["inv5"]
