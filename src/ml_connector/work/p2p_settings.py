"""How each feed of Basware's Purchase-to-Pay is read: whether at all, how much in one call, and how far back it looks again.

How often is not said here: that is each job's plan. Sizes and defaults follow Basware's specification where it names any.
"""

from datetime import date
from typing import Annotated

import msgspec

from ml_connector.basware.feeds import ORDERS_PAGE, STATUS_PAGE, VENDORS_PAGE
from ml_connector.model.attachments import Which
from ml_connector.quickbooks.uploads import LARGEST_UPLOAD

Seconds = Annotated[float, msgspec.Meta(gt=0)]


class OrdersFeed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Exported purchase orders. Off until asked for: an order that is acknowledged here is offered to no other program."""

    enabled: bool = False
    page_size: Annotated[int, msgspec.Meta(ge=1, le=ORDERS_PAGE)] = ORDERS_PAGE
    overlap: Seconds = 3600.0
    """How far before the run's beginning orders are read back after they were acknowledged; more than clocks can differ."""
    post: bool = False
    """Whether orders are put into QuickBooks, besides being kept here."""
    contracts: bool = False
    """Whether exported contracts and what is spent on them are taken over too. It needs rights of its own."""
    items: bool = False
    """Whether a line whose product code is the SKU of an item becomes a line of that item; else all are lines of accounts."""


class TakenBackFeed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Documents that Basware removes, returns or cancels after they were taken over."""

    enabled: bool = True
    look_minutes: Annotated[float, msgspec.Meta(gt=0)] = 15.0
    """How often the lists are asked for; a notification has them asked for at once."""
    overlap: Seconds = 600.0
    """How far before the last look the next one begins."""


class EarlyFeed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Invoices that wait for something before their transfer. Enrichment is off until asked for: another system may answer it."""

    refuse_enrichment: bool = False
    look_minutes: Annotated[float, msgspec.Meta(gt=0)] = 15.0
    """How often the lists are asked for; a notification has them asked for at once."""


class UnclaimedFeed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The look for documents of company codes that no connection has. On: such a document would wait for ever, and nobody know."""

    enabled: bool = True
    look_minutes: Annotated[float, msgspec.Meta(gt=0)] = 60.0
    """How often what waits in Basware is asked for without a company code; one connection of a sign-in does so for all."""
    elsewhere: tuple[str, ...] = ()
    """Company codes whose documents another program takes over, so that nobody is told of them."""


class VendorsFeed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Vendors that were given to Basware through its interface. Off until asked for: it needs a right of its own."""

    enabled: bool = False
    page_size: Annotated[int, msgspec.Meta(ge=1, le=VENDORS_PAGE)] = VENDORS_PAGE
    overlap: Seconds = 600.0
    """How far before the newest change known the next reading begins."""


ListKey = Annotated[
    str, msgspec.Meta(pattern=r"^(ACC_LIST_([1-9]|[12]\d|3[0-5])|INV_LIST_([1-9]|1\d|20)|CUST_RESOLVER_[1-5])?$")
]
"""A generic list of Basware's, or empty for none (Basware P2P specification, listKey)."""

CustomerList = Annotated[
    str,
    msgspec.Meta(pattern=r"^(projects|ACC_LIST_([1-9]|[12]\d|3[0-5])|INV_LIST_([1-9]|1\d|20)|CUST_RESOLVER_[1-5])?$"),
]
"""Where customers go: Basware's projects, a generic list, or empty for nowhere."""

LanguageCode = Annotated[str, msgspec.Meta(pattern=r"^([A-Za-z]{2,3}(-[A-Za-z0-9]{2,6})?)?$")]

SPENDING = (
    "Expense", "Other Expense", "Cost of Goods Sold", "Fixed Asset", "Other Asset", "Other Current Asset",
    "Other Current Liability", "Long Term Liability",
)  # fmt: skip
"""Types of accounts that an invoice is usually coded to, by QuickBooks' names."""


class MasterDataSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What Basware is given of QuickBooks. Off until asked for: it writes lists that other programs may keep today."""

    enabled: bool = False
    accounts: bool = True
    account_types: tuple[str, ...] = SPENDING
    """Accounts of these types are given; others only when a person says so."""
    cost_centers: bool = True
    """Whether locations are given as cost centres."""
    classes: ListKey = "ACC_LIST_1"
    """The generic list that classes go to."""
    customers: CustomerList = "projects"
    employees: ListKey = ""
    payment_terms: bool = True
    tax_codes: bool = True
    exchange_rates: bool = True
    language: LanguageCode = ""
    """The language of names besides en-US, which Basware always wants."""
    inherit: bool = True
    """Whether units below a company may use its accounts, tax codes and terms."""
    take_over: bool = True
    """Whether Basware's lists are read first, and records that are there already are kept under the codes they have there."""
    read_hours: Annotated[float, msgspec.Meta(gt=0)] = 24.0
    """How often Basware's lists are read."""

    def __post_init__(self) -> None:
        """Refuse one generic list for two things."""
        used = [one for one in (self.classes, self.customers, self.employees) if one and one != "projects"]
        if len(set(used)) < len(used):
            raise ValueError(
                "master_data: classes, customers and employees need lists of their own; one is named twice"
            )


class PaymentsSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Telling Basware how far documents are paid. On: it concerns only documents this connection has transferred, needs no right
    beyond theirs, and says nothing of the time before the connection. Basware Analytics needs it."""

    enabled: bool = True
    methods: dict[str, str] = {}
    """Basware's payment methods for `Check`, `CreditCard`, `Credit` and `Other`; the same word where one is not named."""
    discount_accounts: tuple[str, ...] = ()
    """Accounts by number, name or id: a vendor credit booked only to these is a discount taken, not a payment."""

    def __post_init__(self) -> None:
        """Refuse a method that QuickBooks does not have, and a name Basware would refuse."""
        for method, name in self.methods.items():
            if method not in METHODS:
                raise ValueError(f"payments.methods names {method!r}; known are {', '.join(METHODS)}")
            if not 1 <= len(name) <= LONGEST_METHOD:
                raise ValueError(f"payments.methods.{method} needs 1 to {LONGEST_METHOD} characters, not {len(name)}")


METHODS = ("Check", "CreditCard", "Credit", "Other")
"""How something can be settled: QuickBooks' two PayTypes (API reference, BillPayment), credits alone, and what no payment shows."""

LONGEST_METHOD = 25
"""Basware P2P specification, PaymentResponseEntity.paymentMethod."""


OrderPart = Annotated[str, msgspec.Meta(max_length=25)]


class MatchingOrdersSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """QuickBooks' purchase orders for Basware's matching. Off until asked for: other programs may give Basware orders today."""

    enabled: bool = False
    company_code: OrderPart = ""
    """The Basware company of the orders; empty is the first of the connection's."""
    organization_element: OrderPart = ""
    """The unit within it; empty is the company. Basware wants two characters or more."""
    source_system: Annotated[str, msgspec.Meta(min_length=1, max_length=36)] = "QuickBooks"
    """Part of what makes an order number unique in Purchase-to-Pay."""
    since: Annotated[str, msgspec.Meta(pattern=r"^(\d{4}-\d{2}-\d{2})?$")] = ""
    """Orders dated before this day are not given; those given already are kept up to date."""
    codes_required: bool = True
    """Whether an order waits for the code of a location, class or customer. Accounts are always waited for."""

    def __post_init__(self) -> None:
        """Refuse a day that is none."""
        if self.since:
            date.fromisoformat(self.since)

    @property
    def first_day(self) -> date:
        """The first day of which orders are given."""
        return date.fromisoformat(self.since) if self.since else date.min


class AttachmentsFeed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Files of posted documents. On from the start: nobody else sees them, and whoever audits a bill wants its image."""

    files: Which = "all"
    """`all`, the invoice `image` only, or `none`."""
    confidential: bool = False
    """Whether files that are confidential in Basware are copied too."""
    largest: Annotated[int, msgspec.Meta(ge=1, le=LARGEST_UPLOAD)] = 50_000_000
    """Bytes of the largest file copied; QuickBooks takes 100 MB."""
    overlap: Seconds = 3600.0
    """How far before the newest change known documents are read again, in seconds."""
    late_days: Annotated[int, msgspec.Meta(ge=0, le=365)] = 14
    """Once a day the documents changed in so many days are read again: a file may come late without a change that shows."""
    tries: Annotated[int, msgspec.Meta(ge=1)] = 6
    """How often a file is tried before it is given up; its document is not concerned."""


class OutcomesFeed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What became of what we sent. The waits are Basware's fair use as we read it: it publishes no numbers."""

    enabled: bool = True
    page_size: Annotated[int, msgspec.Meta(ge=1, le=STATUS_PAGE)] = STATUS_PAGE
    overlap: Seconds = 3600.0
    first_wait: Seconds = 30.0
    """Seconds after sending before Basware is asked for the first time; doubled each time, up to `longest_wait`."""
    longest_wait: Seconds = 300.0
    patience: Seconds = 86_400.0
    """How long Basware is asked about one request before a person is told that it never said what became of it."""
    acknowledge: bool = True
    """Take finished requests of ours out of the list that Basware shows by default."""
    error_feedbacks: bool = True
    """Read the older interface too, which tells the same errors."""
    error_feedbacks_every: Seconds = 3600.0
    error_feedbacks_overlap: Seconds = 86_400.0
    """A day, as Basware's FAQ advises: errors may turn up late."""


class NoticesFeed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The check for push notifications that never arrived. Whether Basware still announces anything is looked at all the same."""

    enabled: bool = True
    overlap: Seconds = 86_400.0
