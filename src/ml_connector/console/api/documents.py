"""Documents, why they wait, and what people decide about them.

What the next run will do is `plan.py`; posted ones that were changed afterwards are `drift.py`.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec

from ml_connector.console.api.operation import (
    Because,
    Call,
    Page,
    Paged,
    Reason,
    Text,
    cursor_at,
    place_of,
    reader,
    sliced,
    writer,
)
from ml_connector.console.api.wanted import Amount, DocumentQuery, amount_of, wanted_of
from ml_connector.model.people import Right
from ml_connector.store.documents import DocumentRow
from ml_connector.work import decisions
from ml_connector.work.decisions import Choice
from ml_connector.work.desk import Desk
from ml_connector.work.document_calls import TechnicalView, technical_view
from ml_connector.work.document_lists import ListedDocument, before_transfer, documents_page
from ml_connector.work.document_sides import DocumentSides, sides_of
from ml_connector.work.link_search import LinkCandidate, candidates
from ml_connector.work.views import DocumentLine, DocumentView, document_view, early_line, early_view


class EarlyQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only those with a text in ids, numbers or suppliers."""

    text: Text = ""


class CandidateQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is looked for: a text in numbers and vendors' names, an amount, a day; with none of them what fits the document."""

    text: Text = ""
    amount: Amount = ""
    day: date | None = None


class Decided(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What becomes of a document whose number is in QuickBooks already, or that Basware takes back."""

    choice: Choice
    link_to: Text = ""
    reason: Reason


class Retried(msgspec.Struct, frozen=True, kw_only=True):
    """How many documents were named, and how many of them are planned again."""

    asked: int
    retried: int


def _listed(call: Call) -> Page[ListedDocument]:
    query: DocumentQuery = call.query
    with call.desk() as desk:
        page = documents_page(desk, wanted_of(query, desk.time_zone), below=place_of(query.cursor), size=query.limit)
    return Page(items=page.documents, next="" if page.older is None else cursor_at(page.older))


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
        found = candidates(desk, row, text=query.text, amount=amount_of(query.amount), day=query.day)
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


def acted(act: Callable[[Desk, DocumentRow, Call], None]) -> Callable[[Call], DocumentView]:
    """Does something with the document the address names; the document as it is then."""

    def run(call: Call) -> DocumentView:
        with call.desk() as desk:
            row = call.document(desk)
            act(desk, row, call)
            return document_view(desk, call.document(desk))

    return run


def _because(decide: Callable[..., object]) -> Callable[[Call], DocumentView]:
    """What only takes the reason somebody has."""

    def run(desk: Desk, row: DocumentRow, call: Call) -> None:
        decide(desk, row, reason=call.body.reason, actor=call.visitor.actor)

    return acted(run)


def _decide(desk: Desk, row: DocumentRow, call: Call) -> None:
    body: Decided = call.body
    decisions.decide(desk, row, body.choice, link_to=body.link_to, reason=body.reason, actor=call.visitor.actor)


_TAG, _ALL = "documents", "/connections/{connection}/documents"
_ONE = f"{_ALL}/{{invoice}}"
_MAY: dict[str, Any] = {"right": Right.DECIDE}
_WHY: dict[str, Any] = {"right": Right.DECIDE, "body": Because}
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
    writer(_TAG, f"{_ONE}/ignore", "It is handled outside; never post it", DocumentView, _because(decisions.ignore), **_WHY),
    writer(_TAG, f"{_ONE}/put-back", "Post it after all", DocumentView, _because(decisions.put_back), **_WHY),
    writer(_TAG, f"{_ONE}/hold", "Keep it from being posted", DocumentView, _because(decisions.hold), **_WHY),
    writer(_TAG, f"{_ONE}/let-go", "Keep it no longer", DocumentView, _because(decisions.let_go), **_WHY),
    writer(
        _TAG, f"{_ONE}/decide", "Settle a number that is taken, or one taken back", DocumentView, acted(_decide),
        body=Decided, **_MAY,
    ),
)  # fmt: skip
