"""Purchase orders of other systems in P2P: header before lines, matching modes, net or gross, goods receipts."""

from decimal import Decimal

import pytest

from twins.basware.order_rules import received


@pytest.fixture
def importer(tools):
    """A tenant with vendor V-1 and order O-1 (number PO-1), which has no lines yet."""
    importer = tools.importer(vendors=[tools.vendor(1)])
    importer.put("matchingOrders", tools.order(1))
    return importer


def receipt(number, quantity, **changes):
    return {"externalCode": f"G-{number}", "goodsReceiptNumber": f"GR-{number}", "quantity": quantity, **changes}


def lines(importer):
    return {row["externalCode"]: row for row in importer.in_p2p("matchingOrderLines")}


def codes(importer):
    return [each["externalCode"] for each in lines(importer).get("L-1", {}).get("goodsReceipts") or ()]


class TestOrders:
    def test_an_order_is_seen_in_p2p_once_it_has_lines(self, importer, tools):
        assert importer.found("matchingOrders/O-1")["orderNumber"] == "PO-1"
        assert importer.in_p2p("matchingOrders") == []
        importer.put("matchingOrderLines", tools.order_line(1))
        assert [row["orderNumber"] for row in importer.in_p2p("matchingOrders")] == ["PO-1"]

    def test_its_vendor_company_and_organization_element_must_be_there(self, importer, tools):
        request_id = importer.put(
            "matchingOrders",
            tools.order(2, supplierCode="V-2"),
            tools.order(3, companyCode="XX"),
            tools.order(4, organizationElementCode="NOWHERE"),
        )
        assert importer.complaints(request_id) == [
            "Supplier V-2 was not found in company US10",
            "Record skipped: company code XX was not found",
            "Organization element NOWHERE was not found",
        ]

    def test_number_source_company_and_element_make_an_order_unique(self, importer, tools):
        same = importer.put("matchingOrders", tools.order(2, orderNumber="PO-1"))
        assert importer.complaints(same) == ["Order PO-1 is there already as O-1"]
        other = importer.put("matchingOrders", tools.order(3, orderNumber="PO-1", sourceSystem="ERP"))
        assert importer.outcomes(other) == {"O-3": "Success"}

    def test_lines_need_their_order_and_stay_with_it(self, importer, tools):
        lost = importer.put("matchingOrderLines", tools.order_line(9, orderExternalCode="O-9"))
        assert importer.complaints(lost) == ["Order O-9 was not found"]
        [system] = importer.status(lost)["systems"]
        assert system["items"][0]["parentExternalCode"] == "O-9"
        importer.put("matchingOrders", tools.order(2))
        importer.put("matchingOrderLines", tools.order_line(1))
        importer.clock.advance(5)
        moved = importer.put("matchingOrderLines", tools.order_line(1, orderExternalCode="O-2"))
        assert importer.complaints(moved) == ["The line belongs to order O-1"]

    def test_the_lines_of_one_request_arrive_together_or_not_at_all(self, importer, tools):
        good, bad = tools.order_line(1), tools.order_line(2, quantity=0)
        request_id = importer.put("matchingOrderLines", good, bad)
        assert importer.outcomes(request_id) == {"L-1": "Error", "L-2": "Error"}
        assert importer.complaints(request_id) == [
            "Not saved, because another line of the same request was refused",
            "quantity must be above zero",
        ]
        assert (lines(importer), importer.in_p2p("matchingOrders")) == ({}, [])
        importer.clock.advance(5)
        again = importer.put("matchingOrderLines", good, {**bad, "quantity": 1})
        assert importer.outcomes(again) == {"L-1": "Success", "L-2": "Success"}

    def test_a_tenant_may_save_the_good_lines_of_a_request(self, importer, tools):
        importer.twin.switches.lines_all_or_nothing = False
        request_id = importer.put("matchingOrderLines", tools.order_line(1), tools.order_line(2, quantity=0))
        assert importer.outcomes(request_id) == {"L-1": "Success", "L-2": "Error"}
        assert set(lines(importer)) == {"L-1"}

    def test_an_order_of_two_requests_can_be_seen_with_half_its_lines(self, importer, tools):
        importer.twin.switches.processing_seconds = 30
        importer.put("matchingOrderLines", *(tools.order_line(number) for number in range(100)))
        importer.clock.advance(10)
        importer.put("matchingOrderLines", *(tools.order_line(number) for number in range(100, 120)))
        importer.clock.advance(20)
        assert len(lines(importer)) == 100
        importer.clock.advance(10)
        assert len(lines(importer)) == 120


class TestMatching:
    @pytest.mark.parametrize(
        ("changes", "complaint"),
        [
            ({"quantity": 0}, "quantity must be above zero"),
            ({"quantity": -1}, "quantity must be above zero"),
            ({"matchingMode": "Blanket", "quantity": 2}, "quantity must be 1 with matchingMode Blanket"),
            (
                {"matchingMode": "Blanket", "quantity": 1, "isReceiptRequired": True},
                "isReceiptRequired true is not allowed with matchingMode Blanket",
            ),
            (
                {"matchingMode": "Service", "quantity": 1, "isReceiptRequired": True},
                "isReceiptBasedMatching must be true with matchingMode Service",
            ),
            ({"matchingMode": "Return"}, "matchingMode Return needs a negative unit price"),
            ({"netPrice": None}, "Net or gross amounts are missing"),
            ({"referenceUsers": [{"userRole": "Buyer"}]}, "referenceUsers: userEmail or userExternalCode is needed"),
        ],
    )
    def test_what_p2p_refuses(self, importer, tools, changes, complaint):
        assert importer.complaints(importer.put("matchingOrderLines", tools.order_line(1, **changes))) == [complaint]

    @pytest.mark.parametrize(
        "changes",
        [
            {"matchingMode": "Blanket", "quantity": 1},
            {"matchingMode": "Service", "quantity": 1, "isReceiptRequired": True, "isReceiptBasedMatching": True},
            {"matchingMode": "Return", "netPrice": -1},
            {"netPrice": None, "grossSum": 25},
            {"netPrice": None, "goodsReceipts": [receipt(1, 6, netPrice=10)]},
        ],
    )
    def test_what_p2p_takes(self, importer, tools, changes):
        request_id = importer.put("matchingOrderLines", tools.order_line(1, **changes))
        assert importer.outcomes(request_id) == {"L-1": "Success"}

    def test_all_of_an_order_is_net_or_all_of_it_gross(self, importer, tools):
        gross = {"netPrice": None, "grossPrice": 3}
        both = importer.put("matchingOrderLines", tools.order_line(1), tools.order_line(2, **gross))
        assert set(importer.outcomes(both).values()) == {"Error"}
        importer.clock.advance(5)
        importer.put("matchingOrderLines", tools.order_line(1, comment="alone"))
        mixed = importer.put("matchingOrderLines", tools.order_line(3, **gross))
        assert importer.complaints(mixed) == ["The order has net amounts on some lines and gross amounts on others"]
        deleted = importer.put("matchingOrderLines", tools.order_line(4, **gross, isDeleted=True))
        assert importer.outcomes(deleted) == {"L-4": "Success"}
        complete = importer.put("matchingOrderLines", tools.order_line(5, grossPrice=3))
        assert importer.outcomes(complete) == {"L-5": "Success"}


class TestReceipts:
    @pytest.mark.row("S15")
    def test_a_patch_adds_goods_receipts_to_those_that_are_there(self, importer, tools):
        importer.put("matchingOrderLines", tools.order_line(1, goodsReceipts=[receipt(1, 4)]))
        importer.clock.advance(5)
        assert importer.patch("matchingOrderLines/L-1", goodsReceipts=[receipt(2, 3)]).status == 200
        assert codes(importer) == ["G-1", "G-2"]
        importer.clock.advance(5)
        importer.patch("matchingOrderLines/L-1", goodsReceipts=[receipt(1, 5)])
        assert [each["quantity"] for each in lines(importer)["L-1"]["goodsReceipts"]] == [5, 3]
        importer.clock.advance(5)
        importer.put("matchingOrderLines", tools.order_line(1, goodsReceipts=[receipt(3, 1)]))
        assert codes(importer) == ["G-3"]

    @pytest.mark.row("S15", "S35")
    def test_patches_of_one_line_at_the_same_time_collide(self, importer, tools):
        importer.twin.switches.patch_busy_seconds = 3
        importer.put("matchingOrderLines", tools.order_line(1), tools.order_line(2))
        assert importer.patch("matchingOrderLines/L-1", goodsReceipts=[receipt(1, 4)]).status == 200
        busy = importer.patch("matchingOrderLines/L-1", goodsReceipts=[receipt(2, 3)])
        assert (busy.status, busy.body) == (503, b"")
        assert importer.patch("matchingOrderLines/L-2", comment="another line").status == 200
        importer.clock.advance(3)
        assert importer.patch("matchingOrderLines/L-1", goodsReceipts=[receipt(2, 3)]).status == 200
        assert codes(importer) == ["G-1", "G-2"]

    @pytest.mark.parametrize(
        ("receipts", "complaint"),
        [
            ([receipt(1, 1), receipt(1, 2)], "Goods receipt G-1 is there twice"),
            ([receipt(1, -1)], "Goods receipt G-1 is negative and has no referenceGRExternalCode"),
            (
                [receipt(1, 4), receipt(2, -1, referenceGRExternalCode="G-9")],
                "Goods receipt G-9, reversed by G-2, was not found on the line",
            ),
            (
                [receipt(1, 4), receipt(2, 1, referenceGRExternalCode="G-1")],
                "Goods receipt G-2 reverses G-1 and needs a negative quantity",
            ),
            (
                [
                    receipt(1, 4),
                    receipt(2, -3, referenceGRExternalCode="G-1"),
                    receipt(3, -2, referenceGRExternalCode="G-1"),
                ],
                "Goods receipt G-3 reverses more than is left of G-1",
            ),
        ],
    )
    def test_receipts_and_reversals_must_add_up(self, importer, tools, receipts, complaint):
        request_id = importer.put("matchingOrderLines", tools.order_line(1, goodsReceipts=receipts))
        assert importer.complaints(request_id) == [complaint]

    def test_a_service_line_has_one_coding_row_on_its_receipts(self, importer, tools):
        row = {"externalCode": "c1", "rowIndex": 1, "allocatedQuantity": 1}
        service = {"matchingMode": "Service", "quantity": 1, "isReceiptRequired": True, "isReceiptBasedMatching": True}
        two = [row, {**row, "externalCode": "c2"}]
        refused = importer.put(
            "matchingOrderLines", tools.order_line(1, **service, goodsReceipts=[receipt(1, 1, receiptCoding=two)])
        )
        assert importer.complaints(refused) == ["Goods receipt G-1: one receiptCoding row at most"]
        warned = importer.put(
            "matchingOrderLines", tools.order_line(2, goodsReceipts=[receipt(2, 1, receiptCoding=[row])])
        )
        assert importer.outcomes(warned) == {"L-2": "Warning"}
        coded = importer.put("matchingOrderLines", tools.order_line(3, **service, orderLineCoding=[row]))
        assert importer.outcomes(coded) == {"L-3": "Warning"}

    def test_a_closed_line_takes_no_new_receipts(self, importer, tools):
        importer.put("matchingOrderLines", tools.order_line(1, goodsReceipts=[receipt(1, 4)]))
        assert importer.twin.act("close_matching_order", order="PO-1") == "O-1"
        importer.clock.advance(5)
        late = importer.patch("matchingOrderLines/L-1", goodsReceipts=[receipt(2, 3)])
        assert importer.complaints(late.headers["x-amzn-RequestId"]) == [
            "The line is closed and takes no new goods receipts"
        ]
        with pytest.raises(ValueError, match="is closed"):
            importer.twin.act("receive_matching_order", order="PO-1", line="1", quantity=1)
        importer.clock.advance(5)
        reopened = importer.patch("matchingOrderLines/L-1", isClosed=False)
        assert importer.outcomes(reopened.headers["x-amzn-RequestId"]) == {"L-1": "Success"}
        assert codes(importer) == ["G-1", "G-2"]

    def test_goods_received_in_p2p_stay_beside_those_of_the_interface(self, importer, tools):
        importer.put("matchingOrderLines", tools.order_line(1, goodsReceipts=[receipt(1, 4)]))
        assert (
            importer.twin.act("receive_matching_order", order="O-1", line="1", quantity=5, number="DOCK-7")
            == "P2P-GR-1"
        )
        assert codes(importer) == ["G-1", "P2P-GR-1"]
        importer.clock.advance(5)
        importer.patch("matchingOrderLines/L-1", comment="changed")
        assert codes(importer) == ["G-1", "P2P-GR-1"]
        assert [each["externalCode"] for each in importer.found("matchingOrderLines/L-1")["goodsReceipts"]] == ["G-1"]
        with pytest.raises(ValueError, match="takes no more than 10"):
            importer.twin.act("receive_matching_order", order="O-1", line="1", quantity=2)
        with pytest.raises(KeyError, match="no line 7"):
            importer.twin.act("receive_matching_order", order="O-1", line="7", quantity=1)
        with pytest.raises(KeyError, match="shows no order PO-9"):
            importer.twin.act("close_matching_order", order="PO-9")

    def test_a_partial_reversal_needs_a_unit_price_to_keep_its_sum(self):
        priced, bare = receipt(1, 10, netPrice=Decimal("2.50")), receipt(2, 10, netSum=Decimal(25))
        back = [receipt(number + 2, -4, referenceGRExternalCode=f"G-{number}") for number in (1, 2)]
        assert received([priced, bare]) == [
            {"externalCode": "G-1", "quantity": 10, "netSum": Decimal(25)},
            {"externalCode": "G-2", "quantity": 10, "netSum": Decimal(25)},
        ]
        assert [(each["quantity"], each["netSum"]) for each in received([priced, bare, *back])] == [(6, 15), (6, 0)]
