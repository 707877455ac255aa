"""The twins' own time: it can be stopped, moved and scaled, so that a test of a year takes a moment."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple


def _system_now() -> datetime:
    return datetime.now(UTC)


class _State(NamedTuple):
    """All of a clock's state, replaced as a whole, so that another thread never reads half a change."""

    base: datetime
    anchor: datetime
    running: bool
    scale: float

    @property
    def untouched(self) -> bool:
        """Whether the clock shows what its source shows: it was never set, moved, stopped or scaled."""
        return self.running and self.scale == 1 and self.base == self.anchor


class Clock:
    """A clock in UTC. Running, it follows `source` times `scale`; stopped, it moves only when told.

    Put away and taken out again (pickled), an untouched clock keeps to its source; any other goes on from the instant at
    which it was put away, so that a story in another time goes on where it stopped.
    """

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

    @property
    def scale(self) -> float:
        """How many times as fast as its source it runs, or would run again."""
        return self._state.scale

    def stop(self) -> None:
        """Hold time still."""
        self._state = _State(self.now(), self._source(), False, self._state.scale)

    def run(self, *, scale: float = 1.0) -> None:
        """Let time pass, `scale` times as fast as the source. Raises ValueError for a scale that is no positive number."""
        if not 0 < scale < float("inf"):
            raise ValueError(f"time runs at a positive scale, not {scale}")
        self._state = _State(self.now(), self._source(), True, scale)

    def advance(self, seconds: float) -> None:
        """Move forward at once."""
        self.set(self.now() + timedelta(seconds=seconds))

    def set(self, instant: datetime) -> None:
        """Jump to an instant, also backwards."""
        self._state = _State(instant.astimezone(UTC), self._source(), self._state.running, self._state.scale)

    def __getstate__(self) -> dict[str, Any]:
        now, state = self.now(), self._state
        return {"source": self._source, "now": None if state.untouched else now, "state": state}

    def __setstate__(self, kept: dict[str, Any]) -> None:
        self._source = kept["source"]
        anchor, state = self._source(), kept["state"]
        self._state = _State(kept["now"] or anchor, anchor, state.running, state.scale)
