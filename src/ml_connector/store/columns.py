"""Column types with one meaning on SQLite and PostgreSQL: exact money, aware instants, checked states, JSON kept as text.

A value that would lose something on the way into the database is refused here, before it is written.
"""
# ruff: noqa: ARG002 - SQLAlchemy hands the dialect to every one of these methods, whether it is needed or not

from datetime import UTC, datetime
from decimal import Context, Decimal, Inexact, localcontext
from enum import StrEnum
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import TIMESTAMP, BigInteger, Dialect, Integer, Numeric, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import TypeDecorator, TypeEngine

from ml_connector.store.errors import KeyTooLongError, ValueRefusedError

T = TypeVar("T")
State = TypeVar("State", bound=StrEnum)

KEY_LIMIT = 300
"""Characters. PostgreSQL indexes at most 2 704 bytes a row; two keys from outside fit, even at four bytes a character."""

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_EXACT = Context(prec=2000, traps=[Inexact])

RowId = BigInteger().with_variant(Integer(), "sqlite")
"""A number the database counts up. SQLite only does so for its own INTEGER type."""


def to_json(value: object) -> str:
    """The value as JSON text, amounts as exact JSON numbers."""
    return _ENCODER.encode(value).decode()


def from_json(text: str, kind: type[T]) -> T:
    """The value back from JSON text. Raises msgspec.ValidationError when the text is of another shape."""
    return msgspec.json.decode(text, type=kind)


class Words(TypeDecorator[str]):
    """Text of any length. NUL, which PostgreSQL cannot hold and JSON cannot carry unescaped, becomes U+FFFD on both databases."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Clean the one character that only one of the databases would take."""
        return value.replace("\x00", "\ufffd") if value is not None and "\x00" in value else value


class Key(Words):
    """Text that identifies something and is indexed, so it has a limit (KEY_LIMIT)."""

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Refuse what PostgreSQL could not index, on both databases alike."""
        if value is not None and len(value) > KEY_LIMIT:
            raise KeyTooLongError(
                f"“{value[:40]}…” has {len(value):,} characters; {KEY_LIMIT} are possible. Nothing was changed."
            )
        return super().process_bind_param(value, dialect)


class Money(TypeDecorator[Decimal]):
    """An amount, exact to the last digit: NUMERIC on PostgreSQL, plain decimal text on SQLite, which would make it a float."""

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The column's type on this database."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else Numeric())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        """Refuse what is not a finite Decimal: a float has already lost its cents."""
        if value is None:
            return None
        if not isinstance(value, Decimal) or not value.is_finite():
            raise ValueRefusedError(f"an amount is a finite Decimal, not {value!r}")
        return format(value, "f") if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """The amount as it was written."""
        return None if value is None else Decimal(value)

    def result_processor(self, dialect: Dialect, coltype: Any) -> Any:
        """What is done to each value that is read: nothing on PostgreSQL, whose driver gives exact Decimals."""
        return super().result_processor(dialect, coltype) if dialect.name == "sqlite" else None


class Instant(TypeDecorator[datetime]):
    """A moment in UTC: TIMESTAMPTZ on PostgreSQL, ISO text of fixed width on SQLite, so that it sorts by time."""

    impl = TIMESTAMP
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The column's type on this database."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else TIMESTAMP(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse a time without a zone: nobody could say which moment it means."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueRefusedError(f"an instant needs a time zone: {value.isoformat()}")
        moment = value.astimezone(UTC)
        return moment.isoformat(timespec="microseconds") if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """The moment, aware, in UTC."""
        if value is None:
            return None
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


class Choice(TypeDecorator[State], Generic[State]):
    """One of a fixed set of words, kept as text. Any other word is refused."""

    impl = Text
    cache_ok = True

    def __init__(self, words: type[State]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """The word, checked."""
        if value is None:
            return None
        try:
            return self.words(value).value
        except ValueError as error:
            raise ValueRefusedError(f"{value!r} is none of: {', '.join(self.words)}") from error

    def process_result_value(self, value: Any, dialect: Dialect) -> State | None:
        """The word as a member of its set."""
        return None if value is None else self.words(value)


class Json(TypeDecorator[T], Generic[T]):
    """A value of the model, kept as JSON text: the database never looks inside, so numbers stay as they were written."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind
        self._decoder: msgspec.json.Decoder[T] = msgspec.json.Decoder(kind)

    def process_bind_param(self, value: T | None, dialect: Dialect) -> str | None:
        """The value as text."""
        return None if value is None else to_json(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> T | None:
        """The value of the model back."""
        return None if value is None else self._decoder.decode(value)


class SummedMoney(Money):
    """What MoneySum gives: on SQLite the amounts themselves, joined by blanks, which are added up here."""

    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """The exact sum, None over no amounts at all."""
        if not isinstance(value, str):
            return None if value is None else Decimal(value)
        amounts = value.split()
        if len(amounts) == 1:
            return Decimal(amounts[0])
        with localcontext(_EXACT):
            return sum(map(Decimal, amounts), Decimal(0))


class MoneySum(GenericFunction[Decimal]):
    """SUM over a Money column that adds decimals, also on SQLite. There it can only be selected, not reckoned with: SQLite collects
    the amounts in one call for each group, since a function of ours would be called for each row."""

    name = "money_sum"
    identifier = "money_sum"
    type = SummedMoney()
    inherit_cache = True


@compiles(MoneySum, "postgresql")
def _sum_on_postgresql(element: MoneySum, compiler: SQLCompiler, **options: Any) -> str:
    return f"sum{compiler.process(element.clause_expr, **options)}"


@compiles(MoneySum, "sqlite")
def _sum_on_sqlite(element: MoneySum, compiler: SQLCompiler, **options: Any) -> str:
    (amount,) = element.clauses
    return f"group_concat({compiler.process(amount, **options)}, ' ')"
