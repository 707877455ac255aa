"""Trying a mapping on real documents: which of them it would change, and how, before it counts. Nothing is stored or sent.

Documents that wait are planned with both mappings, QuickBooks being asked for their numbers; of posted ones only the coding is
compared, for they stay as they are.
"""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from ml_connector.model.books import Books
from ml_connector.model.documents import AccountingDocument
from ml_connector.model.mapping import Mapping, MappingRule
from ml_connector.model.policy import PostingPolicy
from ml_connector.rules.mapping import resolve
from ml_connector.store import document_lists, mappings
from ml_connector.store.documents import DocumentRow
from ml_connector.store.schema import DocumentState
from ml_connector.work.desk import Desk
from ml_connector.work.lists import load_books
from ml_connector.work.mapping_codes import codes_of
from ml_connector.work.mapping_coverage import ReadDocuments, waiting
from ml_connector.work.mapping_uses import target_label
from ml_connector.work.rehearsal import Rehearsed, rehearse
from ml_connector.work.setup.first_plan import becomes
from ml_connector.work.views import cause_view

MOST = 100
"""Documents that are planned both ways; more would ask QuickBooks for too much at once."""
_POSTED = (DocumentState.POSTED, DocumentState.CONFIRMED)


class CodeChange(msgspec.Struct, frozen=True, kw_only=True):
    """One code of a document, and what it leads to before and after."""

    dimension: str
    code: str
    before: str
    after: str


class TrialLine(msgspec.Struct, frozen=True, kw_only=True):
    """One document the change concerns. `before` and `after` say what becomes of it, with what it waits for.

    One that is `posted` stays as it is: only its codes are compared.
    """

    invoice_id: str
    invoice_number: str
    supplier: str
    total: Decimal | None
    currency: str
    posted: bool
    before: str
    after: str
    causes_before: tuple[str, ...]
    causes_after: tuple[str, ...]
    codes: tuple[CodeChange, ...]


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What a change of mapping would do: documents looked at, those it concerns, and the first of them in full."""

    looked_at: int
    concerned: int
    released: int
    """Of the documents shown: how many would no longer wait."""
    stopped: int
    """How many would wait that do not now."""
    lines: tuple[TrialLine, ...]


def with_rules(mapping: Mapping, rules: Sequence[MappingRule], removed: Sequence[str] = ()) -> Mapping:
    """A mapping with some rules added or replaced, by id, and others removed."""
    known = {rule.id: rule for rule in mapping.rules if rule.id not in removed}
    return Mapping(rules=tuple((known | {rule.id: rule for rule in rules}).values()), version=mapping.version)


def try_mapping(desk: Desk, wanted: Mapping, known: ReadDocuments | None = None) -> Trial:
    """What would change with another mapping. Only reads, QuickBooks included; raises what its client raises."""
    reading = known or ReadDocuments()
    rows, _ = waiting(desk)
    with desk.database.read() as tx:
        now = mappings.load(tx, desk.connection_id)
        rows += document_lists.newest(tx, desk.connection_id, _POSTED, limit=MOST)
    read, books = reading.read(desk, rows), load_books(desk)
    changed = [(row, codes) for row, document in read if (codes := _changed(document, now, wanted, books, desk.policy))]
    shown = changed[:MOST]
    pending = [row for row, _ in shown if row.state not in _POSTED]
    before = {one.row.invoice_id: one for one in rehearse(desk, pending)} if pending else {}
    after = {one.row.invoice_id: one for one in rehearse(desk, pending, wanted)} if pending else {}
    lines = tuple(_line(row, codes, before.get(row.invoice_id), after.get(row.invoice_id)) for row, codes in shown)
    return Trial(
        looked_at=len(read),
        concerned=len(changed),
        released=sum(bool(one.causes_before) and not one.causes_after for one in lines),
        stopped=sum(bool(one.causes_after) and not one.causes_before for one in lines),
        lines=lines,
    )


def _changed(
    document: AccountingDocument, now: Mapping, wanted: Mapping, books: Books, policy: PostingPolicy
) -> tuple[CodeChange, ...]:
    found: dict[CodeChange, None] = {}
    for dimension, code, _, row in codes_of(document, policy):
        old = resolve(now, dimension, code, document, row)
        new = resolve(wanted, dimension, code, document, row)
        if (old.found, old.target_id) != (new.found, new.target_id):
            change = CodeChange(
                dimension=dimension.value,
                code=code,
                before=target_label(books, dimension, old) or "no rule",
                after=target_label(books, dimension, new) or "no rule",
            )
            found[change] = None
    return tuple(found)


def _line(
    row: DocumentRow, codes: tuple[CodeChange, ...], before: Rehearsed | None, after: Rehearsed | None
) -> TrialLine:
    stays = "stays as it was posted"
    return TrialLine(
        invoice_id=row.invoice_id,
        invoice_number=row.invoice_number,
        supplier=row.supplier_name or row.supplier_code,
        total=row.total,
        currency=row.currency,
        posted=before is None,
        before=becomes(before.plan) if before else stays,
        after=becomes(after.plan) if after else stays,
        causes_before=_causes(before),
        causes_after=_causes(after),
        codes=codes,
    )


def _causes(one: Rehearsed | None) -> tuple[str, ...]:
    return tuple(cause_view(hold).why for hold in one.plan.holds) if one else ()
