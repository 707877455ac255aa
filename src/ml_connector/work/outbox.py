"""Turning decisions into intents: the body of every write is fixed and stored before anything is sent.

Called inside the transaction that changes the document's state, so there is never a decision without its intent or the reverse.
"""

from collections.abc import Sequence
from hashlib import sha256

import msgspec

from ml_connector.basware.translation import TransferResponse, transfer_response_body
from ml_connector.flows.answers import Answer
from ml_connector.flows.identity import answer_code, vendor_intent_id
from ml_connector.flows.invoices import Write, write_id
from ml_connector.model.books import Books
from ml_connector.model.postings import NewVendor
from ml_connector.quickbooks import wire
from ml_connector.quickbooks.translation import posting_body, update_body, vendor_body
from ml_connector.store import documents, intents
from ml_connector.store.database import Tx
from ml_connector.store.documents import DocumentRow
from ml_connector.store.intents import NewIntent
from ml_connector.store.schema import IntentState, Operation, System
from ml_connector.work.desk import Desk
from ml_connector.work.lookups import Found


def write_body(write: Write, found: Found) -> str:
    """The exact JSON of a write. Raises UnsendableError for a posting that must not leave the house."""
    posting, existing = write.posting, write.existing
    body = (
        posting_body(posting) if existing is None else update_body(posting, found.records[existing.type, existing.id])
    )
    return wire.encode(body).decode()


def queue_write(
    tx: Tx, desk: Desk, row: DocumentRow, write: Write, body: str, *, state: IntentState = IntentState.READY
) -> None:
    """One transaction to create or update, to be sent or only proposed. Queued twice, it stands in the outbox once."""
    own = intents.for_document(tx, desk.connection_id, row.invoice_id)
    earlier = [(one.operation.value, one.part) for one in own if one.state in intents.ENDED]
    name = write_id(desk.connection_id, row.invoice_id, write, earlier)
    posting = write.posting
    intents.add(
        tx,
        desk.connection_id,
        NewIntent(
            id=name,
            system=System.QUICKBOOKS,
            operation=Operation(write.operation),
            invoice_id=row.invoice_id,
            round=row.round,
            part=posting.part,
            entity=posting.type.value,
            body=body,
            request_id=name,
            include=include_of(write),
            state=state,
        ),
        desk.clock.now(),
    )


def include_of(write: Write) -> str:
    """What goes with a write in QuickBooks' query string."""
    return "allowduplicatedocnum" if write.posting.allow_duplicate_number else ""


def proposal_of(row: DocumentRow, bodies: Sequence[tuple[Write, str]], new_vendor: str) -> str:
    """A name for everything a plan would write, to the letter: a release of one counts for no other."""
    parts = [row.invoice_id, str(row.round), new_vendor]
    for write, body in bodies:
        key = "" if write.existing is None else f"{write.existing.type.value}:{write.existing.id}"
        posting = write.posting
        parts += [write.operation, posting.type.value, str(posting.part), key, include_of(write), body]
    return sha256(msgspec.json.encode(parts)).hexdigest()


def new_vendor_body(vendor: NewVendor, books: Books) -> str:
    """The exact JSON that creates a vendor. Raises UnsendableError for one that QuickBooks could not hold."""
    return wire.encode(vendor_body(vendor, books.preferences.multicurrency)).decode()


def queue_vendor(tx: Tx, desk: Desk, vendor: NewVendor, body: str) -> None:
    """A vendor to create: one intent for all documents of the supplier."""
    earlier = intents.ended_count(tx, desk.connection_id, Operation.CREATE_VENDOR, vendor.number)
    name = vendor_intent_id(desk.connection_id, vendor.number, earlier)
    intents.add(
        tx,
        desk.connection_id,
        NewIntent(
            id=name,
            system=System.QUICKBOOKS,
            operation=Operation.CREATE_VENDOR,
            subject=vendor.number,
            entity="Vendor",
            body=body,
            request_id=name,
        ),
        desk.clock.now(),
    )


def queue_answer(tx: Tx, desk: Desk, row: DocumentRow, answer: Answer, *, payment_block: bool) -> None:
    """A transfer response. Its external code names invoice, sending and attempt, so repeating it is recognised everywhere.

    `payment_block` is the document's own: Basware would take another value over.
    """
    attempt = row.attempt + 1
    code = answer_code(desk.connection_id, row.invoice_id, sending=row.round, attempt=attempt)
    now = desk.clock.now()
    response = TransferResponse(
        external_code=code,
        success=answer.success,
        payment_block=payment_block,
        message=answer.message,
        voucher_number_1=answer.voucher_number_1,
        voucher_number_2=answer.voucher_number_2,
        source_system=desk.policy.source_system,
        transfer_date=now,
    )
    new = NewIntent(
        id=code,
        system=System.BASWARE,
        operation=Operation.TRANSFER_RESPONSE,
        invoice_id=row.invoice_id,
        round=row.round,
        entity="success" if answer.success else "failure",
        body=transfer_response_body(response).decode(),
        request_id=code,
    )
    if intents.add(tx, desk.connection_id, new, now):
        documents.set_columns(tx, desk.connection_id, row.invoice_id, now, attempt=attempt)
