"""Accept, restore, ignore: each with a reason, each by the twin's own books exactly what was asked for."""

from decimal import Decimal

import pytest

from ml_connector.store import audit
from ml_connector.work.decisions import DecisionError, MissingReasonError
from ml_connector.work.drift import deciding
from ml_connector.work.drift.views import to_decide
from twins.faults import FaultKind, FaultRule


@pytest.fixture
def bill(tampered) -> str:
    """A bill of 100.00 that somebody brought to 120.00."""
    key = tampered.post("A-1")
    tampered.world.act("change_bill", id=key, amount="120.00")
    tampered.look()
    return key


def total(tampered, number: str = "A-1") -> Decimal:
    return Decimal(str(tampered.world.only_transaction(number)[1]["TotalAmt"]))


def actions(tampered) -> list[tuple[str, str, str]]:
    with tampered.world.database.read() as tx:
        found = audit.listing(tx, tampered.world.connection_id, subject=tampered.world.row("A-1").invoice_id)
        return [(one.action, one.actor, one.reason) for one in found if one.action.startswith("drift")]


def test_a_restored_bill_is_again_what_was_posted_and_keeps_its_id(tampered, bill) -> None:
    tampered.decide("restore", "A-1", "typed by mistake")
    tampered.world.settle()
    assert total(tampered) == 100
    assert tampered.world.only_transaction("A-1")[1]["Id"] == bill
    assert tampered.case("A-1").state == "restored"
    assert actions(tampered) == [("drift: restore", "Ann", "typed by mistake")]
    tampered.look()
    assert tampered.case("A-1").state == "restored"
    assert tampered.alerts() == []
    assert len(tampered.world.answers("A-1")) == 1, "Basware is told nothing: its invoice is what it was"


def test_the_same_change_made_again_after_a_restoration_is_a_new_case(tampered, bill) -> None:
    tampered.decide("restore", "A-1")
    tampered.world.settle()
    tampered.world.act("change_bill", id=bill, amount="120.00")
    tampered.look()
    assert tampered.case("A-1").state == "open"
    tampered.decide("restore", "A-1")
    tampered.world.settle()
    assert total(tampered) == 100


def test_accepted_is_agreed_and_only_what_comes_later_differs(tampered, bill) -> None:
    tampered.decide("accept", "A-1", "the supplier's price")
    assert tampered.case("A-1").state == "accepted"
    assert tampered.alerts() == []
    tampered.look()
    assert tampered.case("A-1").state == "accepted"
    tampered.world.act("change_bill", id=bill, amount="130.00")
    tampered.look()
    assert tampered.fields("A-1") == {"total": ("120", "130"), "amount": ("120", "130")}
    tampered.decide("restore", "A-1")
    tampered.world.settle()
    assert total(tampered) == 120


def test_ignored_stays_different_and_comes_back_only_when_something_else_differs(tampered, bill) -> None:
    tampered.decide("ignore", "A-1", "known to the auditor")
    tampered.world.act("edit", entity="Bill", id=bill, changes={"CustomField": []})
    tampered.look()
    assert (tampered.case("A-1").state, total(tampered)) == ("ignored", 120)
    tampered.world.act("change_bill", id=bill, number="OTHER")
    tampered.look()
    assert tampered.case("A-1").state == "open"


def test_a_deleted_bill_is_posted_anew_once(tampered) -> None:
    key = tampered.post("A-1")
    tampered.world.act("delete", entity="Bill", id=key)
    tampered.look()
    tampered.decide("restore", "A-1")
    tampered.world.settle()
    _, record = tampered.world.only_transaction("A-1")
    assert record["Id"] != key
    assert (tampered.case("A-1").state, tampered.case("A-1").quickbooks_id) == ("restored", record["Id"])
    tampered.look()
    assert tampered.case("A-1").state == "restored"


def test_an_accepted_deletion_stays_one_and_the_document_is_not_posted_again(tampered) -> None:
    key = tampered.post("A-1")
    tampered.world.act("delete", entity="Bill", id=key)
    tampered.look()
    tampered.decide("accept", "A-1", "entered twice")
    tampered.world.settle()
    tampered.look()
    assert tampered.world.posted("A-1") == []
    assert tampered.case("A-1").state == "accepted"


def test_a_deleted_bill_whose_number_somebody_used_again_is_not_posted_anew(tampered) -> None:
    key = tampered.post("A-1")
    _, old = tampered.world.only_transaction("A-1")
    tampered.world.act("delete", entity="Bill", id=key)
    by_hand = {name: old[name] for name in ("VendorRef", "APAccountRef", "TxnDate", "DocNumber", "Line")}
    tampered.world.act("enter", entity="Bill", body=by_hand)
    tampered.look()
    tampered.decide("restore", "A-1")
    tampered.world.settle()
    found = tampered.case("A-1")
    assert (found.state, tampered.world.posted("A-1")) == ("open", [])
    assert "Number A-1 of this vendor is on Bill" in found.problem


def test_a_paid_bill_is_not_restored_and_the_reason_is_given(tampered, bill) -> None:
    tampered.world.act("pay", id=bill, account="31")
    tampered.look()
    assert "paid" in tampered.case("A-1").why_not
    with pytest.raises(DecisionError, match="paid or partly paid"):
        tampered.decide("restore", "A-1")
    assert (tampered.case("A-1").state, total(tampered)) == ("open", 120)


def test_a_bill_paid_after_it_was_asked_for_is_left_alone_too(tampered, bill) -> None:
    tampered.decide("restore", "A-1")
    tampered.world.act("pay", id=bill, account="31")
    tampered.world.settle()
    found = tampered.case("A-1")
    assert (found.state, total(tampered)) == ("open", 120)
    assert "paid" in found.problem


def test_books_closed_meanwhile_forbid_it(tampered, bill) -> None:
    tampered.decide("restore", "A-1")
    tampered.world.act("close_books", date="2026-11-15")
    tampered.world.settle()
    found = tampered.case("A-1")
    assert (found.state, total(tampered)) == ("open", 120)
    assert "closed books" in found.problem


def test_a_bill_deleted_after_it_was_asked_for_is_put_before_a_person_again(tampered, bill) -> None:
    tampered.decide("restore", "A-1")
    tampered.world.act("delete", entity="Bill", id=bill)
    tampered.world.settle()
    found = tampered.case("A-1")
    assert (found.state, found.what, tampered.world.posted("A-1")) == ("open", "deleted", [])


def test_whoever_decides_decides_on_what_was_shown(tampered, bill) -> None:
    shown = to_decide(tampered.world.desk(), tampered.world.row("A-1"), None)
    tampered.world.act("change_bill", id=bill, amount="500.00")
    tampered.look()
    with pytest.raises(DecisionError, match="changed in QuickBooks again"):
        deciding.accept(tampered.world.desk(), shown, reason="seen", actor="Ann")
    assert tampered.case("A-1").state == "open"


@pytest.mark.parametrize("how", ["accept", "restore", "ignore"])
def test_no_decision_without_a_reason(tampered, bill, how) -> None:
    with pytest.raises(MissingReasonError, match="Give the reason"):
        tampered.decide(how, "A-1", "  ")
    assert tampered.case("A-1").state == "open"


@pytest.mark.parametrize("kind", [FaultKind.LOST_BEFORE, FaultKind.LOST_AFTER])
def test_a_lost_answer_to_a_restoration_is_found_out_and_it_is_written_once(tampered, bill, kind) -> None:
    tampered.decide("restore", "A-1")
    lost = tampered.world.quickbooks_faults.add(FaultRule(kind=kind, method="POST", path="/batch", times=1))
    tampered.world.settle()
    assert tampered.world.quickbooks_faults.hits(lost) == 1
    assert (total(tampered), tampered.case("A-1").state) == (100, "restored")
    tampered.look()
    assert tampered.case("A-1").state == "restored"


def test_what_quickbooks_refuses_comes_back_with_its_own_words(tampered, bill) -> None:
    account = tampered.world.only_transaction("A-1")[1]["Line"][0]["AccountBasedExpenseLineDetail"]["AccountRef"][
        "value"
    ]
    tampered.world.act("change_bill", id=bill, account=_other(tampered, account))
    tampered.world.act("inactivate", entity="Account", id=account)
    tampered.look()
    tampered.decide("restore", "A-1")
    tampered.world.settle()
    found = tampered.case("A-1")
    assert found.state == "open"
    assert found.problem.startswith("QuickBooks refused: ")


def _other(tampered, account: str) -> str:
    books = tampered.world.books()
    return next(one.id for one in books.accounts.values() if one.type == "Expense" and one.active and one.id != account)
