"""What people are shown of the records Basware is to hold, and trying refused ones again. The shapes are those of `--json`."""

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import msgspec

from ml_connector.store import audit, jobs, outgoing, outgoing_calls
from ml_connector.store.outgoing import OutgoingRow, OutgoingSort, RecordKey
from ml_connector.store.schema import OutgoingState
from ml_connector.work.desk import Desk
from ml_connector.work.document_calls import masked
from ml_connector.work.jobs import Job
from ml_connector.work.listing import Listing
from ml_connector.work.views import CauseView, cause_view

_CODES = (
    "accountCode", "costCenterCode", "projectCode", "text_1", "taxCode", "paymentTermCode", "vendorCode", "orderNumber",
)  # fmt: skip
"""Where the records of Basware's lists keep the code people know them by."""


class RecordLine(msgspec.Struct, frozen=True, kw_only=True):
    """A record that Basware is to hold. `list` is Basware's name of the list; `code` what people choose it by, empty where it has
    none; `state`: ready, sent, done, refused or held; `problem` in Basware's words."""

    list: str
    code: str
    name: str
    subject: str
    state: str
    problem: str
    causes: tuple[CauseView, ...]
    external_code: str
    tries: int
    next_try: datetime | None
    sent_at: datetime | None
    settled_at: datetime | None


class RecordView(msgspec.Struct, frozen=True, kw_only=True):
    """One record in full: as it is to be in Basware, with bank accounts and tax ids masked, and whether Basware has it like that or
    has another version of it."""

    record: RecordLine
    body: Any
    in_basware: str


def record_list(
    desk: Desk,
    *,
    name: str = "",
    states: Collection[OutgoingState] = (),
    text: str = "",
    order: OutgoingSort = OutgoingSort.NAME,
) -> Listing[RecordKey, RecordLine]:
    """Records by list and name, unless told otherwise. `name` is that of a list, such as `accounts` or `lists/ACC_LIST_1`."""
    found = outgoing.ordered(desk.connection_id, resource=name, states=states, text=text, order=order)
    return Listing(desk.database, found, partial(_lines, desk))


def _lines(desk: Desk, keys: Sequence[RecordKey]) -> list[RecordLine]:
    with desk.database.read() as tx:
        return [line_of(row) for row in outgoing.these(tx, desk.connection_id, keys)]


def line_of(row: OutgoingRow) -> RecordLine:
    """A record as it is shown."""
    return RecordLine(
        list=row.resource,
        code=code_of(row),
        name=row.name,
        subject=row.subject,
        state=row.state.value,
        problem=row.problem,
        causes=tuple(cause_view(hold) for hold in row.holds),
        external_code=row.external_code,
        tries=row.tries,
        next_try=row.next_at,
        sent_at=row.sent_at,
        settled_at=row.settled_at,
    )


def code_of(row: OutgoingRow) -> str:
    """The code of a record; empty while it is held, for then it has none."""
    if not row.body:
        return ""
    fields: dict[str, Any] = msgspec.json.decode(row.body)
    return next((str(fields[name]) for name in _CODES if fields.get(name)), "")


def records_named(desk: Desk, text: str) -> list[OutgoingRow]:
    """The records a person means: by subject such as `Account 42`, by code, or by Basware's external code."""
    wanted = text.strip().casefold()
    # Letters outside of ASCII, and signs, stand otherwise in JSON and in the databases' small letters.
    piece = max(re.findall(r"[a-z0-9]+", wanted), key=len, default="")
    with desk.database.read() as tx:
        rows = outgoing.listing(tx, desk.connection_id, mentioning=piece, limit=1_000_000)
    return [
        row for row in rows if wanted in {row.subject.casefold(), row.external_code.casefold(), code_of(row).casefold()}
    ]


def refused_records(desk: Desk) -> list[OutgoingRow]:
    """Everything that Basware refused and still does."""
    with desk.database.read() as tx:
        return outgoing.listing(tx, desk.connection_id, states=(OutgoingState.REFUSED,), limit=1_000_000)


def record_view(row: OutgoingRow) -> RecordView:
    """One record in full."""
    has = (
        "as it is here"
        if row.accepted_digest == row.digest
        else "another version"
        if row.accepted_digest
        else "nothing"
    )
    body = masked(msgspec.json.decode(row.body)) if row.body else None
    return RecordView(record=line_of(row), body=body, in_basware=has)


def try_again(desk: Desk, rows: Sequence[OutgoingRow], *, actor: str) -> int:
    """Have refused records sent again, as something new, by the next run of the job, which is wanted now; how many there were."""
    now, tried = desk.clock.now(), 0
    with desk.database.write() as tx:
        for row in rows:
            if outgoing_calls.retry(tx, desk.connection_id, row.resource, [row.external_code], now):
                tried += 1
                audit.record(
                    tx, desk.connection_id, at=now, actor=actor, action="record tried again", subject=row.subject,
                    reason=row.problem,
                )  # fmt: skip
        if rows:
            jobs.bring_forward(tx, desk.connection_id, Job.MASTER_DATA, now, now)
    return tried
