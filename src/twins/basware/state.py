"""What the twin remembers: tenants, their documents and where each stands. No HTTP in here.

A document's place in the life cycle changes only through `Tenant.move`, which keeps the index behind the filtered lists right.
"""

import heapq
import random
from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from twins.basware.extracts.shelf import Extracts
from twins.basware.intake import Intake
from twins.basware.network.mailbox import Mailbox
from twins.basware.notices import Notice
from twins.basware.switches import Switches
from twins.basware.values import parse_instant, stamp, to_moment
from twins.clock import Clock
from twins.http import Response

WAITING, IN_PROGRESS, TRANSFERRED, FAILED, PAID = (
    "WaitingForTransfer",
    "TransferInProgress",
    "Transferred",
    "TransferFailed",
    "Paid",
)

# Basware P2P specification, enum of the ProcessingStatus filter.
STATUSES = frozenset(
    {
        "WaitingForPrebook",
        "PrebookInProgress",
        "Prebooked",
        "PrebookFailed",
        "WaitingForTransfer",
        "TransferInProgress",
        "Transferred",
        "TransferFailed",
        "WaitingForPrebookCancelation",
        "PrebookCancelationInProgress",
        "PrebookCanceled",
        "PrebookCancelFailed",
        "WaitingToBeRemoved",
        "Removed",
        "RemoveFailed",
        "WaitingToBeReturned",
        "Returned",
        "ReturnFailed",
        "WaitingToBeCompleted",
        "CompletionInProgress",
        "Completed",
        "CompletionFailed",
        "Paid",
        "New",
        "WaitingForEnrichmentTransfer",
        "EnrichmentTransferInProgress",
        "EnrichmentTransferred",
        "EnrichmentTransferFailed",
        "InDocumentFilter",
        "DocumentFilterReleased",
    }
)

RESPONSES_KEPT = 100  # Basware P2P specification, notes of transferResponses and paymentResponses
RESPONSE_LISTS = ("transferResponses", "paymentResponses", "prebookResponses", "enrichmentResponses")

Place = tuple[datetime, int]
"""A document's place in every list: when it was last updated, then when it was first seen."""


@dataclass(frozen=True)
class Waiting:
    """An answer that waits at a download address."""

    answer: Response
    expires: datetime


@dataclass(frozen=True)
class File:
    """The bytes behind an attachment."""

    filename: str
    content_type: str
    content: bytes


@dataclass
class Record:
    """One accounting document: what Basware shows of it (`entity`), and what only Basware knows."""

    sequence: int
    entity: dict[str, Any]
    updated: datetime
    files: dict[str, File] = field(default_factory=dict)
    transfer: int = 1
    """How many times the document was released for transfer."""
    acknowledged: datetime | None = None
    acknowledging_until: datetime | None = None
    """Until when an acknowledgement is under way, so that a response would race it."""
    answers: list[dict[str, Any]] = field(default_factory=list)
    """Every transfer response ever taken, with the transfer it belongs to and when it came."""
    codes: set[str] = field(default_factory=set)
    """External codes of all responses ever taken."""
    log: list[str] = field(default_factory=list)
    """The invoice's action log, as its AP team reads it."""
    text: bytes | None = None
    """What is sent in place of the entity's JSON, for a document damaged on purpose."""
    done_before: bool = False
    """Seeded as transferred or paid, so that no answer is expected."""

    @property
    def invoice_id(self) -> str:
        """The document's identity, stable across transfers."""
        return str(self.entity["invoiceId"])

    @property
    def status(self) -> str:
        """The processing status."""
        return str(self.entity["processingStatus"])

    @property
    def place(self) -> Place:
        """Where the document stands in a list."""
        return (self.updated, self.sequence)

    def successes(self) -> int:
        """How many successful transfer responses the present transfer has."""
        return sum(1 for answer in self.answers if answer["transfer"] == self.transfer and answer["success"])


# Basware push notification specification, taskSubType: what is announced of accounting documents.
ANNOUNCED = frozenset(
    {
        "WaitingForPrebook",
        WAITING,
        "WaitingForPrebookCancelation",
        "WaitingToBeRemoved",
        "WaitingToBeReturned",
        "WaitingToBeCompleted",
    }
)


def nobody(_: Notice) -> None:
    """Who listens to a tenant that is being set up."""


@dataclass
class Tenant:
    """One customer's Basware tenant: credentials, documents and imported data."""

    client_id: str
    client_secret: str
    user: str
    password: str
    bwcid: str
    scopes: frozenset[str]
    records: dict[str, Record] = field(default_factory=dict)
    intake: Intake = field(default_factory=Intake)
    """Imported data, requests and what became of them."""
    extracts: Extracts = field(default_factory=Extracts)
    network: Mailbox = field(default_factory=Mailbox)
    announce: Callable[[Notice], None] = nobody
    """Told of every document that comes to wait for something."""
    _lists: dict[str, list[tuple[datetime, int, str]]] = field(default_factory=dict)
    _waiting_for_answer: list[tuple[datetime, int, str]] = field(default_factory=list)
    _sequence: int = 0

    @property
    def companies(self) -> list[dict[str, Any]]:
        """The companies of P2P's organization, as the interface shows them."""
        shown = self.intake.records("companies").stored
        return [shown[code].entity for code in self.intake.p2p.units if code in shown]

    def add(self, entity: dict[str, Any], updated: datetime) -> Record:
        """Take a document in. Raises ValueError when it lacks what the twin itself needs or its id is taken."""
        invoice_id, status = entity.get("invoiceId"), entity.get("processingStatus")
        if not isinstance(invoice_id, str) or not invoice_id:
            raise ValueError("an accounting document needs an invoiceId")
        if status not in STATUSES:
            raise ValueError(f"accounting document {invoice_id}: processingStatus {status!r} is not one of Basware's")
        if invoice_id in self.records:
            raise ValueError(f"accounting document {invoice_id} is there already")
        self._sequence += 1
        updated = to_moment(updated)
        entity = {**entity, "lastUpdated": stamp(updated)}
        for name in RESPONSE_LISTS:
            entity[name] = list(entity.get(name) or ())
        record = Record(self._sequence, entity, updated, done_before=status in {TRANSFERRED, PAID})
        record.codes = {row["externalCode"] for name in RESPONSE_LISTS for row in entity[name]}
        self.records[invoice_id] = record
        self._enlist(record)
        if status == IN_PROGRESS:
            self._expect_answer(record, updated)
        self._tell(record)
        return record

    def move(self, record: Record, status: str, now: datetime) -> None:
        """Change a document's status (or only touch it), as the API layer does: lastUpdated becomes now."""
        before, now = record.status, to_moment(now)
        members = self._lists[before]
        del members[bisect_left(members, (*record.place, record.invoice_id))]
        record.entity["processingStatus"] = status
        record.entity["lastUpdated"] = stamp(now)
        record.updated = now
        self._enlist(record)
        if status == IN_PROGRESS and before != IN_PROGRESS:
            self._expect_answer(record, now)
        if status != before:
            self._tell(record)

    def drop(self, record: Record) -> None:
        """Forget a document, as a clean-up of the API layer does."""
        members = self._lists[record.status]
        del members[bisect_left(members, (*record.place, record.invoice_id))]
        del self.records[record.invoice_id]

    def after(self, status: str, place: Place | None) -> Iterator[Record]:
        """Documents of a status ("" for all) behind a place, in list order."""
        everything = (member for some in self._lists.values() for member in some)
        members = self._lists.get(status, []) if status else sorted(everything)
        start = 0 if place is None else bisect_right(members, place, key=lambda member: member[:2])
        for index in range(start, len(members)):
            yield self.records[members[index][2]]

    def recover(self, now: datetime, window: float | None) -> None:
        """Basware's Transfer Recovery job: what was acknowledged and not answered within the window has failed, wordlessly."""
        if window is None:
            return
        while self._waiting_for_answer and now - self._waiting_for_answer[0][0] > timedelta(seconds=window):
            since, _, invoice_id = heapq.heappop(self._waiting_for_answer)
            record = self.records.get(invoice_id)
            if record is not None and record.status == IN_PROGRESS and record.acknowledged == since:
                record.log.append("Transfer Recovery: no answer came, the transfer counts as failed")
                self.move(record, FAILED, now)

    def index_errors(self) -> list[str]:
        """Documents whose list doesn't agree with their status; empty unless the twin itself is wrong."""
        listed = {(status, member[2]) for status, members in self._lists.items() for member in members}
        actual = {(record.status, record.invoice_id) for record in self.records.values()}
        return [f"{invoice_id}: {status} in one of list and document only" for status, invoice_id in listed ^ actual]

    def _enlist(self, record: Record) -> None:
        insort(self._lists.setdefault(record.status, []), (*record.place, record.invoice_id))

    def _tell(self, record: Record) -> None:
        if record.status in ANNOUNCED:
            self.announce(Notice(self.client_id, "AccountingDocuments", record.status, record.invoice_id))

    def _expect_answer(self, record: Record, since: datetime) -> None:
        record.acknowledged = since
        heapq.heappush(self._waiting_for_answer, (since, record.sequence, record.invoice_id))


@dataclass
class World:
    """Everything one twin holds."""

    clock: Clock
    switches: Switches
    source: random.Random
    secret: bytes
    issuer: str = "https://api.basware.com"
    """What tokens name as their issuer (Basware authentication specification, for Europe)."""
    tenants: dict[str, Tenant] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    downloads: dict[str, Waiting] = field(default_factory=dict)
    """Answers behind pre-signed addresses, by path, oldest first."""
    listeners: list[Callable[[Notice], None]] = field(default_factory=list)
    chores: list[Callable[["World", datetime], None]] = field(default_factory=list)
    """What the passage of time does besides; called before every request."""

    def announce(self, notice: Notice) -> None:
        """Tell everybody who listens."""
        for listener in self.listeners:
            listener(notice)

    def recover(self) -> None:
        """Let the passage of time do its work."""
        now = self.clock.now()
        for tenant in self.tenants.values():
            tenant.recover(now, self.switches.recovery_seconds)
        for chore in self.chores:
            chore(self, now)

    def find(self, invoice_id: str) -> tuple[Tenant, Record]:
        """A document by its id in whichever tenant has it. Raises KeyError."""
        for tenant in self.tenants.values():
            if invoice_id in tenant.records:
                return tenant, tenant.records[invoice_id]
        raise KeyError(f"no accounting document {invoice_id}")


def seeded_instant(entity: dict[str, Any], otherwise: datetime) -> datetime:
    """The lastUpdated of a seeded document, or the present for one without."""
    value = entity.get("lastUpdated")
    return parse_instant(value) if isinstance(value, str) and value else otherwise
