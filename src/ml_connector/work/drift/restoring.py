"""Bringing transactions back that a person wants restored: looked at afresh, checked, and put into the outbox with the case.

The write carries the version it replaces, so what somebody does meanwhile makes QuickBooks refuse it.
"""

from collections import Counter

import msgspec

from ml_connector.flows.identity import intent_id
from ml_connector.model.books import Books, TransactionType
from ml_connector.model.drift import DriftKind, DriftState
from ml_connector.model.postings import Posting
from ml_connector.quickbooks import wire
from ml_connector.quickbooks.translation import posting_body, update_body
from ml_connector.quickbooks.wire import UnsendableError
from ml_connector.rules.drift import compare, may_restore, number_taken
from ml_connector.store import documents, drift_cases, intents, links
from ml_connector.store.database import Tx
from ml_connector.store.drift_cases import CaseRow
from ml_connector.store.intents import NewIntent
from ml_connector.store.links import LinkRow
from ml_connector.store.schema import DocumentState, Operation, System
from ml_connector.work.changes.catch_up import poll
from ml_connector.work.desk import Desk
from ml_connector.work.drift.watching import agreed_posting, keep_alert, standing
from ml_connector.work.lists import load_books
from ml_connector.work.lookups import Found, look_up

_MOVES = frozenset(
    {DocumentState.RECEIVED, DocumentState.VENDOR_PENDING, DocumentState.POSTING, DocumentState.WITHDRAWING}
)
"""Documents on their way: what they become is written first, and the case is looked at again after it."""


def queue_restores(desk: Desk) -> int:
    """Put every restoration that was asked for into the outbox, as far as QuickBooks' books allow it now; how many."""
    with desk.database.read() as tx:
        asked = drift_cases.listing(tx, desk.connection_id, DriftState.ASKED)
        own = {one.invoice_id: links.for_record(tx, desk.connection_id, "invoice", one.invoice_id) for one in asked}
    if not asked:
        return 0
    poll(desk, Counter(), at_once=("Preferences",))
    books = load_books(desk)
    agreed = {(key, link.part): agreed_posting(link) for key, rows in own.items() for link in rows}
    found = look_up(
        desk.quickbooks,
        books,
        numbers=[
            posting.doc_number
            for one in asked
            if one.what is DriftKind.DELETED and (posting := agreed.get((one.invoice_id, one.part))) is not None
        ],
        ids=[(TransactionType(one.quickbooks_type), one.quickbooks_id) for one in asked],
    )
    with desk.write() as tx:
        busy = intents.busy_documents(tx, desk.connection_id)
        queued = sum(_queue(tx, desk, one, books, found) for one in asked if one.invoice_id not in busy)
        keep_alert(tx, desk)
    return queued


def _queue(tx: Tx, desk: Desk, case: CaseRow, books: Books, found: Found) -> bool:
    row = documents.get(tx, desk.connection_id, case.invoice_id)
    own = links.for_record(tx, desk.connection_id, "invoice", case.invoice_id)
    link = next((one for one in own if one.part == case.part), None)
    if row is None or link is None or row.state in _MOVES or link.quickbooks_id != case.quickbooks_id:
        return False
    key = (TransactionType(case.quickbooks_type), case.quickbooks_id)
    present, ours = found.by_id.get(key), agreed_posting(link)
    if present is None and case.what is DriftKind.CHANGED:
        return _back(tx, desk, case, "It was deleted in QuickBooks after this was asked for. Decide anew.", gone=True)
    refusal = may_restore(ours, present, books.preferences.book_close_date)
    if refusal is None and present is None and ours is not None and not ours.allow_duplicate_number:
        refusal = number_taken(ours, found.with_numbers([ours.doc_number]))
    if refusal is not None or ours is None:
        return _back(tx, desk, case, str(refusal))
    if present is not None and not compare(ours, _as_posting(found, key, books)):
        return _nothing_to_do(tx, desk, case, link, present.sync_token)
    try:
        body = posting_body(ours) if present is None else update_body(ours, found.records[key])
    except UnsendableError as error:
        return _back(tx, desk, case, str(error))
    operation = Operation.POST_AGAIN if present is None else Operation.RESTORE
    return _add(tx, desk, case, row.round, operation, ours, wire.encode(body).decode())


def _as_posting(found: Found, key: tuple[TransactionType, str], books: Books) -> Posting:
    return standing(key[0].value, wire.encode(found.records[key]).decode(), books)


def _add(  # noqa: PLR0917
    tx: Tx, desk: Desk, case: CaseRow, round_: int, operation: Operation, ours: Posting, body: str
) -> bool:
    """The intent and the case in one transaction, so that neither is ever there without the other."""
    now = desk.clock.now()
    if not drift_cases.move(
        tx, desk.connection_id, (case.invoice_id, case.part), now,
        expected=DriftState.ASKED, state=DriftState.RESTORING, problem="",
    ):  # fmt: skip
        return False
    before = intents.for_document(tx, desk.connection_id, case.invoice_id)
    generation = sum(1 for one in before if (one.operation, one.part) == (operation, case.part))
    name = intent_id(
        desk.connection_id, case.invoice_id, operation=operation.value, part=case.part, generation=generation
    )
    new = NewIntent(
        id=name,
        system=System.QUICKBOOKS,
        operation=operation,
        invoice_id=case.invoice_id,
        round=round_,
        part=case.part,
        entity=case.quickbooks_type,
        body=body,
        request_id=name,
        include="allowduplicatedocnum" if ours.allow_duplicate_number else "",
    )
    return intents.add(tx, desk.connection_id, new, now)


def _back(tx: Tx, desk: Desk, case: CaseRow, problem: str, *, gone: bool = False) -> bool:
    """It cannot be done as asked: the person sees why and decides anew."""
    what = DriftKind.DELETED if gone else case.what
    drift_cases.move(
        tx, desk.connection_id, (case.invoice_id, case.part), desk.clock.now(),
        expected=DriftState.ASKED, state=DriftState.OPEN, problem=problem, what=what,
    )  # fmt: skip
    return False


def _nothing_to_do(tx: Tx, desk: Desk, case: CaseRow, link: LinkRow, sync_token: str) -> bool:
    now = desk.clock.now()
    fresh = msgspec.structs.replace(link, sync_token=sync_token)
    links.put(tx, desk.connection_id, fresh, now)
    drift_cases.move(
        tx, desk.connection_id, (case.invoice_id, case.part), now, expected=DriftState.ASKED, state=DriftState.UNDONE
    )
    return False
