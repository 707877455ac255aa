"""How P2P books the receipt of ordered goods, and what it refuses.

Source: Basware P2P specification, notes of POST purchaseGoodsReceipts: one order and one delivery location, all lines or none, no
closed or cancelled lines, no more than was ordered; reversals stand alone, refer to what they reverse and are negative; each line
has exactly one of quantity, net sum and gross sum, the same for all receipts of an order line until all of them are reversed.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from twins.basware.purchasing import GONE
from twins.basware.values import to_decimal

_CENT = Decimal("0.01")
# What a receipt line may be measured by: its field, how Basware calls it, the field of the order line that limits it.
_METHODS = (
    ("receivedQuantity", "Quantity", "quantity"),
    ("receivedNetSum", "NetSum", "netSum"),
    ("receivedGrossSum", "GrossSum", "grossSum"),
)
_LIMIT = {field: limit for field, _, limit in _METHODS}
_NAME = {field: name for field, name, _ in _METHODS}
_SHUT = GONE | {"Closed"}


@dataclass(frozen=True)
class Booking:
    """One line of a receipt against its order line: measured by which field, how much (negative for a reversal)."""

    line: dict[str, Any]
    given: Mapping[str, Any]
    measure: str
    amount: Decimal


def problems_of(order: Mapping[str, Any] | None, receipt: Mapping[str, Any]) -> list[str]:
    """Everything that keeps P2P from booking a receipt; empty when it may be booked."""
    if order is None:
        return [f"order {receipt['orderExternalCode']} was not found"]
    if order["orderStatus"] in {"Canceled", "Closed"}:
        return [f"order {order['externalCode']} is {order['orderStatus']}"]
    if not receipt["lineReceivings"]:
        return ["the receipt has no lines"]
    found = list(_form_problems(receipt))
    if found:
        return found
    found = list(_line_problems(order, receipt))
    if found:
        return found
    bookings = list(_bookings(order, receipt))
    if len({str(booking.line["deliveryAddress"]) for booking in bookings}) > 1:
        found.append("the lines were ordered to several delivery locations, which need a receipt each")
    for code in {booking.line["externalCode"] for booking in bookings}:
        found += _amount_problems([each for each in bookings if each.line["externalCode"] == code], receipt)
    return found


def booked(order: Mapping[str, Any], receipt: Mapping[str, Any], at: str) -> dict[str, Any]:
    """The order after a receipt: its lines with the receipt in them, and the statuses that follow. `at` is a time stamp."""
    lines = {line["externalCode"]: line for line in order["orderLines"]}
    for booking in _bookings(order, receipt):
        code = booking.line["externalCode"]
        lines[code] = _with_receipt(lines[code], booking, receipt, at)
    return {**order, "orderStatus": _order_status(lines.values(), order), "orderLines": list(lines.values())}


def _form_problems(receipt: Mapping[str, Any]) -> Iterator[str]:
    reversal = bool(receipt.get("referenceGRDocumentExternalCode"))
    for line in receipt["lineReceivings"]:
        code = line["externalCode"]
        given = [name for name in _LIMIT if line.get(name) is not None]
        if len(given) != 1:
            yield f"line {code}: exactly one of {', '.join(_LIMIT)} must have a value"
            continue
        amount = to_decimal(line[given[0]])
        if bool(line.get("referenceGRLineExternalCode")) != reversal:
            yield f"line {code}: normal lines and reversals can't be mixed in one receipt"
        elif reversal and amount >= 0:
            yield f"line {code}: a reversal is negative"
        elif not reversal and amount <= 0:
            yield f"line {code}: what is received is more than nothing"


def _line_problems(order: Mapping[str, Any], receipt: Mapping[str, Any]) -> Iterator[str]:
    lines = {line["externalCode"]: line for line in order["orderLines"]}
    for given in receipt["lineReceivings"]:
        line = lines.get(given["orderLineExternalCode"])
        if line is None:
            yield f"line {given['externalCode']}: order {order['externalCode']} has no line {given['orderLineExternalCode']}"
        elif line.get("lineStatus") in _SHUT:
            yield f"line {given['externalCode']}: order line {line['externalCode']} is {line['lineStatus']}"


def _bookings(order: Mapping[str, Any], receipt: Mapping[str, Any]) -> Iterator[Booking]:
    lines = {line["externalCode"]: line for line in order["orderLines"]}
    for given in receipt["lineReceivings"]:
        measure = next(name for name in _LIMIT if given.get(name) is not None)
        yield Booking(lines[given["orderLineExternalCode"]], given, measure, to_decimal(given[measure]))


def _amount_problems(bookings: list[Booking], receipt: Mapping[str, Any]) -> Iterator[str]:
    """Problems of all bookings of one receipt on one order line."""
    line, measure = bookings[0].line, bookings[0].measure
    code = line["externalCode"]
    if len({booking.measure for booking in bookings}) > 1:
        yield f"order line {code}: one receival method for all receipts of a line"
        return
    if line["receivalMethod"] not in {None, _NAME[measure]}:
        yield f"order line {code}: is received by {line['receivalMethod']}, not by {_NAME[measure]}"
        return
    if receipt.get("referenceGRDocumentExternalCode"):
        for booking in bookings:
            yield from _reversal_problems(booking, receipt)
        return
    left = to_decimal(line.get(_LIMIT[measure])) - to_decimal(line.get(measure))
    if sum(booking.amount for booking in bookings) > left:
        yield f"order line {code}: only {left} is left to receive"


def _reversal_problems(booking: Booking, receipt: Mapping[str, Any]) -> Iterator[str]:
    document, reference = receipt["referenceGRDocumentExternalCode"], booking.given["referenceGRLineExternalCode"]
    rows = [
        row
        for row in booking.line["goodsReceipts"]
        if (row["grHeaderExternalCode"], row["externalCode"]) == (document, reference)
    ]
    if not rows:
        yield f"line {booking.given['externalCode']}: there is no receipt {document} with a line {reference} to reverse"
        return
    reversed_before = sum(
        (
            row[booking.measure]
            for row in booking.line["goodsReceipts"]
            if row.get("referenceGRExternalCode") == reference
        ),
        Decimal(0),
    )
    left = rows[0][booking.measure] + reversed_before
    if -booking.amount > left:
        yield f"line {booking.given['externalCode']}: only {left} is left of {reference} to reverse"


def _with_receipt(line: dict[str, Any], booking: Booking, receipt: Mapping[str, Any], at: str) -> dict[str, Any]:
    amounts = _amounts(line, booking)
    row = {
        "externalCode": booking.given["externalCode"],
        "grHeaderExternalCode": receipt["externalCode"],
        "goodsReceiptNumber": f"GR-{len(line['goodsReceipts']) + 1}-{line['externalCode']}"[:100],
        "extGoodsReceiptNumber": receipt["externalGRNumber"],
        "deliveryNoteNumber": receipt.get("deliveryNoteNumber"),
        "goodsReceiptDocumentCreationTime": at,
        "receivingDate": receipt["receiveDate"],
        "productSerialNumber": booking.given.get("productSerialNumber"),
        "unitOfMeasure": line.get("quantityUnit"),
        **amounts,
        "receivalMethod": _NAME[booking.measure],
        "notifyFault": bool(booking.given.get("notifyFault")),
        "information": booking.given.get("comment"),
        "referenceGRExternalCode": booking.given.get("referenceGRLineExternalCode"),
        "receiver": receipt["receiver"],
    }
    sums = {name: to_decimal(line.get(name)) + amount for name, amount in amounts.items()}
    received = sums[booking.measure]
    full = received >= to_decimal(line.get(_LIMIT[booking.measure]))
    status = "Received" if full else "PartiallyReceived" if received else "Ordered"
    method = _NAME[booking.measure] if received else None
    return {
        **line,
        **sums,
        "lineStatus": status,
        "receivalMethod": method,
        "goodsReceipts": [*line["goodsReceipts"], row],
    }


def _amounts(line: Mapping[str, Any], booking: Booking) -> dict[str, Decimal]:
    """A receipt in all three measures; the quantity of one that is measured by a sum stays open."""
    factor = 1 + to_decimal(line.get("taxPercent")) / 100
    amount = booking.amount
    if booking.measure == "receivedQuantity":
        net = (amount * to_decimal(line["netPrice"])).quantize(_CENT, ROUND_HALF_UP)
        gross = (net * factor).quantize(_CENT, ROUND_HALF_UP)
        return {"receivedQuantity": amount, "receivedNetSum": net, "receivedGrossSum": gross}
    if booking.measure == "receivedNetSum":
        gross = (amount * factor).quantize(_CENT, ROUND_HALF_UP)
        return {"receivedQuantity": Decimal(0), "receivedNetSum": amount, "receivedGrossSum": gross}
    net = (amount / factor).quantize(_CENT, ROUND_HALF_UP)
    return {"receivedQuantity": Decimal(0), "receivedNetSum": net, "receivedGrossSum": amount}


def _order_status(lines: Iterable[dict[str, Any]], order: Mapping[str, Any]) -> str:
    statuses = {line["lineStatus"] for line in lines} - _SHUT
    if statuses == {"Received"}:
        return "Received"
    if statuses & {"Received", "PartiallyReceived"}:
        return "PartiallyReceived"
    return "Ordered" if order["orderStatus"] in {"Received", "PartiallyReceived"} else str(order["orderStatus"])
