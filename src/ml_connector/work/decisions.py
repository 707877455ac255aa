"""What people decide about held documents: try again, handled elsewhere, or what to do with a number that exists already.

Every decision is kept with who took it and why. None of them sends anything by itself; the next run acts on it.
"""

import msgspec

from ml_connector.model.books import TransactionType
from ml_connector.model.postings import Decision, DuplicateChoice
from ml_connector.store import audit, documents
from ml_connector.store.documents import DocumentRow
from ml_connector.store.schema import DocumentState
from ml_connector.work.desk import Desk


class DecisionError(ValueError):
    """The decision does not fit the document; the message says why and what would."""


def retry(desk: Desk, rows: list[DocumentRow], *, actor: str) -> int:
    """Plan held documents again in the next run, whatever has changed; how many."""
    return sum(
        _move(desk, row, DocumentState.RECEIVED, action="retry asked for", reason="", actor=actor) for row in rows
    )


def ignore(desk: Desk, row: DocumentRow, *, reason: str, actor: str) -> None:
    """Mark a held document as handled outside. It is kept, never posted, and shown as ignored with the reason."""
    if not reason.strip():
        raise DecisionError("Give the reason with --reason: it is what an auditor will ask for.")
    if not _move(desk, row, DocumentState.IGNORED, action="ignored", reason=reason.strip(), actor=actor):
        raise DecisionError(f"Invoice {row.invoice_number} is {row.state.value}; only held documents can be ignored.")


def decide_duplicate(
    desk: Desk, row: DocumentRow, choice: DuplicateChoice, *, link_to: str, reason: str, actor: str
) -> None:
    """Settle a duplicate number: link to the transaction there is, post anyway, or reject to Basware."""
    if row.state is not DocumentState.HELD:
        raise DecisionError(f"Invoice {row.invoice_number} is {row.state.value}, not held: there is nothing to decide.")
    target = _target(row, link_to) if choice is DuplicateChoice.LINK else None
    decision = Decision(duplicate=choice, link_to=target, reason=reason.strip())
    now = desk.clock.now()
    with desk.write() as tx:
        documents.set_state(
            tx, desk.connection_id, row.invoice_id, DocumentState.RECEIVED, now,
            expected={DocumentState.HELD}, decision=decision,
        )  # fmt: skip
        audit.record(
            tx, desk.connection_id, at=now, actor=actor, action=f"duplicate: {choice.value}", subject=row.invoice_id,
            after=msgspec.json.encode(decision).decode(), reason=decision.reason,
        )  # fmt: skip


def _target(row: DocumentRow, link_to: str) -> tuple[TransactionType, str] | None:
    """The transaction meant by `Bill:145` or `145`; None lets the rules take the only one there is."""
    if not link_to:
        return None
    kind, separator, id_ = link_to.rpartition(":")
    if not (id_.isascii() and id_.isdecimal()):
        raise DecisionError(f"{id_!r} is no id of QuickBooks. Write for example Bill:145; ids are whole numbers.")
    try:
        return TransactionType(kind if separator else row.kind or TransactionType.BILL), id_
    except ValueError as error:
        kinds = ", ".join(one.value for one in TransactionType)
        raise DecisionError(
            f"{kind!r} is no kind of transaction. Write for example Bill:145; kinds are {kinds}."
        ) from error


def _move(desk: Desk, row: DocumentRow, state: DocumentState, *, action: str, reason: str, actor: str) -> bool:
    now = desk.clock.now()
    with desk.write() as tx:
        moved = documents.set_state(
            tx, desk.connection_id, row.invoice_id, state, now, expected={DocumentState.HELD}, note=reason or row.note
        )
        if moved:
            audit.record(
                tx, desk.connection_id, at=now, actor=actor, action=action, subject=row.invoice_id, reason=reason
            )
    return moved
