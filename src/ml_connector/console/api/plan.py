"""What the next run will do, and the leave to do it: proposals looked at, released, taken back, planned again."""

from typing import Annotated, Any

import msgspec

from ml_connector.console.api.documents import Retried, acted
from ml_connector.console.api.operation import Call, Name, Page, cursor_at, place_of, reader, writer
from ml_connector.console.api.wanted import DocumentQuery, ReleaseAll, wanted_of
from ml_connector.model.people import Right
from ml_connector.store import documents
from ml_connector.store.documents import DocumentRow
from ml_connector.store.schema import DocumentState
from ml_connector.work import decisions
from ml_connector.work.decisions import DecisionError
from ml_connector.work.desk import Desk
from ml_connector.work.plan_lines import PlanLine, plan_page
from ml_connector.work.review import Released, release, release_all, take_back_release, token_of, waiting
from ml_connector.work.views import DocumentView


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """How many proposals wait for a release and fit; `seen` stands for exactly these."""

    documents: int
    seen: str


class Release(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to post: by invoice id the `proposal` that the plan shows. One that is proposed differently by now is not released."""

    proposals: Annotated[dict[Name, Name], msgspec.Meta(min_length=1, max_length=1000)]


def _plan(call: Call) -> Page[PlanLine]:
    query: DocumentQuery = call.query
    with call.desk() as desk:
        page = plan_page(desk, wanted_of(query, desk.time_zone), below=place_of(query.cursor), size=query.limit)
    return Page(items=page.lines, next="" if page.older is None else cursor_at(page.older))


def _release(call: Call) -> Released:
    body: Release = call.body
    with call.desk() as desk:
        return release(desk, body.proposals, actor=call.visitor.actor)


def _waiting(call: Call) -> Waiting:
    query: DocumentQuery = call.query
    with call.desk() as desk:
        proposals = waiting(desk, wanted_of(query, desk.time_zone))
    return Waiting(documents=len(proposals), seen=token_of(proposals))


def _release_all(call: Call) -> Released:
    body: ReleaseAll = call.body
    with call.desk() as desk:
        came = release_all(desk, wanted_of(body, desk.time_zone), body.seen, actor=call.visitor.actor)
    if came is None:
        raise DecisionError("Nothing was released: the plan has changed since you looked. Look at it again.")
    return came


def _take_back(desk: Desk, row: DocumentRow, call: Call) -> None:
    take_back_release(desk, row, actor=call.visitor.actor)


def _retry_all(call: Call) -> Retried:
    with call.desk() as desk:
        with desk.database.read() as tx:
            rows = documents.in_state(tx, desk.connection_id, {DocumentState.HELD})
        return Retried(asked=len(rows), retried=decisions.retry(desk, rows, actor=call.visitor.actor))


_TAG, _HERE = "documents", "/connections/{connection}"
_PLAN, _ONE = f"{_HERE}/plan", f"{_HERE}/documents/{{invoice}}"
_MAY: dict[str, Any] = {"right": Right.DECIDE}
OPERATIONS = (
    reader(_TAG, _PLAN, "What the next run does, document by document", Page[PlanLine], _plan, query=DocumentQuery),
    writer(_TAG, f"{_PLAN}/release", "Post exactly what was looked at", Released, _release, body=Release, **_MAY),
    reader(_TAG, f"{_PLAN}/waiting", "How much waits for a release", Waiting, _waiting, query=DocumentQuery),
    writer(
        _TAG, f"{_PLAN}/release-all", "Post everything that was looked at", Released, _release_all, body=ReleaseAll, **_MAY,
        example={"seen": "b1946ac9", "text": "Nobody & Sons"},
    ),
    writer(_TAG, f"{_ONE}/take-back-release", "It waits for a release again", DocumentView, acted(_take_back), **_MAY),
    writer(_TAG, "/connections/{connection}/retry-held", "Plan every held document again", Retried, _retry_all, **_MAY),
)  # fmt: skip
