"""What no job of one connection does, by whatever engine runs: ending the sessions of stopped processes at each look, so that
whoever waits for their locks goes on, and forgetting old webhook calls and old runs.

Every process does it by itself; what one has removed the next does not find.
"""

from datetime import datetime, timedelta

from ml_connector.store import job_runs
from ml_connector.work.engines.workshop import Workshop
from ml_connector.work.webhook_log import forget_old

EVERY = timedelta(hours=6)
RUNS_KEPT = timedelta(days=60)
"""How long the list of runs reaches back."""


class Tidying:
    """Remembers when it was done last in this process."""

    def __init__(self, shop: Workshop) -> None:
        self._shop = shop
        self._done_at: datetime | None = None

    def look(self) -> None:
        """End what stands still; forget what is old, if some hours have passed since the last time.

        Raises DatabaseUnavailableError.
        """
        self._shop.database.end_stopped()
        now = self._shop.clock.now()
        if self._done_at is None or now - self._done_at >= EVERY:
            forget_old(self._shop.database, now, self._shop.webhook_days)
            with self._shop.database.write() as tx:
                job_runs.forget_before(tx, now - RUNS_KEPT)
            self._done_at = now
