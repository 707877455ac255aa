"""Push notifications: from what happened in a tenant to signed calls at its subscribers' addresses.

Sources: Basware push notification specification (callback, connection test, task states). How often a call is repeated and how
its signature is written is not in it; the header and its algorithm come from published integrations, and both are switches.
"""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec

from twins.basware import tasks
from twins.basware.answers import Call, in_json
from twins.basware.notices import Notice
from twins.basware.routing import Route
from twins.basware.state import World
from twins.basware.subscriptions import (
    Filter,
    Subscription,
    Subscriptions,
    body_problems,
    not_found,
    read_filter,
    refused,
    seconds,
    unprocessable,
)
from twins.basware.values import decode, encode, new_uuid
from twins.http import Response
from twins.luck import Luck
from twins.outgoing import Attempt, Delivery, Outbox, OutgoingRequest, Send, UnreachableError, attempt

SIGNATURE = "X-BWAPI-Signature-256"
_UNKNOWN_TYPE = "InvoiceGenericTask"
_MISSPELLED = {"AccountingDocuments": "AccoutingDocuments"}  # as in the specification's own example


class Push:
    """The push notifications of one twin."""

    def __init__(self, world: World, seed: int = 0) -> None:
        self.outbox = Outbox(world.clock, self, Luck(world.switches, seed))
        self.subscriptions = Subscriptions(world.switches)
        self.tasks = tasks.Tasks()
        self._world = world
        self._send: Send | None = None
        name = ("v1", "subscriptions")
        self.routes = (
            Route("POST", name, "subscriptions", self.subscribe, "subscriptions"),
            Route("GET", name, "subscriptions", self.list_subscriptions, "subscriptions"),
            Route("DELETE", name, "subscriptions", self.unsubscribe, "subscriptions"),
            Route("GET", ("v1", "tasks"), "tasks", partial(tasks.list_tasks, self.tasks), "tasks"),
            Route("GET", ("v1", "tasks", "*"), "tasks", partial(tasks.one_task, self.tasks), "tasks"),
        )

    def __getstate__(self) -> dict[str, Any]:
        """A stored twin has no connection; whoever restores it connects it again."""
        return {**self.__dict__, "_send": None}

    def connect(self, send: Send) -> None:
        """Say how calls are made while a request is answered, as the connection test needs it."""
        self._send = send

    def seed(self, tenant: str, bodies: Any) -> None:
        """Take subscriptions without testing their addresses. Raises ValueError for one that can't be."""
        if found := body_problems(bodies):
            raise ValueError(f"subscriptions: {'; '.join(found)}")
        for body in bodies:
            self.subscriptions.take(tenant, body, self._world.clock.now())

    # /v1/subscriptions

    def subscribe(self, call: Call) -> Response:
        """POST /v1/subscriptions: all or none are taken, after each address proved that it answers."""
        if "json" not in call.request.headers.get("content-type", "").lower():
            return unprocessable(["the body must be JSON"])
        try:
            bodies = decode(call.request.body)
        except msgspec.DecodeError as error:
            return unprocessable([f"the body is not JSON: {error}"])
        if found := body_problems(bodies):
            return refused(call, "VALIDATION", "SCHEMA_VALIDATION_ERROR", found)
        addresses = {(body["notificationWebhookURL"], body["webhookAuthenticationToken"]): None for body in bodies}
        for url, token in addresses:
            if problem := self._connection_problem(url, token):
                message = f"connection test of {url} failed: {problem}"
                return refused(call, "BUSINESS", "DATA_VALIDATION_FAILED", [message])
        taken = [self.subscriptions.take(call.tenant.client_id, body, call.now) for body in bodies]
        return in_json([subscription.body() for subscription in taken])

    def list_subscriptions(self, call: Call) -> Response:
        """GET /v1/subscriptions."""
        wanted = read_filter(call, deleting=False)
        if not isinstance(wanted, Filter):
            return unprocessable(wanted)
        found = self.subscriptions.find(call.tenant.client_id, wanted)
        return in_json({"subscriptions": [each.body() for each in found]}) if found else not_found()

    def unsubscribe(self, call: Call) -> Response:
        """DELETE /v1/subscriptions: whatever the filter takes. What waits for a deleted one fails."""
        wanted = read_filter(call, deleting=True)
        if not isinstance(wanted, Filter):
            return unprocessable(wanted)
        deleted = self.subscriptions.delete(call.tenant.client_id, wanted)
        for subscription in deleted:
            self._abandon(subscription.id, "the subscription was deleted")
        return in_json({"status": "Deleted successfully", "numberOfRecordsDeleted": len(deleted)})

    # what happened

    def hear(self, notice: Notice) -> None:
        """Open a task for each subscription that wants to hear of it, and send it."""
        for subscription in self.subscriptions.matching(notice):
            named = _MISSPELLED.get(notice.task_type, notice.task_type)
            shown = named if self._world.switches.push_misspelled_type else notice.task_type
            self._announce(subscription, notice, (shown, notice.task_sub_type, notice.document_id))
            if self._world.switches.push_unknown_tasks != "never":
                unknown = (_UNKNOWN_TYPE, "", notice.document_id)
                self._announce(subscription, notice, unknown, sent=self._world.switches.push_unknown_tasks == "sent")

    def _announce(
        self, subscription: Subscription, notice: Notice, about: tuple[str, str, str], *, sent: bool = True
    ) -> None:
        now, luck = self._world.clock.now(), self.outbox.luck
        task = self.tasks.open(notice.tenant, new_uuid(self._world.source), about, now, self._expiry(now))
        fate = luck.fate(" ".join(part for part in about if part))
        if not sent or fate.lost:
            return
        body, due = encode(task.notification()), now + timedelta(seconds=fate.held)
        self.outbox.post(subscription.id, body, (task.id,), due)
        if fate.again_after is not None:
            self.outbox.post(subscription.id, body, (task.id,), due + timedelta(seconds=fate.again_after))

    def _abandon(self, subscription: str, reason: str) -> None:
        for delivery in self.outbox.drop(subscription):
            self.tasks.close(delivery.events[0], tasks.FAILED, (reason,), self._world.clock.now())

    # what the outbox asks

    @property
    def in_order(self) -> bool:
        """Basware promises no order."""
        return False

    def ripen(self, now: datetime) -> None:
        """Every task is sent by itself, so nothing has to be gathered."""

    def next_ripe(self) -> datetime | None:
        """Never."""
        return None

    def request(self, delivery: Delivery) -> OutgoingRequest | None:
        """The call, signed with the subscription's key as it is now."""
        subscription = self.subscriptions.get(delivery.lane)
        return self._signed(subscription.url, subscription.token, delivery.body) if subscription else None

    def accepts(self, delivery: Delivery, answer: Response) -> bool:
        """200 acknowledges; a tenant may insist on the notification being sent back."""
        return self._is_good(delivery.body, answer)

    def wait_after(self, attempts: int) -> float | None:
        """Each wait is longer than the one before, until the last attempt."""
        switches = self._world.switches
        if attempts >= switches.push_attempts:
            return None
        return switches.push_retry_seconds * switches.push_retry_factor ** (attempts - 1)

    def settled(self, delivery: Delivery, last: Attempt) -> None:
        """Complete or fail the task."""
        made = self.outbox.attempts(delivery=delivery.id) if last.attempt > 1 else [last]
        messages = tuple(f"attempt {each.attempt}: {each.error or f'HTTP {each.status}'}" for each in made)
        self.tasks.close(delivery.events[0], tasks.COMPLETED if last.accepted else tasks.FAILED, messages, last.at)

    def _expiry(self, now: datetime) -> datetime:
        return now + timedelta(seconds=self._world.switches.push_expiration_seconds)

    def _connection_problem(self, url: str, token: str) -> str:
        """What is wrong with an address to be; empty when it answers as it must."""
        if self._send is None:
            return "this service can't make calls"
        drawn = new_uuid(self._world.source)
        expires = seconds(self._expiry(self._world.clock.now()))
        shown = {
            "taskId": drawn,
            "taskStatus": tasks.NEW,
            "taskType": "ConnectionTest",
            "documentId": drawn.replace("-", ""),
        }
        request = self._signed(url, token, encode({**shown, "expirationTime": expires}))
        answer = attempt(self._send, request)
        if isinstance(answer, UnreachableError):
            return str(answer)
        if answer.delay > request.patience:
            return f"no answer within {request.patience:g} s"
        return "" if self._is_good(request.body, answer) else f"HTTP {answer.status}"

    def _is_good(self, sent: bytes, answer: Response) -> bool:
        if answer.status != 200 or not self._world.switches.push_wants_echo:
            return answer.status == 200
        try:
            return bool(decode(answer.body) == decode(sent))
        except msgspec.DecodeError:
            return False

    def _signed(self, url: str, token: str, body: bytes) -> OutgoingRequest:
        switches = self._world.switches
        digest = hmac.new(token.encode(), body, hashlib.sha256).digest()
        match switches.push_signature:
            case "hex":
                text = digest.hex()
            case "upper-case hex":
                text = digest.hex().upper()
            case "base64":
                text = base64.b64encode(digest).decode()
        prefixed = f"sha256={text}" if switches.push_signature_prefix else text
        headers = (("Content-Type", "application/json"), (SIGNATURE, prefixed))
        return OutgoingRequest.to(url, headers, body, switches.push_patience_seconds)
