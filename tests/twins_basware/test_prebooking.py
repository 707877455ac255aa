"""Invoices that are prebooked or only enriched, and what else Basware asks of accounting."""

import pytest

from twins.basware.schemas import problems, schema

PREBOOK = {"externalCode": "b1", "success": True, "responseMessage": "Accrued", "paymentBlock": True}
ENRICH = {"externalCode": "e1", "success": True, "responseMessage": "Taken over"}


def status(caller, invoice_id="inv1"):
    return caller.twin.document(invoice_id)["processingStatus"]


def respond(caller, kind, body, invoice_id="inv1", **changes):
    return caller.post(f"/v1/accountingDocuments/{invoice_id}/{kind}Responses", {**body, **changes})


@pytest.fixture
def prebooking(tools):
    return tools.caller([tools.invoice(1, processingStatus="WaitingForPrebook"), tools.invoice(2)])


@pytest.fixture
def enriching(tools):
    waiting = {"processingStatus": "WaitingForEnrichmentTransfer", "p2pProcessingMode": "InvoiceEnrichment"}
    return tools.caller([tools.invoice(1, **waiting), tools.invoice(2)])


@pytest.mark.row("S17", "S18")
def test_an_invoice_is_prebooked_then_approved_then_transferred(prebooking, tools):
    caller = prebooking
    assert caller.acknowledge("inv1").status == 200
    assert status(caller) == "PrebookInProgress"
    assert caller.acknowledge("inv1").status == 405
    sent = {**PREBOOK, "voucherNumber1": "JE-889", "prebookDate": "2026-01-01T00:00:00Z"}
    answer = respond(caller, "prebook", sent)
    assert (answer.status, tools.parsed(answer)) == (200, sent)
    document = caller.twin.document("inv1")
    assert (document["processingStatus"], document["prebooked"]) == ("Prebooked", True)
    assert (document["voucherNumber1"], document["paymentBlock"]) == ("JE-889", True)
    assert document["prebookResponses"][0]["prebookDate"] == "2026-11-20T12:00:00.000Z"
    caller.twin.act("release", invoice_id="inv1", changes={"description": "approved"})
    assert caller.read_all("ProcessingStatus=WaitingForTransfer") == [["inv2", "inv1"]]
    assert caller.answer("inv1").status == 200
    assert status(caller) == "Transferred"
    assert caller.twin.document("inv1")["prebooked"] is True
    assert caller.twin.check() == []


@pytest.mark.row("S18")
def test_what_is_prebooked_takes_no_other_prebook_response(prebooking, tools):
    assert respond(prebooking, "prebook", PREBOOK).status == 200
    refused = respond(prebooking, "prebook", PREBOOK, externalCode="b2")
    assert (refused.status, tools.parsed(refused)["errors"][0]["code"]) == (409, "CONFLICT_IN_POST")
    assert tools.parsed(refused)["errors"][0]["message"].endswith("Prebooked")
    prebooking.twin.switches.swap_done_codes = True
    assert respond(prebooking, "prebook", PREBOOK, externalCode="b2").status == 400


def test_a_failed_prebooking_leaves_its_message_only_and_is_handled_by_people(prebooking):
    caller = prebooking
    respond(caller, "prebook", PREBOOK, success=False, voucherNumber1="JE-1")
    document = caller.twin.document("inv1")
    assert (document["processingStatus"], document["prebooked"]) == ("PrebookFailed", False)
    assert "voucherNumber1" not in document
    assert caller.twin.action_log("inv1") == ["Prebooking failed: Accrued"]
    caller.twin.act("retransfer", invoice_id="inv1", changes={"description": "corrected"})
    assert status(caller) == "WaitingForPrebook"
    assert respond(caller, "prebook", PREBOOK).status == 409
    assert respond(caller, "prebook", PREBOOK, externalCode="b2").status == 200


def test_each_kind_of_response_fits_its_own_stage_only(prebooking, enriching):
    assert prebooking.answer("inv1").status == 400
    assert respond(prebooking, "prebook", PREBOOK, "inv2").status == 400
    assert respond(prebooking, "enrichment", ENRICH).status == 400
    assert enriching.answer("inv1").status == 400
    assert respond(prebooking, "prebook", PREBOOK, "nobody").status == 404
    assert respond(enriching, "enrichment", ENRICH, "nobody").status == 404


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"responseMessage": ""}, "responseMessage: minimum length 1 not reached"),
        ({"transferDate": "2026-11-20"}, "transferDate: additional properties are not allowed"),
        ({"voucherNumber1": "x" * 26}, "voucherNumber1: maximum length 25 exceeded"),
        ({"paymentBlock": None}, "paymentBlock: required"),
    ],
)
def test_prebook_responses_are_held_to_the_specification(prebooking, tools, changes, message):
    refused = respond(prebooking, "prebook", PREBOOK, **changes)
    assert (refused.status, tools.parsed(refused)["errors"][0]["message"]) == (400, message)
    assert status(prebooking) == "WaitingForPrebook"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"paymentBlock": False}, "paymentBlock: additional properties are not allowed"),
        ({"externalCode": "x" * 37}, "externalCode: maximum length 36 exceeded"),
        ({"transferDate": "today"}, "transferDate: must be a date-time"),
    ],
)
def test_enrichment_responses_are_held_to_the_specification(enriching, tools, changes, message):
    refused = respond(enriching, "enrichment", ENRICH, **changes)
    assert (refused.status, tools.parsed(refused)["errors"][0]["message"]) == (400, message)


@pytest.mark.row("S17")
def test_enrichment_has_its_own_mode_and_way(enriching, tools):
    caller = enriching
    assert caller.read_all("ProcessingStatus=WaitingForEnrichmentTransfer") == []
    assert caller.read_all("ProcessingStatus=WaitingForEnrichmentTransfer&p2pProcessingMode=InvoiceEnrichment") == [
        ["inv1"]
    ]
    assert caller.acknowledge("inv1").status == 200
    assert status(caller) == "EnrichmentTransferInProgress"
    assert respond(caller, "enrichment", ENRICH, transferDate="2026-11-20T12:00:00Z").status == 200
    assert status(caller) == "EnrichmentTransferred"
    assert respond(caller, "enrichment", ENRICH, externalCode="e2").status == 400
    caller.twin.switches.swap_done_codes = True
    assert respond(caller, "enrichment", ENRICH, externalCode="e2").status == 400
    query = "companyCode=US10&invoiceNumber=NW-1&invoiceDate=2026-11-02"
    [found] = tools.parsed(caller.get(f"/v1/accountingDocuments/status?{query}"))
    assert (found["status"], found["processingStatus"]) == ("InApprovalProcess", "EnrichmentTransferred")


def test_a_failed_enrichment_is_sent_again_for_enrichment(enriching):
    respond(enriching, "enrichment", ENRICH, success=False)
    assert status(enriching) == "EnrichmentTransferFailed"
    enriching.twin.act("retransfer", invoice_id="inv1")
    assert status(enriching) == "WaitingForEnrichmentTransfer"


@pytest.mark.parametrize(
    ("kind", "entity_type"), [("prebook", "PrebookResponse"), ("enrichment", "EnrichmentTransferResponse")]
)
def test_what_became_of_a_response_is_told_by_its_own_name(prebooking, enriching, tools, kind, entity_type):
    caller, body = (prebooking, PREBOOK) if kind == "prebook" else (enriching, ENRICH)
    request_id = respond(caller, kind, body).headers["x-amzn-RequestId"]
    [found] = tools.parsed(caller.get(f"/v1/requestStatus?entityType={entity_type}"))["requestStatus"]
    assert (found["requestId"], found["systems"][0]["items"][0]["parentExternalCode"]) == (request_id, "inv1")


def test_new_invoices_come_in_at_each_stage(caller, tools):
    document = {key: value for key, value in tools.invoice(7).items() if key not in {"invoiceId", "processingStatus"}}
    prebooked = caller.twin.act("prebook", document=document)
    enriched = caller.twin.act("enrich", document=document)
    assert (status(caller, prebooked), status(caller, enriched)) == (
        "WaitingForPrebook",
        "WaitingForEnrichmentTransfer",
    )
    assert caller.read_all("ProcessingStatus=WaitingForPrebook") == [[prebooked]]


def test_only_what_waits_before_the_transfer_can_be_released(caller, enriching):
    with pytest.raises(ValueError, match="WaitingForTransfer"):
        caller.twin.act("release", invoice_id="inv1")
    with pytest.raises(ValueError, match="Enrichment"):
        enriching.twin.act("release", invoice_id="inv1")


@pytest.mark.parametrize(
    ("request_", "waiting", "done", "failed"),
    [
        ("cancel prebook", "WaitingForPrebookCancelation", "PrebookCanceled", "PrebookCancelFailed"),
        ("remove", "WaitingToBeRemoved", "Removed", "RemoveFailed"),
        ("return", "WaitingToBeReturned", "Returned", "ReturnFailed"),
        ("complete", "WaitingToBeCompleted", "Completed", "CompletionFailed"),
    ],
)
def test_what_basware_asks_of_accounting_waits_until_people_settle_it(prebooking, request_, waiting, done, failed):
    caller = prebooking
    respond(caller, "prebook", PREBOOK)
    caller.twin.act("ask", invoice_id="inv1", request=request_)
    assert caller.read_all(f"ProcessingStatus={waiting}") == [["inv1"]]
    assert caller.acknowledge("inv1").status == 405
    caller.twin.act("settle", invoice_id="inv1", success=False)
    assert status(caller) == failed
    caller.twin.act("ask", invoice_id="inv1", request=request_)
    caller.twin.act("settle", invoice_id="inv1")
    assert status(caller) == done
    assert caller.twin.document("inv1")["prebooked"] is (request_ != "cancel prebook")
    assert caller.twin.check() == []


@pytest.mark.parametrize(
    ("request_", "in_progress"),
    [
        ("cancel prebook", "PrebookCancelationInProgress"),
        ("complete", "CompletionInProgress"),
        ("remove", ""),
        ("return", ""),
    ],
)
def test_requests_with_a_status_in_progress_may_be_acknowledged_where_the_tenant_allows_it(
    caller, request_, in_progress
):
    caller.twin.switches.acknowledge_requests = True
    caller.twin.act("ask", invoice_id="inv1", request=request_)
    assert caller.acknowledge("inv1").status == (200 if in_progress else 405)
    if in_progress:
        assert status(caller) == in_progress
        caller.twin.act("settle", invoice_id="inv1")
        assert status(caller) in {"PrebookCanceled", "Completed"}


def test_a_request_that_does_not_exist_and_one_that_was_not_made_are_errors(caller):
    with pytest.raises(ValueError, match="dance"):
        caller.twin.act("ask", invoice_id="inv1", request="dance")
    with pytest.raises(ValueError, match="nothing was asked"):
        caller.twin.act("settle", invoice_id="inv1")


def test_a_transferred_invoice_may_still_be_returned(caller):
    caller.answer("inv1")
    caller.twin.act("ask", invoice_id="inv1", request="return")
    caller.twin.act("settle", invoice_id="inv1")
    assert status(caller) == "Returned"
    assert caller.twin.check() == []


def test_a_document_keeps_the_published_form_through_its_whole_life(prebooking, tools):
    caller = prebooking
    steps = [
        lambda: respond(caller, "prebook", {**PREBOOK, "prebookDate": "2026-11-20"}),
        lambda: caller.twin.act("dispute", invoice_id="inv1", reason="DamagedGoods"),
        lambda: caller.twin.act("release", invoice_id="inv1"),
        lambda: caller.acknowledge("inv1"),
        lambda: caller.answer("inv1", success=False),
        lambda: caller.twin.act("retransfer", invoice_id="inv1"),
        lambda: caller.answer("inv1", externalCode="r2", transferDate="2026-11-20T12:00:00Z"),
        lambda: caller.pay("inv1", paidTotal=1080),
        lambda: caller.twin.act("remove", invoice_id="inv1", reason="Duplicate", comment="paid twice"),
    ]
    seen = []
    for step in steps:
        step()
        [document] = tools.parsed(caller.get("/v1/accountingDocuments/inv1"))["accountingDocuments"]
        assert problems(schema("AccountingDocumentEntity"), document) == []
        seen.append(document["processingStatus"])
    assert seen == [
        "Prebooked",
        "Prebooked",
        "WaitingForTransfer",
        "TransferInProgress",
        "TransferFailed",
        "WaitingForTransfer",
        "Transferred",
        "Paid",
        "Removed",
    ]
    assert caller.twin.document("inv1")["removedBeforeTransfer"] is False
