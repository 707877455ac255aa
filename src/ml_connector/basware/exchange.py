"""One call to Basware and its answer: sign-in, retries, redirects and the sorting of failures. It knows no resource.

Reads are repeated within bounds. Writes are sent once; the only thing that sends one again is a 401, which Basware answers before
it does anything.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ssl import SSLContext
from threading import Lock

import httpx2
import msgspec

from ml_connector.basware.auth import Authorization
from ml_connector.basware.errors import (
    BaswareError,
    CredentialsRejected,
    NoAnswer,
    Refused,
    ScopeMissing,
    Throttled,
    Unavailable,
)
from ml_connector.basware.faults import parse_faults
from ml_connector.basware.pauses import LONGEST_PAUSE, Pauses, ask_for, wait_out
from ml_connector.model.clock import Clock

CONTINUATION = "x-amz-meta-continuationtoken"
"""Header that carries the paging token both ways (Basware P2P spec, GET /v1/accountingDocuments)."""
REQUEST_ID = "x-amzn-requestid"

_TRIES = 4
_FIRST_PAUSE = 1.0  # seconds; doubled with every try
_HOPS = 3
_REDIRECTS = {301, 302, 303, 307, 308}
_NOT_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.UnsupportedProtocol,
    httpx2.LocalProtocolError,
)


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A call that was made, for the record: no token, no query, no body. `status` is 0 when no answer came.

    `request_id` is Basware's, `sent_id` the one we gave it, where we give any.
    """

    method: str
    path: str
    status: int
    request_id: str
    milliseconds: int
    sent_id: str = ""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A usable answer: 2xx, or 404 to a read. `continuation` is the paging token from whichever hop carried it."""

    status: int
    body: bytes
    request_id: str
    continuation: str = ""


OnCall = Callable[[Call], None]


class Turns:
    """One request at a time to each resource of a tenant: Basware publishes no limits, and asks for fair use.

    Shared by everything in this process that talks to the tenant.
    """

    def __init__(self) -> None:
        self._locks: dict[str, Lock] = {}
        self._own = Lock()

    @contextmanager
    def turn(self, path: str) -> Iterator[None]:
        """Hold the resource that a path such as /v1/vendors/E-1 belongs to, from before the request until its answer."""
        resource = "/".join(path.split("/", 3)[:3])
        with self._own:
            lock = self._locks.setdefault(resource, Lock())
        with lock:
            yield


def make_http(
    *,
    connect: float = 10.0,
    read: float = 60.0,
    write: float = 60.0,
    pool: float = 10.0,
    transport: httpx2.BaseTransport | None = None,
    trusted: SSLContext | bool = True,
) -> httpx2.Client:
    """An HTTP client for Basware with a limit, in seconds, on every wait. Redirects are left to `Exchange`.

    `trusted` says whose certificates are believed.
    """
    return httpx2.Client(
        timeout=httpx2.Timeout(connect=connect, read=read, write=write, pool=pool),
        follow_redirects=False,
        headers={"User-Agent": "ml-connector"},
        transport=transport,
        verify=trusted,
    )


class Exchange:
    """Calls to one tenant."""

    def __init__(
        self,
        http: httpx2.Client,
        *,
        base_url: str,
        authorization: Authorization,
        clock: Clock,
        on_call: OnCall | None = None,
        turns: Turns | None = None,
        pauses: Pauses | None = None,
    ) -> None:
        self._http = http
        self._turns = turns
        self._base_url = base_url.rstrip("/")
        self._authorization = authorization
        self._clock = clock
        self._on_call = on_call
        self._pauses = pauses

    def get(self, path: str, *, params: Mapping[str, str] | None = None, continuation: str = "") -> Reply:
        """Read. 404 comes back as a Reply, because an empty list is a 404 with Basware.

        5xx, 429 and network trouble are tried again a few times. Raises CredentialsRejected, ScopeMissing, Throttled,
        Unavailable and Refused.
        """
        headers = {CONTINUATION: continuation} if continuation else {}
        for turn in range(1, _TRIES):
            try:
                return self._get_once(path, params, headers)
            except Throttled as error:
                pause = self._pause(turn) if error.retry_after is None else error.retry_after
                if pause > LONGEST_PAUSE:
                    raise
            except Unavailable:
                pause = self._pause(turn)
            self._clock.sleep(pause)
        return self._get_once(path, params, headers)

    def post(self, path: str, body: bytes | None = None) -> Reply:
        """Write, once. Raises NoAnswer when nobody knows whether it was done, Refused when it was not, and the errors of `get`
        where it cannot have been done."""
        headers = {"Content-Type": "application/json"} if body is not None else {}
        return self._write("POST", path, headers=headers, content=body or b"")

    def delete(self, path: str, *, params: Mapping[str, str]) -> Reply:
        """Delete, once. Raises what `post` raises."""
        return self._write("DELETE", path, headers={}, params=params)

    def _write(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Reply:
        try:
            response = self._signed(method, path, headers=headers, params=params, content=content)
        except _NOT_SENT as error:
            raise Unavailable(f"Basware cannot be reached: {type(error).__name__}. Nothing was sent.") from error
        except httpx2.RequestError as error:
            text = f"Basware did not answer ({type(error).__name__}). Whether it did what was asked is not known."
            raise NoAnswer(text) from error
        if response.is_success:
            return _reply(response)
        raise self._failure(response, written=True)

    def _get_once(self, path: str, params: Mapping[str, str] | None, headers: Mapping[str, str]) -> Reply:
        try:
            response = self._signed("GET", path, headers=headers, params=params)
            if response.status_code in _REDIRECTS:
                return self._follow(response)
        except (httpx2.RequestError, httpx2.InvalidURL) as error:
            raise Unavailable(f"Basware cannot be reached: {type(error).__name__}") from error
        if response.is_success or response.status_code == 404:
            return _reply(response)
        raise self._failure(response, written=False)

    def _signed(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx2.Response:
        """Send with our sign-in; after a 401 once more with a renewed one."""
        wait_out(self._pauses, self._clock)
        url = httpx2.URL(self._base_url + path, params=params) if params else httpx2.URL(self._base_url + path)
        for force in (False, True):
            signed = {**headers, "Accept": "application/json", "Authorization": self._authorization(force)}
            request = self._http.build_request(method, url, headers=signed, content=content)
            with self._turns.turn(path) if self._turns else nullcontext():
                response = self._send(request)
            if response.status_code != 401:
                break
        return response

    def _send(self, request: httpx2.Request) -> httpx2.Response:
        started = self._clock.now()
        status, request_id = 0, ""
        try:
            response = self._http.send(request, auth=None, follow_redirects=False)
            status, request_id = response.status_code, response.headers.get(REQUEST_ID, "")
        finally:
            if self._on_call is not None:
                took = int((self._clock.now() - started).total_seconds() * 1000)
                call = Call(
                    method=request.method,
                    path=request.url.path,
                    status=status,
                    request_id=request_id,
                    milliseconds=took,
                )
                self._on_call(call)
        return response

    def _follow(self, response: httpx2.Response) -> Reply:
        """Follow redirects by hand: the target is signed in its address and refuses our Authorization header (P2P manual)."""
        first_id = response.headers.get(REQUEST_ID, "")
        continuation = response.headers.get(CONTINUATION, "")
        for _ in range(_HOPS):
            target = self._target(response, first_id)
            response = self._send(self._http.build_request("GET", target, headers={"Accept": "*/*"}))
            continuation = response.headers.get(CONTINUATION, "") or continuation
            if response.status_code not in _REDIRECTS:
                break
        else:
            text = f"Basware redirected a read more than {_HOPS} times."
            raise Unavailable(text, status=response.status_code, request_id=first_id)
        from_storage = response.content.lstrip().startswith(b"<")
        if response.is_success or (response.status_code == 404 and not from_storage):
            return Reply(
                status=response.status_code, body=response.content, request_id=first_id, continuation=continuation
            )
        # A signed address that has run out answers 403: only a fresh one helps, so all of it counts as passing trouble.
        text = f"The file Basware redirected to could not be read ({response.status_code})."
        raise Unavailable(text, status=response.status_code, request_id=first_id)

    def _target(self, response: httpx2.Response, request_id: str) -> httpx2.URL:
        location = response.headers.get("location", "")
        if not location:
            raise Unavailable(
                "Basware redirected a read to nowhere.", status=response.status_code, request_id=request_id
            )
        target = response.request.url.join(location)
        downgrade = response.request.url.scheme == "https" and target.scheme != "https"
        if target.scheme not in {"http", "https"} or not target.host or downgrade:
            text = f"Basware redirected a read to an address that is not safe to open ({target.scheme or 'no'} scheme)."
            raise Unavailable(text, status=response.status_code, request_id=request_id)
        return target

    def _failure(self, response: httpx2.Response, *, written: bool) -> BaswareError:
        status = response.status_code
        request_id = response.headers.get(REQUEST_ID, "")
        errors = parse_faults(response.headers.get("content-type", ""), response.content)
        said = ": " + "; ".join(str(error) for error in errors) if errors else ""
        retry_after = self._retry_after(response)
        if status == 401:
            text = f"Basware does not accept our sign-in{said}"
            return CredentialsRejected(text, status=status, request_id=request_id, errors=errors)
        if status == 403:
            text = f"Our Basware sign-in has no right to do this{said}"
            return ScopeMissing(text, status=status, request_id=request_id, errors=errors)
        if status == 429 or (status == 503 and retry_after is not None):
            ask_for(self._pauses, retry_after)
            text = f"Basware asks for a pause{said}"
            return Throttled(text, retry_after=retry_after, status=status, request_id=request_id, errors=errors)
        if status >= 500 and written:
            text = f"Basware answered {status} to a write; whether it was done is not known{said}"
            return NoAnswer(text, status=status, request_id=request_id, errors=errors)
        if status >= 500:
            return Unavailable(f"Basware answered {status}{said}", status=status, request_id=request_id, errors=errors)
        return Refused(f"Basware refused with {status}{said}", status=status, request_id=request_id, errors=errors)

    def _retry_after(self, response: httpx2.Response) -> float | None:
        """Seconds to wait as the answer says, by number or by date; None when it names no time that can be read."""
        value = response.headers.get("retry-after", "").strip()
        if value.isascii() and value.isdigit():
            return float(value)
        try:
            until = parsedate_to_datetime(value)
        except ValueError:
            return None
        return max(0.0, (_aware(until) - self._clock.now()).total_seconds())

    def _pause(self, turn: int) -> float:
        return _FIRST_PAUSE * 2.0 ** (turn - 1)


def _aware(instant: datetime) -> datetime:
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _reply(response: httpx2.Response) -> Reply:
    return Reply(
        status=response.status_code,
        body=response.content,
        request_id=response.headers.get(REQUEST_ID, ""),
        continuation=response.headers.get(CONTINUATION, ""),
    )
