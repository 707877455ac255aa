"""Planning what is to happen with every document that is due, and writing the decision down.

The rules decide; this job feeds them: documents from the inbox, cached lists, mapping, and what QuickBooks already has, looked up
in bulk. A held document is planned again as soon as anything it depends on has changed.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from hashlib import sha256

import msgspec

from ml_connector.basware.translation import UnreadableDocument, read_document
from ml_connector.flows.invoices import Candidate, NumberClaim, claims_of, plan_invoices
from ml_connector.flows.order_links import with_order_links
from ml_connector.model.books import Books, ExistingTransaction, TransactionType
from ml_connector.model.documents import AccountingDocument
from ml_connector.model.mapping import Dimension, Mapping
from ml_connector.model.policy import RateSource
from ml_connector.quickbooks.errors import Refused
from ml_connector.quickbooks.faults import Fault, duplicate_target
from ml_connector.rules.dates import posting_date
from ml_connector.rules.posting import numbers_to_look_up
from ml_connector.store import documents, inbox, intents, links, mappings, withdrawals
from ml_connector.store.database import Tx
from ml_connector.store.documents import DocumentRow
from ml_connector.store.links import LinkRow
from ml_connector.store.schema import WRITES, DocumentState, IntentState
from ml_connector.work.desk import Desk
from ml_connector.work.lists import load_books
from ml_connector.work.lookups import Found, look_up
from ml_connector.work.order_links import orders_meant
from ml_connector.work.plan_records import Basis, record
from ml_connector.work.plans import is_released, plan_of, unreadable_hold
from ml_connector.work.taken_back.undone import TAKEN_BACK

CHUNK = 500
"""Documents planned, looked up and committed together."""


def plan_documents(desk: Desk) -> int:
    """Plan everything that is due; how many documents were planned. Safe to repeat: what is on its way is left alone."""
    books = load_books(desk)
    with desk.database.read() as tx:
        basis = basis_of(tx, desk, books)
        due = _due(tx, desk, basis.fingerprint)
    again = {row.invoice_id for row in due}
    others = {claim: invoice_id for claim, invoice_id in basis.claimed.items() if invoice_id not in again}
    basis = msgspec.structs.replace(basis, claimed=others)
    _forget_strays(desk)
    planned = 0
    for start in range(0, len(due), CHUNK):
        planned += _plan_chunk(desk, due[start : start + CHUNK], basis)
    return planned


def _forget_strays(desk: Desk) -> None:
    """Take out of the outbox what was proposed for documents that went another way since."""
    with desk.database.read() as tx:
        strays = intents.stray_proposals(tx, desk.connection_id)
    if strays:
        with desk.write() as tx:
            for invoice_id in intents.stray_proposals(tx, desk.connection_id):
                intents.withdraw(tx, desk.connection_id, invoice_id)


def basis_of(tx: Tx, desk: Desk, books: Books, mapping: Mapping | None = None) -> Basis:
    """What documents would be planned from now, with another mapping than the stored one if that is given."""
    mapping = mapping or mappings.load(tx, desk.connection_id)
    vendor_links = {link.basware_id: link.quickbooks_id for link in links.all_of_kind(tx, desk.connection_id, "vendor")}
    vendor_links |= {
        rule.code: rule.target_id for rule in mapping.rules if rule.dimension is Dimension.VENDOR and rule.code
    }
    today = desk.today()
    parts = (
        msgspec.json.encode(books, order="deterministic"),
        msgspec.json.encode((mapping, sorted(vendor_links.items()))),
    )
    digest = sha256(b"|".join((*parts, msgspec.json.encode(desk.policy), today.isoformat().encode()))).hexdigest()
    return Basis(
        books=books,
        mapping=mapping,
        vendor_links=vendor_links,
        claimed=_claims_under_way(tx, desk, books),
        fingerprint=digest,
        now=desk.clock.now(),
        today=today,
    )


def _claims_under_way(tx: Tx, desk: Desk, books: Books) -> dict[NumberClaim, str]:
    """Numbers of documents that are on their way or wait for a release."""
    claims: dict[NumberClaim, str] = {}
    for row in documents.in_state(tx, desk.connection_id, {DocumentState.POSTING, DocumentState.PLANNED}):
        claims |= {
            claim: row.invoice_id for posting in plan_of(row).plan.postings for claim in claims_of(posting, books)
        }
    return claims


def _due(tx: Tx, desk: Desk, fingerprint: str) -> list[DocumentRow]:
    busy = intents.busy_documents(tx, desk.connection_id)
    busy |= {one.invoice_id for one in withdrawals.in_state(tx, desk.connection_id, withdrawals.PENDING)}
    waiting = {DocumentState.RECEIVED, DocumentState.HELD, DocumentState.PLANNED}
    rows = documents.in_state(tx, desk.connection_id, waiting)
    return [row for row in rows if row.invoice_id not in busy and _is_due(desk, row, fingerprint)]


def _is_due(desk: Desk, row: DocumentRow, fingerprint: str) -> bool:
    if row.state is DocumentState.PLANNED and (is_released(row) or not desk.settings.review.invoices):
        return True  # planned once more before it is sent: QuickBooks may have it by now
    if row.state is DocumentState.RECEIVED or not row.plan:
        return row.state is DocumentState.RECEIVED
    record = plan_of(row)
    return record.fingerprint != fingerprint or record.inbox_id != row.inbox_id


def _plan_chunk(desk: Desk, rows: Sequence[DocumentRow], basis: Basis) -> int:
    with desk.database.read() as tx:
        linked = {row.invoice_id: links.for_record(tx, desk.connection_id, "invoice", row.invoice_id) for row in rows}
        undone = undone_of(tx, desk, rows)
        payloads = inbox.payloads(tx, desk.connection_id, [row.inbox_id for row in rows])
    candidates, found = candidates_of(desk, _readable(desk, rows, payloads), linked, basis, undone)
    plans = plan_invoices(
        candidates,
        books=basis.books,
        mapping=basis.mapping,
        policy=desk.policy,
        vendor_links=basis.vendor_links,
        claimed=basis.claimed,
        today=basis.today,
    )
    with desk.database.read() as tx:
        orders, items = orders_meant(tx, desk, [candidate.document for candidate in candidates])
    by_id = {row.invoice_id: row for row in rows}
    planned = 0
    with desk.write() as tx:
        for candidate, unlinked in plans:
            plan = with_order_links(unlinked, candidate.document, orders, items)
            row = by_id[candidate.document.invoice_id]
            planned += record(
                tx, desk, row, plan, basis=basis, found=found, payment_block=candidate.document.payment_block
            )
            basis.claimed.update(
                (claim, row.invoice_id) for posting in plan.postings for claim in claims_of(posting, basis.books)
            )
    return planned


def undone_of(tx: Tx, desk: Desk, rows: Sequence[DocumentRow]) -> frozenset[tuple[TransactionType, str]]:
    """Transactions that were reversed when Basware took these documents back: no longer theirs, whatever the marker says."""
    return frozenset(
        (TransactionType(link.quickbooks_type), link.quickbooks_id)
        for row in rows
        if row.round > 1
        for link in links.for_record(tx, desk.connection_id, TAKEN_BACK, row.invoice_id)
    )


def _readable(
    desk: Desk, rows: Sequence[DocumentRow], payloads: dict[int, str]
) -> list[tuple[DocumentRow, AccountingDocument]]:
    """The documents as the rules read them. One whose latest sending cannot be read is held for that."""
    read = []
    for row in rows:
        try:
            read.append((row, read_row(row, payloads[row.inbox_id])))
        except UnreadableDocument as error:
            now = desk.clock.now()
            with desk.write() as tx:
                documents.set_state(
                    tx, desk.connection_id, row.invoice_id, DocumentState.HELD, now,
                    expected={row.state}, plan="", holds=(unreadable_hold(error.problems),), held_since=now,
                )  # fmt: skip
    return read


def read_row(row: DocumentRow, payload: str) -> AccountingDocument:
    """A document out of what arrived. Raises UnreadableDocument."""
    document = read_document(payload.encode())
    # A document taken over under an id of ours: a retry does not make its own usable.
    if document.invoice_id != row.invoice_id:
        raise UnreadableDocument((f"invoiceId {document.invoice_id!r} cannot be part of an address",), row.invoice_id)
    return document


def candidates_of(
    desk: Desk,
    read: Sequence[tuple[DocumentRow, AccountingDocument]],
    linked: dict[str, list[LinkRow]],
    basis: Basis,
    undone: frozenset[tuple[TransactionType, str]],
) -> tuple[list[Candidate], Found]:
    """The documents with what QuickBooks has of each, looked up in bulk."""
    days = {document.invoice_id: _day(row, document, desk, basis) for row, document in read}
    numbers = {document.invoice_id: numbers_to_look_up(document, desk.policy) for _, document in read}
    ids = [(TransactionType(link.quickbooks_type), link.quickbooks_id) for group in linked.values() for link in group]
    ids += [row.decision.link_to for row, _ in read if row.decision and row.decision.link_to]
    named = _named_by_refusals(desk, [row for row, _ in read])
    ids += [key for keys in named.values() for key in keys]
    found = look_up(
        desk.quickbooks, basis.books, numbers=(number for group in numbers.values() for number in group), ids=ids
    )
    rates = _rates(desk, [(document.currency, days[document.invoice_id]) for _, document in read], basis)
    candidates = []
    for row, document in read:
        own = linked[row.invoice_id]
        keys = {link.part: (TransactionType(link.quickbooks_type), link.quickbooks_id) for link in own}
        chosen = row.decision.link_to if row.decision else None
        candidates.append(
            Candidate(
                document=document,
                existing=tuple(
                    msgspec.structs.replace(one, memo="") if (one.type, one.id) in undone else one
                    for one in _merged(
                        found.with_numbers(numbers[document.invoice_id]),
                        [
                            found.by_id.get(key)
                            for key in (*keys.values(), chosen, *named.get(row.invoice_id, ()))
                            if key is not None
                        ],
                    )
                ),
                linked=tuple(keys.get(part) for part in range(max(keys, default=-1) + 1)),
                posted_hash=own[0].content_hash if own else "",
                decision=row.decision,
                kept=row.kept,
                chosen=row.chosen_date,
                quickbooks_rates=rates.get(days[document.invoice_id], {}),
            )
        )
    return candidates, found


def _day(row: DocumentRow, document: AccountingDocument, desk: Desk, basis: Basis) -> date | None:
    close_date = basis.books.preferences.book_close_date
    return posting_date(document, desk.policy, basis.today, close_date, row.chosen_date)


def _named_by_refusals(desk: Desk, rows: Sequence[DocumentRow]) -> dict[str, list[tuple[TransactionType, str]]]:
    """The transactions QuickBooks named when it refused a document's number in this round (error 6140): perhaps its own."""
    named: dict[str, list[tuple[TransactionType, str]]] = {}
    with desk.database.read() as tx:
        for row in rows:
            if not row.plan:
                continue
            for intent in intents.for_document(tx, desk.connection_id, row.invoice_id):
                if intent.round == row.round and intent.state is IntentState.REFUSED and intent.operation in WRITES:
                    targets = map(duplicate_target, msgspec.json.decode(intent.fault, type=list[Fault]))
                    known = [(TransactionType(kind), id_) for kind, id_ in filter(None, targets) if kind in _KINDS]
                    named.setdefault(row.invoice_id, []).extend(known)
    return named


_KINDS = {kind.value for kind in TransactionType}


def _merged(
    first: Sequence[ExistingTransaction], second: Sequence[ExistingTransaction | None]
) -> tuple[ExistingTransaction, ...]:
    return tuple({(one.type, one.id): one for one in (*first, *second) if one is not None}.values())


def _rates(
    desk: Desk, wanted: Sequence[tuple[str, date | None]], basis: Basis
) -> dict[date | None, dict[str, Decimal]]:
    """QuickBooks' rates for the foreign documents of a chunk, by posting date: one call for each currency and day."""
    home = basis.books.preferences.home_currency
    pairs = sorted({(currency, day) for currency, day in wanted if day is not None and currency != home})
    rates: dict[date | None, dict[str, Decimal]] = {}
    if desk.policy.rate_source is not RateSource.QUICKBOOKS or not basis.books.preferences.multicurrency:
        return rates
    for currency, day in pairs:
        try:
            rates.setdefault(day, {})[currency] = desk.quickbooks.exchange_rate(currency, day)
        except Refused:
            continue  # QuickBooks knows no rate: the rules hold the document and say so
    return rates
