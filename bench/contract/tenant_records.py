"""What is imported into the small tenant: one record of each kind, as small as the files allow."""

from collections.abc import Mapping
from typing import Any

COMPANY = "US10"
RECEIVER = "https://receiver.test/notifications"
_COMPANIES = [{"companyCode": COMPANY, "active": True}]
_INHERITING = [{"companyCode": COMPANY, "inherit": True, "active": True}]
_NAMES = [{"language": "en-US", "translation": "Office supplies"}]

RECORDS: Mapping[str, dict[str, Any]] = {
    "/v1/companies": {"companyCode": COMPANY, "name": "Demo Holdings", "active": True},
    "/v1/taxCodes": {
        "externalCode": "tax-1",
        "taxCode": "TAX8",
        "taxCodeNames": _NAMES,
        "taxPercentage": 8,
        "companies": _INHERITING,
    },
    "/v1/accounts": {
        "externalCode": "account-1",
        "accountCode": "6150",
        "accountNames": _NAMES,
        "companies": _INHERITING,
    },
    "/v1/costCenters": {
        "externalCode": "cost-center-1",
        "costCenterCode": "CC200",
        "costCenterNames": _NAMES,
        "companies": _COMPANIES,
    },
    "/v1/projects": {
        "externalCode": "project-1",
        "projectCode": "P-1",
        "projectNames": _NAMES,
        "validFrom": "2026-01-01T00:00:00Z",
        "validUntil": "2030-01-01T00:00:00Z",
        "companies": _COMPANIES,
    },
    "/v2/projects": {
        "externalCode": "project-1",
        "projectCode": "P-2",
        "projectName": "Head office",
        "validFrom": "2026-01-01T00:00:00Z",
        "validUntil": "2030-01-01T00:00:00Z",
        "companies": _COMPANIES,
    },
    "/v1/lists/ACC_LIST_1": {"externalCode": "item-1", "text_1": "East", "companies": _COMPANIES},
    "/v1/paymentTerms": {
        "externalCode": "term-1",
        "paymentTermCode": "NET30",
        "paymentTermNames": _NAMES,
        "validFrom": "2026-01-01T00:00:00Z",
        "validTo": "2030-01-01T00:00:00Z",
        "companies": _INHERITING,
    },
    "/v1/exchangeRates": {
        "externalCode": "rate-1",
        "rate": 1.0825,
        "currencyCodeFrom": "EUR",
        "currencyCodeTo": "USD",
        "validFrom": "2026-11-01T00:00:00Z",
        "companies": _COMPANIES,
    },
    "/v1/vendors": {
        "externalCode": "vendor-1",
        "vendorCode": "V-1",
        "name": "Northwind Paper LLC",
        "companies": [{"companyCode": COMPANY}],
    },
    "/v1/matchingOrders": {
        "externalCode": "order-1",
        "orderNumber": "PO-1",
        "sourceSystem": "QBO",
        "companyCode": COMPANY,
        "organizationElementCode": COMPANY,
        "supplierCode": "V-1",
        "currencyCode": "USD",
    },
    "/v1/matchingOrderLines": {
        "externalCode": "line-1",
        "orderExternalCode": "order-1",
        "lineNumber": "1",
        "matchingMode": "Standard",
        "quantity": 10,
        "netPrice": 5,
        "netSum": 50,
        "isDeleted": False,
    },
}
"""By the path they are posted to, in the order of what depends on what."""

_LINE = {"quantity": 10, "netUnitPrice": 5, "description": "Toner"}
EXPORTED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("purchase_order", {"document": {"externalCode": "po-1", "supplierCode": "V-1"}, "lines": [_LINE]}),
    ("requisition", {"document": {"externalCode": "pr-1"}, "lines": [_LINE]}),
    ("contract", {"document": {"externalCode": "contract-1", "referenceCode": "C-1"}}),
    ("plan_spend", {"contract": "C-1", "plan": "plan-1", "net_sum": 100, "gross_sum": 108}),
)
"""What people do in P2P, so that something is exported."""

RECEIPT = {
    "externalCode": "receipt-1",
    "externalGRNumber": "GR-1",
    "orderExternalCode": "po-1",
    "receiveDate": "2026-11-20T10:00:00Z",
    "receiver": {"loginAccount": "pat.purchase"},
    "lineReceivings": [{"externalCode": "receipt-1-1", "orderLineExternalCode": "po-1-1", "receivedQuantity": 2}],
}
"""Goods received for the exported order."""

CODES: Mapping[str, str] = {
    **{path.split("/")[2]: str(one["externalCode"]) for path, one in RECORDS.items() if "externalCode" in one},
    "exportedPurchaseOrders": "po-1",
    "exportedPurchaseRequisitions": "pr-1",
    "exportedContracts": "contract-1",
    "purchaseGoodsReceipts": "receipt-1",
}
"""The external code of a record that is there, by resource. Both versions of projects use the same."""

REFUSED_LATER = {
    "externalCode": "vendor-2",
    "vendorCode": "V-2",
    "name": "Nowhere Ltd",
    "companies": [{"companyCode": "XX99"}],
}
"""A vendor the interface takes and the import refuses, because nobody knows its company."""

SUBSCRIPTION = {
    "taskType": "AccountingDocuments",
    "taskSubType": "WaitingForTransfer",
    "subscriptionType": "Webhook",
    "notificationWebhookURL": RECEIVER,
    "webhookAuthenticationToken": "a long secret",
}
