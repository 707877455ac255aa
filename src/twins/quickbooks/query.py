"""The query language: `SELECT * | COUNT(*) FROM Entity WHERE … AND … ORDERBY … STARTPOSITION n MAXRESULTS n`.

Only reading the statement; `select.py` answers it. There is no OR, no join and no grouping (Intuit's data queries page).
Text is quoted with single quotes, a quote inside it is written `\\'`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from twins.quickbooks.faults import FaultError, Problem

MAX_PAGE = 1000
DEFAULT_PAGE = 100
_LARGEST = 2**31 - 1
TODAY = "\x00CURRENT_DATE"
"""The value that stands for the server's day; a quoted CURRENT_DATE is text like any other."""

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:\\.|[^'\\])*')|(?P<number>[-+]?\d+(?:\.\d+)?(?![\w.]))|(?P<word>[A-Za-z_][\w.]*)"
    r"|(?P<sign><=|>=|!=|[=<>(),*]))",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
OPERATORS = ("=", "<", ">", "<=", ">=", "!=", "like", "in")
_CLAUSES = frozenset({"where", "order", "orderby", "startposition", "maxresults", "from", "select", "and"})


@dataclass(frozen=True)
class Condition:
    """One comparison; `in` has several values, all others one."""

    property: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Statement:
    """A query that was understood as language; whether its names exist is not looked at."""

    entity: str
    counts: bool = False
    columns: tuple[str, ...] = ()
    """The select list without `*`; empty for whole records."""
    conditions: tuple[Condition, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    """Property and whether it descends."""
    start: int = 1
    page: int = DEFAULT_PAGE


def syntax(detail: str) -> FaultError:
    """Code 4000: the statement cannot be read."""
    return FaultError(Problem("4000", f"QueryParserError: {detail}"))


def invalid(detail: str) -> FaultError:
    """Code 4001: the statement can be read but asks for what does not exist."""
    return FaultError(Problem("4001", f"QueryValidationError: {detail}"))


@lru_cache(maxsize=512)
def parse(text: str) -> Statement:
    """The statement a text holds. Raises FaultError 4000 or 4001."""
    return _Parser(text).statement()


def _tokens(text: str) -> list[tuple[str, str]]:
    text = text.strip()
    found, position = [], 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise syntax(f'Encountered "{text[position : position + 10]}" at column {position + 1}')
        kind = match.lastgroup or ""
        value = match.group(kind)
        found.append((kind, _ESCAPE.sub(r"\1", value[1:-1]) if kind == "text" else value))
        position = match.end()
    return found


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._next = 0

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._next] if self._next < len(self._tokens) else ("end", "<EOF>")

    def _take(self, *kinds: str) -> str:
        kind, value = self._peek()
        if kind not in kinds:
            raise syntax(f'Encountered "{value}"; expecting {" or ".join(kinds)}')
        self._next += 1
        return value

    def _name(self) -> str:
        """A property or an entity; the words of the language are none."""
        if self._peek()[1].lower() in _CLAUSES:
            raise syntax(f'Encountered "{self._peek()[1]}"; expecting a name')
        return self._take("word")

    def _skip(self, *words: str) -> bool:
        kind, value = self._peek()
        if kind in {"word", "sign"} and value.lower() in words:
            self._next += 1
            return True
        return False

    def _expect(self, word: str) -> None:
        if not self._skip(word):
            raise syntax(f'Encountered "{self._peek()[1]}"; expecting {word}')

    def statement(self) -> Statement:
        self._expect("select")
        counts, columns = self._selection()
        self._expect("from")
        entity = self._name()
        conditions = self._conditions() if self._skip("where") else ()
        order = self._order()
        numbers: dict[str, int] = {}
        while self._peek()[0] != "end":
            keyword = self._take("word").lower()
            if keyword not in {"startposition", "maxresults"} or keyword in numbers:
                raise syntax(f'Encountered "{keyword}"')
            numbers[keyword] = self._count(keyword)
        start, page = numbers.get("startposition", 1), numbers.get("maxresults", DEFAULT_PAGE)
        return Statement(entity, counts, columns, conditions, order, start, page)

    def _selection(self) -> tuple[bool, tuple[str, ...]]:
        if self._skip("count"):
            for sign in ("(", "*", ")"):
                self._expect(sign)
            return True, ()
        columns = self._list(lambda: "*" if self._skip("*") else self._name())
        return False, () if "*" in columns else columns

    def _list(self, item: Callable[[], str]) -> tuple[str, ...]:
        found = [item()]
        while self._skip(","):
            found.append(item())
        return tuple(found)

    def _conditions(self) -> tuple[Condition, ...]:
        found = [self._condition()]
        while self._skip("and"):
            found.append(self._condition())
        return tuple(found)

    def _condition(self) -> Condition:
        name = self._name()
        operator = self._take("sign", "word").lower()
        if operator not in OPERATORS:
            raise syntax(f'Encountered "{operator}"; expecting an operator')
        if operator != "in":
            return Condition(name, operator, (self._value(),))
        self._expect("(")
        values = self._list(self._value)
        self._expect(")")
        return Condition(name, operator, values)

    def _value(self) -> str:
        kind, value = self._peek()
        if kind == "word" and value.lower() not in {"true", "false", "current_date"}:
            raise syntax(f'Encountered "{value}"; expecting a value')
        taken = self._take("text", "number", "word")
        return TODAY if kind == "word" and taken.lower() == "current_date" else taken

    def _order(self) -> tuple[tuple[str, bool], ...]:
        if self._skip("order"):
            self._expect("by")
        elif not self._skip("orderby"):
            return ()
        found: list[tuple[str, bool]] = []

        def column() -> str:
            name = self._name()
            found.append((name, self._skip("desc")))
            if not found[-1][1]:
                self._skip("asc")
            return name

        self._list(column)
        return tuple(found)

    def _count(self, keyword: str) -> int:
        value = self._take("number")
        if not value.lstrip("-+").isdigit():
            raise syntax(f'Encountered "{value}" after {keyword}')
        number, least = Decimal(value), 1 if keyword == "startposition" else 0
        if number > _LARGEST:
            raise invalid(f"value {value} is too large. Max allowed value is {_LARGEST}")
        if number < least:
            raise invalid(f"value {number} is too small. Min allowed value is {least}")
        return int(number)
