"""Documents with more rows than QuickBooks has lines: rows of equal coding become one line, to the cent.

Only where the company allows it, and only when it is needed. Lines that stand for no row, lines of an order and lines of items stay
as they are: pieces of different prices have no common one.
"""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from ml_connector.model.money import ZERO
from ml_connector.model.postings import PostingLine
from ml_connector.rules.marker import MEMO_LIMIT


def merge_lines(lines: Sequence[PostingLine]) -> list[PostingLine]:
    """The lines with those of equal coding added up, in the order in which each coding first appears."""
    groups: dict[PostingLine | int, list[PostingLine]] = {}
    for number, line in enumerate(lines):
        key = _coding(line) if line.rows and not (line.order_id or line.item_id) else number
        groups.setdefault(key, []).append(line)
    return [_merged(group) for group in groups.values()]


def _coding(line: PostingLine) -> PostingLine:
    return msgspec.structs.replace(line, amount=ZERO, with_tax=None, description="", rows=())


def _merged(group: Sequence[PostingLine]) -> PostingLine:
    if len(group) == 1:
        return group[0]
    rows = tuple(row for line in group for row in line.rows)
    shown = [line.with_tax for line in group if line.with_tax is not None]
    with_tax: Decimal | None = sum(shown, ZERO) if shown else None
    return msgspec.structs.replace(
        group[0],
        amount=sum((line.amount for line in group), ZERO),
        with_tax=with_tax,
        description=f"{len(rows):,} rows, the first: {group[0].description}"[:MEMO_LIMIT],
        rows=rows,
    )
