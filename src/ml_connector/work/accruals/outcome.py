"""What follows from QuickBooks' answer to an accrual or its reversal. Applying the same answer twice changes nothing."""

from collections.abc import Sequence

import msgspec

from ml_connector.model.books import TransactionType
from ml_connector.model.holds import Hold
from ml_connector.model.postings import Posting
from ml_connector.quickbooks.faults import Action, Fault, rule_for
from ml_connector.store import accruals, links
from ml_connector.store.accruals import AccrualRow
from ml_connector.store.database import Tx
from ml_connector.store.drift_cases import ACCRUAL as LINK
from ml_connector.store.intents import IntentRow
from ml_connector.store.links import LinkRow
from ml_connector.store.schema import AccrualState, Operation
from ml_connector.work.desk import Desk

_PLAN_AGAIN = {Action.LOOK_UP, Action.REFRESH_LISTS, Action.REREAD, Action.RETRY, Action.WAIT}
_TRIES = 3


def accrual_written(tx: Tx, desk: Desk, intent: IntentRow, *, quickbooks_id: str, sync_token: str) -> None:
    """The entry is in QuickBooks, under this id, in this version."""
    row, now = accruals.get(tx, desk.connection_id, intent.invoice_id or "", intent.part), desk.clock.now()
    if row is None:
        return
    if intent.operation is Operation.ACCRUE:
        accruals.move(
            tx, desk.connection_id, row, AccrualState.STANDING, now, expected=AccrualState.POSTING,
            quickbooks_id=quickbooks_id, tries=0, held_since=None,
        )  # fmt: skip
        link_accrual(tx, desk, row, row.posting, quickbooks_id=quickbooks_id, sync_token=sync_token)
    else:
        accruals.move(
            tx, desk.connection_id, row, AccrualState.REVERSED, now, expected=AccrualState.REVERSING,
            reversal_id=quickbooks_id, tries=0, held_since=None,
        )  # fmt: skip
        links.remove(tx, desk.connection_id, LINK, row.invoice_id, row.number)


def link_accrual(tx: Tx, desk: Desk, row: AccrualRow, posting: str, *, quickbooks_id: str, sync_token: str) -> None:
    """This entry of QuickBooks is the accrual, as it was posted: whoever changes it from now on is noticed."""
    agreed = msgspec.json.decode(posting, type=Posting)
    link = LinkRow(
        kind=LINK,
        basware_id=row.invoice_id,
        part=row.number,
        quickbooks_type=TransactionType.JOURNAL_ENTRY.value,
        quickbooks_id=quickbooks_id,
        sync_token=sync_token,
        doc_number=agreed.doc_number,
        txn_date=agreed.txn_date.isoformat(),
        amount=agreed.total,
        currency=agreed.currency,
        agreed=posting,
    )
    links.put(tx, desk.connection_id, link, desk.clock.now())


def accrual_gone(tx: Tx, desk: Desk, invoice_id: str, number: int, *, reason: str) -> None:
    """A person says that an accrual that was deleted in QuickBooks stays deleted: it is over, and nothing is left to reverse."""
    row = accruals.get(tx, desk.connection_id, invoice_id, number)
    if row is not None:
        accruals.move(
            tx, desk.connection_id, row, AccrualState.GONE, desk.clock.now(), expected=AccrualState.STANDING,
            note=f"somebody deleted it in QuickBooks, and it stays so: {reason}", holds=(), held_since=None,
        )  # fmt: skip
        links.remove(tx, desk.connection_id, LINK, invoice_id, number)


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
