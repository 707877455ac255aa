"""What a person can do about one document now, and why something cannot be undone.

The acts themselves are in `decisions.py`, `dating.py` and `review.py`.
"""

from enum import StrEnum

import msgspec

from ml_connector.model.holds import OF_TAKEN_BACK
from ml_connector.store.documents import DocumentRow
from ml_connector.store.schema import DocumentState
from ml_connector.work.dating import may_be_dated
from ml_connector.work.decisions import OPEN, UNPOSTED
from ml_connector.work.plans import is_released


class Act(StrEnum):
    """Everything somebody may want to do about a document."""

    RETRY = "retry"
    RELEASE = "release"
    HOLD = "hold"
    IGNORE = "ignore"
    DATE = "change date"
    LINK = "link"
    POST_ANYWAY = "post anyway"
    REJECT = "reject"
    DELETE = "delete"
    REVERSE = "reverse"
    KEEP = "keep"
    UNDO_RELEASE = "take the release back"
    UNDO_HOLD = "release the hold"
    UNDO_DATE = "no longer post on the chosen date"
    UNDO_IGNORE = "no longer ignore"


class Offers(msgspec.Struct, frozen=True, kw_only=True):
    """What can be done now, and what cannot be undone any more, in words; empty where everything can."""

    acts: frozenset[Act]
    no_undo: str


def offers_of(row: DocumentRow) -> Offers:
    """What can be done about a document, by the state it is in."""
    return Offers(acts=frozenset(_acts(row)), no_undo=_NO_UNDO.get(row.state, ""))


def _acts(row: DocumentRow) -> set[Act]:
    if any(hold.cause in OF_TAKEN_BACK for hold in row.holds) and row.state is DocumentState.HELD:
        return {Act.RETRY, Act.DELETE, Act.REVERSE, Act.KEEP}
    acts = set[Act]()
    if row.state in OPEN:
        acts |= {Act.RETRY, Act.IGNORE}
        if row.kept is None:
            acts |= {Act.LINK, Act.REJECT}
    if row.state is DocumentState.HELD and row.kept is None:
        acts.add(Act.POST_ANYWAY)
    if row.state in UNPOSTED:
        acts.add(Act.UNDO_HOLD if row.kept is not None else Act.HOLD)
    if may_be_dated(row):
        acts |= {Act.DATE, Act.UNDO_DATE} if row.chosen_date is not None else {Act.DATE}
    if row.state is DocumentState.PLANNED:
        acts.add(Act.UNDO_RELEASE if is_released(row) else Act.RELEASE)
    if row.state is DocumentState.IGNORED:
        acts.add(Act.UNDO_IGNORE)
    return acts


_NO_UNDO = {
    DocumentState.POSTING: "Its transaction is on its way to QuickBooks: it can be neither stopped nor undone from here.",
    DocumentState.POSTED: "It is in QuickBooks, and Basware is about to be told. To undo it, have Basware take it back: what was "
    "posted is then deleted or reversed as the policy says, or a person decides.",
    DocumentState.CONFIRMED: "It is in QuickBooks, and Basware knows. To undo it, have Basware take it back (remove it or return "
    "it): what was posted is then deleted or reversed as the policy says, or a person decides. Deleting it in QuickBooks alone "
    "would leave Basware believing that it is posted.",
    DocumentState.RETURNED: "Basware was told that it failed. It goes on when Basware sends it again.",
    DocumentState.WITHDRAWING: "Basware takes it back, and what was posted is being undone in QuickBooks.",
    DocumentState.WITHDRAWN: "Basware took it back, and QuickBooks has nothing of it that counts. It goes on when Basware sends it "
    "again.",
}
"""Why nothing can be undone, and what would."""
