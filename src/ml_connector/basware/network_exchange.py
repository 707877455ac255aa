"""One call to the Basware Network and its answer: sign-in, retries, redirects, limits and the sorting of failures.

The Network differs from Purchase-to-Pay: an account of its own, error bodies of its own, files from links. It knows no resource.
Reads are repeated within bounds, and so are deletions, which change nothing the second time. Posts are sent once.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2
import msgspec

from ml_connector.basware.auth import Authorization
from ml_connector.basware.errors import (
    AddressRefused,
    BaswareError,
    CredentialsRejected,
    NoAnswer,
    Refused,
    ScopeMissing,
    Throttled,
    TooLarge,
    Unavailable,
)
from ml_connector.basware.exchange import Call, OnCall
from ml_connector.basware.faults import Fault, parse_faults, redact
from ml_connector.basware.hosts import KnownHosts
from ml_connector.basware.network_http import REQUEST_ID, NetworkHttp
from ml_connector.basware.pauses import LONGEST_PAUSE, Pauses, ask_for, wait_out
from ml_connector.model.clock import Clock

_TRIES = 4
_FIRST_PAUSE = 1.0  # seconds; doubled with every try
_HOPS = 3
_FILES = "/files/"
_REDIRECTS = {301, 302, 303, 307, 308}
_LARGEST_ERROR = 100_000
_NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A usable answer: 2xx, or 404. `request_id` is the X-BW-REQUEST-ID that was sent for it."""

    status: int
    content_type: str
    body: bytes
    request_id: str


class NetworkExchange:
    """Calls to the Network for one account."""

    def __init__(
        self,
        http: NetworkHttp,
        *,
        base_url: str,
        authorization: Authorization,
        hosts: KnownHosts,
        clock: Clock,
        on_call: OnCall | None = None,
        pauses: Pauses | None = None,
    ) -> None:
        self._pauses = pauses
        self._http = http
        self._base_url = base_url.rstrip("/")
        self._authorization = authorization
        self._hosts = hosts
        self._clock = clock
        self._on_call = on_call

    def get(self, path: str, *, largest: int, accept: str = "application/json") -> Answer:
        """Read a path of the Network, at most `largest` bytes; 404 comes back as an Answer.

        5xx, 429 and network trouble are tried again a few times. Raises TooLarge, AddressRefused, CredentialsRejected,
        ScopeMissing, Throttled, Unavailable and Refused.
        """
        return self._repeated("GET", self._url(path), largest, {"Accept": accept, "Accept-Encoding": "identity"})

    def get_file(self, address: str, *, largest: int) -> Answer:
        """The same for a whole address that somebody wrote into a document: only a file on a known host is read."""
        url = self._hosts.checked(address)
        if self._hosts.is_base(url) and _FILES not in url.path:
            # Our sign-in goes along there, so a sender's link may ask for a file and for nothing else.
            raise AddressRefused("A link in a document leads to something of our own account that is no file.")
        return self._repeated("GET", url, largest, {"Accept": "*/*", "Accept-Encoding": "identity"})

    def delete(self, path: str) -> Answer:
        """Delete, repeated like a read: what is gone already answers 404, which comes back as an Answer."""
        return self._repeated("DELETE", self._url(path), _LARGEST_ERROR, {"Accept": "application/json"})

    def post(self, path: str, body: bytes) -> Answer:
        """Write, once. Raises NoAnswer when nobody knows whether it was done, Refused when it was not, and the errors of `get`
        where it cannot have been done."""
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        try:
            answer, headers_back = self._signed("POST", self._url(path), headers, _LARGEST_ERROR, body)
        except _NOT_SENT as error:
            raise Unavailable(
                f"The Basware Network cannot be reached: {type(error).__name__}. Nothing was sent."
            ) from error
        except (httpx2.RequestError, TooLarge) as error:
            text = f"The Basware Network did not answer ({type(error).__name__}). Whether it did what was asked is not known."
            raise NoAnswer(text) from error
        if 200 <= answer.status < 300:
            return answer
        raise self._failure(answer, headers_back, written=True)

    def _url(self, path: str) -> httpx2.URL:
        return httpx2.URL(self._base_url + path)

    def _repeated(self, method: str, url: httpx2.URL, largest: int, headers: Mapping[str, str]) -> Answer:
        for turn in range(1, _TRIES):
            pause = _FIRST_PAUSE * 2.0 ** (turn - 1)
            try:
                return self._once(method, url, largest, headers)
            except Throttled as error:
                pause = pause if error.retry_after is None else error.retry_after
                if pause > LONGEST_PAUSE:
                    raise
            except Unavailable:
                pass
            self._clock.sleep(pause)
        return self._once(method, url, largest, headers)

    def _once(self, method: str, url: httpx2.URL, largest: int, headers: Mapping[str, str]) -> Answer:
        try:
            for _ in range(_HOPS + 1):
                answer, back = self._signed(method, url, headers, largest)
                if method != "GET" or answer.status not in _REDIRECTS:
                    break
                url = self._hosts.checked(url.join(back.get("location", "")))
            else:
                raise Unavailable(f"The Basware Network redirected a read more than {_HOPS} times.")
        except (httpx2.RequestError, httpx2.InvalidURL) as error:
            raise Unavailable(f"The Basware Network cannot be reached: {type(error).__name__}") from error
        if 200 <= answer.status < 300:
            return answer
        if not self._hosts.is_base(url):
            # A signed address that has run out answers 403 or 404: only a fresh one helps, so all of it is passing trouble.
            raise Unavailable(f"The file behind a link could not be read ({answer.status}).", status=answer.status)
        if answer.status == 404:
            return answer
        raise self._failure(answer, back, written=False)

    def _signed(
        self, method: str, url: httpx2.URL, headers: Mapping[str, str], largest: int, content: bytes = b""
    ) -> tuple[Answer, httpx2.Headers]:
        """Send with our sign-in where it belongs; after a 401 once more with a renewed one."""
        signs_in = self._hosts.is_base(url)
        if signs_in:
            wait_out(self._pauses, self._clock)
        for force in (False, True):
            signed = {**headers, "Authorization": self._authorization(force)} if signs_in else dict(headers)
            request = self._http.build_request(method, url, headers=signed, content=content or None)
            answer, back = self._send(request, largest)
            if answer.status != 401 or not signs_in:
                break
        return answer, back

    def _send(self, request: httpx2.Request, largest: int) -> tuple[Answer, httpx2.Headers]:
        started, status = self._clock.now(), 0
        try:
            response = self._http.send(request, auth=None, follow_redirects=False, stream=True)
            try:
                status = response.status_code
                body = _read(response, largest if response.is_success else _LARGEST_ERROR)
            finally:
                response.close()
        finally:
            if self._on_call is not None:
                took = int((self._clock.now() - started).total_seconds() * 1000)
                sent = request.headers.get(REQUEST_ID, "")
                call = Call(
                    method=request.method, path=request.url.path, status=status,
                    request_id="", milliseconds=took, sent_id=sent,
                )  # fmt: skip
                self._on_call(call)
        answer = Answer(
            status=status,
            content_type=response.headers.get("content-type", ""),
            body=body,
            request_id=request.headers.get(REQUEST_ID, ""),
        )
        return answer, response.headers

    def _failure(self, answer: Answer, headers: httpx2.Headers, *, written: bool) -> BaswareError:
        status, errors = answer.status, network_faults(answer.content_type, answer.body)
        said = ": " + "; ".join(str(error) for error in errors) if errors else ""
        retry_after = self._retry_after(headers.get("retry-after", "").strip())
        if status == 429 or (status == 503 and retry_after is not None):
            ask_for(self._pauses, retry_after)
            text = f"The Basware Network asks for a pause{said}"
            return Throttled(text, retry_after=retry_after, status=status, request_id=answer.request_id, errors=errors)
        kind: type[BaswareError] = Refused
        text = f"The Basware Network refused with {status}{said}"
        if status == 401:
            kind = CredentialsRejected
            text = (
                "The Basware Network does not accept our sign-in. Compare network_user and network_password with what Basware "
                f"gave you, and add the connection file again{said}"
            )
        elif status == 403:
            kind, text = ScopeMissing, f"Our account in the Basware Network has no right to do this{said}"
        elif status >= 500 and written:
            kind = NoAnswer
            text = f"The Basware Network answered {status} to a write; whether it was done is not known{said}"
        elif status >= 500:
            kind, text = Unavailable, f"The Basware Network answered {status}{said}"
        return kind(text, status=status, request_id=answer.request_id, errors=errors)

    def _retry_after(self, value: str) -> float | None:
        """Seconds to wait, by number or by date; None when no time that can be read is named."""
        if value.isascii() and value.isdigit():
            return float(value)
        try:
            until = parsedate_to_datetime(value)
        except ValueError:
            return None
        aware: datetime = until if until.tzinfo else until.replace(tzinfo=UTC)
        return max(0.0, (aware - self._clock.now()).total_seconds())


def _read(response: httpx2.Response, largest: int) -> bytes:
    """The body, in parts, and no more of it than `largest`. Raises TooLarge."""
    announced = response.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced) > largest:
        raise TooLarge(
            f"{int(announced)} bytes were offered and at most {largest} are taken.", status=response.status_code
        )
    found = bytearray()
    for part in response.iter_bytes(65_536):
        found += part
        if len(found) > largest:
            raise TooLarge(f"more than {largest} bytes came, which is the limit.", status=response.status_code)
    return bytes(found)


class _Errors(msgspec.Struct, frozen=True, rename="camel"):
    """The Network's error body as an older client recorded it: {version, errors: {validationErrors, message, code, …}}."""

    validation_errors: list[dict[str, str]] = []
    message: str = ""
    code: str = ""
    type: str = ""


class _ErrorBody(msgspec.Struct, frozen=True):
    errors: _Errors


def network_faults(content_type: str, body: bytes) -> tuple[Fault, ...]:
    """What an error answer says, in the Network's shape or in any other that Basware uses."""
    try:
        told = msgspec.json.decode(body, type=_ErrorBody).errors
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return parse_faults(content_type, body)
    fields = ", ".join(
        f"{one.get('fieldId', '')} {one.get('fieldMessage', '')}".strip() for one in told.validation_errors
    )
    message = redact("; ".join(part for part in (told.message, fields) if part))
    return (Fault(code=redact(told.code), message=message, type=told.type),)
