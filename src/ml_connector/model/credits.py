"""Using up a vendor credit: what is open of it and of the bills it names, and the payment of zero that settles one with the other.

Amounts are positive and in the transactions' own currency.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum

import msgspec

from ml_connector.model.money import ZERO

Target = tuple[str, str]
"""A transaction in QuickBooks: its type and id."""


class CreditOrigin(StrEnum):
    """Where a vendor credit comes from: a credit note of Basware's, or a posted document that was taken back and reversed."""

    CREDIT_NOTE = "credit note"
    REVERSAL = "reversal"


class CreditState(StrEnum):
    """How far the use of a vendor credit has come. `waiting`: for its bill, or for what `why` says; `open`: it stays so."""

    WAITING = "waiting"
    APPLYING = "applying"
    APPLIED = "applied"
    OPEN = "open"


class OpenItem(msgspec.Struct, frozen=True, kw_only=True):
    """A bill or vendor credit as just read. `open` is QuickBooks' balance of it, `exchange_rate` None in the home currency."""

    target: Target
    vendor_id: str
    currency: str
    payable_account_id: str
    day: date
    open: Decimal
    number: str = ""
    exchange_rate: Decimal | None = None


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the payment: how much of which bill or credit it settles."""

    target: Target
    amount: Decimal


class CreditPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What is to happen with a credit: `uses` in a payment of zero on `day`, or nothing because of `why`.

    `amount` is what the bills and the credit are settled by alike. `over`: nothing will change that; `needs_person`: somebody
    has to do something first.
    """

    uses: tuple[Use, ...] = ()
    amount: Decimal = ZERO
    day: date | None = None
    bank_account_id: str = ""
    why: str = ""
    over: bool = False
    needs_person: bool = False
