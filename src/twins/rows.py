"""Records of either system in a form both share, for lists that people read: documents, vendors, accounts, ledger lines.

Amounts are in the document's currency and carry the sign they have for what is owed: bills positive, credits negative.
"""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class DocumentRow:
    """One bill, credit, journal entry, payment or order, or one of Basware's accounting documents.

    `kind` and `id` name it; `open` is what is still owed, None where the system does not say.
    """

    kind: str
    id: str
    number: str
    supplier_code: str
    supplier: str
    date: str
    total: Decimal | None
    currency: str
    status: str
    open: Decimal | None = None


@dataclass(frozen=True)
class VendorRow:
    """One vendor. `origin` is where it came from, `balance` what is owed to it, None where the system does not say."""

    id: str
    code: str
    name: str
    currency: str
    active: bool
    origin: str = ""
    balance: Decimal | None = None


@dataclass(frozen=True)
class AccountRow:
    """One account in a trial balance, in home currency. Exactly one side holds the balance; both are zero when it is nothing."""

    id: str
    number: str
    name: str
    type: str
    debit: Decimal
    credit: Decimal


def contains(row: DocumentRow | VendorRow, text: str) -> bool:
    """Whether any text of a row has these letters, whatever their case."""
    words = (
        (row.number, row.supplier_code, row.supplier, row.id, row.status, row.kind)
        if isinstance(row, DocumentRow)
        else (row.code, row.name, row.id)
    )
    wanted = text.casefold()
    return any(wanted in word.casefold() for word in words)
