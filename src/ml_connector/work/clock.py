"""The system's clock: the only place of the product that reads real time or waits for it."""

import time
from datetime import UTC, datetime


class SystemClock:
    """Real time, in UTC."""

    def now(self) -> datetime:
        """The present instant."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait this long."""
        if seconds > 0:
            time.sleep(seconds)
