"""Documents, why they wait, and what people decide about them."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import msgspec

from ml_connector.console.api.operation import (
    Because,
    Call,
    Name,
    Page,
    Paged,
    Reason,
    Text,
    counted,
    cursor_at,
    place_of,
    reader,
    sliced,
    writer,
)
from ml_connector.model.people import Right
from ml_connector.store import documents as document_store
from ml_connector.store.document_search import DocumentFilter
from ml_connector.store.documents import DocumentRow
from ml_connector.store.schema import DocumentState
from ml_connector.work import decisions
from ml_connector.work.decisions import Choice, DecisionError
from ml_connector.work.desk import Desk
from ml_connector.work.document_calls import TechnicalView, technical_view
from ml_connector.work.document_lists import ListedDocument, before_transfer, documents_page
from ml_connector.work.document_sides import DocumentSides, sides_of
from ml_connector.work.drift import deciding
from ml_connector.work.drift.views import DriftCase, cases_of, cases_waiting, to_decide
from ml_connector.work.link_search import LinkCandidate, candidates
from ml_connector.work.plan_lines import PlanLine, plan_page
from ml_connector.work.review import Released, release, release_all, take_back_release, token_of, waiting
from ml_connector.work.views import DocumentLine, DocumentView, document_view, early_line, early_view

Amount = Annotated[str, msgspec.Meta(pattern=r"^(-?[0-9]{1,12}(\.[0-9]{1,4})?)?$")]
"""An amount in digits, such as 1250.50; empty for any."""


class DocumentQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which documents: in some states; with a text in their ids, numbers or suppliers, or a whole number or id of QuickBooks; over
    an amount, whatever its sign; that name an order; with a date from a day on or up to one."""

    state: tuple[DocumentState, ...] = ()
    text: Text = ""
    amount: Amount = ""
    order: Text = ""
    since: date | None = None
    until: date | None = None

    @property
    def wanted(self) -> DocumentFilter:
        """What to look for."""
        return DocumentFilter(
            states=frozenset(self.state), text=self.text, amount=_amount(self.amount), order=self.order, since=self.since,
            until=self.until,
        )  # fmt: skip


class EarlyQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only those with a text in ids, numbers or suppliers."""

    text: Text = ""


class CandidateQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is looked for: a text in numbers and vendors' names, an amount, a day; with none of them what fits the document."""

    text: Text = ""
    amount: Amount = ""
    day: date | None = None


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """How many proposals wait for a release and fit; `seen` stands for exactly these."""

    documents: int
    seen: str


class ReleaseAll(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is released: everything that waits and fits, if `seen` still stands for it. Filters are those of the documents."""

    seen: Name
    state: tuple[DocumentState, ...] = ()
    text: Text = ""
    amount: Amount = ""
    order: Text = ""
    since: date | None = None
    until: date | None = None


class Decided(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What becomes of a document whose number is in QuickBooks already, or that Basware takes back."""

    choice: Choice
    link_to: Text = ""
    reason: Reason


class Release(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to post: by invoice id the `proposal` that the plan shows. One that is proposed differently by now is not released."""

    proposals: Annotated[dict[Name, Name], msgspec.Meta(min_length=1, max_length=1000)]


class Retried(msgspec.Struct, frozen=True, kw_only=True):
    """How many documents were named, and how many of them are planned again."""

    asked: int
    retried: int


class DriftQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`every`: also those that were decided or are over."""

    every: bool = False


class DriftDecided(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why, and for which transaction of the document; all of them unless `part` is given.

    `seen`: that of each case as it was looked at. Nothing is decided where one of them differs in another way by now.
    """

    reason: Reason
    part: int | None = None
    seen: tuple[Name, ...] = ()


def _amount(text: str) -> Decimal | None:
    return Decimal(text) if text else None


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


def _waiting(call: Call) -> Waiting:
    query: DocumentQuery = call.query
    with call.desk() as desk:
        proposals = waiting(desk, query.wanted)
    return Waiting(documents=len(proposals), seen=token_of(proposals))


def _release_all(call: Call) -> Released:
    body: ReleaseAll = call.body
    wanted = DocumentFilter(
        states=frozenset(body.state), text=body.text, amount=_amount(body.amount), order=body.order, since=body.since,
        until=body.until,
    )  # fmt: skip
    with call.desk() as desk:
        came = release_all(desk, wanted, body.seen, actor=call.visitor.actor)
    if came is None:
        raise DecisionError("Nothing was released: the plan has changed since you looked. Look at it again.")
    return came


def _one(call: Call) -> DocumentView:
    with call.desk() as desk:
        early = early_line(desk, call.given["invoice"])
        return early_view(desk, early) if early else document_view(desk, call.document(desk))


def _sides(call: Call) -> DocumentSides:
    with call.desk() as desk:
        return sides_of(desk, call.document(desk))


def _candidates(call: Call) -> Page[LinkCandidate]:
    query: CandidateQuery = call.query
    with call.desk() as desk:
        row = call.document(desk)
        found = candidates(desk, row, text=query.text, amount=_amount(query.amount), day=query.day)
    return sliced(query, found)


def _technical(call: Call) -> TechnicalView:
    with call.desk() as desk:
        return technical_view(desk, call.document(desk))


def _early(call: Call) -> Page[DocumentLine]:
    query: EarlyQuery = call.query
    with call.desk() as desk:
        return sliced(query, before_transfer(desk, query.text))


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


def _drift(call: Call) -> Page[DriftCase]:
    query: DriftQuery = call.query
    with call.desk() as desk:
        return counted(query, lambda offset, limit: cases_waiting(desk, every=query.every, limit=limit, offset=offset))


def _drift_of(call: Call) -> Page[DriftCase]:
    with call.desk() as desk:
        return sliced(call.query, cases_of(desk, call.document(desk)))


def _decided(decide: Callable[..., None]) -> Callable[[Call], Page[DriftCase]]:
    def run(call: Call) -> Page[DriftCase]:
        body: DriftDecided = call.body
        with call.desk() as desk:
            row = call.document(desk)
            meant = to_decide(desk, row, body.part)
            now = {one.seen for one in cases_of(desk, row) if one.part in {case.part for case in meant}}
            if body.seen and not now <= set(body.seen):
                raise DecisionError("Nothing was decided: it differs in another way by now. Look at it again.")
            decide(desk, meant, reason=body.reason, actor=call.visitor.actor)
            parts = {one.part for one in meant}
            return Page(items=[one for one in cases_of(desk, call.document(desk)) if one.part in parts])

    return run


_TAG, _ALL = "documents", "/connections/{connection}/documents"
_ONE = f"{_ALL}/{{invoice}}"
_PLAN = "/connections/{connection}/plan"
_MAY: dict[str, Any] = {"right": Right.DECIDE}
_WHY: dict[str, Any] = {"right": Right.DECIDE, "body": Because}
_DRIFT: dict[str, Any] = {"right": Right.DECIDE, "body": DriftDecided}
_CASES = Page[DriftCase]
OPERATIONS = (
    reader(_TAG, _ALL, "Documents, latest arrival first", Page[ListedDocument], _listed, query=DocumentQuery),
    reader(_TAG, _ONE, "Everything about one document, by invoice id or number", DocumentView, _one),
    reader(_TAG, f"{_ONE}/sides", "Basware beside QuickBooks, field by field, with the rule", DocumentSides, _sides),
    reader(_TAG, f"{_ONE}/technical", "What was sent for it and what arrived, redacted", TechnicalView, _technical),
    reader(
        _TAG, f"{_ONE}/link-candidates", "What it may be linked to, the likeliest first", Page[LinkCandidate], _candidates,
        query=CandidateQuery, note="POST …/decide with choice link takes one; `against` says what to look at before.",
    ),
    reader(
        _TAG, "/connections/{connection}/early-documents", "Invoices that wait before Basware hands them over",
        Page[DocumentLine], _early, query=EarlyQuery,
    ),
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
    reader(_TAG, f"{_PLAN}/waiting", "How much waits for a release", Waiting, _waiting, query=DocumentQuery),
    writer(
        _TAG, f"{_PLAN}/release-all", "Post everything that was looked at", Released, _release_all, body=ReleaseAll, **_MAY,
        example={"seen": "b1946ac9", "text": "Nobody & Sons"},
    ),
    writer(_TAG, f"{_ONE}/take-back-release", "It waits for a release again", DocumentView, _acted(_take_back), **_MAY),
    writer(_TAG, "/connections/{connection}/retry-held", "Plan every held document again", Retried, _retry_all, **_MAY),
    reader(
        _TAG, "/connections/{connection}/drift", "Posted transactions changed in QuickBooks", _CASES, _drift,
        query=DriftQuery,
    ),
    reader(_TAG, f"{_ONE}/drift", "What differs from what was posted", _CASES, _drift_of, query=Paged),
    writer(_TAG, f"{_ONE}/drift/accept", "QuickBooks has it right", _CASES, _decided(deciding.accept), **_DRIFT),
    writer(_TAG, f"{_ONE}/drift/restore", "Bring back what was posted", _CASES, _decided(deciding.restore), **_DRIFT),
    writer(_TAG, f"{_ONE}/drift/ignore", "Leave it as it is", _CASES, _decided(deciding.ignore), **_DRIFT),
)  # fmt: skip
