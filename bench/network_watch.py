"""Watches every request to the Basware Network and tells afterwards whether each carried a request id of its own.

Stands in front of the twin and in front of its faults, so it sees what left the product: retries, requests whose answer got
lost, and hops of a redirect. It knows nothing of the product and changes nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from twins.basware.network.service import REQUEST_ID, is_network
from twins.http import Request, Response, Service


@dataclass(frozen=True)
class Seen:
    """One request to the Network: what it was, and the id it carried (empty if none)."""

    method: str
    path: str
    request_id: str


class NetworkWatch:
    """A service in front of another that remembers the ids of all Network requests."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.seen: list[Seen] = []

    def handle(self, request: Request) -> Response:
        """Pass the request on. Raises what the service raises."""
        if is_network(request.path):
            self.seen.append(Seen(request.method, request.path, request.headers.get(REQUEST_ID, "")))
        return self._service.handle(request)

    def problems(self) -> list[str]:
        """Every request that had no id, one of another kind, or one that was used before; empty when all is well."""
        return problems_of(self.seen)


def seen_in(exchanges: Iterable[tuple[str, str, Mapping[str, str]]]) -> list[Seen]:
    """The Network's requests among recorded ones, given as method, path and headers with names in small letters."""
    return [Seen(method, path, headers.get(REQUEST_ID, "")) for method, path, headers in exchanges if is_network(path)]


def problems_of(seen: Iterable[Seen]) -> list[str]:
    """What is wrong with the request ids, in words."""
    known: dict[str, Seen] = {}
    found = []
    for number, one in enumerate(seen, start=1):
        what = f"request {number}, {one.method} {one.path}"
        if not _is_version_4(one.request_id):
            found.append(f"{what}: {one.request_id or 'nothing'} is no UUID of version 4")
        elif (first := known.setdefault(one.request_id.lower(), one)) is not one:
            found.append(f"{what}: {one.request_id} was used before by {first.method} {first.path}")
    return found


def _is_version_4(text: str) -> bool:
    try:
        return len(text) == 36 and UUID(text).version == 4
    except ValueError:
        return False
