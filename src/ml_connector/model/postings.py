"""A transaction we mean to have in QuickBooks, in an accountant's terms. `quickbooks/translation.py` writes it on the wire.

Amounts are in `currency`. On bills and vendor credits a positive line is the normal direction (debit on a bill, credit on a
vendor credit); on journal entries every amount is positive and `side` tells debit from credit.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

import msgspec

from ml_connector.model.books import ExistingTransaction, TransactionType
from ml_connector.model.holds import Hold


class Side(StrEnum):
    """Which side of a journal entry a line stands on; QuickBooks' PostingType."""

    DEBIT = "Debit"
    CREDIT = "Credit"


class TaxMode(StrEnum):
    """How amounts and tax relate (QuickBooks' GlobalTaxCalculation); NONE sends nothing, as US companies need."""

    NONE = ""
    EXCLUDED = "TaxExcluded"
    INCLUSIVE = "TaxInclusive"
    NOT_APPLICABLE = "NotApplicable"


class PostingLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line. `location_id`, `side` and `vendor_id` are used on journal entries only: bills have the location in the head."""

    amount: Decimal
    account_id: str
    description: str = ""
    class_id: str = ""
    customer_id: str = ""
    billable: bool = False
    tax_code_id: str = ""
    location_id: str = ""
    side: Side | None = None
    vendor_id: str = ""
    """Set on the one payable line of a journal entry."""
    with_tax: Decimal | None = None
    """The amount with its tax, where the transaction shows amounts that way (TaxMode.INCLUSIVE); else None."""
    rows: tuple[int, ...] = ()
    """Coding rows this line stands for; none for tax, rounding and payable lines."""
    order_id: str = ""
    """The QuickBooks order that Basware matched the row with, and its line; on bills only."""
    order_line_id: str = ""
    item_id: str = ""
    """The product or service the line is of, on bills and vendor credits; `account_id` is then the one QuickBooks books it to."""
    quantity: Decimal | None = None
    """Pieces, with the sign of the amount, and the price of one: together the amount to the cent. On item lines only."""
    unit_price: Decimal | None = None
    markup_percent: Decimal | None = None
    """What a billable line is marked up by, in percent; None leaves it to QuickBooks."""


class TaxAmount(msgspec.Struct, frozen=True, kw_only=True):
    """The document's own tax for one rate, sent so that QuickBooks does not compute it anew."""

    rate_id: str
    percent: Decimal
    net: Decimal
    amount: Decimal


class Posting(msgspec.Struct, frozen=True, kw_only=True):
    """One transaction to create, or to bring an existing one to.

    `total` is the payable amount, positive. `part` counts from 0 when one document becomes several transactions.
    `exchange_rate` is home units per unit of `currency`, None when the currency is the home currency.
    """

    type: TransactionType
    vendor_id: str
    txn_date: date
    doc_number: str
    memo: str
    currency: str
    total: Decimal
    payable_account_id: str
    lines: tuple[PostingLine, ...]
    part: int = 0
    due_date: date | None = None
    term_id: str = ""
    location_id: str = ""
    exchange_rate: Decimal | None = None
    multicurrency: bool = False
    """Whether the company uses several currencies; only then may the wire name one."""
    tax_mode: TaxMode = TaxMode.NONE
    tax_amounts: tuple[TaxAmount, ...] = ()
    allow_duplicate_number: bool = False


class NewVendor(msgspec.Struct, frozen=True, kw_only=True):
    """A vendor to create from a document's supplier data before the document can be posted."""

    display_name: str
    number: str
    """The Basware supplier code, kept in QuickBooks' AcctNum."""
    company_name: str = ""
    currency: str = ""


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Why one posted field has its value: where it came from, by which rule, and what it became."""

    field: str
    source: str
    rule: str
    result: str


class Outcome(StrEnum):
    """What planning a document came to."""

    HOLD = "hold"
    REFUSE = "refuse"
    """Held, and Basware is to be told at once whatever the answer policy says."""
    POST = "post"
    UPDATE = "update"
    ADOPT = "adopt"
    CREATE_VENDOR = "create vendor"
    NOTHING = "nothing"
    """Everything is in QuickBooks as it should be; only the answer to Basware may be due."""


class DocumentPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What is to happen with one document.

    HOLD, REFUSE: `holds` has every cause. POST: create `postings`. UPDATE: bring `existing` to `postings`, pairwise.
    ADOPT: `existing` are this document's transactions already. CREATE_VENDOR: create `new_vendor`, then plan again.
    """

    outcome: Outcome
    holds: tuple[Hold, ...] = ()
    postings: tuple[Posting, ...] = ()
    existing: tuple[ExistingTransaction, ...] = ()
    new_vendor: NewVendor | None = None
    explanations: tuple[Explanation, ...] = ()


class DuplicateChoice(StrEnum):
    """What a person chose for a document whose number is already in QuickBooks."""

    LINK = "link"
    POST_ANYWAY = "post anyway"
    REJECT = "reject"


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A person's decision on one document."""

    duplicate: DuplicateChoice | None = None
    link_to: tuple[TransactionType, str] | None = None
    """The transaction to link to, with DuplicateChoice.LINK."""
    reason: str = ""


class Keep(msgspec.Struct, frozen=True, kw_only=True):
    """A person keeps a document from being posted until somebody lets it go on, whatever else is decided about it."""

    reason: str
    by: str
    at: datetime


class ChosenDate(msgspec.Struct, frozen=True, kw_only=True):
    """A person chose the day a document is posted on, instead of the dates it has in Basware: those of the voucher and the invoice
    when the day was chosen. Its due date and its own dates stay what they are."""

    day: date
    reason: str
    by: str
    at: datetime
    voucher_date: date | None = None
    invoice_date: date | None = None


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """A person's leave to post what was proposed, and only that: `proposal` names it to the letter."""

    proposal: str
    by: str
    at: datetime
