"""What people are shown of documents on their way. Read only; the shapes are those of `--json`."""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial

import msgspec

from ml_connector.store import inbox, network
from ml_connector.store.network import FileRow, NetworkRow
from ml_connector.store.schema import NetworkState
from ml_connector.work.desk import Desk
from ml_connector.work.listing import Listing


class NetworkLine(msgspec.Struct, frozen=True, kw_only=True):
    """One document in a list. `total` is as the supplier wrote it; `days` are whole days since it was announced."""

    bum_id: str
    kind: str
    number: str
    supplier: str
    order_number: str
    currency: str
    total: Decimal | None
    issue_date: str
    state: str
    days: int
    invoice_id: str | None
    matched_by: str
    confirmed_at: datetime | None
    received_at: datetime
    problem: str


class NetworkFileLine(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a document. `size` is 0 and `problem` says why where it could not be had."""

    ref_id: str
    file_type: str
    name: str
    content_type: str
    size: int
    digest: str
    problem: str


class NetworkView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about one document: its line, its files, the message as it arrived."""

    document: NetworkLine
    files: tuple[NetworkFileLine, ...]
    raw: str


def network_list(desk: Desk, *, states: Collection[NetworkState] | None = None) -> Listing[str, NetworkLine]:
    """Documents of the Network, newest first."""
    return Listing(desk.database, network.ordered(desk.connection_id, states=states), partial(_lines, desk))


def _lines(desk: Desk, bum_ids: Sequence[str]) -> list[NetworkLine]:
    with desk.database.read() as tx:
        rows = network.these(tx, desk.connection_id, bum_ids)
    return [_line(row, desk.clock.now()) for row in rows]


def network_view(desk: Desk, bum_id: str) -> NetworkView | None:
    """One document in full, None if there is none of that id."""
    with desk.database.read() as tx:
        row = network.get(tx, desk.connection_id, bum_id)
        if row is None:
            return None
        files = network.files_of(tx, desk.connection_id, bum_id)
        raw = inbox.get(tx, desk.connection_id, row.inbox_id)
    return NetworkView(
        document=_line(row, desk.clock.now()),
        files=tuple(_file(one) for one in files),
        raw=raw.payload if raw else "",
    )


def _line(row: NetworkRow, now: datetime) -> NetworkLine:
    return NetworkLine(
        bum_id=row.bum_id,
        kind=row.kind,
        number=row.number,
        supplier=row.supplier_name,
        order_number=row.order_number,
        currency=row.currency,
        total=row.total,
        issue_date=row.issue_date,
        state=row.state.value,
        days=(now - row.received_at).days,
        invoice_id=row.invoice_id,
        matched_by=row.matched_by,
        confirmed_at=row.confirmed_at,
        received_at=row.received_at,
        problem=row.problem,
    )


def _file(row: FileRow) -> NetworkFileLine:
    return NetworkFileLine(**msgspec.structs.asdict(row))
