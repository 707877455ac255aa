"""Webhooks: which application hears of which change, when it is called, and what happens when it doesn't answer well.

Sources: Intuit's webhooks pages (managing notifications, best practices): any answer but 2xx within three seconds is a failure,
the whole call is repeated after 10, 20, 30 seconds, 5, 20 minutes, 2, 4, 6 hours and then every 6 hours, and later events may be
withheld until it is acknowledged.
"""

import random
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from twins.clock import Clock
from twins.http import Request, Response
from twins.luck import Luck
from twins.outgoing import Attempt, Delivery, Outbox, OutgoingRequest, is_address
from twins.quickbooks.company import Company
from twins.quickbooks.events import Change
from twins.quickbooks.switches import Switches
from twins.quickbooks.webhook_format import (
    OPERATIONS,
    SIGNATURE,
    Event,
    Format,
    announced_name,
    bodies,
    signature,
    source_of,
)

_REPEATED_AFTER = (10, 20, 30, 5 * 60, 20 * 60, 2 * 3_600, 4 * 3_600, 6 * 3_600)
_CONTENT_TYPES: Mapping[str, str] = {"cloudevents": "application/cloudevents+json", "legacy": "application/json"}


class Connections(Protocol):
    """What has to be known of sign-in."""

    def application_of(self, token: str) -> str:
        """The client id an access token was given to; empty when it is unknown."""
        ...

    def connected(self, realm_id: str, client_id: str) -> bool:
        """Whether a company and an application are joined by a consent that still holds."""
        ...


@dataclass(frozen=True)
class WebhookSettings:
    """What an application's owner sets in the developer portal.

    `content_type` empty is the usual one of the format. `entities` None is everything; otherwise the operations (words of
    `Operation`) by entity, an empty list standing for all of them. `window_seconds` is how long events are gathered before a
    call: none in the sandbox; 1, 3 or 5 minutes in production.
    """

    url: str
    verifier_token: str
    format: Format = "cloudevents"
    content_type: Literal["", "application/cloudevents+json", "application/json"] = ""
    entities: dict[str, tuple[str, ...]] | None = None
    window_seconds: Literal[0, 60, 180, 300] = 0

    def __post_init__(self) -> None:
        """Raises ValueError for settings the portal would not take."""
        if not is_address(self.url):
            raise ValueError(f"webhooks need an absolute URL, not {self.url!r}")
        if not self.verifier_token:
            raise ValueError("webhooks need a verifier token")
        for entity, operations in (self.entities or {}).items():
            offered = {operation.value for operation in OPERATIONS.get(entity, ())}
            if not offered:
                raise ValueError(f"there are no notifications about {entity}")
            if refused := set(operations) - offered:
                raise ValueError(f"there is no notification {entity} {', '.join(sorted(refused))}")

    def wants(self, name: str, change: Change) -> bool:
        """Whether a change of the entity announced under this name was asked for."""
        if self.entities is None:
            return True
        return name in self.entities and change.operation.value in (self.entities[name] or (change.operation.value,))


class Webhooks:
    """The notifications of one twin, to every application that set up an address."""

    def __init__(self, clock: Clock, switches: Switches, connections: Connections, *, seed: int = 0) -> None:
        self.outbox = Outbox(clock, self, Luck(switches, seed))
        self._switches = switches
        self._connections = connections
        self._random = random.Random(seed)
        self._settings: dict[str, WebhookSettings] = {}
        self._queues: dict[str, list[Event]] = {}
        self._writer = ""

    # the developer portal

    def configure(self, client_id: str, settings: WebhookSettings) -> None:
        """Set up the address of an application, or change it. What waits already goes to the new one."""
        self._settings[client_id] = settings
        self._queues.setdefault(client_id, [])

    def rotate_verifier(self, client_id: str, token: str) -> None:
        """Sign with another verifier token from now on, repetitions too. Raises KeyError."""
        self._settings[client_id] = replace(self._settings[client_id], verifier_token=token)

    def remove(self, client_id: str) -> None:
        """Take an application's address away; what waits for it is dropped. Raises KeyError."""
        del self._settings[client_id], self._queues[client_id]
        self.outbox.drop(client_id)

    def configured(self) -> dict[str, dict[str, Any]]:
        """The settings by application, without their verifier tokens."""
        return {
            client_id: {name: value for name, value in asdict(settings).items() if name != "verifier_token"}
            for client_id, settings in self._settings.items()
        }

    def deliveries(self) -> list[dict[str, Any]]:
        """Every call that waits or was settled lately; its lane is the application."""
        return self.outbox.report()

    def resend(self, delivery: str) -> str:
        """Make a call again. Raises KeyError."""
        return self.outbox.resend(delivery)

    # the books speak

    def watch(self, company: Company) -> None:
        """Hear of a company's changes from now on."""
        company.listeners.append(self.hear)

    @contextmanager
    def during(self, request: Request) -> Iterator[None]:
        """While a request is worked on, its changes are those of the application that sent it."""
        if self._settings:
            self._writer = self._connections.application_of(request.headers.get("authorization", "").partition(" ")[2])
        try:
            yield
        finally:
            self._writer = ""

    def hear(self, change: Change) -> None:
        """Queue a change for every application that is to hear of it."""
        name = announced_name(change, self._switches) if self._settings else ""
        if not name:
            return
        for client_id, settings in self._settings.items():
            is_echo = client_id == self._writer and not self._switches.webhook_echoes
            if (
                is_echo
                or not settings.wants(name, change)
                or not self._connections.connected(change.realm_id, client_id)
            ):
                continue
            self._queue(client_id, name, change)

    def _queue(self, client_id: str, name: str, change: Change) -> None:
        fate = self.outbox.luck.fate(f"{name} {change.record_id} {change.operation.value}")
        if fate.lost:
            return
        drawn = str(uuid.UUID(int=self._random.getrandbits(128), version=4))
        event = Event(
            id=f"{drawn}-{name}-{change.record_id}" if self._switches.webhook_opaque_ids else drawn,
            change=change,
            ready=change.at + timedelta(seconds=fate.held),
            fraction=f"{self._random.randrange(1000):03d}",
            may_be_overtaken=fate.may_be_overtaken,
        )
        self._queues[client_id].append(event)
        if fate.again_after is not None:
            again = event.ready + timedelta(seconds=fate.again_after)
            self._queues[client_id].append(replace(event, ready=again, may_be_overtaken=True))

    # what the outbox asks

    @property
    def in_order(self) -> bool:
        """Whether a failed call holds up all later ones of its application."""
        return self._switches.webhook_head_of_line_blocking

    def ripen(self, now: datetime) -> None:
        """Make calls of what was gathered long enough, unless an earlier call has to be acknowledged first."""
        for client_id, settings in self._settings.items():
            opens = self._opens(client_id)
            if opens is None or opens > now:
                continue
            ready = [event for instant, event in self._readiness(client_id) if instant <= now]
            # the same event may be there twice, so what stays is told apart by identity
            sent = {id(event) for event in ready}
            self._queues[client_id] = [event for event in self._queues[client_id] if id(event) not in sent]
            for body, ids in bodies(ready, settings.format, source_of(client_id), self._switches):
                self.outbox.post(client_id, body, ids, now)

    def next_ripe(self) -> datetime | None:
        """When the next call is made of gathered events."""
        return min((opens for client_id in self._settings if (opens := self._opens(client_id))), default=None)

    def request(self, delivery: Delivery) -> OutgoingRequest | None:
        """The call, signed with the verifier token as it is now."""
        settings = self._settings.get(delivery.lane)
        if settings is None:
            return None
        headers = (
            ("Content-Type", settings.content_type or _CONTENT_TYPES[settings.format]),
            (SIGNATURE, signature(settings.verifier_token, delivery.body)),
        )
        return OutgoingRequest.to(settings.url, headers, delivery.body, self._switches.webhook_patience_seconds)

    def accepts(self, delivery: Delivery, answer: Response) -> bool:  # noqa: ARG002 - the answer alone decides
        """Any 2xx acknowledges the whole call."""
        return 200 <= answer.status < 300

    def wait_after(self, attempts: int) -> float | None:
        """Intuit's schedule; no end of it is documented."""
        return float(_REPEATED_AFTER[min(attempts, len(_REPEATED_AFTER)) - 1])

    def settled(self, delivery: Delivery, last: Attempt) -> None:
        """Nothing else depends on it."""

    def _opens(self, client_id: str) -> datetime | None:
        """When the events gathered for an application are sent; None while there are none or an earlier call blocks them."""
        if not self._queues[client_id] or (self.in_order and self.outbox.holds(client_id)):
            return None
        first = min(instant for instant, _ in self._readiness(client_id))
        return first + timedelta(seconds=self._settings[client_id].window_seconds)

    def _readiness(self, client_id: str) -> Iterator[tuple[datetime, Event]]:
        """Each event gathered for an application with the instant from which it may go, behind those it may not overtake."""
        gate: datetime | None = None
        for event in self._queues[client_id]:
            instant = max(gate, event.ready) if gate and self.in_order else event.ready
            if not event.may_be_overtaken:
                gate = instant
            yield instant, event
