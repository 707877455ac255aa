"""What Basware's specification says of the bodies it accepts, as data, and the strict check against it.

Source: Basware P2P specification, TransferResponseEntity, PaymentResponseEntity and the status acknowledgement; all forbid
additional properties.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from twins.basware.values import parse_instant


@dataclass(frozen=True)
class Field:
    """One property: its kind, whether it must be there (and not null), and the limits of a text."""

    kind: Literal["text", "flag", "amount", "instant"]
    required: bool = False
    least: int = 0
    most: int = 0


def _text(most: int, *, least: int = 0, required: bool = False) -> Field:
    return Field("text", required, least, most)


_FLAG = Field("flag", required=True)
_AMOUNT = Field("amount")
_INSTANT = Field("instant")

TRANSFER_RESPONSE: Mapping[str, Field] = {
    "externalCode": _text(36, least=1, required=True),
    "success": _FLAG,
    "responseMessage": _text(250, least=1, required=True),
    "sourceSystem": _text(32),
    "voucherNumber1": _text(25),
    "voucherNumber2": _text(25),
    "transferDate": _INSTANT,
    "paymentBlock": _FLAG,
}

PAYMENT_RESPONSE: Mapping[str, Field] = {
    "externalCode": _text(36, least=1, required=True),
    "success": _FLAG,
    "responseMessage": _text(250),
    "sourceSystem": _text(32),
    "paymentDate": _INSTANT,
    "paymentTermCode": _text(25),
    "paymentBlock": _FLAG,
    "paymentMethod": _text(25),
    "paidTotal": _AMOUNT,
    "cashDiscount": _AMOUNT,
    "checkNumber": _text(25),
    "paymentMessage": _text(100),
    "paymentNumber": _text(250),
    "paymentDocument": _text(250),
    "paymentReversalDocument": _text(250),
}


def problems(schema: Mapping[str, Field], body: Any) -> list[str]:
    """Everything wrong with a body, in the schema's order; empty when it may be accepted."""
    if not isinstance(body, dict):
        return ["the body must be one JSON object"]
    found = [f"{name}: additional properties are not allowed" for name in body if name not in schema]
    for name, field in schema.items():
        value = body.get(name)
        if value is None:
            if field.required:
                found.append(f"{name}: required")
        elif message := _problem(field, value):
            found.append(f"{name}: {message}")
    return found


def _problem(field: Field, value: Any) -> str:
    match field.kind:
        case "flag":
            return "" if isinstance(value, bool) else "must be true or false"
        case "amount":
            is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
            return "" if is_number else "must be a number"
        case "instant":
            return _instant_problem(value)
        case "text":
            return _text_problem(field, value)


def _instant_problem(value: Any) -> str:
    if not isinstance(value, str):
        return "must be a date-time"
    try:
        parse_instant(value)
    except ValueError:
        return "must be a date-time"
    return ""


def _text_problem(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        return "must be a string"
    if len(value) < field.least:
        return f"minimum length {field.least} not reached"
    return f"maximum length {field.most} exceeded" if len(value) > field.most else ""
