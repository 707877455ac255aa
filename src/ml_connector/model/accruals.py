"""The accrual of a prebooked invoice: what it is to be in the books, or why it cannot be."""

import msgspec

from ml_connector.model.holds import Hold
from ml_connector.model.postings import Posting


class AccrualPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Either `holds`, with every cause, or the journal entry to post."""

    holds: tuple[Hold, ...] = ()
    posting: Posting | None = None
