"""When a request may start so that no sliding window ever holds more of them than a vendor allows.

Exact: every window counts, also those that hold starts promised for later. Times are seconds since any one moment.
"""

from collections.abc import Iterable, Sequence

import msgspec


class Window(msgspec.Struct, frozen=True):
    """At most `count` starts within any `seconds`."""

    count: int
    seconds: float

    def leaving_free(self, share: float) -> "Window":
        """The same window for work that leaves a share of it to others, though never less than one start."""
        return Window(max(1, int(self.count * (1 - share))), self.seconds)

    def evened(self) -> "Window":
        """A fifth of the window in a fifth of its time: starts that follow each other evenly, two of ten at once.

        Ten at once and ten more a second later are too many as soon as one of the first travels slowly; evened out, it takes
        several such calls together.
        """
        count = max(1, self.count // 5)
        return Window(count, self.seconds * count / self.count)


def earliest_start(not_before: float, rules: Iterable[tuple[Window, Sequence[float]]]) -> float:
    """The first moment from `not_before` on that suits every window, each given with the starts it counts, in order."""
    given = list(rules)
    start = not_before
    while True:
        moved = start
        for window, starts in given:
            moved = _after(moved, window, starts)
        if moved == start:
            return start
        start = moved


def _after(start: float, window: Window, starts: Sequence[float]) -> float:
    """The first moment from `start` on that suits one window.

    As many starts as the window allows, all within its length, forbid another one from `seconds` before their last until `seconds`
    after their first. These spans move to the right with their groups, so one look at each is enough.
    """
    for first, last in zip(starts, starts[window.count - 1 :], strict=False):
        if last - first < window.seconds and last - window.seconds < start < first + window.seconds:
            start = first + window.seconds
    return start
