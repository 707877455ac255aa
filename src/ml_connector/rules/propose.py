"""Obvious matches between Basware's codes and QuickBooks' records, for a person to confirm when a company is connected.

Proposals only: nothing is posted by them until they are mapping rules. Two equally good matches are no match.
"""

import re
from collections.abc import Callable, Iterable
from typing import Literal

import msgspec

from ml_connector.model.books import Account, Books, Item, ListRecord, Vendor
from ml_connector.model.mapping import Dimension, records_of
from ml_connector.rules.coding import NOT_BOUGHT, NOT_POSTABLE

Confidence = Literal["certain", "likely"]


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """One code and the record it most likely means. "certain" is the same code or number, or the same name of a dimension."""

    code: str
    target_id: str
    target_name: str
    confidence: Confidence
    why: str


class _Test(msgspec.Struct, frozen=True):
    """One way to recognise a record: keys of a record, and the key a code or its name would have to be."""

    why: str
    confidence: Confidence
    of_record: Callable[[ListRecord], Iterable[str]]
    of_code: Callable[[str, str], str]


def propose(codes: Iterable[tuple[str, str]], books: Books, dimension: Dimension) -> list[Proposal]:
    """The obvious matches for codes and their names in one dimension, best evidence first; codes without one are left out."""
    records = _records(books, dimension)
    tests = [(test, _by_key(records, test)) for test in _tests(dimension)]
    proposals: list[Proposal] = []
    for code, name in dict(codes).items():
        for test, by_key in tests:
            key = test.of_code(code.strip(), name.strip())
            found = by_key.get(key, {}) if key else {}
            if len(found) == 1:
                record = next(iter(found.values()))
                proposals.append(
                    Proposal(
                        code=code,
                        target_id=record.id,
                        target_name=record.label,
                        confidence=test.confidence,
                        why=test.why,
                    )
                )
                break
            if found:
                break
    return proposals


def _records(books: Books, dimension: Dimension) -> list[ListRecord]:
    return [
        record
        for record in records_of(books, dimension).values()
        if record.active
        and not (isinstance(record, Account) and record.type in NOT_POSTABLE)
        and not (isinstance(record, Item) and (record.type in NOT_BOUGHT or not record.account_id))
    ]


def _by_key(records: Iterable[ListRecord], test: _Test) -> dict[str, dict[str, ListRecord]]:
    found: dict[str, dict[str, ListRecord]] = {}
    for record in records:
        for key in test.of_record(record):
            if key:
                found.setdefault(key, {})[record.id] = record
    return found


def _tests(dimension: Dimension) -> list[_Test]:
    numbered = dimension in {Dimension.ACCOUNT, Dimension.VENDOR}
    number = "account number" if dimension is Dimension.ACCOUNT else "vendor number"
    same_name: Confidence = "likely" if numbered else "certain"
    tests = [
        _Test("same code as the name", "certain", _names, lambda code, _: code.casefold()),
        _Test("same name", same_name, _names, lambda _, name: name.casefold()),
        _Test("similar code and name", "likely", _plain_names, lambda code, _: _plain(code)),
        _Test("similar name", "likely", _plain_names, lambda _, name: _plain(name)),
    ]
    if dimension is Dimension.ITEM:
        return [_Test("same SKU", "certain", _sku, lambda code, _: code.casefold()), *tests]
    if numbered:
        return [
            _Test(f"same {number}", "certain", _number, lambda code, _: code.casefold()),
            _Test(f"similar {number}", "likely", _plain_number, lambda code, _: _plain(code).lstrip("0")),
            *(test for test in tests if test.why not in {"same code as the name", "similar code and name"}),
        ]
    return tests


def _names(record: ListRecord) -> Iterable[str]:
    return (record.name.strip().casefold(), record.full_name.strip().casefold())


def _plain_names(record: ListRecord) -> Iterable[str]:
    return (_plain(record.name), _plain(record.full_name))


def _number(record: ListRecord) -> Iterable[str]:
    return (record.number.strip().casefold(),) if isinstance(record, Account | Vendor) else ()


def _sku(record: ListRecord) -> Iterable[str]:
    return (record.sku.strip().casefold(),) if isinstance(record, Item) else ()


def _plain_number(record: ListRecord) -> Iterable[str]:
    return (_plain(record.number).lstrip("0"),) if isinstance(record, Account | Vendor) else ()


def _plain(text: str) -> str:
    """Letters and digits only: NET30 and "Net 30" are the same to a person."""
    return re.sub(r"[\W_]+", "", text).casefold()
