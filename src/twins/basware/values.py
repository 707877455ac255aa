"""Small conversions on Basware's wire: JSON with exact numbers, time stamps, ids. No state."""

import random
import uuid
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

encode = msgspec.json.Encoder(decimal_format="number").encode
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


def decode(body: bytes | str) -> Any:
    """JSON to plain values, numbers with a fraction as Decimal. Raises msgspec.DecodeError, whatever is wrong with it."""
    try:
        return _decode(body)
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError("it is not in UTF-8") from error
    except RecursionError as error:
        raise msgspec.DecodeError("it is nested too deeply") from error
    except InvalidOperation as error:
        raise msgspec.DecodeError("a number is too large") from error


def parse_instant(text: str) -> datetime:
    """An ISO 8601 time stamp or date as an aware instant; without a zone it is UTC. Raises ValueError."""
    instant = datetime.fromisoformat(text.strip())
    try:
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text} lies outside the calendar in UTC") from error


def to_moment(instant: datetime) -> datetime:
    """An instant in whole milliseconds, as time stamps show it, so that what was shown compares equal to what is kept."""
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def stamp(instant: datetime) -> str:
    """Basware's form of a time stamp: UTC with milliseconds, such as 2026-04-20T07:41:12.303Z."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def new_uuid(source: random.Random) -> str:
    """A random UUID drawn from a seeded source."""
    return str(uuid.UUID(int=source.getrandbits(128), version=4))


def to_decimal(value: Any) -> Decimal:
    """A JSON number as a Decimal; anything else counts as zero, as in a sum over fields that may be missing."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return Decimal(0)
    return Decimal(str(value)) if isinstance(value, float) else Decimal(value)
