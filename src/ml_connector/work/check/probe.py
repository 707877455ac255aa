"""What the checks ask with besides the clients of the jobs: Basware sign-ins of any scope and region, and a look at an address.

Handed in by `app/installation.py`, as the network is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from ml_connector.basware.probing import BaswareProbe


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What an address answered to a plain GET without credentials. `problem` names what went wrong when nothing came."""

    status: int = 0
    body: bytes = b""
    server_time: datetime | None = None
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class Probe:
    """Asks, and changes nothing."""

    look: Callable[[str], Seen]
    basware: BaswareProbe
    quickbooks_url: str
    """Where the company's QuickBooks is called."""
    public_url: str = ""
    """Where webhooks reach this installation; empty when nobody said."""
