"""What people do in Basware, what a test may look at, and seeds that make no sense."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from twins.basware import BaswareTwin
from twins.clock import Clock
from twins.http import Request


def test_an_approved_invoice_waits_for_transfer_with_its_files(caller, tools):
    document = {key: value for key, value in tools.invoice(7).items() if key not in {"invoiceId", "processingStatus"}}
    file = {"filename": "scan.pdf", "content_base64": "JVBERg==", "content_type": "application/pdf"}
    invoice_id = caller.twin.act("approve", document=document, files={"att7": file})
    assert caller.read_all("ProcessingStatus=WaitingForTransfer")[0][-1] == invoice_id
    assert caller.get(f"/v1/accountingDocuments/{invoice_id}/attachments/att7").status == 302


def test_editing_changes_fields_and_the_time_of_change_only(caller):
    caller.acknowledge("inv1")
    caller.clock.advance(60)
    caller.twin.act("edit", invoice_id="inv1", changes={"description": "new", "paymentMethod": None})
    document = caller.twin.document("inv1")
    assert (document["description"], document["processingStatus"]) == ("new", "TransferInProgress")
    assert "paymentMethod" not in document
    assert document["lastUpdated"] == "2026-11-20T12:01:00.000Z"


def test_editing_in_progress_does_not_put_off_transfer_recovery(caller):
    caller.acknowledge("inv1")
    caller.clock.advance(20 * 3600)
    caller.twin.act("edit", invoice_id="inv1", changes={"description": "new"})
    caller.clock.advance(4 * 3600 + 1)
    assert caller.twin.document("inv1")["processingStatus"] == "TransferFailed"


def test_status_and_identity_are_not_edited(caller):
    with pytest.raises(ValueError, match="processingStatus"):
        caller.twin.act("edit", invoice_id="inv1", changes={"processingStatus": "Paid"})


def test_a_removed_invoice_says_why(caller):
    caller.twin.act("remove", invoice_id="inv1", reason="Duplicate")
    document = caller.twin.document("inv1")
    assert (document["processingStatus"], document["removalReason"]) == ("Removed", "Duplicate")
    assert document["removedBeforeTransfer"] is True
    assert caller.answer("inv1").status == 400
    assert caller.twin.check() == []


def test_an_unknown_invoice_or_act_is_an_error(caller):
    with pytest.raises(KeyError):
        caller.twin.act("edit", invoice_id="nobody", changes={})
    with pytest.raises(KeyError):
        caller.twin.act("dance", invoice_id="inv1")


def test_calls_are_counted_by_kind(caller):
    caller.get("/v1/accountingDocuments")
    caller.acknowledge("inv1")
    caller.acknowledge("inv1")
    caller.answer("inv1")
    assert caller.twin.calls == {"requests": 4, "lists": 1, "acknowledges": 2, "transferResponses": 1}


def test_the_check_finds_a_transfer_that_nobody_reported(caller):
    caller.twin.act("move", invoice_id="inv1", status="Transferred")
    assert caller.twin.check() == []
    caller.answer("inv2")
    caller.twin.act("move", invoice_id="inv2", status="TransferFailed")
    assert caller.twin.check() == ["inv2 is TransferFailed although a transfer response reported success"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"invoiceId": ""}, "invoiceId"),
        ({"processingStatus": "Waiting"}, "processingStatus"),
        ({"processingStatus": None}, "processingStatus"),
    ],
)
def test_a_seed_with_an_impossible_document_is_refused(tools, changes, message):
    with pytest.raises(ValueError, match=message):
        tools.caller([tools.invoice(1, **changes)])


def test_a_seed_with_a_document_twice_or_without_credentials_is_refused(tools):
    with pytest.raises(ValueError, match="there already"):
        tools.caller([tools.invoice(1), tools.invoice(1)])
    twin = BaswareTwin(Clock(tools.noon, running=False))
    with pytest.raises(ValueError, match="client_secret"):
        twin.add_tenant({"client_id": "x"})
    with pytest.raises(ValueError, match="unknown documents"):
        tools.caller([], attachments={"nobody": {}})


def test_two_twins_with_one_seed_give_the_same_request_ids(tools):
    first, second = (tools.caller([tools.invoice(1)]).get("/v1/accountingDocuments") for _ in range(2))
    assert first == second


class LifeOfInvoices(RuleBasedStateMachine):
    """Any order of requests, acts and time keeps the tenant's books in order."""

    def __init__(self):
        super().__init__()
        self.clock = Clock(running=False)
        self.twin = BaswareTwin(self.clock)
        document = {"processingStatus": "WaitingForTransfer", "grossSum": 100}
        self.twin.add_tenant(
            {
                "client_id": "c",
                "client_secret": "s",
                "user": "u",
                "password": "p",
                "bwcid": "b",
                "scopes": ["accountingDocuments.read", "accountingDocuments.write"],
                "companies": [],
                "accountingDocuments": [{"invoiceId": name, **document} for name in "abc"],
            }
        )
        self.headers = [("Authorization", "Basic dTpw"), ("Content-Type", "application/json")]
        self.number = 0

    def post(self, path, body=b""):
        url = f"https://b.test/v1/accountingDocuments/{path}"
        return self.twin.handle(Request.build("POST", url, self.headers, body)).status

    @rule(name=st.sampled_from("abc"))
    def acknowledge(self, name):
        waiting = self.twin.document(name)["processingStatus"] == "WaitingForTransfer"
        assert self.post(f"{name}/acknowledge") == (200 if waiting else 405)

    @rule(name=st.sampled_from("abc"), success=st.booleans(), fresh=st.booleans())
    def answer(self, name, success, fresh):
        self.number += fresh
        flag = str(success).lower()
        body = f'{{"externalCode":"{self.number}","success":{flag},"responseMessage":"m","paymentBlock":false}}'
        was = self.twin.document(name)["processingStatus"]
        answered = self.post(f"{name}/transferResponses", body.encode())
        assert answered in ({400} if was in {"Transferred", "Paid", "Removed"} else {200, 409})
        self.in_order()

    @rule(name=st.sampled_from("abc"), total=st.integers(0, 200))
    def pay(self, name, total):
        self.number += 1
        body = f'{{"externalCode":"{self.number}","success":true,"paidTotal":{total},"paymentBlock":false}}'
        self.post(f"{name}/paymentResponses", body.encode())
        self.in_order()

    @rule(name=st.sampled_from("abc"))
    def retransfer(self, name):
        self.twin.act("retransfer", invoice_id=name)
        self.in_order()

    @rule(hours=st.integers(1, 30))
    def wait(self, hours):
        self.clock.advance(hours * 3600)
        self.in_order()

    def in_order(self):
        assert self.twin.check() == []


TestLifeOfInvoices = LifeOfInvoices.TestCase
TestLifeOfInvoices.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
