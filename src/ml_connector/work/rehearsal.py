"""What planning would decide now, without deciding it: the same rules on the same facts, and nothing is stored or sent.

QuickBooks is only read. The screens and commands that show a plan before it counts, or try a mapping, ask here.
"""

from collections.abc import Iterator, Sequence

import msgspec

from ml_connector.basware.translation import UnreadableDocument
from ml_connector.flows.invoices import claims_of, plan_invoices
from ml_connector.flows.order_links import with_order_links
from ml_connector.model.documents import AccountingDocument
from ml_connector.model.mapping import Mapping
from ml_connector.model.postings import DocumentPlan, Outcome
from ml_connector.store import inbox, links
from ml_connector.store.documents import DocumentRow
from ml_connector.work.desk import Desk
from ml_connector.work.lists import load_books
from ml_connector.work.order_links import orders_meant
from ml_connector.work.plan_records import Basis
from ml_connector.work.planning import CHUNK, basis_of, candidates_of, read_row, undone_of
from ml_connector.work.plans import unreadable_hold


class Rehearsed(msgspec.Struct, frozen=True, kw_only=True):
    """One document and what would become of it; `document` is None where nobody can read it."""

    row: DocumentRow
    document: AccountingDocument | None
    plan: DocumentPlan


def rehearse(desk: Desk, rows: Sequence[DocumentRow], mapping: Mapping | None = None) -> list[Rehearsed]:
    """Plan documents in this order as the next run would, perhaps with another mapping. Raises what the client raises."""
    books = load_books(desk)
    with desk.database.read() as tx:
        basis = basis_of(tx, desk, books, mapping)
    found = list[Rehearsed]()
    for start in range(0, len(rows), CHUNK):
        found += _chunk(desk, rows[start : start + CHUNK], basis)
        desk.watch("working out what would happen", len(found), len(rows))
    return found


def _chunk(desk: Desk, rows: Sequence[DocumentRow], basis: Basis) -> Iterator[Rehearsed]:
    with desk.database.read() as tx:
        linked = {row.invoice_id: links.for_record(tx, desk.connection_id, "invoice", row.invoice_id) for row in rows}
        undone = undone_of(tx, desk, rows)
        payloads = inbox.payloads(tx, desk.connection_id, [row.inbox_id for row in rows])
    read, broken = list[tuple[DocumentRow, AccountingDocument]](), list[Rehearsed]()
    for row in rows:
        try:
            read.append((row, read_row(row, payloads[row.inbox_id])))
        except UnreadableDocument as error:
            plan = DocumentPlan(outcome=Outcome.HOLD, holds=(unreadable_hold(error.problems),))
            broken.append(Rehearsed(row=row, document=None, plan=plan))
    candidates, _ = candidates_of(desk, read, linked, basis, undone)
    with desk.database.read() as tx:
        orders, items = orders_meant(tx, desk, [document for _, document in read])
    planned = plan_invoices(
        candidates, books=basis.books, mapping=basis.mapping, policy=desk.policy, vendor_links=basis.vendor_links,
        claimed=basis.claimed, today=basis.today,
    )  # fmt: skip
    by_id = {row.invoice_id: row for row in rows}
    for candidate, unlinked in planned:
        plan = with_order_links(unlinked, candidate.document, orders, items)
        row = by_id[candidate.document.invoice_id]
        basis.claimed.update((claim, row.invoice_id) for one in plan.postings for claim in claims_of(one, basis.books))
        yield Rehearsed(row=row, document=candidate.document, plan=plan)
    yield from broken
