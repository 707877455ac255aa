"""Intuit's sign-in as one app uses it: the calls of `auth.py` at the addresses that hold for it. Stores nothing.

Each call opens its own connection: they come once an hour at most, and from whichever thread needs a token.
"""

from collections.abc import Callable, MutableMapping
from datetime import datetime

import httpx2
import msgspec

from ml_connector.quickbooks import auth
from ml_connector.quickbooks.auth import TokenSet
from ml_connector.quickbooks.discovery import Endpoints, discover
from ml_connector.quickbooks.errors import QuickBooksError, Unavailable, error_from
from ml_connector.quickbooks.exchange import trace_of
from ml_connector.quickbooks.faults import parse_faults
from ml_connector.quickbooks.translation_lists import country_of, time_zone_of
from ml_connector.quickbooks.wire import UnreadableError, decode


class SignedInCompany(msgspec.Struct, frozen=True, kw_only=True):
    """The company a person has just agreed for, as it says itself; what it does not say is empty."""

    name: str = ""
    country: str = ""
    time_zone: str = ""


class IntuitSignIn:
    """One app at Intuit. `addresses` are those somebody set, empty where nobody did; `discovered` remembers Intuit's document."""

    def __init__(
        self,
        *,
        open_http: Callable[[], httpx2.Client],
        client_id: str,
        client_secret: str,
        addresses: Endpoints,
        discovery_url: str,
        api_url: str,
        discovered: MutableMapping[str, Endpoints],
        now: Callable[[], datetime],
    ) -> None:
        self._open_http = open_http
        self._client_id = client_id
        self._client_secret = client_secret
        self._addresses = addresses
        self._discovery_url = discovery_url
        self._api_url = api_url
        self._discovered = discovered
        self._now = now

    def __repr__(self) -> str:
        return "IntuitSignIn([hidden])"

    def authorize_address(self, *, redirect_uri: str, state: str) -> str:
        """Where a person's browser is sent to agree."""
        return auth.authorize_address(
            self._endpoints().authorize, client_id=self._client_id, redirect_uri=redirect_uri, state=state
        )

    def exchange(self, code: str, redirect_uri: str) -> TokenSet:
        """The first tokens of a sign-in. Raises what `auth.exchange_code` raises; never to be repeated."""
        with self._open_http() as http:
            return auth.exchange_code(
                http,
                token_url=self._endpoints().token,
                client_id=self._client_id,
                client_secret=self._client_secret,
                code=code,
                redirect_uri=redirect_uri,
                now=self._now(),
            )

    def refresh(self, refresh_token: str) -> TokenSet:
        """A fresh pair. Raises what `auth.refresh` raises. The discovery document is not asked for this."""
        token_url = self._addresses.token or self._discovered.get(self._discovery_url, Endpoints()).token
        with self._open_http() as http:
            return auth.refresh(
                http,
                token_url=token_url,
                client_id=self._client_id,
                client_secret=self._client_secret,
                refresh_token=refresh_token,
                now=self._now(),
            )

    def revoke(self, token: str) -> None:
        """Give a grant back. Raises what `auth.revoke` raises; Refused or SignInNeeded: Intuit knew of none any more."""
        with self._open_http() as http:
            auth.revoke(
                http,
                revoke_url=self._endpoints().revoke,
                client_id=self._client_id,
                client_secret=self._client_secret,
                token=token,
            )

    def company(self, access_token: str, realm_id: str) -> SignedInCompany:
        """The company a fresh token is for, asked of the company itself.

        Raises SignInNeeded when the token does not open that company, Unavailable when QuickBooks does not answer.
        """
        with self._open_http() as http:
            try:
                response = http.get(
                    f"{self._api_url}/v3/company/{realm_id}/companyinfo/{realm_id}",
                    headers={"Authorization": f"Bearer {access_token}", "Accept": "application/json"},
                )
            except httpx2.RequestError as error:
                raise Unavailable("QuickBooks did not answer", detail=type(error).__name__) from error
        if response.status_code != 200:
            raise _refusal(response)
        try:
            info = decode(response.content).get("CompanyInfo")
        except UnreadableError as error:
            raise Unavailable("QuickBooks' answer cannot be read", trace=trace_of(response), status=200) from error
        if not isinstance(info, dict):
            return SignedInCompany()
        name = info.get("CompanyName")
        return SignedInCompany(
            name=name if isinstance(name, str) else "", country=country_of(info), time_zone=time_zone_of(info)
        )

    def _endpoints(self) -> Endpoints:
        own = self._addresses
        if not (own.authorize and own.token and own.revoke) and self._discovery_url not in self._discovered:
            with self._open_http() as http:
                found = discover(http, self._discovery_url)
            if found is not None:
                self._discovered[self._discovery_url] = found
        known = self._discovered.get(self._discovery_url, Endpoints())
        return Endpoints(
            authorize=own.authorize or known.authorize,
            token=own.token or known.token,
            revoke=own.revoke or known.revoke,
        )


def _refusal(response: httpx2.Response) -> QuickBooksError:
    faults = parse_faults(response.status_code, response.headers.get("content-type", ""), response.content)
    return error_from(response.status_code, faults, write=False, trace=trace_of(response))
