"""The start date: documents dated before it were entered by hand, or are to be, and never become transactions of ours.

Nothing is lost by it: such a document waits, can be linked or ignored, and is planned like any other once the date is an earlier
one. What of a document stands in the books already is not its business.
"""

from datetime import date

import msgspec

from ml_connector.model.documents import AccountingDocument
from ml_connector.model.holds import Cause, Hold
from ml_connector.model.policy import PostingDate, PostingPolicy
from ml_connector.model.postings import ChosenDate, DocumentPlan, Outcome
from ml_connector.rules.chosen_dates import counting

_SAID_AS_WELL = frozenset({Cause.DUPLICATE_NUMBER, Cause.POSTED_TRANSACTION_GONE, Cause.REJECTED})
"""Causes that still matter for a document nobody here posts. What its coding lacks would only be noise."""


def before_start(document: AccountingDocument, policy: PostingPolicy, chosen: ChosenDate | None = None) -> Hold | None:
    """Why a document is dated too early to be posted here; None when it is not, or has no date at all.

    A person who chose a day from the start date on has said by it that the document is not in the books yet.
    """
    dated = _date_of(document, policy, chosen)
    if policy.start_date is None or dated is None or dated[0] >= policy.start_date:
        return None
    day, source = dated
    facts = {"date": day.isoformat(), "source": source, "start": policy.start_date.isoformat()}
    return Hold(cause=Cause.BEFORE_START_DATE, subject=policy.start_date.isoformat(), facts=facts)


def kept_from_posting(plan: DocumentPlan, hold: Hold) -> DocumentPlan:
    """The plan of a document that is dated too early: nothing is written, whatever it would have become."""
    if plan.outcome in {Outcome.ADOPT, Outcome.NOTHING}:
        return plan
    holds = (hold, *(one for one in plan.holds if one.cause in _SAID_AS_WELL))
    rejected = plan.outcome is Outcome.REFUSE and any(one.cause is Cause.REJECTED for one in holds)
    return msgspec.structs.replace(
        plan, outcome=Outcome.REFUSE if rejected else Outcome.HOLD, holds=holds, postings=(), new_vendor=None
    )


def _date_of(document: AccountingDocument, policy: PostingPolicy, chosen: ChosenDate | None) -> tuple[date, str] | None:
    """The date a person chose, else the document's own: the one it would be posted on, or where that is today's the date of the
    voucher."""
    if (choice := counting(chosen, document)) is not None:
        return choice.day, "chosen by a person"
    dates = [(document.voucher_date, "voucher date"), (document.invoice_date, "invoice date")]
    if policy.posting_date is PostingDate.INVOICE_DATE:
        dates.reverse()
    return next(((day, source) for day, source in dates if day is not None), None)
