"""Leaving the QuickBooks company of a connection that is being set up, because another one was meant.

A connection belongs to one company once its lists were read: its mapping and everything it posts are that company's. Before the
release nothing was posted, so the company may still be changed. What was read of it and matched to it is forgotten; what was said
about Basware and how to post is kept.
"""

from datetime import datetime

from ml_connector.store import alerts, books, connections, cursors, mappings, reactivations, secrets
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Tx
from ml_connector.store.rows import lock_connection
from ml_connector.work.reactivating import telling
from ml_connector.work.setup.looking import LOOK, SetupError, forget_looked_at
from ml_connector.work.setup.progress import Step, undo_steps
from ml_connector.work.sign_in.connecting import Connecting
from ml_connector.work.sign_in.disconnecting import REALM

_WHY = "another company is to be connected"


def leave_company(connecting: Connecting, row: ConnectionRow, *, actor: str) -> str:
    """Give the sign-in back to Intuit and forget the company; what Intuit was told, in words. Safe to repeat.

    Raises SetupError for a connection that was released, and as `Connecting.disconnect` does.
    """
    with connecting.database.read() as tx:
        _require_setup(tx, row.id)
    told = connecting.disconnect(row, actor, _WHY)
    with connecting.database.write(durable=True) as tx:
        lock_connection(tx, row.id)
        fresh = _require_setup(tx, row.id)
        _forget(tx, fresh, actor, connecting.clock.now())
    return told


def _require_setup(tx: Tx, connection_id: str) -> ConnectionRow:
    row = connections.get(tx, connection_id)
    if row.setup_since is None:
        raise SetupError(
            f"{row.name} is released: what it posted stands in its company. Add another connection for the other company."
        )
    return row


def _forget(tx: Tx, row: ConnectionRow, actor: str, now: datetime) -> None:
    secrets.remove(tx, row.id, REALM)
    connections.set_companies(tx, row.id, realm_hash="", company_code=row.company_code, now=now)
    books.forget_all(tx, row.id)
    reactivations.forget_all(tx, row.id)
    alerts.clear(tx, row.id, kind=telling.ALERT, now=now)
    mappings.replace_all(tx, row.id, [], by=actor, now=now, why=_WHY)
    forget_looked_at(tx, row.id)
    cursors.put(tx, row.id, LOOK, "", now)
    undo_steps(tx, row, (Step.CHECK, Step.MAPPING, Step.PLAN), actor=actor, now=now, why=_WHY)
