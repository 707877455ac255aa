"""A plan as it is kept with its document, and how it is read back; also the one cause that comes before any plan."""

from collections.abc import Sequence

import msgspec

from ml_connector.model.holds import Cause, Hold
from ml_connector.model.postings import DocumentPlan
from ml_connector.store.documents import DocumentRow

UNREADABLE_PREFIX = "unreadable-"
"""Begins the id we give to a document whose own cannot be read."""


class PlanRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A plan as kept with its document: what was decided, and from what.

    `fingerprint` covers lists, mapping, policy and date; `content_hash` and `inbox_id` name the content that was planned, and
    `payment_block` is Basware's own, which an answer must repeat.
    """

    fingerprint: str
    content_hash: str
    inbox_id: int
    payment_block: bool
    plan: DocumentPlan


def plan_of(row: DocumentRow) -> PlanRecord:
    """The plan kept with a document that has been planned."""
    return msgspec.json.decode(row.plan, type=PlanRecord)


def is_released(row: DocumentRow) -> bool:
    """Whether a person has released exactly what is proposed for a document now."""
    return row.release is not None and bool(row.proposal) and row.release.proposal == row.proposal


def unreadable_hold(problems: Sequence[str]) -> Hold:
    """The cause of a document that cannot be read, with everything that is wrong with it."""
    return Hold(cause=Cause.UNREADABLE_DOCUMENT, facts={"problems": "; ".join(problems)})
