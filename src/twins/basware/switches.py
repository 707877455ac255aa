"""What differs between Basware tenants, or isn't settled by Basware's documents, as switches of the twin.

Defaults follow the published specification; where it is silent they follow the stricter reading.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass
class Switches:
    """All switches of a Basware twin. Change them at any time; they act from the next request on."""

    redirect: Literal["large", "always", "never"] = "large"
    """When reads of accounting documents answer 302 to a download address. `large`: above `redirect_bytes`."""
    redirect_bytes: int = 64 * 1024
    continuation_on: Literal["final", "redirect", "both"] = "final"
    """Which hop of a redirected list carries the continuation header; the documents don't say."""
    download_host: str = ""
    """Host of download addresses; empty: `downloads.<host>`, and the other name of the same machine on loopback."""
    download_seconds: float = 900.0
    """How long a download address is valid (15 minutes, from the attachments endpoint)."""
    page_bytes: int = 1024 * 1024
    """A page ends before it grows beyond this, however many documents were asked for; one document always fits."""
    request_bytes: int = 6 * 1024 * 1024
    """Largest request body; more is answered 413."""
    continuation_seconds: float | None = None
    """How long a continuation token is valid; None: for ever."""
    bare_lists: bool = False
    """Lists as bare arrays, as older clients of the service have seen them, not wrapped in an object."""
    allow_basic: bool = True
    allow_bearer: bool = True
    """The two ways to sign in on business endpoints."""
    token_seconds: int = 3600
    """Life of an access token; Basware sets 300 to 86 400 per client."""
    ungranted_scopes: Literal["refuse", "drop"] = "refuse"
    """What a token request gets for a scope the client doesn't have: 400, or a token without it."""
    missing_scope_status: Literal[403, 401] = 403
    recovery_seconds: float | None = 86_400.0
    """After how long without an answer an acknowledged document becomes TransferFailed; None: Transfer Recovery is off."""
    answer_without_acknowledge: bool = True
    """Whether a transfer response is taken for a document that was never acknowledged."""
    answer_after_failure: bool = True
    """Whether a transfer response is taken for a document that is TransferFailed."""
    processing_seconds: float = 0.0
    """How long P2P takes to process a response; until then its request status is InProgress."""
    attachments: Literal["always", "after transfer", "off"] = "always"
    status_lookup: bool = True
    """Whether Basware enabled the status search for the tenant; otherwise it finds nothing."""
    last_updated_inclusive: bool = False
    """Whether the lastUpdated filter includes the instant itself."""
    extra_fields: bool = False
    """Documents and coding rows carry a field no specification knows."""
    unknown_enum_values: bool = False
    """Documents carry enum values no specification knows (removalReason, attachment category)."""
