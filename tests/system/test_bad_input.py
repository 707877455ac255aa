"""Whatever arrives from Basware, however broken: each such document gets a clear cause, none is lost, and the rest is posted."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from ml_connector.model.holds import Cause
from ml_connector.model.policy import PostingPolicy
from ml_connector.rules.causes import describe
from ml_connector.store import document_lists, inbox
from ml_connector.store.documents import DocumentRow
from paperwork import invoice, line
from world import Build, World, payable

GOOD = ["GOOD-1", "GOOD-2"]


def _with_good_ones(world: World, document: Mapping[str, Any], text: str = "") -> DocumentRow:
    """Let a bad document arrive between two good ones; the bad one as the product keeps it."""
    world.approve(invoice(GOOD[0]))
    bad = world.approve(dict(document))
    if text:
        world.basware.act("corrupt", invoice_id=bad, text=text.replace("ID", bad))
    world.approve(invoice(GOOD[1]))
    world.settle()
    for number in GOOD:
        world.only_transaction(number)
        assert [answer["success"] for answer in world.answers(number)] == [True]
    assert world.check() == []
    with world.database.read() as tx:
        (row,) = [
            row for row in document_lists.listing(tx, world.connection_id, limit=10) if row.invoice_number not in GOOD
        ]
    return row


def _kept_raw(world: World, row: DocumentRow) -> str:
    with world.database.read() as tx:
        stored = inbox.get(tx, world.connection_id, row.inbox_id)
    assert stored is not None
    return stored.payload


@pytest.mark.parametrize(
    "text",
    [
        '{"invoiceId": "ID", "invoiceNumber": "BAD", "grossSum": 1,,}',
        '{"invoiceId": "ID", "invoiceNumber": "BAD", "codingRows": [{]}',
        '{"invoiceId": "ID", "invoiceNumber": "BAD"',
        "null",
        '"just a text"',
        "[]",
        "{}",
    ],
)
def test_a_document_that_is_no_document_is_kept_whole_and_held(world: World, text: str) -> None:
    row = _with_good_ones(world, invoice("BAD"), text)

    assert [hold.cause for hold in row.holds] == [Cause.UNREADABLE_DOCUMENT]
    assert describe(row.holds[0]).what_to_do
    assert _kept_raw(world, row)


@pytest.mark.parametrize(
    ("missing", "cause"),
    [
        (["supplierCode"], Cause.UNREADABLE_DOCUMENT),
        (["currencyCode"], Cause.UNREADABLE_DOCUMENT),
        (["companyCode"], Cause.UNREADABLE_DOCUMENT),
        (["invoiceNumber"], Cause.MISSING_INVOICE_NUMBER),
        (["grossSum", "netSum"], Cause.MISSING_AMOUNT),
        (["invoiceDate", "voucherDate"], Cause.MISSING_DATE),
        (["codingRows"], Cause.NO_CODING_ROWS),
    ],
)
def test_a_missing_field_is_named_in_the_cause(world: World, missing: list[str], cause: Cause) -> None:
    document = invoice("BAD")
    left = {name: value for name, value in document.items() if name not in missing}

    row = _with_good_ones(world, document, _json(left))

    assert cause in {hold.cause for hold in row.holds}
    assert world.posted(document["invoiceId"]) == []


def test_enum_values_nobody_knows_are_no_reason_to_hold(world: World) -> None:
    world.basware.switches.unknown_enum_values = True
    row = _with_good_ones(world, invoice("ODD", changes={"invoiceTypeCode": "SOMETHING-NEW", "originService": 99}))

    assert row.state.value == "confirmed"
    world.only_transaction("ODD")


@pytest.mark.parametrize("amount", ['"100.00"', '"one hundred"', "1e999", "true", "[]", "NaN"])
def test_an_amount_that_is_no_number_is_never_guessed(world: World, amount: str) -> None:
    document = invoice("BAD")
    text = _json(document | {"grossSum": -987654}).replace("-987654", amount)

    row = _with_good_ones(world, document, text)

    assert row.state.value in {"held", "returned"}
    assert row.holds
    assert world.posted(document["invoiceId"]) == []


def test_a_total_with_more_decimals_than_money_has_is_held(world: World) -> None:
    row = _with_good_ones(world, invoice("BAD", changes={"grossSum": Decimal("100.005")}))

    assert Cause.AMOUNT_PRECISION in {hold.cause for hold in row.holds}
    assert world.posted("BAD") == []


def test_a_document_of_six_megabytes_is_posted_with_its_long_texts_cut_visibly(world: World) -> None:
    document = invoice("BIG")
    row = _with_good_ones(world, document, _json(document | {"description": "x" * 6_000_000}))

    assert row.state.value == "confirmed"
    assert len(world.only_transaction("BIG")[1]["PrivateNote"]) <= 4000
    assert len(_kept_raw(world, row)) > 6_000_000


def test_a_document_of_five_thousand_rows_becomes_one_bill_with_every_row(world: World) -> None:
    rows = [line("1.25", text=f"Row {number}") for number in range(5000)]

    row = _with_good_ones(world, invoice("LONG", *rows))

    assert row.state.value == "confirmed"
    kind, bill = world.only_transaction("LONG")
    assert (len(bill["Line"]), payable(kind, bill)) == (5000, Decimal("6250.00"))


def test_a_document_of_another_company_is_held(build: Build) -> None:
    """Basware filters by company; should one slip through all the same, it is not posted to the wrong books."""
    world = build(policy=PostingPolicy(company_codes=("US10",)))
    document = invoice("BAD")

    row = _with_good_ones(world, document, _json(document | {"companyCode": "US99"}))

    assert Cause.WRONG_COMPANY in {hold.cause for hold in row.holds}


def _json(document: Mapping[str, Any]) -> str:
    return msgspec.json.Encoder(decimal_format="number").encode(document).decode()
