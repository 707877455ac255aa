"""What follows from QuickBooks' answer to an accrual or its reversal. Applying the same answer twice changes nothing."""

from collections.abc import Sequence

from ml_connector.model.holds import Hold
from ml_connector.quickbooks.faults import Action, Fault, rule_for
from ml_connector.store import accruals
from ml_connector.store.database import Tx
from ml_connector.store.intents import IntentRow
from ml_connector.store.schema import AccrualState, Operation
from ml_connector.work.desk import Desk

_PLAN_AGAIN = {Action.LOOK_UP, Action.REFRESH_LISTS, Action.REREAD, Action.RETRY, Action.WAIT}
_TRIES = 3


def accrual_written(tx: Tx, desk: Desk, intent: IntentRow, *, quickbooks_id: str) -> None:
    """The entry is in QuickBooks, under this id."""
    row, now = accruals.get(tx, desk.connection_id, intent.invoice_id or "", intent.part), desk.clock.now()
    if row is None:
        return
    if intent.operation is Operation.ACCRUE:
        accruals.move(
            tx, desk.connection_id, row, AccrualState.STANDING, now, expected=AccrualState.POSTING,
            quickbooks_id=quickbooks_id, tries=0, held_since=None,
        )  # fmt: skip
    else:
        accruals.move(
            tx, desk.connection_id, row, AccrualState.REVERSED, now, expected=AccrualState.REVERSING,
            reversal_id=quickbooks_id, tries=0, held_since=None,
        )  # fmt: skip


def accrual_refused(tx: Tx, desk: Desk, intent: IntentRow, faults: Sequence[Fault], holds: tuple[Hold, ...]) -> None:
    """QuickBooks said no: a fresh look may end it; else a person has to, or another day or another list."""
    row, now = accruals.get(tx, desk.connection_id, intent.invoice_id or "", intent.part), desk.clock.now()
    if row is None:
        return
    again = row.tries + 1 < _TRIES and all(rule_for(fault).action in _PLAN_AGAIN for fault in faults)
    if intent.operation is Operation.ACCRUE:
        state, expected = (AccrualState.WAITING if again else AccrualState.HELD), AccrualState.POSTING
    else:
        state, expected = AccrualState.STANDING, AccrualState.REVERSING
    accruals.move(
        tx, desk.connection_id, row, state, now, expected=expected, tries=row.tries + 1,
        holds=() if again else holds, held_since=None if again else row.held_since or now,
    )  # fmt: skip
