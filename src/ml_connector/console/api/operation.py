"""What one operation of the API is: its address, what it takes and answers, who may do it, and the call that asks for it.

The same description serves the call and the OpenAPI document, so that neither can say what the other does not do.
"""

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from starlette.requests import Request

from ml_connector.app import App
from ml_connector.console.screens import Console, Who
from ml_connector.console.trouble import NotFoundError
from ml_connector.model.people import Right, Visitor
from ml_connector.store import documents
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.documents import DocumentRow
from ml_connector.store.errors import PlaceError
from ml_connector.store.ordered import Place
from ml_connector.work.decisions import LONGEST_REASON
from ml_connector.work.desk import Desk
from ml_connector.work.listing import Listing

K = TypeVar("K")
T = TypeVar("T")

Text = Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[^\x00-\x1f]*$")]
"""A word or a line that a person wrote."""
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]
Reason = Annotated[
    str,
    msgspec.Meta(
        min_length=1, max_length=LONGEST_REASON, pattern=r"^[^\x00-\x08\x0b-\x1f]*[^\s\x00-\x1f][^\x00-\x08\x0b-\x1f]*$"
    ),
]
"""Why somebody decided so; kept in the audit."""
Number = Annotated[int, msgspec.Meta(ge=1, le=2**53)]
PageSize = Annotated[int, msgspec.Meta(ge=1, le=200)]
Cursor = Annotated[str, msgspec.Meta(max_length=4000, pattern=r"^[A-Za-z0-9_-]*$")]


class InputError(ValueError):
    """What was sent is not what the operation takes. The message says what is wrong with it."""


class Paged(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which page: at most `limit` items, going on where `cursor` (the `next` of the page before) says."""

    limit: PageSize = 50
    cursor: Cursor = ""


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """Some items of a list. `next` is the cursor of the page that follows, empty on the last one."""

    items: Sequence[T]
    next: str = ""


class Because(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why."""

    reason: Reason


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call: who asks, of which connection, with what. `given` are the parts of the address by name."""

    console: Console
    request: Request
    visitor: Visitor
    row: ConnectionRow | None
    given: Mapping[str, Any]
    query: Any = None
    body: Any = None

    @property
    def app(self) -> App:
        """The installation."""
        return self.console.app

    @property
    def now(self) -> datetime:
        """This moment."""
        return self.console.app.clock.now()

    @property
    def connection(self) -> ConnectionRow:
        """The connection the address names."""
        assert self.row is not None  # noqa: S101 - only operations with a connection in their address ask
        return self.row

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        """A desk of that connection. Raises MissingSecretError where it is not set up yet."""
        desk = self.console.app.desk(self.connection)
        try:
            yield desk
        finally:
            desk.write_calls()
            desk.close()

    def document(self, desk: Desk) -> DocumentRow:
        """The document the address names, by Basware's invoice id or by invoice number. Raises NotFoundError."""
        with desk.database.read() as tx:
            found = documents.find(tx, desk.connection_id, self.given["invoice"])
        if found is None:
            raise NotFoundError
        return found


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation. `path` is below /api/v1; with `{connection}` in it `right` is what the caller needs there.

    `query`, `body` and `answer` are msgspec types; `given` are types of parts of the address that are no plain names.
    """

    method: str
    path: str
    summary: str
    run: Callable[[Call], Any]
    answer: Any
    tag: str
    right: Right = Right.VIEW
    query: type[msgspec.Struct] | None = None
    body: type[msgspec.Struct] | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    asks_vendors: bool = False
    """Whether it calls QuickBooks or Basware while the caller waits."""
    who: Who = Who.ANYBODY
    """Who may do it, where there is no connection in the address."""
    misses: bool = False
    """Whether it answers 404 for something that its body names, with nothing in its address that may not be there."""
    once: tuple[str, ...] = ()
    """Fields of the answer that let somebody in or are shown for one look: told once, and kept for no repetition."""
    note: str = ""
    """What a program's author should know besides, such as that a person has to do something."""
    example: Mapping[str, Any] | None = None
    """A body that makes sense, where one made of the types alone would not."""

    @property
    def name(self) -> str:
        """Its name in the OpenAPI document."""
        within = self.path.replace("/connections/{connection}/", "/")
        parts = [part.strip("{}") for part in within.split("/") if part]
        return "_".join([self.method.lower(), *parts]).replace("-", "_")

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        return self.method != "GET"


def reader(tag: str, path: str, summary: str, answer: Any, run: Callable[[Call], Any], **more: Any) -> Operation:
    """An operation that reads."""
    return Operation(method="GET", path=path, summary=summary, answer=answer, run=run, tag=tag, **more)


def writer(tag: str, path: str, summary: str, answer: Any, run: Callable[[Call], Any], **more: Any) -> Operation:
    """An operation that changes something."""
    return Operation(method="POST", path=path, summary=summary, answer=answer, run=run, tag=tag, **more)


# Cursors

_NOT_OURS = "The cursor is none that this API gave for this list in this order. Leave it out to begin anew."


def place_of(cursor: str) -> int | None:
    """The place a cursor stands for, None for the beginning. Raises InputError for one that is none of ours."""
    if not cursor:
        return None
    try:
        place = int(_opened(cursor))
    except ValueError as error:
        raise InputError(_NOT_OURS) from error
    if not 0 <= place < 2**53:
        raise InputError(_NOT_OURS)
    return place


def cursor_at(place: int) -> str:
    """A cursor that stands for a place in a list."""
    return _closed(str(place).encode())


def _opened(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise InputError(_NOT_OURS) from error


def _closed(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def listed(query: Paged, found: Listing[K, T]) -> Page[T]:
    """A page of a list that goes on behind the last item had, whatever came or went meanwhile."""
    try:
        place: Place = msgspec.json.decode(_opened(query.cursor), type=list[str | int]) if query.cursor else ()
        items, end = found.behind(place, query.limit)
    except (msgspec.DecodeError, PlaceError) as error:
        raise InputError(_NOT_OURS) from error
    return Page(items=items, next=cursor_behind(end) if end else "")


def cursor_behind(place: Place) -> str:
    """A cursor that stands for what follows a place in an order."""
    return _closed(msgspec.json.encode(place))


def sliced(query: Paged, found: Sequence[T]) -> Page[T]:
    """A page of a list that is read whole, because it is short or made at once."""
    return counted(query, lambda offset, limit: found[offset : offset + limit])


def counted(query: Paged, read: Callable[[int, int], Sequence[T]]) -> Page[T]:
    """A page of a list that is read by how many to leave out and how many to read at most."""
    start = place_of(query.cursor) or 0
    found = read(start, query.limit + 1)
    more = len(found) > query.limit
    return Page(items=found[: query.limit], next=cursor_at(start + query.limit) if more else "")


def keyed(query: Paged, read: Callable[[int | None, int], Sequence[T]], key: Callable[[T], int]) -> Page[T]:
    """A page of a list that is read from behind the item with a key on."""
    found = read(place_of(query.cursor), query.limit + 1)
    more = len(found) > query.limit
    return Page(items=found[: query.limit], next=cursor_at(key(found[query.limit - 1])) if more else "")
