"""The audit as people look through it: who did what, when and why. Read only."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

import msgspec

from ml_connector.rules.calendar import span_of_day
from ml_connector.store import audit, documents
from ml_connector.store.audit import AuditRow
from ml_connector.store.errors import DocumentAmbiguousError
from ml_connector.work.desk import Desk
from ml_connector.work.document_calls import redacted
from ml_connector.work.portions import portions

PAGE = 100


class AuditFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for. `subject` is an invoice number, an id, or whatever else an entry is about. Days are the company's."""

    subject: str = ""
    actor: str = ""
    action: str = ""
    since: date | None = None
    until: date | None = None


class AuditLine(msgspec.Struct, frozen=True, kw_only=True):
    """One entry. `invoice_number` is empty where it is about no invoice."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    invoice_number: str
    before: str
    after: str
    reason: str
    request_id: str
    trace: str


class AuditPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page, newest first; `older` is where the next one begins, None where there is none."""

    lines: tuple[AuditLine, ...]
    older: int | None
    actors: tuple[str, ...]
    actions: tuple[str, ...]


def audit_page(desk: Desk, wanted: AuditFilter, zone: str, *, before_id: int | None = None) -> AuditPage:
    """The newest entries that fit, or those that follow one. `zone` is the company's time zone."""
    rows = _rows(desk, wanted, zone, before_id, PAGE + 1)
    with desk.database.read() as tx:
        actors = audit.known(tx, desk.connection_id, "actor")
        actions = audit.known(tx, desk.connection_id, "action")
    shown = rows[:PAGE]
    return AuditPage(
        lines=_lines(desk, shown),
        older=shown[-1].id if len(rows) > PAGE else None,
        actors=tuple(actors),
        actions=tuple(actions),
    )


def shown_change(text: str) -> str:
    """What changed as people may see it: without bank details where it is JSON."""
    return redacted(text) if text[:1] in {"{", "["} else text


def whole_audit(desk: Desk, wanted: AuditFilter, zone: str) -> Iterator[AuditLine]:
    """Every entry that fits, newest first, read in portions."""
    before_id = None
    for portion in portions():
        rows = _rows(desk, wanted, zone, before_id, portion)
        yield from _lines(desk, rows)
        if len(rows) < portion:
            return
        before_id = rows[-1].id


def _rows(desk: Desk, wanted: AuditFilter, zone: str, before_id: int | None, limit: int) -> list[AuditRow]:
    with desk.database.read() as tx:
        subject = wanted.subject or None
        if subject is not None:
            try:
                row = documents.find(tx, desk.connection_id, subject)
            except DocumentAmbiguousError:
                row = None  # several invoices have the number: their ids tell them apart
            subject = row.invoice_id if row else subject
        return audit.listing(
            tx, desk.connection_id, subject=subject, actor=wanted.actor or None, action=wanted.action or None,
            since=span_of_day(wanted.since, zone)[0] if wanted.since else None,
            until=span_of_day(wanted.until, zone)[1] if wanted.until else None, limit=limit, before_id=before_id,
        )  # fmt: skip


def _lines(desk: Desk, rows: Sequence[AuditRow]) -> tuple[AuditLine, ...]:
    with desk.database.read() as tx:
        numbers = documents.numbers_of(tx, desk.connection_id, {row.subject for row in rows})
    return tuple(_line(row, numbers) for row in rows)


def _line(row: AuditRow, numbers: Mapping[str, str]) -> AuditLine:
    return AuditLine(
        id=row.id, at=row.at, actor=row.actor, action=row.action, subject=row.subject,
        invoice_number=numbers.get(row.subject, ""), before=row.before, after=row.after, reason=row.reason,
        request_id=row.request_id, trace=row.trace,
    )  # fmt: skip
