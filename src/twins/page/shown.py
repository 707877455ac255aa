"""How values look on the page."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

_encode = msgspec.json.Encoder(decimal_format="number").encode


def amount(value: Decimal | None) -> str:
    """An amount with separators and two places, or more where it has more; empty when there is none."""
    if value is None:
        return ""
    exponent = value.as_tuple().exponent
    places = max(2, -exponent if isinstance(exponent, int) else 2)
    return f"{value:,.{places}f}".replace("-", "\u2212")


def instant(value: datetime | None) -> str:
    """An instant in UTC to the second; empty when there is none."""
    return "" if value is None else value.strftime("%Y-%m-%d %H:%M:%S")


def pretty(value: Any) -> str:
    """Any value as indented JSON; text that is JSON already is indented too."""
    if isinstance(value, str):
        try:
            return msgspec.json.format(value.encode(), indent=2).decode()
        except msgspec.DecodeError:
            return value
    return msgspec.json.format(_encode(value), indent=2).decode()
