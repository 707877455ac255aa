"""One call to QuickBooks: token, room in the budget, sending, and what its answer means.

Decides what may be repeated. A 401 or 429 was not executed, so it is; a read is repeated when the service breaks down; a write
never is. Knows nothing of records; stores nothing.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from ssl import SSLContext
from typing import Any, Protocol

import httpx2
import msgspec

from ml_connector.quickbooks.errors import NoAnswer, QuickBooksError, SignInNeeded, Throttled, Unavailable, error_from
from ml_connector.quickbooks.faults import Fault, faults_in, parse_faults
from ml_connector.quickbooks.uploads import Upload
from ml_connector.quickbooks.wire import SERVICE_GIVES_UP_AFTER, UnreadableError, decode

READ_ATTEMPTS = 3
THROTTLE_ATTEMPTS = 5

# Raised before anything of the request has left us.
_NEVER_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
)


class Budget(Protocol):
    """What a company may still be asked, shared by all its callers."""

    def slot(self, *, batch: bool, reads: int) -> AbstractContextManager[None]:
        """Wait until one more request, or one more batch, fits; it counts as in flight until the context ends.

        `reads`: how many Intuit may meter, 0 for a write. Raises Throttled without a status when the wait would be too long.
        """
        ...

    def throttled(self, retry_after: float | None) -> None:
        """The service said 429: let nobody through for so many seconds, or for the documented minute when it named none."""
        ...


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of one call, for logs and for Intuit's support. Never holds a token, a company id or business data."""

    method: str
    path: str
    """Below the company's address, such as `bill` or `batch`."""
    status: int | None
    """None when there was no answer."""
    trace: str
    milliseconds: int
    request_id: str = ""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One call to make. `request_id` is set on writes and only there; it is what makes repeating one harmless."""

    method: str
    path: str
    parameters: Mapping[str, str] = {}
    content: bytes | Upload | None = None
    content_type: str = "application/json;charset=UTF-8"
    request_id: str = ""
    batch: bool = False
    queries: int = 1
    """Reads in it, where it is no write; a batch may hold many."""

    @property
    def is_write(self) -> bool:
        """Whether the call may change the company's books."""
        return bool(self.request_id)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A successful answer, decoded, and Intuit's name for the call."""

    body: dict[str, Any]
    trace: str


class _TokenRefused(SignInNeeded):
    """The access token was not accepted; a fresh one may be."""


def make_http(
    *,
    connect: float = 10.0,
    read: float = SERVICE_GIVES_UP_AFTER + 10.0,
    write: float = 30.0,
    pool: float = 10.0,
    transport: httpx2.BaseTransport | None = None,
    trusted: SSLContext | bool = True,
) -> httpx2.Client:
    """An HTTP client for QuickBooks; times in seconds. `trusted` says whose certificates are believed.

    It outwaits the service, which gives up after 120 s by itself, so that an answer is lost only when the connection is. Redirects
    are never followed: a token goes nowhere but where we sent it.
    """
    return httpx2.Client(
        timeout=httpx2.Timeout(connect=connect, read=read, write=write, pool=pool),
        follow_redirects=False,
        headers={"User-Agent": "ml-connector"},
        transport=transport,
        verify=trusted,
    )


def trace_of(response: httpx2.Response) -> str:
    """Intuit's name for a call, from its answer's headers."""
    return _header(response, "intuit_tid") or _header(response, "intuit-tid")


class Exchange:
    """Makes the calls of one company. Safe to share between threads as far as what is handed in is."""

    def __init__(
        self,
        http: httpx2.Client,
        *,
        company_url: str,
        access_token: Callable[[bool], str],
        budget: Budget,
        minor_version: int,
        on_call: Callable[[Call], None] | None = None,
        stopwatch: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._http = http
        self._company_url = company_url
        self._company_id = company_url.rpartition("/")[2]
        self._access_token = access_token
        self._budget = budget
        self._minor_version = minor_version
        self._on_call = on_call
        self._stopwatch = stopwatch

    def perform(self, request: Request) -> Answer:
        """Make a call and return its decoded answer. Raises the errors of `errors.py`."""
        force_token, throttles, breakdowns = False, 0, 0
        while True:
            try:
                return self._attempt(request, force_token=force_token)
            except _TokenRefused:
                if force_token:
                    raise
                force_token = True
            except Throttled as error:
                if error.status is None:
                    raise  # no answer of Intuit's: our own budget has no room for long
                self._budget.throttled(error.retry_after)
                throttles += 1
                if throttles == THROTTLE_ATTEMPTS:
                    raise
            except Unavailable:
                breakdowns += 1
                if request.is_write or breakdowns == READ_ATTEMPTS:
                    raise

    def _attempt(self, request: Request, *, force_token: bool) -> Answer:
        token = self._access_token(force_token)  # before the slot, whose moment is now: renewing a token takes its time
        with self._budget.slot(batch=request.batch, reads=0 if request.is_write else request.queries):
            response = self._send(request, token)
        return _judge(request, response)

    def _send(self, request: Request, token: str) -> httpx2.Response:
        parameters = {**request.parameters, "minorversion": str(self._minor_version)}
        if request.request_id:
            parameters["requestid"] = request.request_id
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        if request.content is not None:
            headers["Content-Type"] = request.content_type
        if isinstance(request.content, Upload):
            headers["Content-Length"] = str(request.content.length)
        started = self._stopwatch()
        try:
            response = self._http.request(
                request.method,
                f"{self._company_url}/{request.path}",
                params=parameters,
                headers=headers,
                content=request.content,
            )
        except httpx2.RequestError as error:
            self._report(request, started)
            raise _network_error(request, error) from error
        self._report(request, started, response)
        return response

    def _report(self, request: Request, started: float, response: httpx2.Response | None = None) -> None:
        if self._on_call is None:
            return
        self._on_call(
            Call(
                method=request.method,
                path=request.path.replace(self._company_id, "(company)"),
                status=None if response is None else response.status_code,
                trace="" if response is None else trace_of(response),
                milliseconds=round((self._stopwatch() - started) * 1000),
                request_id=request.request_id,
            )
        )


def _network_error(request: Request, error: httpx2.RequestError) -> QuickBooksError:
    name = type(error).__name__
    if request.is_write and not isinstance(error, _NEVER_SENT):
        return NoAnswer("no answer came to a write; its outcome is unknown", detail=name)
    return Unavailable("QuickBooks did not answer", detail=name)


def _judge(request: Request, response: httpx2.Response) -> Answer:
    """The answer of a success; raises what any other answer means. A fault may also ride inside a success."""
    status, trace = response.status_code, trace_of(response)
    if not 200 <= status < 300:
        raise _refusal(request, response, parse_faults(status, _header(response, "content-type"), response.content))
    try:
        body = decode(response.content)
    except UnreadableError as error:
        raise unreadable(request, trace, str(error)) from error
    if faults := faults_in(body):
        raise _refusal(request, response, faults)
    return Answer(body=body, trace=trace)


def unreadable(request: Request, trace: str, why: str) -> QuickBooksError:
    """A success nobody can read: of a read, nothing happened; of a write, nobody knows what did."""
    kind = NoAnswer if request.is_write else Unavailable
    return kind("QuickBooks' answer cannot be read", trace=trace, status=200, detail=why)


def _refusal(request: Request, response: httpx2.Response, faults: tuple[Fault, ...]) -> QuickBooksError:
    status, trace = response.status_code, trace_of(response)
    if status == 401 or any(fault.code == "3200" for fault in faults):
        return _TokenRefused("QuickBooks does not accept the access token", trace=trace, status=status, faults=faults)
    return error_from(status, faults, write=request.is_write, trace=trace, retry_after=retry_after(response))


def retry_after(response: httpx2.Response) -> float | None:
    """Seconds to wait as far as the answer names them. Intuit documents no such header, so it may be absent or odd."""
    text = _header(response, "retry-after").strip()
    return float(text) if text.isdecimal() else None


def _header(response: httpx2.Response, name: str) -> str:
    value: str = response.headers.get(name, "")
    return value
