"""What follows from QuickBooks' answer to a write that brings a transaction back: link and case go on, or the case opens."""

import msgspec

from ml_connector.model.drift import DriftState
from ml_connector.store import drift_cases, links
from ml_connector.store.database import Tx
from ml_connector.store.intents import IntentRow
from ml_connector.work.desk import Desk


def restored(tx: Tx, desk: Desk, intent: IntentRow, *, quickbooks_id: str, sync_token: str, doc_number: str) -> None:
    """The transaction is again what was agreed, under the same id or, posted anew, under another one."""
    now, invoice_id = desk.clock.now(), intent.invoice_id or ""
    for link in links.for_record(tx, desk.connection_id, "invoice", invoice_id):
        if link.part == intent.part:
            fresh = msgspec.structs.replace(
                link,
                quickbooks_id=quickbooks_id,
                sync_token=sync_token,
                doc_number=doc_number or link.doc_number,
            )
            links.put(tx, desk.connection_id, fresh, now)
    drift_cases.move(
        tx, desk.connection_id, (invoice_id, intent.part), now,
        expected=DriftState.RESTORING, state=DriftState.RESTORED, quickbooks_id=quickbooks_id, sync_token=sync_token,
        problem="",
    )  # fmt: skip


def refused(tx: Tx, desk: Desk, intent: IntentRow, reason: str) -> None:
    """QuickBooks said no: a person decides anew, with QuickBooks' own words before them."""
    drift_cases.move(
        tx, desk.connection_id, (intent.invoice_id or "", intent.part), desk.clock.now(),
        expected=DriftState.RESTORING, state=DriftState.OPEN, problem=f"QuickBooks refused: {reason}",
    )  # fmt: skip
