"""Payments: how far documents are paid, and what Basware was told."""

from typing import Any

import msgspec

from ml_connector.console.api.operation import Call, Page, Paged, Text, listed, reader, writer
from ml_connector.model.people import Right
from ml_connector.store.payments import PaymentSort
from ml_connector.store.schema import PaymentState
from ml_connector.work.payments.asking import pick_up_earlier, retry
from ml_connector.work.payments.shown import PaymentLine, PaymentView, payment_list, payment_view


class PaymentQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which documents: in some states, with a text in numbers, ids and suppliers; `sort`: in which order."""

    state: tuple[PaymentState, ...] = ()
    text: Text = ""
    sort: PaymentSort = PaymentSort.CHANGED_DOWN


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for; the next run of the job does it."""

    connection: str
    asked: str


def _listed(call: Call) -> Page[PaymentLine]:
    query: PaymentQuery = call.query
    with call.desk() as desk:
        return listed(query, payment_list(desk, states=query.state, text=query.text, order=query.sort))


def _one(call: Call) -> PaymentView:
    with call.desk() as desk:
        return payment_view(desk, call.document(desk))


def _retry(call: Call) -> PaymentView:
    with call.desk() as desk:
        row = call.document(desk)
        retry(desk, row.invoice_id, call.visitor.actor)
        return payment_view(desk, row)


def _pick_up(call: Call) -> Asked:
    with call.desk() as desk:
        pick_up_earlier(desk, call.visitor.actor)
    return Asked(connection=call.connection.name, asked="payments from before the connection")


_TAG, _ALL = "payments", "/connections/{connection}/payments"
_MAY: dict[str, Any] = {"right": Right.DECIDE}
OPERATIONS = (
    reader(
        _TAG, _ALL, "Documents that are paid, those last changed first", Page[PaymentLine], _listed, query=PaymentQuery
    ),
    reader(
        _TAG,
        "/connections/{connection}/documents/{invoice}/payments",
        "The payments of one document",
        PaymentView,
        _one,
    ),
    writer(
        _TAG,
        "/connections/{connection}/documents/{invoice}/payments/retry",
        "Tell Basware once more what it refused",
        PaymentView,
        _retry,
        **_MAY,
    ),
    writer(_TAG, f"{_ALL}/pick-up", "Tell Basware of payments from before the connection", Asked, _pick_up, **_MAY),
)
