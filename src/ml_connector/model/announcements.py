"""What another system announces by webhook: that a record was changed and should be read again. Nothing else is believed of it.

Plain types both vendor packages fill; which connection an announcement belongs to is not known here.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import msgspec

LONGEST = 200
"""Characters of a name or id that are kept. Nothing either vendor defines comes near it."""


class Announcement(msgspec.Struct, frozen=True, kw_only=True):
    """One event of a delivery. `company` is the QuickBooks company's id, empty where the sender names none.

    `event_id` tells repetitions of the event from other events of the same company. `entity` and `operation` are in the words of
    the vendor's API (`Bill`, `updated`; Basware: task type and sub type), unknown ones as they came. `merged_id` is the record
    that vanished into `entity_id`. `problem` is not empty when the event cannot be acted on; it is kept nevertheless.
    """

    company: str = ""
    event_id: str
    entity: str
    entity_id: str
    operation: str
    merged_id: str = ""
    occurred_at: datetime | None = None
    expires_at: datetime | None = None
    problem: str = ""


class Delivered(msgspec.Struct, frozen=True, kw_only=True):
    """One call taken apart. `format` is the vendor's name of its shape, empty when nothing could be read.

    `problem` tells what could not be read at all; whatever could is in `events`. `is_test`: the sender only tries whether
    somebody answers.
    """

    format: str = ""
    events: tuple[Announcement, ...] = ()
    problem: str = ""
    is_test: bool = False


def parts_of(body: bytes) -> list[object]:
    """The members of a JSON array one by one, or the one object there is, each read as far as it can be: None if it cannot.

    One bad member does not spoil the others. Raises ValueError when the body as a whole is no JSON.
    """
    text = body.removeprefix(b"\xef\xbb\xbf").strip()
    try:
        if not text.startswith(b"["):
            return [msgspec.json.decode(text)]
        return [_read(part) for part in msgspec.json.decode(text, type=list[msgspec.Raw])]
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        strict = error
    try:
        # The standard library also takes what is no text at all, such as half a surrogate pair.
        tree = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(str(strict)) from strict
    return tree if isinstance(tree, list) else [tree]


def _read(part: msgspec.Raw) -> object:
    try:
        return msgspec.json.decode(part)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def members_of(value: object) -> dict[str, Any] | None:
    """An object's members by lower-case name, None for whatever is no object."""
    return {str(name).lower(): member for name, member in value.items()} if isinstance(value, dict) else None


def text_of(members: Mapping[str, Any], name: str) -> str:
    """A member that is a name, an id or a number, as text that can be stored; empty for anything else."""
    value = members.get(name)
    if isinstance(value, str):
        return value.strip().encode("utf-8", "replace").decode()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1e30 else ""


def instant_of(text: str) -> datetime | None:
    """A moment in UTC, None when it cannot be read. Forms seen: nanoseconds with Z, `-0700` without a colon, no fraction."""
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def identity_of(*parts: str) -> str:
    """An event's id from what tells it from others, short enough to be stored."""
    joined = "/".join(parts)
    return joined if len(joined) <= LONGEST else sha256(joined.encode()).hexdigest()


def problem_of(needed: Mapping[str, str], optional: Mapping[str, str]) -> str:
    """Why an event cannot be acted on, by what it names: nothing where something is needed, or far too much. Empty if it can."""
    missing = [what for what, value in needed.items() if not value]
    if missing:
        return f"the event names no {' and no '.join(missing)}"
    endless = [what for what, value in (*needed.items(), *optional.items()) if len(value) > LONGEST]
    return f"the name of its {' and '.join(endless)} is longer than any there is" if endless else ""
