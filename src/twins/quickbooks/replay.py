"""The answers given to request ids: the same id in the same company brings the same answer, and nothing is done again.

How long Intuit keeps them, and what becomes of an id with another content, is not documented: both are switches.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from twins.http import Request, Response
from twins.quickbooks.faults import refusal
from twins.quickbooks.switches import Switches

MAX_REQUEST_ID = 50


@dataclass(frozen=True)
class _Kept:
    fingerprint: bytes
    answer: Response
    at: float


class Replays:
    """What the service remembers of requests that carried an id, for each company."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._kept: dict[str, dict[str, _Kept]] = {}

    def find(self, realm_id: str, request_id: str, request: Request, now: datetime) -> Response | None:
        """The answer to this id; None when it is new. Raises FaultError 600 for another request, where that is refused."""
        kept = self._kept.get(realm_id, {}).get(request_id)
        lasts = self._switches.request_ids_kept_seconds
        if kept is None or (lasts and now.timestamp() - kept.at >= lasts):
            return None
        if self._switches.refuse_changed_request and kept.fingerprint != _fingerprint(request):
            raise refusal("600", f"requestid {request_id} was used for another request")
        return kept.answer

    def keep(self, realm_id: str, request_id: str, request: Request, answer: Response, now: datetime) -> None:
        """Remember an answer."""
        kept = _Kept(_fingerprint(request), answer, now.timestamp())
        self._kept.setdefault(realm_id, {})[request_id] = kept

    def forget(self, realm_id: str) -> None:
        """Remember nothing of a company any longer."""
        self._kept.pop(realm_id, None)


def _fingerprint(request: Request) -> bytes:
    """What makes two requests the same: address, parameters but the id, and body."""
    pairs = sorted(pair for pair in request.query if pair[0].lower() != "requestid")
    return hashlib.sha256(f"{request.path}{pairs}".encode() + request.body).digest()
