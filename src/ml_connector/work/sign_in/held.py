"""An access token in one process's memory: until when it is fresh, and until when it still serves while renewing has to wait.

Only what was stored is held. Knows nothing of Intuit and of who renews.
"""

from datetime import datetime, timedelta

import msgspec

from ml_connector.work.sign_in import limits
from ml_connector.work.sign_in.keeping import Chain

TRUST = timedelta(seconds=60)
"""How long what was read is believed: by then every process knows that a person connected again, or disconnected."""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """An access token, and how long for what. It never shows: the type does not print its fields."""

    token: str
    renew_at: datetime
    serves_until: datetime
    looked_at: datetime

    def __repr__(self) -> str:
        return f"Held(token='[hidden]', renew_at={self.renew_at.isoformat()})"

    def fresh(self, refused: str, now: datetime) -> bool:
        """Whether it need not be renewed yet. `refused`: the token Intuit just refused, whatever its age."""
        return self.token != refused and now < self.renew_at

    def serves(self, refused: str, now: datetime) -> bool:
        """Whether a call may go out with it, though it is time to renew it."""
        return self.token != refused and now < self.serves_until

    def believed(self, refused: str, now: datetime) -> bool:
        """Whether it may be used without another look at what is stored."""
        return self.fresh(refused, now) and now - self.looked_at < TRUST


def held_of(chain: Chain, connection_id: str, spread: limits.Spread, now: datetime) -> Held | None:
    """The access token of what is stored, None where there is none whose times are known."""
    row, token = chain.row, chain.tokens.access_token
    if row is None or row.refreshed_at is None or row.access_expires_at is None or not token:
        return None
    issued, ends = row.refreshed_at, row.access_expires_at
    share = spread(f"{connection_id} {ends.isoformat()}")
    return Held(
        token=token,
        renew_at=limits.renew_at(issued, ends, share),
        serves_until=limits.serves_until(issued, ends),
        looked_at=now,
    )
