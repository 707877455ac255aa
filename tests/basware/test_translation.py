"""Documents as Basware writes them become ours, or say everything that is wrong with them."""

import contextlib
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml_connector.basware.translation import UnreadableDocument, answered_codes, content_hash, read_document

REQUIRED: dict[str, Any] = {
    "invoiceId": "5f0c1d6b9a7e4c4f8b21d3e07a64f912",
    "companyCode": "US10",
    "supplierCode": "V-00417",
    "currencyCode": "USD",
    "processingStatus": "WaitingForTransfer",
    "paymentBlock": False,
}
ROW: dict[str, Any] = {
    "externalCode": "a1",
    "rowIndex": 1,
    "accountCode": "6150",
    "accountName": "Office supplies",
    "costCenterCode": "CC200",
    "projectCode": "",
    "dimCode1": "CLS-EAST",
    "dimName1": "East",
    "vehicleNumber": "TRUCK 7",
    "text1": "x",
    "netTotal": 600.0,
    "taxSum": 48.0,
    "taxSum2": 0.5,
    "taxPercent": 8.0,
    "grossTotal": 648.0,
    "orderNumber": "PO-1",
    "orderLineNumber": "2",
    "orderLineDescription": "Copy paper A4",
    "matchingType": 0,
}
FULL: dict[str, Any] = {
    **REQUIRED,
    "invoiceNumber": "NW-20260418",
    "invoiceDate": "2026-04-18T00:00:00",
    "voucherDate": "2026-04-30T00:00:00+02:00",
    "dueDate": "2026-05-18",
    "supplierName": "Northwind Paper LLC",
    "supplierSourceSystemId": "QBO",
    "currencyCodeCompany": "USD",
    "exchangeRateCompany": 1.0,
    "netSum": 600.0,
    "taxSum1": 48.0,
    "taxSum2": 0.0,
    "grossSum": 648.0,
    "invoiceTypeCode": "PO",
    "description": "Copy paper",
    "referenceNumber": "880012345",
    "paymentTermCode": "NET30",
    "orderNumbers": ["PO-1", ""],
    "lastUpdated": "2026-04-20T07:41:12.303Z",
    "codingRows": [ROW],
    "attachments": [{"externalCode": "f1", "category": "ORIGINALIMAGE", "filename": "a.pdf", "isConfidential": False}],
    "transferResponses": [{"externalCode": "r1", "success": False}],
}


def raw(tree: Any) -> bytes:
    return json.dumps(tree).encode()


def problems(tree: Any) -> tuple[str, ...]:
    with pytest.raises(UnreadableDocument) as caught:
        read_document(tree if isinstance(tree, bytes) else raw(tree))
    return caught.value.problems


def test_a_full_document_is_read() -> None:
    document = read_document(raw(FULL))
    assert document.invoice_number == "NW-20260418"
    assert (document.invoice_date, document.voucher_date, document.due_date) == (
        date(2026, 4, 18),
        date(2026, 4, 30),
        date(2026, 5, 18),
    )
    assert document.last_updated == datetime(2026, 4, 20, 7, 41, 12, 303000, tzinfo=UTC)
    assert (document.net_sum, document.tax_sum, document.gross_sum) == (Decimal(600), Decimal(48), Decimal(648))
    assert document.order_numbers == ("PO-1",)
    assert document.transfer_responses == ("r1",)
    assert document.attachments[0].external_code == "f1"
    (row,) = document.rows
    assert (row.net, row.tax, row.tax_excluded, row.gross, row.tax_percent) == (
        Decimal(600),
        Decimal(48),
        Decimal("0.5"),
        Decimal(648),
        Decimal(8),
    )
    assert row.codes == {
        "accountCode": "6150",
        "costCenterCode": "CC200",
        "dimCode1": "CLS-EAST",
        "vehicleNumber": "TRUCK 7",
        "text1": "x",
    }
    assert row.names == {"accountName": "Office supplies", "dimName1": "East"}
    assert (row.order_number, row.order_line_number, row.description) == ("PO-1", "2", "Copy paper A4")


def test_what_basware_leaves_out_stays_unknown() -> None:
    document = read_document(
        raw({**REQUIRED, "netSum": None, "invoiceDate": None, "dueDate": "", "voucherDate": "0001-01-01T00:00:00"})
    )
    assert (document.net_sum, document.gross_sum, document.invoice_date, document.due_date, document.voucher_date) == (
        None,
    ) * 5
    assert document.rows == ()


def test_new_fields_and_new_enum_values_break_nothing() -> None:
    document = read_document(
        raw({**FULL, "processingStatus": "WaitingForSomethingNew", "newField": {"deep": [1]}, "originService": "x"})
    )
    assert document.processing_status == "WaitingForSomethingNew"


@settings(max_examples=300)
@given(st.decimals(min_value=-(10**17), max_value=10**17, allow_nan=False, allow_infinity=False, places=4))
def test_amounts_are_exact_however_many_digits_they_have(amount: Decimal) -> None:
    body = raw(REQUIRED)[:-1] + f', "grossSum": {amount:f}}}'.encode()
    assert read_document(body).gross_sum == amount


def test_an_amount_no_float_can_hold_is_exact() -> None:
    body = raw(REQUIRED)[:-1] + b', "grossSum": 99999999999999999999.99}'
    assert read_document(body).gross_sum == Decimal("99999999999999999999.99")


def test_a_document_with_5000_rows_is_read_whole() -> None:
    rows = [{**ROW, "rowIndex": index, "netTotal": 0.01} for index in range(1, 5001)]
    document = read_document(raw({**FULL, "codingRows": rows}))
    assert sum((row.net for row in document.rows if row.net), Decimal(0)) == Decimal("50.00")


def test_a_document_of_six_megabytes_is_read() -> None:
    assert read_document(raw({**FULL, "description": "y" * 6_000_000})).description == "y" * 6_000_000


def test_rows_without_a_number_of_their_own_are_numbered_after_the_others() -> None:
    rows = [{"rowIndex": 4}, {}, {"rowIndex": 4}, {"rowIndex": 1}, {"rowIndex": 2.0}, {"rowIndex": None}]
    assert [row.row_index for row in read_document(raw({**REQUIRED, "codingRows": rows})).rows] == [4, 5, 6, 1, 2, 7]


def test_a_nul_character_does_not_reach_a_database() -> None:
    assert read_document(raw({**REQUIRED, "supplierName": "A\0B"})).supplier_name == "A B"


@pytest.mark.parametrize("name", sorted(REQUIRED))
@pytest.mark.parametrize("missing", ["absent", "null"])
def test_a_missing_required_field_is_named(name: str, missing: str) -> None:
    tree = {key: value for key, value in FULL.items() if key != name} if missing == "absent" else {**FULL, name: None}
    (problem,) = problems(tree)
    assert problem.startswith(f"{name}: nothing was found, ")


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"grossSum": "648.00"}, 'grossSum: the text "648.00" was found, a number was expected'),
        ({"netSum": True}, "netSum: true was found, a number was expected"),
        ({"exchangeRateCompany": [1]}, "exchangeRateCompany: a list was found, a number was expected"),
        (
            {"invoiceDate": "18.04.2026"},
            'invoiceDate: the text "18.04.2026" was found, a date such as 2026-04-18T00:00:00 was expected',
        ),
        ({"dueDate": "2026-02-30T00:00:00"}, 'dueDate: the text "2026-02-30T00:00:00" was found, a date such as'),
        ({"voucherDate": 20260430}, "voucherDate: the number 20260430 was found, a text was expected"),
        ({"codingRows": {"0": {}}}, "codingRows: an object was found, a list was expected"),
        ({"codingRows": [ROW, 7]}, "codingRows 2: the number 7 was found, an object was expected"),
        (
            {"codingRows": [ROW, {**ROW, "netTotal": "1,00"}]},
            'codingRows 2: netTotal: the text "1,00" was found, a number',
        ),
        (
            {"codingRows": [{**ROW, "accountCode": 6150}]},
            "codingRows 1: accountCode: the number 6150 was found, a text",
        ),
        (
            {"codingRows": [{**ROW, "rowIndex": 1.5}]},
            "codingRows 1: rowIndex: the number 1.5 was found, a whole number",
        ),
        (
            {"invoiceId": "x" * 37},
            "invoiceId: a text of 37 characters was found, a text of 1 to 36 characters was expected",
        ),
        ({"supplierCode": " "}, "supplierCode: an empty text was found, a text was expected"),
        ({"paymentBlock": "false"}, 'paymentBlock: the text "false" was found, true or false was expected'),
        ({"orderNumbers": [1]}, "orderNumbers 1: the number 1 was found, a text was expected"),
        ({"lastUpdated": "yesterday"}, 'lastUpdated: the text "yesterday" was found, a time such as'),
    ],
)
def test_a_bad_value_is_named_with_what_was_expected(fields: dict[str, Any], problem: str) -> None:
    (found,) = problems({**FULL, **fields})
    assert found.startswith(problem)


def test_all_problems_are_named_at_once_with_the_documents_id() -> None:
    with pytest.raises(UnreadableDocument) as caught:
        read_document(raw({"invoiceId": "i-1", "grossSum": "1", "codingRows": [{"netTotal": "2"}]}))
    assert caught.value.invoice_id == "i-1"
    assert len(caught.value.problems) == 7


def test_thousands_of_problems_are_counted_rather_than_listed() -> None:
    found = problems({**FULL, "codingRows": [{"netTotal": "1"}] * 5000})
    assert (len(found), found[-1]) == (51, "and 4950 more problems of these kinds")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'"x"', b"[" * 9000, b'{"netSum": NaN}', b"{} {}"]
)
def test_what_is_no_json_object_is_said_to_be_none(body: bytes) -> None:
    (problem,) = problems(body)
    assert problem.startswith("the document")


@pytest.mark.parametrize("number", ["1e400", "1e9999999999999999999999", "9" * 5000, "0." + "1" * 60])
def test_a_number_beyond_all_reason_is_a_problem_and_not_a_crash(number: str) -> None:
    assert len(problems(raw(REQUIRED)[:-1] + f', "grossSum": {number}}}'.encode())) == 1


_LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5)
)
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(_VALUES, st.sampled_from(sorted(FULL)))
def test_whatever_stands_in_a_field_is_read_or_named(value: Any, name: str) -> None:
    with contextlib.suppress(UnreadableDocument):
        read_document(raw({**FULL, name: value}))
        return
    found = problems({**FULL, name: value})
    assert found
    assert all(name in problem for problem in found)


def test_answers_basware_holds_are_found_even_in_a_broken_document() -> None:
    tree = {"grossSum": "x", "transferResponses": [{"externalCode": "r1"}, {"externalCode": "r2"}, {}]}
    assert answered_codes(raw(tree)) == {"r1", "r2"}
    assert answered_codes(raw(REQUIRED)) == frozenset()
    with pytest.raises(UnreadableDocument):
        answered_codes(b"{")


def test_only_the_status_changing_leaves_the_hash_alone() -> None:
    changed = {
        **FULL,
        "processingStatus": "TransferFailed",
        "lastUpdated": "2027-01-01T00:00:00Z",
        "transferResponses": [],
        "paymentResponses": [{"externalCode": "p"}],
        "invoiceImageURL": "https://p2p.example.test/other",
        "invoiceImageToken": "t2",
        "voucherNumber1": "1734",
        "voucherNumber2": "NW",
        "attachments": [],
        "transferParameters": [{"key": "InvoiceBatchId", "value": "2"}],
        "netSumCompany": None,
        "newField": 1,
    }
    assert content_hash(raw(changed)) == content_hash(raw(FULL)) == read_document(raw(FULL)).content_hash


@pytest.mark.parametrize(
    "fields",
    [
        {"grossSum": 648.01},
        {"grossSum": None},
        {"supplierCode": "V-2"},
        {"invoiceNumber": "NW-2"},
        {"invoiceDate": "2026-04-19T00:00:00"},
        {"voucherDate": "2026-05-01T00:00:00"},
        {"dueDate": None},
        {"currencyCode": "EUR"},
        {"paymentBlock": True},
        {"paymentTermCode": "NET60"},
        {"orderNumbers": ["PO-2"]},
        {"description": "other"},
        {"codingRows": []},
        {"codingRows": [ROW, ROW]},
        {"codingRows": [{**ROW, "costCenterCode": "CC300"}]},
        {"codingRows": [{**ROW, "netTotal": 600.01}]},
        {"codingRows": [{**ROW, "taxSum": 48.01}]},
        {"codingRows": [{**ROW, "matchedQuantity": 4.5}]},
        {"codingRows": [{**ROW, "num3": 4}]},
        {"codingRows": [{**ROW, "dimCode1": ""}]},
    ],
)
def test_whatever_is_posted_changes_the_hash(fields: dict[str, Any]) -> None:
    assert content_hash(raw({**FULL, **fields})) != content_hash(raw(FULL))


def test_what_a_piece_costs_changes_no_hash_since_the_amount_is_what_counts() -> None:
    priced = {**ROW, "orderedNetPrice": 12.5, "receivedNetPrice": 11}
    assert content_hash(raw({**FULL, "codingRows": [priced]})) == content_hash(raw(FULL))


def test_a_row_keeps_its_pieces_and_their_prices_exactly() -> None:
    priced = {**ROW, "matchedQuantity": 0.1, "allocatedQuantity": None, "num2": 7, "orderedNetPrice": 12.3456}
    (row,) = read_document(raw({**FULL, "codingRows": [priced]})).rows
    assert row.quantities["matchedQuantity"] == Decimal("0.1")
    assert row.quantities["num2"] == 7
    assert "allocatedQuantity" not in row.quantities
    assert row.prices == {"orderedNetPrice": Decimal("12.3456")}


def respelled(value: Any, shuffle: Any) -> str:
    """The same JSON with keys in another order and whole numbers written in another way."""
    if isinstance(value, dict):
        items = list(value.items())
        shuffle(items)
        return "{" + ", ".join(f"{json.dumps(key)} : {respelled(part, shuffle)}" for key, part in items) + "}"
    if isinstance(value, list):
        return "[" + ",".join(respelled(part, shuffle) for part in value) + "]"
    if isinstance(value, float):
        return f"{Decimal(repr(value)):.3f}"
    return json.dumps(value, ensure_ascii=False)


@settings(max_examples=100)
@given(st.randoms(use_true_random=False), st.booleans(), st.booleans())
def test_the_hash_ignores_how_the_json_is_written(random: Any, nulls: bool, reverse: bool) -> None:
    rows = [ROW, {**ROW, "rowIndex": 2, "netTotal": 1.5}, {**ROW, "rowIndex": 3, "costCenterCode": "Ö"}]
    tree = {**FULL, "codingRows": rows}
    other = {
        **tree,
        "codingRows": rows[::-1] if reverse else rows,
        **({"contractNumber": None, "taxCode": None} if nulls else {}),
    }
    assert content_hash(respelled(other, random.shuffle).encode()) == content_hash(raw(tree))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-10**9, max_value=10**9),
       st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-10**9, max_value=10**9))  # fmt: skip
def test_two_totals_give_the_same_hash_only_when_they_are_equal(one: Decimal, other: Decimal) -> None:
    def hash_of(amount: Decimal) -> str:
        return content_hash(raw(REQUIRED)[:-1] + f', "grossSum": {amount}}}'.encode())

    assert (hash_of(one) == hash_of(other)) == (one == other)
    assert hash_of(one) == hash_of(one + Decimal("0.000000"))
