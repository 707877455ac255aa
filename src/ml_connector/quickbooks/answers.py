"""What QuickBooks' answers hold: rows, records, items of a batch, changes, each checked before it is believed.

Pure: an answer comes in, what it says comes out, or an error that names the call it came from. Making the calls is `client.py`'s.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from ml_connector.quickbooks.errors import error_from
from ml_connector.quickbooks.exchange import Answer, Request, unreadable
from ml_connector.quickbooks.faults import Fault, faults_in
from ml_connector.quickbooks.wire import MAX_CHANGES

Record = dict[str, Any]


class ItemAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one item of a batch: the record as QuickBooks now has it, or why it was refused."""

    b_id: str
    entity: str
    record: Record | None = None
    faults: tuple[Fault, ...] = ()


class BatchAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a batch, item by item in the order of the request. Items succeed and fail each by itself."""

    items: tuple[ItemAnswer, ...]
    trace: str = ""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What one SELECT found: its rows, or the number of them (`COUNT(*)`), or why it was refused.

    `time` is the service's own time of the answer: what was found is the state at that moment. None when it was refused.
    """

    rows: list[Record] = []
    count: int | None = None
    time: datetime | None = None
    faults: tuple[Fault, ...] = ()


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What changed since an instant: whole records by entity, ids of deleted ones, and the service's own time.

    `truncated` says that the answer is as long as answers get, so more may have changed: ask for fewer entities at once, or
    query. The next question starts at `time` minus an overlap of some minutes.
    """

    records: dict[str, list[Record]]
    deleted: dict[str, list[str]]
    time: datetime
    truncated: bool = False


def rows_in(request: Request, answer: Answer, holder: Record) -> list[Record]:
    """The records of a QueryResponse, which has no list at all when nothing was found."""
    response = holder.get("QueryResponse")
    if not isinstance(response, dict):
        raise unreadable(request, answer.trace, "no QueryResponse")
    return next((rows for rows in response.values() if isinstance(rows, list)), [])


def page_in(holder: Record | None, time: datetime) -> Page | None:
    """The answer to one SELECT; None when there is none."""
    if holder is None:
        return None
    if faults := faults_in(holder):
        return Page(faults=faults, time=time)
    response = holder.get("QueryResponse")
    if not isinstance(response, dict):
        return None
    rows: list[Record] = next((rows for rows in response.values() if isinstance(rows, list)), [])
    count = response.get("totalCount")
    return Page(rows=rows, count=count if isinstance(count, int) else None, time=time)


def record_in(request: Request, answer: Answer, entity: str) -> Record:
    """The one record of an answer. Its name may be spelled as the entity is or not (CompanyInfo, companyinfo)."""
    for name, record in answer.body.items():
        if name.lower() == entity.lower() and isinstance(record, dict):
            return record
    raise unreadable(request, answer.trace, f"no {entity}")


def answers_by_item(request: Request, answer: Answer) -> dict[str, Record]:
    """The answers to a batch by the id of their item. Two answers to one item are an unreadable answer, not a choice."""
    items = answer.body.get("BatchItemResponse")
    if not isinstance(items, list) or not all(isinstance(item, dict) and "bId" in item for item in items):
        raise unreadable(request, answer.trace, "no BatchItemResponse")
    by_id = {str(item["bId"]): item for item in items}
    if len(by_id) != len(items):
        raise unreadable(request, answer.trace, "two answers to one batch item")
    return by_id


def item_answer(request: Request, answer: Answer, asked: Record, item: Record | None) -> ItemAnswer:
    """What became of one write of a batch. Raises NoAnswer where its outcome is not told: it may have been executed."""
    entity = next(name for name in asked if name not in {"bId", "operation", "optionsData"})
    if item is None:
        raise unreadable(request, answer.trace, f"no answer to batch item {asked['bId']}")
    if faults := faults_in(item):
        return ItemAnswer(b_id=asked["bId"], entity=entity, faults=faults)
    record = item.get(entity)
    if not isinstance(record, dict):
        raise unreadable(request, answer.trace, f"batch item {asked['bId']} has neither a record nor a fault")
    return ItemAnswer(b_id=asked["bId"], entity=entity, record=record)


def changes_in(request: Request, answer: Answer) -> Changes:
    """What an answer of change data capture holds, deleted records by their ids alone."""
    records: dict[str, list[Record]] = {}
    deleted: dict[str, list[str]] = {}
    count = 0
    for group in _change_groups(request, answer):
        for entity, rows in group.items():
            if not isinstance(rows, list):
                continue
            count += len(rows)
            for row in rows:
                if isinstance(row, dict) and row.get("status") == "Deleted" and "Id" in row:
                    deleted.setdefault(entity, []).append(str(row["Id"]))
                else:
                    records.setdefault(entity, []).append(row)
    return Changes(records=records, deleted=deleted, time=time_of(request, answer), truncated=count >= MAX_CHANGES)


def _change_groups(request: Request, answer: Answer) -> Iterator[Record]:
    responses = answer.body.get("CDCResponse")
    if not isinstance(responses, list):
        raise unreadable(request, answer.trace, "no CDCResponse")
    for response in responses:
        if faults := faults_in(response):
            raise error_from(200, faults, write=False, trace=answer.trace)
        yield from response.get("QueryResponse", [])


def time_of(request: Request, answer: Answer) -> datetime:
    """The service's own time of an answer, aware and in UTC."""
    try:
        return datetime.fromisoformat(answer.body["time"]).astimezone(UTC)
    except (KeyError, TypeError, ValueError) as error:
        raise unreadable(request, answer.trace, "no time") from error
