"""The Basware side of the demo company: credentials, the tenant's company and lists, and the documents waiting for transfer.

Nothing here knows QuickBooks.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from twins.demo_company.basware_lists import lists
from twins.demo_company.chart import BASWARE_ACCOUNTS
from twins.demo_company.documents import COMPANY_CODE, COMPANY_NAME, Invoice, accounting_document, attachments
from twins.demo_company.vendors import Supplier

CLIENT_ID = "demo-basware-client"
CLIENT_SECRET = "demo-basware-secret"
USER = "calloway.api"
PASSWORD = "demo-basware-password"
BWCID = "7c1de5a09b3f4f6e8a52d0c4b6e91f37"
NETWORK = {"user": "calloway.network", "password": "demo-network-password"}
"""The company's own account in the Network."""

_RIGHTS = {
    "companies tasks taskStatus": "read",
    "accountingDocuments vendors accounts costCenters projects lists taxCodes paymentTerms": "read write",
    "exchangeRates requestStatus exportedPurchaseOrders exportedContracts exportedContractSpends": "read write",
    "matchingOrders matchingOrderLines purchaseGoodsReceipts errorFeedbacks subscriptions": "read write delete",
}
SCOPES = tuple(
    f"{resource}.{right}"
    for resources, rights in _RIGHTS.items()
    for resource in resources.split()
    for right in rights.split()
)
"""What a connector of invoices, lists, orders and contracts needs; no deleting of lists, which are not its own."""

FIRST_APPROVAL = datetime(2026, 11, 16, 6, 0, tzinfo=UTC)
LAST_APPROVAL = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)


def tenant_seed(invoices: tuple[Invoice, ...], suppliers: dict[str, Supplier]) -> dict[str, Any]:
    """A tenant for the Basware twin in which these invoices wait, approved in this order over four days."""
    step = (LAST_APPROVAL - FIRST_APPROVAL) / max(len(invoices), 1)
    return {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "user": USER,
        "password": PASSWORD,
        "bwcid": BWCID,
        "scopes": list(SCOPES),
        "network": dict(NETWORK),
        "companies": [{"companyCode": COMPANY_CODE, "name": COMPANY_NAME}],
        **lists(suppliers.values()),
        "accountingDocuments": [
            accounting_document(invoice, suppliers[invoice.supplier], BASWARE_ACCOUNTS, _approved(index, step))
            for index, invoice in enumerate(invoices)
        ],
        "attachments": attachments(invoices),
    }


def _approved(index: int, step: timedelta) -> datetime:
    instant = FIRST_APPROVAL + index * step
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)
