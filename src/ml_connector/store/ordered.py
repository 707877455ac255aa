"""A list in an order, read by its keys: all of them at one moment, some of them for a page, or those behind a place.

A place is what the last row had says in the columns of the order, so what goes or comes meanwhile moves nothing: a number of rows
to leave out would skip one for each that is gone. Knows no list; the keys lead to rows that are read elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar, cast

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Integer, Select, and_, literal, or_
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import desc_op

from ml_connector.store.columns import KEY_LIMIT, Choice, Instant, Key
from ml_connector.store.database import Tx
from ml_connector.store.errors import PlaceError

K = TypeVar("K")

Place = Sequence[object]
"""What a row says in each column of the order: texts, numbers and moments. Empty before the first row."""

_KeyText = Annotated[str, msgspec.Meta(max_length=KEY_LIMIT)]
_Number = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
_RowNumber = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
_Moment = Annotated[datetime, msgspec.Meta(tz=True)]


@dataclass(frozen=True)
class Ordered(Generic[K]):
    """The `keys` of what fits, and the `order`, whose columns tell any two rows apart. A key of several columns is a tuple."""

    keys: Select[Any]
    order: Sequence[ColumnElement[Any]]

    def read(self, tx: Tx, *, limit: int | None = None, offset: int = 0) -> list[K]:
        """All keys as they are at this moment, or some."""
        rows = tx.execute(self.keys.order_by(*self.order).limit(limit).offset(offset))
        width = len(self.keys.selected_columns)
        return list(rows.scalars()) if width == 1 else [cast("K", tuple(row)) for row in rows]

    def behind(self, tx: Tx, place: Place, limit: int) -> tuple[list[K], Place]:
        """So many keys behind a place, and the place of the last of them, empty where nothing follows.

        Raises PlaceError for a place that is none in this order.
        """
        columns = [_plain(one) for one in self.order]
        width = len(self.keys.selected_columns)
        query = self.keys.add_columns(*columns)
        if place:
            query = query.where(self._follows(_read(place, columns)))
        rows = tx.execute(query.order_by(*self.order).limit(limit + 1)).all()
        keys = [cast("K", row[0] if width == 1 else tuple(row[:width])) for row in rows[:limit]]
        return keys, tuple(rows[limit - 1][width:]) if len(rows) > limit else ()

    def _follows(self, place: Place) -> ColumnElement[bool]:
        """What is further on in one column, and the same in all before it."""
        ways, same = list[ColumnElement[bool]](), list[ColumnElement[bool]]()
        for one, value in zip(self.order, place, strict=True):
            column = _plain(one)
            here = literal(value, column.type)
            ways.append(and_(*same, column < here if _is_down(one) else column > here))
            same.append(column == here)
        # The first column by itself lets an index begin there.
        return and_(or_(ways[0], same[0]), or_(*ways))


def _is_down(one: ColumnElement[Any]) -> bool:
    return isinstance(one, UnaryExpression) and one.modifier is desc_op


def _plain(one: ColumnElement[Any]) -> ColumnElement[Any]:
    return one.element if isinstance(one, UnaryExpression) and one.modifier is not None else one


def _read(place: Place, columns: Sequence[ColumnElement[Any]]) -> Place:
    """The place with values as the columns have them."""
    if len(place) != len(columns):
        raise PlaceError(f"a place in this order has {len(columns)} values, not {len(place)}")
    try:
        found = [msgspec.convert(value, _kind(one)) for value, one in zip(place, columns, strict=True)]
        return tuple(one.astimezone(UTC) if isinstance(one, datetime) else one for one in found)
    except (msgspec.ValidationError, OverflowError) as error:
        raise PlaceError(f"this is no place in the order: {error}") from error


def _kind(column: ColumnElement[Any]) -> Any:
    match column.type:
        case Instant():
            return _Moment
        case Choice(words=words):
            return words
        case BigInteger():
            return _RowNumber
        case Integer():
            return _Number
        case Key():
            return _KeyText
        case _:
            return str
