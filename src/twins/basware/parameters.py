"""Query parameters that many lists share, read strictly. All that is wrong is collected, so that it is told at once."""

from datetime import datetime

from twins.basware.answers import Call
from twins.basware.values import parse_instant

_NOT_GIVEN = "\0"
"""No value at all, as against an empty one, which no number, date or word is."""


def read_size(call: Call, usual: int, most: int, wrong: list[str]) -> int:
    """The page size asked for, or the usual one."""
    size = call.request.parameter("pageSize", str(usual))
    if size.isascii() and size.isdigit() and len(size) < 9 and 1 <= int(size) <= most:
        return int(size)
    wrong.append(f"pageSize: must be a number from 1 to {most}")
    return usual


def read_since(call: Call, wrong: list[str]) -> datetime | None:
    """The instant after which records must have changed; None for all."""
    text = call.request.parameter("lastUpdated", _NOT_GIVEN)
    if text == _NOT_GIVEN:
        return None
    try:
        return parse_instant(text)
    except (ValueError, OverflowError):
        wrong.append("lastUpdated: must be a date-time")
        return None


def read_word(call: Call, name: str, words: frozenset[str], wrong: list[str]) -> str:
    """One of a few words, or empty for none."""
    word = call.request.parameter(name, _NOT_GIVEN)
    if word == _NOT_GIVEN:
        return ""
    if word not in words:
        wrong.append(f"{name}: {word} is not one of {', '.join(sorted(words))}")
    return word
