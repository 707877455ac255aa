"""The few things the demo company buys by the piece: Basware knows them by product code, QuickBooks as products with that SKU.

Plain data; nothing here knows about documents.
"""

from dataclasses import dataclass
from typing import Any

from twins.demo_company import chart


@dataclass(frozen=True)
class Product:
    """One product: its code in Basware, QuickBooks' id and name of it, and the account it is bought on, by Basware's code."""

    code: str
    item_id: str
    name: str
    account: str


PRODUCTS = (
    Product("BO-1040", "21", "Copy paper A4, box of 5 reams", "6110"),
    Product("BO-2280", "22", "Toner cartridge, black", "6110"),
)

PRODUCT = {product.code: product for product in PRODUCTS}


def quickbooks_items() -> list[dict[str, Any]]:
    """The products in QuickBooks' Item shape."""
    return [
        {
            "Id": product.item_id,
            "Name": product.name,
            "FullyQualifiedName": product.name,
            "Sku": product.code,
            "Type": "NonInventory",
            "ExpenseAccountRef": {"value": chart.BY_NUMBER[product.account].id},
            "Active": True,
        }
        for product in PRODUCTS
    ]
