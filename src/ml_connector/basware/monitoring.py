"""What Basware says became of a request: request status, the older error feedbacks, and the tasks behind notifications.

Values of enumerations are kept as Basware writes them, also those no specification knows yet; whoever decides compares with the
names here. A record that cannot be read is left out and counted: it concerns a request that is asked for again.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import msgspec

from ml_connector.basware.records import items_of

# Basware P2P specification, ConsumerLogEventUserView.requestStatus and ProcessedItem.status.
SUCCESS, ERROR = "Success", "Error"
ACKNOWLEDGED = frozenset({"AcknowledgedSuccess", "AcknowledgedError"})
FINAL = frozenset({SUCCESS, ERROR}) | ACKNOWLEDGED
GOOD_ITEMS = frozenset({"Success", "NotProcessed", "RecordExpired", "Unpublished"})
"""Item statuses that need nobody: taken, unchanged and so left out, overtaken by a newer version, kept as a draft."""
WARNING = "Warning"
"""The item was saved, but not all of it."""

Text = Annotated[str, msgspec.Meta(max_length=20_000)]
T = TypeVar("T")


class ItemError(msgspec.Struct, frozen=True, kw_only=True):
    """One thing P2P had to say about a record. `category`: DataValidation is for the customer to put right,
    Technical for Basware."""

    message: str = ""
    type: str = ""
    category: str = ""


class ItemOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one record in one system."""

    system: str
    external_code: str
    status: str
    errors: tuple[ItemError, ...] = ()

    @property
    def problem(self) -> str:
        """Everything said about it in one line; empty when nothing was."""
        return "; ".join(error.message for error in self.errors if error.message)


class RequestStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one request. `status` is in Basware's words; `last_updated` None when Basware named no usable time."""

    request_id: str
    entity_type: str
    status: str
    last_updated: datetime | None
    items: tuple[ItemOutcome, ...] = ()

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.status in FINAL

    @property
    def is_acknowledged(self) -> bool:
        """Whether somebody has acknowledged it."""
        return self.status in ACKNOWLEDGED

    @property
    def failed(self) -> bool:
        """Whether Basware calls it an error; its items say which of its records are concerned."""
        return self.status.removeprefix("Acknowledged") == ERROR


class ErrorFeedback(msgspec.Struct, frozen=True, kw_only=True):
    """An error in the older form: one for each record refused. `entity` is the record as it was sent, None if it cannot be read."""

    id: str
    request_id: str
    external_code: str
    entity_type: str
    stamp: datetime | None
    errors: tuple[str, ...]
    system: str
    entity: dict[str, Any] | None


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One notification there ever was, whether or not it arrived."""

    id: str
    status: str
    type: str
    sub_type: str
    document_id: str
    last_updated: datetime | None
    created_at: datetime | None


class StatusPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some request statuses; `unreadable` counts those that could not be read."""

    requests: tuple[RequestStatus, ...]
    continuation: str = ""
    unreadable: int = 0


class FeedbackPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some error feedbacks; `unreadable` counts those that could not be read."""

    feedbacks: tuple[ErrorFeedback, ...]
    continuation: str = ""
    unreadable: int = 0


class TaskPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some tasks; `unreadable` counts those that could not be read."""

    tasks: tuple[Task, ...]
    continuation: str = ""
    unreadable: int = 0


def read_statuses(body: bytes, continuation: str, request_id: str = "") -> StatusPage:
    """The answer of GET /v1/requestStatus, of many or of one. Raises UnreadablePage."""
    items = items_of(body, "requestStatus", "requestId", continuation=continuation, request_id=request_id)
    read = [_decoded(item, _StatusOnWire) for item in items]
    found = tuple(_status(one) for one in read if one is not None and one.request_id)
    return StatusPage(requests=found, continuation=continuation, unreadable=len(items) - len(found))


def read_feedbacks(body: bytes, continuation: str, request_id: str = "") -> FeedbackPage:
    """The answer of GET /v1/errorFeedbacks. Raises UnreadablePage."""
    items = items_of(body, "errorList", "errorStamp", continuation=continuation, request_id=request_id)
    read = [_decoded(item, _FeedbackOnWire) for item in items]
    found = tuple(_feedback(one) for one in read if one is not None)
    return FeedbackPage(feedbacks=found, continuation=continuation, unreadable=len(items) - len(found))


def read_tasks(body: bytes, continuation: str, request_id: str = "") -> TaskPage:
    """The answer of GET /v1/tasks, whose wrapper is called like a field of its records. Raises UnreadablePage."""
    items = items_of(body, "taskStatus", "taskId", continuation=continuation, request_id=request_id)
    read = [_decoded(item, _TaskOnWire) for item in items]
    found = tuple(_task(one) for one in read if one is not None and one.task_id)
    return TaskPage(tasks=found, continuation=continuation, unreadable=len(items) - len(found))


def instant(text: str | None) -> datetime | None:
    """A time stamp of Basware's as an instant in UTC, which is also what a time without a zone means; None when it is none."""
    try:
        read = datetime.fromisoformat(text or "")
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


class _ErrorOnWire(msgspec.Struct, frozen=True):
    message: Text | None = None
    type: Text | None = None
    category: Text | None = None


class _ItemOnWire(msgspec.Struct, frozen=True, rename="camel"):
    external_code: Text | None = None
    status: Text | None = None
    errors: tuple[_ErrorOnWire, ...] | None = None


class _SystemOnWire(msgspec.Struct, frozen=True):
    system: Text | None = None
    items: tuple[_ItemOnWire, ...] | None = None


class _StatusOnWire(msgspec.Struct, frozen=True, rename="camel"):
    request_id: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    entity_type: Text | None = None
    request_status: Text | None = None
    last_updated: Text | None = None
    systems: tuple[_SystemOnWire, ...] | None = None


class _FeedbackOnWire(msgspec.Struct, frozen=True, rename="camel"):
    id: Text | None = None
    request_id: Text | None = None
    external_code: Text | None = None
    entity_type: Text | None = None
    error_stamp: Text | None = None
    errors: tuple[Text | None, ...] | None = None
    target_system: Text | None = None
    error_entity: str | None = None


class _StepOnWire(msgspec.Struct, frozen=True, rename="camel"):
    time_stamp: Text | None = None


class _TaskOnWire(msgspec.Struct, frozen=True, rename="camel"):
    task_id: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    task_status: Text | None = None
    task_type: Text | None = None
    task_sub_type: Text | None = None
    document_id: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    last_updated: Text | None = None
    task_history: tuple[_StepOnWire, ...] | None = None


def _decoded(item: bytes, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(item, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _status(one: _StatusOnWire) -> RequestStatus:
    return RequestStatus(
        request_id=one.request_id or "",
        entity_type=one.entity_type or "",
        status=one.request_status or "",
        last_updated=instant(one.last_updated),
        items=tuple(_items(one)),
    )


def _items(one: _StatusOnWire) -> Iterator[ItemOutcome]:
    for system in one.systems or ():
        for item in system.items or ():
            errors = tuple(
                ItemError(message=error.message or "", type=error.type or "", category=error.category or "")
                for error in item.errors or ()
            )
            code, status = item.external_code or "", item.status or ""
            yield ItemOutcome(system=system.system or "", external_code=code, status=status, errors=errors)


def _feedback(one: _FeedbackOnWire) -> ErrorFeedback:
    return ErrorFeedback(
        id=one.id or "",
        request_id=one.request_id or "",
        external_code=one.external_code or "",
        entity_type=one.entity_type or "",
        stamp=instant(one.error_stamp),
        errors=tuple(filter(None, one.errors or ())),
        system=one.target_system or "",
        entity=_record_in(one.error_entity),
    )


def _record_in(text: str | None) -> dict[str, Any] | None:
    """The record that an error is about: JSON inside a text (Basware P2P specification, ErrorFeedbackEntity.errorEntity)."""
    try:
        tree = msgspec.json.decode(text or "")
    except (msgspec.DecodeError, RecursionError):
        return None
    return tree if isinstance(tree, dict) else None


def _task(one: _TaskOnWire) -> Task:
    first = (one.task_history or (None,))[0]
    return Task(
        id=one.task_id or "",
        status=one.task_status or "",
        type=one.task_type or "",
        sub_type=one.task_sub_type or "",
        document_id=one.document_id or "",
        last_updated=instant(one.last_updated),
        created_at=instant(first.time_stamp) if first else None,
    )
