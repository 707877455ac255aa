"""Purchase orders: as QuickBooks keeps them, and as Basware is to hold them for matching invoices.

How either is written on the wire is told in `quickbooks/` and `basware/`; which becomes which is decided in `flows/`.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum

import msgspec

from ml_connector.model.holds import Hold

EXTERNAL_CODE_LIMIT, ORDER_NUMBER_LIMIT, SUPPLIER_CODE_LIMIT, DESCRIPTION_LIMIT = 36, 100, 25, 1000
"""Characters (Basware P2P specification: externalCode, orderNumber, supplierCode, description of orders and their lines)."""

CODING_LIMITS: dict[str, int] = {
    "accountCode": 50, "costCenterCode": 200, "projectCode": 25, "taxCode": 25, "fixedAssetCode": 250, "internalOrderCode": 50,
    "profitCenterCode": 50, "businessUnitCode": 50, "employeeCode": 50, "customerCode": 50, "budgetCode": 50, "serviceCode": 50,
    "businessAreaCode": 50, "salesOrderCode": 50, "workOrderCode": 50, "vehicleNumber": 50,
    **{f"dimCode{number}": 100 for number in range(1, 11)},
}  # fmt: skip
"""Fields of a line's coding that can hold a code, with their most characters (Basware P2P specification,
OrderLineCodingEntity)."""


class OrderItem(msgspec.Struct, frozen=True, kw_only=True):
    """A product or service, as far as an order line needs it. `account_id` is the account it is bought on."""

    id: str
    name: str
    sku: str = ""
    account_id: str = ""
    active: bool = True


class OrderLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a QuickBooks order: of an item or of an account. `amount` is net, in the order's currency."""

    id: str
    amount: Decimal
    number: int = 0
    description: str = ""
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    item_id: str = ""
    account_id: str = ""
    class_id: str = ""
    customer_id: str = ""
    tax_code_id: str = ""


class PurchaseOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A purchase order of QuickBooks. `bill_ids` are the bills it is linked to; `deleted` ones are known by their last copy."""

    id: str
    vendor_id: str
    sync_token: str = "0"
    number: str = ""
    currency: str = ""
    day: date | None = None
    closed: bool = False
    deleted: bool = False
    location_id: str = ""
    class_id: str = ""
    memo: str = ""
    total: Decimal = Decimal(0)
    lines: tuple[OrderLine, ...] = ()
    bill_ids: tuple[str, ...] = ()


class LinkedBillLine(msgspec.Struct, frozen=True, kw_only=True):
    """What a bill line takes of an order line. `amount` is net."""

    bill_id: str
    order_id: str
    order_line_id: str
    amount: Decimal
    quantity: Decimal | None = None


class MatchingMode(StrEnum):
    """How Basware compares invoices with a line (Basware P2P specification, matchingMode)."""

    STANDARD = "Standard"
    """By quantity and unit price."""
    BLANKET = "Blanket"
    """By sum; the quantity is 1."""
    RETURN = "Return"
    """Goods that go back, at a negative unit price."""


class MatchingOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The head of an order as Basware is to hold it."""

    external_code: str
    number: str
    source_system: str
    company_code: str
    organization_element: str
    supplier_code: str
    currency: str
    supplier_name: str = ""
    description: str = ""
    created: date | None = None
    closed: bool = False


class MatchingOrderLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of an order as Basware is to hold it, with one coding row. Amounts are net, in the order's currency.

    `billed_quantity` and `billed_net`: what bills typed into QuickBooks took of the line before Basware knew it.
    """

    external_code: str
    order_code: str
    number: str
    position: int
    mode: MatchingMode
    quantity: Decimal
    net_price: Decimal
    net_sum: Decimal
    currency: str
    description: str = ""
    product_code: str = ""
    product_name: str = ""
    coding: dict[str, str] = {}
    billed_quantity: Decimal | None = None
    billed_net: Decimal | None = None
    closed: bool = False
    deleted: bool = False


class PlannedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What is to become of one QuickBooks order in Basware: its head and lines, or why it has to wait.

    `closed`: closed or deleted in QuickBooks. One that waits is closed in Basware all the same, in the form Basware has it.
    """

    quickbooks_id: str
    name: str
    external_code: str
    head: MatchingOrder | None = None
    lines: tuple[MatchingOrderLine, ...] = ()
    holds: tuple[Hold, ...] = ()
    closed: bool = False
    deleted: bool = False

    @property
    def subject(self) -> str:
        """How the order is called where it waits."""
        return f"PurchaseOrder {self.quickbooks_id}"


class ExportedCoding(msgspec.Struct, frozen=True, kw_only=True):
    """A coding row of a Basware order line: its own key, its share of the line, 100 for all of it, and its codes by Basware's
    field name."""

    external_code: str = ""
    percent: Decimal
    codes: dict[str, str] = {}


class ExportedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of an order that Basware exports. `net` is the whole line's sum; `gone`: cancelled or deleted."""

    external_code: str
    number: str
    net: Decimal
    gone: bool = False
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    description: str = ""
    product_code: str = ""
    coding: tuple[ExportedCoding, ...] = ()


class ExportedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A purchase order that Basware exports. `exchange_rate`: units of company currency for one of the order's."""

    external_code: str
    number: str
    status: str
    company_code: str
    supplier_code: str
    currency: str
    supplier_name: str = ""
    company_currency: str = ""
    exchange_rate: Decimal | None = None
    day: date | None = None
    note: str = ""
    contract_number: str = ""
    lines: tuple[ExportedLine, ...] = ()

    @property
    def over(self) -> bool:
        """Whether nothing more is expected of it (Basware P2P specification, orderStatus)."""
        return self.status in {"Canceled", "Closed", "SupplierRejected"}


class WantedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of an order as QuickBooks is to hold it. `key` names the Basware line and its coding row by keys that stay."""

    key: str
    amount: Decimal
    account_id: str = ""
    item_id: str = ""
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    class_id: str = ""
    customer_id: str = ""
    description: str = ""


class WantedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order of Basware as QuickBooks is to hold it. `exchange_rate` is None in home currency. `reopened`: we closed it,
    and Basware expects something of it again."""

    vendor_id: str
    payable_account_id: str
    number: str
    memo: str
    currency: str
    lines: tuple[WantedLine, ...]
    day: date | None = None
    exchange_rate: Decimal | None = None
    multicurrency: bool = False
    location_id: str = ""
    closed: bool = False
    reopened: bool = False


class OrderPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What is to become of an order of Basware in QuickBooks: `wanted`, or why it waits, or, with neither, nothing at all."""

    wanted: WantedOrder | None = None
    holds: tuple[Hold, ...] = ()
