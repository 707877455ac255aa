"""Where Intuit's sign-in is reached: what was set, else what Intuit's discovery document says, else the addresses it publishes.

Source: Intuit, "Discovery document". It is a convenience: whatever is wrong with it, the published addresses serve.
"""

from urllib.parse import urlsplit

import httpx2
import msgspec

from ml_connector.quickbooks.auth import AUTHORIZE_URL, REVOKE_URL, TOKEN_URL
from ml_connector.quickbooks.wire import UnreadableError, decode

PRODUCTION_DISCOVERY_URL = "https://developer.api.intuit.com/.well-known/openid_configuration"
SANDBOX_DISCOVERY_URL = "https://developer.api.intuit.com/.well-known/openid_sandbox_configuration"


class Endpoints(msgspec.Struct, frozen=True, kw_only=True):
    """The three addresses of signing in: the page for people, the one that gives tokens, the one that takes them back."""

    authorize: str = AUTHORIZE_URL
    token: str = TOKEN_URL
    revoke: str = REVOKE_URL


def discover(http: httpx2.Client, url: str) -> Endpoints | None:
    """The addresses Intuit's document names; the published one for any it does not. None when the document cannot be had."""
    try:
        response = http.get(url, headers={"Accept": "application/json"})
        named = decode(response.content) if response.status_code == 200 else None
    except (httpx2.RequestError, UnreadableError):
        return None
    if named is None:
        return None
    published = Endpoints()
    return Endpoints(
        authorize=_address(url, named.get("authorization_endpoint")) or published.authorize,
        token=_address(url, named.get("token_endpoint")) or published.token,
        revoke=_address(url, named.get("revocation_endpoint")) or published.revoke,
    )


def _address(source: str, named: object) -> str:
    """An address secrets may be sent to: encrypted, or on the very host that serves the document (a twin on loopback)."""
    if not isinstance(named, str):
        return ""
    try:
        asked, parts = urlsplit(source), urlsplit(named)
    except ValueError:
        return ""
    same = (parts.scheme, parts.netloc) == (asked.scheme, asked.netloc)
    return named if parts.netloc and (parts.scheme == "https" or same) else ""
