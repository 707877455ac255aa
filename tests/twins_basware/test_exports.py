"""Purchase orders, requisitions, contracts and spends that Basware hands out, and what people do with these."""

from decimal import Decimal

import pytest

from twins.basware.schemas import problems, schema

TOKEN = "x-amz-meta-continuationtoken"
LISTS = {
    "exportedPurchaseOrders": ("orderStatus", "exportedPurchaseOrders", "ExportedPurchaseOrderEntity"),
    "exportedPurchaseRequisitions": ("status", "exportedPurchaseRequisitions", "ExportedPurchaseRequisitionEntity"),
    "exportedContracts": ("processingStatus", "contracts", "ExportedContractEntity"),
    "exportedContractSpends": ("processingStatus", "contractSpends", "ExportedContractSpendEntity"),
}
LINES = [
    {"quantity": 10, "netUnitPrice": Decimal("19.99"), "taxPercent": 8, "coding": [{"accountCode": "6150"}]},
    {
        "quantity": 3,
        "netUnitPrice": Decimal("7.50"),
        "coding": [{"accountCode": "6110"}, {"accountCode": "6120"}, {"accountCode": "6130"}],
    },
]


class Desk:
    """A tenant with purchasing, and the notices it sends out."""

    def __init__(self, tools):
        scopes = [
            f"{name}.{right}" for name in (*LISTS, "accountingDocuments") for right in ("read", "write", "delete")
        ]
        self.caller = tools.caller([tools.invoice(1, contractNumber="C-1")], scopes=scopes)
        self.parsed = tools.parsed
        self.notices = []
        self.caller.twin._world.listeners.append(self.hear)

    def hear(self, notice):
        self.notices.append((notice.task_type, notice.task_sub_type, notice.document_id))

    def act(self, name, **details):
        self.caller.clock.advance(1)
        return self.caller.twin.act(name, **details)

    def order(self, code="PO1", **changes):
        return self.act("purchase_order", document={"externalCode": code, **changes}, lines=LINES)

    def found(self, resource, query=""):
        """Every record of a list, each held against its published schema."""
        answer = self.caller.get(f"/v1/{resource}?{query}")
        if answer.status == 404:
            return []
        _, wrapper, entity = LISTS[resource]
        records = self.parsed(answer)[wrapper]
        assert [problems(schema(entity), record) for record in records] == [[] for _ in records]
        return records

    def codes(self, resource, status=""):
        query = f"{LISTS[resource][0]}={status}" if status else ""
        return [record["externalCode"] for record in self.found(resource, query)]

    def post(self, path, body=b""):
        return self.caller.post(f"/v1/{path}", body)


@pytest.fixture
def desk(tools):
    return Desk(tools)


def one_of_each(desk):
    desk.order()
    desk.act("requisition", document={"externalCode": "PR1"}, lines=LINES)
    desk.act("contract", document={"externalCode": "CON1", "referenceCode": "C-1", "total": 1000})
    spend = desk.act("plan_spend", contract="C-1", plan="PLAN-1", net_sum=100, gross_sum=108)
    return dict(zip(LISTS, ("PO1", "PR1", "CON1", spend), strict=True))


@pytest.mark.parametrize("resource", LISTS)
def test_each_list_has_its_own_name_for_the_filter_and_its_own_wrapper(desk, resource):
    code = one_of_each(desk)[resource]
    assert desk.codes(resource, "WaitingForExport") == [code]
    assert desk.codes(resource, "Exported") == []
    assert desk.codes(resource) == [code]
    refused = desk.caller.get(f"/v1/{resource}?{LISTS[resource][0]}=New")
    assert (refused.status, desk.parsed(refused)["errors"][0]["code"]) == (400, "PARAMETER_VALIDATION_ERROR")
    others = {name for name, _, _ in LISTS.values()} - {LISTS[resource][0]}
    assert all(desk.found(resource, f"{name}=Exported") for name in others)
    one = desk.parsed(desk.caller.get(f"/v1/{resource}/{code}"))
    assert [record["externalCode"] for record in one[LISTS[resource][1]]] == [code]


@pytest.mark.row("S4")
@pytest.mark.parametrize("resource", LISTS)
def test_nothing_to_export_is_404_with_a_body_where_one_is_published(desk, resource):
    for path in (resource, f"{resource}/none"):
        answer = desk.caller.get(f"/v1/{path}")
        assert answer.status == 404
        assert (answer.body == b"") is (resource == "exportedPurchaseOrders")
        if answer.body:
            assert desk.parsed(answer)["errors"][0]["code"] == "ENTITY_NOT_FOUND"


@pytest.mark.row("S17")
@pytest.mark.parametrize("resource", ["exportedPurchaseOrders", "exportedPurchaseRequisitions"])
def test_orders_and_requisitions_are_acknowledged_once_without_a_body(desk, resource):
    code = one_of_each(desk)[resource]
    desk.caller.clock.advance(60)
    answer = desk.post(f"{resource}/{code}/acknowledge")
    assert (answer.status, answer.headers["Content-Type"].startswith("text/plain")) == (200, True)
    again = desk.post(f"{resource}/{code}/acknowledge")
    assert (again.status, again.body) == (405, b"")
    assert desk.post(f"{resource}/none/acknowledge").status == 404
    [record] = desk.found(resource)
    assert (record["processingStatus"], record["lastUpdated"]) == ("Exported", "2026-11-20T12:01:04.000Z")
    assert desk.codes(resource, "WaitingForExport") == []


@pytest.mark.row("S17")
@pytest.mark.parametrize("resource", ["exportedContracts", "exportedContractSpends"])
def test_contracts_and_spends_are_acknowledged_by_codes_or_by_date(desk, resource):
    code = one_of_each(desk)[resource]
    [before] = desk.found(resource)
    assert desk.post(f"{resource}/{code}/acknowledge").status == 404
    path = f"{resource}/acknowledge"
    assert desk.post(path, {"externalCodes": ["none", code]}).status == 404
    assert desk.codes(resource, "WaitingForExport") == [code]
    assert desk.post(path, {"externalCodes": [code]}).status == 200
    assert desk.post(path, {"externalCodes": [code]}).status == 405
    assert desk.found(resource) == [{**before, "processingStatus": "Exported"}]
    assert desk.post(path, {"lastUpdated": "0001-01-01"}).status == 404
    one_more = desk.act("contract", document={"externalCode": "CON2"})
    if resource == "exportedContracts":
        assert desk.post(path, {"lastUpdated": "2026-11-20T13:00:00Z"}).status == 404
        assert desk.post(path, {"lastUpdated": "0001-01-01"}).status == 200
        assert set(desk.codes(resource, "Exported")) == {code, one_more}


@pytest.mark.parametrize(
    "body", [{}, [], {"externalCodes": []}, {"externalCodes": ["a"], "lastUpdated": "2026-01-01"}, {"codes": ["a"]}]
)
def test_an_acknowledgement_says_which_one_way_only(desk, body):
    assert desk.post("exportedContracts/acknowledge", body).status == 400


def test_sums_follow_from_quantities_prices_and_tax_in_three_currencies(desk):
    desk.order(purchaseCurrency="EUR", companyCurrency="USD", groupCurrency="USD", exchangeRateComp=Decimal("1.25"))
    [order] = desk.found("exportedPurchaseOrders")
    first, second = order["orderLines"]
    assert (first["netSum"], first["taxTotal"], first["grossSum"]) == (
        Decimal("199.90"),
        Decimal("15.99"),
        Decimal("215.89"),
    )
    assert (first["netSumComp"], first["netSumOrg"]) == (Decimal("249.88"), Decimal("199.90"))
    assert (order["netSum"], order["grossSum"]) == (Decimal("222.40"), Decimal("238.39"))
    assert order["taxSum"] == order["grossSum"] - order["netSum"]
    assert [row["splitPercent"] for row in second["codingRows"]] == [
        Decimal("33.33"),
        Decimal("33.33"),
        Decimal("33.34"),
    ]
    assert [line["externalCode"] for line in order["orderLines"]] == ["PO1-1", "PO1-2"]


def test_an_order_is_exported_again_after_each_change(desk):
    desk.order()
    for change, expected in (
        ({"name": "change_purchase_order", "changes": {"purpose": "more"}}, "Ordered"),
        ({"name": "change_purchase_order", "lines": {"PO1-1": {"quantity": 5}}}, "Ordered"),
        ({"name": "change_purchase_order", "new_lines": [{"quantity": 1, "netUnitPrice": 2}]}, "Ordered"),
        ({"name": "confirm_purchase_order", "note": "soon"}, "SupplierConfirmed"),
        ({"name": "close_purchase_order"}, "Closed"),
    ):
        assert desk.post("exportedPurchaseOrders/PO1/acknowledge").status == 200
        desk.act(order="PO1", **change)
        assert desk.codes("exportedPurchaseOrders", "WaitingForExport") == ["PO1"]
        assert desk.found("exportedPurchaseOrders")[0]["orderStatus"] == expected
    [order] = desk.found("exportedPurchaseOrders")
    assert [(line["netSum"], line["lineStatus"]) for line in order["orderLines"]] == [
        (Decimal("99.95"), "Closed"),
        (Decimal("22.50"), "Closed"),
        (Decimal("2.00"), "Closed"),
    ]
    assert order["netSum"] == Decimal("124.45")
    assert order["orderExportTimestamp"] == order["lastUpdated"]
    assert desk.notices == [("ExportedPurchaseOrders", "WaitingForExport", "PO1")] * 6
    with pytest.raises(ValueError, match="Closed"):
        desk.act("cancel_purchase_order", order="PO1")


def test_a_cancelled_order_says_why_and_counts_nothing(desk):
    desk.order()
    desk.act("cancel_purchase_order", order="PO1", note="not needed")
    [order] = desk.found("exportedPurchaseOrders")
    assert (order["orderStatus"], order["cancellationNote"]) == ("Canceled", "not needed")
    assert {line["lineStatus"] for line in order["orderLines"]} == {"Canceled"}


def test_a_rejected_requisition_is_exported_too(desk):
    desk.act("requisition", document={"externalCode": "PR1"}, lines=LINES, status="Rejected")
    [found] = desk.found("exportedPurchaseRequisitions")
    assert (found["requisitionStatus"], [line["isRejected"] for line in found["lines"]]) == ("Rejected", [True, True])
    assert desk.notices == [("ExportedPurchaseRequisitions", "WaitingForExport", "PR1")]


def test_what_basware_could_not_show_is_not_taken(desk, tools):
    with pytest.raises(ValueError, match="orderType"):
        desk.order(orderType="Odd")
    desk.order("PO2")
    with pytest.raises(ValueError, match="already"):
        desk.order("PO2")
    with pytest.raises(ValueError, match="required"):
        tools.caller([], exportedPurchaseOrders=[{"externalCode": "x"}])
    with pytest.raises(KeyError, match="PO9"):
        desk.act("close_purchase_order", order="PO9")


def test_exported_records_may_be_there_from_the_start(desk, tools):
    desk.order()
    seeded = desk.found("exportedPurchaseOrders")
    caller = tools.caller([], exportedPurchaseOrders=seeded, scopes=["exportedPurchaseOrders.read"])
    assert tools.parsed(caller.get("/v1/exportedPurchaseOrders"))["exportedPurchaseOrders"] == seeded
    caller.twin.act("close_purchase_order", order="PO1")


def test_spend_is_exported_with_the_order_and_again_with_the_invoice(desk):
    desk.act("contract", document={"externalCode": "CON1", "referenceCode": "C-1"})
    desk.order(contractNumber="C-1")
    [reserved] = desk.found("exportedContractSpends")
    assert (reserved["documentType"], reserved["documentExternalCode"]) == ("PurchaseOrder", "PO1")
    assert reserved["netSumContract"] == Decimal("222.40")
    desk.caller.answer("inv1")
    spends = desk.found("exportedContractSpends", "documentType=AccountingDocument")
    assert [(spend["documentNumber"], spend["grossSumDocument"]) for spend in spends] == [("NW-1", Decimal("1080.00"))]
    assert len(desk.found("exportedContractSpends", "contractExternalCode=CON1")) == 2
    [contract] = desk.found("exportedContracts")
    totals = {total["documentType"]: total["netSumContract"] for total in contract["spendTotals"]}
    assert totals == {"PurchaseOrder": Decimal("222.40"), "AccountingDocument": Decimal("1000.00")}
    assert contract["processingStatus"] == "WaitingForExport"
    assert ("ExportedContractSpends", "WaitingForExport", reserved["externalCode"]) in desk.notices


def test_spend_follows_the_order_and_is_withdrawn_with_it(desk):
    desk.act("contract", document={"externalCode": "CON1", "referenceCode": "C-1"})
    desk.order(contractNumber="C-1")
    desk.act("change_purchase_order", order="PO1", lines={"PO1-1": {"quantity": 1}})
    assert [spend["netSumContract"] for spend in desk.found("exportedContractSpends")] == [Decimal("42.49")]
    desk.act("change_purchase_order", order="PO1", changes={"contractNumber": None})
    [spend] = desk.found("exportedContractSpends")
    assert (spend["isCancelled"], desk.found("exportedContracts")[0]["spendTotals"]) == (True, [])


def test_a_person_may_withdraw_a_spend_and_a_plan_may_end(desk):
    codes = one_of_each(desk)
    spend = codes["exportedContractSpends"]
    desk.post("exportedContractSpends/acknowledge", {"externalCodes": [spend]})
    desk.act("cancel_spend", spend=spend)
    [found] = desk.found("exportedContractSpends", "processingStatus=WaitingForExport")
    assert (found["isCancelled"], found["documentType"]) == (True, "SpendPlan")
    desk.act("plan_spend", contract="C-1", plan="PLAN-1", net_sum=100, gross_sum=108)
    desk.act("plan_spend", contract="C-1", plan="PLAN-1", net_sum=100, gross_sum=108, active=False)
    assert desk.found("exportedContractSpends")[0]["isCancelled"] is True


def test_a_contract_collects_only_the_spend_it_says(desk):
    desk.act(
        "contract",
        document={"externalCode": "CON1", "referenceCode": "C-1", "orderSpend": False, "invoiceSpend": False},
    )
    desk.order(contractNumber="C-1")
    desk.caller.answer("inv1")
    assert desk.found("exportedContractSpends") == []


def test_a_sum_in_a_currency_the_document_does_not_know_is_left_out(desk):
    desk.act("contract", document={"externalCode": "CON1", "referenceCode": "C-1", "currencyCode": "GBP"})
    desk.caller.answer("inv1")
    [spend] = desk.found("exportedContractSpends")
    assert "netSumContract" not in spend
    assert spend["netSumDocument"] == Decimal("1000.00")


@pytest.mark.row("S5")
def test_pages_of_exported_records_follow_each_other_by_the_header(desk):
    for number in range(5):
        desk.order(f"PO{number}")
    headers, pages = {}, []
    while True:
        answer = desk.caller.get("/v1/exportedPurchaseOrders?pageSize=2", headers)
        pages.append([order["externalCode"] for order in desk.parsed(answer)["exportedPurchaseOrders"]])
        if TOKEN not in answer.headers:
            break
        headers = {TOKEN: answer.headers[TOKEN]}
    assert pages == [["PO0", "PO1"], ["PO2", "PO3"], ["PO4"]]
    assert desk.caller.get("/v1/exportedPurchaseOrders?pageSize=3", headers).status == 400
    assert desk.caller.get("/v1/exportedPurchaseOrders?pageSize=101").status == 400


def test_orders_are_found_by_company_and_change(desk):
    desk.order("PO1")
    desk.order("PO2", companyCode="DE20")
    assert [order["externalCode"] for order in desk.found("exportedPurchaseOrders", "companyCode=DE20")] == ["PO2"]
    since = desk.found("exportedPurchaseOrders")[0]["lastUpdated"]
    assert [order["externalCode"] for order in desk.found("exportedPurchaseOrders", f"lastUpdated={since}")] == ["PO2"]


@pytest.mark.row("S6")
def test_orders_and_requisitions_are_redirected_and_contracts_are_not(desk, tools):
    codes = one_of_each(desk)
    desk.caller.twin.switches.redirect = "always"
    for resource, code in codes.items():
        redirected = resource in {"exportedPurchaseOrders", "exportedPurchaseRequisitions"}
        for path in (resource, f"{resource}/{code}"):
            answer = desk.caller.get(f"/v1/{path}")
            assert answer.status == (302 if redirected else 200)
            if redirected:
                address = answer.headers["Location"]
                assert not address.startswith("https://basware.test/")
                assert desk.caller.get(address).status == 400
                answer = desk.caller.get(address, anonymous=True)
            assert tools.parsed(answer)[LISTS[resource][1]][0]["externalCode"] == code


@pytest.mark.row("S6")
def test_redirects_are_the_rule_unless_switched_off(tools):
    caller = tools.everything([tools.invoice(1)])
    assert caller.get("/v1/accountingDocuments").status == 302
    caller.twin.switches.redirect = "never"
    assert caller.get("/v1/accountingDocuments").status == 200


@pytest.mark.row("S33")
def test_orders_may_carry_fields_and_values_of_a_later_release(desk):
    desk.order()
    desk.caller.twin.switches.extra_fields = desk.caller.twin.switches.unknown_enum_values = True
    [order] = desk.parsed(desk.caller.get("/v1/exportedPurchaseOrders"))["exportedPurchaseOrders"]
    assert "baswareMinorRelease" in order
    assert "baswareMinorRelease" in order["orderLines"][0]
    assert order["orderStatus"] == "ValueOfALaterRelease"


@pytest.mark.row("S33")
@pytest.mark.parametrize("resource", LISTS)
def test_every_export_may_leave_out_nulls_and_add_fields(desk, resource):
    one_of_each(desk)
    name = LISTS[resource][1]
    before = desk.parsed(desk.caller.get(f"/v1/{resource}"))[name][0]
    desk.caller.twin.switches.null_fields = "omit"
    desk.caller.twin.switches.extra_fields = True
    shown = desk.parsed(desk.caller.get(f"/v1/{resource}"))[name][0]
    assert None not in shown.values()
    assert shown.keys() - before.keys() == {"baswareMinorRelease"}
    assert before.keys() - shown.keys() == {field for field, value in before.items() if value is None}


@pytest.mark.row("S16")
@pytest.mark.parametrize("resource", LISTS)
def test_deleting_takes_a_record_from_the_interface_only(desk, resource):
    code = one_of_each(desk)[resource]
    assert desk.caller.send("DELETE", f"/v1/{resource}", {"externalCode": code}).status == 200
    assert desk.found(resource) == []
    if resource == "exportedPurchaseOrders":
        desk.act("change_purchase_order", order=code, changes={"purpose": "still there"})
        assert desk.codes(resource) == [code]
    mass = desk.caller.send("DELETE", f"/v1/{resource}", {"lastUpdated": "0001-01-01"})
    assert mass.status == 202
    assert desk.parsed(mass).keys() == {"statusApiLink", "taskName", "taskStatus"}
