"""The showcase's story as running twins tell it: a process of theirs that plays chapters, and a clock of ours that keeps step.

The twins are reached through their command line only.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import IO, Any

from ml_connector.demonstration.showcase import Chapter
from ml_connector.demonstration.stage import StageError
from ml_connector.work.clock import SystemClock


class MovedClock(SystemClock):
    """Real time, some weeks earlier: it goes on by itself, and is moved forward while the story is told."""

    def __init__(self, behind: timedelta) -> None:
        self._behind = behind

    @property
    def behind(self) -> timedelta:
        """By how much it is behind real time."""
        return self._behind

    def now(self) -> datetime:
        """The present instant of the story, in UTC."""
        return super().now() - self._behind

    def advance(self, seconds: float) -> None:
        """Move forward."""
        self._behind -= timedelta(seconds=seconds)


class Told:
    """The story of twins that run. Raises StageError when it breaks off."""

    def __init__(self, asks: IO[str], answers: IO[str], clock: MovedClock) -> None:
        self._asks, self._answers, self._clock = asks, answers, clock
        self.chapters: Sequence[Chapter] = [Chapter(one["name"], one["after"]) for one in self._answer("its chapters")]

    def play(self, chapter: str) -> None:
        """Have people do what they do in a chapter."""
        self._ask(chapter)

    def advance(self, seconds: float) -> None:
        """Move time on both sides."""
        if seconds > 0:
            self._clock.advance(seconds)
            self._ask(f"advance {seconds}")

    def catch_up(self) -> None:
        """Move time on both sides to the real present, where the story ends."""
        self._clock.advance(self._clock.behind.total_seconds())
        there = datetime.fromisoformat(self._ask("advance 0")["now"])
        self._ask(f"advance {(self._clock.now() - there).total_seconds()}")

    def _ask(self, line: str) -> Any:
        self._asks.write(f"{line}\n")
        self._asks.flush()
        return self._answer(line)

    def _answer(self, what: str) -> Any:
        line = self._answers.readline()
        if not line:
            raise StageError(f"The twins' story broke off at {what!r}. What went wrong is written above.")
        return json.loads(line)


@contextmanager
def telling(url: str, clock: MovedClock) -> Iterator[Told]:
    """The story on the twins of which one listens there, until the end of the block. Raises StageError."""
    with subprocess.Popen(
        [sys.executable, "-m", "twins", "story"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TWINS": url},
    ) as process:
        assert process.stdin is not None  # noqa: S101  both are pipes
        assert process.stdout is not None  # noqa: S101
        try:
            yield Told(process.stdin, process.stdout, clock)
        finally:
            process.stdin.close()
