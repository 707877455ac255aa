"""Forgetting old webhook calls, by whatever engine runs: they belong to no one connection, so no job of one does it.

Every process does it by itself; what one has removed the next does not find.
"""

from datetime import datetime, timedelta

from ml_connector.work.engines.workshop import Workshop
from ml_connector.work.webhook_log import forget_old

EVERY = timedelta(hours=6)


class Tidying:
    """Remembers when it was done last in this process."""

    def __init__(self, shop: Workshop) -> None:
        self._shop = shop
        self._done_at: datetime | None = None

    def look(self) -> None:
        """Forget what is old, if some hours have passed since the last time. Raises DatabaseUnavailableError."""
        now = self._shop.clock.now()
        if self._done_at is None or now - self._done_at >= EVERY:
            forget_old(self._shop.database, now, self._shop.webhook_days)
            self._done_at = now
