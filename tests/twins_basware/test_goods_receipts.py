"""Goods receipts that the ledger posts for orders of P2P Purchase: taken at once, booked or refused by P2P later."""

from decimal import Decimal

import pytest

from twins.basware.schemas import problems, schema

RESOURCE = "/v1/purchaseGoodsReceipts"
HERE, THERE = {"name": "Main office"}, {"name": "Warehouse"}


def line(code, order_line, **amount):
    return {"externalCode": code, "orderLineExternalCode": order_line, **(amount or {"receivedQuantity": 1})}


def receipt(code="GR1", *lines, **changes):
    return {
        "externalCode": code,
        "externalGRNumber": f"N-{code}",
        "orderExternalCode": "PO1",
        "receiveDate": "2026-11-20T00:00:00",
        "receiver": {"loginAccount": "pat.purchase"},
        "lineReceivings": list(lines) or [line(f"{code}-1", "PO1-1", receivedQuantity=4)],
        **changes,
    }


class Dock:
    """An order over ten of one thing and three of another, and what becomes of receipts for it."""

    def __init__(self, tools):
        names = ("purchaseGoodsReceipts", "exportedPurchaseOrders", "requestStatus")
        scopes = [f"{name}.{right}" for name in names for right in ("read", "write", "delete")]
        self.caller = tools.caller([], scopes=scopes)
        self.parsed = tools.parsed
        self.switches = self.caller.twin.switches
        lines = [
            {"quantity": 10, "netUnitPrice": Decimal("19.99"), "taxPercent": 8, "deliveryAddress": HERE},
            {"quantity": 3, "netUnitPrice": Decimal("7.50"), "deliveryAddress": HERE},
            {"quantity": 5, "netUnitPrice": Decimal("1.00"), "deliveryAddress": THERE},
        ]
        self.caller.twin.act("purchase_order", document={"externalCode": "PO1"}, lines=lines)
        self.caller.post("/v1/exportedPurchaseOrders/PO1/acknowledge")

    def post(self, *receipts):
        self.caller.clock.advance(10)
        return self.caller.post(RESOURCE, list(receipts))

    def status(self, code="GR1"):
        [found] = self.parsed(self.caller.get(f"{RESOURCE}/{code}"))["goodsReceipts"]
        assert problems(schema("PurchaseGoodsReceiptEntity"), found) == []
        return found["processingStatus"]

    def refused(self, answer):
        """What P2P had against the receipts of a request."""
        assert answer.status == 200
        [request] = self.parsed(self.caller.get(f"/v1/requestStatus/{answer.headers['x-amzn-RequestId']}"))[
            "requestStatus"
        ]
        assert request["entityType"] == "PurchaseGoodsReceipt"
        items = request["systems"][0]["items"]
        return [error["message"] for item in items for error in item["errors"]]

    def order(self):
        [found] = self.parsed(self.caller.get("/v1/exportedPurchaseOrders/PO1"))["exportedPurchaseOrders"]
        assert problems(schema("ExportedPurchaseOrderEntity"), found) == []
        return found


@pytest.fixture
def dock(tools):
    return Dock(tools)


def test_a_receipt_is_in_progress_until_p2p_has_booked_it(dock):
    dock.switches.processing_seconds = 30
    sent = receipt()
    answer = dock.post(sent)
    assert answer.status == 200
    assert dock.parsed(answer).items() >= {"externalCode": "GR1", "processingStatus": "ImportInProgress"}.items()
    assert dock.status() == "ImportInProgress"
    assert dock.order()["processingStatus"] == "Exported"
    dock.caller.clock.advance(30)
    assert dock.status() == "Imported"
    order = dock.order()
    assert (order["orderStatus"], order["processingStatus"]) == ("PartiallyReceived", "WaitingForExport")
    first, second, _ = order["orderLines"]
    assert (first["receivedQuantity"], first["receivedNetSum"], first["receivedGrossSum"]) == (
        Decimal(4),
        Decimal("79.96"),
        Decimal("86.36"),
    )
    assert (first["lineStatus"], first["receivalMethod"], second["lineStatus"]) == (
        "PartiallyReceived",
        "Quantity",
        "Ordered",
    )
    [row] = first["goodsReceipts"]
    assert (row["externalCode"], row["grHeaderExternalCode"], row["extGoodsReceiptNumber"]) == ("GR1-1", "GR1", "N-GR1")


def test_an_order_is_received_once_all_of_it_came(dock):
    dock.post(
        receipt("GR1", line("a", "PO1-1", receivedQuantity=10), line("b", "PO1-2", receivedNetSum=Decimal("22.50")))
    )
    assert dock.order()["orderStatus"] == "PartiallyReceived"
    dock.post(receipt("GR2", line("c", "PO1-3", receivedGrossSum=Decimal("5.00"))))
    order = dock.order()
    assert order["orderStatus"] == "Received"
    assert [each["lineStatus"] for each in order["orderLines"]] == ["Received"] * 3
    assert [each["receivalMethod"] for each in order["orderLines"]] == ["Quantity", "NetSum", "GrossSum"]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (receipt(orderExternalCode="PO9"), "order PO9 was not found"),
        (receipt("GR1", line("a", "PO1-9")), "line a: order PO1 has no line PO1-9"),
        (receipt(lineReceivings=[]), "the receipt has no lines"),
        (receipt("GR1", line("a", "PO1-1", receivedQuantity=11)), "order line PO1-1: only 10 is left to receive"),
        (
            receipt("GR1", line("a", "PO1-2", receivedQuantity=2), line("b", "PO1-2", receivedQuantity=2)),
            "order line PO1-2: only 3 is left to receive",
        ),
        (
            receipt("GR1", line("a", "PO1-1", receivedQuantity=1, receivedNetSum=1)),
            "line a: exactly one of receivedQuantity, receivedNetSum, receivedGrossSum must have a value",
        ),
        (
            receipt("GR1", line("a", "PO1-1", receivedQuantity=None)),
            "line a: exactly one of receivedQuantity, receivedNetSum, receivedGrossSum must have a value",
        ),
        (receipt("GR1", line("a", "PO1-1", receivedQuantity=0)), "line a: what is received is more than nothing"),
        (
            receipt("GR1", line("a", "PO1-1", receivedQuantity=1), line("b", "PO1-1", receivedNetSum=1)),
            "order line PO1-1: one receival method for all receipts of a line",
        ),
        (
            receipt("GR1", line("a", "PO1-1"), line("b", "PO1-3")),
            "the lines were ordered to several delivery locations, which need a receipt each",
        ),
        (
            receipt(
                "GR1", line("a", "PO1-1"), line("b", "PO1-1", receivedQuantity=-1, referenceGRLineExternalCode="x")
            ),
            "line b: normal lines and reversals can't be mixed in one receipt",
        ),
    ],
)
def test_p2p_refuses_all_of_a_receipt_for_one_wrong_line(dock, bad, message):
    before = dock.order()
    answer = dock.post(bad)
    assert dock.status() == "ImportFailed"
    assert dock.refused(answer) == [message]
    assert dock.order() == before


def test_what_is_closed_or_cancelled_takes_no_receipt(dock):
    dock.caller.twin.act("change_purchase_order", order="PO1", lines={"PO1-1": {"lineStatus": "Closed"}})
    assert dock.refused(dock.post(receipt())) == ["line GR1-1: order line PO1-1 is Closed"]
    dock.caller.twin.act("close_purchase_order", order="PO1")
    assert dock.refused(dock.post(receipt("GR2"))) == ["order PO1 is Closed"]


def reversal(code, amount, of="GR1", of_line="GR1-1", **changes):
    reversed_line = line(f"{code}-1", "PO1-1", receivedQuantity=amount, referenceGRLineExternalCode=of_line)
    return receipt(code, reversed_line, referenceGRDocumentExternalCode=of, **changes)


def test_a_receipt_is_reversed_by_one_that_refers_to_it(dock):
    dock.post(receipt())
    assert dock.refused(dock.post(reversal("GR2", -1))) == []
    assert dock.order()["orderLines"][0]["receivedQuantity"] == 3
    assert dock.refused(dock.post(reversal("GR3", -4))) == ["line GR3-1: only 3 is left of GR1-1 to reverse"]
    assert dock.refused(dock.post(reversal("GR4", -3))) == []
    first = dock.order()["orderLines"][0]
    assert (first["receivedQuantity"], first["lineStatus"], first["receivalMethod"]) == (0, "Ordered", None)
    assert dock.order()["orderStatus"] == "Ordered"
    assert dock.refused(dock.post(receipt("GR5", line("z", "PO1-1", receivedNetSum=5)))) == []


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (reversal("GR2", 1), "line GR2-1: a reversal is negative"),
        (reversal("GR2", -1, of="GR9"), "line GR2-1: there is no receipt GR9 with a line GR1-1 to reverse"),
        (reversal("GR2", -1, of_line="x"), "line GR2-1: there is no receipt GR1 with a line x to reverse"),
        (
            receipt("GR2", line("a", "PO1-1"), referenceGRDocumentExternalCode="GR1"),
            "line a: normal lines and reversals can't be mixed in one receipt",
        ),
    ],
)
def test_a_reversal_that_does_not_fit_is_refused(dock, bad, message):
    dock.post(receipt())
    assert dock.refused(dock.post(bad)) == [message]


def test_the_first_receipt_of_a_line_sets_its_method_also_in_p2ps_own_screen(dock):
    dock.caller.twin.act("receive_purchase_order", order="PO1", lines={"PO1-1": 50}, measure="receivedNetSum")
    assert dock.refused(dock.post(receipt())) == ["order line PO1-1: is received by NetSum, not by Quantity"]
    with pytest.raises(ValueError, match="is received by NetSum"):
        dock.caller.twin.act("receive_purchase_order", order="PO1", lines={"PO1-1": 1})


@pytest.mark.row("S13")
def test_an_identical_receipt_is_not_processed_and_a_changed_one_refused(dock):
    dock.post(receipt())
    again = dock.post(receipt())
    [request] = dock.parsed(dock.caller.get(f"/v1/requestStatus/{again.headers['x-amzn-RequestId']}"))["requestStatus"]
    assert request["systems"][0]["items"][0]["status"] == "NotProcessed"
    assert (dock.status(), dock.order()["orderLines"][0]["receivedQuantity"]) == ("Imported", 4)
    changed = dock.post(receipt("GR1", line("GR1-1", "PO1-1", receivedQuantity=5)))
    assert dock.refused(changed) == ["goods receipt GR1 was imported before and can't be changed, only reversed"]
    assert dock.status() == "ImportFailed"


def test_a_failed_receipt_may_be_corrected_under_its_code(dock):
    dock.post(receipt("GR1", line("GR1-1", "PO1-1", receivedQuantity=11)))
    assert dock.status() == "ImportFailed"
    assert dock.refused(dock.post(receipt())) == []
    assert dock.status() == "Imported"


@pytest.mark.row("S8", "S9", "S10")
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (receipt(), 400, "SCHEMA_VALIDATION_ERROR"),
        ([{**receipt(), "quantity": 1}], 400, "SCHEMA_VALIDATION_ERROR"),
        ([{**receipt(), "receiver": None}], 400, "SCHEMA_VALIDATION_ERROR"),
        ([receipt("x" * 101)], 400, "SCHEMA_VALIDATION_ERROR"),
        ([receipt(f"GR{number}") for number in range(101)], 400, "SCHEMA_VALIDATION_ERROR"),
        ([receipt(), receipt()], 409, "CONFLICT_IN_POST"),
    ],
)
def test_what_breaks_the_published_schema_is_refused_whole_and_at_once(dock, body, status, code):
    refused = dock.caller.post(RESOURCE, body)
    assert (refused.status, dock.parsed(refused)["errors"][0]["code"]) == (status, code)
    assert dock.caller.get(RESOURCE).status == 404


@pytest.mark.row("S11")
def test_one_receipt_is_echoed_as_published_and_several_as_an_array(dock):
    assert dock.parsed(dock.post(receipt()))["externalCode"] == "GR1"
    both = dock.parsed(dock.post(receipt("GR2"), receipt("GR3")))
    assert [each["externalCode"] for each in both] == ["GR2", "GR3"]
    dock.switches.receipts_echoed_as_array = True
    assert [each["externalCode"] for each in dock.parsed(dock.post(receipt("GR4")))] == ["GR4"]


@pytest.mark.row("S4", "S5")
def test_receipts_are_listed_by_status_and_change(dock):
    assert (dock.caller.get(RESOURCE).status, dock.caller.get(f"{RESOURCE}/none").status) == (404, 404)
    dock.post(receipt("GR1"))
    dock.post(receipt("GR2", line("a", "PO1-9")))

    def codes(query):
        answer = dock.caller.get(f"{RESOURCE}?{query}")
        return [each["externalCode"] for each in dock.parsed(answer)["goodsReceipts"]]

    assert (codes("processingStatus=Imported"), codes("processingStatus=ImportFailed")) == (["GR1"], ["GR2"])
    assert codes("pageSize=1") == ["GR1"]
    assert codes("lastUpdated=2026-11-20T12:00:15Z") == ["GR2"]
    assert dock.caller.get(f"{RESOURCE}?processingStatus=Waiting").status == 400


@pytest.mark.row("S16")
def test_deleting_a_receipt_leaves_the_booking_alone(dock):
    dock.post(receipt())
    assert dock.status() == "Imported"
    assert dock.caller.send("DELETE", RESOURCE, {"externalCode": "GR1"}).status == 200
    assert dock.caller.get(f"{RESOURCE}/GR1").status == 404
    assert dock.order()["orderLines"][0]["receivedQuantity"] == 4


@pytest.mark.row("S12")
def test_p2p_may_refuse_a_receipt_on_purpose(dock):
    dock.caller.twin.act("refuse_imports", entity_type="PurchaseGoodsReceipt", message="P2P is closed for inventory")
    assert dock.refused(dock.post(receipt())) == ["P2P is closed for inventory"]
    assert (dock.status(), dock.order()["orderStatus"]) == ("ImportFailed", "Ordered")
