"""Documents of the Basware Network on their way, with their files. One row for each bumId, whatever announces it how often.

The message itself is kept in the inbox. Who matches it with which invoice, and what its sender is told, is decided elsewhere.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal

import msgspec
from sqlalchemy import ColumnElement, case, exists, func, or_, select, update

from ml_connector.store.database import Tx
from ml_connector.store.ordered import Ordered
from ml_connector.store.rows import as_struct, as_structs, checked_states, chunks, insert
from ml_connector.store.schema import NetworkState, documents, network_documents, network_files


class NetworkRow(msgspec.Struct, frozen=True, kw_only=True):
    """One document. `invoice_id` is the approved invoice it became, `matched_by` how that was found (`bumId` or `content`).

    `confirmed_at`: when its sender was told. `problem` says what is wrong with it, `tries` how many runs could not finish it.
    """

    connection_id: str
    bum_id: str
    kind: str
    number: str
    supplier_name: str
    order_number: str
    currency: str
    total: Decimal | None
    issue_date: str
    state: NetworkState
    inbox_id: int
    invoice_id: str | None
    matched_by: str
    problem: str
    tries: int
    confirmed_at: datetime | None
    received_at: datetime
    updated_at: datetime


class NewFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a document. Without `content`, `problem` says why it could not be had."""

    ref_id: str
    file_type: str
    name: str
    content_type: str
    digest: str
    content: bytes | None
    problem: str = ""


class FileRow(msgspec.Struct, frozen=True, kw_only=True):
    """A file as lists show it: without its bytes. `size` is 0 and `problem` says why where it could not be had."""

    ref_id: str
    file_type: str
    name: str
    content_type: str
    size: int
    digest: str
    problem: str


def get(tx: Tx, connection_id: str, bum_id: str) -> NetworkRow | None:
    """One document."""
    row = tx.execute(select(network_documents).where(*_is(connection_id, bum_id))).one_or_none()
    return None if row is None else as_struct(NetworkRow, row)


def put(tx: Tx, row: NetworkRow) -> None:
    """Keep a document, in place of what is known of it. When it was first announced stays."""
    values = msgspec.structs.asdict(row)
    key = [network_documents.c.connection_id, network_documents.c.bum_id]
    changed = {name: value for name, value in values.items() if name not in {"connection_id", "bum_id", "received_at"}}
    tx.execute(insert(tx, network_documents).values(**values).on_conflict_do_update(index_elements=key, set_=changed))


def put_files(tx: Tx, connection_id: str, bum_id: str, files: Collection[NewFile]) -> None:
    """Keep the files of a document, each once."""
    key = [network_files.c.connection_id, network_files.c.bum_id, network_files.c.ref_id]
    for file in files:
        values = msgspec.structs.asdict(file) | {"size": len(file.content or b"")}
        statement = insert(tx, network_files).values(connection_id=connection_id, bum_id=bum_id, **values)
        changed = {name: value for name, value in values.items() if name != "ref_id"}
        tx.execute(statement.on_conflict_do_update(index_elements=key, set_=changed))


def set_confirmed(tx: Tx, connection_id: str, bum_id: str, now: datetime) -> None:
    """Note that the sender was told."""
    tx.execute(update(network_documents).where(*_is(connection_id, bum_id)).values(confirmed_at=now, updated_at=now))


def note_try(tx: Tx, connection_id: str, bum_id: str, problem: str, now: datetime) -> int:
    """Note that a run could not finish a document; in how many that happened by now (0 for an unknown one).

    Why is kept with a document that could not be had at all; one that is here keeps what is wrong with its content.
    """
    statement = update(network_documents).where(*_is(connection_id, bum_id))
    why = case((network_documents.c.state == NetworkState.FAILED, problem), else_=network_documents.c.problem)
    tried = statement.values(tries=network_documents.c.tries + 1, problem=why, updated_at=now)
    return int(tx.execute(tried.returning(network_documents.c.tries)).scalar_one_or_none() or 0)


def ordered(connection_id: str, *, states: str | Collection[str] | None = None) -> Ordered[str]:
    """The bumIds of documents, newest first."""
    query = select(network_documents.c.bum_id).where(network_documents.c.connection_id == connection_id)
    if states is not None:
        query = query.where(network_documents.c.state.in_(checked_states(NetworkState, states)))
    return Ordered(query, (network_documents.c.received_at.desc(), network_documents.c.bum_id))


def these(tx: Tx, connection_id: str, bum_ids: Collection[str]) -> list[NetworkRow]:
    """The documents of these bumIds, in the order given, as far as they are here."""
    found: dict[str, NetworkRow] = {}
    for some in chunks(bum_ids):
        query = select(network_documents).where(
            network_documents.c.connection_id == connection_id, network_documents.c.bum_id.in_(some)
        )
        found |= {row.bum_id: row for row in as_structs(NetworkRow, tx.execute(query))}
    return [found[bum_id] for bum_id in bum_ids if bum_id in found]


def incomplete(tx: Tx, connection_id: str, *, since: datetime, after: str, limit: int) -> list[NetworkRow]:
    """Documents announced since a moment that could not be had, or not with all of their files; by bumId from behind `after` on."""
    lacking = exists().where(
        network_files.c.connection_id == network_documents.c.connection_id,
        network_files.c.bum_id == network_documents.c.bum_id,
        network_files.c.problem != "",
    )
    query = select(network_documents).where(
        network_documents.c.connection_id == connection_id,
        network_documents.c.received_at >= since,
        network_documents.c.bum_id > after,
        or_(network_documents.c.state == NetworkState.FAILED, lacking),
    )
    return as_structs(NetworkRow, tx.execute(query.order_by(network_documents.c.bum_id).limit(limit)))


def files_of(tx: Tx, connection_id: str, bum_id: str) -> list[FileRow]:
    """The files of a document, without their bytes."""
    columns = [network_files.c[name] for name in FileRow.__struct_fields__]
    query = select(*columns).where(network_files.c.connection_id == connection_id, network_files.c.bum_id == bum_id)
    return as_structs(FileRow, tx.execute(query.order_by(network_files.c.ref_id)))


def content_of(tx: Tx, connection_id: str, bum_id: str, ref_id: str) -> bytes | None:
    """The bytes of a file, None where there are none."""
    query = select(network_files.c.content).where(
        network_files.c.connection_id == connection_id,
        network_files.c.bum_id == bum_id,
        network_files.c.ref_id == ref_id,
    )
    content = tx.execute(query).scalar_one_or_none()
    return None if content is None else bytes(content)


def any_on_the_way(tx: Tx, connection_id: str) -> bool:
    """Whether any document waits for its invoice."""
    query = select(network_documents.c.bum_id).where(*_on_the_way(connection_id)).limit(1)
    return tx.execute(query).first() is not None


def match_by_bum_id(tx: Tx, connection_id: str, now: datetime) -> int:
    """Give each document on its way the invoice that names it; how many that were. One statement, whatever waits."""
    invoice = (
        select(func.min(documents.c.invoice_id))
        .where(
            documents.c.connection_id == connection_id,
            documents.c.bum_id == func.lower(network_documents.c.bum_id),
        )
        .scalar_subquery()
    )
    statement = update(network_documents).where(*_on_the_way(connection_id), invoice.is_not(None))
    changed = {"invoice_id": invoice, "state": NetworkState.MATCHED, "matched_by": "bumId", "updated_at": now}
    return tx.execute(statement.values(**changed)).rowcount


def unnamed(tx: Tx, connection_id: str) -> tuple[list[NetworkRow], list[tuple[str, str, str, str, Decimal | None]]]:
    """What may belong together without naming each other: documents on their way, and invoices of the same number and currency
    that name no document of the Network and have none yet, as (invoice id, number, supplier name, currency, total)."""
    same = (
        (documents.c.connection_id == network_documents.c.connection_id)
        & (documents.c.invoice_number == network_documents.c.number)
        & (documents.c.currency == network_documents.c.currency)
    )
    taken = select(network_documents.c.invoice_id).where(
        network_documents.c.connection_id == connection_id, network_documents.c.invoice_id.is_not(None)
    )
    both = select(network_documents, documents.c.invoice_id.label("approved_id")).join(documents, same)
    rows = tx.execute(
        both.where(
            *_on_the_way(connection_id),
            network_documents.c.number != "",
            documents.c.bum_id == "",
            documents.c.invoice_id.not_in(taken),
        )
    ).all()
    waiting = {row.bum_id: row for row in rows}
    found: list[tuple[str, str, str, str, Decimal | None]] = []
    for some in chunks({row.approved_id for row in rows}):
        query = select(
            documents.c.invoice_id, documents.c.invoice_number, documents.c.supplier_name, documents.c.currency,
            documents.c.total,
        ).where(documents.c.connection_id == connection_id, documents.c.invoice_id.in_(some))  # fmt: skip
        found.extend((row[0], row[1], row[2], row[3], row[4]) for row in tx.execute(query))
    names = NetworkRow.__struct_fields__
    return [NetworkRow(**{name: getattr(row, name) for name in names}) for row in waiting.values()], found


def match_by_content(tx: Tx, connection_id: str, pairs: Mapping[str, str], now: datetime) -> int:
    """Give documents on their way the invoices they were found to be; how many that were."""
    matched = 0
    for bum_id, invoice_id in pairs.items():
        statement = update(network_documents).where(*_on_the_way(connection_id), network_documents.c.bum_id == bum_id)
        changed = {"invoice_id": invoice_id, "state": NetworkState.MATCHED, "matched_by": "content", "updated_at": now}
        matched += tx.execute(statement.values(**changed)).rowcount
    return matched


def _is(connection_id: str, bum_id: str) -> tuple[ColumnElement[bool], ...]:
    return network_documents.c.connection_id == connection_id, network_documents.c.bum_id == bum_id


def _on_the_way(connection_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        network_documents.c.connection_id == connection_id,
        network_documents.c.state == NetworkState.ON_THE_WAY,
    )
