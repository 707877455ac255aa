"""Finding what QuickBooks already has, in bulk: by document number, by id, and by our marker. Never one read per document."""

from collections.abc import Iterable, Sequence
from typing import Any

from ml_connector.model.books import Books, ExistingTransaction, TransactionType
from ml_connector.quickbooks.client import QuickBooksClient
from ml_connector.quickbooks.queries import ids_in, numbers_in
from ml_connector.quickbooks.translation import existing_transaction
from ml_connector.quickbooks.wire import MAX_BATCH_ITEMS

TYPES = (TransactionType.BILL, TransactionType.VENDOR_CREDIT, TransactionType.JOURNAL_ENTRY)


class Found:
    """Transactions found in QuickBooks, with the records they were read from."""

    def __init__(self, books: Books) -> None:
        self._payable = frozenset(
            account.id for account in books.accounts.values() if account.type == "Accounts Payable"
        )
        self._home = books.preferences.home_currency
        self.by_id: dict[tuple[TransactionType, str], ExistingTransaction] = {}
        self.records: dict[tuple[TransactionType, str], dict[str, Any]] = {}
        self._by_number: dict[str, list[ExistingTransaction]] = {}

    def add(self, type_: TransactionType, record: dict[str, Any]) -> None:
        """Remember one record; a second finding of the same transaction replaces the first."""
        one = existing_transaction(type_, record, payable_account_ids=self._payable, home_currency=self._home)
        key = (type_, one.id)
        if key not in self.by_id:
            self._by_number.setdefault(one.doc_number.casefold(), []).append(one)
        self.by_id[key] = one
        self.records[key] = record

    def with_numbers(self, numbers: Iterable[str]) -> tuple[ExistingTransaction, ...]:
        """Those that carry one of the numbers, compared without case as QuickBooks does."""
        found = (one for number in dict.fromkeys(numbers) for one in self._by_number.get(number.casefold(), ()))
        return tuple(found)


def look_up(
    client: QuickBooksClient,
    books: Books,
    *,
    numbers: Iterable[str] = (),
    ids: Iterable[tuple[TransactionType, str]] = (),
) -> Found:
    """Everything in QuickBooks with one of these numbers, or one of these ids, in as few calls as there can be."""
    wanted_numbers = sorted({number for number in numbers if number})
    wanted_ids = sorted(set(ids))
    asked: list[tuple[TransactionType, str]] = []
    for type_ in TYPES:
        asked += [(type_, statement) for statement in numbers_in(type_.value, wanted_numbers)]
        asked += [(type_, one) for one in ids_in(type_.value, [id_ for t, id_ in wanted_ids if t is type_])]
    found = Found(books)
    for chunk in _chunks(asked, MAX_BATCH_ITEMS):
        answers = client.batch_queries([statement for _, statement in chunk])
        for (type_, _), records in zip(chunk, answers, strict=True):
            for record in records:
                found.add(type_, record)
    return found


def _chunks(items: Sequence[tuple[TransactionType, str]], size: int) -> Iterable[Sequence[tuple[TransactionType, str]]]:
    return (items[start : start + size] for start in range(0, len(items), size))
