"""The mapping as one CSV table, out and in again: what spreadsheets make of it comes back as it was.

A table is taken over as a whole or not at all.
"""

import csv
import io
import re
from typing import Any

from ml_connector.model.books import Books
from ml_connector.model.mapping import Dimension, Mapping, MappingRule
from ml_connector.work.mapping_tables import MappingTableError, condition_of, conditions_text, rule_id, target_of

_PRIORITY = re.compile(r"[0-9]{1,9}")
_TOLD = 20
"""Wrong lines that are named; of many more it is the same mistake."""
COLUMNS = ("dimension", "code", "conditions", "default", "priority", "target", "target_name", "note")


def export_csv(mapping: Mapping) -> str:
    """All rules as a table, with ids and names."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for rule in mapping.rules:
        writer.writerow(
            {
                "dimension": rule.dimension.value,
                "code": _neutral(rule.code),
                "conditions": conditions_text(rule),
                "default": "yes" if rule.is_default else "",
                "priority": rule.priority,
                "target": rule.target_id or "none",
                "target_name": _neutral(rule.target_name),
                "note": _neutral(rule.note),
            }
        )
    return out.getvalue()


def _neutral(text: str) -> str:
    """A text a spreadsheet will not take for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t"} else text


def _original(text: str | None) -> str:
    text = (text or "").strip()
    return text[1:] if text[:1] == "'" and text[1:2] in {"=", "+", "-", "@"} else text


def read_csv(text: str, books: Books) -> list[MappingRule]:
    """Rules from a table whose cells are parted by commas, semicolons or tabs, as spreadsheets of different countries do.

    Raises MappingTableError naming the wrong rows, so that nothing is taken over by halves, and for a table without any rule:
    taken for the whole mapping it would remove everything.
    """
    try:
        reader = csv.DictReader(io.StringIO(text), delimiter=_delimiter(text))
        table = list(reader)
    except csv.Error as error:
        raise MappingTableError(f"The table is not a CSV table: {error}.") from error
    missing = {"dimension", "target"} - set(reader.fieldnames or ())
    if missing:
        raise MappingTableError(
            f"The table has no column {' and no column '.join(sorted(missing))}. Columns are: {', '.join(COLUMNS)}."
        )
    if not table:
        raise MappingTableError(
            "The table has no rule below its headings. Export the mapping to see how one is written."
        )
    rules, lines, problems = list[MappingRule](), dict[str, int](), list[str]()
    for number, row in enumerate(table, start=2):
        try:
            rule = _rule_from(row, books)
        except MappingTableError as error:
            problems.append(f"line {number}: {error}")
            continue
        rules.append(rule)
        first = lines.setdefault(rule.id, number)
        if first != number:
            problems.append(f"line {number}: it is about the same as line {first}. Leave one of the two out.")
    if problems:
        more = len(problems) - _TOLD
        raise MappingTableError(
            "\n".join(
                problems[:_TOLD] + ([f"{more} more line{'s are' if more > 1 else ' is'} wrong."] if more > 0 else [])
            )
        )
    return rules


def _delimiter(text: str) -> str:
    """What parts the headings: a comma, unless they have more of another."""
    headings = text.partition("\n")[0]
    return max(",;\t", key=headings.count)


def _rule_from(row: dict[str | None, Any], books: Books) -> MappingRule:
    if any(row.get(None) or ()):
        raise MappingTableError(
            "it has more cells than there are headings. A text with a comma in it stands in quotation marks."
        )
    given = {name: _original(row.get(name)) for name in COLUMNS}
    try:
        dimension = Dimension(given["dimension"].lower())
    except ValueError as error:
        known = ", ".join(one.value for one in Dimension)
        raise MappingTableError(f"{given['dimension']!r} is no dimension; known are {known}.") from error
    conditions = tuple(condition_of(text) for text in given["conditions"].split(";") if text.strip())
    is_default = given["default"].lower() in {"yes", "true", "1", "x"}
    if [bool(given["code"]), bool(conditions), is_default].count(True) != 1:
        raise MappingTableError("give a code, or conditions, or default=yes: exactly one of the three.")
    if given["priority"] and not _PRIORITY.fullmatch(given["priority"]):
        raise MappingTableError(f"the priority {given['priority']!r} is not a whole number of at most nine digits.")
    if not given["target"]:
        raise MappingTableError("the column target is empty. Write the id, number or name in QuickBooks, or none.")
    target = target_of(books, dimension, given["target"])
    return MappingRule(
        id=rule_id(dimension, given["code"] or given["conditions"] or "*default*"),
        dimension=dimension,
        target_id=target.id if target else "",
        target_name=target.label if target else "",
        code=given["code"],
        conditions=conditions,
        is_default=is_default,
        priority=int(given["priority"] or 100),
        note=given["note"],
    )
