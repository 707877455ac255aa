"""What a company decides about posting: every choice has a default that needs no thought, and none hides a document.

The values are stored with the connection and edited as a file or on screen; docs/posting-rules.md explains each with an example.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

import msgspec


class SeveralLocations(StrEnum):
    """What to do when the rows of one invoice belong to several locations, which a bill cannot hold."""

    JOURNAL_ENTRY = "journal entry"
    ONE_BILL_PER_LOCATION = "one bill per location"
    HOLD = "hold"


class UsTax(StrEnum):
    """Where the tax of a US invoice goes: into each row's cost, or to a line of its own."""

    IN_COST = "in cost"
    OWN_LINE = "own line"


class NonUsTax(StrEnum):
    """How the lines of a company outside the United States show their amounts: before tax, or with it."""

    EXCLUSIVE = "exclusive"
    INCLUSIVE = "inclusive"


class TooManyLines(StrEnum):
    """What to do with a document that has more rows than QuickBooks takes lines."""

    HOLD = "hold"
    MERGE_ROWS = "merge rows"


class PostingDate(StrEnum):
    """Which date the transaction carries."""

    VOUCHER_DATE = "voucher date"
    INVOICE_DATE = "invoice date"
    TODAY = "today"


class ClosedPeriod(StrEnum):
    """What to do when the posting date lies in closed books."""

    HOLD = "hold"
    FIRST_OPEN_DAY = "first open day"
    REFUSE = "refuse to Basware"


class UnknownVendor(StrEnum):
    """What to do when no QuickBooks vendor belongs to the supplier."""

    HOLD = "hold"
    CREATE = "create"


class RateSource(StrEnum):
    """Whose exchange rate a foreign document is posted at."""

    DOCUMENT = "document"
    QUICKBOOKS = "QuickBooks"


class PaymentBlock(StrEnum):
    """What to do with a document that Basware blocks for payment."""

    POST_WITH_NOTE = "post with a note"
    HOLD = "hold"


class TakenBack(StrEnum):
    """What to do in QuickBooks with a posted document that Basware takes back."""

    HOLD = "hold"
    DELETE = "delete"
    REVERSE = "reverse"


class Prebook(StrEnum):
    """What becomes of an invoice that Basware wants prebooked before it is approved."""

    LEAVE = "leave"
    ANSWER = "answer"
    ACCRUE = "accrue"


class AccrualReversal(StrEnum):
    """Which date the entry carries that reverses the accrual of a prebooking."""

    WITH_INVOICE = "with the invoice"
    WITH_ACCRUAL = "with the accrual"
    TODAY = "today"


class EmptyDimension(StrEnum):
    """What to do when a row has no code for a dimension at all."""

    LEAVE_EMPTY = "leave empty"
    HOLD = "hold"


class AnswerFailed(StrEnum):
    """When Basware is told that a held document failed."""

    AT_ONCE = "at once"
    AFTER_HOLD_TIME = "after hold time"
    NEVER = "never"


class VendorCredits(StrEnum):
    """What becomes of a vendor credit once it is posted: a person uses it, or it is applied to the bill it is for."""

    LEAVE = "leave"
    APPLY = "apply to the bill it names"


HeadField = Annotated[str, msgspec.Meta(pattern="^(text([1-9]|[1-5][0-9]|60)|referenceNumber|contractNumber)?$")]
"""A text field of a document's head (Basware P2P specification, AccountingDocumentEntity)."""


class StockWithoutQuantity(StrEnum):
    """What to do with a row on a stock item for which Basware gives no quantity: any number would change what is on hand."""

    HOLD = "hold"
    ONE_PIECE = "one piece"


QuantityField = Literal["", "matchedQuantity", "allocatedQuantity", "num1", "num2", "num3", "num4", "num5"]
"""Fields of a coding row that can hold its quantity (Basware P2P specification, StandardCodingEntity)."""

PriceField = Literal["", "orderedNetPrice", "receivedNetPrice"]
"""Fields of a coding row that can hold the price of one piece."""


MOST_MARKUP = 1000
"""Percent. Beyond it somebody mistook an amount for a percentage."""


class Sources(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which Basware field feeds which QuickBooks dimension. Empty switches the dimension off."""

    account: str = "accountCode"
    location: str = "costCenterCode"
    class_: str = msgspec.field(default="businessUnitCode", name="class")
    customer: str = "projectCode"
    item: str = ""
    quantity: QuantityField = "matchedQuantity"
    unit_price: PriceField = "orderedNetPrice"
    billable: str = ""
    tax_code: str = "taxCode"
    term: str = "paymentTermCode"


class PostingPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All choices of one connection."""

    sources: Sources = Sources()
    company_codes: tuple[str, ...] = ()
    """Basware company codes that are posted; empty means those the connection takes over."""
    start_date: date | None = None
    """First day whose documents are posted, by the date they would carry; earlier ones are held. None: all are posted."""
    credit_note_type_codes: tuple[str, ...] = ()
    """Invoice types that are credit notes although their amounts are positive."""
    journal_entry_type_codes: tuple[str, ...] = ()
    """Invoice types that are always posted as journal entries."""
    several_locations: SeveralLocations = SeveralLocations.JOURNAL_ENTRY
    empty_location: EmptyDimension = EmptyDimension.LEAVE_EMPTY
    empty_class: EmptyDimension = EmptyDimension.LEAVE_EMPTY
    us_tax: UsTax = UsTax.IN_COST
    tax_account_id: str = ""
    """QuickBooks account for tax on a line of its own (US `own line`, and tax on journal entries)."""
    non_us_tax: NonUsTax = NonUsTax.EXCLUSIVE
    tax_tolerance: Decimal = Decimal("0.05")
    """Largest difference, in document currency, between the invoiced tax and QuickBooks' own sum that nobody is told about."""
    rounding_limit: Decimal = Decimal(0)
    """Largest difference between lines and total, in document currency, that becomes a rounding line. 0 switches it off."""
    rounding_account_id: str = ""
    too_many_lines: TooManyLines = TooManyLines.HOLD
    posting_date: PostingDate = PostingDate.VOUCHER_DATE
    closed_period: ClosedPeriod = ClosedPeriod.HOLD
    unknown_vendor: UnknownVendor = UnknownVendor.HOLD
    rate_source: RateSource = RateSource.DOCUMENT
    payable_account_ids: dict[str, str] = {}
    """Accounts Payable account by currency; needed only where the company has several for one currency."""
    payment_block: PaymentBlock = PaymentBlock.POST_WITH_NOTE
    taken_back: TakenBack = TakenBack.HOLD
    """What becomes of posted transactions when Basware removes, returns or cancels their document."""
    prebook: Prebook = Prebook.LEAVE
    """Whether prebookings are left waiting in Basware, answered without posting anything, or accrued."""
    accrual_account_id: str = ""
    """QuickBooks account of what is owed and not invoiced yet: the other side of accruals."""
    accrual_reversal: AccrualReversal = AccrualReversal.WITH_INVOICE
    vendor_credits: VendorCredits = VendorCredits.LEAVE
    credited_invoice_field: HeadField = ""
    """Where a credit note keeps the number of the invoice it is for; Basware's own field (`parentInvoiceBumId`) comes first."""
    credit_bank_account_id: str = ""
    """QuickBooks bank account on payments of zero; needed only where the company has several."""
    stock_without_quantity: StockWithoutQuantity = StockWithoutQuantity.HOLD
    billable: bool = False
    """Whether rows with a customer are marked billable, where the row itself says nothing about it (`sources.billable`)."""
    markup_percent: Decimal = Decimal(0)
    """What billable rows are marked up by when they are billed on, in percent. 0 leaves it to QuickBooks."""
    markup_percents: dict[str, Decimal] = {}
    """The same by QuickBooks customer id, where it differs; 0 for no markup of ours."""
    answer_fixable_in_basware: AnswerFailed = AnswerFailed.AT_ONCE
    answer_fixable_here: AnswerFailed = AnswerFailed.AFTER_HOLD_TIME
    hold_days: int = 14
    """Hold time in days, counted from the day the hold began."""
    memo_prefix: str = "Basware"
    source_system: Annotated[str, msgspec.Meta(max_length=32)] = "QBO"
    """Name of QuickBooks in Basware's transfer responses, at most 32 characters."""

    def __post_init__(self) -> None:
        """Refuse a markup that is none."""
        for percent in (self.markup_percent, *self.markup_percents.values()):
            if not percent.is_finite() or not 0 <= percent <= MOST_MARKUP:
                raise ValueError(f"a markup is a percentage from 0 to {MOST_MARKUP}, not {percent}")
