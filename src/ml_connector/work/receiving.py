"""From verified webhook calls to stored notices: whose each event is, and everything of many calls in one durable transaction.

Knows no HTTP. What an event says is never acted on here; it only makes a notice that somebody reads the record again.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

import msgspec

from ml_connector.basware import webhooks as basware
from ml_connector.model.announcements import Announcement, Delivered
from ml_connector.quickbooks import webhooks as quickbooks
from ml_connector.store import deliveries, notices, webhook_keys
from ml_connector.store.database import Database, Tx
from ml_connector.store.deliveries import NewDelivery
from ml_connector.store.errors import DatabaseUnavailableError, StoreError
from ml_connector.store.notices import NewNotice
from ml_connector.store.schema import DeliveryOutcome, NoticeState, System
from ml_connector.store.vault import Vault
from ml_connector.store.webhook_keys import WebhookKey
from ml_connector.work.webhook_keys import KeyRing, Verified

_LONGEST_TYPE = 200


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One webhook call, as it came, verified."""

    system: System
    body: bytes
    signature: str
    content_type: str
    verified: Verified


class Routed(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery with the notices it makes, by connection."""

    delivery: NewDelivery
    notices: dict[str, list[NewNotice]]


def read(system: System, body: bytes) -> Delivered:
    """A body taken apart. Never raises."""
    return quickbooks.read(body) if system is System.QUICKBOOKS else basware.read(body)


def route(vault: Vault, call: Call, now: datetime) -> Routed:
    """Decide what becomes of a call: its notices for each connection whose own token verified it and whose company is meant."""
    delivered, digest = read(call.system, call.body), sha256(call.body).hexdigest()
    found, strangers = notices_by_connection(vault, call.system, delivered, call.verified.keys)
    return Routed(
        delivery=NewDelivery(
            system=call.system,
            digest=digest,
            envelope=deliveries.seal(vault, digest, call.body),
            token_hashes=token_hashes(vault, call.verified.keys),
            content_type=call.content_type[:_LONGEST_TYPE],
            format=delivered.format,
            size=len(call.body),
            outcome=outcome_of(delivered, found),
            events=len(delivered.events),
            problem=_problem(delivered, strangers, now),
        ),
        notices=found,
    )


def notices_by_connection(
    vault: Vault, system: System, delivered: Delivered, keys: Sequence[WebhookKey]
) -> tuple[dict[str, list[NewNotice]], int]:
    """The notices of each connection, and how many events are of a company none of them is connected to."""
    found: dict[str, list[NewNotice]] = {}
    hashes: dict[str, set[str]] = {}
    strangers = 0
    vault.learn_from(key.realm_hash for key in keys)  # while the master key is being changed
    for event in delivered.events:
        if system is System.QUICKBOOKS:
            if event.company not in hashes:
                hashes[event.company] = set(vault.fingerprints(event.company, purpose="realm"))
            meant = [key for key in keys if event.company and key.realm_hash in hashes[event.company]]
        else:
            meant = list(keys)
        strangers += not meant
        for key in meant:
            found.setdefault(key.connection_id, []).append(_notice(system, event))
    return found, strangers


def _notice(system: System, event: Announcement) -> NewNotice:
    return NewNotice(
        system=system,
        event_id=event.event_id,
        entity=event.entity,
        entity_id=event.entity_id,
        operation=event.operation,
        merged_id=event.merged_id,
        occurred_at=event.occurred_at,
        state=NoticeState.FAILED if event.problem else NoticeState.WAITING,
        problem=event.problem,
    )


def outcome_of(delivered: Delivered, found: dict[str, list[NewNotice]]) -> DeliveryOutcome:
    """What a delivery comes to."""
    if delivered.is_test:
        return DeliveryOutcome.TEST
    if not delivered.events:
        return DeliveryOutcome.UNREADABLE
    return DeliveryOutcome.STORED if found else DeliveryOutcome.UNKNOWN_COMPANY


def _problem(delivered: Delivered, strangers: int, now: datetime) -> str:
    expired = sum(event.expires_at is not None and event.expires_at < now for event in delivered.events)
    failed = sum(bool(event.problem) for event in delivered.events)
    total = len(delivered.events)
    said = [
        delivered.problem,
        f"{failed} of {total} events cannot be acted on" if failed else "",
        f"{strangers} of {total} events are of a company that no connection with this token has" if strangers else "",
        f"{expired} of {total} had expired when they came" if expired else "",
    ]
    if not any(said) and not total and not delivered.is_test:
        return "the body announces nothing"
    return "; ".join(one for one in said if one)


def token_hashes(vault: Vault, keys: Sequence[WebhookKey]) -> str:
    """Fingerprints of the tokens that verified a call, by which a replay finds whose it is."""
    found = {vault.fingerprints(key.token.reveal(), purpose="webhook token")[0] for key in keys}
    return " ".join(sorted(found))


def with_present_tokens(ring: KeyRing, calls: Sequence[Call]) -> list[Call]:
    """The calls, each with the connections whose token made it as the tokens are now: one may have joined a moment ago.

    A token that was removed meanwhile still counts for a call that came before. Raises a StoreError.
    """
    if not ring.refresh():
        return list(calls)
    return [
        msgspec.structs.replace(call, verified=ring.verify(call.system, call.body, call.signature) or call.verified)
        for call in calls
    ]


def keep(database: Database, vault: Vault, calls: Sequence[Call], now: datetime) -> None:
    """Store calls and their notices in one transaction that outlasts a power failure.

    The same body twice is one delivery, counted; the same event twice is one notice. Raises a StoreError; nothing of these calls is
    stored then.
    """
    routed = [route(vault, call, now) for call in calls]
    times = Counter((one.delivery.system, one.delivery.digest) for one in routed)
    distinct = {(one.delivery.system, one.delivery.digest): one for one in routed}
    with database.write(durable=True) as tx:
        new = [msgspec.structs.replace(one.delivery, times=times[key]) for key, one in distinct.items()]
        ids = deliveries.add_many(tx, new, now)
        _keep_notices(tx, [(ids[key], one) for key, one in distinct.items()], now)
        _keep_forms(tx, calls, now)


def _keep_notices(tx: Tx, routed: Sequence[tuple[int, Routed]], now: datetime) -> None:
    by_connection: dict[str, list[NewNotice]] = {}
    for delivery_id, one in routed:
        for connection_id, new in one.notices.items():
            named = [msgspec.structs.replace(notice, delivery_id=delivery_id) for notice in new]
            by_connection.setdefault(connection_id, []).extend(named)
    # In an order all processes share, so that none waits for another that waits for it.
    for connection_id in sorted(by_connection):
        notices.add_many(tx, connection_id, sorted(by_connection[connection_id], key=_order), now)


def _order(notice: NewNotice) -> tuple[str, str]:
    return notice.system, notice.event_id


def _keep_forms(tx: Tx, calls: Sequence[Call], now: datetime) -> None:
    """Pin the form in which Basware's signature was good, for connections that have not seen one before."""
    fresh = {
        key.connection_id: call.verified.form
        for call in calls
        for key in call.verified.keys
        if call.verified.form and not key.form
    }
    for connection_id in sorted(fresh):
        webhook_keys.pin_form(tx, connection_id, System.BASWARE, fresh[connection_id], now)


def keep_one(database: Database, vault: Vault, call: Call, now: datetime) -> None:
    """Store one call on its own; if its events cannot be stored, the call alone with the reason: it must not come again and again.

    Raises DatabaseUnavailableError when nothing can be stored at all.
    """
    try:
        keep(database, vault, [call], now)
    except DatabaseUnavailableError:
        raise
    except StoreError as error:
        routed = route(vault, call, now)
        problem = f"its events could not be stored: {error}"
        bare = msgspec.structs.replace(routed.delivery, outcome=DeliveryOutcome.UNREADABLE, problem=problem)
        with database.write(durable=True) as tx:
            deliveries.add_many(tx, [bare], now)
