"""What can go wrong between us and QuickBooks, classed by what has to happen next.

    QuickBooksError
    ├── SignInNeeded       a person must connect the company again
    ├── ClientRejected     the app's own client id or secret is wrong
    ├── Throttled          too many requests; nothing was done, later is fine
    ├── Unavailable        nothing was written; the same call is fine later
    ├── NoAnswer           a write whose outcome is unknown: settle it, never guess
    ├── Refused            QuickBooks understood and said no; `faults` says why
    └── CompanyReadOnly    the subscription ended: reading works, nothing can be posted

Knows nothing of HTTP. No text of an error carries a token.
"""
# ruff: noqa: N818  (the names say what happened; all of them derive from QuickBooksError)

from ml_connector.quickbooks.faults import Action, Fault, redact, rule_for


class QuickBooksError(Exception):
    """A call to QuickBooks did not do what it should.

    `trace` is Intuit's intuit_tid, which their support asks for; `status` the HTTP status, None when there was no answer;
    `detail` the service's own words, tokens removed.
    """

    def __init__(
        self,
        message: str,
        *,
        trace: str = "",
        status: int | None = None,
        detail: str = "",
        faults: tuple[Fault, ...] = (),
    ) -> None:
        self.message = message
        self.trace = trace
        self.status = status
        self.detail = redact(detail or _summary(faults))
        self.faults = faults
        super().__init__(message)

    def __str__(self) -> str:
        facts = [
            self.detail,
            f"HTTP {self.status}" if self.status is not None else "",
            f"intuit_tid {self.trace}" if self.trace else "",
        ]
        return "; ".join([self.message, *filter(None, facts)])


class SignInNeeded(QuickBooksError):
    """The company must be connected again by one of its administrators: the grant ended, was withdrawn or fits another company."""


class ClientRejected(QuickBooksError):
    """Intuit does not know the app's client id and secret (invalid_client). The company's grant may still be good."""


class Throttled(QuickBooksError):
    """Too many requests (429, code 3001), also after waiting. The request was not executed.

    `retry_after` is in seconds, None when Intuit did not say; its limits page asks for a minute.
    """

    def __init__(
        self,
        message: str,
        *,
        trace: str = "",
        status: int | None = None,
        detail: str = "",
        faults: tuple[Fault, ...] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, trace=trace, status=status, detail=detail, faults=faults)
        self.retry_after = retry_after


class Unavailable(QuickBooksError):
    """The service could not be reached or broke down, and nothing can have been written: the same call is fine later."""


class NoAnswer(QuickBooksError):
    """A write was sent and its outcome is unknown: no answer, a cut connection, a breakdown, or an answer nobody can read.

    It may only be repeated byte for byte with the same request id, or settled by looking the result up.
    """


class Refused(QuickBooksError):
    """QuickBooks understood one call and refused it; nothing was written. `faults` has every reason it gave."""

    def __init__(self, faults: tuple[Fault, ...], *, trace: str = "", status: int | None = None) -> None:
        super().__init__("QuickBooks refused", trace=trace, status=status, faults=faults)


class CompanyReadOnly(QuickBooksError):
    """The company's subscription ended or is unpaid (code 6190): it can be read, but not written."""


def error_from(
    status: int, faults: tuple[Fault, ...], *, write: bool, trace: str = "", retry_after: float | None = None
) -> QuickBooksError:
    """The error for a refused call. `write` tells whether the call could have changed anything had it been executed."""
    codes = {fault.code for fault in faults}
    actions = {rule_for(fault).action for fault in faults}
    if status == 429 or "3001" in codes:
        return Throttled(
            "too many requests to QuickBooks",
            trace=trace,
            status=status,
            faults=faults,
            retry_after=retry_after,
        )
    kind: type[QuickBooksError]
    if "6190" in codes:
        kind, message = CompanyReadOnly, "the QuickBooks company can only be read"
    elif "invalid_client" in codes:
        kind, message = ClientRejected, "Intuit does not accept the app's client id and secret"
    elif status == 401 or Action.REAUTHORIZE in actions:
        kind, message = SignInNeeded, "QuickBooks asks for a new sign-in"
    elif _is_breakdown(status, faults, actions):
        kind = NoAnswer if write else Unavailable
        message = "QuickBooks broke down; the outcome of the write is unknown" if write else "QuickBooks broke down"
    elif Action.WAIT in actions:
        kind, message = Unavailable, "QuickBooks asks to wait"
    else:
        return Refused(faults, trace=trace, status=status)
    return kind(message, trace=trace, status=status, faults=faults)


def _is_breakdown(status: int, faults: tuple[Fault, ...], actions: set[Action]) -> bool:
    """Whether the service may or may not have done what was asked. A validation fault is a clear no, even inside a 500."""
    if Action.RETRY in actions or any(fault.code == "600" for fault in faults):
        return True
    understood = bool(faults) and all(fault.code and fault.type.lower() == "validationfault" for fault in faults)
    return (status >= 500 or status == 408) and not understood


def _summary(faults: tuple[Fault, ...]) -> str:
    return " | ".join(f"{fault.code or 'no code'}: {fault.detail or fault.message}" for fault in faults)
