"""The proof at the end of the demo must be able to fail: each way in which the two systems' books can disagree is noticed."""

import copy
from typing import Any

import pytest

from ml_connector.demonstration.tie_out import tie_out

Books = dict[str, Any]


def _document(number: str, amount: str, *, status: str = "Transferred", voucher: str = "") -> Books:
    answers = [{"externalCode": f"E-{number}", "success": True, "voucherNumber1": voucher}] if voucher else []
    return {
        "invoiceId": f"id-{number}", "invoiceNumber": number, "currencyCode": "USD", "grossSum": amount,
        "processingStatus": status, "transferResponses": answers,
    }  # fmt: skip


def _memo(number: str) -> str:
    return f"Basware invoice {number} [bw:id-{number}/0]"


@pytest.fixture
def basware() -> list[Books]:
    """A bill, a credit note, a journal entry, and an invoice that is held."""
    return [
        _document("A-1", "100.00", voucher="11"),
        _document("A-2", "-40.00", voucher="12"),
        _document("A-3", "70.00", voucher="13"),
        _document("A-4", "5.00", status="TransferInProgress"),
    ]


@pytest.fixture
def quickbooks() -> Books:
    """What belongs to them in QuickBooks, and a bill that somebody entered by hand."""
    vendor = {"PostingType": "Credit", "Entity": {"Type": "Vendor"}}
    return {
        "Bill": [
            {"Id": "11", "TotalAmt": "100.00", "PrivateNote": _memo("A-1")},
            {"Id": "10", "TotalAmt": "999.00", "PrivateNote": "typed in"},
        ],
        "VendorCredit": [{"Id": "12", "TotalAmt": "40.00", "PrivateNote": _memo("A-2")}],
        "JournalEntry": [
            {
                "Id": "13",
                "PrivateNote": _memo("A-3"),
                "Line": [
                    {"Amount": "70.00", "JournalEntryLineDetail": {"PostingType": "Debit"}},
                    {"Amount": "70.00", "JournalEntryLineDetail": vendor},
                ],
            }
        ],
    }


def test_books_that_agree_tie(basware: list[Books], quickbooks: Books) -> None:
    proof = tie_out(basware, quickbooks, "USD")

    assert proof.holds
    (tie,) = proof.ties
    assert (tie.received, tie.posted, tie.in_quickbooks, tie.held) == (4, 3, 3, 1)
    assert (str(tie.received_amount), str(tie.in_quickbooks_amount), str(tie.held_amount)) == (
        "135.00",
        "130.00",
        "5.00",
    )


def test_a_cent_of_difference_is_named(basware: list[Books], quickbooks: Books) -> None:
    quickbooks["Bill"][0]["TotalAmt"] = "100.01"

    assert "A-1: 100.00 in Basware, 100.01 in QuickBooks" in tie_out(basware, quickbooks, "USD").problems


def test_differences_that_cancel_each_other_out_are_both_named(basware: list[Books], quickbooks: Books) -> None:
    quickbooks["Bill"][0]["TotalAmt"] = "101.00"
    quickbooks["VendorCredit"][0]["TotalAmt"] = "41.00"

    problems = tie_out(basware, quickbooks, "USD").problems

    assert [problem.split(":")[0] for problem in problems] == ["A-1", "A-2"]


def test_a_document_posted_twice_is_noticed(basware: list[Books], quickbooks: Books) -> None:
    quickbooks["Bill"].append(copy.deepcopy(quickbooks["Bill"][0]) | {"Id": "19"})

    assert any("A-1" in problem for problem in tie_out(basware, quickbooks, "USD").problems)


def test_a_document_that_basware_believes_posted_must_be_in_quickbooks(basware: list[Books], quickbooks: Books) -> None:
    quickbooks["Bill"].clear()

    assert "A-1 is transferred, but QuickBooks has nothing for it" in tie_out(basware, quickbooks, "USD").problems


def test_a_held_document_must_not_be_in_quickbooks(basware: list[Books], quickbooks: Books) -> None:
    quickbooks["Bill"].append({"Id": "14", "TotalAmt": "5.00", "PrivateNote": _memo("A-4")})

    assert any(one.startswith("A-4 is held, but") for one in tie_out(basware, quickbooks, "USD").problems)


def test_a_transaction_for_an_invoice_nobody_sent_is_noticed(basware: list[Books], quickbooks: Books) -> None:
    quickbooks["Bill"].append({"Id": "15", "TotalAmt": "0.00", "PrivateNote": _memo("A-9")})

    assert any("id-A-9" in one for one in tie_out(basware, quickbooks, "USD").problems)


@pytest.mark.parametrize("times", [0, 2])
def test_each_posted_document_is_answered_exactly_once(basware: list[Books], quickbooks: Books, times: int) -> None:
    basware[0]["transferResponses"] *= times

    assert tie_out(basware, quickbooks, "USD").problems == ("A-1 was not answered exactly once with its QuickBooks id",)


def test_an_answer_with_another_transactions_id_is_noticed(basware: list[Books], quickbooks: Books) -> None:
    basware[0]["transferResponses"][0]["voucherNumber1"] = "12"

    assert not tie_out(basware, quickbooks, "USD").holds
