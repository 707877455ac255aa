"""The lists of imported data, as a table: where each is found, what it holds, how much of it fits into one request.

Source: Basware P2P specification, paths and parameters of each resource; limits of records per request from their notes.
"""

from dataclasses import dataclass
from typing import Literal

LIST_KEYS: frozenset[str] = frozenset(
    f"{kind}_{number}"
    for kind, count in (("ACC_LIST", 35), ("INV_LIST", 20), ("CUST_RESOLVER", 5))
    for number in range(1, count + 1)
)
"""The generic lists there are."""


@dataclass(frozen=True)
class Resource:
    """One list of imported data. `name` is what the twin calls it, also in seeds; `path` has `*` for the key of a generic list."""

    name: str
    path: tuple[str, ...]
    wrapper: str
    schema: str
    entity_type: str = ""
    """How the status of a request calls it; empty: it isn't imported into P2P."""
    code: str = ""
    """The business code, unique within a company of P2P."""
    names: str = ""
    """Where its names in several languages are."""
    table: str = ""
    """P2P's table, where it isn't called like the list."""
    version: str = "V1"
    key: str = "externalCode"
    page: int = 500
    """Records on a page unless asked otherwise."""
    page_most: int = 500
    records: int = 500
    """Records in one POST at most."""
    companies: Literal["companies", "companyCode", ""] = "companies"
    """Where the companies are that the filter looks for; empty: there is no such filter."""
    group: str = ""
    """A property that every list request must name, with its value."""
    filters: tuple[str, ...] = ()
    generated: str = ""
    """An id that Basware makes up."""
    changes: bool = True
    """Whether PATCH and DELETE are offered."""
    guarded: bool = False
    """Whether PATCH leaves inner records alone that are there already."""
    appended: str = ""
    """Inner records that a PATCH adds to those that are there."""
    seen_bare: bool = False
    """Whether an older client of the service read this list as a bare array."""

    @property
    def scope(self) -> str:
        """The scope of its operations, without the right."""
        return self.path[1]

    def stored_as(self, list_key: str = "") -> str:
        """The name of the API layer's own collection."""
        return f"{self.name}/{list_key}" if list_key else self.name

    def imported_to(self, list_key: str = "") -> str:
        """The name of the P2P table that its records end up in."""
        return f"EXT_{list_key}" if list_key else self.table or self.name


RESOURCES: tuple[Resource, ...] = (
    Resource(
        "vendors",
        ("v1", "vendors"),
        "vendorEntities",
        "VendorEntity",
        "Vendor",
        code="vendorCode",
        page=100,
        records=200,
        generated="buvid",
        guarded=True,
        seen_bare=True,
    ),
    Resource("accounts", ("v1", "accounts"), "accounts", "AccountEntity", "Account", "accountCode", "accountNames"),
    Resource(
        "costCenters",
        ("v1", "costCenters"),
        "costCenters",
        "CostCenterEntity",
        "CostCenter",
        "costCenterCode",
        "costCenterNames",
    ),
    Resource(
        "projectsV1",
        ("v1", "projects"),
        "projects",
        "ProjectEntity",
        "Project",
        "projectCode",
        "projectNames",
        "ADM_PROJECTS",
    ),
    Resource(
        "projects",
        ("v2", "projects"),
        "projects",
        "ProjectEntityV2",
        "Project",
        "projectCode",
        table="GDM_CUSTOMER_PROJECTS",
        version="V2",
    ),
    Resource("lists", ("v1", "lists", "*"), "listItems", "GenericListEntity", "GenericList"),
    Resource("taxCodes", ("v1", "taxCodes"), "taxCodes", "TaxCodeEntity", "TaxCode", "taxCode", "taxCodeNames"),
    Resource(
        "paymentTerms",
        ("v1", "paymentTerms"),
        "paymentTerms",
        "PaymentTermEntity",
        "PaymentTerm",
        "paymentTermCode",
        "paymentTermNames",
    ),
    Resource("exchangeRates", ("v1", "exchangeRates"), "exchangeRates", "ExchangeRateEntity", "ExchangeRate"),
    Resource(
        "companies",
        ("v1", "companies"),
        "companies",
        "CompanyEntity",
        key="companyCode",
        companies="",
        generated="bucompid",
        changes=False,
    ),
    Resource(
        "matchingOrders",
        ("v1", "matchingOrders"),
        "matchingOrders",
        "OrderEntity",
        "MatchingOrder",
        companies="companyCode",
        filters=("orderStatus",),
    ),
    Resource(
        "matchingOrderLines",
        ("v1", "matchingOrderLines"),
        "matchingOrderLines",
        "OrderLineEntity",
        "MatchingOrderLine",
        page=100,
        page_most=100,
        records=100,
        companies="",
        group="orderExternalCode",
        appended="goodsReceipts",
        seen_bare=True,
    ),
)

BY_NAME: dict[str, Resource] = {resource.name: resource for resource in RESOURCES}

# Basware P2P specification, enum of the entityType parameters.
ENTITY_TYPES: frozenset[str] = frozenset(
    {
        "Account",
        "Contract",
        "CostCenter",
        "TaxCode",
        "ExchangeRate",
        "PaymentTerm",
        "User",
        "Project",
        "MatchingOrder",
        "MatchingOrderLine",
        "GenericList",
        "AdvancedPermission",
        "TransferResponse",
        "PaymentResponse",
        "PrebookResponse",
        "Vendor",
        "AdvancedValidation",
        "PurchaseRequisition",
        "PurchaseOrder",
        "PurchaseGoodsReceipt",
        "Organization",
        "EnrichmentTransferResponse",
        "UserGroup",
        "UserGroupAssociatedUser",
        "UserGroupPermission",
    }
)
