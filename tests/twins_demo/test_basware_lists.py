"""The lists of the demo company's Basware tenant: imported before, and in step with its documents."""

import base64
from datetime import UTC, datetime

import msgspec
import pytest

from twins.basware import BaswareTwin
from twins.clock import Clock
from twins.demo_company import Wishes, basware_seed, generate
from twins.demo_company.basware_tenant import BWCID, NETWORK, PASSWORD, SCOPES, USER
from twins.http import Request


@pytest.fixture(scope="module")
def twin():
    twin = BaswareTwin(Clock(datetime(2026, 11, 20, 14, tzinfo=UTC), running=False))
    twin.add_tenant(basware_seed())
    return twin


def get(twin, path, account=(USER, PASSWORD), headers=()):
    authorization = "Basic " + base64.b64encode(":".join(account).encode()).decode()
    request = Request.build("GET", f"https://basware.test/{path}", [("Authorization", authorization), *headers], b"")
    answer = twin.handle(request)
    assert answer.status == 200, answer
    return msgspec.json.decode(answer.body)


@pytest.mark.parametrize(
    ("path", "wrapper", "count"),
    [
        ("v1/accounts", "accounts", 43),
        ("v1/costCenters", "costCenters", 5),
        ("v2/projects", "projects", 4),
        ("v1/lists/ACC_LIST_1", "listItems", 6),
        ("v1/taxCodes", "taxCodes", 5),
        ("v1/paymentTerms", "paymentTerms", 6),
        ("v1/vendors", "vendorEntities", 13),
    ],
)
def test_every_list_is_in_the_interface(twin, path, wrapper, count):
    assert len(get(twin, path)[wrapper]) == count


def test_p2p_has_every_code_that_the_documents_use(twin):
    def codes(table, field):
        return {row[field] for row in twin.p2p_rows(table)} | {"", None}

    rows = [row for document in twin.documents() for row in document["codingRows"]]
    documents = twin.documents()
    assert {each["supplierCode"] for each in documents} <= codes("vendors", "vendorCode")
    assert {each["paymentTermCode"] for each in documents} <= codes("paymentTerms", "paymentTermCode")
    assert {row["accountCode"] for row in rows} <= codes("accounts", "accountCode")
    assert {row["costCenterCode"] for row in rows} <= codes("costCenters", "costCenterCode")
    assert {row["projectCode"] for row in rows} <= codes("GDM_CUSTOMER_PROJECTS", "projectCode")
    assert {row["businessUnitCode"] for row in rows} <= codes("EXT_ACC_LIST_1", "text_1")
    assert {row["taxCode"] for row in rows} <= codes("taxCodes", "taxCode")


def test_the_company_has_its_account_in_the_network(twin):
    fresh = ("X-BW-REQUEST-ID", "8a5b0f0e-9d0a-4c7e-8f55-6d2d3c1f7a10")
    account = (NETWORK["user"], NETWORK["password"])
    assert get(twin, "v1.1/notifications", account, [fresh]) == {"notifications": []}


def test_the_credentials_may_do_what_a_connector_does():
    assert {
        "accountingDocuments.write",
        "vendors.write",
        "exchangeRates.write",
        "matchingOrderLines.write",
        "exportedPurchaseOrders.write",
        "exportedContracts.read",
        "exportedContractSpends.write",
        "purchaseGoodsReceipts.write",
        "errorFeedbacks.delete",
        "subscriptions.delete",
        "tasks.read",
        "requestStatus.write",
    } <= set(SCOPES)
    assert "vendors.delete" not in SCOPES


def test_a_generated_firm_brings_its_vendors():
    firm = generate(Wishes(20, seed=5, vendors=30))
    codes = {vendor["vendorCode"] for vendor in firm.basware["vendors"]}
    assert {document["supplierCode"] for document in firm.basware["accountingDocuments"]} <= codes
    assert firm.basware["bwcid"] == BWCID
