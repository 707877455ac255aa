"""A QuickBooks company as far as posting needs it: its lists and preferences, cached and refreshed by what changed.

Identity is QuickBooks' id, always a string. Names are for people; they are never used to decide where an amount goes.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum

import msgspec


class ListRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What all list records share. `full_name` is the path with colons, such as `Travel:Airfare`."""

    id: str
    name: str
    full_name: str = ""
    active: bool = True
    sync_token: str = "0"

    @property
    def label(self) -> str:
        """The name to show a person."""
        return self.full_name or self.name


def label_of(records: Mapping[str, ListRecord], key: str) -> str:
    """How the record with this id is called; the id itself where the list does not have it."""
    record = records.get(key)
    return record.label if record else key


class Account(ListRecord, frozen=True, kw_only=True):
    """An account of the chart. `type` is QuickBooks' AccountType (`Expense`, `Accounts Payable`, …)."""

    number: str = ""
    type: str = ""
    sub_type: str = ""
    currency: str = ""

    @property
    def label(self) -> str:
        """Number and full name, as accountants quote an account."""
        return f"{self.number} {self.full_name or self.name}".strip()


class Location(ListRecord, frozen=True, kw_only=True):
    """A location; QuickBooks' wire calls it Department."""


class TrackingClass(ListRecord, frozen=True, kw_only=True):
    """A class, QuickBooks' second dimension."""


class Customer(ListRecord, frozen=True, kw_only=True):
    """A customer, or a project or job below one."""

    currency: str = ""


class Item(ListRecord, frozen=True, kw_only=True):
    """A product or service. `type` is QuickBooks' (`Service`, `NonInventory`, `Inventory`, `Group`, `Category`); `account_id` the
    account a purchase of it is booked to, "" when it has no purchase side."""

    sku: str = ""
    type: str = ""
    account_id: str = ""

    @property
    def is_stock(self) -> bool:
        """Whether QuickBooks counts pieces of it, so that a wrong quantity is a wrong stock."""
        return self.type == "Inventory"


class Vendor(ListRecord, frozen=True, kw_only=True):
    """A vendor. `number` is QuickBooks' AcctNum, where the supplier code is usually kept. `currency` is fixed for life."""

    number: str = ""
    currency: str = ""
    term_id: str = ""
    email: str = ""


class Employee(ListRecord, frozen=True, kw_only=True):
    """An employee, as a code people may need on a row; nothing else of a person is read."""


class Term(ListRecord, frozen=True, kw_only=True):
    """Payment terms. `due_days` is None for terms driven by a day of the month: `day_of_month`, of the next month if the invoice
    comes less than `next_month_days` before it."""

    due_days: int | None = None
    day_of_month: int | None = None
    next_month_days: int | None = None
    discount_percent: Decimal | None = None
    discount_days: int | None = None


class TaxRateUse(msgspec.Struct, frozen=True, kw_only=True):
    """One purchase rate of a tax code. `percent` is 25 for 25 %."""

    rate_id: str
    percent: Decimal


class TaxCode(ListRecord, frozen=True, kw_only=True):
    """A tax code. It can stand on a bill only if it has purchase rates (or is one of the US pseudo-codes TAX and NON)."""

    purchase_rates: tuple[TaxRateUse, ...] = ()


class ClassTracking(StrEnum):
    """Where the company puts classes (AccountingInfoPrefs.ClassTrackingPerTxn and ClassTrackingPerTxnLine)."""

    OFF = "off"
    TRANSACTION = "transaction"
    LINE = "line"


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """The company's settings that decide what may be posted."""

    country: str = "US"
    home_currency: str = "USD"
    multicurrency: bool = False
    track_locations: bool = False
    class_tracking: ClassTracking = ClassTracking.OFF
    book_close_date: date | None = None
    """Transactions dated on or before this day are refused. None when the books were never closed."""
    warn_duplicate_bill_number: bool = False
    warn_duplicate_journal_number: bool = False
    use_account_numbers: bool = False
    billable_expenses: bool = False

    @property
    def is_us(self) -> bool:
        """US companies compute no tax on purchases, know only the codes TAX and NON, and accept only ISO-8859-1 text."""
        return self.country.upper() in {"US", "USA"}


class Books(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of one QuickBooks company the rules look at, keyed by QuickBooks id, inactive records included."""

    company_name: str = ""
    preferences: Preferences = Preferences()
    accounts: dict[str, Account] = {}
    locations: dict[str, Location] = {}
    classes: dict[str, TrackingClass] = {}
    customers: dict[str, Customer] = {}
    items: dict[str, Item] = {}
    vendors: dict[str, Vendor] = {}
    terms: dict[str, Term] = {}
    tax_codes: dict[str, TaxCode] = {}


class TransactionType(StrEnum):
    """The transactions we post, by QuickBooks' names."""

    BILL = "Bill"
    VENDOR_CREDIT = "VendorCredit"
    JOURNAL_ENTRY = "JournalEntry"


class ExistingTransaction(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction found in QuickBooks. Amounts are positive, in `currency`."""

    type: TransactionType
    id: str
    sync_token: str
    doc_number: str = ""
    memo: str = ""
    vendor_id: str = ""
    """Empty on a journal entry without a payable line."""
    txn_date: date | None = None
    currency: str = ""
    total: Decimal = Decimal(0)
    """The document total; of a journal entry its payable line."""
    balance: Decimal | None = None
    """What is still open; None where QuickBooks has no such figure (journal entries)."""
    settled: bool = False
    """Whether a payment or another transaction was applied to it."""
