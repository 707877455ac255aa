"""Which documents name which contract: found in what arrived of them, since nothing is posted by it."""

import msgspec
from sqlalchemy import and_, select

from ml_connector.store.database import Tx
from ml_connector.store.schema import documents, inbox


class _Named(msgspec.Struct, frozen=True, rename="camel"):
    contract_number: str | None = None


def by_contract(tx: Tx, connection_id: str) -> dict[str, list[str]]:
    """By contract number, the documents whose newest version names it: their invoice number, or their id where they have none."""
    same = and_(inbox.c.connection_id == documents.c.connection_id, inbox.c.id == documents.c.inbox_id)
    query = (
        select(documents.c.invoice_number, documents.c.invoice_id, inbox.c.payload)
        .select_from(documents.join(inbox, same))
        .where(documents.c.connection_id == connection_id, inbox.c.payload.contains('"contractNumber"'))
        .order_by(documents.c.invoice_number, documents.c.invoice_id)
        .execution_options(yield_per=500)
    )
    found: dict[str, list[str]] = {}
    for row in tx.execute(query):
        if number := _contract(row.payload):
            found.setdefault(number, []).append(row.invoice_number or row.invoice_id)
    return found


def _contract(payload: str) -> str:
    try:
        return (msgspec.json.decode(payload, type=_Named).contract_number or "").strip()
    except (msgspec.DecodeError, RecursionError):
        return ""  # a document nobody can read names nothing
