"""What codes are used for: what waits with each, what it leads to, what it might lead to. Handed everything it counts.

Which documents and codes there are is told by `mapping_coverage.py`. The shapes are those of `--json`.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

import msgspec

from ml_connector.model.books import Books
from ml_connector.model.documents import AccountingDocument, CodingRow
from ml_connector.model.mapping import Dimension, Mapping, records_of
from ml_connector.model.policy import PostingPolicy
from ml_connector.rules.mapping import Match, resolve
from ml_connector.rules.propose import Proposal, propose
from ml_connector.store.document_lists import WaitingSum

PROPOSED = tuple(one for one in Dimension if one is not Dimension.TAX_CODE)
"""Dimensions for whose codes records are proposed. Of tax codes none is: two of one rate can mean different boxes of the return."""

NOTHING = AccountingDocument(
    invoice_id="", company_code="", supplier_code="", currency="", processing_status="", content_hash=""
)
"""A document of which nothing is known: no rule without conditions asks."""


class CodeLine(msgspec.Struct, frozen=True, kw_only=True):
    """One code of one dimension. `documents` wait with it, `money` is what they come to by currency.

    `covered`: every row with it finds a rule; `rule` and `target` say which. `sure` is how sure a proposal is: `certain`,
    `likely`, or empty where there is none.
    """

    dimension: str
    code: str
    name: str
    documents: int
    money: dict[str, Decimal]
    covered: bool
    rule: str
    target_id: str
    target: str
    proposed_id: str = ""
    proposed: str = ""
    sure: str = ""
    why: str = ""


class DimensionCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a dimension is mapped: its codes in use, those that lead somewhere, and of these those by the default only."""

    dimension: str
    codes: int
    covered: int
    by_default: int
    percent: int


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """Every code in use, unmapped ones first and of these the most money first; how much of each dimension is mapped."""

    lines: tuple[CodeLine, ...]
    dimensions: tuple[DimensionCoverage, ...]
    documents: int


class Uses:
    """Collects what each code is used for."""

    def __init__(self, mapping: Mapping, books: Books, linked: dict[str, str], policy: PostingPolicy) -> None:
        self._mapping, self._books, self._linked, self._policy = mapping, books, linked, policy
        self.by_condition = {rule.dimension for rule in mapping.rules if rule.conditions}
        self._numbers = {vendor.number: vendor for vendor in books.vendors.values() if vendor.number and vendor.active}
        self._names: dict[tuple[Dimension, str], str] = {}
        self._sums: dict[tuple[Dimension, str], tuple[int, dict[str, Decimal]]] = {}
        self._matches: dict[tuple[Dimension, str], Match] = {}
        self._skip_tax = books.preferences.is_us

    def note(
        self,
        row: WaitingSum,
        codes: Iterable[tuple[Dimension, str, str, CodingRow]],
        document: AccountingDocument = NOTHING,
    ) -> None:
        """Take the codes of one document in. The document itself matters only where rules have conditions."""
        counted: set[tuple[Dimension, str]] = set()
        for dimension, code, name, coding in codes:
            if dimension is Dimension.TAX_CODE and self._skip_tax:
                continue
            key = (dimension, code)
            if not self._names.get(key):
                self._names[key] = name
            if key not in counted:
                counted.add(key)
                self._count(key, row)
            match = self._matches.get(key)
            # Without conditions a code means the same everywhere; with them one row without a rule is what matters.
            if match is None or (dimension in self.by_condition and match.found):
                self._matches[key] = self._match(dimension, code, document, coding)

    def _count(self, key: tuple[Dimension, str], row: WaitingSum) -> None:
        number, money = self._sums.get(key, (0, {}))
        if row.total is not None:
            money[row.currency] = money.get(row.currency, Decimal(0)) + row.total
        self._sums[key] = number + 1, money

    def _match(self, dimension: Dimension, code: str, document: AccountingDocument, coding: CodingRow) -> Match:
        match = resolve(self._mapping, dimension, code, document, coding)
        if dimension is not Dimension.VENDOR or (match.found and not match.is_default):
            return match
        if code in self._linked:
            return Match(code=code, target_id=self._linked[code], rule="linked", found=True)
        if code in self._numbers:
            return Match(code=code, target_id=self._numbers[code].id, rule="same vendor number", found=True)
        return match

    def lines(self) -> list[CodeLine]:
        """Every code, unmapped ones first, most money first."""
        proposed = self._proposed()
        found = [self._line(key, proposed.get(key)) for key in self._sums]
        return sorted(
            found,
            key=lambda one: (
                one.covered,
                -sum(abs(amount) for amount in one.money.values()),
                list(Dimension).index(Dimension(one.dimension)),
                one.code,
            ),
        )

    def _proposed(self) -> dict[tuple[Dimension, str], Proposal]:
        found: dict[tuple[Dimension, str], Proposal] = {}
        for dimension in PROPOSED:
            unknown = [
                (code, self._names[of, code])
                for (of, code), match in self._matches.items()
                if of is dimension and not match.found
            ]
            if unknown:
                found |= {(dimension, one.code): one for one in propose(unknown, self._books, dimension)}
        return found

    def _line(self, key: tuple[Dimension, str], proposed: Proposal | None) -> CodeLine:
        dimension, code = key
        match, (number, money) = self._matches[key], self._sums[key]
        return CodeLine(
            dimension=dimension.value,
            code=code,
            name=self._names[key],
            documents=number,
            money=money,
            covered=match.found,
            rule=match.rule,
            target_id=match.target_id,
            target=target_label(self._books, dimension, match),
            proposed_id=proposed.target_id if proposed else "",
            proposed=proposed.target_name if proposed else "",
            sure=proposed.confidence if proposed else "",
            why=proposed.why if proposed else "",
        )


def target_label(books: Books, dimension: Dimension, match: Match) -> str:
    """The record a match leads to, by name; in words where it leads to none."""
    if not match.found:
        return ""
    if not match.target_id:
        return "left empty"
    record = records_of(books, dimension).get(match.target_id)
    return record.label if record else f"id {match.target_id}"


def per_dimension(lines: Sequence[CodeLine]) -> tuple[DimensionCoverage, ...]:
    """How much of each dimension in use is mapped."""
    found = []
    for dimension in Dimension:
        own = [line for line in lines if line.dimension == dimension.value]
        covered = sum(line.covered for line in own)
        if own:
            found.append(
                DimensionCoverage(
                    dimension=dimension.value,
                    codes=len(own),
                    covered=covered,
                    by_default=sum(line.rule == "default" for line in own),
                    percent=covered * 100 // len(own),
                )
            )
    return tuple(found)
