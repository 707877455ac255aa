"""Signing in to Basware: OAuth2 client credentials, or the user and password some tenants still have.

A token is asked for again when it runs out; there is no refresh token. Secrets are kept in memory only and masked when shown.
"""

import base64
import binascii
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from threading import Lock, local
from typing import Any

import httpx2
import msgspec

from ml_connector.basware.errors import BaswareError, CredentialsRejected, Refused, ScopeMissing, Throttled, Unavailable
from ml_connector.basware.faults import parse_faults
from ml_connector.model.clock import Clock

Authorization = Callable[[bool], str]
"""Gives the value of the Authorization header. True asks for a new one, because the last one was refused with 401."""

INVOICE_SCOPES = ("accountingDocuments.read", "accountingDocuments.write")
"""What taking over invoices and answering them needs (Basware P2P spec, securitySchemes)."""

_AHEAD = timedelta(seconds=60)
_LEFT_ALONE = timedelta(seconds=20)
"""How long a token service that did not answer is left alone while there is a living token."""


class AccessToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token of the Purchase-to-Pay API. `scopes` are those granted, which can be fewer than asked for. `customer` is whose system
    it is for, such as `020779-TEST1` (Basware authentication spec, claim bwcid of the sample token), empty where it does not say.
    """

    token: str
    expires_at: datetime
    scopes: tuple[str, ...] = ()
    customer: str = ""

    def __repr__(self) -> str:
        return f"AccessToken(token='[hidden]', expires_at={self.expires_at.isoformat()}, scopes={self.scopes})"

    def missing(self, scopes: Iterable[str]) -> tuple[str, ...]:
        """Those of the scopes that were not granted."""
        return tuple(scope for scope in scopes if scope not in self.scopes)


def fetch_token(
    http: httpx2.Client, *, token_url: str, client_id: str, client_secret: str, scopes: Iterable[str], now: datetime
) -> AccessToken:
    """Ask for a token (Basware authentication spec, POST /v1/tokens: form body, client id and secret in the Basic header).

    Raises CredentialsRejected, ScopeMissing, Throttled, Refused (the request itself was wrong) and Unavailable.
    """
    wanted = tuple(scopes)
    headers = {"Authorization": basic_header(client_id, client_secret), "Accept": "application/json"}
    form = {"grant_type": "client_credentials", "scope": " ".join(wanted)}
    try:
        response = http.post(token_url, data=form, headers=headers, follow_redirects=False)
    except httpx2.RequestError as error:
        raise Unavailable(f"Basware's token service cannot be reached: {type(error).__name__}") from error
    if response.status_code != 200:
        raise _token_error(response)
    return _read_token(response, wanted, now)


def _token_error(response: httpx2.Response) -> BaswareError:
    status = response.status_code
    errors = parse_faults(response.headers.get("content-type", ""), response.content)
    request_id = response.headers.get("x-amzn-requestid", "")
    said = f" ({errors[0]})" if errors else ""
    code = errors[0].code if errors else ""
    if status == 401 or code == "invalid_client":
        text = f"Basware does not accept the client id and secret{said}."
        return CredentialsRejected(text, status=status, request_id=request_id, errors=errors)
    if status == 403 or code in {"invalid_scope", "unauthorized_client"}:
        text = f"Basware does not grant the rights we need{said}."
        return ScopeMissing(text, status=status, request_id=request_id, errors=errors)
    if status == 429:
        text = "Basware's token service asks for a pause."
        return Throttled(text, retry_after=None, status=status, request_id=request_id, errors=errors)
    if status >= 500:
        text = f"Basware's token service answered {status}{said}."
        return Unavailable(text, status=status, request_id=request_id, errors=errors)
    text = f"Basware's token service refused the request with {status}{said}. Check the token address."
    return Refused(text, status=status, request_id=request_id, errors=errors)


def _read_token(response: httpx2.Response, wanted: tuple[str, ...], now: datetime) -> AccessToken:
    fields = _object(response.content)
    token = fields.get("access_token")
    if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
        request_id = response.headers.get("x-amzn-requestid", "")
        raise Unavailable("Basware's token service answered without a usable token.", status=200, request_id=request_id)
    granted = fields.get("scope")
    return AccessToken(
        token=token,
        expires_at=_expiry(token, fields.get("expires_in"), now),
        scopes=tuple(granted.split()) if isinstance(granted, str) else wanted,
        customer=_customer(token),
    )


def _customer(token: str) -> str:
    found = _claims(token).get("bwcid")
    return found.strip() if isinstance(found, str) else ""


def _expiry(token: str, expires_in: object, now: datetime) -> datetime:
    """When the token ends: by the token's own claims, else by `expires_in` as seconds.

    The spec's text says minutes while its sample means seconds; reading seconds can only end a token too early. The difference of
    the two claims holds also where our clock and Basware's disagree.
    """
    claims = _claims(token)
    issued, ends = _number(claims.get("iat")), _number(claims.get("exp"))
    if ends is not None:
        by_claim = datetime.fromtimestamp(ends, UTC)
        if issued is None or issued >= ends:
            return by_claim
        by_length = now + timedelta(seconds=ends - issued)
        return min(by_claim, by_length) if by_claim > now else by_length
    return now + timedelta(seconds=_number(expires_in) or 0.0)


def _claims(token: str) -> dict[str, Any]:
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        return _object(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError):
        return {}


def _object(body: bytes) -> dict[str, Any]:
    try:
        tree = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return tree if isinstance(tree, dict) else {}


def _number(value: object) -> float | None:
    """A number of seconds, also when written as text; None for anything that is no point in time."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if 0 <= number < 1e11 else None


class TokenCache:
    """Tokens of one client, one for each set of scopes, fetched once for all threads and renewed before they run out."""

    def __init__(
        self, http: httpx2.Client, *, token_url: str, client_id: str, client_secret: str, clock: Clock
    ) -> None:
        self._http = http
        self._token_url = token_url
        self._client_id = client_id
        self._client_secret = client_secret
        self._clock = clock
        self._tokens: dict[tuple[str, ...], tuple[AccessToken, datetime]] = {}
        self._lock = Lock()
        self._given = local()

    def __repr__(self) -> str:
        return f"TokenCache(token_url={self._token_url!r}, client_id='[hidden]', client_secret='[hidden]')"

    def token(self, scopes: Iterable[str] = INVOICE_SCOPES, *, force: bool = False) -> AccessToken:
        """A token that is good for a while. `force`: the one this thread was given last for these scopes was refused.

        Threads that were refused the same token cause one request. While the service is away, a token that still lives is used.
        Raises what `fetch_token` raises.
        """
        key = tuple(sorted(set(scopes)))
        given = self._given_here()
        with self._lock:
            held = self._tokens.get(key)
            refused = force and (held is None or given.get(key, held[0].token) == held[0].token)
            token = (
                held[0] if held and not refused and self._clock.now() < held[1] else self._renewed(key, held, refused)
            )
        given[key] = token.token
        return token

    def _given_here(self) -> dict[tuple[str, ...], str]:
        """The tokens this thread was given last, by their scopes."""
        if not hasattr(self._given, "tokens"):
            self._given.tokens = {}
        tokens: dict[tuple[str, ...], str] = self._given.tokens
        return tokens

    def _renewed(self, key: tuple[str, ...], held: tuple[AccessToken, datetime] | None, refused: bool) -> AccessToken:
        now = self._clock.now()
        try:
            fresh = fetch_token(
                self._http,
                token_url=self._token_url,
                client_id=self._client_id,
                client_secret=self._client_secret,
                scopes=key,
                now=now,
            )
        except (Unavailable, Throttled):
            if held is None or refused or now >= held[0].expires_at:
                raise
            self._tokens[key] = (held[0], min(now + _LEFT_ALONE, held[0].expires_at))
            return held[0]
        # A very short life is not all spent on renewing ahead.
        self._tokens[key] = (fresh, fresh.expires_at - min(_AHEAD, (fresh.expires_at - now) / 4))
        return fresh

    def authorization(self, scopes: Iterable[str] = INVOICE_SCOPES) -> Authorization:
        """The header for these scopes, for BaswareClient."""
        wanted = tuple(scopes)
        return lambda force: f"Bearer {self.token(wanted, force=force).token}"

    def complete_authorization(self, scopes: Iterable[str]) -> Authorization:
        """The same, which raises ScopeMissing before any call when a scope was silently left out of the token."""
        wanted = tuple(scopes)

        def header(force: bool) -> str:
            token = self.token(wanted, force=force)
            if missing := token.missing(wanted):
                raise ScopeMissing(f"Basware granted no right to {', '.join(missing)}.", status=403)
            return f"Bearer {token.token}"

        return header


class BasicAuthorization:
    """User and password on every call, the other scheme the P2P spec declares."""

    def __init__(self, user: str, password: str) -> None:
        self._header = basic_header(user, password)

    def __repr__(self) -> str:
        return "BasicAuthorization('[hidden]')"

    def __call__(self, force: bool) -> str:
        """The same header each time: there is nothing to renew."""
        del force
        return self._header


def basic_header(user: str, password: str) -> str:
    """The value of a Basic Authorization header."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
