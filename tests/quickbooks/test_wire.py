"""Bytes: exact amounts both ways, and nothing beyond QuickBooks' limits."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_connector.quickbooks.wire import (
    BatchItem,
    Operation,
    UnreadableError,
    UnsendableError,
    batch_body,
    decode,
    encode,
)


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_an_amount_survives_the_wire_digit_for_digit(amount: Decimal) -> None:
    assert Decimal(decode(encode({"Amount": amount}))["Amount"]) == amount


@given(st.decimals(min_value=Decimal("-1e20"), max_value=Decimal("1e20"), allow_nan=False))
def test_numbers_are_written_without_an_exponent(amount: Decimal) -> None:
    assert b"E" not in encode({"": amount})


@pytest.mark.parametrize("bad", [1.5, Decimal("NaN"), Decimal("Infinity"), Decimal("-Infinity"), b"bytes", object()])
def test_what_is_not_exact_is_never_sent(bad: Any) -> None:
    with pytest.raises(UnsendableError):
        encode({"Line": [{"Amount": bad}]})


def test_a_broken_character_is_never_sent() -> None:
    with pytest.raises(UnsendableError):
        encode({"PrivateNote": "\ud800"})


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'"x"', b"{", b"\xff", b'{"a":NaN}'])
def test_an_answer_that_is_no_object_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableError):
        decode(body)


def item(number: int, b_id: str = "") -> BatchItem:
    return BatchItem(
        b_id=b_id or str(number), operation=Operation.CREATE, entity="Bill", body={"Amount": Decimal("1.10")}
    )


def test_a_batch_is_written_as_intuit_shows_it() -> None:
    assert batch_body([item(1)]) == b'{"BatchItemRequest":[{"bId":"1","operation":"create","Bill":{"Amount":1.10}}]}'


def test_thirty_items_fit_and_thirty_one_do_not() -> None:
    assert len(decode(batch_body([item(n) for n in range(30)]))["BatchItemRequest"]) == 30
    with pytest.raises(UnsendableError, match="30"):
        batch_body([item(n) for n in range(31)])
    with pytest.raises(UnsendableError):
        batch_body([])


@pytest.mark.parametrize("ids", [("1", "1"), ("1", "x" * 11)])
def test_batch_item_ids_differ_and_are_short(ids: tuple[str, str]) -> None:
    with pytest.raises(UnsendableError, match="ids"):
        batch_body([item(0, b_id) for b_id in ids])
