"""The form of the control interface: JSON in and out, pages of long lists, errors that say what, why and what next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from twins.http import Request, Response

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
encode = msgspec.json.Encoder(decimal_format="number").encode

PAGE = 100
"""Entries of a page when only an offset is given."""


class ControlError(Exception):
    """A command can't be carried out: what happened, why, and what to do next. Nothing was changed."""

    def __init__(self, what: str, why: str = "", after: str = "", *, status: int = 400) -> None:
        super().__init__(what)
        self.what, self.why, self.after, self.status = what, why, after, status

    def response(self) -> Response:
        """The answer that tells it."""
        parts = {"error": self.what, "why": self.why, "next": self.after}
        return in_json({name: text for name, text in parts.items() if text}, self.status)


@dataclass(frozen=True)
class Command:
    """One thing the control interface does: its method and name under `/_twin/`, what it means, what answers it.

    `lists` says that its answer is a list, of which pages can be asked for.
    """

    method: str
    name: str
    help: str
    answer: Callable[..., Any]
    changes: bool = False
    lists: bool = False


def in_json(value: Any, status: int = 200) -> Response:
    """A JSON answer; amounts are exact numbers."""
    return Response(status, {"Content-Type": "application/json", "Cache-Control": "no-store"}, encode(value))


def body_of(request: Request) -> dict[str, Any]:
    """The JSON object in a request. Raises ControlError."""
    try:
        body = _decode(request.body)
    except msgspec.DecodeError as error:
        raise ControlError("the body can't be read", str(error), "send a JSON object") from error
    if not isinstance(body, dict):
        raise ControlError("the body is no JSON object", f"it is {type(body).__name__}", "send a JSON object")
    return body


def number_of(request: Request, name: str, otherwise: int) -> int:
    """A whole number from zero given as a parameter. Raises ControlError."""
    text = request.parameter(name)
    if not text:
        return otherwise
    if not (text.isascii() and text.isdigit()):
        raise ControlError(f"{name} is {text!r}", "it must be a whole number from 0", f"give {name}=10, for example")
    return int(text)


def instant_of(text: Any) -> datetime:
    """An instant with a time zone. Raises ControlError."""
    try:
        instant = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise ControlError(f"{text!r} is no instant", str(error), "give one as 2026-11-20T12:00:00Z") from error
    if instant.tzinfo is None:
        raise ControlError(f"{text!r} has no time zone", "an instant needs one", "add Z or an offset as +01:00")
    return instant.astimezone(UTC)


def paged(request: Request, entries: Sequence[Any]) -> Any:
    """The whole list, or the page that `limit` and `offset` ask for: `items`, `total`, `offset`, `limit`."""
    if not (request.parameter("limit") or request.parameter("offset")):
        return entries
    offset, limit = number_of(request, "offset", 0), number_of(request, "limit", PAGE)
    items = entries[offset : offset + limit]
    return {"items": items, "total": len(entries), "offset": offset, "limit": limit}


def one_of(name: str, known: Sequence[str], what: str) -> str:
    """The name, if it is a known one. Raises ControlError that lists them."""
    if name not in known:
        listed = ", ".join(known) or "none"
        raise ControlError(f"there is no {what} {name!r}" if name else f"no {what} was named", f"known: {listed}")
    return name


def the_company(wanted: str, known: Sequence[str]) -> str:
    """The company meant: the one named, or the only one there is. Raises ControlError."""
    return one_of(wanted, known, "company") if wanted or len(known) != 1 else known[0]


def converted(value: Any, wanted: Any) -> Any:
    """A JSON value as the type a rule or switch has; a whole number is good where a fraction is expected."""
    return msgspec.convert(_floats(value), wanted)


def _floats(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list):
        return [_floats(inner) for inner in value]
    return {name: _floats(inner) for name, inner in value.items()} if isinstance(value, dict) else value
