"""A document's way from waiting to paid, and what Basware refuses on it."""

from decimal import Decimal

import pytest


def status(caller, invoice_id="inv1"):
    return caller.twin.document(invoice_id)["processingStatus"]


@pytest.mark.row("S17")
def test_acknowledging_takes_an_invoice_off_the_waiting_list(caller):
    answer = caller.acknowledge("inv1")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert status(caller) == "TransferInProgress"
    assert caller.read_all("ProcessingStatus=WaitingForTransfer") == [["inv2", "inv3"]]
    assert caller.read_all("ProcessingStatus=TransferInProgress") == [["inv1"]]


@pytest.mark.row("S17")
def test_a_second_acknowledgement_is_405_without_a_body(caller):
    caller.acknowledge("inv1")
    again = caller.acknowledge("inv1")
    assert (again.status, again.body) == (405, b"")
    assert caller.acknowledge("nobody").status == 404


@pytest.mark.row("S22")
def test_success_transfers_the_invoice_with_its_voucher_numbers(caller, tools):
    caller.acknowledge("inv1")
    sent = {"voucherNumber1": "1734", "voucherNumber2": "NW-1", "sourceSystem": "QBO", "paymentBlock": True}
    answer = caller.answer("inv1", **sent)
    assert answer.status == 200
    assert tools.parsed(answer).items() >= sent.items()
    document = caller.twin.document("inv1")
    assert document["processingStatus"] == "Transferred"
    assert (document["voucherNumber1"], document["voucherNumber2"], document["paymentBlock"]) == ("1734", "NW-1", True)
    assert [item["externalCode"] for item in document["transferResponses"]] == ["r1"]
    assert document["lastUpdated"] == "2026-11-20T12:00:00.000Z"
    assert caller.twin.check() == []


@pytest.mark.row("S22")
def test_failure_is_logged_and_leaves_no_voucher_number(caller):
    caller.acknowledge("inv1")
    caller.answer(
        "inv1", success=False, responseMessage="Account 6150 is not mapped", voucherNumber1="9", paymentBlock=True
    )
    document = caller.twin.document("inv1")
    assert document["processingStatus"] == "TransferFailed"
    assert "voucherNumber1" not in document
    assert document["paymentBlock"] is False
    assert caller.twin.action_log("inv1") == ["Transfer failed: Account 6150 is not mapped"]
    assert caller.twin.check() == []


@pytest.mark.row("S18")
def test_nothing_more_is_taken_once_transferred(caller, tools):
    caller.answer("inv1")
    for code in ("r1", "r2"):
        refused = caller.answer("inv1", externalCode=code, success=False)
        assert refused.status == 400
        assert tools.parsed(refused)["errors"][0]["message"].endswith("Transferred")
    assert len(caller.twin.answers("inv1")) == 1
    assert status(caller) == "Transferred"


@pytest.mark.row("S19")
def test_an_external_code_serves_once_per_invoice(caller, tools):
    caller.answer("inv1", success=False)
    refused = caller.answer("inv1")
    assert (refused.status, tools.parsed(refused)["errors"][0]["code"]) == (409, "CONFLICT_IN_POST")
    assert status(caller) == "TransferFailed"
    assert caller.answer("inv2").status == 200


@pytest.mark.row("S20")
def test_an_answer_without_acknowledgement_is_the_tenants_choice(caller):
    caller.twin.switches.answer_without_acknowledge = False
    assert caller.answer("inv1").status == 400
    caller.acknowledge("inv1")
    assert caller.answer("inv1").status == 200


@pytest.mark.row("S9")
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"externalCode": "x" * 37}, "externalCode: maximum length 36 exceeded"),
        ({"externalCode": ""}, "externalCode: minimum length 1 not reached"),
        ({"externalCode": None}, "externalCode: required"),
        ({"responseMessage": "x" * 251}, "responseMessage: maximum length 250 exceeded"),
        ({"responseMessage": ""}, "responseMessage: minimum length 1 not reached"),
        ({"success": "true"}, "success: must be true or false"),
        ({"paymentBlock": None}, "paymentBlock: required"),
        ({"sourceSystem": "x" * 33}, "sourceSystem: maximum length 32 exceeded"),
        ({"voucherNumber1": "x" * 26}, "voucherNumber1: maximum length 25 exceeded"),
        ({"voucherNumber2": 17}, "voucherNumber2: must be a string"),
        ({"transferDate": "yesterday"}, "transferDate: must be a date-time"),
        ({"billId": "7"}, "billId: additional properties are not allowed"),
    ],
)
def test_a_transfer_response_outside_the_specification_changes_nothing(caller, tools, changes, message):
    refused = caller.answer("inv1", **changes)
    assert refused.status == 400
    body = tools.parsed(refused)
    assert body["hasErrors"] is True
    assert [(error["code"], error["message"]) for error in body["errors"]] == [("SCHEMA_VALIDATION_ERROR", message)]
    assert status(caller) == "WaitingForTransfer"


def test_texts_at_their_limits_and_nulls_are_taken(caller):
    answer = caller.answer(
        "inv1",
        externalCode="x" * 36,
        responseMessage="y" * 250,
        voucherNumber1="1" * 25,
        voucherNumber2=None,
        transferDate="2026-11-20T12:00:00Z",
    )
    assert answer.status == 200


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b"", b"\xff"])
def test_a_body_that_is_no_object_is_refused(caller, body):
    path = "/v1/accountingDocuments/inv1/transferResponses"
    assert caller.post(path, body, {"Content-Type": "application/json"}).status == 400


def test_a_body_that_is_not_announced_as_json_is_refused(caller):
    assert caller.post("/v1/accountingDocuments/inv1/transferResponses", b"{}").status == 415


@pytest.mark.row("S10")
def test_six_megabytes_are_the_limit(caller):
    path = "/v1/accountingDocuments/inv1/transferResponses"
    filling = b" " * (6 * 1024 * 1024 - 2)
    assert caller.post(path, b"{}" + filling, {"Content-Type": "application/json"}).status == 400
    assert caller.post(path, b"{}" + filling + b" ", {"Content-Type": "application/json"}).status == 413


@pytest.mark.row("S22")
def test_transfer_recovery_fails_what_nobody_answered(caller):
    caller.acknowledge("inv1")
    caller.clock.advance(24 * 3600)
    assert status(caller) == "TransferInProgress"
    caller.clock.advance(1)
    assert status(caller) == "TransferFailed"
    assert caller.twin.document("inv1")["transferResponses"] == []
    assert status(caller, "inv2") == "WaitingForTransfer"
    assert caller.acknowledge("inv1").status == 405
    assert caller.answer("inv1").status == 200
    assert status(caller) == "Transferred"


@pytest.mark.row("S22")
def test_transfer_recovery_can_be_off_and_leaves_answered_documents_alone(caller):
    caller.acknowledge("inv1")
    caller.acknowledge("inv2")
    caller.answer("inv2")
    caller.twin.switches.recovery_seconds = None
    caller.clock.advance(10 * 86400)
    assert status(caller) == "TransferInProgress"
    caller.twin.switches.recovery_seconds = 3600
    assert (status(caller), status(caller, "inv2")) == ("TransferFailed", "Transferred")


def test_a_failed_transfer_may_be_refused_a_late_answer(caller):
    caller.answer("inv1", success=False)
    caller.twin.switches.answer_after_failure = False
    assert caller.answer("inv1", externalCode="r2").status == 400


@pytest.mark.row("S23")
def test_a_corrected_invoice_is_sent_again_under_the_same_id(caller, tools):
    caller.acknowledge("inv1")
    caller.answer("inv1", success=False)
    caller.clock.advance(60)
    caller.twin.act(
        "retransfer", invoice_id="inv1", changes={"grossSum": Decimal("990.00"), "description": "corrected"}
    )
    found = tools.parsed(caller.get("/v1/accountingDocuments/inv1"))["accountingDocuments"][0]
    assert (found["processingStatus"], str(found["grossSum"])) == ("WaitingForTransfer", "990.00")
    assert found["lastUpdated"] == "2026-11-20T12:01:00.000Z"
    assert caller.acknowledge("inv1").status == 200
    assert caller.answer("inv1").status == 409
    assert caller.answer("inv1", externalCode="r2").status == 200
    assert [answer["transfer"] for answer in caller.twin.answers("inv1")] == [1, 2]
    assert caller.twin.check() == []


@pytest.mark.row("S23")
def test_a_transferred_invoice_sent_again_needs_a_new_answer(caller):
    caller.answer("inv1")
    caller.twin.act("retransfer", invoice_id="inv1")
    assert status(caller) == "WaitingForTransfer"
    assert caller.answer("inv1", externalCode="r2").status == 200
    assert caller.twin.check() == []


@pytest.mark.row("S22", "S23")
def test_an_old_acknowledgement_does_not_fail_a_new_transfer(caller):
    caller.acknowledge("inv1")
    caller.clock.advance(20 * 3600)
    caller.twin.act("retransfer", invoice_id="inv1")
    caller.acknowledge("inv1")
    caller.clock.advance(5 * 3600)
    assert status(caller) == "TransferInProgress"


@pytest.mark.row("S24")
def test_payments_add_up_until_the_invoice_is_paid(caller):
    caller.answer("inv1")
    assert caller.pay("inv1", paidTotal=Decimal("500.00"), paymentMethod="Wire", paymentTermCode="NET30").status == 200
    document = caller.twin.document("inv1")
    assert (document["processingStatus"], document["paymentMethod"]) == ("Transferred", "Wire")
    caller.pay("inv1", externalCode="p2", paidTotal=Decimal("1058.40"), cashDiscount=Decimal("21.60"))
    document = caller.twin.document("inv1")
    assert document["processingStatus"] == "Paid"
    assert document["paymentMethod"] is None
    assert document["paymentTermCode"] is None
    assert document["paymentResponses"][1]["paymentDate"] == "2026-11-20T12:00:00.000Z"
    assert caller.twin.check() == []


@pytest.mark.row("S24")
def test_a_reversed_payment_reopens_the_invoice(caller):
    caller.answer("inv1")
    caller.pay("inv1", paidTotal=Decimal("1080.00"))
    caller.pay("inv1", externalCode="p2", paidTotal=0)
    assert status(caller) == "Transferred"


@pytest.mark.row("S24", "S36")
def test_a_credit_note_is_paid_when_its_negative_sum_is_reached(tools):
    caller = tools.caller([tools.invoice(1, grossSum=Decimal("-50.00"))])
    caller.answer("inv1")
    caller.pay("inv1", paidTotal=Decimal("-49.99"))
    assert status(caller) == "Transferred"
    caller.pay("inv1", externalCode="p2", paidTotal=Decimal("-50.00"))
    assert status(caller) == "Paid"


def test_payments_are_refused_before_the_transfer_and_with_a_used_code(caller):
    assert caller.pay("inv1").status == 400
    caller.answer("inv1")
    assert caller.pay("inv1").status == 200
    assert caller.pay("inv1").status == 409
    assert caller.pay("inv1", externalCode="p2", paidTotal="10").status == 400
    assert caller.pay("inv1", externalCode="p3", success=False, paidTotal=1080).status == 200
    assert status(caller) == "Transferred"


@pytest.mark.row("S25")
def test_only_the_latest_hundred_responses_stay_visible(caller):
    caller.answer("inv1")
    for number in range(103):
        assert caller.pay("inv1", externalCode=f"p{number}", paidTotal=number).status == 200
    kept = caller.twin.document("inv1")["paymentResponses"]
    assert [item["externalCode"] for item in kept] == [f"p{number}" for number in range(3, 103)]
    assert caller.pay("inv1", externalCode="p0").status == 409


def test_what_became_of_a_response_is_told_under_its_request_id(caller, tools):
    caller.twin.switches.processing_seconds = 30
    request_id = caller.answer("inv1").headers["x-amzn-RequestId"]
    [found] = tools.parsed(caller.get(f"/v1/requestStatus/{request_id}"))["requestStatus"]
    assert (found["entityType"], found["requestStatus"]) == ("TransferResponse", "InProgress")
    assert found["systems"][0]["items"][0]["parentExternalCode"] == "inv1"
    caller.clock.advance(30)
    [found] = tools.parsed(caller.get("/v1/requestStatus?entityType=TransferResponse"))["requestStatus"]
    assert (found["requestId"], found["requestStatus"]) == (request_id, "Success")
    assert caller.get("/v1/requestStatus").status == 404
    assert caller.get("/v1/requestStatus/none").status == 404


def test_a_request_status_is_acknowledged_once(caller, tools):
    request_id = caller.answer("inv1").headers["x-amzn-RequestId"]
    body = {"requestIds": [request_id]}
    assert caller.post("/v1/requestStatus/acknowledge", body).status == 200
    assert caller.post("/v1/requestStatus/acknowledge", body).status == 405
    assert caller.post("/v1/requestStatus/acknowledge", {"requestIds": ["x"]}).status == 404
    assert caller.post("/v1/requestStatus/acknowledge", {}).status == 400
    [found] = tools.parsed(caller.get(f"/v1/requestStatus/{request_id}"))["requestStatus"]
    assert found["requestStatus"] == "AcknowledgedSuccess"


@pytest.mark.row("S24")
def test_the_first_successful_payment_may_be_enough(caller):
    caller.twin.switches.paid_when = "first success"
    caller.answer("inv1")
    caller.pay("inv1", success=False, paidTotal=1)
    assert status(caller) == "Transferred"
    caller.pay("inv1", externalCode="p2", paidTotal=Decimal("0.01"))
    assert status(caller) == "Paid"


@pytest.mark.row("S24")
def test_a_reversal_document_reaches_the_field_that_basware_misspells(caller):
    caller.answer("inv1")
    caller.pay("inv1", paymentReversalDocument="873326806", paymentMessage="reversed")
    assert caller.twin.document("inv1")["paymentRevelsalDocument"] == "873326806"
    caller.pay("inv1", externalCode="p2")
    document = caller.twin.document("inv1")
    assert (document["paymentRevelsalDocument"], document["paymentMessage"]) == (None, None)


@pytest.fixture
def credited(tools):
    """An invoice and the credit note over all of it."""
    caller = tools.caller([tools.invoice(1, invoiceLines=[{"netSum": 1000, "itemTotalSum": 1080}], taxSum1=80)])
    credit_note = caller.twin.act("credit", invoice_id="inv1", number="CN-1")
    return caller, credit_note


@pytest.mark.row("S36")
def test_a_credit_note_has_negative_sums(credited, tools):
    caller, credit_note = credited
    [found] = tools.parsed(caller.get(f"/v1/accountingDocuments/{credit_note}"))["accountingDocuments"]
    assert (found["grossSum"], found["taxSum1"], found["codingRows"][0]["netTotal"]) == (-1080, -80, -1000)
    assert (found["invoiceNumber"], found["invoiceTypeCode"]) == ("CN-1", "CREDIT")
    assert found["processingStatus"] == "WaitingForTransfer"
    assert caller.twin.document("inv1")["grossSum"] == 1080


@pytest.mark.row("S36", "S24")
def test_credit_notes_may_have_positive_sums_and_a_type_of_their_own(credited, tools):
    caller, credit_note = credited
    caller.twin.switches.credit_notes = "positive"
    [found] = tools.parsed(caller.get(f"/v1/accountingDocuments/{credit_note}"))["accountingDocuments"]
    assert (found["grossSum"], found["taxSum1"], found["codingRows"][0]["netTotal"]) == (1080, 80, 1000)
    assert (found["invoiceLines"][0]["itemTotalSum"], found["invoiceTypeCode"]) == (1080, "CREDIT")
    query = "companyCode=US10&invoiceNumber=CN-1&invoiceDate=2026-11-02"
    assert caller.get(f"/v1/accountingDocuments/status?{query}&grossSum=1080.00").status == 200
    caller.answer(credit_note)
    caller.pay(credit_note, paidTotal=1080)
    assert status(caller, credit_note) == "Paid"
    [invoice] = tools.parsed(caller.get("/v1/accountingDocuments/inv1"))["accountingDocuments"]
    assert "invoiceTypeCode" not in invoice


def test_only_what_has_a_sum_can_be_credited(credited):
    caller, credit_note = credited
    with pytest.raises(ValueError, match="positive sum"):
        caller.twin.act("credit", invoice_id=credit_note, number="CN-2")


@pytest.mark.row("S22")
def test_the_recovery_window_is_the_tenants_choice(caller):
    caller.twin.switches.recovery_seconds = 600
    caller.acknowledge("inv1")
    caller.clock.advance(601)
    assert status(caller) == "TransferFailed"
    assert caller.twin.document("inv1")["transferResponses"] == []
