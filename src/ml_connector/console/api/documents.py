"""Documents, why they wait, and what people decide about them."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from ml_connector.console.api.operation import (
    Because,
    Call,
    InputError,
    Page,
    Paged,
    Reason,
    Text,
    keyed,
    reader,
    writer,
)
from ml_connector.model.people import Right
from ml_connector.store import documents as document_store
from ml_connector.store.schema import DocumentState
from ml_connector.work import decisions
from ml_connector.work.decisions import Choice
from ml_connector.work.document_pages import DocumentItem, document_page
from ml_connector.work.drift import deciding
from ml_connector.work.drift.views import DriftCase, cases_of, cases_waiting, to_decide
from ml_connector.work.held_causes import HeldCause, held_causes
from ml_connector.work.views import DocumentLine, DocumentView, document_view


class DocumentQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which documents: in some states, with a text in their ids, numbers or suppliers."""

    state: tuple[DocumentState, ...] = ()
    text: Text = ""


class Decided(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What becomes of a document whose number is in QuickBooks already, or that Basware takes back."""

    choice: Choice
    link_to: Text = ""
    reason: Reason


class Retried(msgspec.Struct, frozen=True, kw_only=True):
    """How many documents were named, and how many of them are planned again."""

    asked: int
    retried: int


class DriftQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`every`: also those that were decided or are over."""

    every: bool = False


class DriftDecided(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why, and for which transaction of the document; all of them unless `part` is given."""

    reason: Reason
    part: int | None = None


def _listed(call: Call) -> Page[DocumentLine]:
    query: DocumentQuery = call.query
    with call.desk() as desk:

        def read(after: int | None, limit: int) -> Sequence[DocumentItem]:
            return document_page(desk, states=query.state, text=query.text, after=after, limit=limit)

        page = keyed(query, read, lambda item: item.seq)
    return Page(items=[item.line for item in page.items], next=page.next)


def _one(call: Call) -> DocumentView:
    with call.desk() as desk:
        return document_view(desk, call.document(desk))


def _retry(call: Call) -> Retried:
    with call.desk() as desk:
        return Retried(asked=1, retried=decisions.retry(desk, [call.document(desk)], actor=call.visitor.actor))


def _retry_all(call: Call) -> Retried:
    with call.desk() as desk:
        with desk.database.read() as tx:
            rows = document_store.in_state(tx, desk.connection_id, {DocumentState.HELD})
        return Retried(asked=len(rows), retried=decisions.retry(desk, rows, actor=call.visitor.actor))


def _ignore(call: Call) -> DocumentView:
    body: Because = call.body
    with call.desk() as desk:
        row = call.document(desk)
        decisions.ignore(desk, row, reason=body.reason, actor=call.visitor.actor)
        return document_view(desk, call.document(desk))


def _decide(call: Call) -> DocumentView:
    body: Decided = call.body
    with call.desk() as desk:
        row = call.document(desk)
        decisions.decide(desk, row, body.choice, link_to=body.link_to, reason=body.reason, actor=call.visitor.actor)
        return document_view(desk, call.document(desk))


def _causes(call: Call) -> list[HeldCause]:
    with call.desk() as desk:
        return held_causes(desk)


def _drift(call: Call) -> list[DriftCase]:
    query: DriftQuery = call.query
    if query.cursor:
        raise InputError("This list has one page.")
    with call.desk() as desk:
        return cases_waiting(desk, every=query.every, limit=query.limit)


def _drift_of(call: Call) -> list[DriftCase]:
    with call.desk() as desk:
        return cases_of(desk, call.document(desk))


def _decided(decide: Callable[..., None]) -> Callable[[Call], list[DriftCase]]:
    def run(call: Call) -> list[DriftCase]:
        body: DriftDecided = call.body
        with call.desk() as desk:
            meant = to_decide(desk, call.document(desk), body.part)
            decide(desk, meant, reason=body.reason, actor=call.visitor.actor)
            parts = {one.part for one in meant}
            return [one for one in cases_of(desk, call.document(desk)) if one.part in parts]

    return run


_TAG, _ALL = "documents", "/connections/{connection}/documents"
_ONE = f"{_ALL}/{{invoice}}"
_MAY: dict[str, Any] = {"right": Right.DECIDE}
OPERATIONS = (
    reader(_TAG, _ALL, "Documents in order of arrival", Page[DocumentLine], _listed, query=DocumentQuery),
    reader(_TAG, _ONE, "Everything about one document, by invoice id or number", DocumentView, _one),
    writer(_TAG, f"{_ONE}/retry", "Plan a held document again in the next run", Retried, _retry, **_MAY),
    writer(_TAG, f"{_ONE}/ignore", "It is handled outside; never post it", DocumentView, _ignore, body=Because, **_MAY),
    writer(
        _TAG,
        f"{_ONE}/decide",
        "Settle a number that is taken, or one taken back",
        DocumentView,
        _decide,
        body=Decided,
        **_MAY,
    ),
    reader(
        _TAG,
        "/connections/{connection}/causes",
        "Causes that hold documents, each with count and money",
        list[HeldCause],
        _causes,
    ),
    writer(
        _TAG, "/connections/{connection}/causes/retry", "Plan every held document again", Retried, _retry_all, **_MAY
    ),
    reader(
        _TAG,
        "/connections/{connection}/drift",
        "Posted transactions changed in QuickBooks",
        list[DriftCase],
        _drift,
        query=DriftQuery,
    ),
    reader(_TAG, f"{_ONE}/drift", "What differs from what was posted", list[DriftCase], _drift_of),
    writer(
        _TAG,
        f"{_ONE}/drift/accept",
        "What QuickBooks has now is right",
        list[DriftCase],
        _decided(deciding.accept),
        body=DriftDecided,
        **_MAY,
    ),
    writer(
        _TAG,
        f"{_ONE}/drift/restore",
        "Bring back what was posted",
        list[DriftCase],
        _decided(deciding.restore),
        body=DriftDecided,
        **_MAY,
    ),
    writer(
        _TAG,
        f"{_ONE}/drift/ignore",
        "Leave the difference as it is",
        list[DriftCase],
        _decided(deciding.ignore),
        body=DriftDecided,
        **_MAY,
    ),
)
