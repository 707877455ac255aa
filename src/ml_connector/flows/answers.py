"""What Basware is told about a document: posted with these numbers, or failed for these reasons.

Pure: the caller stores the answer as an intent and sends it. Limits are those of Basware's TransferResponseEntity.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from ml_connector.model.holds import Cause, Hold
from ml_connector.model.policy import AnswerFailed, PostingPolicy
from ml_connector.rules.causes import describe, short_message

_NOUN = {"Bill": "Bill", "VendorCredit": "Vendor credit", "JournalEntry": "Journal entry"}


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """One transaction a document became: QuickBooks' type and id, and the number it carries there."""

    type: str
    id: str
    doc_number: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A transfer response in our terms."""

    success: bool
    message: str
    voucher_number_1: str = ""
    voucher_number_2: str = ""


def success_answer(posted: Sequence[Posted], company: str) -> Answer:
    """The answer to a posted document: QuickBooks' id as first voucher number, the transaction's number as second."""
    first = posted[0]
    kinds = ", ".join(f"{_NOUN[one.type]} {one.id}" for one in posted[:5]) + (" …" if len(posted) > 5 else "")
    where = f" in QuickBooks company {company}" if company else " in QuickBooks"
    return Answer(
        success=True,
        message=f"{kinds} posted{where}"[:250],
        voucher_number_1=first.id[:25],
        voucher_number_2=first.doc_number[:25],
    )


def failure_answer(holds: Sequence[Hold]) -> Answer:
    """The answer to a document that could not be posted; the part somebody can act on comes first."""
    return Answer(success=False, message=short_message(holds, 250))


def failure_is_due(holds: Sequence[Hold], policy: PostingPolicy, held_since: datetime, now: datetime) -> bool:
    """Whether Basware is to be told now that a held document failed.

    What must be fixed in Basware goes by `answer_fixable_in_basware`, everything else by `answer_fixable_here`; with causes of
    both sorts the document has to go back anyway, so the first one decides.
    """
    if any(hold.cause is Cause.ON_HOLD for hold in holds):
        return False  # a person keeps it here and will let it go on, or reject it
    in_basware = any(describe(hold).fixable_in_basware for hold in holds)
    when = policy.answer_fixable_in_basware if in_basware else policy.answer_fixable_here
    if when is AnswerFailed.AFTER_HOLD_TIME:
        return now >= held_since + timedelta(days=policy.hold_days)
    return when is AnswerFailed.AT_ONCE
