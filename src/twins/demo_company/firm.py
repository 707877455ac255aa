"""The demo company put together: both seeds, and what a person must know to connect them.

It knows both sides' codes and ids because people do; it knows nothing of the product that connects them.
"""

from datetime import UTC, datetime
from typing import Any

from twins.demo_company import basware_tenant, dimensions, quickbooks_books
from twins.demo_company.cases import CASES
from twins.demo_company.chart import BASWARE_ACCOUNTS
from twins.demo_company.documents import COMPANY_CODE, COMPANY_NAME
from twins.demo_company.invoices import PLAIN
from twins.demo_company.vendors import BY_CODE, SUPPLIERS

TODAY = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
"""The present moment in the demo world."""

INVOICES = tuple(sorted((*PLAIN, *CASES), key=lambda invoice: (invoice.dated, invoice.supplier, invoice.number)))
"""All waiting invoices in the order in which they were approved."""


def quickbooks_seed() -> dict[str, Any]:
    """The firm's QuickBooks company, for `QuickBooksTwin.add_company`."""
    return quickbooks_books.company_seed(SUPPLIERS, [])


def basware_seed() -> dict[str, Any]:
    """The firm's Basware tenant with its waiting documents, for `BaswareTwin.add_tenant`."""
    return basware_tenant.tenant_seed(INVOICES, BY_CODE)


def setup() -> dict[str, Any]:
    """What a person needs to connect the two: names, credentials, code lists, and the one vendor to link by hand.

    `codes` maps each Basware field to its list of code and name, as Basware's administrators keep them; `vendor_links`
    maps supplier codes whose QuickBooks vendor carries no number to that vendor's id.
    """
    return {
        "company_code": COMPANY_CODE,
        "company_name": COMPANY_NAME,
        "realm_id": quickbooks_books.REALM_ID,
        "today": TODAY.isoformat(),
        "quickbooks": {
            "client_id": quickbooks_books.CLIENT_ID,
            "client_secret": quickbooks_books.CLIENT_SECRET,
            "refresh_token": quickbooks_books.REFRESH_TOKEN,
        },
        "basware": {
            "client_id": basware_tenant.CLIENT_ID,
            "client_secret": basware_tenant.CLIENT_SECRET,
            "user": basware_tenant.USER,
            "password": basware_tenant.PASSWORD,
            "bwcid": basware_tenant.BWCID,
            "scopes": list(basware_tenant.SCOPES),
            "network": dict(basware_tenant.NETWORK),
        },
        "codes": {
            "accountCode": dict(BASWARE_ACCOUNTS),
            "costCenterCode": {office.code: office.name for office in dimensions.OFFICES},
            "businessUnitCode": {unit.code: unit.name for unit in dimensions.PRACTICES},
            "projectCode": {code: project.name for code, project in dimensions.PROJECT.items()},
            "paymentTermCode": {term.code: term.name for term in dimensions.TERMS},
            "supplierCode": {supplier.code: supplier.name for supplier in SUPPLIERS},
        },
        "vendor_links": {supplier.code: supplier.vendor_id for supplier in SUPPLIERS if not supplier.number_entered},
    }
