"""Dimensions: codes of Basware's against records of QuickBooks', and the records Basware is given."""

from typing import Any, Literal

import msgspec

from ml_connector.console.api.operation import (
    Call,
    InputError,
    Name,
    Page,
    Paged,
    Text,
    listed,
    reader,
    sliced,
    writer,
)
from ml_connector.console.trouble import NotFoundError
from ml_connector.model.master_data import Kind
from ml_connector.model.people import Right
from ml_connector.store.outgoing import OutgoingSort
from ml_connector.store.schema import OutgoingState
from ml_connector.work.sending import alignment_acts as acts
from ml_connector.work.sending.alignment import AlignmentReport, read_both, report
from ml_connector.work.sending.shown import (
    RecordLine,
    RecordView,
    record_list,
    record_view,
    records_named,
    refused_records,
    try_again,
)


class AlignmentQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only some kinds of records."""

    kind: tuple[Kind, ...] = ()


class Kinds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which lists; all of them when empty."""

    kind: tuple[Kind, ...] = ()


class Fix(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Closes a gap. `map`: the code `item` becomes `target`. `create`: Basware is given the record `item`, perhaps under `code`.
    `retire`: the code `item` goes out of use. `reactivate`: the inactive record with the QuickBooks id `item` is made active, for a
    `reason`."""

    kind: Kind
    what: Literal["map", "create", "retire", "reactivate"]
    item: Name
    target: Text = ""
    code: Text = ""
    reason: Text = ""


class Fixed(msgspec.Struct, frozen=True, kw_only=True):
    """What was done, in words."""

    told: str


class RecordQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which records: of a list of Basware's, in some states, with a text in codes, names, sources and problems; `sort`: in which
    order, list by list."""

    list: Text = ""
    state: tuple[OutgoingState, ...] = ()
    text: Text = ""
    sort: OutgoingSort = OutgoingSort.NAME


class RecordAgain(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which record, by source, code or external code; every refused one when empty."""

    record: Text = ""


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """How many records go again."""

    tried: int


def _report(call: Call) -> AlignmentReport:
    query: AlignmentQuery = call.query
    with call.desk() as desk:
        return call.console.reports.of(desk, query.kind)


def _refresh(call: Call) -> AlignmentReport:
    body: Kinds = call.body
    with call.desk() as desk:
        read_both(desk, body.kind)
        return report(desk, body.kind)


def _fix(call: Call) -> Fixed:
    body: Fix = call.body
    if bool(body.target) != (body.what == "map") or (body.code and body.what != "create"):
        raise InputError("map takes a target; create may take a code; retire and reactivate take neither.")
    if bool(body.reason.strip()) != (body.what == "reactivate"):
        raise InputError("reactivate takes a reason, and nothing else does.")
    with call.desk() as desk:
        if body.what == "map":
            return Fixed(told=acts.map_code(desk, body.kind, body.item, body.target, actor=call.visitor.actor))
        if body.what == "create":
            return Fixed(told=acts.create(desk, body.kind, body.item, body.code, actor=call.visitor.actor))
        if body.what == "reactivate":
            return Fixed(told=acts.reactivate(desk, body.kind, body.item, reason=body.reason, actor=call.visitor.actor))
        return Fixed(told=acts.retire(desk, body.kind, body.item, actor=call.visitor.actor))


def _records(call: Call) -> Page[RecordLine]:
    query: RecordQuery = call.query
    with call.desk() as desk:
        return listed(query, record_list(desk, name=query.list, states=query.state, text=query.text, order=query.sort))


def _record(call: Call) -> Page[RecordView]:
    with call.desk() as desk:
        rows = records_named(desk, call.given["record"])
    if not rows:
        raise NotFoundError
    return sliced(call.query, [record_view(row) for row in rows])


def _again(call: Call) -> Tried:
    body: RecordAgain = call.body
    with call.desk() as desk:
        rows = records_named(desk, body.record) if body.record else refused_records(desk)
        if body.record and not rows:
            raise NotFoundError
        return Tried(tried=try_again(desk, rows, actor=call.visitor.actor))


_FIX = {"kind": "Account", "what": "map", "item": "6100", "target": "58"}
_TAG, _ALL = "dimensions", "/connections/{connection}/alignment"
_RECORDS = "/connections/{connection}/records"
_MAP: dict[str, Any] = {"right": Right.MAP}
OPERATIONS = (
    reader(
        _TAG,
        _ALL,
        "Codes of Basware's against records of QuickBooks', with every gap",
        AlignmentReport,
        _report,
        query=AlignmentQuery,
    ),
    writer(
        _TAG,
        f"{_ALL}/refresh",
        "Read Basware's lists now, then report",
        AlignmentReport,
        _refresh,
        body=Kinds,
        asks_vendors=True,
        **_MAP,
    ),
    writer(_TAG, f"{_ALL}/fix", "Close a gap", Fixed, _fix, body=Fix, example=_FIX, **_MAP),
    reader(_TAG, _RECORDS, "What Basware is given of QuickBooks", Page[RecordLine], _records, query=RecordQuery),
    reader(
        _TAG,
        f"{_RECORDS}/{{record}}",
        "Records by source, code or external code",
        Page[RecordView],
        _record,
        query=Paged,
    ),
    writer(
        _TAG,
        "/connections/{connection}/refused-records/retry",
        "Send refused records again",
        Tried,
        _again,
        right=Right.DECIDE,
        body=RecordAgain,
    ),
)
