"""Webhook calls that came, as far as they concern a connection, and reading one again."""

from collections.abc import Sequence
from typing import Any

from ml_connector.console.api.operation import Call, Number, Page, Paged, Text, keyed, reader, writer
from ml_connector.console.trouble import NotFoundError
from ml_connector.model.people import Right
from ml_connector.store import deliveries
from ml_connector.store.deliveries import DeliveryFilter
from ml_connector.store.schema import DeliveryOutcome, System
from ml_connector.work import webhook_log
from ml_connector.work.webhook_log import DeliveryLine, DeliveryView, Replayed


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
    _one(call)  # one that does not concern this connection is none
    with call.app.database.read() as tx:
        row = deliveries.get(tx, call.given["number"])
    if row is None:
        raise NotFoundError
    return webhook_log.replay(
        call.app.database, call.app.vault, [row], call.now, actor=call.visitor.actor, connection_id=call.connection.id
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
)
