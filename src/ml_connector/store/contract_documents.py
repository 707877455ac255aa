"""Which documents name which contract: nothing is posted by it, so it is only looked up, by an index of those that name one."""

from collections.abc import Collection

from sqlalchemy import select, text

from ml_connector.store.database import Tx
from ml_connector.store.rows import chunks
from ml_connector.store.schema import documents

_LIMIT = 255
"""Characters of a contract's number that are compared; Basware's have no more."""


def indexed(number: str) -> str:
    """A contract's number as it is kept and compared."""
    return number.strip()[:_LIMIT]


def by_contract(tx: Tx, connection_id: str, numbers: Collection[str]) -> dict[str, list[str]]:
    """By contract number, the documents whose newest version names it: their invoice number, or their id where they have none."""
    own, found = documents.c, dict[str, list[str]]()
    for some in chunks({indexed(number) for number in numbers} - {""}):
        query = select(own.contract, own.invoice_number, own.invoice_id).where(
            own.connection_id == connection_id, own.contract.in_(some), text("contract <> ''")
        )
        for row in tx.execute(query.order_by(own.invoice_number, own.invoice_id)):
            found.setdefault(row.contract, []).append(row.invoice_number or row.invoice_id)
    return {number: found[key] for number in numbers if (key := indexed(number)) in found}
