"""What a rule needs while one write is worked on: the company, the switches, the time, and how references are resolved."""

from dataclasses import dataclass, field
from datetime import datetime

from twins.quickbooks.catalogue import ENTITIES
from twins.quickbooks.company import Company
from twins.quickbooks.events import Change, Operation
from twins.quickbooks.faults import FaultError, inactive, missing, refusal
from twins.quickbooks.switches import Switches
from twins.quickbooks.values import Json, pacific


@dataclass
class Context:
    """One write in one company.

    `hidden` are records made earlier in the same batch, which later items cannot refer to. `lenient` is for books being
    set up: history may refer to what is inactive by now and lie in closed periods.
    """

    company: Company
    switches: Switches
    now: datetime
    allow_duplicate_numbers: bool = False
    hidden: set[tuple[str, str]] = field(default_factory=set)
    lenient: bool = False
    by_hand: bool = False
    """Whether a person does this on screen, where a vendor's currency can be chosen."""
    auto_numbers: bool = False
    """Whether the request asks for a number where it brings none (journal entries)."""
    also: list[tuple[str, Json]] = field(default_factory=list)
    """Records the service makes together with the one that is written, by entity: accounts and currencies it needs."""
    supplied: frozenset[str] = frozenset()
    """The properties the request itself carried."""
    address: str = ""
    """Where the caller reached the service, for links to it."""

    @property
    def today(self) -> str:
        """The server's day, which is Pacific time whatever the company's zone."""
        return pacific(self.now).date().isoformat()

    @property
    def latin1_only(self) -> bool:
        """Whether this company takes only ISO-8859-1 text."""
        return self.switches.us_latin1_only and self.company.is_us

    def announce(self, entity: str, record_id: str, operation: Operation, deleted_id: str = "") -> None:
        """Tell everybody who listens that a record was changed. Nobody hears of books being set up."""
        if not self.lenient:
            self.company.announce(Change(self.company.realm_id, entity, record_id, operation, self.now, deleted_id))

    def find(self, entity: str, reference: Json) -> Json:
        """The record a reference means.

        Raises FaultError 2500 when there is none and 610 when it is inactive.
        """
        key = str(reference["value"])
        record = self.company.get(entity, key)
        if record is None or (entity, key) in self.hidden:
            raise refusal("2500", f"{ENTITIES[entity].nickname} element id {key} not found")
        if not record.get("Active", True) and not self.lenient:
            raise inactive(self.switches.inactive_reference_code)
        return record

    def required(self, entity: str, fields: Json, name: str, path: str = "") -> Json:
        """The record a required reference means. Raises FaultError 2020 when the reference is absent."""
        if name not in fields:
            raise FaultError(missing(f"{path}{name}"))
        return self.find(entity, fields[name])

    def complete(self, fields: Json, references: dict[str, str], old: Json | None = None) -> Json:
        """Check all of these references that are present and give them the name the service shows.

        What `old` refers to as well may have become inactive since.
        """
        shown = {}
        for name, entity in references.items():
            if name not in fields:
                continue
            known = (old or {}).get(name, {}).get("value") == fields[name]["value"]
            record = self.company.get(entity, fields[name]["value"]) if known else None
            shown[name] = reference_to(entity, record or self.find(entity, fields[name]))
        return {**fields, **shown}


def display_name(entity: str, record: Json) -> str:
    """The name a reference shows: the path for lists that nest, the display name for people."""
    return str(record.get("FullyQualifiedName") or record.get(ENTITIES[entity].name_field) or record["Id"])


def reference_to(entity: str, record: Json) -> Json:
    """A reference to a record as the service prints it."""
    return {"value": record["Id"], "name": display_name(entity, record)}
