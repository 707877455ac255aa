# ruff: noqa: N818 -- the names say what happened, as the faults table does
"""How a call to Basware can fail, classed by what the caller does next.

BaswareError
├── CredentialsRejected   401, invalid_client: a person has to correct the connection
├── ScopeMissing          403, invalid_scope: signed in, but without the right to do this
├── Throttled             429, or 503 with Retry-After: later, nothing was done
├── Unavailable           5xx or network trouble where nothing was done: try again
├── NoAnswer              a write whose outcome is unknown: look it up, never send it blindly again
├── Refused               400, 404, 405, 409 …: Basware understood and said no
├── PlaceLost             400 to a continuation: the list has to be read from its beginning
├── UnreadablePage        200 whose body cannot be read; carries what came and where to go on
├── TooLarge              more bytes than we take; reading stopped there
└── AddressRefused        an address in a payload or a redirect that we do not call

Messages never contain tokens or signed addresses.
"""

from ml_connector.basware.faults import Fault, Rule, rule_for


class BaswareError(Exception):
    """Any failed call. `status` is the HTTP status (0: none came), `request_id` is Basware's x-amzn-RequestId, where known."""

    def __init__(self, message: str, *, status: int = 0, request_id: str = "", errors: tuple[Fault, ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.request_id = request_id
        self.errors = errors

    @property
    def rule(self) -> Rule:
        """What to do, who can do it, and the sentence for an accountant."""
        return rule_for(self.status, self.errors[0].code if self.errors else "")


class CredentialsRejected(BaswareError):
    """Basware does not accept the client id and secret, the user and password, or a freshly issued token."""


class ScopeMissing(BaswareError):
    """The sign-in is good but may not do this."""


class Unavailable(BaswareError):
    """Basware or the network is in trouble, and nothing was done."""


class NoAnswer(BaswareError):
    """A write was sent and no answer says what became of it. Settle it by reading the document again."""


class Throttled(BaswareError):
    """Basware asks for a pause. `retry_after` is in seconds, None when it named no time."""

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None,
        status: int = 0,
        request_id: str = "",
        errors: tuple[Fault, ...] = (),
    ) -> None:
        super().__init__(message, status=status, request_id=request_id, errors=errors)
        self.retry_after = retry_after


class Refused(BaswareError):
    """Basware understood the call and refused it; `errors` are its reasons, often none."""


class PlaceLost(BaswareError):
    """Basware no longer knows the place in a list that a continuation stands for; how long it does is not published."""


class UnreadablePage(BaswareError):
    """An answer that should hold documents cannot be read. `body` is what came, whole; `continuation` leads to the next page,
    and is empty when Basware named none."""

    def __init__(self, message: str, *, body: bytes, continuation: str, request_id: str = "") -> None:
        super().__init__(message, status=200, request_id=request_id)
        self.body = body
        self.continuation = continuation

    @property
    def excerpt(self) -> str:
        """The beginning of the body, for people."""
        return self.body[:200].decode("utf-8", errors="replace")


class TooLarge(BaswareError):
    """An answer is larger than the connection's limit; it was not read to its end."""


class AddressRefused(BaswareError):
    """Basware, or a document that came through it, names an address that is not on the list of those we call."""
