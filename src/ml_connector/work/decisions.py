"""What people decide about documents that wait: try again, handled elsewhere, kept back for now, what to do with a number that
exists already, or with what was posted of a document that Basware takes back.

Every decision is kept with who took it and why. None of them sends anything by itself; the next run acts on it.
"""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from ml_connector.model.books import TransactionType
from ml_connector.model.holds import OF_TAKEN_BACK, Cause, Hold
from ml_connector.model.postings import Decision, DuplicateChoice, Keep
from ml_connector.store import audit, documents, intents, jobs, withdrawals
from ml_connector.store.documents import DocumentColumns, DocumentRow
from ml_connector.store.rows import chunks
from ml_connector.store.schema import DocumentState, WithdrawalState
from ml_connector.work.desk import Desk
from ml_connector.work.jobs import Job


class Choice(StrEnum):
    """What a person may decide about a held document: the first three about its number, the others about one taken back."""

    LINK = "link"
    POST_ANYWAY = "post anyway"
    REJECT = "reject"
    DELETE = "delete"
    REVERSE = "reverse"
    KEEP = "keep"


_PORTION = 200
"""Documents moved in one transaction: others write in between."""

ABOUT_TAKEN_BACK = frozenset({Choice.DELETE, Choice.REVERSE, Choice.KEEP})


OPEN = frozenset({DocumentState.HELD, DocumentState.PLANNED})
"""States of documents that a person may decide about: held ones, and those that wait for a release."""

UNPOSTED = frozenset({DocumentState.RECEIVED, DocumentState.VENDOR_PENDING, *OPEN})
"""States in which a document can still be kept from being posted."""


_QUICKER = "Somebody else was quicker: invoice {} does not wait any more. Look at it again; nothing of this was kept."


LONGEST_REASON = 1_000
"""Characters of what a person gives as the reason: it stands in lists, on pages and in answers to Basware."""


class DecisionError(ValueError):
    """The decision does not fit the document; the message says why and what would."""


class MissingReasonError(DecisionError):
    """Nobody said why it is decided so."""


def retry(desk: Desk, rows: Sequence[DocumentRow], *, actor: str) -> int:
    """Plan documents that wait again in the next run, whatever has changed; how many."""
    return _move_all(desk, rows, DocumentState.RECEIVED, action="retry asked for", reason="", actor=actor)


def ignore_all(desk: Desk, rows: Sequence[DocumentRow], *, reason: str, actor: str) -> int:
    """The same as `ignore` for many: those that wait no more are left alone; how many were ignored."""
    return _move_all(desk, rows, DocumentState.IGNORED, action="ignored", reason=required_reason(reason), actor=actor)


def reject_all(desk: Desk, rows: Sequence[DocumentRow], *, reason: str, actor: str) -> int:
    """Have documents that wait given back to Basware by the next run, with the reason; how many.

    Those that wait no more are left alone, and so are those that Basware takes back itself or that a person keeps on hold.
    """
    decision = Decision(duplicate=DuplicateChoice.REJECT, reason=required_reason(reason))
    able = [row for row in rows if row.kept is None and not any(one.cause in OF_TAKEN_BACK for one in row.holds)]
    return _move_all(
        desk, able, DocumentState.RECEIVED, action=f"duplicate: {DuplicateChoice.REJECT.value}", reason=decision.reason,
        actor=actor, decision=decision,
    )  # fmt: skip


def ignore(desk: Desk, row: DocumentRow, *, reason: str, actor: str) -> None:
    """Mark a document that waits as handled outside. It is kept, never posted, and shown as ignored with the reason."""
    if not ignore_all(desk, [row], reason=reason, actor=actor):
        raise DecisionError(
            f"Invoice {row.invoice_number} is {row.state.value}; only documents that are held or planned can be ignored."
        )


def put_back(desk: Desk, row: DocumentRow, *, reason: str, actor: str) -> None:
    """An ignored document is to be posted after all: it is planned anew in the next run."""
    now = desk.clock.now()
    with desk.write() as tx:
        known = withdrawals.get(tx, desk.connection_id, row.invoice_id, row.round)
        if known is not None and known.state is WithdrawalState.KEPT:
            raise DecisionError(
                f"Basware takes invoice {row.invoice_number} back, and it was decided to keep what was posted. "
                "It goes on when Basware sends it again."
            )
        if not documents.set_state(
            tx, desk.connection_id, row.invoice_id, DocumentState.RECEIVED, now,
            expected={DocumentState.IGNORED}, holds=(), held_since=None, note="",
        ):  # fmt: skip
            raise DecisionError(f"Invoice {row.invoice_number} is {row.state.value}, not ignored.")
        audit.record(
            tx, desk.connection_id, at=now, actor=actor, action="no longer ignored", subject=row.invoice_id,
            reason=reason.strip(),
        )  # fmt: skip
        jobs.bring_forward(tx, desk.connection_id, Job.INVOICES, now, now)


def hold(desk: Desk, row: DocumentRow, *, reason: str, actor: str) -> None:
    """Keep a document from being posted until somebody lets it go on. Whatever else is decided about it does not end that."""
    why = required_reason(reason)
    if any(one.cause in OF_TAKEN_BACK for one in row.holds):
        raise DecisionError(f"Basware takes invoice {row.invoice_number} back: decide delete, reverse or keep.")
    now = desk.clock.now()
    keep = Keep(reason=why, by=actor, at=now)
    others = tuple(one for one in row.holds if one.cause is not Cause.ON_HOLD)
    cause = Hold(cause=Cause.ON_HOLD, facts={"by": actor, "reason": keep.reason})
    with desk.write() as tx:
        if not documents.set_state(
            tx, desk.connection_id, row.invoice_id, DocumentState.HELD, now,
            expected=UNPOSTED, kept=keep, holds=(*others, cause), held_since=row.held_since or now, proposal="",
        ):  # fmt: skip
            raise DecisionError(f"Invoice {row.invoice_number} is {row.state.value}: it is too late to keep it back.")
        intents.withdraw(tx, desk.connection_id, row.invoice_id)
        audit.record(
            tx, desk.connection_id, at=now, actor=actor, action="put on hold", subject=row.invoice_id, reason=keep.reason
        )  # fmt: skip


def let_go(desk: Desk, row: DocumentRow, *, reason: str = "", actor: str) -> None:
    """End a person's hold: the document is planned again in the next run."""
    if row.kept is None:
        raise DecisionError(f"Nobody keeps invoice {row.invoice_number} back: there is no hold to release.")
    now = desk.clock.now()
    with desk.write() as tx:
        if not documents.set_state(
            tx, desk.connection_id, row.invoice_id, DocumentState.RECEIVED, now, expected=OPEN, kept=None
        ):
            documents.set_columns(tx, desk.connection_id, row.invoice_id, now, kept=None)
        audit.record(
            tx, desk.connection_id, at=now, actor=actor, action="hold released", subject=row.invoice_id,
            before=row.kept.reason, reason=reason.strip(),
        )  # fmt: skip
        jobs.bring_forward(tx, desk.connection_id, Job.INVOICES, now, now)


def decide(desk: Desk, row: DocumentRow, choice: Choice, *, link_to: str, reason: str, actor: str) -> None:
    """Settle a held document. Raises DecisionError when the choice does not fit it."""
    if choice not in ABOUT_TAKEN_BACK:
        duplicate = DuplicateChoice(choice.value)
        decide_duplicate(desk, row, duplicate, link_to=link_to, reason=reason, actor=actor)
    elif link_to:
        raise DecisionError(f"{choice.value} links nothing: leave --link-to out.")
    else:
        decide_taken_back(desk, row, choice, reason=reason, actor=actor)


def decide_taken_back(desk: Desk, row: DocumentRow, choice: Choice, *, reason: str, actor: str) -> None:
    """Settle a posted document that Basware takes back: delete or reverse what was posted, or keep it. Acted on in the next run."""
    reason = required_reason(reason)
    now, keeps = desk.clock.now(), choice is Choice.KEEP
    with desk.write() as tx:
        known = withdrawals.get(tx, desk.connection_id, row.invoice_id, row.round)
        if row.state is not DocumentState.HELD or known is None or known.state is not WithdrawalState.HELD:
            raise DecisionError(
                f"Invoice {row.invoice_number} is {row.state.value} and not held as taken back by Basware: there is nothing to "
                f"{choice.value}."
            )
        held = frozenset({WithdrawalState.HELD})
        if keeps:
            outcome = f"kept in QuickBooks: {reason}"
            moved = withdrawals.move(
                tx, desk.connection_id, known, WithdrawalState.KEPT, now, expected=held, outcome=outcome
            )
        else:
            moved = withdrawals.move(
                tx, desk.connection_id, known, WithdrawalState.OPEN, now, expected=held, decision=choice.value
            )
        if not moved:
            raise DecisionError(_QUICKER.format(row.invoice_number))
        documents.set_state(
            tx, desk.connection_id, row.invoice_id, DocumentState.IGNORED if keeps else DocumentState.RECEIVED, now,
            expected={DocumentState.HELD}, note=reason,
        )  # fmt: skip
        audit.record(
            tx, desk.connection_id, at=now, actor=actor, action=f"taken back: {choice.value}", subject=row.invoice_id,
            reason=reason,
        )  # fmt: skip


def decide_duplicate(
    desk: Desk, row: DocumentRow, choice: DuplicateChoice, *, link_to: str, reason: str, actor: str
) -> None:
    """Link a document to the transaction there is, post it whoever has its number, or reject it to Basware."""
    if row.state not in OPEN:
        raise DecisionError(f"Invoice {row.invoice_number} is {row.state.value}, not held: there is nothing to decide.")
    if row.kept is not None:
        raise DecisionError(f"Invoice {row.invoice_number} is on hold: release the hold first.")
    if any(hold.cause in OF_TAKEN_BACK for hold in row.holds):
        raise DecisionError(f"Basware takes invoice {row.invoice_number} back: decide delete, reverse or keep.")
    target = target_of(row, link_to) if choice is DuplicateChoice.LINK else None
    decision = Decision(duplicate=choice, link_to=target, reason=reason.strip())
    now = desk.clock.now()
    with desk.write() as tx:
        if not documents.set_state(
            tx, desk.connection_id, row.invoice_id, DocumentState.RECEIVED, now,
            expected=OPEN, decision=decision, proposal="",
        ):  # fmt: skip
            raise DecisionError(_QUICKER.format(row.invoice_number))
        intents.withdraw(tx, desk.connection_id, row.invoice_id)
        audit.record(
            tx, desk.connection_id, at=now, actor=actor, action=f"duplicate: {choice.value}", subject=row.invoice_id,
            after=msgspec.json.encode(decision).decode(), reason=decision.reason,
        )  # fmt: skip


def target_of(row: DocumentRow, link_to: str) -> tuple[TransactionType, str] | None:
    """The transaction meant by `Bill:145` or `145`; None lets the rules take the only one there is. Raises DecisionError."""
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


def required_reason(reason: str, what_for: str = "it is what an auditor will ask for") -> str:
    """What a person gave as the reason. Raises MissingReasonError without one, and DecisionError for one that is too long."""
    if not reason.strip():
        raise MissingReasonError(f"Give the reason: {what_for}.")
    require_short_enough(reason)
    return reason.strip()


def require_short_enough(reason: str) -> None:
    """Raise DecisionError for a reason of more than LONGEST_REASON characters."""
    if len(reason) > LONGEST_REASON:
        raise DecisionError(
            f"A reason has at most {LONGEST_REASON:,} characters, and this one has {len(reason):,}. Nothing was changed. "
            "Say it shorter, and where the rest of it can be found."
        )


def _move_all(
    desk: Desk, rows: Sequence[DocumentRow], state: DocumentState, *, action: str, reason: str, actor: str,
    decision: Decision | None = None,
) -> int:  # fmt: skip
    """Move documents that wait on, a portion in each transaction; how many still waited."""
    now, moved = desk.clock.now(), 0
    for some in chunks(rows, _PORTION):
        with desk.write() as tx:
            for row in some:
                columns: DocumentColumns = {"note": reason or row.note, "proposal": ""}
                if decision is not None:
                    columns = {"decision": decision, "proposal": ""}
                if not documents.set_state(
                    tx, desk.connection_id, row.invoice_id, state, now, expected=OPEN, **columns
                ):
                    continue
                intents.withdraw(tx, desk.connection_id, row.invoice_id)
                moved += 1
                audit.record(
                    tx, desk.connection_id, at=now, actor=actor, action=action, subject=row.invoice_id,
                    after=msgspec.json.encode(decision).decode() if decision is not None else "", reason=reason,
                )  # fmt: skip
    return moved
