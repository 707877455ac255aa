"""Documents, why they wait, and what people decide about them."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

import msgspec

from ml_connector.console.api.operation import (
    Because,
    Call,
    InputError,
    Name,
    Page,
    Paged,
    Reason,
    Text,
    cursor_at,
    place_of,
    reader,
    writer,
)
from ml_connector.console.trouble import NotFoundError
from ml_connector.model.people import Right
from ml_connector.store import documents as document_store
from ml_connector.store.document_search import DocumentFilter
from ml_connector.store.documents import DocumentRow
from ml_connector.store.schema import DocumentState
from ml_connector.work import decisions
from ml_connector.work.decisions import Choice
from ml_connector.work.desk import Desk
from ml_connector.work.document_lists import ListedDocument, documents_page
from ml_connector.work.drift import deciding
from ml_connector.work.drift.views import DriftCase, cases_of, cases_waiting, to_decide
from ml_connector.work.needs import fixing
from ml_connector.work.needs.cards import Card, Heap, cards, find, heaps
from ml_connector.work.plan_lines import PlanLine, plan_page
from ml_connector.work.review import Released, release, take_back_release
from ml_connector.work.views import DocumentView, document_view


class DocumentQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which documents: in some states; with a text in their ids, numbers or suppliers, or a whole number or id of QuickBooks; that
    name an order; with a date from a day on or up to one."""

    state: tuple[DocumentState, ...] = ()
    text: Text = ""
    order: Text = ""
    since: date | None = None
    until: date | None = None

    @property
    def wanted(self) -> DocumentFilter:
        """What to look for."""
        return DocumentFilter(
            states=frozenset(self.state), text=self.text, order=self.order, since=self.since, until=self.until
        )


class Decided(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What becomes of a document whose number is in QuickBooks already, or that Basware takes back."""

    choice: Choice
    link_to: Text = ""
    reason: Reason


class Release(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to post: by invoice id the `proposal` that the plan shows. One that is proposed differently by now is not released."""

    proposals: Annotated[dict[Name, Name], msgspec.Meta(min_length=1, max_length=1000)]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What was done, in words."""

    told: str


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


def _listed(call: Call) -> Page[ListedDocument]:
    query: DocumentQuery = call.query
    with call.desk() as desk:
        page = documents_page(desk, query.wanted, below=place_of(query.cursor), size=query.limit)
    return Page(items=page.documents, next="" if page.older is None else cursor_at(page.older))


def _plan(call: Call) -> Page[PlanLine]:
    query: DocumentQuery = call.query
    with call.desk() as desk:
        page = plan_page(desk, query.wanted, below=place_of(query.cursor), size=query.limit)
    return Page(items=page.lines, next="" if page.older is None else cursor_at(page.older))


def _release(call: Call) -> Released:
    body: Release = call.body
    with call.desk() as desk:
        return release(desk, body.proposals, actor=call.visitor.actor)


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


def _acted(act: Callable[[Desk, DocumentRow, Call], None]) -> Callable[[Call], DocumentView]:
    """Does something with the document the address names; the document as it is then."""

    def run(call: Call) -> DocumentView:
        with call.desk() as desk:
            row = call.document(desk)
            act(desk, row, call)
            return document_view(desk, call.document(desk))

    return run


def _ignore(desk: Desk, row: DocumentRow, call: Call) -> None:
    decisions.ignore(desk, row, reason=call.body.reason, actor=call.visitor.actor)


def _put_back(desk: Desk, row: DocumentRow, call: Call) -> None:
    decisions.put_back(desk, row, reason=call.body.reason, actor=call.visitor.actor)


def _hold(desk: Desk, row: DocumentRow, call: Call) -> None:
    decisions.hold(desk, row, reason=call.body.reason, actor=call.visitor.actor)


def _let_go(desk: Desk, row: DocumentRow, call: Call) -> None:
    decisions.let_go(desk, row, reason=call.body.reason, actor=call.visitor.actor)


def _take_back(desk: Desk, row: DocumentRow, call: Call) -> None:
    take_back_release(desk, row, actor=call.visitor.actor)


def _decide(desk: Desk, row: DocumentRow, call: Call) -> None:
    body: Decided = call.body
    decisions.decide(desk, row, body.choice, link_to=body.link_to, reason=body.reason, actor=call.visitor.actor)


def _causes(call: Call) -> list[Card]:
    with call.desk() as desk:
        return cards(desk, heaps(desk))


def _of_cause(act: Callable[[Desk, Heap, Call], str]) -> Callable[[Call], Told]:
    """Does something with everything that a cause holds."""

    def run(call: Call) -> Told:
        with call.desk() as desk:
            heap = find(desk, call.given["card"])
            if heap is None:
                raise NotFoundError
            return Told(told=act(desk, heap, call))

    return run


def _cause_again(desk: Desk, heap: Heap, call: Call) -> str:
    return fixing.again(desk, heap, (), actor=call.visitor.actor)


def _cause_ignored(desk: Desk, heap: Heap, call: Call) -> str:
    return fixing.ignore(desk, heap, (), reason=call.body.reason, actor=call.visitor.actor)


def _cause_rejected(desk: Desk, heap: Heap, call: Call) -> str:
    return fixing.reject(desk, heap, (), reason=call.body.reason, actor=call.visitor.actor)


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
_CAUSES = "/connections/{connection}/causes"
_PLAN = "/connections/{connection}/plan"
_MAY: dict[str, Any] = {"right": Right.DECIDE}
_WHY: dict[str, Any] = {"right": Right.DECIDE, "body": Because}
_DRIFT: dict[str, Any] = {"right": Right.DECIDE, "body": DriftDecided}
_CASES = list[DriftCase]
OPERATIONS = (
    reader(_TAG, _ALL, "Documents, latest arrival first", Page[ListedDocument], _listed, query=DocumentQuery),
    reader(_TAG, _ONE, "Everything about one document, by invoice id or number", DocumentView, _one),
    writer(_TAG, f"{_ONE}/retry", "Plan a held document again in the next run", Retried, _retry, **_MAY),
    writer(_TAG, f"{_ONE}/ignore", "It is handled outside; never post it", DocumentView, _acted(_ignore), **_WHY),
    writer(_TAG, f"{_ONE}/put-back", "Post it after all", DocumentView, _acted(_put_back), **_WHY),
    writer(_TAG, f"{_ONE}/hold", "Keep it from being posted", DocumentView, _acted(_hold), **_WHY),
    writer(_TAG, f"{_ONE}/let-go", "Keep it no longer", DocumentView, _acted(_let_go), **_WHY),
    writer(
        _TAG, f"{_ONE}/decide", "Settle a number that is taken, or one taken back", DocumentView, _acted(_decide),
        body=Decided, **_MAY,
    ),
    reader(_TAG, _PLAN, "What the next run does, document by document", Page[PlanLine], _plan, query=DocumentQuery),
    writer(_TAG, f"{_PLAN}/release", "Post exactly what was looked at", Released, _release, body=Release, **_MAY),
    writer(_TAG, f"{_ONE}/take-back-release", "It waits for a release again", DocumentView, _acted(_take_back), **_MAY),
    reader(_TAG, _CAUSES, "What needs a person, by cause, with count and money", list[Card], _causes),
    writer(_TAG, f"{_CAUSES}/{{card}}/retry", "Everything it holds goes again", Told, _of_cause(_cause_again), **_MAY),
    writer(_TAG, f"{_CAUSES}/{{card}}/ignore", "Ignore all it holds", Told, _of_cause(_cause_ignored), **_WHY),
    writer(_TAG, f"{_CAUSES}/{{card}}/reject", "Reject all it holds", Told, _of_cause(_cause_rejected), **_WHY),
    writer(_TAG, "/connections/{connection}/retry-held", "Plan every held document again", Retried, _retry_all, **_MAY),
    reader(
        _TAG, "/connections/{connection}/drift", "Posted transactions changed in QuickBooks", _CASES, _drift,
        query=DriftQuery,
    ),
    reader(_TAG, f"{_ONE}/drift", "What differs from what was posted", _CASES, _drift_of),
    writer(_TAG, f"{_ONE}/drift/accept", "QuickBooks has it right", _CASES, _decided(deciding.accept), **_DRIFT),
    writer(_TAG, f"{_ONE}/drift/restore", "Bring back what was posted", _CASES, _decided(deciding.restore), **_DRIFT),
    writer(_TAG, f"{_ONE}/drift/ignore", "Leave it as it is", _CASES, _decided(deciding.ignore), **_DRIFT),
)  # fmt: skip
