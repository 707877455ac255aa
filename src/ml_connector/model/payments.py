"""What pays a document, as plain data: payments and what each settles, what is owed, and the whole picture Basware is told.

Amounts are exact and in the transaction's own currency, which is the document's. Days are those QuickBooks shows.
"""

from datetime import date, datetime
from decimal import Decimal

import msgspec

from ml_connector.model.money import ZERO

Target = tuple[str, str]
"""A transaction in QuickBooks: its type and id."""

CREDIT, OTHER = "Credit", "Other"
"""How something was settled besides QuickBooks' own `Check` and `CreditCard`: by credits alone; by what no bill payment shows."""


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a payment: how much of which transaction it settles, always positive.

    `is_credit`: it does not pay a debt but uses up a credit. `is_discount`: that credit stands for a discount taken.
    """

    target: Target
    amount: Decimal
    is_credit: bool = False
    is_discount: bool = False


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """A bill payment as it stands. `money` is what left the bank or card, zero where credits alone settle bills.

    `method` is QuickBooks' PayType; `changed_at` its last change by QuickBooks' clock, None if it does not say.
    """

    id: str
    method: str
    day: date | None = None
    number: str = ""
    money: Decimal = ZERO
    lines: tuple[Settled, ...] = ()
    changed_at: datetime | None = None


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One transaction a document is in QuickBooks. `total` and `open` are positive; `open` is None where QuickBooks has no such
    figure (journal entries). `is_credit`: the vendor owes it to us."""

    target: Target
    total: Decimal
    open: Decimal | None = None
    is_credit: bool = False
    changed_at: datetime | None = None


class OwnWords(msgspec.Struct, frozen=True, kw_only=True):
    """What the invoice itself says, which a payment response has to repeat lest Basware clears it.

    `total` has Basware's sign. `method` and `message` hold as long as nothing is paid.
    """

    currency: str
    total: Decimal | None = None
    term_code: str = ""
    method: str = ""
    message: str = ""
    payment_block: bool = False


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """How far a document is paid, as a whole. Amounts have the sign of Basware's total; `paid` leaves the discount out.

    `payments` and `reversed` are ids of bill payments, the newest first: what settles it now, and what did before and no longer
    does. `unexplained` is the part of what is settled that no bill payment shows.
    """

    currency: str
    total: Decimal
    paid: Decimal = ZERO
    discount: Decimal = ZERO
    day: date | None = None
    method: str = ""
    check_number: str = ""
    numbers: tuple[str, ...] = ()
    payments: tuple[str, ...] = ()
    reversed: tuple[str, ...] = ()
    unexplained: Decimal = ZERO
    term_code: str = ""
    message: str = ""
    payment_block: bool = False

    @property
    def open(self) -> Decimal:
        """What is still to be paid."""
        return self.total - self.paid - self.discount

    @property
    def is_empty(self) -> bool:
        """Whether nothing is settled."""
        return not (self.paid or self.discount or self.payments)
