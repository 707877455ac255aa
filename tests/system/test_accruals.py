"""Prebooked invoices: their cost stands in the books once from the prebooking on, and never twice, whatever becomes of the invoice.

Each scene ends by comparing QuickBooks' own books with Basware's: what an account holds is what Basware's invoices say.
"""

import dataclasses
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from abroad import british_seeds, with_vat
from ledgers import ACCRUED, Ledger, accruing_world, with_policy
from ml_connector.model.holds import Cause
from ml_connector.model.policy import AccrualReversal, Prebook
from ml_connector.store.database import Database
from ml_connector.work import decisions
from ml_connector.work.settings import SettingsError, settings_from
from paperwork import CORVID, line
from twins.demo_company import basware_seed, quickbooks_seed
from twins.faults import FaultKind, FaultRule

SUPPLIES, PRINTING, PAYABLE = "55", "56", "33"
"""QuickBooks ids of accounts of the demo company."""


@pytest.fixture
def ledger(database: Database) -> Iterator[Ledger]:
    made = Ledger(accruing_world(database))
    yield made
    assert made.world.check() == []


def test_the_cost_of_a_prebooked_invoice_stands_in_the_books_and_basware_is_told_where(ledger: Ledger) -> None:
    ledger.prebook("A-1", line("60.00"), line("40.00", "BOS", account="6120", practice="AUDIT"))
    ledger.run()

    (entry,) = ledger.entries()
    assert ledger.sides(entry) == [("Debit", SUPPLIES, 60), ("Debit", PRINTING, 40), ("Credit", ACCRUED, 100)]
    assert ledger.dimensions(entry) == [("New York", "Firm Operations"), ("Boston", "Audit and Assurance"), ("", "")]
    assert (ledger.balance(SUPPLIES), ledger.balance(ACCRUED), ledger.balance(PAYABLE)) == (60, -100, 0)
    document = ledger.world.in_basware("A-1")
    (answer,) = document["prebookResponses"]
    assert (answer["success"], answer["voucherNumber1"], answer["voucherNumber2"]) == (
        True, entry["Id"], entry["DocNumber"],
    )  # fmt: skip
    assert document["processingStatus"] == "Prebooked"
    assert ledger.world.transactions() == []


def test_prebooked_changed_approved_and_posted_the_cost_is_never_in_the_books_twice(ledger: Ledger) -> None:
    ledger.prebook("A-1")
    ledger.run()
    assert (ledger.balance(SUPPLIES), ledger.balance(ACCRUED)) == (100, -100)

    ledger.prebook_again("A-1", "120.00")
    ledger.run()
    assert (ledger.balance(SUPPLIES), ledger.balance(ACCRUED)) == (120, -120)

    ledger.release("A-1", "130.00")
    ledger.run()
    assert (ledger.balance(SUPPLIES), ledger.balance(ACCRUED), ledger.balance(PAYABLE)) == (130, 0, -130)
    assert ledger.world.in_basware("A-1")["grossSum"] == Decimal("130.00")
    assert (len(ledger.entries()), len(ledger.reversals()), len(ledger.world.posted("A-1"))) == (2, 2, 1)
    assert [row.state for row in ledger.kept("A-1")] == ["reversed", "reversed"]
    ledger.run()
    assert (len(ledger.entries()), len(ledger.reversals())) == (2, 2)


@pytest.mark.parametrize("request_", ["cancel prebook", "remove", "return"])
def test_a_prebooking_that_is_taken_back_leaves_nothing_in_the_books(ledger: Ledger, request_: str) -> None:
    invoice_id = ledger.prebook("A-1")
    ledger.run()
    ledger.world.clock.advance(60)
    ledger.world.basware.act("ask", invoice_id=invoice_id, request=request_)
    ledger.run()
    ledger.world.basware.act("settle", invoice_id=invoice_id)
    ledger.run()

    assert (ledger.balance(SUPPLIES), ledger.balance(ACCRUED)) == (0, 0)
    assert (len(ledger.entries()), len(ledger.reversals())) == (1, 1)
    assert "Basware asks" in ledger.kept("A-1")[0].ending


def test_a_cancellation_that_basware_withdraws_before_anything_was_reversed_changes_nothing(ledger: Ledger) -> None:
    invoice_id = ledger.prebook("A-1")
    ledger.run()
    ledger.world.basware.act("ask", invoice_id=invoice_id, request="cancel prebook")
    down = ledger.world.quickbooks_faults.add(FaultRule(kind=FaultKind.STATUS, status=503, times=None))
    ledger.world.clock.advance(16 * 60)
    with pytest.raises(Exception, match="QuickBooks"):
        ledger.world.run()
    ledger.world.quickbooks_faults.remove(down)
    ledger.world.basware.act("move", invoice_id=invoice_id, status="Prebooked")
    ledger.run()

    assert (ledger.balance(SUPPLIES), ledger.balance(ACCRUED)) == (100, -100)
    ledger.release("A-1")
    ledger.run()
    assert (ledger.balance(SUPPLIES), ledger.balance(ACCRUED), ledger.balance(PAYABLE)) == (100, 0, -100)


def test_a_cancelled_invoice_that_is_prebooked_again_is_accrued_again(ledger: Ledger) -> None:
    invoice_id = ledger.prebook("A-1")
    ledger.run()
    ledger.world.basware.act("ask", invoice_id=invoice_id, request="cancel prebook")
    ledger.run()
    ledger.prebook_again("A-1", "100.00")
    ledger.run()

    assert (ledger.balance(SUPPLIES), ledger.balance(ACCRUED)) == (100, -100)
    assert [row.state for row in ledger.kept("A-1")] == ["reversed", "standing"]


def test_a_prebooking_that_comes_again_unchanged_is_answered_again_and_accrued_once(ledger: Ledger) -> None:
    ledger.prebook("A-1")
    ledger.run()
    ledger.prebook_again("A-1", "100.00")
    ledger.run()

    assert (len(ledger.entries()), len(ledger.reversals())) == (1, 0)
    assert len({one["externalCode"] for one in ledger.world.in_basware("A-1")["prebookResponses"]}) == 2


def test_a_credit_note_is_accrued_the_other_way_round(ledger: Ledger) -> None:
    ledger.prebook("A-1", line("-100.00"))
    ledger.run()
    assert (ledger.balance(SUPPLIES), ledger.balance(ACCRUED)) == (-100, 100)


def test_without_an_account_the_accrual_is_held_with_a_way_out_and_posted_once_it_is_set(ledger: Ledger) -> None:
    with_policy(ledger.world, accrual_account_id="")
    ledger.prebook("A-1")
    ledger.run()

    (row,) = ledger.kept("A-1")
    assert (row.state, [hold.cause for hold in row.holds]) == ("held", [Cause.ACCRUAL_ACCOUNT_MISSING])
    assert (ledger.entries(), ledger.world.in_basware("A-1")["prebookResponses"]) == ([], [])

    with_policy(ledger.world, accrual_account_id=ACCRUED)
    ledger.run()
    assert ledger.balance(ACCRUED) == -100
    assert len(ledger.world.in_basware("A-1")["prebookResponses"]) == 1


def test_a_held_accrual_is_dropped_when_its_invoice_is_posted(ledger: Ledger) -> None:
    with_policy(ledger.world, accrual_account_id="")
    ledger.prebook("A-1")
    ledger.run()
    ledger.world.basware.act(
        "move", invoice_id=ledger.world.in_basware("A-1")["invoiceId"], status="WaitingForTransfer"
    )
    ledger.run()
    with_policy(ledger.world, accrual_account_id=ACCRUED)
    ledger.run()

    assert (ledger.balance(SUPPLIES), ledger.balance(ACCRUED), ledger.balance(PAYABLE)) == (100, 0, -100)
    assert (ledger.entries(), [row.state for row in ledger.kept("A-1")]) == ([], ["dropped"])


def test_what_basware_has_to_correct_is_told_to_it_and_accrued_when_it_comes_again(ledger: Ledger) -> None:
    ledger.prebook("A-1", line("100.00"), grossSum=Decimal("150.00"), netSum=Decimal("150.00"))
    ledger.run()
    document = ledger.world.in_basware("A-1")
    assert [one["success"] for one in document["prebookResponses"]] == [False]
    assert (document["processingStatus"], ledger.entries()) == ("PrebookFailed", [])

    ledger.prebook_again("A-1", "100.00")
    ledger.run()
    assert (ledger.balance(SUPPLIES), ledger.balance(ACCRUED)) == (100, -100)


@pytest.mark.parametrize(
    ("how", "day"),
    [
        (AccrualReversal.WITH_INVOICE, "2026-11-12"),
        (AccrualReversal.WITH_ACCRUAL, "2026-11-05"),
        (AccrualReversal.TODAY, "2026-11-20"),
    ],
)
def test_the_reversal_carries_the_date_the_policy_wants(ledger: Ledger, how: AccrualReversal, day: str) -> None:
    with_policy(ledger.world, accrual_reversal=how)
    ledger.prebook("A-1")
    ledger.run()
    ledger.release("A-1", voucherDate="2026-11-12T00:00:00Z")
    ledger.run()

    (reversal,) = ledger.reversals()
    assert reversal["TxnDate"] == day


def test_a_reversal_in_closed_books_is_dated_today_and_held_while_today_is_closed_too(ledger: Ledger) -> None:
    ledger.prebook("A-1")
    ledger.run()
    ledger.world.act("close_books", date="2026-12-31")
    ledger.world.basware.act("ask", invoice_id=ledger.world.in_basware("A-1")["invoiceId"], request="cancel prebook")
    ledger.run()
    (row,) = ledger.kept("A-1")
    assert ([hold.cause for hold in row.holds], ledger.reversals()) == ([Cause.PERIOD_CLOSED], [])

    ledger.world.act("close_books", date="2026-11-10")
    ledger.run()
    (reversal,) = ledger.reversals()
    assert (reversal["TxnDate"], ledger.balance(ACCRUED)) == ("2026-11-20", 0)


def test_an_accrual_that_somebody_changed_is_reversed_as_it_stands_and_one_that_is_gone_not_at_all(
    ledger: Ledger,
) -> None:
    ledger.prebook("A-1")
    ledger.prebook("A-2")
    ledger.run()
    first, second = sorted(ledger.entries(), key=lambda one: str(one["DocNumber"]))
    ledger.world.act("delete", entity="JournalEntry", id=second["Id"])
    ledger.release("A-1")
    ledger.release("A-2")
    ledger.run()

    assert [find["DocNumber"] for find in ledger.reversals()] == [f"REV-{first['Id']}"]
    assert (ledger.balance(SUPPLIES), ledger.balance(ACCRUED)) == (200, 0)
    assert [row.state for row in ledger.kept("A-2")] == ["gone"]


def test_an_invoice_a_person_handles_elsewhere_ends_its_accrual(ledger: Ledger) -> None:
    ledger.prebook("A-1")
    ledger.run()
    ledger.release("A-1", supplierCode="NOBODY", supplierName="Nobody")
    ledger.run()
    assert (ledger.world.state("A-1"), ledger.balance(ACCRUED)) == ("held", -100)
    decisions.ignore(ledger.world.desk(), ledger.world.row("A-1"), reason="entered by hand", actor="Ann")
    ledger.run()
    assert ledger.balance(ACCRUED) == 0


def test_a_standing_accrual_ends_although_the_policy_no_longer_accrues(ledger: Ledger) -> None:
    ledger.prebook("A-1")
    ledger.run()
    with_policy(ledger.world, prebook=Prebook.LEAVE)
    ledger.release("A-1")
    ledger.run()
    assert (ledger.balance(SUPPLIES), ledger.balance(ACCRUED), ledger.balance(PAYABLE)) == (100, 0, -100)


def test_an_invoice_that_is_in_the_books_is_not_accrued_as_well(ledger: Ledger) -> None:
    ledger.prebook("A-1")
    ledger.run()
    ledger.release("A-1")
    ledger.run()
    ledger.prebook_again("A-1", "100.00")
    ledger.run()

    assert (ledger.balance(SUPPLIES), ledger.balance(ACCRUED)) == (100, 0)
    assert ledger.world.in_basware("A-1")["prebookResponses"][-1]["responseMessage"].startswith("Nothing to accrue")
    ledger.world.basware.act("move", invoice_id=ledger.world.in_basware("A-1")["invoiceId"], status="Transferred")


LOST = [FaultKind.LOST_BEFORE, FaultKind.LOST_AFTER, FaultKind.DUPLICATE]


@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_whichever_answer_of_quickbooks_gets_lost_everything_is_there_once(
    ledger: Ledger, kind: FaultKind, nth: int
) -> None:
    ledger.world.quickbooks_faults.add(
        FaultRule(kind=kind, method="POST", path="/batch$", contains='"operation"', nth=nth)
    )
    ledger.prebook("A-1")
    ledger.run()
    ledger.release("A-1")
    ledger.run()
    ledger.run()

    assert (len(ledger.entries()), len(ledger.reversals()), len(ledger.world.posted("A-1"))) == (1, 1, 1)
    assert (ledger.balance(SUPPLIES), ledger.balance(ACCRUED), ledger.balance(PAYABLE)) == (100, 0, -100)


def test_an_accrual_of_an_installation_that_lost_its_memory_is_found_again(ledger: Ledger, fast_files: Any) -> None:
    ledger.prebook("A-1")
    ledger.run()
    invoice_id = ledger.world.in_basware("A-1")["invoiceId"]
    ledger.world.basware.act("move", invoice_id=invoice_id, status="WaitingForPrebook")
    with fast_files.fresh() as url:
        other = Ledger(ledger.elsewhere(url))
        other.run()
        assert [row.state for row in other.kept("A-1")] == ["standing"]
        other.world.database.close()
    assert len(ledger.entries()) == 1


def test_accruals_need_the_look_for_what_basware_takes_back() -> None:
    tree: dict[str, dict[str, Any]] = {"basware": {"company_codes": ["US10"]}, "policy": {"prebook": "accrue"}}
    assert settings_from(tree).policy.prebook is Prebook.ACCRUE
    tree["basware"]["taken_back"] = {"enabled": False}
    with pytest.raises(SettingsError, match="taken_back"):
        settings_from(tree)


def test_outside_the_us_the_tax_is_not_accrued(database: Database) -> None:
    world = accruing_world(database, british_seeds())
    ledger = Ledger(world)
    document = with_vat("A-1", (line("100.00"), "VAT20", "20.00"), supplier=CORVID)
    world.basware.act("prebook", document=document)
    ledger.run()

    (entry,) = ledger.entries()
    assert ledger.sides(entry) == [("Debit", SUPPLIES, 100), ("Credit", ACCRUED, 100)]
    assert world.check() == []


def test_rows_of_a_customer_are_accrued_without_being_billable(ledger: Ledger) -> None:
    with_policy(ledger.world, billable=True)
    row = dataclasses.replace(line("100.00"), project="P-2601")
    ledger.prebook("A-1", row)
    ledger.run()

    (entry,) = ledger.entries()
    cost = entry["Line"][0]["JournalEntryLineDetail"]
    assert cost["Entity"]["Type"] == "Customer"
    assert cost.get("BillableStatus", "NotBillable") == "NotBillable"
    ledger.release("A-1")
    ledger.run()
    assert ledger.balance(ACCRUED) == 0


def test_an_accrual_in_euro_stands_at_the_invoices_rate_and_comes_to_nothing_with_its_reversal(
    database: Database,
) -> None:
    books, tenant = quickbooks_seed(), basware_seed()
    world = accruing_world(database, (books, tenant))
    world.act("set_preference", path="CurrencyPrefs.MultiCurrencyEnabled", value=True)
    world.act("add_currency", code="EUR")
    euro = Ledger(world)
    foreign = {
        "currencyCode": "EUR", "currencyCodeCompany": "USD", "exchangeRateCompany": Decimal("1.1"),
        "exchangeRateOrganization": Decimal("1.1"),
    }  # fmt: skip
    invoice_id = euro.prebook("A-1", **foreign)
    euro.run()

    (entry,) = euro.entries()
    assert (entry["CurrencyRef"]["value"], Decimal(str(entry["ExchangeRate"]))) == ("EUR", Decimal("1.1"))
    world.clock.advance(60)
    world.basware.act("ask", invoice_id=invoice_id, request="cancel prebook")
    euro.run()
    (reversal,) = euro.reversals()
    assert (reversal["CurrencyRef"]["value"], Decimal(str(reversal["ExchangeRate"]))) == ("EUR", Decimal("1.1"))
    assert euro.balance(ACCRUED) == 0
    assert world.check() == []
