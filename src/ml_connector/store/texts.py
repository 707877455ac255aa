"""Looking for typed text whatever the case of its letters, alike on SQLite and PostgreSQL.

SQLite's own lower() knows the case of A to Z alone. Its connections have a function of ours that knows every letter's, and which
costs a call for each row; so it is asked only for a text with other letters than A to Z.
"""

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Text, func, literal, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

SQLITE_LOWER = "lower_every_letter"
"""What our function is called on SQLite's connections."""


class _Lowered(GenericFunction[str]):
    """A text with every letter made small by the database."""

    name = "lowered"
    identifier = "lowered"
    type = Text()
    inherit_cache = True


@compiles(_Lowered, "postgresql")
def _on_postgresql(element: _Lowered, compiler: SQLCompiler, **options: Any) -> str:
    return f"lower{compiler.process(element.clause_expr, **options)}"


@compiles(_Lowered, "sqlite")
def _on_sqlite(element: _Lowered, compiler: SQLCompiler, **options: Any) -> str:
    return f"{SQLITE_LOWER}{compiler.process(element.clause_expr, **options)}"


def lower_every_letter(value: str | None) -> str | None:
    """The function itself, as SQLite calls it. Small sigma is one letter wherever in a word it stands, as on PostgreSQL."""
    return (
        None
        if value is None
        else value.lower().replace("\N{GREEK SMALL LETTER FINAL SIGMA}", "\N{GREEK SMALL LETTER SIGMA}")
    )


def says(columns: Iterable[ColumnElement[Any]], text: str) -> ColumnElement[bool]:
    """That a text stands somewhere in one of the columns. Both sides are made small by the database, in the same way."""
    if text.isascii():
        return or_(*(column.icontains(text, autoescape=True) for column in columns))
    escaped = re.sub(r"([/%_])", r"/\1", text)
    wanted = _Lowered(literal(escaped))
    return or_(*(_Lowered(column).contains(wanted, escape="/") for column in columns))


def is_one_of(column: ColumnElement[Any], texts: Iterable[str]) -> ColumnElement[bool]:
    """That a column is one of these texts. Both sides are made small by the database, in the same way."""
    wanted = list(texts)
    lower = func.lower if all(map(str.isascii, wanted)) else _Lowered
    return lower(column).in_([lower(literal(one)) for one in wanted])
