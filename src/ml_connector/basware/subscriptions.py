"""Subscriptions to Basware's push notifications: made in one call, listed, deleted by filter.

Source: Basware push notification specification, /v1/subscriptions. There is no id of a subscription. What is deleted is whatever a
filter takes in the whole tenant, other programs' subscriptions too, so whoever deletes has to work out first what that would be.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from ml_connector.basware.errors import Refused, Unavailable
from ml_connector.basware.exchange import Exchange
from ml_connector.model.announcements import instant_of

RIGHTS: Mapping[str, tuple[str, ...]] = {
    "read": ("subscriptions.read",),
    "write": ("subscriptions.write",),
    "delete": ("subscriptions.delete",),
}
"""The scopes each kind of call signs in with."""

ALL = "All"
_PATH = "/v1/subscriptions"
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """What is announced to which address. Basware shows the token in the open, so it stays out of everything printed."""

    task_type: str
    task_sub_type: str
    url: str
    token: str
    updated_at: datetime

    def __repr__(self) -> str:
        return f"Subscription({self.task_type}/{self.task_sub_type}, token='[hidden]')"

    @property
    def kind(self) -> tuple[str, str]:
        """Task type and sub type."""
        return self.task_type, self.task_sub_type


class _OnWire(msgspec.Struct, frozen=True, rename="camel"):
    task_type: str = ""
    task_sub_type: str | None = None
    notification_url: str | None = msgspec.field(name="notificationWebhookURL", default=None)
    token: str | None = msgspec.field(name="webhookAuthenticationToken", default=None)
    last_updated: str | None = None


class _Listed(msgspec.Struct, frozen=True):
    subscriptions: tuple[_OnWire, ...] = ()


class _Deleted(msgspec.Struct, frozen=True, rename="camel"):
    number_of_records_deleted: int = 0


class SubscriptionsClient:
    """One tenant's subscriptions. Every call raises the errors of `errors.py`; `exchanges` by the names of RIGHTS."""

    def __init__(self, exchanges: Mapping[str, Exchange]) -> None:
        self._exchanges = exchanges

    def listing(self) -> list[Subscription]:
        """Every subscription of the tenant, whoever made it."""
        reply = self._exchanges["read"].get(_PATH)
        if reply.status == 404:
            return []
        try:
            found = msgspec.json.decode(reply.body, type=_Listed).subscriptions
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Unavailable("Basware's list of subscriptions cannot be read.", request_id=reply.request_id) from error
        return [
            Subscription(
                task_type=one.task_type,
                task_sub_type=one.task_sub_type or ALL,
                url=one.notification_url or "",
                token=one.token or "",
                updated_at=instant_of(one.last_updated or "") or _BEGINNING,
            )
            for one in found
        ]

    def create(self, kinds: Sequence[tuple[str, str]], url: str, token: str) -> None:
        """Subscribe an address to kinds of tasks, all or none. Basware calls the address before it answers.

        Raises Refused, whose words never contain the token, when Basware does not like the address or its answer.
        """
        body = [
            {
                "taskType": task_type,
                "taskSubType": sub_type,
                "subscriptionType": "Webhook",
                "notificationWebhookURL": url,
                "webhookAuthenticationToken": token,
            }
            for task_type, sub_type in kinds
        ]
        try:
            self._exchanges["write"].post(_PATH, msgspec.json.encode(body))
        except Refused as error:
            said = str(error).replace(token, "[hidden]")
            raise Refused(said, status=error.status, request_id=error.request_id) from None

    def delete(self, kind: tuple[str, str], since: datetime) -> int:
        """Delete whatever `taken` says; how many Basware says there were."""
        params = {"lastUpdated": f"{since:%Y-%m-%dT%H:%M:%SZ}", "taskType": kind[0], "taskSubType": kind[1]}
        reply = self._exchanges["delete"].delete(_PATH, params=params)
        try:
            return msgspec.json.decode(reply.body, type=_Deleted).number_of_records_deleted
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return 0  # it was done; only the number is unknown, and callers list again


def taken(subscriptions: Iterable[Subscription], kind: tuple[str, str], since: datetime) -> list[Subscription]:
    """What a delete call would take: changed after the moment, and `All` as a sub type means every sub type, not the word."""
    return [
        one
        for one in subscriptions
        if one.updated_at > since and kind[0] in {ALL, one.task_type} and kind[1] in {ALL, one.task_sub_type}
    ]
