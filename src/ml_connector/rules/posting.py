"""The decision about one approved document: what it becomes in QuickBooks, or everything that keeps it from getting there.

The rules are asked one after the other, and a cause found by one never stops the next, so that all causes are reported at once.
Pure: the same facts always give the same plan.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import msgspec

from ml_connector.model.books import Books, ExistingTransaction, TransactionType
from ml_connector.model.documents import AccountingDocument
from ml_connector.model.holds import Cause
from ml_connector.model.mapping import Mapping as CodeMapping
from ml_connector.model.policy import PostingPolicy
from ml_connector.model.postings import ChosenDate, Decision, DocumentPlan, DuplicateChoice, Outcome, Posting
from ml_connector.rules.amounts import payable_total
from ml_connector.rules.draft import Draft, draft_postings
from ml_connector.rules.findings import Findings, Task
from ml_connector.rules.numbers import conflicting, hold_duplicates, numbers_to_look_up
from ml_connector.rules.start import before_start, kept_from_posting
from ml_connector.rules.update import Own, hold_gone, is_complete, link_target, may_update, own_transactions

__all__ = ["numbers_to_look_up", "plan_document"]


def plan_document(
    document: AccountingDocument,
    *,
    books: Books,
    mapping: CodeMapping,
    policy: PostingPolicy,
    vendor_links: Mapping[str, str],
    existing: Sequence[ExistingTransaction],
    linked: Sequence[tuple[TransactionType, str] | None],
    posted_hash: str,
    decision: Decision | None,
    today: date,
    quickbooks_rates: Mapping[str, Decimal],
    chosen: ChosenDate | None = None,
) -> DocumentPlan:
    """Decide what is to happen with one document.

    `vendor_links`: QuickBooks vendor id by supplier code. `existing`: transactions found in QuickBooks under one of the
    document's numbers, linked to it, or with its marker. `linked`: the transactions it was posted as, by part, with
    None for a part that is missing.
    `posted_hash`: its content hash when last posted, "" if never. `quickbooks_rates`: home units for one foreign unit.
    `chosen`: the posting date that a person chose.
    Whatever is wrong with a document comes back as holds, never as an exception.
    """
    task = Task(document=document, books=books, mapping=mapping, policy=policy, chosen=chosen)
    own = own_transactions(task, existing, linked)
    changed = bool(own.parts) and posted_hash not in {"", document.content_hash}
    if not changed and is_complete(own, payable_total(document, Findings())):
        return _in_books(own, posted_hash)
    target = link_target(existing, decision)
    if target is not None and decision is not None and not own.parts:
        return _linked(target, decision)
    findings = Findings()
    draft = draft_postings(task, findings, vendor_links, today, quickbooks_rates, changed=changed)
    plan = _settle(
        task, findings, draft, own, existing=existing, decision=decision, changed=changed, posted=bool(posted_hash)
    )
    too_early = before_start(document, policy, chosen) if not own.parts else None
    return kept_from_posting(plan, too_early) if too_early else plan


def _in_books(own: Own, posted_hash: str) -> DocumentPlan:
    """A document that is wholly in QuickBooks needs no rules: its coding may have changed since, its posting has not."""
    findings = Findings()
    rule = "sent again with the same content" if posted_hash else "found by this invoice's marker or link"
    for one in own.transactions:
        findings.explain("transaction", "already in QuickBooks", rule, f"{one.type.value} {one.id}")
    outcome = Outcome.NOTHING if posted_hash else Outcome.ADOPT
    return DocumentPlan(outcome=outcome, existing=own.transactions, explanations=findings.explanations)


def _linked(target: ExistingTransaction, decision: Decision) -> DocumentPlan:
    """A person said that this transaction, entered by hand, is the document."""
    findings = Findings()
    told = f"{target.type.value} {target.id}"
    if target.total.is_finite():
        told += f" over {target.total} {target.currency}".rstrip()
    findings.explain("transaction", decision.reason or "a person's decision", "link to what was entered by hand", told)
    return DocumentPlan(outcome=Outcome.ADOPT, existing=(target,), explanations=findings.explanations)


def _settle(
    task: Task,
    findings: Findings,
    draft: Draft,
    own: Own,
    *,
    existing: Sequence[ExistingTransaction],
    decision: Decision | None,
    changed: bool,
    posted: bool,
) -> DocumentPlan:
    """Hold the draft against what QuickBooks already has, and come to the outcome."""
    choice = decision.duplicate if decision else None
    clashes = _clashes(task, draft, own, existing)
    if decision is not None and _means_the_only_one(decision, own) and len(clashes) == 1:
        return _linked(clashes[0], decision)
    anyway = choice is DuplicateChoice.POST_ANYWAY
    if own.gone and not anyway:
        hold_gone(task, own.gone, findings)
    if not anyway and not (own.parts and _keeps_numbers(own, draft.postings)):
        hold_duplicates(task, clashes, decision.reason if decision else "", findings)
        if not clashes and not own.parts and decision is not None:
            _hold_empty_decision(task, decision, findings)
    outcome, postings = _write(task, findings, draft, own, changed=changed, posted=posted)
    if findings.holds:
        rejected = choice is DuplicateChoice.REJECT and not own.parts
        outcome = Outcome.REFUSE if draft.refused or rejected else Outcome.HOLD
    elif draft.new_vendor is not None:
        outcome = Outcome.CREATE_VENDOR
    sends = outcome in {Outcome.POST, Outcome.UPDATE}
    allow = anyway or bool(clashes)
    return DocumentPlan(
        outcome=outcome,
        holds=findings.holds,
        postings=tuple(msgspec.structs.replace(one, allow_duplicate_number=allow) for one in postings if sends),
        existing=own.transactions,
        new_vendor=draft.new_vendor if outcome is Outcome.CREATE_VENDOR else None,
        explanations=findings.explanations,
    )


def _means_the_only_one(decision: Decision, own: Own) -> bool:
    """Whether a person chose to link without saying to what."""
    return decision.duplicate is DuplicateChoice.LINK and decision.link_to is None and not own.parts


def _write(
    task: Task, findings: Findings, draft: Draft, own: Own, *, changed: bool, posted: bool
) -> tuple[Outcome, tuple[Posting, ...]]:
    """Create what is missing, or bring what is there to the document's content, if nothing else speaks against it."""
    missing = tuple(one for one in draft.postings if one.part not in own.parts)
    if not own.parts or not draft.postings or (own.gone and missing):
        return Outcome.POST, missing
    types = {one.part: one.type for one in draft.postings}
    if all(types.get(part) is one.type for part, one in own.parts.items()) and not changed:
        if missing:
            return Outcome.POST, missing
        if posted:  # somebody changed our transaction in QuickBooks, and the document is the same as ever
            return Outcome.NOTHING, ()
    may_update(task, own, draft.postings, findings)
    return Outcome.UPDATE, draft.postings


def _clashes(task: Task, draft: Draft, own: Own, existing: Sequence[ExistingTransaction]) -> list[ExistingTransaction]:
    numbers = [one.doc_number for one in draft.postings] or list(numbers_to_look_up(task.document, task.policy))
    clashes = conflicting(
        existing,
        own=own.transactions,
        kind=draft.type,
        vendor_id=draft.vendor_id,
        numbers=numbers,
        preferences=task.books.preferences,
    )
    return [*clashes, *(one for one in own.twins if one not in clashes)]


def _keeps_numbers(own: Own, postings: Sequence[Posting]) -> bool:
    """Whether an update leaves every number as it is: then a namesake was accepted when the document was posted."""
    return all(one.part in own.parts and own.parts[one.part].doc_number == one.doc_number for one in postings)


def _hold_empty_decision(task: Task, decision: Decision, findings: Findings) -> None:
    """A decision about a duplicate that QuickBooks does not show: a rejection stands, a link has lost its target."""
    if decision.duplicate is DuplicateChoice.REJECT:
        number = task.document.invoice_number
        findings.hold(Cause.REJECTED, number, reason=decision.reason)
    elif decision.duplicate is DuplicateChoice.LINK and decision.link_to is not None:
        hold_gone(task, (decision.link_to,), findings)
