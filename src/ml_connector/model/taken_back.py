"""An invoice that Basware takes back after it was handed over: what it says, and what is to be done in QuickBooks about it.

Basware has statuses for this and no response: whoever asked there settles it there (P2P specification, processingStatus).
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum

import msgspec

from ml_connector.model.books import ExistingTransaction
from ml_connector.model.holds import Hold

ASKED = {
    "WaitingToBeRemoved": "asks to have it removed",
    "WaitingToBeReturned": "asks to have it returned",
    "WaitingForPrebookCancelation": "asks to have its prebooking cancelled",
}
"""Statuses of a document that waits for us to undo it, in words."""

TAKEN = {
    "Removed": "has removed it",
    "Returned": "has returned it for correction",
    "PrebookCanceled": "has cancelled its prebooking",
}
"""Statuses of a document that Basware has taken back whatever we do, in words."""

WORDS = ASKED | TAKEN


class Undoing(StrEnum):
    """How a transaction is undone."""

    DELETE = "delete"
    REVERSE = "reverse"


class Undo(msgspec.Struct, frozen=True, kw_only=True):
    """One transaction to undo. `day` is the date of the reversal, None where it is deleted."""

    how: Undoing
    transaction: ExistingTransaction
    day: date | None = None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction of the document as QuickBooks has it now, beside what is known of it here.

    `ours`: we posted it, nobody linked it by hand. `amount` is what was posted, None where that is not known. `paid`: a payment
    names it, for kinds that do not show so themselves. `stubborn` says why it cannot be reversed, empty if it can.
    """

    transaction: ExistingTransaction
    ours: bool
    amount: Decimal | None = None
    paid: bool = False
    stubborn: str = ""


class UndoPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Either `holds`, and nothing is touched, or what is to be undone; neither when QuickBooks has nothing of it any more."""

    holds: tuple[Hold, ...] = ()
    undos: tuple[Undo, ...] = ()
