"""The words people write schedules in: durations, times of day, and which days are meant. Each refusal says what is understood."""

import re
from collections.abc import Iterable, Sequence
from datetime import time, timedelta
from zoneinfo import ZoneInfo

from ml_connector.model.timetable import Days, Span

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_DURATION = re.compile(r"(?:\d+[smhd])+")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_REFERENCE = re.compile(r"(?P<duration>\S+) (?P<side>before|after) (?P<name>.+)")
_RANGE = re.compile(r"(?P<end>first|last) (?P<count>\d{1,2}) (?P<working>working )?days")
_POSITION = re.compile(r"(?:(?P<number>\d{1,2})(?:st|nd|rd|th) )?(?P<end>first |last )?(?P<working>working )?day")
_LARGEST_MONTH = 31


def duration(text: str) -> timedelta:
    """A duration such as "10m", "2h", "1h30m" or "1d". Raises ValueError."""
    if not _DURATION.fullmatch(text):
        raise ValueError(f'{text!r} is no duration; write it like "30s", "10m", "2h", "1h30m" or "1d"')
    return sum((int(number) * _UNITS[unit] for number, unit in re.findall(r"(\d+)([smhd])", text)), timedelta())


def time_of_day(text: str) -> time:
    """A time of day such as "06:00". Raises ValueError."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(f'{text!r} is no time of day; write it like "06:00" or "18:30"')
    return time(int(found[1]), int(found[2]))


def zone(name: str) -> str:
    """A time zone's IANA name. Raises ValueError."""
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError):
        raise ValueError(
            f"there is no time zone {name!r}; use a name such as America/New_York or Europe/Helsinki"
        ) from None


def weekday(text: str) -> int:
    """A weekday's number, Monday = 0. Raises ValueError."""
    if text.casefold() not in WEEKDAYS:
        raise ValueError(f"{text!r} is no weekday; use {', '.join(WEEKDAYS)}")
    return WEEKDAYS.index(text.casefold())


def reference(text: str) -> tuple[str, timedelta]:
    """A cycle's name, and how much earlier (negative) or later: "payment run", "2h before payment run". Raises ValueError."""
    found = _REFERENCE.fullmatch(text)
    if found is None:
        return text, timedelta()
    offset = duration(found["duration"])
    return found["name"], -offset if found["side"] == "before" else offset


def days(words: str | int | Iterable[str | int], spans: Sequence[Span] = ()) -> Days:
    """Which days are meant: "every day", "working days", weekdays, or days of the month.

    Days of the month are numbers (15; -1 is the last), "first day", "last working day", "3rd working day", "2nd last day",
    "last 3 days", "first 2 working days". Raises ValueError for other words, and for weekdays mixed with days of the month.
    """
    listed = [words] if isinstance(words, str | int) else list(words)
    weekdays, of_month, working, only_working = list[int](), list[int](), list[int](), False
    for word in listed:
        text = str(word).strip().casefold()
        if text in WEEKDAYS:
            weekdays.append(weekday(text))
        elif text == "working days":
            only_working = True
        elif text != "every day":
            is_working, numbers = _of_month(word)
            (working if is_working else of_month).extend(numbers)
    if (weekdays or only_working) and (of_month or working):
        raise ValueError(
            f"{', '.join(map(str, listed))}: weekdays and days of the month do not go together; make two cycles of them"
        )
    return Days(
        weekdays=tuple(weekdays), of_month=tuple(of_month), working_of_month=tuple(working),
        only_working=only_working, spans=tuple(spans),
    )  # fmt: skip


def _of_month(word: str | int) -> tuple[bool, list[int]]:
    """Whether working days are counted, and which numbers are meant; negative from the end."""
    text = str(word).strip().casefold()
    if re.fullmatch(r"-?\d{1,2}", text):
        return False, [_in_month(int(text), word)]
    if found := _RANGE.fullmatch(text):
        sign = -1 if found["end"] == "last" else 1
        return bool(found["working"]), [
            sign * number for number in range(1, abs(_in_month(int(found["count"]), word)) + 1)
        ]
    found = _POSITION.fullmatch(text)
    if found is None or not (found["number"] or found["end"]) or (found["number"] and found["end"] == "first "):
        raise ValueError(
            f"{word!r} names no days; use weekdays, "
            '"every day", "working days", numbers such as 15 or -1, "first day", "last working day", "3rd working day", '
            '"last 3 days" or "first 2 working days"'
        )
    number = _in_month(int(found["number"] or 1), word)
    return bool(found["working"]), [-number if found["end"] == "last " else number]


def _in_month(number: int, word: str | int) -> int:
    if not 1 <= abs(number) <= _LARGEST_MONTH:
        raise ValueError(f"{word!r} names no day of a month: those are 1 to 31, or -1 to -31 from the end")
    return number
