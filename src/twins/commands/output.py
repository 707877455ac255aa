"""How the command line speaks: data on standard output, words on standard error, the same exit codes everywhere.

`--json` prints one JSON document; people get tables. Colour appears only where a terminal is watching.
"""

import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from enum import IntEnum
from typing import Any

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

_encode = msgspec.json.Encoder(decimal_format="number").encode
_WIDE = 240
"""Columns of a table that no terminal shows, so that nothing is shortened."""


class ExitCode(IntEnum):
    """What a command's end means to a script. Stable, and the same as `ml-connector`'s."""

    DONE = 0
    FOUND_WRONG = 1
    USAGE = 2
    TRY_LATER = 4


class CommandError(Exception):
    """A command can't do what was asked. The message says what, why and what to do next."""

    def __init__(self, message: str, code: ExitCode = ExitCode.USAGE) -> None:
        super().__init__(message)
        self.code = code


def say(text: str) -> None:
    """A message for a person."""
    Console(file=sys.stderr, highlight=False, soft_wrap=True).print(escape(text))


def print_json(value: Any) -> None:
    """One JSON document. Amounts are exact numbers, instants ISO 8601 in UTC."""
    sys.stdout.write(_encode(value).decode() + "\n")


def watched() -> bool:
    """Whether a terminal shows what is printed."""
    return sys.stdout.isatty()


def print_table(
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    right: Sequence[str] = (),
    money: Sequence[str] = (),
) -> None:
    """A table for people; `right` names columns of figures, `money` those of amounts."""
    console = Console(file=sys.stdout, highlight=False, width=None if watched() else _WIDE)
    if title:
        console.print(escape(title))
    table = Table(header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in {*right, *money} else "left", overflow="fold")
    for row in rows:
        cells = (_amount(value) if name in money else _cell(value) for name, value in zip(columns, row, strict=True))
        table.add_row(*map(escape, cells))
    console.print(table)


def _amount(value: Any) -> str:
    """An amount for people, exact; JSON shows a whole one without its places."""
    return "" if value is None else f"{Decimal(value):,.2f}"


def _cell(value: Any) -> str:
    """A value for people: nothing for none, yes and no, instants to the second."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, dict | list | tuple):
        return _encode(value).decode() if value else ""
    return str(value)
