"""What follows from QuickBooks' answer to a write that makes a list record active. Called inside the transaction that settles it.

The documents that waited are not touched here: the copy of the record has changed, so planning looks at them again by itself.
"""

from collections.abc import Sequence
from typing import Any

from ml_connector.quickbooks.faults import Action, Fault, rule_for
from ml_connector.store import reactivations
from ml_connector.store.database import Tx
from ml_connector.store.intents import IntentRow
from ml_connector.store.reactivations import ReactivationRow
from ml_connector.store.schema import ReactivationState
from ml_connector.work.desk import Desk
from ml_connector.work.reactivating.records import is_active
from ml_connector.work.reactivating.telling import end

_LOOK_AGAIN = frozenset({Action.REREAD, Action.REFRESH_LISTS, Action.RETRY, Action.WAIT})
"""Refusals after which a fresh look at the record says what is the matter, or finds that it goes."""
_TRIES = 3
_NAME_TAKEN = "6240"
"""QuickBooks' code for a name that another record has (Intuit, error codes)."""


def reactivated(tx: Tx, desk: Desk, intent: IntentRow, record: dict[str, Any]) -> None:
    """QuickBooks answered with the record as it is now."""
    row = _sent(tx, desk, intent)
    if row is None:
        return
    if is_active(record):
        end(tx, desk, row, ReactivationState.DONE)
    else:
        problem = "QuickBooks took it without a word and left the record inactive. Make it active in QuickBooks itself."
        end(tx, desk, row, ReactivationState.REFUSED, problem=problem)


def refused(tx: Tx, desk: Desk, intent: IntentRow, faults: Sequence[Fault]) -> None:
    """QuickBooks said no: a fresh look may end it; else the person who asked reads why."""
    row = _sent(tx, desk, intent)
    if row is None:
        return
    tries = row.tries + 1
    if tries < _TRIES and all(rule_for(fault).action in _LOOK_AGAIN for fault in faults):
        key = (row.entity, row.quickbooks_id)
        reactivations.move(
            tx, desk.connection_id, key, desk.clock.now(), row.state, ReactivationState.ASKED, tries=tries
        )
    else:
        end(tx, desk, row, ReactivationState.REFUSED, problem=_words(faults))


def _words(faults: Sequence[Fault]) -> str:
    if any(fault.code == _NAME_TAKEN for fault in faults):
        return (
            "Another record has its name by now: the name became free when this one was made inactive. Rename one of the two in "
            "QuickBooks, or map what leads here to the other one."
        )
    return " ".join(
        f"{rule_for(one).sentence} QuickBooks says: {one.detail or one.message} ({one.code})." for one in faults
    )


def _sent(tx: Tx, desk: Desk, intent: IntentRow) -> ReactivationRow | None:
    """The request that a write belongs to, as long as it waits for the answer."""
    record_id = intent.subject.partition(":")[2]
    row = reactivations.of_records(tx, desk.connection_id, intent.entity, [record_id]).get(record_id)
    return row if row is not None and row.state is ReactivationState.SENDING else None
