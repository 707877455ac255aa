"""What a twin sends on its own: deliveries waiting for their time, the order they keep, repetition, and a log of every attempt.

Nothing is sent from here. `deliver_due` hands what is due to a `Send` function; servers use a `Postman`, tests a function of
their own. Which events there are, what a call looks like and when it is repeated is the vendor's business: see `Office`.
"""

from collections import deque
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from twins.calls import OutgoingRequest, Send, UnreachableError, attempt, is_address
from twins.clock import Clock
from twins.http import Response
from twins.luck import Luck

__all__ = [
    "Attempt",
    "Delivery",
    "Office",
    "Outbox",
    "OutgoingRequest",
    "Send",
    "UnreachableError",
    "attempt",
    "is_address",
]

_ATTEMPTS_KEPT = 10_000
_FINISHED_KEPT = 1_000


@dataclass(frozen=True)
class Delivery:
    """One call to make. `lane` is whose it is: the calls of one lane may have to keep their order.

    `events` are the ids of the events in its body, `due` when the next attempt is made, `attempts` how many failed so far.
    """

    id: str
    lane: str
    body: bytes
    events: tuple[str, ...]
    due: datetime
    attempts: int = 0
    may_be_overtaken: bool = False


@dataclass(frozen=True)
class Attempt:
    """One attempt and what came of it. `status` is None when nobody answered; `next_due` when it won't be repeated."""

    at: datetime
    delivery: str
    lane: str
    url: str
    attempt: int
    status: int | None
    error: str
    accepted: bool
    events: tuple[str, ...]
    next_due: datetime | None


class Office(Protocol):
    """What a vendor decides about the calls it makes."""

    @property
    def in_order(self) -> bool:
        """Whether the later deliveries of a lane wait until the earlier ones are acknowledged."""
        ...

    def ripen(self, now: datetime) -> None:
        """Post whatever has become ready to be sent."""
        ...

    def next_ripe(self) -> datetime | None:
        """When something will become ready to be sent."""
        ...

    def request(self, delivery: Delivery) -> OutgoingRequest | None:
        """The call as it is made now; None when nobody is there to call any more, and the delivery is dropped."""
        ...

    def accepts(self, delivery: Delivery, answer: Response) -> bool:
        """Whether an answer acknowledges the delivery."""
        ...

    def wait_after(self, attempts: int) -> float | None:
        """Seconds until a delivery is repeated that failed so many times; None: never again."""
        ...

    def settled(self, delivery: Delivery, last: Attempt) -> None:
        """A delivery was acknowledged, or given up."""
        ...


class Outbox:
    """The calls of one twin. Its time is the clock's alone."""

    def __init__(self, clock: Clock, office: Office, luck: Luck) -> None:
        self.luck = luck
        """Draws mishaps for events; the office asks it."""
        self._clock = clock
        self._office = office
        self._waiting: dict[str, Delivery] = {}
        self._under_way: dict[str, OutgoingRequest] = {}
        self._finished: deque[tuple[Delivery, Attempt]] = deque(maxlen=_FINISHED_KEPT)
        self._attempts: deque[Attempt] = deque(maxlen=_ATTEMPTS_KEPT)
        self._posted = 0

    def __getstate__(self) -> dict[str, Any]:
        """A stored outbox has nothing under way: what was is sent again."""
        return {**self.__dict__, "_under_way": {}}

    # the office posts

    def post(
        self, lane: str, body: bytes, events: tuple[str, ...], due: datetime, *, may_be_overtaken: bool = False
    ) -> str:
        """Put a call into the queue and return its id."""
        self._posted += 1
        name = f"delivery-{self._posted}"
        self._waiting[name] = Delivery(name, lane, body, events, due, may_be_overtaken=may_be_overtaken)
        return name

    def holds(self, lane: str) -> bool:
        """Whether a lane has a delivery that was not acknowledged yet."""
        return any(delivery.lane == lane for delivery in self._waiting.values())

    def drop(self, lane: str) -> list[Delivery]:
        """Take all deliveries of a lane out of the queue, and return them."""
        dropped = [delivery for delivery in self._waiting.values() if delivery.lane == lane]
        for delivery in dropped:
            del self._waiting[delivery.id]
        return dropped

    # sending

    @property
    def due(self) -> int:
        """How many calls can be made now."""
        self._office.ripen(self._clock.now())
        return len(self._choose())

    @property
    def next_due(self) -> datetime | None:
        """When the next call is due; it lies in the past while one is due already, and is None when nothing waits."""
        ripe = self._office.next_ripe()
        instants = [delivery.due for delivery in self._waiting.values()] + ([ripe] if ripe else [])
        return min(instants, default=None)

    def deliver_due(self, send: Send) -> list[Attempt]:
        """Make every call that is due now, and return what came of it. Events that happen meanwhile wait for the next time."""
        self._office.ripen(self._clock.now())
        limit, made = self._posted, []
        while batch := self._take(limit):
            made += [self.record(delivery, attempt(send, request)) for delivery, request in batch]
        return made

    def collect(self) -> list[tuple[Delivery, OutgoingRequest]]:
        """The calls due now, to be made by somebody else; each must be handed to `record` afterwards."""
        self._office.ripen(self._clock.now())
        return self._take(self._posted)

    def release(self, delivery: Delivery) -> None:
        """Give back a call that was collected and not made."""
        del self._under_way[delivery.id]

    def record(self, delivery: Delivery, answer: Response | UnreachableError) -> Attempt:
        """Note what came of a call: the delivery is settled, or waits for its repetition."""
        now, request = self._clock.now(), self._under_way.pop(delivery.id)
        accepted, error = self._verdict(delivery, answer, request.patience)
        attempts = delivery.attempts + 1
        waiting = delivery.id in self._waiting
        wait = None if accepted or not waiting else self._office.wait_after(attempts)
        noted = Attempt(
            at=now,
            delivery=delivery.id,
            lane=delivery.lane,
            url=request.url,
            attempt=attempts,
            status=answer.status if isinstance(answer, Response) else None,
            error=error,
            accepted=accepted,
            events=delivery.events,
            next_due=None if wait is None else now + timedelta(seconds=wait),
        )
        self._attempts.append(noted)
        if waiting:
            self._conclude(replace(delivery, attempts=attempts, may_be_overtaken=False), noted)
        return noted

    def resend(self, name: str) -> str:
        """Send a delivery again at once, whatever became of it, and return the id of the delivery that carries it now.

        Raises KeyError when there is none of that id.
        """
        now = self._clock.now()
        if name in self._waiting:
            self._waiting[name] = replace(self._waiting[name], due=now)
            return name
        for delivery, _ in self._finished:
            if delivery.id == name:
                return self.post(delivery.lane, delivery.body, delivery.events, now)
        raise KeyError(f"no delivery {name}")

    # looking

    def attempts(
        self,
        *,
        url: str = "",
        event: str = "",
        delivery: str = "",
        status: int | None = None,
        since: datetime | None = None,
    ) -> list[Attempt]:
        """Attempts made, oldest first: to addresses that contain `url`, with an event, of a delivery, with a status, not before."""
        return [
            each
            for each in self._attempts
            if url in each.url
            and (not event or event in each.events)
            and (not delivery or each.delivery == delivery)
            and (status is None or each.status == status)
            and (since is None or each.at >= since)
        ]

    def report(self) -> list[dict[str, Any]]:
        """Every delivery that waits or was settled lately, as plain data."""
        settled = [
            {"state": "delivered" if last.accepted else "failed", **_plain(delivery)}
            for delivery, last in self._finished
        ]
        return settled + [{"state": "waiting", **_plain(delivery)} for delivery in self._waiting.values()]

    def _verdict(self, delivery: Delivery, answer: Response | UnreachableError, patience: float) -> tuple[bool, str]:
        """Whether an answer acknowledges, and if not, why."""
        if isinstance(answer, UnreachableError):
            return False, str(answer)
        if answer.delay > patience:
            return False, f"the answer took {answer.delay:g} s, longer than {patience:g} s"
        accepted = self._office.accepts(delivery, answer)
        return accepted, "" if accepted else f"HTTP {answer.status}"

    def _conclude(self, delivery: Delivery, last: Attempt) -> None:
        if last.next_due is not None:
            self._waiting[delivery.id] = replace(delivery, due=last.next_due)
            return
        del self._waiting[delivery.id]
        self._finished.append((delivery, last))
        self._office.settled(delivery, last)

    def _take(self, limit: int) -> list[tuple[Delivery, OutgoingRequest]]:
        """What can be sent now of the first `limit` deliveries ever posted, marked as under way."""
        taken = []
        for delivery in self._choose(limit):
            request = self._office.request(delivery)
            if request is None:
                del self._waiting[delivery.id]
                continue
            self._under_way[delivery.id] = request
            taken.append((delivery, request))
        return taken

    def _choose(self, limit: int | None = None) -> list[Delivery]:
        now, in_order = self._clock.now(), self._office.in_order
        held: set[str] = set()
        chosen = []
        for delivery in self._waiting.values():
            if limit is not None and _number(delivery) > limit:
                break
            if delivery.id not in self._under_way and delivery.due <= now and delivery.lane not in held:
                chosen.append(delivery)
            elif delivery.may_be_overtaken:
                continue
            if in_order:
                held.add(delivery.lane)
        return chosen


def _number(delivery: Delivery) -> int:
    return int(delivery.id.rpartition("-")[2])


def _plain(delivery: Delivery) -> dict[str, Any]:
    return {name: value for name, value in asdict(delivery).items() if name not in {"body", "may_be_overtaken"}}
