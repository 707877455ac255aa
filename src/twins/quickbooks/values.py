"""JSON values as QuickBooks reads and prints them: exact decimals, bare zeros, instants in US Pacific time.

Nothing here knows an entity. Money is Decimal throughout; a zero is the integer 0 because the service prints it bare.
"""

from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

import msgspec

Json = dict[str, Any]

CENT = Decimal("0.01")
ZERO = Decimal(0)

_DEEPEST = 64
"""How far objects and lists may lie inside each other; no record of the service comes near it."""

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


def decode(body: bytes) -> Any:
    """Parsed JSON with exact decimals. Raises msgspec.DecodeError (a ValueError) when it is not JSON, or nests too deeply."""
    try:
        value = _decoder.decode(body)
    except RecursionError as error:
        raise msgspec.DecodeError("too many levels") from error
    if _depth(value) > _DEEPEST:
        raise msgspec.DecodeError("too many levels")
    return value


def _depth(value: Any) -> int:
    """How many objects and lists lie inside each other."""
    depth, level = 0, [value]
    while level := [each for each in level if isinstance(each, (dict, list))]:
        depth += 1
        level = [inner for each in level for inner in (each.values() if isinstance(each, dict) else each)]
    return depth


def encode(value: Any) -> bytes:
    """JSON with decimals printed as numbers."""
    return _encoder.encode(value)


def cents(value: Decimal) -> Decimal:
    """To two decimals, halves away from zero."""
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def money(value: Decimal) -> Decimal | int:
    """An amount as the service prints it: two decimals, zero bare."""
    rounded = cents(value)
    return rounded if rounded else 0


def natural(value: Decimal) -> Decimal | int:
    """A quantity, price or rate in its natural precision: 75, 4.5."""
    if value == value.to_integral_value():
        return int(value)
    return value.normalize()


def amount_of(record: Json, name: str) -> Decimal:
    """A stored amount, zero when the record has none."""
    return Decimal(record.get(name, 0))


def _nth_sunday(year: int, month: int, nth: int) -> datetime:
    first = datetime(year, month, 1, tzinfo=UTC)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (nth - 1))


@cache
def _summer(year: int) -> tuple[datetime, datetime]:
    """When Pacific summer time begins and ends: the second Sunday of March and the first of November, at 2:00."""
    return _nth_sunday(year, 3, 2) + timedelta(hours=10), _nth_sunday(year, 11, 1) + timedelta(hours=9)


_SUMMER, _WINTER = timezone(timedelta(hours=-7)), timezone(timedelta(hours=-8))


def pacific(instant: datetime) -> datetime:
    """The instant in US Pacific time."""
    instant = instant.astimezone(UTC)
    starts, ends = _summer(instant.year)
    return instant.astimezone(_SUMMER if starts <= instant < ends else _WINTER)


def stamp(instant: datetime) -> str:
    """A record's time stamp: Pacific offset, whole seconds."""
    return pacific(instant).isoformat(timespec="seconds")


def envelope_time(instant: datetime) -> str:
    """A response's time stamp: Pacific offset, milliseconds."""
    return pacific(instant).isoformat(timespec="milliseconds")


def parse_instant(text: str) -> datetime:
    """An instant from ISO text; without an offset it is Pacific time. Raises ValueError when it is none, or beyond all years."""
    parsed = datetime.fromisoformat(text)
    try:
        if parsed.tzinfo is None:
            parsed = parsed.replace(tzinfo=pacific(parsed.replace(tzinfo=UTC)).tzinfo)
        return parsed.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text} lies beyond all years") from error
