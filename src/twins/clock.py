"""The twins' own time: it can be stopped, moved and scaled, so that a test of a year takes a moment."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def _system_now() -> datetime:
    return datetime.now(UTC)


class Clock:
    """A clock in UTC. Running, it follows `source` times `scale`; stopped, it moves only when told."""

    def __init__(
        self,
        start: datetime | None = None,
        *,
        running: bool = True,
        scale: float = 1.0,
        source: Callable[[], datetime] = _system_now,
    ) -> None:
        self._source = source
        self._anchor = source()
        self._base = start or self._anchor
        self._running = running
        self._scale = scale

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        if not self._running:
            return self._base
        return self._base + (self._source() - self._anchor) * self._scale

    def _rebase(self) -> None:
        self._base, self._anchor = self.now(), self._source()

    def stop(self) -> None:
        """Hold time still."""
        self._rebase()
        self._running = False

    def run(self, *, scale: float = 1.0) -> None:
        """Let time pass, `scale` times as fast as the source."""
        self._rebase()
        self._running, self._scale = True, scale

    def advance(self, seconds: float) -> None:
        """Move forward at once."""
        self._rebase()
        self._base += timedelta(seconds=seconds)

    def set(self, instant: datetime) -> None:
        """Jump to an instant, also backwards."""
        self._rebase()
        self._base = instant.astimezone(UTC)
