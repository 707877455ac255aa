"""Which document or vendor of one system is which of the other, as a person would tell: by number and supplier. Pure.

It knows nothing of whatever carries documents from one to the other, so it finds what anybody entered.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from twins.rows import DocumentRow, VendorRow, contains

LONGEST = 21
"""QuickBooks keeps so many characters of a document number, so a longer one may be there shortened."""

Row = TypeVar("Row", DocumentRow, VendorRow)


@dataclass(frozen=True)
class Pair:
    """One document or vendor: as it stands in Basware, and as it stands in QuickBooks."""

    basware: DocumentRow | VendorRow | None
    quickbooks: DocumentRow | VendorRow | None

    @property
    def side(self) -> str:
        """`both`, or the only system that has it."""
        if self.basware is None:
            return "quickbooks"
        return "both" if self.quickbooks is not None else "basware"

    @property
    def differs(self) -> bool:
        """Whether both have a document, with different totals or currencies."""
        one, other = self.basware, self.quickbooks
        if not (isinstance(one, DocumentRow) and isinstance(other, DocumentRow)):
            return False
        return (one.total, one.currency) != (other.total, other.currency)

    def contains(self, text: str) -> bool:
        """Whether either side has these letters anywhere."""
        return any(contains(row, text) for row in (self.basware, self.quickbooks) if row is not None)


def documents(basware: Sequence[DocumentRow], quickbooks: Sequence[DocumentRow]) -> list[Pair]:
    """Pairs of documents, newest first: of the same number and supplier, else of the same number, total and currency."""
    pairs = _paired(basware, quickbooks, (_by_supplier, _by_total))
    return sorted(pairs, key=_newest, reverse=True)


def vendors(basware: Sequence[VendorRow], quickbooks: Sequence[VendorRow]) -> list[Pair]:
    """Pairs of vendors by name: of the same code, else of the same name."""
    pairs = _paired(basware, quickbooks, (_by_code, _by_name))
    return sorted(pairs, key=_name)


def _paired(
    basware: Sequence[Row], quickbooks: Sequence[Row], ways: Iterable[Callable[[Row], Sequence[Hashable]]]
) -> list[Pair]:
    """Pairs by the first way in which they match, then what is left of both. Each row is in one pair only."""
    pairs: list[Pair] = []
    left: list[Row] = list(basware)
    right: list[Row] = list(quickbooks)
    for keys in ways:
        met, left, right = _met(left, right, keys)
        pairs += met
    return [*pairs, *(Pair(row, None) for row in left), *(Pair(None, row) for row in right)]


def _met(
    left: list[Row], right: list[Row], keys: Callable[[Row], Sequence[Hashable]]
) -> tuple[list[Pair], list[Row], list[Row]]:
    """What has a key in common, and what is left of both."""
    waiting: dict[Hashable, list[Row]] = defaultdict(list)
    for row in reversed(right):
        for key in keys(row):
            waiting[key].append(row)
    pairs: list[Pair] = []
    taken: set[int] = set()
    alone: list[Row] = []
    for row in left:
        found = _first(waiting, keys(row), taken)
        if found is None:
            alone.append(row)
        else:
            taken.add(id(found))
            pairs.append(Pair(row, found))
    return pairs, alone, [row for row in right if id(row) not in taken]


def _first(waiting: dict[Hashable, list[Row]], keys: Sequence[Hashable], taken: set[int]) -> Row | None:
    for key in keys:
        rows = waiting.get(key, [])
        while rows and id(rows[-1]) in taken:
            rows.pop()
        if rows:
            return rows.pop()
    return None


def _numbers(row: DocumentRow) -> tuple[str, ...]:
    """A document's number, and what may be left of a long one; nothing for a document without."""
    number = row.number.strip().casefold()
    if len(number) <= LONGEST:
        return (number,) if number else ()
    return (number, number[:LONGEST].rstrip(), number[-LONGEST:].lstrip())


def _by_supplier(row: DocumentRow) -> list[Hashable]:
    suppliers = {text.strip().casefold() for text in (row.supplier_code, row.supplier) if text}
    return [(number, supplier) for number in _numbers(row) for supplier in sorted(suppliers)]


def _by_total(row: DocumentRow) -> list[Hashable]:
    return [(number, row.total, row.currency) for number in _numbers(row)]


def _by_code(row: VendorRow) -> list[Hashable]:
    return [row.code.strip().casefold()] if row.code else []


def _by_name(row: VendorRow) -> list[Hashable]:
    return [row.name.strip().casefold()] if row.name else []


def _newest(pair: Pair) -> tuple[str, str]:
    rows = [row for row in (pair.basware, pair.quickbooks) if isinstance(row, DocumentRow)]
    return max((row.date for row in rows), default=""), max((row.number for row in rows), default="")


def _name(pair: Pair) -> str:
    names = [row.name for row in (pair.basware, pair.quickbooks) if isinstance(row, VendorRow)]
    return min(names, default="").casefold()
