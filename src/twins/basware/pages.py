"""Pages of a list: what is asked for, and the answer with the header that leads to the next page.

Source: Basware P2P specification: the continuation token comes and goes in a header, 404 when there is nothing. That names of
parameters are compared without case and unknown ones ignored is inferred from older clients; a switch makes both strict.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from twins.basware import continuation
from twins.basware.answers import CONTINUATION, JSON_TYPE, Call, empty
from twins.basware.shelf import Place, from_instant
from twins.basware.values import encode, parse_instant
from twins.http import Response

_NUMBER = re.compile(r"[+-]?\d{1,28}(\.\d{1,28})?([eE][+-]?\d{1,2})?", re.ASCII)
_FLAGS = {"true": True, "false": False}


class Query:
    """The parameters of one list request. What is wrong with them gathers in `wrong`."""

    def __init__(self, call: Call, known: tuple[str, ...]) -> None:
        self.call = call
        self.wrong: list[str] = []
        names = {name.lower(): name for name in known}
        if call.world.switches.strict_parameters:
            self.wrong += [f"{name}: no such parameter" for name, _ in call.request.query if name not in known]
        asked = [(name.lower(), value) for name, value in call.request.query if name.lower() in names]
        self.identity = (call.request.path, sorted(asked))
        self._place: Place | None = None
        if token := call.request.headers.get(CONTINUATION, ""):
            self._place = continuation.place_of(call.world, token, self.identity, call.now)
            if self._place is None:
                self.wrong.append(continuation.REFUSED)

    def text(self, name: str) -> str:
        """A text, empty when it isn't there."""
        return self.call.request.parameter(name)

    def needed(self, name: str) -> str:
        """A text that must be there."""
        value = self.text(name)
        if not value:
            self.wrong.append(f"{name}: required")
        return value

    def word(self, name: str, words: frozenset[str]) -> str:
        """One of a few words, empty for none."""
        word = self.call.request.parameter(name)
        if word not in words and self._is_given(name):
            self.wrong.append(f"{name}: {word} is not one of {', '.join(sorted(words))}")
        return word

    def flag(self, name: str) -> bool:
        """True or false, which is the default."""
        value = self.call.request.parameter(name, "false")
        if value not in _FLAGS:
            self.wrong.append(f"{name}: must be true or false")
        return _FLAGS.get(value, False)

    def size(self, usual: int, most: int) -> int:
        """How many records a page has."""
        size = self.call.request.parameter("pageSize", str(usual))
        if size.isascii() and size.isdigit() and len(size) < 9 and 1 <= int(size) <= most:
            return int(size)
        self.wrong.append(f"pageSize: must be a number from 1 to {most}")
        return usual

    def number(self, name: str) -> Decimal | None:
        """A number; None when it isn't there."""
        value = self.text(name)
        if value and not _NUMBER.fullmatch(value):
            self.wrong.append(f"{name}: must be a number")
            return None
        return Decimal(value) if value else None

    def instant(self, name: str) -> datetime | None:
        """A date-time; None when it isn't there."""
        if not self._is_given(name):
            return None
        try:
            return parse_instant(self.text(name))
        except ValueError:
            self.wrong.append(f"{name}: must be a date-time")
            return None

    def since(self) -> datetime | None:
        """The instant after which records must have changed."""
        return self.instant("lastUpdated")

    def start(self, since: datetime | None) -> Place | None:
        """Where to read on: behind the last page, or from an instant, or from the beginning."""
        if self._place is not None or since is None:
            return self._place
        return from_instant(since, inclusive=self.call.world.switches.last_updated_inclusive)

    def _is_given(self, name: str) -> bool:
        """Whether a parameter is there, even if it is empty, which is no date and no word."""
        return any(given.lower() == name.lower() for given, _ in self.call.request.query)

    def leading(self, place: Place) -> dict[str, str]:
        """The header that leads on behind a place."""
        return {CONTINUATION: continuation.token_for(self.call.world, self.identity, place, self.call.now)}


def answer_page(
    query: Query,
    wrapper: str,
    size: int,
    found: Iterator[tuple[Place, Any]],
    show: Callable[[Any], Any] | None = None,
) -> Response:
    """A page of what was found, wrapped in an object, or bare if `wrapper` is empty; 404 for nothing."""
    page: list[Any] = []
    headers = {"Content-Type": JSON_TYPE}
    reached: Place | None = None
    for place, record in found:
        if len(page) == size and reached is not None:
            headers |= query.leading(reached)
            break
        page.append(show(record) if show else record)
        reached = place
    if not page:
        return empty(404)
    return Response(200, headers, encode({wrapper: page} if wrapper else page))
