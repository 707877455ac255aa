"""How the story reaches the two systems: a person's hands in either. Who lends them, the story must not know."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

Json = dict[str, Any]


class Hands(Protocol):
    """What people can do and see. `company` is a realm id in QuickBooks and a client id in Basware."""

    def now(self) -> datetime:
        """The present moment in both systems."""
        ...

    def quickbooks(self, company: str, action: str, details: Mapping[str, Any]) -> Any:
        """Do something in QuickBooks' pages; the record as it stands then."""
        ...

    def basware(self, company: str, action: str, details: Mapping[str, Any]) -> Any:
        """Do something in Basware's screens; what the act tells, mostly an id."""
        ...

    def books(self, company: str) -> Mapping[str, list[Json]]:
        """QuickBooks' own books of a company, by entity."""
        ...

    def documents(self, company: str) -> list[Json]:
        """The documents of a tenant in Basware."""
        ...

    def refuse(self, field: str, value: str, fault: str) -> None:
        """Have QuickBooks refuse, with this fault, every write of a record whose field holds a value: a validation of its own."""
        ...

    def other_program(self, key: str, vendors: list[Json]) -> None:
        """Have another program post vendors, whole, to the interface of the Basware tenant of the firm with this key."""
        ...
