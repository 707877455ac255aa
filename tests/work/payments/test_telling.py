"""What Basware is told of payments, by its own books: parts, runs, credits, reversals, and silence where nothing changed."""

from datetime import datetime
from decimal import Decimal

import msgspec
import pytest

from ml_connector.store import books as book_store
from ml_connector.store import jobs
from ml_connector.store.schema import book_cursors, connections
from ml_connector.work.jobs import Job
from ml_connector.work.p2p_settings import PaymentsSettings
from ml_connector.work.payments.asking import pick_up_earlier
from ml_connector.work.settings import ConnectionSettings
from paperwork import CORVID, invoice, line
from payday import CARD, Payday


def settings(payday: Payday, **changes) -> None:
    def changed(known: ConnectionSettings) -> ConnectionSettings:
        own = msgspec.structs.replace(known.basware, payments=PaymentsSettings(**changes))
        return msgspec.structs.replace(known, basware=own)

    payday.world.change_settings(changed)


def test_a_part_payment_and_the_rest_are_told_with_a_total_that_counts_up(payday: Payday):
    bill = payday.bill()
    payday.pay(bill, amounts={payday.in_quickbooks(bill): "500.00"}, number="10231")
    payday.follow()
    payday.pay(bill, number="10260")
    payday.follow()

    first, second = payday.responses(bill)

    assert (first["paidTotal"], second["paidTotal"]) == (500, 1080)
    assert (first["checkNumber"], second["checkNumber"]) == ("10231", "10260")
    paid_on = [one["TxnDate"] for one in payday.world.quickbooks.books(payday.world.realm_id)["BillPayment"][-2:]]
    assert [one["paymentDate"][:10] for one in (first, second)] == paid_on
    assert first["externalCode"] != second["externalCode"]
    assert payday.world.in_basware(bill)["processingStatus"] == "Paid"
    assert payday.paid(bill) == payday.truth(bill)


def test_nothing_is_sent_when_nothing_changed(payday: Payday):
    bill = payday.bill()
    payment = payday.pay(bill)
    payday.follow()
    payday.world.act("edit", entity="BillPayment", id=payment, changes={"PrivateNote": "filed"})
    payday.world.act("change_bill", id=payday.in_quickbooks(bill), note="filed, too")
    payday.follow()
    payday.follow()

    assert len(payday.responses(bill)) == 1


def test_a_run_without_changes_calls_nobody(payday: Payday):
    payday.bill()
    payday.follow()
    before = dict(payday.world.quickbooks.calls), payday.world.basware_seen.requests
    payday.do(Job.PAYMENTS)

    assert (dict(payday.world.quickbooks.calls), payday.world.basware_seen.requests) == before


def test_a_payment_run_over_many_bills_is_told_of_each_and_costs_no_call_for_each(payday: Payday):
    bills = payday.posted(*(invoice(f"R-{number}", line(f"{number}0.00")) for number in range(1, 31)))
    payday.pay(*bills, number="RUN-1")
    payday.world.clock.advance(61)
    payday.do(Job.CHANGES)
    before = sum(payday.world.quickbooks.calls.values())
    report = payday.do(Job.PAYMENTS)

    assert report.counts["told"] == 30
    assert sum(payday.world.quickbooks.calls.values()) == before
    assert all(payday.paid(bill) == payday.truth(bill) for bill in bills)
    assert {payday.last(bill)["paymentNumber"] for bill in bills} == {"RUN-1"}


def test_a_payment_by_card_clears_the_check_number(payday: Payday):
    bill = payday.bill()
    payday.pay(bill, amounts={payday.in_quickbooks(bill): "80.00"}, number="10231")
    payday.follow()
    payday.pay(bill, account=CARD)
    payday.follow()

    assert payday.last(bill)["paymentMethod"] == "CreditCard"
    assert "checkNumber" not in payday.last(bill)


def test_methods_are_told_in_baswares_own_words(payday: Payday):
    settings(payday, methods={"Check": "ACH"})
    bill = payday.bill()
    payday.pay(bill)
    payday.follow()

    assert payday.world.in_basware(bill)["paymentMethod"] == "ACH"


def test_a_bill_paid_with_money_and_a_vendor_credit_is_paid_in_full(payday: Payday):
    bill = payday.bill()
    credit = payday.vendor_credit(bill, "90.00")
    payday.pay(bill, credits=[credit])
    payday.follow()

    assert (payday.last(bill)["paidTotal"], payday.last(bill)["cashDiscount"]) == (1080, 0)
    assert payday.paid(bill) == payday.truth(bill) == 1080


def test_a_credit_booked_to_a_discount_account_is_cash_discount(payday: Payday):
    bill = payday.bill()
    account = next(str(one["Id"]) for one in payday.books["Account"] if one["AccountType"] == "Expense")
    settings(payday, discount_accounts=(account,))
    payday.pay(bill, credits=[payday.vendor_credit(bill, "21.60", account)])
    payday.follow()

    assert payday.last(bill)["cashDiscount"] == Decimal("21.60")
    assert payday.last(bill)["paidTotal"] == Decimal("1058.40")
    assert payday.world.in_basware(bill)["processingStatus"] == "Paid"


def test_a_credit_note_is_paid_as_far_as_it_is_used_up(payday: Payday):
    bill = payday.bill()
    (note,) = payday.posted(invoice("CN-1", line("-90.00")))
    kind, credit = payday.world.only_transaction(note)
    payday.pay(bill, credits=[credit["Id"]], amounts={credit["Id"]: "40.00"})
    payday.follow()

    assert kind == "VendorCredit"
    assert payday.last(note)["paidTotal"] == payday.truth(note) == -40
    assert payday.last(note)["paymentMethod"] == "Credit"
    payday.world.act(
        "apply_credit", credit=credit["Id"], bill=payday.in_quickbooks(payday.bill("P-2")), account=payday.account()
    )
    payday.follow()
    assert payday.last(note)["paidTotal"] == payday.truth(note) == -90
    assert payday.world.in_basware(note)["processingStatus"] == "Paid"


@pytest.mark.parametrize("end", ["void", "delete"])
def test_a_payment_that_ends_is_named_as_reversed_and_the_total_goes_down(payday: Payday, end: str):
    bill = payday.bill()
    payment = payday.pay(bill)
    payday.follow()
    if end == "void":
        payday.world.act("void_payment", id=payment)
    else:
        payday.world.act("delete", entity="BillPayment", id=payment)
    payday.follow()

    assert payday.last(bill)["paidTotal"] == payday.truth(bill) == 0
    assert payday.last(bill)["paymentReversalDocument"] == f"BillPayment {payment}"
    assert payday.world.in_basware(bill)["processingStatus"] == "Transferred"
    assert payday.world.state(bill) == "confirmed"


def test_a_payment_moved_to_another_bill_is_told_of_both(payday: Payday):
    first, second = payday.posted(invoice("M-1", line("50.00")), invoice("M-2", line("50.00")))
    payment = payday.pay(first)
    payday.follow()
    lines = [{"Amount": 50, "LinkedTxn": [{"TxnId": payday.in_quickbooks(second), "TxnType": "Bill"}]}]
    payday.world.act("edit", entity="BillPayment", id=payment, changes={"Line": lines})
    payday.follow()

    assert [payday.paid(bill) for bill in (first, second)] == [0, 50]
    assert payday.last(first)["paymentReversalDocument"] == f"BillPayment {payment}"


def test_a_payment_made_and_voided_unheard_is_not_spoken_of(payday: Payday):
    bill = payday.bill()
    payday.world.act("void_payment", id=payday.pay(bill))
    payday.follow()

    assert payday.responses(bill) == []
    assert payday.state(bill) == "nothing"


def test_the_invoices_own_term_is_said_again(payday: Payday):
    bill = payday.bill()
    payday.pay(bill)
    payday.follow()

    assert payday.last(bill)["paymentTermCode"] == payday.world.in_basware(bill)["paymentTermCode"] == "NET30"


def test_a_document_basware_does_not_know_as_transferred_waits_with_its_payment(payday: Payday):
    bill = payday.bill()
    payday.world.send_again(bill)
    payday.world.run(["intake"])
    payday.pay(bill)
    payday.follow()
    assert payday.responses(bill) == []
    assert payday.state(bill) == "due"

    payday.world.settle()
    payday.do(Job.PAYMENTS)
    assert payday.paid(bill) == payday.truth(bill) == 1080


def test_copies_of_different_moments_are_read_again_together_and_then_believed(payday: Payday):
    bills = payday.posted(invoice("S-1", line("50.00")), invoice("S-2", line("60.00")))
    ids = [payday.in_quickbooks(bill) for bill in bills]
    with payday.world.database.read() as tx:
        old = book_store.some_of(tx, payday.world.connection_id, "Bill", ids)
    payday.pay(*bills)
    payday.world.clock.advance(61)
    payday.do(Job.CHANGES)
    with payday.world.database.write() as tx:
        rows = [msgspec.structs.replace(row, as_of=payday.world.clock.now()) for row in old.values()]
        book_store.put_many(tx, payday.world.connection_id, "Bill", rows, payday.world.clock.now(), afresh=True)
    before = payday.world.quickbooks.calls["requests"]
    payday.world.clock.advance(1)
    payday.do(Job.PAYMENTS)

    assert payday.world.quickbooks.calls["requests"] == before + 1
    assert [payday.paid(bill) for bill in bills] == [50, 60]
    assert all(len(payday.responses(bill)) == 1 for bill in bills)


def test_what_was_paid_before_the_connection_waits_until_it_is_asked_for_and_is_told_once(payday: Payday):
    bill, later = payday.posted(invoice("E-1", line("50.00")), invoice("E-2", line("60.00"), supplier=CORVID))
    payment = payday.pay(bill)
    payday.pay(later, amounts={payday.in_quickbooks(later): "20.00"})
    with payday.world.database.write() as tx:  # the connection is younger than both
        payday.world.clock.advance(61)
        tx.execute(connections.update().values(created_at=payday.world.clock.now()))
    payday.follow()
    assert [payday.state(one) for one in (bill, later)] == ["earlier", "earlier"]
    assert payday.responses(bill) == payday.responses(later) == []

    payday.pay(later)
    payday.follow()
    assert payday.paid(later) == payday.truth(later) == 60, "a change since is told with everything before it"
    assert payday.responses(bill) == []

    pick_up_earlier(payday.world.desk(), "somebody")
    report = payday.follow()
    assert (report.counts["picked_up"], payday.paid(bill)) == (1, 50)
    assert payday.last(bill)["paymentDocument"] == f"BillPayment {payment}"

    pick_up_earlier(payday.world.desk(), "somebody")
    assert payday.follow().counts["told"] == 0
    assert len(payday.responses(bill)) == 1


def test_until_everything_was_read_once_nothing_is_said(payday: Payday):
    bill = payday.bill()
    payday.pay(bill)
    with payday.world.database.write() as tx:
        tx.execute(book_cursors.delete().where(book_cursors.c.entity == "BillPayment"))
    report = payday.do(Job.PAYMENTS)

    assert "BillPayment" in report.outcome
    assert payday.responses(bill) == []
    payday.follow()
    assert payday.paid(bill) == 1080


def test_a_bill_that_is_deleted_with_its_payment_is_told_as_no_longer_paid(payday: Payday):
    bill = payday.bill()
    payment, key = payday.pay(bill), payday.in_quickbooks(bill)
    payday.follow()
    payday.world.act("delete", entity="BillPayment", id=payment)
    payday.world.act("delete", entity="Bill", id=key)
    payday.follow()

    assert payday.last(bill)["paidTotal"] == 0
    assert payday.last(bill)["paymentReversalDocument"] == f"BillPayment {payment}"


def asked_for(payday: Payday) -> datetime | None:
    """When the job that tells Basware of payments has to run, beyond its plan."""
    with payday.world.database.read() as tx:
        return jobs.get(tx, payday.world.connection_id, Job.PAYMENTS).again_at


def nothing_asked_for(payday: Payday) -> None:
    with payday.world.database.write() as tx:
        jobs.change(tx, payday.world.connection_id, Job.PAYMENTS, payday.world.clock.now(), again_at=None)


def test_no_payment_is_looked_for_while_the_job_is_switched_off(payday: Payday):
    settings(payday, enabled=False)
    nothing_asked_for(payday)
    payday.pay(payday.bill())
    payday.world.clock.advance(61)
    payday.do(Job.CHANGES)

    assert asked_for(payday) is None


def test_a_payment_that_was_read_has_the_job_run_at_once(payday: Payday):
    bill = payday.bill()
    payday.do(Job.PAYMENTS)
    nothing_asked_for(payday)
    payday.pay(bill)
    payday.world.clock.advance(61)
    payday.do(Job.CHANGES)
    assert asked_for(payday) == payday.world.clock.now()

    payday.do(Job.PAYMENTS)
    nothing_asked_for(payday)
    payday.world.clock.advance(61)
    payday.do(Job.CHANGES)
    assert asked_for(payday) is None, "what was read again and is known asks for nothing"
