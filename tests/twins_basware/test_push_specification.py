"""What the twin says about subscriptions and tasks, against Basware's own specification, where a copy of it is at hand."""

import json
import os
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from twins.basware.subscriptions import SUB_TYPES
from twins.http import Response

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("ML_CONNECTOR_SHARED", ROOT.parent / "shared"))
FILE = SHARED / "specs" / "basware" / "basware-push-notification-openapi.json"
SCOPES = ["tasks.read", "subscriptions.read", "subscriptions.write", "subscriptions.delete"]

pytestmark = pytest.mark.skipif(
    not FILE.is_file(), reason=f"Basware's specification is not at {FILE}; set ML_CONNECTOR_SHARED"
)


@pytest.fixture(scope="module")
def specification():
    return json.loads(FILE.read_text())


def conforms(specification, method, path, answer):
    """Whether an answer is one the specification knows for this operation."""
    declared = specification["paths"][path][method]["responses"][str(answer.status)]["content"]["application/json"]
    complete = {**declared["schema"], "components": specification["components"]}
    Draft202012Validator(complete, format_checker=FormatChecker()).validate(json.loads(answer.body))
    return True


def body(**changes):
    return {
        "taskType": "AccountingDocuments",
        "subscriptionType": "Webhook",
        "notificationWebhookURL": "https://receiver.test/",
        "webhookAuthenticationToken": "key",
        **changes,
    }


def test_every_answer_about_subscriptions_is_one_of_the_specification(specification, tools):
    path = "/v1/subscriptions"
    every = "?lastUpdated=2000-01-01T00:00:00Z&taskType=All&taskSubType=All"
    caller = tools.caller([], scopes=SCOPES)
    assert conforms(specification, "get", path, caller.get(path))
    assert conforms(specification, "post", path, caller.post(path, [body()]))
    caller.twin.connect(lambda request: Response(200))
    bodies = [[body()], [body(autoResponder={"autoResponseMode": "Success"})], [], [body(taskType="")], {}]
    for each, status in zip(bodies, (200, 200, 200, 400, 400), strict=True):
        answer = caller.post(path, each)
        assert answer.status == status
        assert conforms(specification, "post", path, answer)
    assert conforms(specification, "post", path, caller.post(path, b"{"))
    assert conforms(specification, "get", path, caller.get(path))
    assert conforms(specification, "get", path, caller.get(path, anonymous=True))
    assert conforms(specification, "get", path, caller.get(f"{path}?lastUpdated=x"))
    assert conforms(specification, "delete", path, caller.send("DELETE", path))
    assert conforms(specification, "delete", path, caller.send("DELETE", path + every))


def test_every_answer_about_tasks_and_every_notification_is_one_of_the_specification(specification, tools):
    caller = tools.caller([], scopes=SCOPES, subscriptions=[body()])
    assert conforms(specification, "get", "/v1/tasks", caller.get("/v1/tasks"))
    caller.twin.act("approve", document=tools.invoice(1))
    sent = []
    caller.twin.outbox.deliver_due(lambda request: sent.append(request.body) or Response(200))
    answer = caller.get("/v1/tasks")
    assert conforms(specification, "get", "/v1/tasks", answer)
    name = json.loads(answer.body)["taskStatus"][0]["taskId"]
    assert conforms(specification, "get", "/v1/tasks/{taskId}", caller.get(f"/v1/tasks/{name}"))
    assert conforms(specification, "get", "/v1/tasks/{taskId}", caller.get("/v1/tasks/unknown"))
    assert conforms(specification, "get", "/v1/tasks", caller.get("/v1/tasks?taskStatus=x"))
    payload = {**specification["components"]["schemas"]["NotificationPayload"], "additionalProperties": False}
    Draft202012Validator(payload).validate(json.loads(sent[0]))


def test_the_supported_types_are_those_the_specification_lists(specification):
    described = specification["components"]["schemas"]["Subscription-Input"]["properties"]
    for name in SUB_TYPES:
        assert f"'{name}'" in described["taskType"]["description"]
    for sub_type in set().union(*SUB_TYPES.values()):
        assert f"'{sub_type}'" in described["taskSubType"]["description"]
