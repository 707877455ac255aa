"""What becomes of a posted document that Basware takes back, one rule at a time."""

from datetime import date, timedelta
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_connector.model.books import ExistingTransaction, TransactionType
from ml_connector.model.holds import Cause
from ml_connector.model.policy import TakenBack
from ml_connector.model.taken_back import Standing, Undoing, UndoPlan
from ml_connector.rules.causes import describe
from ml_connector.rules.marker import find_marker, find_undo, undo_memo
from ml_connector.rules.taken_back import plan_undo

TODAY, POSTED = date(2026, 11, 20), date(2026, 11, 5)
BILL = ExistingTransaction(
    type=TransactionType.BILL, id="905", sync_token="0", txn_date=POSTED, total=Decimal(100), balance=Decimal(100)
)
ACTING = [TakenBack.DELETE, TakenBack.REVERSE]


def standing(transaction: ExistingTransaction = BILL, **facts) -> Standing:
    return Standing(transaction=transaction, **({"ours": True, "amount": Decimal(100)} | facts))


def plan(*found: Standing, policy=TakenBack.DELETE, decision=None, closed=None, today=TODAY) -> UndoPlan:
    return plan_undo(
        "A-1", "WaitingToBeRemoved", found, policy=policy, decision=decision, close_date=closed, today=today
    )


def causes(made: UndoPlan) -> list[Cause]:
    return [hold.cause for hold in made.holds]


def test_the_policy_hold_leaves_it_to_a_person() -> None:
    made = plan(standing(), policy=TakenBack.HOLD)

    assert causes(made) == [Cause.TAKEN_BACK]
    assert made.holds[0].facts["asked"] == "asks to have it removed"
    assert made.undos == ()


def test_the_policy_delete_deletes() -> None:
    (undo,) = plan(standing()).undos

    assert (undo.how, undo.transaction.id, undo.day) == (Undoing.DELETE, "905", None)


def test_a_reversal_carries_the_date_of_the_transaction_while_that_is_open() -> None:
    (undo,) = plan(standing(), policy=TakenBack.REVERSE, closed=POSTED - timedelta(days=1)).undos

    assert undo.day == POSTED


def test_a_reversal_of_a_transaction_in_closed_books_is_dated_today() -> None:
    (undo,) = plan(standing(), policy=TakenBack.REVERSE, closed=POSTED).undos

    assert undo.day == TODAY


def test_nothing_is_reversed_while_today_is_closed_as_well() -> None:
    assert causes(plan(standing(), policy=TakenBack.REVERSE, closed=TODAY)) == [Cause.TAKEN_BACK_IN_CLOSED_PERIOD]


def test_nothing_in_closed_books_is_deleted() -> None:
    assert causes(plan(standing(), closed=POSTED)) == [Cause.TAKEN_BACK_IN_CLOSED_PERIOD]


PAID = [
    standing(msgspec.structs.replace(BILL, settled=True)),
    standing(msgspec.structs.replace(BILL, balance=Decimal(99))),
    standing(msgspec.structs.replace(BILL, type=TransactionType.JOURNAL_ENTRY, balance=None), paid=True),
]


@pytest.mark.parametrize("paid", PAID, ids=["linked", "partly paid", "journal entry"])
@pytest.mark.parametrize("decision", [None, *Undoing])
def test_a_paid_transaction_is_never_touched(paid: Standing, decision: Undoing | None) -> None:
    for policy in TakenBack:
        assert causes(plan(paid, policy=policy, decision=decision)) == [Cause.TAKEN_BACK_PAID]


@pytest.mark.parametrize("policy", ACTING)
@pytest.mark.parametrize("doubtful", [{"ours": False}, {"amount": Decimal(90)}])
def test_what_somebody_linked_or_changed_is_left_to_a_person_who_may_decide(policy: TakenBack, doubtful: dict) -> None:
    assert causes(plan(standing(**doubtful), policy=policy)) == [Cause.TAKEN_BACK]
    assert len(plan(standing(**doubtful), policy=policy, decision=Undoing.DELETE).undos) == 1


def test_an_amount_that_was_changed_is_told_with_its_currency() -> None:
    bill = msgspec.structs.replace(BILL, currency="USD", total=Decimal("1234.5"), balance=Decimal("1234.5"))
    [hold] = plan(standing(bill, amount=Decimal(100))).holds
    assert "from 100.00 USD to 1,234.50 USD" in describe(hold).sentence


def test_what_has_no_opposite_is_not_reversed_but_may_be_deleted() -> None:
    stubborn = standing(stubborn="a line of it was billed to a customer already")

    assert causes(plan(stubborn, policy=TakenBack.REVERSE)) == [Cause.TAKEN_BACK_NOT_REVERSIBLE]
    assert len(plan(stubborn, policy=TakenBack.DELETE).undos) == 1


def test_a_decision_stands_in_for_the_policy() -> None:
    (undo,) = plan(standing(), policy=TakenBack.DELETE, decision=Undoing.REVERSE).undos

    assert undo.how is Undoing.REVERSE


def test_of_several_transactions_all_are_undone_or_none() -> None:
    other = standing(msgspec.structs.replace(BILL, id="906"))

    assert [undo.transaction.id for undo in plan(standing(), other).undos] == ["905", "906"]
    assert plan(other, PAID[0]).undos == ()


def test_a_document_without_transactions_asks_for_nothing() -> None:
    assert plan() == UndoPlan()


days = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@given(
    found=st.lists(
        st.builds(
            Standing,
            transaction=st.builds(
                ExistingTransaction,
                type=st.sampled_from(TransactionType),
                id=st.integers(1, 9).map(str),
                sync_token=st.just("0"),
                txn_date=st.none() | days,
                total=st.integers(1, 3).map(Decimal),
                balance=st.none() | st.integers(0, 3).map(Decimal),
                settled=st.booleans(),
            ),
            ours=st.booleans(),
            amount=st.none() | st.integers(1, 3).map(Decimal),
            paid=st.booleans(),
            stubborn=st.sampled_from(["", "no opposite"]),
        ),
        max_size=4,
    ),
    policy=st.sampled_from(TakenBack),
    decision=st.none() | st.sampled_from(Undoing),
    closed=st.none() | days,
    today=days,
)
def test_whatever_comes_nothing_paid_and_no_closed_day_is_touched(found, policy, decision, closed, today) -> None:
    made = plan(*found, policy=policy, decision=decision, closed=closed, today=today)

    assert not (made.holds and made.undos)
    assert len(made.undos) in {0, len(found)}
    assert bool(made.holds) or len(made.undos) == len(found)
    for undo in made.undos:
        one = undo.transaction
        assert not one.settled
        assert one.balance in {None, one.total}
        touched = one.txn_date if undo.how is Undoing.DELETE else undo.day
        assert closed is None or touched is None or touched > closed


@given(invoice=st.text(min_size=1, max_size=36), transaction=st.integers(1, 10**9).map(str), told=st.text(max_size=300))
def test_a_reversal_is_known_by_its_marker_and_never_taken_for_the_posting(invoice, transaction, told) -> None:
    memo = undo_memo(f"{told} [bw:x/0]", invoice, transaction, latin1_only=True)

    assert find_undo(memo) == (invoice, transaction)
    assert find_marker(memo) is None
    assert len(memo) <= 4000
