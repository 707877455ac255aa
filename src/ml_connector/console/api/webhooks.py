"""Webhook calls that came, as far as they concern a connection, and reading one again."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from ml_connector.console.api.operation import Call, Number, Page, Paged, Text, keyed, reader, writer
from ml_connector.console.trouble import NotFoundError
from ml_connector.model.people import Right
from ml_connector.store.deliveries import DeliveryFilter
from ml_connector.store.schema import DeliveryOutcome, System
from ml_connector.work import webhook_log
from ml_connector.work.webhook_log import DeliveryLine, DeliveryView, Replayed


class Since(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From which moment on; in UTC unless it says otherwise."""

    since: datetime


class DeliveryQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which calls: of one system, with one outcome, about a kind of record, about one record."""

    system: System | None = None
    outcome: DeliveryOutcome | None = None
    entity: Text = ""
    entity_id: Text = ""


def _listed(call: Call) -> Page[DeliveryLine]:
    query: DeliveryQuery = call.query
    wanted = DeliveryFilter(
        connection_id=call.connection.id, system=query.system, outcome=query.outcome, entity=query.entity,
        entity_id=query.entity_id,
    )  # fmt: skip

    def read(before: int | None, limit: int) -> Sequence[DeliveryLine]:
        return webhook_log.lines(call.app.database, wanted, limit=limit, before=before)

    return keyed(query, read, lambda line: line.id)


def _one(call: Call) -> DeliveryView:
    found = webhook_log.view(
        call.app.database, call.app.vault, call.given["number"], with_body=False, connection_id=call.connection.id
    )
    if found is None:
        raise NotFoundError
    return found


def _replay(call: Call) -> Replayed:
    came = webhook_log.replay_one(
        call.app.database, call.app.vault, call.given["number"], call.now, actor=call.visitor.actor,
        connection_id=call.connection.id,
    )  # fmt: skip
    if came is None:
        raise NotFoundError
    return came


def _replay_since(call: Call) -> Replayed:
    body: Since = call.body
    moment = body.since if body.since.tzinfo else body.since.replace(tzinfo=UTC)
    return webhook_log.replay_since(
        call.app.database, call.app.vault, moment, call.now, actor=call.visitor.actor, connection_id=call.connection.id
    )


_TAG, _ALL = "webhooks", "/connections/{connection}/deliveries"
_NUMBER: dict[str, Any] = {"given": {"number": Number}}
OPERATIONS = (
    reader(_TAG, _ALL, "Webhook calls, newest first", Page[DeliveryLine], _listed, query=DeliveryQuery),
    reader(
        _TAG, f"{_ALL}/{{number}}", "One call: what it announced and what became of it", DeliveryView, _one, **_NUMBER
    ),
    writer(
        _TAG,
        f"{_ALL}/{{number}}/replay",
        "Read what it announced once more",
        Replayed,
        _replay,
        right=Right.DECIDE,
        **_NUMBER,
    ),
    writer(
        _TAG,
        f"{_ALL}/replay",
        "Read everything once more that came since a moment",
        Replayed,
        _replay_since,
        right=Right.DECIDE,
        body=Since,
    ),
)
