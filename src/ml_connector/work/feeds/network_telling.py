"""Telling a sender through the Network what became of a document, and the alert that tells people when it could not be taken over.

What a document is and when it is read is decided elsewhere.
"""

from ml_connector.basware.network import NetworkClient
from ml_connector.store import audit, network
from ml_connector.store.schema import NetworkState
from ml_connector.work.desk import Desk
from ml_connector.work.feeds import network_documents

ALERT = "network document"
"""The alert of a document or notification that could not be taken over; its subject is the bumId."""

_REJECTED = "Undelivered"  # the Network's technical reject (Network guide)
_LONGEST_REASON = 250


def confirm(desk: Desk, client: NetworkClient, row: network.NetworkRow) -> None:
    """Tell the sender. Raises NotTaken when the Network refuses our confirmation."""
    own = desk.settings.basware.network
    rejected = row.state is NetworkState.REJECTED
    details = {own.reason_field: row.problem[:_LONGEST_REASON]} if rejected and own.reason_field else {}
    with network_documents.refusals("The Network did not take our confirmation"):
        client.confirm(row.bum_id, _REJECTED if rejected else own.accept_code, **details)
    now = desk.clock.now()
    with desk.write(durable=True) as tx:
        network.set_confirmed(tx, desk.connection_id, row.bum_id, now)
        action = "network document rejected" if rejected else "network document confirmed"
        audit.record(
            tx, desk.connection_id, at=now, actor=desk.worker, action=action, subject=row.bum_id, reason=row.problem
        )
