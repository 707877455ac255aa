"""Why a document waits, who can fix it and how. A hold is a value: the rules return all of a document's causes at once.

The texts of each cause live in `rules/causes.py`, its page in `error_pages/`.
"""

from enum import StrEnum

import msgspec


class Who(StrEnum):
    """Who can fix a cause."""

    AP_TEAM = "accounts payable team, in Basware"
    AP_TEAM_OR_ACCOUNTANT = "accounts payable team, in Basware, or accountant, here"
    ACCOUNTANT = "accountant, in QuickBooks"
    ACCOUNTANT_HERE = "accountant, here"
    ACCOUNTANT_HERE_TOO = "accountant, here or in QuickBooks"
    ACCOUNTANT_OR_ADMINISTRATOR = "accountant, here, or administrator of the connection"
    MAPPER = "whoever keeps the mapping, here"
    MAPPER_OR_ACCOUNTANT = "whoever keeps the mapping, here, or accountant, in QuickBooks"
    ADMINISTRATOR = "administrator of the connection"
    NOBODY = "nobody: it is tried again by itself"


class Cause(StrEnum):
    """Everything that can hold a document, or a record that Basware is to hold.

    The value is the stable machine code and the name of the page in `error_pages/`.
    """

    UNREADABLE_DOCUMENT = "unreadable-document"
    WRONG_COMPANY = "wrong-company"
    BEFORE_START_DATE = "before-start-date"
    MISSING_INVOICE_NUMBER = "missing-invoice-number"
    MISSING_DATE = "missing-date"
    MISSING_AMOUNT = "missing-amount"
    NO_CODING_ROWS = "no-coding-rows"
    TOO_MANY_LINES = "too-many-lines"
    AMOUNT_PRECISION = "amount-precision"
    ZERO_TOTAL = "zero-total"
    MIXED_SIGNS = "mixed-signs"
    LINES_DIFFER_FROM_TOTAL = "lines-differ-from-total"
    ACCOUNT_MISSING = "account-missing"
    ACCOUNT_NOT_MAPPED = "account-not-mapped"
    ACCOUNT_INACTIVE = "account-inactive"
    ACCOUNT_NOT_POSTABLE = "account-not-postable"
    LOCATION_MISSING = "location-missing"
    LOCATION_NOT_MAPPED = "location-not-mapped"
    LOCATION_INACTIVE = "location-inactive"
    LOCATION_TRACKING_OFF = "location-tracking-off"
    SEVERAL_LOCATIONS = "several-locations"
    CLASS_MISSING = "class-missing"
    CLASS_NOT_MAPPED = "class-not-mapped"
    CLASS_INACTIVE = "class-inactive"
    CLASS_TRACKING_OFF = "class-tracking-off"
    SEVERAL_CLASSES = "several-classes"
    CUSTOMER_NOT_MAPPED = "customer-not-mapped"
    CUSTOMER_INACTIVE = "customer-inactive"
    ITEM_NOT_MAPPED = "item-not-mapped"
    ITEM_INACTIVE = "item-inactive"
    ITEM_NOT_PURCHASABLE = "item-not-purchasable"
    ITEM_QUANTITY_MISSING = "item-quantity-missing"
    ITEM_NEEDS_BILL = "item-needs-bill"
    BILLABLE_UNCLEAR = "billable-unclear"
    BILLABLE_WITHOUT_CUSTOMER = "billable-without-customer"
    BILLABLE_SWITCHED_OFF = "billable-switched-off"
    TERM_NOT_MAPPED = "term-not-mapped"
    TERM_INACTIVE = "term-inactive"
    TAX_CODE_MISSING = "tax-code-missing"
    TAX_CODE_NOT_MAPPED = "tax-code-not-mapped"
    TAX_CODE_NOT_FOR_PURCHASES = "tax-code-not-for-purchases"
    TAX_ACCOUNT_MISSING = "tax-account-missing"
    TAX_DIFFERS = "tax-differs"
    VENDOR_UNKNOWN = "vendor-unknown"
    VENDOR_AMBIGUOUS = "vendor-ambiguous"
    VENDOR_INACTIVE = "vendor-inactive"
    VENDOR_NAME_TAKEN = "vendor-name-taken"
    VENDOR_CURRENCY_DIFFERS = "vendor-currency-differs"
    CURRENCY_NOT_ENABLED = "currency-not-enabled"
    EXCHANGE_RATE_MISSING = "exchange-rate-missing"
    PAYABLE_ACCOUNT_MISSING = "payable-account-missing"
    PERIOD_CLOSED = "period-closed"
    DUPLICATE_NUMBER = "duplicate-number"
    ACCRUAL_ACCOUNT_MISSING = "accrual-account-missing"
    PAYMENT_BLOCKED = "payment-blocked"
    REJECTED = "rejected"
    CHANGED_AFTER_PAYMENT = "changed-after-payment"
    CHANGED_IN_CLOSED_PERIOD = "changed-in-closed-period"
    CHANGED_KIND = "changed-kind"
    POSTED_TRANSACTION_GONE = "posted-transaction-gone"
    ON_HOLD = "on-hold"
    TAKEN_BACK = "taken-back"
    TAKEN_BACK_PAID = "taken-back-paid"
    TAKEN_BACK_IN_CLOSED_PERIOD = "taken-back-in-closed-period"
    TAKEN_BACK_NOT_REVERSIBLE = "taken-back-not-reversible"
    QUICKBOOKS_REFUSED = "quickbooks-refused"
    ANSWER_REFUSED = "answer-refused"
    RECORD_REFUSED = "record-refused"
    CODE_TAKEN = "code-taken"
    PAYMENT_NOT_TOLD = "payment-not-told"
    ORDER_VENDOR_UNKNOWN = "order-vendor-unknown"
    ORDER_CODE_MISSING = "order-code-missing"
    ORDER_NUMBER_TAKEN = "order-number-taken"
    ORDER_NOT_USABLE = "order-not-usable"
    ORDER_UNREADABLE = "order-unreadable"
    VENDOR_UNSURE = "vendor-unsure"
    VENDOR_GONE = "vendor-gone"
    VENDOR_TYPED_IN = "vendor-typed-in"
    VENDOR_TERM_UNKNOWN = "vendor-term-unknown"
    VENDOR_TAX_ID_DIFFERS = "vendor-tax-id-differs"
    VENDOR_BANK_CHANGED = "vendor-bank-changed"
    VENDOR_NOT_TAKEN = "vendor-not-taken"


OF_RECORDS = frozenset({
    Cause.RECORD_REFUSED, Cause.CODE_TAKEN, Cause.PAYMENT_NOT_TOLD, Cause.ORDER_VENDOR_UNKNOWN,
    Cause.ORDER_CODE_MISSING, Cause.ORDER_NUMBER_TAKEN, Cause.ORDER_NOT_USABLE, Cause.ORDER_UNREADABLE,
    Cause.VENDOR_UNSURE, Cause.VENDOR_GONE, Cause.VENDOR_TYPED_IN,
    Cause.VENDOR_TERM_UNKNOWN, Cause.VENDOR_TAX_ID_DIFFERS, Cause.VENDOR_BANK_CHANGED, Cause.VENDOR_NOT_TAKEN,
})  # fmt: skip
"""Causes of what Basware is to hold or hear, not of documents on their way to QuickBooks: Basware is told nothing about them."""


OF_TAKEN_BACK = frozenset(
    {
        Cause.TAKEN_BACK,
        Cause.TAKEN_BACK_PAID,
        Cause.TAKEN_BACK_IN_CLOSED_PERIOD,
        Cause.TAKEN_BACK_NOT_REVERSIBLE,
    }
)
"""Causes of posted documents that Basware takes back. Basware has no answer for them, so it is told nothing."""


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """One cause on one document.

    `subject` is what the cause is about and what groups documents into one card: the account code, the vendor, the period.
    `facts` fill the texts: names, amounts with currency, dates, QuickBooks ids. `rows` are the coding rows concerned.
    """

    cause: Cause
    subject: str = ""
    facts: dict[str, str] = {}
    rows: tuple[int, ...] = ()
