"""How the control interface reaches a twin, whichever it is: the vendors' own words, put into common ones.

The two panels stand beside their twins.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from twins.basware.panel import BaswarePanel
from twins.described import Described
from twins.http import Service
from twins.manners import Manners
from twins.outgoing import Outbox
from twins.quickbooks.panel import QuickBooksPanel
from twins.rows import AccountRow, DocumentRow, VendorRow

__all__ = ["BaswarePanel", "Panel", "QuickBooksPanel"]

Row = dict[str, Any]


class Panel(Protocol):
    """What the control interface needs of a twin, whichever it is. `company` may be empty where there is only one."""

    name: str
    manners: Manners

    @property
    def twin(self) -> Service:
        """The twin itself."""
        ...

    @property
    def switches(self) -> Any:
        """Its switches, a dataclass."""
        ...

    def calls(self) -> Mapping[str, Any]:
        """Counts of requests by kind."""
        ...

    def metering(self) -> Any:
        """What a service that charges for calls has counted; nothing where there is no meter."""
        ...

    def companies(self) -> list[str]:
        """Names of the companies or tenants it holds."""
        ...

    def credentials(self) -> list[Row]:
        """What a client must know to connect to each of them, as it was seeded."""
        ...

    def seed(self, seed: Row) -> str:
        """Add a company or tenant; returns its name."""
        ...

    def acts(self) -> Sequence[Described]:
        """What a person can do in the system itself."""
        ...

    def act(self, company: str, action: str, details: Row) -> Any:
        """Do it."""
        ...

    def books(self, company: str) -> Any:
        """Everything it holds for the company."""
        ...

    def ledger(self, company: str, **only: str) -> Sequence[Any]:
        """What was posted or answered, entry by entry; `only` narrows it down."""
        ...

    def trial_balance(self, company: str) -> Sequence[AccountRow]:
        """What was posted to each account; nothing for a system without a ledger."""
        ...

    def check(self, company: str) -> list[str]:
        """Whatever is wrong with the books."""
        ...

    def documents(self, company: str) -> Sequence[DocumentRow]:
        """Its documents as rows."""
        ...

    def vendors(self, company: str) -> Sequence[VendorRow]:
        """Its vendors as rows."""
        ...

    def record(self, company: str, kind: str, key: str) -> Any:
        """One record in full. Raises KeyError."""
        ...

    def outboxes(self) -> Mapping[str, Outbox]:
        """What it sends on its own, by the name of the system that does."""
        ...

    def webhooks(self) -> Any:
        """Who is notified of what."""
        ...

    def configure_webhooks(self, settings: Row) -> Any:
        """Set up where notifications go."""
        ...
