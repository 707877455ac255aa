"""Basware's JSON of a matching order and of its lines.

Source: Basware P2P specification, OrderEntity, OrderLineEntity and OrderLineCodingEntity. Optional fields are written only where
they say something; a record posted replaces the one before it as a whole.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from ml_connector.model.orders import MatchingOrder, MatchingOrderLine


def order_body(order: MatchingOrder) -> str:
    """The head of an order."""
    return _written(
        {
            "externalCode": order.external_code,
            "orderNumber": order.number,
            "sourceSystem": order.source_system,
            "companyCode": order.company_code,
            "organizationElementCode": order.organization_element,
            "supplierCode": order.supplier_code,
            "supplierName": order.supplier_name,
            "currencyCode": order.currency,
            "created": _moment(order.created),
            "description": order.description,
            "isClosed": order.closed,
        }
    )


def line_body(line: MatchingOrderLine) -> str:
    """A line with its one coding row. `isDeleted` is always said: best-fit matching passes over lines that do not say it."""
    coding = {
        "externalCode": line.external_code,
        "rowIndex": 1,
        "allocatedQuantity": line.quantity,
        "netTotal": line.net_sum,
        **line.coding,
    }
    return _written(
        {
            "externalCode": line.external_code,
            "orderExternalCode": line.order_code,
            "lineNumber": line.number,
            "sortNumber": line.position,
            "matchingMode": line.mode.value,
            "quantity": line.quantity,
            "netPrice": line.net_price,
            "netSum": line.net_sum,
            "currencyCode": line.currency,
            "description": line.description,
            "productCode": line.product_code,
            "productName": line.product_name,
            "taxCode": line.coding.get("taxCode", ""),
            "invoicedQuantity": line.billed_quantity,
            "invoicedNetSum": line.billed_net,
            "isReceiptRequired": False,
            "isReceiptBasedMatching": False,
            "isClosed": line.closed,
            "isDeleted": line.deleted,
            "orderLineCoding": [coding],
        }
    )


def closed_as_sent(body: str) -> str:
    """A head or a line as it was sent, now closed."""
    fields: dict[str, Any] = msgspec.json.decode(body)
    return msgspec.json.encode({**fields, "isClosed": True}).decode()


def home_of(body: str) -> tuple[str, str]:
    """The company and the organization element a head was given for."""
    fields = msgspec.json.decode(body, type=_Home)
    return fields.company, fields.unit


def taken_out(body: str) -> str:
    """A line as it was sent, now as one that is no longer part of its order."""
    fields: dict[str, Any] = msgspec.json.decode(body)
    return msgspec.json.encode({**fields, "isDeleted": True, "isClosed": True}).decode()


def billed_before(body: str) -> tuple[Decimal | None, Decimal | None]:
    """Quantity and net sum that a line as sent says were billed before Basware knew it."""
    fields = msgspec.json.decode(body, type=_Billed)
    return fields.quantity, fields.net


class _Home(msgspec.Struct, frozen=True):
    company: str = msgspec.field(default="", name="companyCode")
    unit: str = msgspec.field(default="", name="organizationElementCode")


class _Billed(msgspec.Struct, frozen=True):
    quantity: Decimal | None = msgspec.field(default=None, name="invoicedQuantity")
    net: Decimal | None = msgspec.field(default=None, name="invoicedNetSum")


def _written(fields: dict[str, Any]) -> str:
    said = {name: value for name, value in fields.items() if value is not None and value != ""}
    return msgspec.json.Encoder(decimal_format="number").encode(said).decode()


def _moment(day: date | None) -> str | None:
    """A calendar date as Basware writes one: midnight, without a zone of its own meaning."""
    return None if day is None else f"{day.isoformat()}T00:00:00Z"
