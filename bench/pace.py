"""How fast this machine is at this very moment: a fixed piece of work of the kind that pages are made of, timed.

The same page took 65 and 113 ms an hour apart on one machine that others share; so did this. Beside what a page took it says
whether the page was slow or the machine. Nothing of the product is in it, so that a faster product never looks like a slower
machine.
"""

import sqlite3
import statistics
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from jinja2 import DictLoader, Environment

REFERENCE = 10.0
"""Milliseconds the work is compared with: about what it takes on two processors of a plain server in the cloud."""

_ROWS, _SHOWN, _TIMES = 3_000, 400, 3
_PAGE = "{% for row in rows %}<tr><td>{{ row.name }}</td><td>{{ row.total }}</td><td>{{ row.at.date() }}</td></tr>{% endfor %}"


class Pace:
    """The work, ready to be done again and again."""

    def __init__(self) -> None:
        self._template = Environment(loader=DictLoader({"page": _PAGE}), autoescape=True).get_template("page")
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        self._database.execute("CREATE TABLE lines (name TEXT, total TEXT, at TEXT)")
        begin = datetime(2026, 1, 1, tzinfo=UTC)
        some = (
            (f"Vendor {number % 97}", f"{number}.50", (begin + timedelta(minutes=number)).isoformat())
            for number in range(_ROWS)
        )
        self._database.executemany("INSERT INTO lines VALUES (?, ?, ?)", some)

    def now(self) -> float:
        """How many times as long as on the machine of reference the work takes now: 1.5 means half as long again."""
        return statistics.median(self._milliseconds() for _ in range(_TIMES)) / REFERENCE

    def _milliseconds(self) -> float:
        began = time.perf_counter()
        rows = [
            {"name": name, "total": Decimal(total), "at": datetime.fromisoformat(at)}
            for name, total, at in self._database.execute("SELECT name, total, at FROM lines ORDER BY total, name")
        ]
        rows.sort(key=lambda row: (row["at"].date(), -row["total"], row["name"]))
        self._template.render(rows=rows[:_SHOWN])
        return (time.perf_counter() - began) * 1000
