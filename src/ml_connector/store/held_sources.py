"""Where things wait, table by table: which columns say what waits, since when, for how much; and holds kept as JSON, taken apart.

How they are grouped and added up is `held.py`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    ColumnElement,
    FromClause,
    TableValuedAlias,
    Text,
    and_,
    cast,
    func,
    literal,
    literal_column,
    type_coerce,
)

from ml_connector.store.schema import (
    DocumentState,
    OutgoingState,
    PaymentState,
    TakenState,
    documents,
    held_causes,
    outgoing,
    payment_documents,
    taken_orders,
    vendor_pairs,
)


class HeldIn(StrEnum):
    """Where something waits: approved invoices, vendors of both systems, Basware's orders, records for Basware, payments."""

    DOCUMENTS = "documents"
    VENDORS = "vendors"
    ORDERS = "orders"
    RECORDS = "records"
    PAYMENTS = "payments"


class Source(NamedTuple):
    """Where holds of one sort are: columns by what they mean, and which rows count."""

    table: FromClause
    connection: ColumnElement[str]
    held: ColumnElement[bool]
    key: ColumnElement[str]
    holds: ColumnElement[Any]
    number: ColumnElement[str]
    name: ColumnElement[str]
    since: ColumnElement[Any]
    order: ColumnElement[Any]
    total: ColumnElement[Any]
    currency: ColumnElement[str]


_PAID = and_(
    documents.c.connection_id == payment_documents.c.connection_id,
    documents.c.invoice_id == payment_documents.c.invoice_id,
)
_NO_TOTAL, _NO_CURRENCY = type_coerce(cast(None, held_causes.c.total.type), held_causes.c.total.type), literal("")

# Written out rather than handed in: only so do both databases use the index that holds nothing but these.
_HAS_HOLDS = type_coerce(vendor_pairs.c.holds, Text()) != literal_column("'[]'")

SOURCES: Mapping[HeldIn, Source] = {
    HeldIn.DOCUMENTS: Source(
        documents, documents.c.connection_id, documents.c.state == DocumentState.HELD, documents.c.invoice_id,
        documents.c.holds, documents.c.invoice_number, documents.c.supplier_name, documents.c.held_since,
        held_causes.c.seq, documents.c.total, documents.c.currency,
    ),
    HeldIn.VENDORS: Source(
        vendor_pairs, vendor_pairs.c.connection_id, _HAS_HOLDS,
        vendor_pairs.c.code, vendor_pairs.c.holds, vendor_pairs.c.code, vendor_pairs.c.name, vendor_pairs.c.updated_at,
        vendor_pairs.c.code, _NO_TOTAL, _NO_CURRENCY,
    ),
    HeldIn.ORDERS: Source(
        taken_orders, taken_orders.c.connection_id, taken_orders.c.state == TakenState.HELD, taken_orders.c.external_code,
        taken_orders.c.holds, taken_orders.c.external_code, literal(""), taken_orders.c.updated_at,
        taken_orders.c.external_code, _NO_TOTAL, _NO_CURRENCY,
    ),
    HeldIn.RECORDS: Source(
        outgoing, outgoing.c.connection_id, outgoing.c.state.in_([OutgoingState.HELD, OutgoingState.REFUSED]),
        outgoing.c.external_code, outgoing.c.holds, outgoing.c.subject, outgoing.c.name, outgoing.c.updated_at,
        outgoing.c.external_code, _NO_TOTAL, _NO_CURRENCY,
    ),
    HeldIn.PAYMENTS: Source(
        payment_documents.join(documents, _PAID), payment_documents.c.connection_id,
        payment_documents.c.state == PaymentState.REFUSED, payment_documents.c.invoice_id, payment_documents.c.holds,
        documents.c.invoice_number, documents.c.supplier_name, payment_documents.c.updated_at,
        payment_documents.c.invoice_id, documents.c.total, documents.c.currency,
    ),
}  # fmt: skip


def shown_subject(text: str) -> str:
    """NUL, which PostgreSQL turns into no text, is shown as U+FFFD on both."""
    return text.replace("\x00", "\ufffd")


class Taken(NamedTuple):
    """The holds of a row, taken apart."""

    each: TableValuedAlias
    cause: ColumnElement[str]
    subject: ColumnElement[str]


def taken_apart(dialect: str, holds: ColumnElement[Any]) -> Taken:
    """One row for each hold. An escaped NUL, which PostgreSQL turns into no text, is shown as U+FFFD on both."""
    text = func.replace(type_coerce(holds, Text()), "\\u0000", "\\ufffd")
    if dialect == "sqlite":
        each = func.json_each(text).table_valued("value", joins_implicitly=True)
        said = [func.coalesce(func.json_extract(each.c.value, f"$.{name}"), "") for name in ("cause", "subject")]
    else:
        each = func.json_array_elements(cast(text, JSON)).table_valued("value", joins_implicitly=True)
        said = [func.coalesce(each.c.value.op("->>")(name), "") for name in ("cause", "subject")]
    cause, subject = (type_coerce(one, Text()) for one in said)
    return Taken(each, cause, subject)
