"""Responses that come at the wrong moment: beside the acknowledgement, without one, twice, too late."""

import pytest

KINDS = {
    "transfer": ("WaitingForTransfer", {"responseMessage": "Posted", "paymentBlock": False}),
    "prebook": ("WaitingForPrebook", {"responseMessage": "Accrued", "paymentBlock": False}),
    "enrichment": ("WaitingForEnrichmentTransfer", {"responseMessage": "Taken over"}),
}


def respond(caller, kind, code="r1", invoice_id="inv1"):
    body = {"externalCode": code, "success": True, **KINDS[kind][1]}
    return caller.post(f"/v1/accountingDocuments/{invoice_id}/{kind}Responses", body)


@pytest.fixture
def racing(tools):
    """Forty invoices of a kind whose acknowledgement takes two seconds."""

    def build(kind):
        mode = "InvoiceEnrichment" if kind == "enrichment" else "Standard"
        waiting = {"processingStatus": KINDS[kind][0], "p2pProcessingMode": mode}
        caller = tools.caller([tools.invoice(number, **waiting) for number in range(1, 41)])
        caller.twin.switches.acknowledge_seconds = 2
        return caller

    return build


@pytest.mark.row("S21")
@pytest.mark.parametrize("kind", KINDS)
def test_a_response_beside_the_acknowledgement_is_refused_one_way_or_the_other(racing, tools, kind):
    caller = racing(kind)
    refused = {}
    for number in range(1, 41):
        name = f"inv{number}"
        assert caller.acknowledge(name).status == 200
        refused[name] = respond(caller, kind, invoice_id=name)
    assert {answer.status for answer in refused.values()} == {409, 500}
    codes = {answer.status: tools.parsed(answer)["errors"][0]["code"] for answer in refused.values()}
    assert codes == {409: "CONFLICT_IN_POST", 500: "UNEXPECTED_ERROR"}
    assert all(caller.twin.document(name)["processingStatus"].endswith("InProgress") for name in refused)
    caller.clock.advance(2)
    assert {respond(caller, kind, invoice_id=name).status for name in refused} == {200}


@pytest.mark.row("S21")
def test_the_same_seed_gives_the_same_race(racing):
    outcomes = []
    for _ in range(2):
        caller = racing("transfer")
        for number in range(1, 41):
            caller.acknowledge(f"inv{number}")
        outcomes.append([respond(caller, "transfer", invoice_id=f"inv{number}").status for number in range(1, 41)])
    assert outcomes[0] == outcomes[1]


@pytest.mark.row("S21")
def test_without_a_race_the_answer_may_follow_at_once(caller):
    caller.acknowledge("inv1")
    assert respond(caller, "transfer").status == 200


@pytest.mark.row("S21")
def test_sending_an_invoice_again_ends_the_race(racing):
    caller = racing("transfer")
    caller.acknowledge("inv1")
    caller.twin.act("retransfer", invoice_id="inv1")
    assert respond(caller, "transfer").status == 200


@pytest.mark.row("S20")
@pytest.mark.parametrize("kind", KINDS)
def test_an_acknowledgement_before_the_response_may_be_needed_or_not(tools, kind):
    mode = "InvoiceEnrichment" if kind == "enrichment" else "Standard"
    waiting = {"processingStatus": KINDS[kind][0], "p2pProcessingMode": mode}
    caller = tools.caller([tools.invoice(1, **waiting), tools.invoice(2, **waiting)])
    assert respond(caller, kind).status == 200
    caller.twin.switches.answer_without_acknowledge = False
    assert respond(caller, kind, invoice_id="inv2").status == 400
    caller.acknowledge("inv2")
    assert respond(caller, kind, invoice_id="inv2").status == 200


@pytest.mark.row("S18")
def test_a_transfer_response_for_a_transferred_invoice_is_400_or_where_codes_are_swapped_409(caller, tools):
    caller.answer("inv1")
    assert caller.answer("inv1", externalCode="r2").status == 400
    caller.twin.switches.swap_done_codes = True
    refused = caller.answer("inv1", externalCode="r2")
    assert (refused.status, tools.parsed(refused)["errors"][0]["code"]) == (409, "CONFLICT_IN_POST")
    caller.twin.act("remove", invoice_id="inv2")
    assert caller.answer("inv2").status == 400


@pytest.mark.row("S19")
@pytest.mark.parametrize("kind", KINDS)
def test_a_code_serves_once_on_a_document_whatever_it_was_used_for(tools, kind):
    mode = "InvoiceEnrichment" if kind == "enrichment" else "Standard"
    used = {
        "transferResponses": [{"externalCode": "r1", "success": False, "responseMessage": "x", "paymentBlock": False}]
    }
    waiting = {"processingStatus": KINDS[kind][0], "p2pProcessingMode": mode}
    caller = tools.caller([tools.invoice(1, **waiting, **used), tools.invoice(2, **waiting)])
    refused = respond(caller, kind)
    assert (refused.status, tools.parsed(refused)["errors"][0]["externalCode"]) == (409, "r1")
    assert respond(caller, kind, code="r2").status == 200
    assert respond(caller, kind, invoice_id="inv2").status == 200
