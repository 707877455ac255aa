"""Subscriptions to push notifications: what is taken, how they are kept and found, and what they are deleted by.

Source: Basware push notification specification, /v1/subscriptions. There is no id of a subscription: it is deleted by filter.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from twins.basware.answers import Call, in_json
from twins.basware.notices import Notice
from twins.basware.pages import Query
from twins.basware.schemas import problems
from twins.basware.schemas.notation import read_schema
from twins.basware.state import ANNOUNCED
from twins.basware.switches import Switches
from twins.http import Response
from twins.outgoing import is_address

ALL = "All"
_EXPORT = frozenset({"WaitingForExport"})

SUB_TYPES: Mapping[str, frozenset[str]] = {
    "AccountingDocuments": ANNOUNCED,
    "ExportedPurchaseRequisitions": _EXPORT,
    "ExportedPurchaseOrders": _EXPORT,
    "RequestStatus": frozenset({"Error", "Success"}),
    "ExportedContracts": _EXPORT,
    "ExportedContractSpends": _EXPORT,
}
"""The supported task types, and the sub types of each; which belongs to which follows from their names."""

_SCHEMA = read_schema(
    "taskType*:1-100 taskSubType subscriptionType*=Webhook|Polling notificationWebhookURL*:1-2083 "
    "webhookAuthenticationToken*:1-100000 lastUpdated^@instant"
)
_MODES = ("Disabled", "Success", "Failed")


@dataclass(frozen=True)
class Subscription:
    """Where one kind of task is announced to, and the key its notifications are signed with. `id` is known to the twin only."""

    id: str
    task_type: str
    task_sub_type: str
    url: str
    token: str
    updated: datetime
    auto_responder: Any = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same subscription when it is sent again."""
        return (self.task_type, self.task_sub_type, self.url)

    def wants(self, notice: Notice) -> bool:
        """Whether a notice is to be announced to it."""
        return notice.task_type == self.task_type and self.task_sub_type in {ALL, notice.task_sub_type}

    def body(self) -> dict[str, Any]:
        """As the interface shows it, with its key in clear."""
        shown = {
            "taskType": self.task_type,
            "taskSubType": self.task_sub_type,
            "subscriptionType": "Webhook",
            "notificationWebhookURL": self.url,
            "webhookAuthenticationToken": self.token,
            "lastUpdated": seconds(self.updated),
        }
        return shown if self.auto_responder is None else {**shown, "autoResponder": self.auto_responder}


class Subscriptions:
    """The subscriptions of every tenant, by client id."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._of: dict[str, list[Subscription]] = {}
        self._taken = 0

    def take(self, tenant: str, body: Mapping[str, Any], now: datetime) -> Subscription:
        """Keep a subscription whose body was checked. One of the same kind and address is replaced: what waits goes on."""
        self._taken += 1
        task_type = body["taskType"]
        default = "Error" if task_type == "RequestStatus" else ALL
        new = Subscription(
            id=f"subscription-{self._taken}",
            task_type=task_type,
            task_sub_type=body.get("taskSubType") or default,
            url=body["notificationWebhookURL"],
            token=body["webhookAuthenticationToken"],
            updated=now,
            auto_responder=body.get("autoResponder"),
        )
        kept = self._of.setdefault(tenant, [])
        same = [each for each in kept if each.key == new.key]
        if same and self._switches.repeated_subscription == "replace":
            new = replace(new, id=same[0].id)
            kept[:] = [each for each in kept if each not in same]
        kept.append(new)
        return new

    def matching(self, notice: Notice) -> list[Subscription]:
        """The subscriptions a notice is announced to."""
        return [each for each in self._of.get(notice.tenant, ()) if each.wants(notice)]

    def get(self, name: str) -> Subscription | None:
        """A subscription by its id; None when it was deleted or replaced."""
        return next((each for kept in self._of.values() for each in kept if each.id == name), None)

    def find(self, tenant: str, wanted: "Filter") -> list[Subscription]:
        """A tenant's subscriptions that a filter takes."""
        return [each for each in self._of.get(tenant, ()) if wanted.takes(each)]

    def listed(self, tenant: str) -> list[dict[str, Any]]:
        """All subscriptions of a tenant for people to read, without their keys."""
        hidden = "webhookAuthenticationToken"
        return [
            {name: value for name, value in each.body().items() if name != hidden} for each in self._of.get(tenant, ())
        ]

    def delete(self, tenant: str, wanted: "Filter") -> list[Subscription]:
        """Forget a tenant's subscriptions that a filter takes, whoever made them, and return them."""
        deleted = self.find(tenant, wanted)
        self._of[tenant] = [each for each in self._of.get(tenant, ()) if each not in deleted]
        return deleted


@dataclass(frozen=True)
class Filter:
    """Which subscriptions are meant; empty: any."""

    task_type: str
    task_sub_type: str
    since: datetime | None

    def takes(self, subscription: Subscription) -> bool:
        """Whether a subscription is meant. Only changes after the instant count, not at it."""
        return (
            self.task_type in {"", subscription.task_type}
            and self.task_sub_type in {"", subscription.task_sub_type}
            and (self.since is None or subscription.updated > self.since)
        )


def read_filter(call: Call, *, deleting: bool) -> Filter | list[str]:
    """The filter of a request, or everything wrong with it. To delete, all three must be given, and All stands for any."""
    names = ("lastUpdated", "taskType", "taskSubType")
    query = Query(call, names)
    since = query.since()
    if missing := [f"{name} field required" for name in names if deleting and not query.text(name)]:
        return missing
    task_type, sub_type = ("" if deleting and each == ALL else each for each in map(query.text, names[1:]))
    return query.wrong or Filter(task_type, sub_type, since)


def body_problems(body: Any) -> list[str]:
    """Everything wrong with the body of POST /v1/subscriptions; empty when it may be taken."""
    if not isinstance(body, list):
        return ["the body must be an array of subscriptions"]
    found: list[str] = []
    for index, item in enumerate(body):
        own = _problems(item)
        found += [f"[{index}].{message}" for message in own] if len(body) > 1 else own
    return found


def refused(call: Call, kind: str, code: str, messages: list[str]) -> Response:
    """400 in the form of this specification; its request ids are tokens of the gateway."""
    drawn = base64.b64encode(call.world.source.randbytes(11)).decode()
    errors = [{"type": kind, "code": code, "message": message} for message in messages]
    return in_json({"requestId": drawn, "hasError": True, "errorMessages": errors}, 400)


def unprocessable(messages: list[str]) -> Response:
    """422 in the form of this specification."""
    return in_json({"message": "; ".join(messages)}, 422)


def not_found() -> Response:
    """404 in the form of this specification."""
    return in_json({"detail": "Not Found"}, 404)


def seconds(instant: datetime) -> str:
    """The time stamps of this specification: UTC, whole seconds."""
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


def _problems(item: Any) -> list[str]:
    if not isinstance(item, dict):
        return ["the body must be one JSON object"]
    plain = {name: value for name, value in item.items() if name != "autoResponder"}
    found = [*problems(_SCHEMA, plain), *_auto_responder_problems(item.get("autoResponder"))]
    if found:
        return found
    task_type, sub_type = item["taskType"], item.get("taskSubType")
    if task_type not in SUB_TYPES:
        found.append(f"taskType: {task_type} is not supported")
    elif sub_type is not None and sub_type != ALL and sub_type not in SUB_TYPES[task_type]:
        found.append(f"taskSubType: {sub_type} is not available for {task_type}")
    if item["subscriptionType"] == "Polling":
        found.append("subscriptionType: Polling is reserved for later use")
    if not is_address(item["notificationWebhookURL"]):
        found.append("notificationWebhookURL: must be an absolute URL")
    return found


def _auto_responder_problems(value: Any) -> list[str]:
    """What is wrong with the reserved part; further properties are not forbidden there."""
    if value is None:
        return []
    if not isinstance(value, dict):
        return ["autoResponder: must be an object"]
    found = []
    if value.get("autoResponseMode", _MODES[0]) not in _MODES:
        found.append(f"autoResponder.autoResponseMode: must be one of {', '.join(_MODES)}")
    if not isinstance(value.get("autoResponseMessage", ""), str):
        found.append("autoResponder.autoResponseMessage: must be a string")
    if not isinstance(value.get("fieldUpdateArray"), list | None):
        found.append("autoResponder.fieldUpdateArray: must be an array")
    return found
