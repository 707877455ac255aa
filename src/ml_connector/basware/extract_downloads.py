"""Fetching one large file to disk, in parts: through Basware's sign-in to wherever it redirects, and there without it.

Only the first request counts as a download with Basware, so a file that breaks off is asked for again at the address the
redirect gave, for as long as that is good.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import httpx2

from ml_connector.basware.auth import Authorization
from ml_connector.basware.errors import (
    BaswareError,
    CredentialsRejected,
    Refused,
    ScopeMissing,
    Throttled,
    TooLarge,
    Unavailable,
)
from ml_connector.basware.exchange import Call, OnCall
from ml_connector.basware.faults import parse_faults
from ml_connector.basware.hosts import KnownHosts
from ml_connector.basware.pauses import Pauses, ask_for, wait_out
from ml_connector.model.clock import Clock

_TRIES = 3
_HOPS = 3
_PAUSE = 2.0  # seconds, doubled with every try
_REDIRECTS = {301, 302, 303, 307, 308}
_PART = 262_144
_TOLD_EVERY = 8 * 1024 * 1024
_LARGEST_ERROR = 100_000


class Digest(Protocol):
    """What `hashlib` gives."""

    def update(self, data: bytes, /) -> None:
        """Take in more."""
        ...

    def hexdigest(self) -> str:
        """The digest of all that was taken in."""
        ...

    def copy(self) -> "Digest":
        """A digest that goes on from here."""
        ...


class Downloads:
    """Files of one tenant."""

    def __init__(
        self,
        http: httpx2.Client,
        *,
        hosts: KnownHosts,
        authorization: Authorization,
        clock: Clock,
        on_call: OnCall | None,
        pauses: Pauses | None = None,
    ) -> None:
        self._pauses = pauses
        self._http = http
        self._hosts = hosts
        self._authorization = authorization
        self._clock = clock
        self._on_call = on_call

    def fetch(self, address: str, target: Path, *, largest: int, watch: Callable[[int], None], digest: Digest) -> str:
        """Stream what stands at an address into a file; its digest. See `ExtractsClient.fetch`."""
        url = self._hosts.checked(address)
        if not self._hosts.is_base(url):
            # Our sign-in goes to the base address only; an address below it would be asked without, and refuse.
            raise Refused(f"Basware names a file at {url.host}, where we do not sign in.")
        sink = _Sink(target, largest, watch, digest)
        try:
            location = self._begin(url, sink)
            return self._follow(location, sink) if location is not None else sink.done
        except (httpx2.RequestError, httpx2.InvalidURL) as error:
            raise Unavailable(f"The file could not be read: {type(error).__name__}") from error

    def _begin(self, url: httpx2.URL, sink: "_Sink") -> httpx2.URL | None:
        """Ask Basware; where it redirects to, or None when it sent the file itself."""
        wait_out(self._pauses, self._clock)
        for force in (False, True):
            signed = {"Accept": "*/*", "Authorization": self._authorization(force)}
            response = self._send(url, signed)
            try:
                if response.status_code == 401 and not force:
                    continue
                if response.status_code in _REDIRECTS:
                    return _target(response)
                if response.is_success:
                    sink.take(response)
                    return None
                failure = _failure(response)
                if isinstance(failure, Throttled):
                    ask_for(self._pauses, failure.retry_after)
                raise failure
            finally:
                response.close()
        raise AssertionError("the second turn never goes on")  # pragma: no cover

    def _follow(self, url: httpx2.URL, sink: "_Sink") -> str:
        """Read what a redirect leads to, without our sign-in; again from the start when it breaks off."""
        for turn in range(1, _TRIES + 1):
            try:
                return self._from_storage(url, sink)
            except httpx2.RequestError:
                if turn == _TRIES:
                    raise
            except Unavailable as error:
                if turn == _TRIES or error.status < 500:
                    raise  # an address that has run out answers 403: only a new one helps
            self._clock.sleep(_PAUSE * 2.0 ** (turn - 1))
        raise AssertionError("the last turn never goes on")  # pragma: no cover

    def _from_storage(self, url: httpx2.URL, sink: "_Sink") -> str:
        for _ in range(_HOPS):
            response = self._send(url, {"Accept": "*/*"})
            try:
                if response.status_code not in _REDIRECTS:
                    if response.is_success:
                        sink.take(response)
                        return sink.done
                    text = f"The file Basware redirected to could not be read ({response.status_code})."
                    raise Unavailable(text, status=response.status_code)
                url = _target(response)
            finally:
                response.close()
        raise Unavailable(f"Basware redirected a read more than {_HOPS} times.")

    def _send(self, url: httpx2.URL, headers: dict[str, str]) -> httpx2.Response:
        started, status, request_id = self._clock.now(), 0, ""
        try:
            request = self._http.build_request("GET", url, headers={**headers, "Accept-Encoding": "identity"})
            response = self._http.send(request, auth=None, follow_redirects=False, stream=True)
            status, request_id = response.status_code, response.headers.get("x-amzn-requestid", "")
        finally:
            if self._on_call is not None:
                took = int((self._clock.now() - started).total_seconds() * 1000)
                self._on_call(
                    Call(method="GET", path=url.path, status=status, request_id=request_id, milliseconds=took)
                )
        return response


class _Sink:
    """A file that is being written, its limit and its digest; each `take` begins it anew."""

    def __init__(self, target: Path, largest: int, watch: Callable[[int], None], digest: Digest) -> None:
        self._target = target
        self._largest = largest
        self._watch = watch
        self._empty = digest
        self.done = ""

    def take(self, response: httpx2.Response) -> None:
        """Write the body, in parts as they come. Raises TooLarge."""
        announced = response.headers.get("content-length", "")
        if announced.isascii() and announced.isdigit() and int(announced) > self._largest:
            raise TooLarge(f"The file has {announced} bytes; at most {self._largest} are taken.")
        digest, size, told = self._empty.copy(), 0, 0
        with self._target.open("wb") as file:
            for part in response.iter_bytes(_PART):
                size += len(part)
                if size > self._largest:
                    raise TooLarge(f"The file has more than {self._largest} bytes, which is the limit.")
                digest.update(part)
                file.write(part)
                if size - told >= _TOLD_EVERY:
                    told = size
                    self._watch(size)
        self.done = digest.hexdigest()


def _target(response: httpx2.Response) -> httpx2.URL:
    """Where Basware redirects to: any host over TLS, since it is Basware itself that names it to us alone."""
    target = response.request.url.join(response.headers.get("location", ""))
    downgrade = response.request.url.scheme == "https" and target.scheme != "https"
    if "location" not in response.headers or target.scheme not in {"http", "https"} or not target.host or downgrade:
        raise Unavailable("Basware redirected a read to an address that is not safe to open.")
    return target


def _failure(response: httpx2.Response) -> BaswareError:
    """What Basware's own answer means. 404 is how a file answers that was fetched five times."""
    status, request_id = response.status_code, response.headers.get("x-amzn-requestid", "")
    body = b""
    for part in response.iter_bytes(_LARGEST_ERROR):
        body += part
        if len(body) >= _LARGEST_ERROR:
            break
    errors = parse_faults(response.headers.get("content-type", ""), body[:_LARGEST_ERROR])
    said = ": " + "; ".join(str(error) for error in errors) if errors else ""
    if status == 429:
        text = f"Basware asks for a pause{said}"
        named = response.headers.get("retry-after", "").strip()
        retry_after = float(named) if named.isascii() and named.isdigit() else None
        return Throttled(text, retry_after=retry_after, status=status, request_id=request_id, errors=errors)
    kind: type[BaswareError] = Unavailable if status >= 500 else Refused
    if status in {401, 403}:
        kind = CredentialsRejected if status == 401 else ScopeMissing
    return kind(f"Basware did not give the file ({status}){said}", status=status, request_id=request_id, errors=errors)
