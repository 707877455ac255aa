"""Which QuickBooks records are watched, and how often QuickBooks is asked when nobody announces a change."""

from typing import Annotated, Literal

import msgspec

CAPTURED_LISTS = ("Account", "Department", "Class", "Customer", "Vendor", "Term", "Item", "Employee")
"""Lists that change data capture covers."""

POLLED_LISTS = ("TaxCode", "TaxRate", "TaxAgency")
"""Lists that neither change data capture nor webhooks cover: read as a whole, now and then."""

SINGLE = ("CompanyInfo", "Preferences")
"""What a company has one of. Only preferences are announced by webhooks; exchange rates are asked for by day when one is needed."""

Transaction = Literal["Bill", "VendorCredit", "JournalEntry", "BillPayment", "PurchaseOrder", "Purchase"]
Minutes = Annotated[float, msgspec.Meta(gt=0)]
Seconds = Annotated[float, msgspec.Meta(ge=0)]


class ChangeSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How changes in QuickBooks are followed."""

    transactions: tuple[Transaction, ...] = ("Bill", "VendorCredit", "JournalEntry", "BillPayment", "PurchaseOrder")
    """Transactions of which copies are kept, besides the lists. `Purchase` (expenses and checks) is there for who needs it."""
    quiet_seconds: Seconds = 5.0
    """Notices are read once none came for so long: people and programs change several records in a row."""
    longest_wait_seconds: Seconds = 60.0
    """But the first of them waits no longer than this."""
    catch_up_minutes: Minutes = 1440.0
    """How often QuickBooks is asked for changes while webhooks arrive; Intuit advises daily."""
    poll_minutes: Minutes = 1.0
    """While no webhook was heard for `webhooks_trusted_days`, QuickBooks is asked whenever the job `changes` runs, but not more
    often than this. When it runs is said by the schedule."""
    webhooks_trusted_days: Annotated[float, msgspec.Meta(gt=0)] = 7.0
    """How long after the last notice webhooks count as arriving."""
    slow_minutes: Minutes = 60.0
    """How often tax codes, tax rates, tax agencies, company information and preferences are read, at most."""
    gap_minutes: Minutes = 60.0
    """After so long without a good run, changes are caught up with at once."""
    overlap_minutes: Annotated[float, msgspec.Meta(ge=1)] = 5.0
    """How much further back each question for changes reaches than the last answer: QuickBooks may show a change late."""
    look_back_days: Annotated[float, msgspec.Meta(gt=0, le=29.5)] = 29.0
    """Beyond this everything is compared instead. Intuit keeps 30 days of changes."""
    echo_seconds: Seconds = 2.0
    """How far the time of a notice may be from that of the write of ours which it announces."""

    @property
    def captured(self) -> tuple[str, ...]:
        """Every entity that change data capture is asked about."""
        return (*CAPTURED_LISTS, *self.transactions)

    @property
    def watched(self) -> tuple[str, ...]:
        """Every entity copies are kept of."""
        return (*self.captured, *POLLED_LISTS, *SINGLE)
