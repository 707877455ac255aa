"""What bad luck must know of the service it strikes, so that it looks like that service's own: names, errors, enumerations.

The form every vendor's own manners have, which stand beside its twin, and the plain ones of a service nobody knows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from twins.http import Request


@dataclass(frozen=True)
class VendorError:
    """One error as the service answers it. `body` is the value sent as JSON; None: no body at all."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


class Manners(Protocol):
    """How a service names its operations, words its errors, and which of its fields hold one of a list of values."""

    def operation(self, request: Request) -> str:
        """The name of what a request asks for, such as `bill.create`; empty when it has none."""
        ...

    def enumerations(self) -> frozenset[str]:
        """Fields of its answers, on any level, that hold one of a list of values."""
        ...

    def errors(self) -> Mapping[str, str]:
        """Its errors by name, each with what it means."""
        ...

    def error(self, name: str, now: datetime, request_id: str) -> VendorError:
        """One of its errors; `request_id` is for bodies that name one. Raises KeyError for a name it does not know."""
        ...


class PlainManners:
    """Those of a service nobody knows anything of."""

    def operation(self, request: Request) -> str:  # noqa: ARG002 - a plain service has one operation
        """None has a name."""
        return ""

    def enumerations(self) -> frozenset[str]:
        """None is known."""
        return frozenset()

    def errors(self) -> Mapping[str, str]:
        """None is known."""
        return {}

    def error(self, name: str, now: datetime, request_id: str) -> VendorError:  # noqa: ARG002 - the form of all manners
        """None is known. Raises KeyError."""
        raise KeyError(name)
