"""The twins' own time: it can be stopped, moved and scaled, so that a test of a year takes a moment."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple


def _system_now() -> datetime:
    return datetime.now(UTC)


class _State(NamedTuple):
    """All of a clock's state, replaced as a whole, so that another thread never reads half a change."""

    base: datetime
    anchor: datetime
    running: bool
    scale: float


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
        anchor = source()
        self._state = _State(start or anchor, anchor, running, scale)

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        state = self._state
        if not state.running:
            return state.base
        return state.base + (self._source() - state.anchor) * state.scale

    @property
    def running(self) -> bool:
        """Whether time passes by itself."""
        return self._state.running

    def stop(self) -> None:
        """Hold time still."""
        self._state = _State(self.now(), self._source(), False, self._state.scale)

    def run(self, *, scale: float = 1.0) -> None:
        """Let time pass, `scale` times as fast as the source."""
        self._state = _State(self.now(), self._source(), True, scale)

    def advance(self, seconds: float) -> None:
        """Move forward at once."""
        self.set(self.now() + timedelta(seconds=seconds))

    def set(self, instant: datetime) -> None:
        """Jump to an instant, also backwards."""
        self._state = _State(instant.astimezone(UTC), self._source(), self._state.running, self._state.scale)
