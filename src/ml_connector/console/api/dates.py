"""The day documents are posted on, chosen by a person: for one document, or for what a cause holds.

Which days can be chosen, and when it is too late, is decided in `work/dating.py`.
"""

from datetime import date

import msgspec

from ml_connector.console.api.causes import Keys, Told
from ml_connector.console.api.documents import acted
from ml_connector.console.api.operation import Because, Call, Reason, writer
from ml_connector.console.trouble import NotFoundError
from ml_connector.model.people import Right
from ml_connector.store.documents import DocumentRow
from ml_connector.work import dating
from ml_connector.work.desk import Desk
from ml_connector.work.needs import fixing
from ml_connector.work.needs.cards import find
from ml_connector.work.views import DocumentView


class DateChosen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The day to post a document on, and why."""

    day: date
    reason: Reason


class DateChosenFor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The day to post documents on, and why; which of what the cause holds, by key, all of it without any."""

    day: date
    reason: Reason
    keys: Keys = ()


def _change(desk: Desk, row: DocumentRow, call: Call) -> None:
    dating.change_date(desk, row, call.body.day, reason=call.body.reason, actor=call.visitor.actor)


def _undo(desk: Desk, row: DocumentRow, call: Call) -> None:
    dating.undo_date(desk, row, reason=call.body.reason, actor=call.visitor.actor)


def _change_all(call: Call) -> Told:
    body: DateChosenFor = call.body
    with call.desk() as desk:
        heap = find(desk, call.given["card"])
        if heap is None:
            raise NotFoundError
        told = fixing.change_date(desk, heap, body.keys, body.day, reason=body.reason, actor=call.visitor.actor)
        return Told(told=told)


_ONE = "/connections/{connection}/documents/{invoice}"
_NOTE = "The day must be open in QuickBooks and not before the start date. The due date stays what it is."
OPERATIONS = (
    writer(
        "documents", f"{_ONE}/change-date", "Post it on another day", DocumentView, acted(_change), right=Right.DECIDE,
        body=DateChosen, note=_NOTE,
    ),
    writer(
        "documents", f"{_ONE}/undo-date", "It goes by its own dates again", DocumentView, acted(_undo), right=Right.DECIDE,
        body=Because,
    ),
    writer(
        "causes", "/connections/{connection}/causes/{card}/change-date", "Post what it holds on another day", Told,
        _change_all, right=Right.DECIDE, body=DateChosenFor, note=_NOTE,
    ),
)  # fmt: skip
