"""Accruals: numbers that are always the same and never shared, and the date of a reversal."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_connector.model.policy import AccrualReversal
from ml_connector.rules.accrual import accrual_number, accrual_reversal_day
from ml_connector.rules.marker import accrual_memo, find_accrual, find_marker, find_undo, undo_memo

DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@given(
    how=st.sampled_from(AccrualReversal), accrued=DAYS, invoiced=st.none() | DAYS, close=st.none() | DAYS, today=DAYS
)
def test_a_reversal_is_never_dated_in_closed_books(
    how: AccrualReversal, accrued: date, invoiced: date | None, close: date | None, today: date
) -> None:
    day = accrual_reversal_day(how, accrued=accrued, invoiced=invoiced, close_date=close, today=today)
    if day is None:
        assert close is not None
        assert today <= close
    else:
        assert close is None or day > close
        assert day in {accrued, invoiced, today}


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        (AccrualReversal.WITH_INVOICE, date(2026, 11, 9)),
        (AccrualReversal.WITH_ACCRUAL, date(2026, 11, 2)),
        (AccrualReversal.TODAY, date(2026, 11, 20)),
    ],
)
def test_the_policy_chooses_the_date_of_a_reversal(how: AccrualReversal, expected: date) -> None:
    days = {"accrued": date(2026, 11, 2), "invoiced": date(2026, 11, 9), "today": date(2026, 11, 20)}
    assert accrual_reversal_day(how, close_date=None, **days) == expected


@given(invoice_id=st.text(min_size=1, max_size=36), number=st.integers(1, 999), told=st.text(max_size=80))
def test_the_mark_of_an_accrual_is_read_back_and_never_taken_for_a_posting(
    invoice_id: str, number: int, told: str
) -> None:
    memo = accrual_memo(told, invoice_id, number, latin1_only=True)
    assert find_accrual(memo) == (invoice_id, number)
    assert (find_marker(memo), find_undo(memo)) == (None, None)
    assert find_accrual(undo_memo(memo, invoice_id, "7", latin1_only=True)) is None


def test_numbers_of_accruals_fit_begin_like_the_invoice_and_are_each_their_own(office) -> None:
    document = office.invoice()
    numbers = {accrual_number(document, number, latin1_only=True) for number in range(1, 50)}
    assert len(numbers) == 49
    assert all(len(one) <= 21 and one.startswith("ACR-") for one in numbers)
    assert accrual_number(document, 1, latin1_only=True) in numbers
