"""What Basware is told, and when: the posted numbers within its limits, or the reason somebody there can act on."""

from datetime import UTC, datetime, timedelta

import pytest

from ml_connector.flows.answers import Posted, failure_answer, failure_is_due, success_answer
from ml_connector.model.holds import Cause, Hold
from ml_connector.model.policy import AnswerFailed, PostingPolicy

NOW = datetime(2026, 11, 20, 14, tzinfo=UTC)
IN_BASWARE = Hold(cause=Cause.LINES_DIFFER_FROM_TOTAL, subject="F-1", facts={"difference": "10.00 USD"})
HERE = Hold(cause=Cause.ACCOUNT_NOT_MAPPED, subject="6470", facts={"code": "6470"})


def test_a_posted_bill_is_answered_with_its_id_and_number() -> None:
    answer = success_answer([Posted(type="Bill", id="145", doc_number="F-1")], "Calloway")

    assert (answer.success, answer.voucher_number_1, answer.voucher_number_2) == (True, "145", "F-1")
    assert answer.message == "Bill 145 posted in QuickBooks company Calloway"


def test_several_transactions_are_all_named_as_far_as_there_is_room() -> None:
    parts = [Posted(type="Bill", id=str(number), doc_number=f"F-1/{number}") for number in range(7)]

    answer = success_answer(parts, "")

    assert "Bill 0, Bill 1, Bill 2, Bill 3, Bill 4 …" in answer.message
    assert answer.voucher_number_1 == "0"


def test_an_answer_keeps_to_basware_s_lengths() -> None:
    answer = success_answer([Posted(type="JournalEntry", id="1" * 40, doc_number="2" * 40)], "C" * 400)

    assert (len(answer.message), len(answer.voucher_number_1), len(answer.voucher_number_2)) == (250, 25, 25)
    many = [Hold(cause=Cause.ACCOUNT_NOT_MAPPED, subject=str(code), facts={"code": str(code)}) for code in range(100)]
    assert len(failure_answer(many).message) <= 250


def test_a_failure_names_no_voucher() -> None:
    answer = failure_answer([HERE])

    assert (answer.success, answer.voucher_number_1, answer.voucher_number_2) == (False, "", "")
    assert "6470" in answer.message


@pytest.mark.parametrize(
    ("holds", "days", "due"),
    [
        ([IN_BASWARE], 0, True),
        ([HERE], 0, False),
        ([HERE], 13, False),
        ([HERE], 14, True),
        ([HERE, IN_BASWARE], 0, True),
    ],
)
def test_what_basware_must_fix_goes_back_at_once_and_what_is_fixed_here_after_the_hold_time(
    holds: list[Hold], days: int, due: bool
) -> None:
    assert failure_is_due(holds, PostingPolicy(), NOW - timedelta(days=days), NOW) is due


@pytest.mark.parametrize("choice", list(AnswerFailed))
def test_a_company_may_choose_otherwise(choice: AnswerFailed) -> None:
    policy = PostingPolicy(answer_fixable_in_basware=choice, answer_fixable_here=choice, hold_days=3)

    first = failure_is_due([HERE], policy, NOW, NOW)
    later = failure_is_due([IN_BASWARE], policy, NOW - timedelta(days=3), NOW)

    assert (first, later) == {
        AnswerFailed.AT_ONCE: (True, True),
        AnswerFailed.AFTER_HOLD_TIME: (False, True),
        AnswerFailed.NEVER: (False, False),
    }[choice]
