"""How the QuickBooks sign-in of a connection stands, and what became of the link that was handed out last. Read only.

Neither tokens nor links are in it: whoever reads it cannot sign anybody in.
"""

from datetime import datetime

import msgspec

from ml_connector.store import sign_ins, token_chains
from ml_connector.store.database import Tx
from ml_connector.store.schema import ChainState
from ml_connector.work.sign_in.outcomes import WORDS, Outcome

WAITS, UNDER_WAY = "not followed yet", "at Intuit"
"""What is said of a link that has no outcome."""


class LinkLine(msgspec.Struct, frozen=True, kw_only=True):
    """A link to connect. `state`: not followed yet, at Intuit, or how it ended; `told` and `next` say that in words."""

    asked_by: str
    asked_at: datetime
    ends_at: datetime
    state: str
    told: str
    next: str


class SignInLine(msgspec.Struct, frozen=True, kw_only=True):
    """The sign-in. `state`: never, living, or why it ended; `signed_in`: whether QuickBooks can be called with it.

    `ends_at`: when a person has to agree again, None where Intuit has not said. `last_link` is the link handed out last.
    """

    state: str
    signed_in: bool
    connected_at: datetime | None
    ends_at: datetime | None
    problem: str
    last_link: LinkLine | None


def sign_in_line(tx: Tx, connection_id: str, now: datetime) -> SignInLine:
    """The sign-in of a connection."""
    chain, link = token_chains.get(tx, connection_id), sign_ins.latest(tx, connection_id)
    return SignInLine(
        state=chain.state.value if chain else "never",
        signed_in=chain is not None and chain.state is ChainState.LIVING,
        connected_at=chain.connected_at if chain else None,
        ends_at=(chain.hard_expires_at or chain.refresh_expires_at) if chain else None,
        problem=chain.problem if chain else "",
        last_link=_link_line(link, now) if link else None,
    )


def _link_line(row: sign_ins.SignInRow, now: datetime) -> LinkLine:
    outcome = Outcome(row.outcome) if row.outcome else None
    if outcome is None and now > row.expires_at:
        outcome = Outcome.EXPIRED
    words = WORDS[outcome] if outcome else None
    return LinkLine(
        asked_by=row.asked_by,
        asked_at=row.created_at,
        ends_at=row.expires_at,
        state=outcome.value if outcome else UNDER_WAY if row.opened_at else WAITS,
        told=f"{words.title}. {words.happened}" if words else "",
        next=words.next if words else "A person who administers the QuickBooks company follows the link and agrees.",
    )
