"""How P2P Purchase works out an order or a requisition from what a person typed: lines, prices in three currencies, totals.

Plain functions over the fields of the interface. A line may be given with `coding` (coding rows without their codes and shares)
and any published field of a line; its sums follow from `quantity`, `netUnitPrice`, `discountPercent` and `taxPercent`.
Source: Basware P2P specification, ExportedPurchaseOrderEntity and ExportedPurchaseRequisitionEntity.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from twins.basware.values import to_decimal

_CENT, _PRICE = Decimal("0.01"), Decimal("0.0001")
_HUNDRED = Decimal(100)
_UNITED = ("", "Comp", "Org")
GONE = frozenset({"Canceled", "Deleted"})
"""Line statuses that no longer count in an order's totals."""


@dataclass(frozen=True)
class Rates:
    """What one unit of the purchase currency is worth in the company's and in the group's currency."""

    company: Decimal = Decimal(1)
    group: Decimal = Decimal(1)

    @classmethod
    def of(cls, header: Mapping[str, Any]) -> "Rates":
        """The rates that a header names; 1 where it names none."""
        return cls(to_decimal(header.get("exchangeRateComp", 1)), to_decimal(header.get("exchangeRateOrg", 1)))

    def spread(self, name: str, amount: Decimal, places: Decimal) -> dict[str, Decimal]:
        """An amount under its name, and converted under the names with Comp and Org."""
        values = (amount, amount * self.company, amount * self.group)
        return {f"{name}{suffix}": _rounded(value, places) for suffix, value in zip(_UNITED, values, strict=True)}


def priced(line: Mapping[str, Any], rates: Rates) -> dict[str, Any]:
    """A line with all prices and sums that follow from its quantity, unit price, discount and tax."""
    quantity, unit = to_decimal(line.get("quantity")), to_decimal(line.get("netUnitPrice"))
    tax_factor = 1 + to_decimal(line.get("taxPercent")) / _HUNDRED
    price = unit * (1 - to_decimal(line.get("discountPercent")) / _HUNDRED)
    net = _rounded(quantity * price, _CENT)
    gross = _rounded(net * tax_factor, _CENT)
    prices = {
        "netUnitPrice": unit,
        "netPrice": price,
        "grossUnitPrice": unit * tax_factor,
        "grossPrice": price * tax_factor,
    }
    sums = {"netSum": net, "grossSum": gross, "taxTotal": gross - net, "tax1Sum": gross - net, "tax2Sum": Decimal(0)}
    found = dict(line)
    for name, amount in prices.items():
        found |= rates.spread(name, amount, _PRICE)
    for name, amount in sums.items():
        found |= rates.spread(name, amount, _CENT)
    return found


def totals(lines: Sequence[Mapping[str, Any]]) -> dict[str, Decimal]:
    """The sums of a header over the lines that still count."""
    counted = [line for line in lines if line.get("lineStatus") not in GONE]
    names = {"netSum": "netSum", "grossSum": "grossSum", "taxSum": "taxTotal"}
    return {
        f"{name}{suffix}": sum((to_decimal(line[f"{of_line}{suffix}"]) for line in counted), Decimal(0))
        for name, of_line in names.items()
        for suffix in _UNITED
    }


def order_line(header: Mapping[str, Any], number: int, given: Mapping[str, Any]) -> dict[str, Any]:
    """A line of an order. Its external code is that of the order with its number unless given."""
    code = f"{header['externalCode']}-{number}"
    line = {
        "externalCode": code,
        "orderLineNumber": number,
        "lineStatus": "Ordered",
        "lineType": "FreeText",
        "quantityUnit": "EA",
        "priceType": "Net",
        "receivingRequired": True,
        "receivedQuantity": Decimal(0),
        "receivedNetSum": Decimal(0),
        "receivedGrossSum": Decimal(0),
        "receivalMethod": None,
        "deliveryAddress": header["deliveryAddress"],
        "goodsReceipts": [],
        **{name: value for name, value in given.items() if name != "coding"},
    }
    if "codingRows" not in line:
        line["codingRows"] = _coding(str(line["externalCode"]), given.get("coding") or ())
    return priced(line, Rates.of(header))


def requisition_line(header: Mapping[str, Any], number: int, given: Mapping[str, Any]) -> dict[str, Any]:
    """A line of a requisition, decided as the whole requisition was."""
    status = header["requisitionStatus"]
    line = {
        "externalCode": f"{header['externalCode']}-{number}",
        "requisitionLineNumber": str(number),
        "lineStatus": status,
        "isRejected": status == "Rejected",
        "lineType": "FreeText",
        "quantityUnit": "EA",
        "priceType": "Net",
        "releaseOrdersRequired": False,
        "hidePricesFromSupplier": False,
        "refundLine": False,
        "companyCurrency": header["companyCurrency"],
        "groupCurrency": header["groupCurrency"],
        **{name: value for name, value in given.items() if name != "coding"},
    }
    if "codingRows" not in line:
        line["codingRows"] = _coding(str(number), given.get("coding") or ())
    return priced(line, Rates.of(header))


def _coding(prefix: str, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Coding rows of a line. Rows without a share of their own divide what is left evenly, the last taking the remainder."""
    shares = [to_decimal(row["splitPercent"]) if "splitPercent" in row else None for row in rows]
    open_rows = [index for index, share in enumerate(shares) if share is None]
    rest = _HUNDRED - sum((share for share in shares if share is not None), Decimal(0))
    for place, index in enumerate(open_rows, 1):
        even = _rounded(rest / len(open_rows), _CENT)
        shares[index] = even if place < len(open_rows) else rest - even * (len(open_rows) - 1)
    return [
        {"externalCode": f"{prefix}-{index}", "rowIndex": index, **row, "splitPercent": share}
        for index, (row, share) in enumerate(zip(rows, shares, strict=True), 1)
    ]


def _rounded(amount: Decimal, places: Decimal) -> Decimal:
    return amount.quantize(places, ROUND_HALF_UP)
