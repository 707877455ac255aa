"""Bad luck on demand: a wrapper around any twin that loses, delays, damages or repeats what passes through it.

It knows nothing of either vendor. A rule says which requests it strikes and what happens to them; rules come and go while the
twin runs, count how often they struck, and draw from a seeded generator, so that an unlucky month can be replayed.
"""

import random
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec

from twins.clock import Clock
from twins.http import LostAnswerError, Request, Response, Service

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode


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
    DUPLICATE = "duplicate"
    """A network element delivers the request twice; the client sees the second answer."""
    EXTRA_FIELDS = "extra fields"
    """The right answer with an unknown field in every JSON object."""


class BodyForm(StrEnum):
    """The shape of the body of a STATUS fault."""

    JSON = "json"
    XML = "xml"
    HTML = "html"
    EMPTY = "empty"


@dataclass(frozen=True, kw_only=True)
class FaultRule:
    """Which requests are struck, when, and by what.

    `path` and `host` are regular expressions searched for, `contains` is text looked for in the request's body; empty matches
    all. Of the matching requests the rule strikes from the `nth` on (1 is the first), at most `times` (None: without end), each
    with `probability`, and only for `lasts` seconds of the twin's clock after it was added. `text` replaces the stock body of a
    STATUS fault. `keep` is the part of the body that survives TRUNCATED, between 0 and 1.
    """

    kind: FaultKind
    method: str = ""
    path: str = ""
    host: str = ""
    contains: str = ""
    nth: int = 1
    times: int | None = 1
    probability: float = 1.0
    lasts: float | None = None
    status: int = 500
    body: BodyForm = BodyForm.JSON
    text: str | None = None
    content_type: str = ""
    committed: bool = False
    retry_after: float | None = None
    """Seconds announced in a Retry-After header of a STATUS fault."""
    delay: float = 0.0
    keep: float = 0.5
    field: str = "addedLater"

    def matches(self, request: Request) -> bool:
        """Whether the request is one this rule is about."""
        return (
            (not self.method or request.method == self.method.upper())
            and (not self.path or re.search(self.path, request.path) is not None)
            and (not self.host or re.search(self.host, request.host) is not None)
            and (not self.contains or self.contains.encode() in request.body)
        )


@dataclass
class _Standing:
    """A rule in force and what it has done so far."""

    rule: FaultRule
    ends: datetime | None
    seen: int = 0
    hits: int = 0


class FaultInjector:
    """A service in front of another. With no rule in force it changes nothing."""

    def __init__(self, service: Service, clock: Clock, seed: int = 0) -> None:
        self.service = service
        self._clock = clock
        self._random = random.Random(seed)
        self._standing: dict[str, _Standing] = {}
        self._next = 1

    def add(self, rule: FaultRule) -> str:
        """Put a rule in force and return its id. Raises re.error when a pattern is no regular expression."""
        re.compile(rule.path)
        re.compile(rule.host)
        if rule.nth < 1 or not 0 <= rule.probability <= 1 or not 0 <= rule.keep <= 1:
            raise ValueError("a fault rule needs nth >= 1, probability and keep between 0 and 1")
        name = f"fault-{self._next}"
        self._next += 1
        ends = None if rule.lasts is None else self._clock.now() + timedelta(seconds=rule.lasts)
        self._standing[name] = _Standing(rule, ends)
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
            {"id": name, "seen": standing.seen, "hits": standing.hits, **asdict(standing.rule)}
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
        for standing in self._standing.values():
            rule = standing.rule
            if standing.ends is not None and self._clock.now() >= standing.ends:
                continue
            if not rule.matches(request):
                continue
            standing.seen += 1
            if (
                chosen is not None
                or standing.seen < rule.nth
                or (rule.times is not None and standing.hits >= rule.times)
            ):
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
                return _stock_answer(rule)
            case FaultKind.DUPLICATE:
                self.service.handle(request)
                return self.service.handle(request)
        return _changed(rule, self.service.handle(request))


def _changed(rule: FaultRule, answer: Response) -> Response:
    """The service's answer after a fault that leaves its meaning alone."""
    if rule.kind is FaultKind.SLOW:
        return Response(answer.status, answer.headers, answer.body, answer.delay + rule.delay)
    if rule.kind is FaultKind.TRUNCATED:
        return _with_body(answer, answer.body[: int(len(answer.body) * rule.keep)])
    return _with_body(answer, _with_extra_fields(answer, rule.field))


def _with_body(answer: Response, body: bytes) -> Response:
    headers = {name: value for name, value in answer.headers.items() if name.lower() != "content-length"}
    return Response(answer.status, headers, body, answer.delay)


def _with_extra_fields(answer: Response, field: str) -> bytes:
    """The body with one unknown field in each object; unchanged when it is not JSON."""
    if not answer.body or "json" not in _header(answer.headers, "content-type"):
        return answer.body

    def extended(value: Any) -> Any:
        if isinstance(value, dict):
            return {**{key: extended(inner) for key, inner in value.items()}, field: {"since": "a minor release"}}
        return [extended(inner) for inner in value] if isinstance(value, list) else value

    return _encode(extended(_decode(answer.body)))


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")


_STOCK: dict[BodyForm, tuple[str, str]] = {
    BodyForm.JSON: ("application/json", '{{"message":"Fault {status} injected"}}'),
    BodyForm.XML: ("application/xml", '<?xml version="1.0" encoding="UTF-8"?><Error><Code>{status}</Code></Error>'),
    BodyForm.HTML: ("text/html", "<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"),
    BodyForm.EMPTY: ("", ""),
}


def _stock_answer(rule: FaultRule) -> Response:
    content_type, template = _STOCK[rule.body]
    text = template.format(status=rule.status) if rule.text is None else rule.text
    headers: dict[str, str] = {}
    if rule.content_type or content_type:
        headers["Content-Type"] = rule.content_type or content_type
    if rule.retry_after is not None:
        headers["Retry-After"] = f"{rule.retry_after:g}"
    return Response(rule.status, headers, text.encode())
