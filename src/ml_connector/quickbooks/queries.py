"""Writes statements of QuickBooks' query language: quoting, and long lists of values cut into statements it accepts.

Source: Intuit, "Data queries". Only text is built here; nothing is sent.
"""
# ruff: noqa: S608  (not SQL; every value goes through `literal`)

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime

from ml_connector.quickbooks.wire import MAX_PAGE

LIST_ENTITIES = frozenset(
    {"Account", "Class", "Customer", "Department", "Employee", "Item", "TaxCode", "TaxRate", "Term", "Vendor"}
)
"""Entities whose inactive records a query hides unless it asks for them."""

MAX_VALUES = 200
MAX_STATEMENT = 8000
"""Characters of one statement: our own bound, well inside what the service's front end takes."""

WITH_INACTIVE = "Active IN (true, false)"
_ASKS_FOR_ACTIVE = re.compile(r"\bactive\s*(=|in\b)", re.IGNORECASE)
FULL_PAGE = f" MAXRESULTS {MAX_PAGE}"
"""How a statement ends that wants all rows: the client reads on where a page comes back full."""


def literal(text: str) -> str:
    """A quoted value. Backslash and quote are escaped with a backslash."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def page_of(entity: str, *, where: str = "", start: int = 1, size: int = MAX_PAGE) -> str:
    """One page of all records of an entity in the order of their ids, inactive ones included. `start` counts from 1."""
    return f"SELECT * FROM {entity}{_where(entity, where)} ORDERBY Id STARTPOSITION {start} MAXRESULTS {size}"


def changed_since(entity: str, since: datetime, *, start: int = 1, size: int = MAX_PAGE) -> str:
    """One page of the records changed at or after an instant, the oldest change first, inactive ones included.

    Records of one second follow each other by id. `start` counts from 1.
    """
    instant = since.astimezone(UTC).isoformat(timespec="seconds")
    condition = _where(entity, f"MetaData.LastUpdatedTime >= {literal(instant)}")
    order = "ORDERBY MetaData.LastUpdatedTime, Id"
    return f"SELECT * FROM {entity}{condition} {order} STARTPOSITION {start} MAXRESULTS {size}"


def count_of(entity: str) -> str:
    """How many records of an entity there are, inactive ones included."""
    return f"SELECT COUNT(*) FROM {entity}{_where(entity, '')}"


def ids_in(entity: str, ids: Iterable[str]) -> list[str]:
    """Statements that together read the records with these ids, inactive ones included."""
    return _in_statements(entity, "Id", ids)


def numbers_in(entity: str, numbers: Iterable[str]) -> list[str]:
    """Statements that together find the transactions with these document numbers (QuickBooks compares without case)."""
    return _in_statements(entity, "DocNumber", numbers)


def currencies_in_use() -> str:
    """The foreign currencies a company uses (Intuit's reference, CompanyCurrency)."""
    return f"SELECT * FROM CompanyCurrency WHERE Active = true ORDERBY Id{FULL_PAGE}"


def rates_on(day: date, currencies: Iterable[str]) -> list[str]:
    """Statements that together read the rates of these currencies on a day (Intuit's reference, ExchangeRate)."""
    room = MAX_STATEMENT - 200
    return [
        f"SELECT * FROM ExchangeRate WHERE SourceCurrencyCode IN ({', '.join(some)}) AND AsOfDate = '{day.isoformat()}'"
        f"{FULL_PAGE}"
        for some in _chunks(currencies, room)
    ]


def _where(entity: str, condition: str) -> str:
    conditions = [condition] if condition else []
    if entity in LIST_ENTITIES and not _ASKS_FOR_ACTIVE.search(condition):
        conditions.append(WITH_INACTIVE)
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def _in_statements(entity: str, field: str, values: Iterable[str]) -> list[str]:
    room = MAX_STATEMENT - len(_in_statement(entity, field, []))
    return [_in_statement(entity, field, chunk) for chunk in _chunks(values, room)]


def _in_statement(entity: str, field: str, literals: list[str]) -> str:
    values = ", ".join(literals)
    return f"SELECT * FROM {entity}{_where(entity, f'{field} IN ({values})')} ORDERBY Id{FULL_PAGE}"


def _chunks(values: Iterable[str], room: int) -> Iterator[list[str]]:
    """The distinct values as literals, in lists that fit one statement each."""
    chunk: list[str] = []
    used = 0
    for value in dict.fromkeys(values):
        text = literal(value)
        size = len(text) + 2
        if chunk and (len(chunk) == MAX_VALUES or used + size > room):
            yield chunk
            chunk, used = [], 0
        chunk.append(text)
        used += size
    if chunk:
        yield chunk
