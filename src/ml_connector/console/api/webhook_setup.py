"""Setting webhooks up: what to enter at Intuit, its verifier token, and Basware's subscriptions. The log is in `webhooks.py`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import msgspec

from ml_connector.console.api.operation import Call, Page, Paged, reader, sliced, writer
from ml_connector.model.people import Right
from ml_connector.store.connections import ConnectionRow
from ml_connector.work.webhook_setup import basware, quickbooks
from ml_connector.work.webhook_setup.office import WebhookOffice, for_whom, require_whole_tenant
from ml_connector.work.webhook_setup.quickbooks import QuickBooksWebhook
from ml_connector.work.webhook_setup.standing import SubscriptionLine


class Verifier(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The verifier token that Intuit's portal shows on its page Webhooks. It is sealed at once and never shown again."""

    verifier_token: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class StoredFor(msgspec.Struct, frozen=True, kw_only=True):
    """The connections of the same Intuit app that the token may administer, by name: it is stored for all of these."""

    connections: tuple[str, ...]


class Dropped(msgspec.Struct, frozen=True, kw_only=True):
    """Whether there was a former token that counts no longer."""

    dropped: bool


class Subscribe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`new_token`: have Basware sign with a new token from now on; `repair`: put right what is there twice or signed otherwise."""

    new_token: bool = False
    repair: bool = False


class Remove(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`force`: delete even where that takes other programs' subscriptions, or those of connections with the same account."""

    force: bool = False


class Unsubscribed(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of ours, what of others' went with it, and which connections of the account are told nothing any more."""

    left: tuple[SubscriptionLine, ...]
    others: tuple[SubscriptionLine, ...]
    connections: tuple[str, ...]


@contextmanager
def _office(call: Call, *, whole_tenant: bool = False) -> Iterator[WebhookOffice]:
    """The office for whoever calls: connections they do not administer are left alone, and never named."""

    def looks_after(row: ConnectionRow) -> bool:
        return call.visitor.may(row.id, Right.ADMINISTER)

    with call.app.webhook_office(call.connection) as office:
        if whole_tenant:
            require_whole_tenant(office, looks_after)
        yield for_whom(office, looks_after)


def _quickbooks(call: Call) -> QuickBooksWebhook:
    with _office(call) as office:
        return quickbooks.state_of(office)


def _verifier(call: Call) -> StoredFor:
    body: Verifier = call.body
    with _office(call) as office:
        return StoredFor(
            connections=tuple(quickbooks.store_verifier(office, body.verifier_token, actor=call.visitor.actor))
        )


def _drop_verifier(call: Call) -> Dropped:
    with _office(call) as office:
        return Dropped(dropped=quickbooks.drop_former_verifier(office, actor=call.visitor.actor))


def _subscriptions(call: Call) -> Page[SubscriptionLine]:
    with _office(call) as office:
        return sliced(call.query, basware.look(office))


def _subscribe(call: Call) -> Page[SubscriptionLine]:
    body: Subscribe = call.body
    with _office(call, whole_tenant=True) as office:
        lines = basware.subscribe(office, actor=call.visitor.actor, new_token=body.new_token, mend=body.repair)
    return Page(items=lines)


def _remove(call: Call) -> Unsubscribed:
    body: Remove = call.body
    with _office(call, whole_tenant=True) as office:
        gone = basware.remove(office, actor=call.visitor.actor, force=body.force)
    return Unsubscribed(left=gone.left, others=gone.others, connections=gone.connections)


def _drop_basware(call: Call) -> Dropped:
    with _office(call, whole_tenant=True) as office:
        return Dropped(dropped=basware.drop_former_token(office, actor=call.visitor.actor))


_TAG, _HERE = "webhooks", "/connections/{connection}/webhooks"
_ASKS: dict[str, Any] = {"right": Right.ADMINISTER, "asks_vendors": True}
_MAY: dict[str, Any] = {"right": Right.ADMINISTER}
OPERATIONS = (
    reader(
        _TAG, f"{_HERE}/quickbooks", "Which address to enter at Intuit, and what is stored", QuickBooksWebhook, _quickbooks,
        note="Only a person can enter the address in Intuit's portal; `steps` tells how.",
    ),
    writer(
        _TAG, f"{_HERE}/quickbooks/verifier", "Store the verifier token; the one before still counts", StoredFor, _verifier,
        body=Verifier, **_MAY, example={"verifier_token": "…"},
    ),
    writer(
        _TAG, f"{_HERE}/quickbooks/verifier/drop-former", "Let the verifier token before count no longer", Dropped,
        _drop_verifier, **_MAY,
    ),
    reader(
        _TAG, f"{_HERE}/basware", "Subscriptions at Basware, and those that are missing", Page[SubscriptionLine],
        _subscriptions, query=Paged, **_ASKS,
    ),
    writer(
        _TAG, f"{_HERE}/basware/subscribe", "Subscribe to what is missing at Basware", Page[SubscriptionLine], _subscribe,
        body=Subscribe, **_ASKS,
    ),
    writer(_TAG, f"{_HERE}/basware/remove", "Delete our subscriptions at Basware", Unsubscribed, _remove, body=Remove, **_ASKS),
    writer(
        _TAG, f"{_HERE}/basware/drop-former", "Let Basware's former token count no longer", Dropped, _drop_basware, **_ASKS
    ),
)  # fmt: skip
