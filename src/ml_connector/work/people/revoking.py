"""Tokens that work no more: one, or all of a person, and with each those that programs asked for with it, whosever those are.

Nothing here judges who may do that.
"""

from collections.abc import Sequence
from datetime import datetime

from ml_connector.store import people, ways_in
from ml_connector.store.database import Tx
from ml_connector.store.ways_in import TokenRow


def revoke_with_offspring(tx: Tx, rows: Sequence[TokenRow], *, by: str, now: datetime) -> int:
    """Let tokens work no more, and those that were asked for with them; how many worked until now. Each leaves an entry."""
    number, due = 0, list(rows)
    while due:
        number += sum(_revoke(tx, one, by, now) for one in due)
        due = ways_in.made_with(tx, [one.id for one in due])
    return number


def revoke_all(tx: Tx, person_id: str, *, by: str, now: datetime) -> int:
    """Let all tokens of a person work no more; how many worked until now, those that were asked for with them included."""
    working = [one for one in ways_in.tokens(tx, person_id) if one.revoked_at is None and one.expires_at > now]
    return revoke_with_offspring(tx, working, by=by, now=now)


def _revoke(tx: Tx, row: TokenRow, by: str, now: datetime) -> bool:
    owner = people.by_id(tx, row.person_id)
    revoked = ways_in.revoke_token(tx, row.id, now, by)
    if revoked:
        people.note(
            tx, at=now, actor=by, action="token revoked", subject=owner.login if owner else "",
            detail=f"{row.shown}… {row.name}",
        )  # fmt: skip
    return revoked
