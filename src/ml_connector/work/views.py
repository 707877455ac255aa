"""What people are shown of documents and causes. Read only; the shapes are those of `--json`.

Ids are turned into names here, so that the command line and the console say the same.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from ml_connector.model.holds import Hold
from ml_connector.model.postings import ChosenDate, Explanation, Posting
from ml_connector.rules.causes import describe
from ml_connector.store import accruals, audit, document_lists, documents, inbox, links
from ml_connector.store.audit import AuditRow
from ml_connector.store.documents import DocumentRow
from ml_connector.store.schema import DocumentState
from ml_connector.work.accruals.shown import AccrualView, accrual_view
from ml_connector.work.attachments.shown import FileView, files_of
from ml_connector.work.credits.shown import CreditView, credits_of
from ml_connector.work.desk import Desk
from ml_connector.work.drift.views import WAITING, DriftCase, cases_of
from ml_connector.work.early_views import BEFORE_TRANSFER, EarlyInvoice, answer_problems, early_invoices
from ml_connector.work.lists import load_labels
from ml_connector.work.plans import plan_of
from ml_connector.work.posting_views import PostingView, posting_view
from ml_connector.work.taken_back.undone import REVERSAL, TAKEN_BACK
from ml_connector.work.tax_check import TaxView, tax_views


class TransactionView(msgspec.Struct, frozen=True, kw_only=True):
    """One transaction in QuickBooks. `amount` is positive, in `currency`."""

    type: str
    id: str
    number: str
    part: int
    date: str
    amount: Decimal | None
    currency: str


class CauseView(msgspec.Struct, frozen=True, kw_only=True):
    """Why a document waits, in words: what it is, why, what to do, who can do it, and where to read more."""

    cause: str
    subject: str
    title: str
    why: str
    what_to_do: str
    who: str
    fixable_in: str
    page: str
    rows: tuple[int, ...] = ()


class DocumentLine(msgspec.Struct, frozen=True, kw_only=True):
    """One document in a list. `total` has Basware's sign: credit notes are negative."""

    invoice_id: str
    invoice_number: str
    supplier_code: str
    supplier: str
    state: str
    kind: str
    total: Decimal | None
    currency: str
    transactions: tuple[TransactionView, ...]
    causes: tuple[str, ...]
    held_since: datetime | None
    received_at: datetime
    answer_problem: str = ""
    """Why the last answer before the transfer failed."""


class EventView(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to a document. `request_id` and `trace` find the call in the other system's log."""

    at: datetime
    actor: str
    action: str
    reason: str
    request_id: str
    trace: str


class DocumentView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about one document: where it stands, why, what each posted field comes from, and what happened."""

    document: DocumentLine
    sent_by_basware: int
    note: str
    chosen_date: ChosenDate | None
    """The posting date that a person chose, with who and why. It counts while the document has the dates it then had."""
    files: tuple[FileView, ...]
    taken_back: tuple[TransactionView, ...]
    """Transactions that were undone after Basware took the document back."""
    reversals: tuple[TransactionView, ...]
    """What reversed them, by the same `part`; one that was deleted has none."""
    accruals: tuple[AccrualView, ...]
    """What stood or stands in the books for it while it was prebooked."""
    drift: tuple[DriftCase, ...]
    """Differences from what was posted that wait for a person, or are being put right."""
    causes: tuple[CauseView, ...]
    postings: tuple[PostingView, ...]
    explanations: tuple[Explanation, ...]
    tax: tuple[TaxView, ...]
    credits: tuple[CreditView, ...]
    """Its vendor credits that are for a bill, and how far they are used up."""
    history: tuple[EventView, ...]
    raw: str


def cause_view(hold: Hold) -> CauseView:
    """A hold in words."""
    text = describe(hold)
    return CauseView(
        cause=hold.cause.value,
        subject=hold.subject,
        title=text.title,
        why=text.sentence,
        what_to_do=text.what_to_do,
        who=text.who.value,
        fixable_in="Basware" if text.fixable_in_basware else "here or in QuickBooks",
        page=f"docs/errors/{hold.cause.value}.md",
        rows=hold.rows,
    )


def document_lines(
    desk: Desk, *, states: Collection[str] | None = None, text: str = "", limit: int = 1_000_000, offset: int = 0
) -> list[DocumentLine]:
    """Documents in order of arrival; `text` is searched in ids, numbers and suppliers."""
    with desk.database.read() as tx:
        rows = document_lists.listing(
            tx, desk.connection_id, states=states, text=text or None, limit=limit, offset=offset
        )
        ids = [row.invoice_id for row in rows]
        linked = links.for_records(tx, desk.connection_id, "invoice", ids)
        problems = answer_problems(tx, desk, ids)
    lines = [line_of(row, linked.get(row.invoice_id, ()), _problem(problems, row.invoice_id)) for row in rows]
    if not states and not offset:
        lines += early_lines(desk, text)[: max(0, limit - len(lines))]
    return lines


def _problem(problems: Mapping[str, tuple[str, datetime]], invoice_id: str) -> str:
    return problems[invoice_id][0] if invoice_id in problems else ""


def early_lines(desk: Desk, text: str = "") -> list[DocumentLine]:
    """Invoices that were not handed over yet and wait for something; `text` is searched in ids, numbers and suppliers."""
    with desk.database.read() as tx:
        early = early_invoices(tx, desk)
        known = document_lists.among(tx, desk.connection_id, early)
    found = [_early_line(one) for one in early.values() if one.invoice_id not in known]
    return [line for line in found if _says(line, text)]


def _says(line: DocumentLine, text: str) -> bool:
    return any(text.casefold() in said.casefold() for said in (line.invoice_id, line.invoice_number, line.supplier))


def early_line(desk: Desk, text: str) -> DocumentLine | None:
    """An invoice that was not handed over yet, by number or id; None where one of that name was, or nothing is known of it."""
    with desk.database.read() as tx:
        if documents.find(tx, desk.connection_id, text) is not None:
            return None
    return next((line for line in early_lines(desk) if text in {line.invoice_id, line.invoice_number}), None)


def _early_line(one: EarlyInvoice) -> DocumentLine:
    accrual = accrual_view(one.accrual) if one.accrual is not None else None
    return DocumentLine(
        invoice_id=one.invoice_id,
        invoice_number=accrual.invoice_number if accrual else "",
        supplier_code="",
        supplier=accrual.supplier if accrual else "",
        state=BEFORE_TRANSFER,
        kind="",
        total=None,
        currency=accrual.currency if accrual else "",
        transactions=(),
        causes=accrual.causes if accrual else (),
        held_since=accrual.held_since if accrual else None,
        received_at=one.since,
        answer_problem=one.problem,
    )


def _transaction(link: links.LinkRow) -> TransactionView:
    return TransactionView(
        type=link.quickbooks_type,
        id=link.quickbooks_id,
        number=link.doc_number,
        part=link.part,
        date=link.txn_date,
        amount=link.amount,
        currency=link.currency,
    )


def line_of(row: DocumentRow, own: Sequence[links.LinkRow], answer_problem: str = "") -> DocumentLine:
    """A document as a line, with the transactions it is linked to and why the last answer before its transfer failed."""
    return DocumentLine(
        invoice_id=row.invoice_id,
        invoice_number=row.invoice_number,
        supplier_code=row.supplier_code,
        supplier=row.supplier_name or row.supplier_code,
        state=row.state.value,
        kind=row.kind,
        total=row.total,
        currency=row.currency,
        transactions=tuple(map(_transaction, own)),
        causes=tuple(dict.fromkeys(hold.cause.value for hold in row.holds)),
        held_since=row.held_since if row.holds else None,
        received_at=row.created_at,
        answer_problem=answer_problem if row.state is not DocumentState.CONFIRMED else "",
    )


def document_view(desk: Desk, row: DocumentRow) -> DocumentView:
    """One document in full."""
    with desk.database.read() as tx:
        own = links.for_record(tx, desk.connection_id, "invoice", row.invoice_id)
        taken_back = links.for_record(tx, desk.connection_id, TAKEN_BACK, row.invoice_id)
        reversals = links.for_record(tx, desk.connection_id, REVERSAL, row.invoice_id)
        events = audit.listing(tx, desk.connection_id, subject=row.invoice_id, limit=1000)
        raw = inbox.get(tx, desk.connection_id, row.inbox_id)
        taxes = tax_views(tx, desk, own)
        used = credits_of(tx, desk, row.invoice_id)
        accrued = accruals.of_invoice(tx, desk.connection_id, row.invoice_id)
        problems = answer_problems(tx, desk, [row.invoice_id])
    record = plan_of(row) if row.plan else None
    postings: Sequence[Posting] = record.plan.postings if record else ()
    if not postings:
        postings = [msgspec.json.decode(link.agreed, type=Posting) for link in own if link.agreed]
    books = load_labels(desk, postings)
    return DocumentView(
        document=line_of(row, own, _problem(problems, row.invoice_id)),
        sent_by_basware=row.round,
        note=row.note,
        chosen_date=row.chosen_date,
        files=files_of(desk, row.invoice_id),
        taken_back=tuple(_transaction(link) for link in taken_back),
        reversals=tuple(_transaction(link) for link in reversals),
        accruals=tuple(map(accrual_view, accrued)),
        drift=tuple(one for one in cases_of(desk, row) if one.state in WAITING),
        causes=tuple(cause_view(hold) for hold in row.holds),
        postings=tuple(posting_view(posting, books) for posting in postings),
        explanations=record.plan.explanations if record else (),
        tax=taxes,
        credits=used,
        history=_events(events),
        raw=raw.payload if raw else "",
    )  # fmt: skip


def early_view(desk: Desk, line: DocumentLine) -> DocumentView:
    """An invoice that was not handed over yet, in full: its accruals and what happened."""
    with desk.database.read() as tx:
        accrued = accruals.of_invoice(tx, desk.connection_id, line.invoice_id)
        events = audit.listing(tx, desk.connection_id, subject=line.invoice_id, limit=1000)
        raw = inbox.get(tx, desk.connection_id, accrued[-1].inbox_id) if accrued else None
    return DocumentView(
        document=line, sent_by_basware=0, note="", chosen_date=None, files=(), taken_back=(), reversals=(),
        accruals=tuple(map(accrual_view, accrued)), drift=(),
        causes=tuple(cause_view(hold) for hold in (accrued[-1].holds if accrued else ())),
        postings=(), explanations=(), tax=(), credits=(), history=_events(events), raw=raw.payload if raw else "",
    )  # fmt: skip


def _events(rows: Sequence[AuditRow]) -> tuple[EventView, ...]:
    """What happened, oldest first, from rows with the newest first."""
    return tuple(
        EventView(
            at=event.at, actor=event.actor, action=event.action, reason=event.reason,
            request_id=event.request_id, trace=event.trace,
        )
        for event in reversed(rows)
    )  # fmt: skip
