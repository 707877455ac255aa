"""Asks Basware what some credentials may do and where they belong, without reading or writing any business data.

For the check of a connection only. Credentials go to addresses of Basware's own table and to the connection's own, nowhere else;
which those are, the caller says.
"""

from collections.abc import Iterable

import httpx2
import msgspec

from ml_connector.basware.auth import AccessToken, Authorization, BasicAuthorization, fetch_token
from ml_connector.basware.client import BaswareClient, Company
from ml_connector.basware.errors import BaswareError, CredentialsRejected, Refused, ScopeMissing
from ml_connector.basware.regions import Addresses
from ml_connector.model.clock import Clock

_READ = "accountingDocuments.read"
_COMPANIES = "companies.read"
_CHEAP_READ = "/v1/accountingDocuments?ProcessingStatus=WaitingForTransfer&pageSize=1&p2pProcessingMode=Standard"


class Grants(msgspec.Struct, frozen=True, kw_only=True):
    """Which of the rights that were asked for are granted and which are not, in the order they were asked for."""

    granted: tuple[str, ...]
    missing: tuple[str, ...]


class BaswareProbe:
    """One pair of credentials: client id and secret, or with `basic` user and password."""

    def __init__(
        self, http: httpx2.Client, where: Addresses, name: str, word: str, clock: Clock, *, basic: bool
    ) -> None:
        self.where = where
        self.basic = basic
        self._http = http
        self._name = name
        self._word = word
        self._clock = clock

    def __repr__(self) -> str:
        return f"BaswareProbe({self.where.base_url!r}, [hidden])"

    def grants(self, scopes: Iterable[str]) -> Grants:
        """What of these rights the client has. A server may drop the others silently, or refuse all with 400 or 403; then each is
        asked for alone. Raises CredentialsRejected, Unavailable, Throttled, and what refused them all if nothing was granted."""
        wanted = tuple(scopes)
        try:
            token = self._token(self.where, wanted)
        except (ScopeMissing, Refused) as error:
            granted = tuple(scope for scope in wanted if self._grants_one(scope))
            if not granted:
                raise error from None
        else:
            granted = tuple(scope for scope in wanted if scope not in token.missing(wanted))
        return Grants(granted=granted, missing=tuple(scope for scope in wanted if scope not in granted))

    def _grants_one(self, scope: str) -> bool:
        try:
            return not self._token(self.where, (scope,)).missing((scope,))
        except (ScopeMissing, Refused):
            return False

    def customer(self) -> str:
        """Whose system the credentials are for, as Basware writes it into its tokens; empty where it does not say."""
        if self.basic:
            return ""
        try:
            return self._token(self.where, (_READ,)).customer
        except BaswareError:
            return ""  # the line about the sign-in says why

    def opens(self, where: Addresses) -> bool | None:
        """Whether another system accepts the credentials, whatever rights they have there; None when it does not say."""
        try:
            return self._opens_basic(where) if self.basic else bool(self._token(where, (_READ,)).token)
        except ScopeMissing:
            return True
        except CredentialsRejected:
            return False
        except BaswareError:
            return None

    def _opens_basic(self, where: Addresses) -> bool | None:
        headers = {"Authorization": self._basic()(False), "Accept": "application/json"}
        try:
            status = self._http.get(where.base_url + _CHEAP_READ, headers=headers, follow_redirects=False).status_code
        except httpx2.RequestError:
            return None
        # Large answers are fetched elsewhere: being sent there is being let in.
        return {401: False, 200: True, 302: True, 403: True, 404: True}.get(status)

    def companies(self) -> tuple[Company, ...] | None:
        """The companies Basware lists; None when we may not see them. Raises the errors of `BaswareClient.companies`."""
        if self.basic:
            return self._client(self._basic()).companies()
        try:
            token = self._token(self.where, (_COMPANIES,))
        except (ScopeMissing, Refused):
            return None
        if token.missing((_COMPANIES,)):
            return None
        return self._client(lambda _force: f"Bearer {token.token}").companies()

    def _client(self, authorization: Authorization) -> BaswareClient:
        return BaswareClient(self._http, base_url=self.where.base_url, authorization=authorization, clock=self._clock)

    def _basic(self) -> BasicAuthorization:
        return BasicAuthorization(self._name, self._word)

    def _token(self, where: Addresses, scopes: tuple[str, ...]) -> AccessToken:
        return fetch_token(
            self._http,
            token_url=where.token_url,
            client_id=self._name,
            client_secret=self._word,
            scopes=scopes,
            now=self._clock.now(),
        )
