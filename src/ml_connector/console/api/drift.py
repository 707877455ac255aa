"""Posted transactions that somebody changed or deleted in QuickBooks: what differs, and the three ways on."""

from collections.abc import Callable
from typing import Any

import msgspec

from ml_connector.console.api.operation import Call, Name, Page, Paged, Reason, listed, reader, sliced, writer
from ml_connector.model.people import Right
from ml_connector.work.decisions import DecisionError
from ml_connector.work.drift import deciding
from ml_connector.work.drift.views import WAITING, DriftCase, case_list, cases_of, to_decide


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


def _drift(call: Call) -> Page[DriftCase]:
    query: DriftQuery = call.query
    with call.desk() as desk:
        return listed(query, case_list(desk, None if query.every else WAITING))


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


_TAG, _ONE = "documents", "/connections/{connection}/documents/{invoice}"
_DRIFT: dict[str, Any] = {"right": Right.DECIDE, "body": DriftDecided}
_CASES = Page[DriftCase]
OPERATIONS = (
    reader(
        _TAG, "/connections/{connection}/drift", "Posted transactions changed in QuickBooks", _CASES, _drift,
        query=DriftQuery,
    ),
    reader(_TAG, f"{_ONE}/drift", "What differs from what was posted", _CASES, _drift_of, query=Paged),
    writer(_TAG, f"{_ONE}/drift/accept", "QuickBooks has it right", _CASES, _decided(deciding.accept), **_DRIFT),
    writer(_TAG, f"{_ONE}/drift/restore", "Bring back what was posted", _CASES, _decided(deciding.restore), **_DRIFT),
    writer(_TAG, f"{_ONE}/drift/ignore", "Leave it as it is", _CASES, _decided(deciding.ignore), **_DRIFT),
)  # fmt: skip
