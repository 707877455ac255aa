"""When Basware does not take a payment, at once, afterwards, or without a word: it is seen, put right, and never doubled."""

import msgspec
import pytest

from ml_connector.model.holds import Cause
from ml_connector.store import books as book_store
from ml_connector.store.schema import PaymentState
from ml_connector.work.feeds.outcome_views import outcome_lines
from ml_connector.work.jobs import Job
from ml_connector.work.payments.asking import NothingToRetryError, retry
from ml_connector.work.payments.shown import payment_list, payment_view
from paperwork import invoice, line
from payday import Payday
from twins.faults import FaultKind, FaultRule

RESPONSES = "/paymentResponses"


def refuse(payday: Payday, **details) -> None:
    details = {"category": "DataValidation", **details}
    payday.world.basware.act("refuse_imports", entity_type="PaymentResponse", **details)


def paid(payday: Payday) -> str:
    bill = payday.bill()
    payday.pay(bill)
    return bill


def test_what_p2p_made_of_a_payment_is_followed(payday: Payday):
    bill = paid(payday)
    payday.follow()
    payday.hear()

    (line,) = [
        one for one in outcome_lines(payday.world.desk()) if one.external_code == payday.last(bill)["externalCode"]
    ]
    assert (line.state, line.invoice_id) == ("done", bill)
    (response,) = payment_view(payday.world.desk(), payday.world.row(bill)).responses
    assert (response.state, response.outcome) == ("done", "done")


def test_a_payment_p2p_refused_is_seen_everywhere_and_the_document_stays_posted(payday: Payday):
    refuse(payday, message="Payment method Check was not found", times=1)
    bill = paid(payday)
    payday.follow()
    payday.hear()

    (line,) = payment_list(payday.world.desk(), states=[PaymentState.REFUSED]).page()
    assert [cause.cause for cause in line.causes] == [Cause.PAYMENT_NOT_TOLD.value]
    assert "Payment method Check was not found" in line.causes[0].why
    assert "payments retry" in line.causes[0].what_to_do
    assert payday.world.state(bill) == "confirmed"
    assert payday.world.row(bill).holds == ()
    assert "Payment method Check was not found" in payday.world.row(bill).note
    assert len(payday.alerts()) == 1
    assert len(payday.world.posted(bill)) == 1
    payday.follow()
    assert len(payday.responses(bill)) == 1, "nobody says the same again unasked"


def test_a_refused_payment_is_told_again_when_somebody_asks(payday: Payday):
    refuse(payday, message="closed", times=1)
    bill = paid(payday)
    payday.follow()
    payday.hear()
    retry(payday.world.desk(), bill, "somebody")
    payday.do(Job.PAYMENTS)
    payday.hear()

    first, second = payday.responses(bill)
    assert first["externalCode"] != second["externalCode"]
    assert payday.state(bill) == "told"
    assert payday.alerts() == []
    with pytest.raises(NothingToRetryError, match="told"):
        retry(payday.world.desk(), bill, "somebody")


def test_the_next_change_of_a_refused_payment_is_told_by_itself(payday: Payday):
    refuse(payday, message="closed", times=1)
    bill = payday.bill()
    payday.pay(bill, amounts={payday.in_quickbooks(bill): "80.00"})
    payday.follow()
    payday.hear()
    payday.pay(bill)
    payday.follow()
    payday.hear()

    assert payday.paid(bill) == payday.truth(bill) == 1080
    assert payday.state(bill) == "told"
    assert payday.alerts() == []


def test_a_technical_error_of_baswares_is_tried_again_by_itself(payday: Payday):
    refuse(payday, message="database is down", category="Technical", times=1)
    bill = paid(payday)
    payday.follow()
    payday.hear()
    assert payday.state(bill) == "refused"
    again = payday.row(bill).next_at
    assert again is not None

    payday.world.clock.move_to(again)
    payday.do(Job.PAYMENTS)
    payday.hear()
    assert payday.state(bill) == "told"
    assert len(payday.responses(bill)) == 2


def test_a_warning_of_p2p_is_noted_and_nothing_else(payday: Payday):
    refuse(payday, message="Payment message was cut", outcome="Warning", times=1)
    bill = paid(payday)
    payday.follow()
    payday.hear()

    assert payday.state(bill) == "told"
    assert "Payment message was cut" in payday.world.row(bill).note
    assert payday.alerts() == []


def test_a_verdict_on_an_overtaken_response_changes_nothing(payday: Payday):
    refuse(payday, message="closed", times=1)
    bill = payday.bill()
    payday.pay(bill, amounts={payday.in_quickbooks(bill): "80.00"})
    payday.follow()
    payday.pay(bill)
    payday.follow()
    payday.hear()

    assert payday.state(bill) == "told"
    assert payday.alerts() == []


def test_a_document_basware_no_longer_counts_as_transferred_says_so(payday: Payday):
    bill = paid(payday)
    payday.world.basware.act("retransfer", invoice_id=bill)
    payday.follow()

    assert payday.responses(bill) == []
    assert payday.state(bill) == "refused"
    assert "WaitingForTransfer" in payday.world.row(bill).note

    payday.world.settle()
    payday.do(Job.PAYMENTS)
    assert payday.paid(bill) == payday.truth(bill) == 1080, "once it is transferred again, nobody has to ask"
    assert (payday.world.row(bill).note, payday.alerts()) == ("", [])


def test_a_bill_that_makes_no_sense_holds_its_own_payment_only_until_it_does_again(payday: Payday):
    good, bad = payday.posted(invoice("GOOD", line("50.00")), invoice("BAD", line("60.00")))
    payday.pay(good, bad)
    payday.follow()
    key = payday.in_quickbooks(bad)
    with payday.world.database.write() as tx:
        known = book_store.some_of(tx, payday.world.connection_id, "Bill", [key])[key]
        broken = msgspec.structs.replace(known, payload=known.payload.replace('"Balance":', '"Was":'), sync_token="99")
        book_store.put_many(tx, payday.world.connection_id, "Bill", [broken], payday.world.clock.now())
    payday.do(Job.PAYMENTS)
    assert [payday.state(one) for one in (good, bad)] == ["told", "refused"]
    assert "no balance" in payday.row(bad).holds[0].facts["detail"]

    with payday.world.database.write() as tx:
        mended = msgspec.structs.replace(known, sync_token="100", as_of=payday.world.clock.now())
        book_store.put_many(tx, payday.world.connection_id, "Bill", [mended], payday.world.clock.now())
    payday.do(Job.PAYMENTS)
    assert payday.state(bad) == "told"
    assert len(payday.responses(bad)) == 1


def test_a_lost_answer_is_looked_up_in_the_document(payday: Payday):
    bill = paid(payday)
    payday.world.basware_faults.add(FaultRule(kind=FaultKind.LOST_AFTER, path=RESPONSES, times=1))
    payday.follow()

    assert len(payday.responses(bill)) == 1
    assert payday.state(bill) == "told"


def conflict(payday: Payday, **rule) -> None:
    """Basware answers 409 to payment responses."""
    payday.world.basware_faults.add(FaultRule(kind=FaultKind.STATUS, method="POST", path=RESPONSES, status=409, **rule))


def test_a_conflict_about_a_response_that_basware_has_is_no_refusal(payday: Payday):
    bill = paid(payday)
    conflict(payday, committed=True)
    payday.follow()

    assert len(payday.responses(bill)) == 1
    assert payday.state(bill) == "told"
    assert payday.alerts() == []


def test_a_conflict_about_a_response_that_basware_does_not_have_is_no_answer_and_it_is_sent_again(payday: Payday):
    bill = paid(payday)
    conflict(payday)
    report = payday.follow()
    assert (report.counts["unclear"], payday.state(bill)) == (1, "sending")
    assert payday.responses(bill) == []

    payday.follow()
    assert (len(payday.responses(bill)), payday.state(bill)) == (1, "told")
    assert payday.paid(bill) == payday.truth(bill) == 1080


def test_a_conflict_that_does_not_end_is_for_a_person_who_has_the_payment_told_under_another_code(payday: Payday):
    bill = paid(payday)
    conflict(payday, times=None)
    for _ in range(8):
        payday.follow()
    assert payday.state(bill) == "refused"
    (line,) = payment_list(payday.world.desk(), states=[PaymentState.REFUSED]).page()
    assert "409" in line.causes[0].why
    assert len(payday.alerts()) == 1
    assert payday.world.state(bill) == "confirmed"

    payday.world.basware_faults.clear()
    retry(payday.world.desk(), bill, "somebody")
    payday.follow()
    assert (len(payday.responses(bill)), payday.state(bill), payday.alerts()) == (1, "told", [])


def test_while_no_answer_comes_the_response_is_unclear_and_a_new_payment_waits_for_it(payday: Payday):
    bill = payday.bill()
    payday.pay(bill, amounts={payday.in_quickbooks(bill): "80.00"})
    payday.world.basware_faults.add(FaultRule(kind=FaultKind.LOST_BEFORE, path=RESPONSES, times=2))
    report = payday.follow()
    assert report.counts["unclear"] == 1
    assert payday.state(bill) == "sending"

    payday.pay(bill)
    payday.follow()
    first, second = payday.responses(bill)
    assert (first["paidTotal"], second["paidTotal"]) == (80, 1080)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_basware_keeps_a_hundred_responses_and_the_last_says_everything(payday: Payday):
    bill = payday.bill()
    target = payday.in_quickbooks(bill)
    payment = payday.pay(bill, amounts={target: "1.00"})
    for cents in range(2, 104):
        lines = [{"Amount": f"{cents}.00", "LinkedTxn": [{"TxnId": target, "TxnType": "Bill"}]}]
        payday.world.act("edit", entity="BillPayment", id=payment, changes={"Line": lines, "TotalAmt": f"{cents}.00"})
        payday.follow()

    assert len(payday.responses(bill)) == 100
    assert payday.last(bill)["paidTotal"] == payday.truth(bill) == 103
