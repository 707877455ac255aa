"""How the command line speaks: data on stdout, words on stderr, the same exit codes everywhere.

`--json` prints one JSON document; people get tables. Colour and progress appear only where a terminal is watching.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from enum import IntEnum
from typing import Any, TypeVar

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ml_connector.model.money import format_money

L = TypeVar("L")

_ENCODER = msgspec.json.Encoder(decimal_format="number", order="deterministic")


class ExitCode(IntEnum):
    """What a command's end means to a script. Stable."""

    DONE = 0
    HELD_OR_FAILED = 1
    USAGE = 2
    SIGN_IN_NEEDED = 3
    TRY_LATER = 4


class CommandError(Exception):
    """A command cannot do what was asked. The message says what, why and what to do next."""

    def __init__(self, message: str, code: ExitCode = ExitCode.USAGE) -> None:
        super().__init__(message)
        self.code = code


def out() -> Console:
    """Where data goes."""
    return Console(file=sys.stdout, highlight=False, soft_wrap=not sys.stdout.isatty())


def err() -> Console:
    """Where words go."""
    return Console(file=sys.stderr, highlight=False, soft_wrap=not sys.stderr.isatty())


def say(text: str) -> None:
    """A message for a person."""
    err().print(escape(text))


def print_json(value: Any) -> None:
    """One JSON document on stdout. Amounts are exact numbers, instants ISO 8601 in UTC."""
    sys.stdout.write(_ENCODER.encode(value).decode() + "\n")


def print_lines(
    lines: Sequence[L],
    columns: Sequence[str],
    row: Callable[[L], Sequence[str]],
    *,
    json: bool,
    right: Sequence[str] = (),
) -> None:
    """A list: its lines as JSON, or for people a table with a row for each."""
    if json:
        print_json(lines)
    else:
        print_table("", columns, [row(line) for line in lines], right=right)


def print_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = ()
) -> None:
    """A table for people; `right` names columns of figures. Nothing is shortened when no terminal is watching."""
    console = out()
    if title:
        console.print(escape(title))
    table = Table(header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    if console.is_terminal:
        console.print(table)
        return
    wide = Console(file=sys.stdout, highlight=False, width=240, color_system=None)
    wide.print(table)


def money(amount: Decimal | None, currency: str) -> str:
    """An amount for people; blank when there is none."""
    return "" if amount is None else format_money(amount, currency)


def money_of(totals: dict[str, Decimal]) -> str:
    """Amounts in several currencies for people."""
    return ", ".join(format_money(amount, currency) for currency, amount in sorted(totals.items()))
