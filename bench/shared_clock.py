"""One clock for several processes: a number in a file that all of them map."""

import mmap
import struct
import threading
from datetime import UTC, datetime
from pathlib import Path

from twins.clock import Clock as TwinClock


class MappedClock:
    """The product's clock in every process. Whoever waits lets the others run and moves nothing."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), 8)
        self._idle = threading.Event()

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return datetime.fromtimestamp(struct.unpack("d", self._memory[:8])[0], UTC)

    def sleep(self, seconds: float) -> None:
        """Wait a moment of real time."""
        self._idle.wait(min(seconds, 1.0) / 200)

    def set(self, instant: datetime) -> None:
        """Move time, for everybody."""
        self._memory[:8] = struct.pack("d", instant.timestamp())


class MovingClock(MappedClock):
    """The same for a process that has nobody beside it to wait for: whoever sleeps moves time."""

    def sleep(self, seconds: float) -> None:
        """Let time pass without waiting for it."""
        if seconds > 0:
            self.set(datetime.fromtimestamp(self.now().timestamp() + seconds, UTC))


class FollowingTwinClock(TwinClock):
    """A twin's clock that shows what the file says."""

    def __init__(self, path: Path) -> None:
        shared = MappedClock(path)
        super().__init__(running=True, source=shared.now)
