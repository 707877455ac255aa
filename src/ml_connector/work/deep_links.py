"""Where something is found in QuickBooks' own pages: addresses for people's browsers, which no program of ours ever calls.

The pages are those of QuickBooks Online's web application; Intuit publishes no reference of them, so they are kept in one place.
"""

from collections.abc import Mapping
from urllib.parse import quote

from ml_connector.work.settings import QuickBooksSettings

_HOSTS = {"production": "https://qbo.intuit.com", "sandbox": "https://sandbox.qbo.intuit.com"}

LISTS: Mapping[str, str] = {
    "accounts": "/app/chartofaccounts",
    "locations": "/app/departments",
    "classes": "/app/class",
    "customers": "/app/customers",
    "items": "/app/items",
    "terms": "/app/terms",
    "taxes": "/app/salestax",
    "vendors": "/app/vendors",
    "bills": "/app/bills",
    "orders": "/app/purchaseorders",
    "currencies": "/app/currencies",
    "settings": "/app/settings?p=Advanced",
}
"""Pages with a list, and the settings of the company."""

_RECORDS: Mapping[str, str] = {
    "Bill": "/app/bill?txnId=",
    "VendorCredit": "/app/vendorcredit?txnId=",
    "JournalEntry": "/app/journal?txnId=",
    "PurchaseOrder": "/app/purchaseorder?txnId=",
    "BillPayment": "/app/billpayment?txnId=",
    "Vendor": "/app/vendordetail?nameId=",
    "Customer": "/app/customerdetail?nameId=",
    "Account": "/app/register?accountId=",
}


def list_page(settings: QuickBooksSettings, name: str) -> str:
    """The page of a list; empty for one there is none of."""
    path = LISTS.get(name, "")
    return f"{_base(settings)}{path}" if path else ""


def record_page(settings: QuickBooksSettings, kind: str, quickbooks_id: str) -> str:
    """The page of one record, such as a Bill; empty for kinds that have no page of their own."""
    path = _RECORDS.get(kind, "")
    return f"{_base(settings)}{path}{quote(quickbooks_id, safe='')}" if path and quickbooks_id else ""


def _base(settings: QuickBooksSettings) -> str:
    return settings.pages_url.rstrip("/") or _HOSTS[settings.environment]
