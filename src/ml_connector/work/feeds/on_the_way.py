"""Joins documents of the Network with the invoices they became. Asked whenever either side got something new.

Safe to ask at any time: what is joined stays joined, and nothing here calls either system.
"""

from datetime import datetime

from ml_connector.model.network import NetworkKind
from ml_connector.rules.on_the_way import Approved, Waiting, pair
from ml_connector.store import network
from ml_connector.store.database import Tx


def match_documents(tx: Tx, connection_id: str, now: datetime) -> int:
    """Match what can be matched now: by the id the invoice names, else by what both say; how many documents that were."""
    if not network.any_on_the_way(tx, connection_id):
        return 0
    matched = network.match_by_bum_id(tx, connection_id, now)
    rows, invoices = network.unnamed(tx, connection_id)
    waiting = [
        Waiting(
            bum_id=row.bum_id,
            kind=NetworkKind(row.kind),
            number=row.number,
            supplier_name=row.supplier_name,
            currency=row.currency,
            total=row.total,
        )
        for row in rows
    ]
    approved = [
        Approved(invoice_id=invoice_id, number=number, supplier_name=supplier, currency=currency, total=total)
        for invoice_id, number, supplier, currency, total in invoices
    ]
    return matched + network.match_by_content(tx, connection_id, pair(waiting, approved), now)
