"""Bad luck for what a twin sends on its own: events that get lost, come twice, come late or are overtaken by later ones.

It knows nothing of either vendor. Luck is drawn once for each event when it happens: percentages from a seeded generator, and
explicit rules for a certain event. `faults` does the same for the requests a twin receives.
"""

import random
import re
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Protocol


class Mishap(StrEnum):
    """What happens to an event on its way out."""

    LOST = "lost"
    """It is never sent, and nobody notices."""
    DUPLICATE = "duplicate"
    """It is sent again `seconds` later, although it was acknowledged."""
    OVERTAKEN = "overtaken"
    """It is held back for `seconds`, and later events are sent before it."""
    DELAYED = "delayed"
    """It is held back for `seconds`, and later events wait behind it where deliveries keep their order."""


class Chances(Protocol):
    """How often each mishap strikes, in per cent of all events; a twin's switches have these fields."""

    outgoing_lost: float
    outgoing_duplicates: float
    outgoing_overtaken: float
    outgoing_delayed: float
    outgoing_seconds: float


@dataclass(frozen=True, kw_only=True)
class LuckRule:
    """Which events are struck, and by what.

    `about` is a regular expression searched for in the event's description (`Bill 145 Update`, or
    `AccountingDocuments WaitingForTransfer inv1`); empty: every event. Of these the rule strikes from the `nth` on (1 is the
    first), at most `times` (None: without end).
    """

    kind: Mishap
    about: str = ""
    nth: int = 1
    times: int | None = 1
    seconds: float = 60.0


@dataclass(frozen=True)
class Fate:
    """What luck has in store for one event. `held` and `again_after` are seconds; None: it is not sent a second time."""

    lost: bool = False
    held: float = 0.0
    may_be_overtaken: bool = False
    again_after: float | None = None


@dataclass
class _Standing:
    """A rule in force and what it has done so far."""

    rule: LuckRule
    seen: int = 0
    hits: int = 0

    def strikes(self, about: str) -> bool:
        """Whether the rule is due for this event; every event it is about counts."""
        rule = self.rule
        if rule.about and re.search(rule.about, about) is None:
            return False
        self.seen += 1
        struck = self.seen >= rule.nth and (rule.times is None or self.hits < rule.times)
        self.hits += struck
        return struck


class Luck:
    """Draws the fate of events. With no rule and all chances at zero, everything goes well."""

    def __init__(self, chances: Chances, seed: int = 0) -> None:
        self._chances = chances
        self._random = random.Random(seed)
        self._standing: dict[str, _Standing] = {}
        self._next = 1

    def add(self, rule: LuckRule) -> str:
        """Put a rule in force and return its id. Raises re.error when the pattern is no regular expression."""
        re.compile(rule.about)
        if rule.nth < 1 or rule.seconds <= 0:
            raise ValueError("a luck rule needs nth >= 1 and seconds above 0")
        name = f"luck-{self._next}"
        self._next += 1
        self._standing[name] = _Standing(rule)
        return name

    def remove(self, name: str) -> None:
        """Take a rule out of force. Raises KeyError when there is none of that id."""
        del self._standing[name]

    def clear(self) -> None:
        """Take all rules out of force; percentages stay."""
        self._standing.clear()

    def seed(self, seed: int) -> None:
        """Draw from this seed from now on."""
        self._random.seed(seed)

    def report(self) -> list[dict[str, Any]]:
        """Every rule in force with its id, how many events it was about and how many it struck."""
        return [
            {"id": name, "seen": standing.seen, "hits": standing.hits, **asdict(standing.rule)}
            for name, standing in self._standing.items()
        ]

    def fate(self, about: str) -> Fate:
        """The fate of the event described."""
        struck = {
            standing.rule.kind: standing.rule.seconds for standing in self._standing.values() if standing.strikes(about)
        }
        chances = self._chances
        for kind, percent in (
            (Mishap.LOST, chances.outgoing_lost),
            (Mishap.DUPLICATE, chances.outgoing_duplicates),
            (Mishap.OVERTAKEN, chances.outgoing_overtaken),
            (Mishap.DELAYED, chances.outgoing_delayed),
        ):
            if percent and self._random.random() * 100 < percent:
                struck.setdefault(kind, chances.outgoing_seconds)
        return Fate(
            lost=Mishap.LOST in struck,
            held=max(struck.get(Mishap.OVERTAKEN, 0.0), struck.get(Mishap.DELAYED, 0.0)),
            may_be_overtaken=Mishap.OVERTAKEN in struck,
            again_after=struck.get(Mishap.DUPLICATE),
        )
