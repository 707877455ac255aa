"""Bad luck on demand: a wrapper around any twin that loses, delays, damages or repeats what passes through it.

It knows nothing of either vendor but the manners it is given. A rule says which requests it strikes and what happens to them;
rules come and go while the twin runs, count how often they struck, and draw from a seeded generator, so that an unlucky month
can be replayed.
"""

import random
import re
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from twins import damage
from twins.clock import Clock
from twins.damage import BodyForm
from twins.http import LostAnswerError, Request, Response, Service
from twins.manners import Manners, PlainManners

__all__ = ["BodyForm", "FaultInjector", "FaultKind", "FaultRule"]


class FaultKind(StrEnum):
    """What happens to a struck request."""

    LOST_BEFORE = "lost before"
    """The connection is cut before the service did its work."""
    LOST_AFTER = "lost after"
    """The service did its work, then the connection is cut."""
    STATUS = "status"
    """Another answer takes the place of the service's; the work is done only if the rule says `committed`."""
    SLOW = "slow"
    """The right answer, `delay` seconds late. Longer than the client's patience, this is a time-out with the work done."""
    TRUNCATED = "truncated"
    """The right answer with only the first part of its body (a whole HTTP message, so that only a parser notices)."""
    BROKEN_OFF = "broken off"
    """The right answer, and the connection is cut in the middle of its body: less arrives than was announced."""
    DUPLICATE = "duplicate"
    """A network element delivers the request twice; the client sees the second answer."""
    EXTRA_FIELDS = "extra fields"
    """The right answer with an unknown field in every JSON object."""
    UNKNOWN_VALUES = "unknown values"
    """The right answer with a value nobody knows in every field that holds one of a list of values."""
    MISSING_FIELDS = "missing fields"
    """The right answer without some fields: those of `fields`, or all that are null."""


@dataclass(frozen=True, kw_only=True)
class FaultRule:
    """Which requests are struck, when, and by what.

    Of the requests it is about, the rule strikes the `nth` and from there every `every`th, at most `times`, each with
    `probability`, and only within its period, which begins `after` seconds of the twin's clock from now and `lasts`.
    """

    kind: FaultKind
    """What happens to a struck request."""
    method: str = ""
    """Only requests of this HTTP method."""
    path: str = ""
    """Only paths in which this regular expression is found."""
    host: str = ""
    """Only hosts in which this regular expression is found."""
    contains: str = ""
    """Only requests with this text in the body."""
    operation: str = ""
    """Only operations of this name, in which * stands for anything: bill.create, *.read."""
    nth: int = 1
    """The first matching request that is struck; 1 is the next."""
    every: int = 1
    """From there on every so many matching requests; 1 is each."""
    times: int | None = 1
    """How many requests are struck at most; null: without end."""
    probability: float = 1.0
    """The chance of each to be struck, drawn from the seed."""
    after: float = 0.0
    """Seconds of the twin's clock until the period begins."""
    lasts: float | None = None
    """Seconds of the twin's clock that the period lasts; null: without end."""
    status: int = 0
    """The HTTP status of a false answer; 0: 500, or the error's own."""
    body: BodyForm = BodyForm.JSON
    """The shape of a false answer's body."""
    error: str = ""
    """A false answer as the vendor words it, by the error's name; it stands before `body` and `text`."""
    text: str | None = None
    """A body of your own for a false answer."""
    content_type: str = ""
    """The media type of a false answer, instead of the form's own."""
    committed: bool = False
    """Whether the service does its work before the false answer."""
    retry_after: float | None = None
    """Seconds announced in a Retry-After header of a false answer; null: no such header."""
    delay: float = 0.0
    """How many seconds late a slow answer is."""
    keep: float = 0.5
    """The part of the body that arrives truncated or before it is broken off, from 0 to 1."""
    field: str = "addedLater"
    """The name of an extra field."""
    fields: tuple[str, ...] = ()
    """The fields that get unknown values (none: all that hold listed values), or that are missing (none: all that are null)."""
    value: str = "AddedLater"
    """The value nobody knows."""

    def matches(self, request: Request, operation: str) -> bool:
        """Whether the request is one this rule is about."""
        return (
            (not self.method or request.method == self.method.upper())
            and (not self.path or re.search(self.path, request.path) is not None)
            and (not self.host or re.search(self.host, request.host) is not None)
            and (not self.contains or self.contains.encode() in request.body)
            and (not self.operation or fnmatchcase(operation.lower(), self.operation.lower()))
        )


@dataclass
class _Standing:
    """A rule in force and what it has done so far."""

    rule: FaultRule
    begins: datetime
    ends: datetime | None
    seen: int = 0
    hits: int = 0

    def due(self) -> bool:
        """Whether the request counted last is one to strike, chance aside."""
        rule = self.rule
        late_enough = self.seen >= rule.nth and (self.seen - rule.nth) % rule.every == 0
        return late_enough and (rule.times is None or self.hits < rule.times)


class FaultInjector:
    """A service in front of another. With no rule in force it changes nothing."""

    def __init__(self, service: Service, clock: Clock, seed: int = 0, manners: Manners | None = None) -> None:
        self.service = service
        self.manners = manners or PlainManners()
        self._clock = clock
        self._random = random.Random(seed)
        self._ids = random.Random(seed)
        self._standing: dict[str, _Standing] = {}
        self._next = 1

    def add(self, rule: FaultRule) -> str:
        """Put a rule in force and return its id. Raises re.error for a bad pattern, ValueError for an impossible rule."""
        re.compile(rule.path)
        re.compile(rule.host)
        if rule.nth < 1 or rule.every < 1 or not 0 <= rule.probability <= 1 or not 0 <= rule.keep <= 1:
            raise ValueError("a fault rule needs nth and every >= 1, probability and keep between 0 and 1")
        if rule.error and rule.error not in self.manners.errors():
            known = ", ".join(self.manners.errors()) or "none"
            raise ValueError(f"a fault rule names the error {rule.error}, which is not one of the service's: {known}")
        if not (rule.status == 0 or 100 <= rule.status <= 599):
            raise ValueError(f"a fault rule answers with a status from 100 to 599, not {rule.status}")
        name = f"fault-{self._next}"
        self._next += 1
        begins = self._clock.now() + timedelta(seconds=rule.after)
        ends = None if rule.lasts is None else begins + timedelta(seconds=rule.lasts)
        self._standing[name] = _Standing(rule, begins, ends)
        return name

    def remove(self, name: str) -> None:
        """Take a rule out of force. Raises KeyError when there is none of that id."""
        del self._standing[name]

    def clear(self) -> None:
        """Take all rules out of force."""
        self._standing.clear()

    def hits(self, name: str) -> int:
        """How many requests a rule has struck. Raises KeyError when there is none of that id."""
        return self._standing[name].hits

    def report(self) -> list[dict[str, Any]]:
        """Every rule in force with its id, how many requests it matched and how many it struck."""
        return [
            {"id": name, "seen": standing.seen, "hits": standing.hits, "ends": standing.ends, **asdict(standing.rule)}
            for name, standing in self._standing.items()
        ]

    def handle(self, request: Request) -> Response:
        """Answer a request through the service, or strike it. Raises LostAnswerError when the connection is cut."""
        rule = self._strike(request) if self._standing else None
        if rule is None:
            return self.service.handle(request)
        return self._apply(rule, request)

    def _strike(self, request: Request) -> FaultRule | None:
        """The first rule that is due for this request. Every rule in force counts the requests it is about."""
        chosen: FaultRule | None = None
        now, operation = self._clock.now(), self.manners.operation(request)
        for standing in self._standing.values():
            rule = standing.rule
            if now < standing.begins or (standing.ends is not None and now >= standing.ends):
                continue
            if not rule.matches(request, operation):
                continue
            standing.seen += 1
            if chosen is not None or not standing.due():
                continue
            if rule.probability < 1 and self._random.random() >= rule.probability:
                continue
            standing.hits += 1
            chosen = rule
        return chosen

    def _apply(self, rule: FaultRule, request: Request) -> Response:
        match rule.kind:
            case FaultKind.LOST_BEFORE:
                raise LostAnswerError(committed=False)
            case FaultKind.LOST_AFTER:
                self.service.handle(request)
                raise LostAnswerError(committed=True)
            case FaultKind.STATUS:
                if rule.committed:
                    self.service.handle(request)
                return self._false_answer(rule)
            case FaultKind.DUPLICATE:
                self.service.handle(request)
                return self.service.handle(request)
        return self._changed(rule, self.service.handle(request))

    def _changed(self, rule: FaultRule, answer: Response) -> Response:
        """The service's answer after a fault that leaves its work alone."""
        match rule.kind:
            case FaultKind.SLOW:
                return damage.late(answer, rule.delay)
            case FaultKind.TRUNCATED:
                return damage.truncated(answer, rule.keep)
            case FaultKind.BROKEN_OFF:
                return damage.broken_off(answer, rule.keep)
            case FaultKind.UNKNOWN_VALUES:
                fields = frozenset(rule.fields) or self.manners.enumerations()
                return damage.with_unknown_values(answer, fields, rule.value)
            case FaultKind.MISSING_FIELDS:
                return damage.without_fields(answer, frozenset(rule.fields))
        return damage.with_extra_fields(answer, rule.field)

    def _false_answer(self, rule: FaultRule) -> Response:
        if rule.error:
            request_id = str(uuid.UUID(int=self._ids.getrandbits(128), version=4))
            error = self.manners.error(rule.error, self._clock.now(), request_id)
            return damage.vendor_answer(error, status=rule.status, retry_after=rule.retry_after)
        return damage.stock_answer(
            rule.status or 500,
            rule.body,
            text=rule.text,
            content_type=rule.content_type,
            retry_after=rule.retry_after,
        )
