"""The main arrow: approved Basware documents become QuickBooks transactions.

The rules decide about one document at a time; this file decides about a set of them, because two documents of one run can
want the same number, and many can wait for the same new vendor. Pure: what comes out is stored as intents by `work/planning.py`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

import msgspec

from ml_connector.flows.identity import intent_id
from ml_connector.model.books import Books, ExistingTransaction, TransactionType
from ml_connector.model.documents import AccountingDocument
from ml_connector.model.holds import Cause, Hold
from ml_connector.model.mapping import Mapping as CodeMapping
from ml_connector.model.policy import PostingPolicy
from ml_connector.model.postings import ChosenDate, Decision, DocumentPlan, DuplicateChoice, Keep, Outcome, Posting
from ml_connector.rules.posting import plan_document

Link = tuple[TransactionType, str]


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A document to plan, with what is known about it in QuickBooks.

    `existing`: transactions found there that have one of its numbers, carry its marker or are linked to it. `linked`: the
    transactions it was posted as, by part, None for a part that is missing. `posted_hash`: its content when it was posted.
    """

    document: AccountingDocument
    existing: tuple[ExistingTransaction, ...] = ()
    linked: tuple[Link | None, ...] = ()
    posted_hash: str = ""
    decision: Decision | None = None
    kept: Keep | None = None
    chosen: ChosenDate | None = None
    quickbooks_rates: dict[str, Decimal] = {}
    """QuickBooks' own rates on the posting date: home units for one foreign unit, by currency."""


class NumberClaim(msgspec.Struct, frozen=True):
    """A number that will be taken once what is under way is done, compared without case as QuickBooks does.

    With a vendor: no two of the vendor's transactions may share it. Without: no two journal entries of the company.
    """

    vendor_id: str
    number: str


class Write(msgspec.Struct, frozen=True, kw_only=True):
    """One transaction to create, or to update when `existing` is given."""

    posting: Posting
    existing: ExistingTransaction | None = None

    @property
    def operation(self) -> str:
        """The intent's operation."""
        return "create" if self.existing is None else "update"


def claims_of(posting: Posting, books: Books) -> tuple[NumberClaim, ...]:
    """The numbers a posting will take."""
    number = posting.doc_number.casefold()
    own = NumberClaim(posting.vendor_id, number)
    if posting.type is TransactionType.JOURNAL_ENTRY and books.preferences.warn_duplicate_journal_number:
        return own, NumberClaim("", number)
    return (own,)


def plan_invoices(
    candidates: Iterable[Candidate],
    *,
    books: Books,
    mapping: CodeMapping,
    policy: PostingPolicy,
    vendor_links: Mapping[str, str],
    claimed: Mapping[NumberClaim, str],
    today: date,
) -> Iterator[tuple[Candidate, DocumentPlan]]:
    """Plan documents in order of arrival. `claimed` are the numbers of documents already on their way, with their invoice ids.

    The first document to claim a number gets it; a later one with the same vendor and number is held as a duplicate.
    """
    claims = dict(claimed)
    for candidate in candidates:
        plan = plan_document(
            candidate.document,
            books=books,
            mapping=mapping,
            policy=policy,
            vendor_links=vendor_links,
            existing=candidate.existing,
            linked=candidate.linked,
            posted_hash=candidate.posted_hash,
            decision=candidate.decision,
            today=today,
            quickbooks_rates=candidate.quickbooks_rates,
            chosen=candidate.chosen,
        )
        yield candidate, _claim_numbers(candidate, _kept_back(plan, candidate), claims, books)


def _kept_back(plan: DocumentPlan, candidate: Candidate) -> DocumentPlan:
    """The plan of a document that a person keeps from being posted. What is in QuickBooks already stays what it is."""
    kept, decision = candidate.kept, candidate.decision
    chosen = decision is not None and decision.duplicate is DuplicateChoice.LINK
    if kept is None or plan.outcome is Outcome.NOTHING or (plan.outcome is Outcome.ADOPT and not chosen):
        return plan
    hold = Hold(cause=Cause.ON_HOLD, facts={"by": kept.by, "reason": kept.reason})
    return msgspec.structs.replace(plan, outcome=Outcome.HOLD, holds=(*plan.holds, hold), postings=(), new_vendor=None)


def _claim_numbers(
    candidate: Candidate, plan: DocumentPlan, claims: dict[NumberClaim, str], books: Books
) -> DocumentPlan:
    """The plan, held if another document has its number; also one that is held already, so that no cause hides another."""
    own, paper = candidate.document.invoice_id, _paper(candidate.document)
    wanted = {claim for posting in plan.postings for claim in claims_of(posting, books)}
    wanted |= {paper} if plan.outcome in {Outcome.POST, Outcome.HOLD} else set()
    other = next((claims[claim] for claim in wanted if claims.get(claim, own) != own), None)
    post_anyway = candidate.decision is not None and candidate.decision.duplicate is DuplicateChoice.POST_ANYWAY
    told = any(hold.cause is Cause.DUPLICATE_NUMBER for hold in plan.holds)
    if plan.outcome in {Outcome.POST, Outcome.HOLD} and other is not None and not post_anyway and not told:
        number = plan.postings[0].doc_number if plan.postings else candidate.document.invoice_number
        facts = {
            "number": number,
            "invoice_id": other,
            "supplier": candidate.document.supplier_name or candidate.document.supplier_code,
        }
        facts |= {"type": plan.postings[0].type.value} if plan.postings else {}
        hold = Hold(cause=Cause.DUPLICATE_NUMBER, subject=number, facts=facts)
        return msgspec.structs.replace(plan, outcome=Outcome.HOLD, holds=(*plan.holds, hold), postings=())
    if plan.outcome is Outcome.POST:
        claims.update((claim, own) for claim in wanted)
    return plan


def _paper(document: AccountingDocument) -> NumberClaim:
    """The number as the supplier gave it, for documents whose vendor or posting is not known yet."""
    return NumberClaim(f"supplier {document.supplier_code}", document.invoice_number.casefold())


def writes_of(plan: DocumentPlan) -> tuple[Write, ...]:
    """The writes a plan asks for: nothing unless it posts or updates."""
    if plan.outcome is Outcome.POST:
        return tuple(Write(posting=posting) for posting in plan.postings)
    if plan.outcome is Outcome.UPDATE:
        return tuple(
            Write(posting=posting, existing=existing)
            for posting, existing in zip(plan.postings, plan.existing, strict=True)
        )
    return ()


def write_id(connection_id: str, invoice_id: str, write: Write, earlier: Sequence[tuple[str, int]]) -> str:
    """The intent id of a write; `earlier` are the operations and parts of this document's intents that ended."""
    generation = sum(1 for operation, part in earlier if (operation, part) == (write.operation, write.posting.part))
    return intent_id(
        connection_id, invoice_id, operation=write.operation, part=write.posting.part, generation=generation
    )
