"""Which documents name a contract: found in what arrived of them, since nothing is posted by it."""

import msgspec
from sqlalchemy import and_, select

from ml_connector.store.database import Tx
from ml_connector.store.schema import documents, inbox


class _Named(msgspec.Struct, frozen=True, rename="camel"):
    contract_number: str | None = None


def naming(tx: Tx, connection_id: str, number: str) -> list[tuple[str, str]]:
    """Invoice number and id of every document whose newest version names this contract."""
    same = and_(inbox.c.connection_id == documents.c.connection_id, inbox.c.id == documents.c.inbox_id)
    query = (
        select(documents.c.invoice_number, documents.c.invoice_id, inbox.c.payload)
        .select_from(documents.join(inbox, same))
        .where(documents.c.connection_id == connection_id, inbox.c.payload.contains(number, autoescape=True))
        .order_by(documents.c.invoice_number, documents.c.invoice_id)
    )
    return [(row.invoice_number, row.invoice_id) for row in tx.execute(query) if _contract(row.payload) == number]


def _contract(payload: str) -> str:
    try:
        return (msgspec.json.decode(payload, type=_Named).contract_number or "").strip()
    except msgspec.DecodeError:
        return ""  # a document nobody can read names nothing
