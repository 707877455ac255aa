"""What all transactions of a company come to: the ledger as booked, and running totals by vendor, account and item.

A transaction's postings are kept as they were booked, so that taking it back takes back exactly that.
"""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from twins.quickbooks.ledger import Posting
from twins.quickbooks.values import ZERO, Json

Totals = defaultdict[str, Decimal]


class Books:
    """The running totals of one company."""

    def __init__(self) -> None:
        self.booked: dict[tuple[str, str], list[Posting]] = {}
        self.by_vendor: Totals = defaultdict(Decimal)
        """Owed to each vendor, in the vendor's currency."""
        self.by_account: Totals = defaultdict(Decimal)
        """Debits less credits of each account in home currency."""
        self.in_own_currency: Totals = defaultdict(Decimal)
        """Debits less credits of each account in the currency of its transactions, where there was one."""
        self.received: Totals = defaultdict(Decimal)
        """What bills and vendor credits brought of each item."""

    def book(self, kind: str, key: str, lines: list[Posting]) -> None:
        """Book a transaction in place of whatever was booked of it before."""
        before = self.booked.get((kind, key))
        if before is not None:
            self._add(before, -1)
        if lines:
            self.booked[kind, key] = lines
            self._add(lines, 1)
        elif before is not None:
            del self.booked[kind, key]

    def move(self, kind: str, record: Json, times: int) -> None:
        """Note what a transaction brought of each item; `times` -1 takes it back."""
        sign = {"Bill": times, "VendorCredit": -times}.get(kind)
        if sign is None:
            return
        for line in record["Line"]:
            detail = line.get("ItemBasedExpenseLineDetail")
            if detail is not None:
                self.received[detail["ItemRef"]["value"]] += sign * Decimal(detail.get("Qty", ZERO))

    def postings(self) -> Iterator[Posting]:
        """The whole ledger, transaction by transaction."""
        for lines in self.booked.values():
            yield from lines

    def _add(self, lines: list[Posting], times: int) -> None:
        for posting in lines:
            own = posting.debit - posting.credit
            self.by_account[posting.account] += times * posting.home
            self.in_own_currency[posting.account] += times * own
            if posting.payable and posting.vendor:
                self.by_vendor[posting.vendor] -= times * own
