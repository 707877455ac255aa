"""What a tenant's API layer remembers of imported data: records, requests and what became of them, errors. No HTTP in here."""

import fnmatch
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from twins.basware.p2p_store import P2PStore
from twins.basware.shelf import Place, Shelf

# Basware P2P specification, enums of ProcessedItem and ConsumerLogEventUserView.
Outcome = Literal["InProgress", "NotProcessed", "Warning", "Success", "Error", "RecordExpired"]
IN_PROGRESS: Outcome = "InProgress"
STATUSES = ("InProgress", "Success", "Error", "AcknowledgedSuccess", "AcknowledgedError")
REQUEST_SUCCESS, REQUEST_ERROR = "Success", "Error"


@dataclass(frozen=True)
class Finding:
    """One thing that P2P has to say about a record."""

    message: str
    type: Literal["Error", "Warning", "RecordExpired"] = "Error"
    category: Literal["DataValidation", "Technical", "Unknown"] = "DataValidation"


@dataclass(eq=False)
class Item:
    """One record of a request on its way into P2P. `entity` is None for what isn't a record, such as a transfer response."""

    external_code: str
    received: datetime
    entity: dict[str, Any] | None = None
    parent: str = ""
    unchanged: bool = False
    outcome: Outcome = IN_PROGRESS
    findings: tuple[Finding, ...] = ()
    newer: "Item | None" = None
    """A later version of the same record that was posted while this one waited."""
    take_in: Callable[..., "list[Finding]"] | None = None
    """What brings the record into P2P, where that isn't simply a row of a table: it is called with the world, the intake, this
    item, what was found so far and the present, and tells all that was found."""


@dataclass(eq=False)
class Submission:
    """One accepted request and what became of its records."""

    request_id: str
    entity_type: str
    version: str
    operation: str
    received: datetime
    visible: datetime
    """From when on its status can be asked for."""
    due: datetime
    """When P2P has processed it."""
    items: list[Item]
    resource: str = ""
    list_key: str = ""
    status: str = IN_PROGRESS
    acknowledged: bool = False
    updated: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.updated = self.received

    @property
    def shown_status(self) -> str:
        """The status as the interface tells it."""
        return f"Acknowledged{self.status}" if self.acknowledged else self.status


@dataclass(eq=False)
class Stored:
    """One record in the API layer. `forwarded` is the version last sent on to P2P, if any was."""

    entity: dict[str, Any]
    updated: datetime
    forwarded: Item | None = None
    patched: datetime | None = None


@dataclass
class Records:
    """One collection of the API layer, by key and in order of change."""

    stored: dict[str, Stored] = field(default_factory=dict)
    shelf: Shelf = field(default_factory=Shelf)

    def put(self, key: str, stored: Stored, group: str = "") -> None:
        """Store a record in place of the one with its key."""
        self.stored[key] = stored
        self.shelf.put(key, stored.updated, group)

    def remove(self, key: str) -> None:
        """Forget a record."""
        del self.stored[key]
        self.shelf.take(key)

    def after(self, place: Place | None, group: str | None = None) -> Iterator[tuple[Place, Stored]]:
        """Records behind a place, in order of change."""
        return ((spot, self.stored[key]) for spot, key in self.shelf.after(place, group))


@dataclass
class ImportFault:
    """Trouble that P2P makes for records on purpose. `external_code` may hold * and ?; `times` is how often, None: for ever."""

    outcome: Literal["Error", "Warning"]
    finding: Finding
    entity_type: str = ""
    external_code: str = "*"
    times: int | None = None

    def strikes(self, entity_type: str, external_code: str) -> bool:
        """Whether this record gets it; counts down."""
        if self.entity_type not in {"", entity_type} or not fnmatch.fnmatchcase(external_code, self.external_code):
            return False
        if self.times is not None:
            if self.times < 1:
                return False
            self.times -= 1
        return True


class Bin(Protocol):
    """Something that records can be deleted from."""

    def delete_one(self, external_code: str) -> int:
        """Delete what belongs to one record, and tell how many entries went."""
        ...

    def delete_since(self, place: Place, until: datetime) -> int:
        """Delete what lies behind a place, up to an instant, and tell how many entries went."""
        ...


@dataclass(eq=False)
class CleanUp:
    """A mass deletion, which takes its time."""

    task_id: str
    name: str
    since: datetime
    started: datetime
    done: datetime
    contents: Bin
    count: int | None = None
    """How many records went; None while it runs."""


@dataclass
class Intake:
    """Everything of one tenant about imported data."""

    layer: dict[str, Records] = field(default_factory=dict)
    p2p: P2PStore = field(default_factory=P2PStore)
    requests: dict[str, Submission] = field(default_factory=dict)
    statuses: Shelf = field(default_factory=Shelf)
    """Request ids, grouped by their status."""
    waiting: list[tuple[datetime, int, str]] = field(default_factory=list)
    """Request ids to be processed, as a heap by when they are due."""
    feedback: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Error feedbacks by their id."""
    feedback_shelf: Shelf = field(default_factory=Shelf)
    faults: list[ImportFault] = field(default_factory=list)
    clean_ups: dict[str, CleanUp] = field(default_factory=dict)
    entered: int = 0
    """How many records people entered by hand."""

    def records(self, name: str) -> Records:
        """A collection of the API layer by name."""
        return self.layer.setdefault(name, Records())
