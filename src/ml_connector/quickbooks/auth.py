"""A company's sign-in on Intuit's wire: asks a person, exchanges codes and refresh tokens, gives a grant back. Stores nothing.

Intuit may answer a refresh with a new refresh token, which kills the old one at once, so the caller must store what comes back
before using it, and only one process may refresh a company at a time. Source: Intuit, "OAuth 2.0" and its FAQ.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx2

from ml_connector.quickbooks.errors import (
    ClientRejected,
    QuickBooksError,
    SignInNeeded,
    Throttled,
    Unavailable,
    error_from,
)
from ml_connector.quickbooks.exchange import retry_after, trace_of
from ml_connector.quickbooks.faults import parse_faults
from ml_connector.quickbooks.wire import UnreadableError, decode, encode

AUTHORIZE_URL = "https://appcenter.intuit.com/connect/oauth2"
TOKEN_URL = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"
REVOKE_URL = "https://developer.api.intuit.com/v2/oauth2/tokens/revoke"

SCOPE = "com.intuit.quickbooks.accounting"
"""All that is asked of a person."""

_ACCESS_LIFE = 3600
_REFRESH_LIFE = 8_726_400
_HARD_EXPIRY_HEADER = "x-include-refresh-token-hard-expires-in"


@dataclass(frozen=True, kw_only=True)
class TokenSet:
    """One company's tokens. The tokens themselves never show in logs or tracebacks.

    `refresh_expires_at` moves with every refresh (about 101 days); `hard_expires_at` never does: five years after the
    company was connected somebody must connect it again. None when Intuit did not say.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    access_expires_at: datetime
    refresh_expires_at: datetime
    hard_expires_at: datetime | None = None


def authorize_address(authorize_url: str, *, client_id: str, redirect_uri: str, state: str) -> str:
    """Where a person's browser is sent to agree. Intuit sends it back to `redirect_uri` with code, state and realmId.

    `redirect_uri` must be one registered for the app, character by character (Intuit, "Set up OAuth 2.0").
    """
    query = urlencode(
        {
            "client_id": client_id,
            "response_type": "code",
            "scope": SCOPE,
            "redirect_uri": redirect_uri,
            "state": state,
        }
    )
    return f"{authorize_url}{'&' if '?' in authorize_url else '?'}{query}"


def exchange_code(
    http: httpx2.Client,
    *,
    token_url: str,
    client_id: str,
    client_secret: str,
    code: str,
    redirect_uri: str,
    now: datetime,
) -> TokenSet:
    """Exchange the code of a sign-in for its first tokens. Never to be repeated: a second use may end what the first one gave.

    Raises SignInNeeded for a code that is used, expired or not ours, otherwise like `refresh`.
    """
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    return _tokens(http, token_url, client_id, client_secret, form, now)


def refresh(
    http: httpx2.Client, *, token_url: str, client_id: str, client_secret: str, refresh_token: str, now: datetime
) -> TokenSet:
    """Exchange a refresh token for a fresh pair. Only a 200 with both tokens counts.

    Raises SignInNeeded when the grant is over, ClientRejected for a wrong app, and Throttled or Unavailable when the same
    refresh token is to be tried again later.
    """
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return _tokens(http, token_url, client_id, client_secret, form, now)


def _tokens(  # noqa: PLR0917
    http: httpx2.Client, token_url: str, client_id: str, client_secret: str, form: dict[str, str], now: datetime
) -> TokenSet:
    response = _post(
        http,
        token_url,
        client_id,
        client_secret,
        headers={"Content-Type": "application/x-www-form-urlencoded", _HARD_EXPIRY_HEADER: "true"},
        form=form,
    )
    if response.status_code != 200:
        raise _failure(response)
    try:
        answer = decode(response.content)
    except UnreadableError as error:
        raise Unavailable(
            "the sign-in service's answer cannot be read", trace=trace_of(response), status=200
        ) from error
    access, renewed = answer.get("access_token"), answer.get("refresh_token")
    if not (isinstance(access, str) and access and isinstance(renewed, str) and renewed):
        raise _failure(response)
    hard = _seconds(answer.get("x_refresh_token_hard_expires_in"))
    return TokenSet(
        access_token=access,
        refresh_token=renewed,
        # A pair without life times is kept all the same, with the documented ones: losing a renewed token would end the grant.
        access_expires_at=now + timedelta(seconds=_seconds(answer.get("expires_in")) or _ACCESS_LIFE),
        refresh_expires_at=now + timedelta(seconds=_seconds(answer.get("x_refresh_token_expires_in")) or _REFRESH_LIFE),
        hard_expires_at=now + timedelta(seconds=hard) if hard else None,
    )


def revoke(http: httpx2.Client, *, revoke_url: str, client_id: str, client_secret: str, token: str) -> None:
    """Give the grant back to Intuit; afterwards the company must be connected again. Raises like `refresh`."""
    response = _post(
        http,
        revoke_url,
        client_id,
        client_secret,
        headers={"Content-Type": "application/json"},
        content=encode({"token": token}),
    )
    if response.status_code != 200:
        raise _failure(response)


def _post(
    http: httpx2.Client,
    url: str,
    client_id: str,
    client_secret: str,
    *,
    headers: dict[str, str],
    form: dict[str, str] | None = None,
    content: bytes | None = None,
) -> httpx2.Response:
    try:
        return http.post(
            url,
            headers={"Accept": "application/json", **headers},
            data=form,
            content=content,
            auth=httpx2.BasicAuth(client_id, client_secret),
        )
    except httpx2.RequestError as error:
        raise Unavailable("Intuit's sign-in service did not answer", detail=type(error).__name__) from error


def _failure(response: httpx2.Response) -> QuickBooksError:
    """Why no tokens came. Only invalid_grant ends a grant; anything vague is worth another try with the same token."""
    status, trace = response.status_code, trace_of(response)
    faults = parse_faults(status, response.headers.get("content-type", ""), response.content)
    codes = {fault.code for fault in faults}
    if "invalid_grant" in codes:
        return SignInNeeded("QuickBooks ended the connection", trace=trace, status=status, faults=faults)
    if "invalid_client" in codes or status == 401:
        return ClientRejected(
            "Intuit does not accept the app's client id and secret", trace=trace, status=status, faults=faults
        )
    error = error_from(status, faults, write=False, trace=trace, retry_after=retry_after(response))
    if isinstance(error, Throttled) or (status == 400 and "" not in codes and codes):
        return error
    return Unavailable("Intuit's sign-in service gave no tokens", trace=trace, status=status, faults=faults)


def _seconds(value: Any) -> int | None:
    """A life time in seconds, which may come as text; None when it is absent or makes no sense."""
    try:
        seconds = int(value)
    except (TypeError, ValueError):
        return None
    return seconds if seconds > 0 else None
