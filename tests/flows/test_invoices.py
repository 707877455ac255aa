"""What is decided about a set of documents, not about each alone: who gets a number, and the names of the writes."""

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from ml_connector.flows.identity import answer_code, batch_id, intent_id, vendor_intent_id
from ml_connector.flows.invoices import Candidate, NumberClaim, Write, plan_invoices, write_id, writes_of
from ml_connector.model.books import Account, Books, ExistingTransaction, TransactionType, Vendor
from ml_connector.model.documents import AccountingDocument, CodingRow
from ml_connector.model.holds import Cause
from ml_connector.model.mapping import Dimension, Mapping, MappingRule
from ml_connector.model.policy import PostingPolicy
from ml_connector.model.postings import Decision, DocumentPlan, DuplicateChoice, Outcome, Posting

DAY = date(2026, 11, 5)
BOOKS = Books(
    accounts={
        "7": Account(id="7", name="Supplies", number="6110", type="Expense"),
        "33": Account(id="33", name="Payable", type="Accounts Payable"),
    },
    vendors={
        "1": Vendor(id="1", name="Beacon", number="V-1"),
        "2": Vendor(id="2", name="Corvid", number="V-2"),
    },
)
MAPPING = Mapping(rules=(MappingRule(id="a", dimension=Dimension.ACCOUNT, code="6110", target_id="7"),))


def _candidate(invoice_id: str, number: str, *, supplier: str = "V-1", decision: Decision | None = None) -> Candidate:
    document = AccountingDocument(
        invoice_id=invoice_id, company_code="US10", supplier_code=supplier, currency="USD", processing_status="",
        content_hash=invoice_id, invoice_number=number, invoice_date=DAY, voucher_date=DAY, gross_sum=Decimal(10),
        rows=(CodingRow(row_index=1, net=Decimal(10), gross=Decimal(10), codes={"accountCode": "6110"}),),
    )  # fmt: skip
    return Candidate(document=document, decision=decision)


def _plans(*candidates: Candidate, claimed: dict[NumberClaim, str] | None = None) -> list[DocumentPlan]:
    plans = plan_invoices(
        candidates,
        books=BOOKS,
        mapping=MAPPING,
        policy=PostingPolicy(),
        vendor_links={},
        claimed=claimed or {},
        today=DAY,
    )
    return [plan for _, plan in plans]


def test_a_duplicate_within_a_run_does_not_hide_behind_another_cause() -> None:
    uncoded = _candidate("two", "F-1")
    row = CodingRow(row_index=1, net=Decimal(10), gross=Decimal(10), codes={"accountCode": "9999"})
    uncoded = Candidate(document=msgspec.structs.replace(uncoded.document, rows=(row,)))

    first, second = _plans(_candidate("one", "F-1"), uncoded)

    assert first.outcome is Outcome.POST
    assert second.outcome is Outcome.HOLD
    assert {hold.cause for hold in second.holds} == {Cause.ACCOUNT_NOT_MAPPED, Cause.DUPLICATE_NUMBER}


def test_the_first_document_of_a_run_gets_the_number_and_the_second_is_held_naming_the_first() -> None:
    first, second = _plans(_candidate("one", "F-1"), _candidate("two", "f-1"))

    assert (first.outcome, second.outcome) == (Outcome.POST, Outcome.HOLD)
    (hold,) = second.holds
    assert (hold.cause, hold.facts["invoice_id"]) == (Cause.DUPLICATE_NUMBER, "one")
    assert second.postings == ()


def test_a_number_on_its_way_from_an_earlier_run_counts_too() -> None:
    claim = NumberClaim("1", "f-1")

    (held,) = _plans(_candidate("two", "F-1"), claimed={claim: "one"})
    (own,) = _plans(_candidate("one", "F-1"), claimed={claim: "one"})

    assert (held.outcome, own.outcome) == (Outcome.HOLD, Outcome.POST)


def test_another_vendor_s_number_is_another_number() -> None:
    plans = _plans(_candidate("one", "F-1"), _candidate("two", "F-1", supplier="V-2"))

    assert [plan.outcome for plan in plans] == [Outcome.POST, Outcome.POST]


def test_whoever_decided_to_post_anyway_is_not_held_for_the_number() -> None:
    decision = Decision(duplicate=DuplicateChoice.POST_ANYWAY)

    plans = _plans(_candidate("one", "F-1"), _candidate("two", "F-1", decision=decision))

    assert [plan.outcome for plan in plans] == [Outcome.POST, Outcome.POST]
    assert plans[1].postings[0].allow_duplicate_number


def _posting(part: int) -> Posting:
    return Posting(
        type=TransactionType.BILL, vendor_id="1", txn_date=DAY, doc_number="F-1", memo="", currency="USD",
        total=Decimal(10), payable_account_id="33", lines=(), part=part,
    )  # fmt: skip


def test_a_plan_to_post_creates_and_a_plan_to_update_changes_pairwise() -> None:
    existing = tuple(ExistingTransaction(type=TransactionType.BILL, id=id_, sync_token="0") for id_ in ("8", "9"))
    postings = (_posting(0), _posting(1))

    created = writes_of(DocumentPlan(outcome=Outcome.POST, postings=postings))
    updated = writes_of(DocumentPlan(outcome=Outcome.UPDATE, postings=postings, existing=existing))

    assert [(write.operation, write.posting.part) for write in created] == [("create", 0), ("create", 1)]
    assert [(write.operation, write.existing and write.existing.id) for write in updated] == [
        ("update", "8"),
        ("update", "9"),
    ]


@pytest.mark.parametrize(
    "outcome", [Outcome.HOLD, Outcome.REFUSE, Outcome.ADOPT, Outcome.NOTHING, Outcome.CREATE_VENDOR]
)
def test_no_other_plan_writes_a_transaction(outcome: Outcome) -> None:
    assert writes_of(DocumentPlan(outcome=outcome)) == ()


def test_a_write_has_the_same_name_until_it_has_ended_once() -> None:
    write = Write(posting=_posting(1))
    first = write_id("c", "i", write, [])

    assert write_id("c", "i", write, [("create", 0), ("update", 1)]) == first
    assert write_id("c", "i", write, [("create", 1)]) != first
    assert len({first, write_id("d", "i", write, []), write_id("c", "j", write, [])}) == 3


def test_names_fit_both_vendors_limits_and_tell_everything_apart() -> None:
    names = {
        intent_id("c", "i", operation="create", part=0, generation=0),
        intent_id("c", "i", operation="update", part=0, generation=0),
        intent_id("c", "i", operation="create", part=1, generation=0),
        vendor_intent_id("c", "V-1", 0),
        vendor_intent_id("c", "V-1", 1),
        answer_code("c", "i", sending=1, attempt=1),
        answer_code("c", "i", sending=1, attempt=2),
        answer_code("c", "i", sending=2, attempt=1),
        batch_id([("a", 0), ("b", 0)]),
        batch_id([("b", 0), ("a", 0)]),
        batch_id([("a", 0), ("b", 1)]),
    }

    assert len(names) == 11
    assert {len(name) for name in names} == {36}
