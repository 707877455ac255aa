"""Intuit's sign-in service: refresh tokens that rotate, access tokens of an hour, revocation, discovery documents.

The value of a refresh token changes with the first refresh a day after it was given out, and the old value dies at once.
Sources: Intuit's OAuth guide and its note of November 2025 on the five-year ceiling.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl

import msgspec

from twins.clock import Clock
from twins.http import Request, Response
from twins.quickbooks.switches import Switches
from twins.quickbooks.values import Json, decode, encode

TOKEN_PATH = "/oauth2/v1/tokens/bearer"
REVOKE_PATH = "/v2/oauth2/tokens/revoke"
DISCOVERY_PATHS = ("/.well-known/openid_configuration", "/.well-known/openid_sandbox_configuration")
HARD_EXPIRY_HEADER = "x-include-refresh-token-hard-expires-in"
ACCESS_SECONDS = 3_600
REFRESH_SECONDS = 8_726_400
HARD_SECONDS = 157_680_000
ROTATE_AFTER_SECONDS = 86_400
CODE_SECONDS = 600


@dataclass
class Grant:
    """One company's consent to one application, and the token values that stand for it. Instants are epoch seconds."""

    realm_id: str
    client_id: str
    refresh_token: str
    issued: float
    expires: float
    hard_expires: float
    alive: bool = True
    replaced: dict[str, float] = field(default_factory=dict)
    """Earlier refresh values, and until when each still works."""


@dataclass
class _Code:
    realm_id: str
    client_id: str
    redirect_uri: str
    expires: float
    grant: Grant | None = None


class SignIn:
    """The token service of one twin. Token values follow from a counter, so a run can be replayed."""

    def __init__(self, clock: Clock, switches: Switches) -> None:
        self._clock = clock
        self._switches = switches
        self._secrets: dict[str, str] = {}
        self._grants: dict[str, Grant] = {}
        self._access: dict[str, tuple[Grant, float]] = {}
        self._codes: dict[str, _Code] = {}
        self._issued = 0

    # set-up

    def register(self, client_id: str, client_secret: str) -> None:
        """Make an application's keys known."""
        self._secrets[client_id] = client_secret

    def grant(self, realm_id: str, client_id: str, refresh_token: str) -> None:
        """Connect a company to an application with a given first refresh value."""
        self._connect(realm_id, client_id, refresh_token)

    def authorize(self, realm_id: str, client_id: str, redirect_uri: str) -> str:
        """A fresh authorization code, as if a person had agreed on the consent page."""
        code = f"AB11{self._value('code', realm_id)[:40]}"
        self._codes[code] = _Code(realm_id, client_id, redirect_uri, self._now() + CODE_SECONDS)
        return code

    def disconnect(self, realm_id: str) -> None:
        """End every grant of a company, as a person can from inside QuickBooks."""
        for grant in {id(each): each for each in self._grants.values()}.values():
            if grant.realm_id == realm_id:
                grant.alive = False

    def expire_access_tokens(self) -> None:
        """Let every access token lapse now."""
        self._access = {token: (grant, self._now()) for token, (grant, _expiry) in self._access.items()}

    # the API asks

    def realm_of(self, token: str) -> str | None:
        """The company an access token opens; None when it is unknown, expired or its grant has ended."""
        grant, expires = self._access.get(token, (None, 0.0))
        if grant is None or not grant.alive or expires <= self._now():
            return None
        return grant.realm_id

    def handle(self, request: Request) -> Response | None:
        """Answer a request to this service; None when the path is not one of its own."""
        if request.path in DISCOVERY_PATHS:
            return _json(200, discovery(request.host, sandbox=request.path.endswith("sandbox_configuration")))
        if request.path not in {TOKEN_PATH, REVOKE_PATH}:
            return None
        if request.method != "POST":
            return _error(405, "invalid_request")
        client_id = self._client(request)
        if client_id is None:
            return _error(401, "invalid_client")
        return self._token(request, client_id) if request.path == TOKEN_PATH else self._revoke(request, client_id)

    def _client(self, request: Request) -> str | None:
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        try:
            client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return client_id if scheme.lower() == "basic" and secret and self._secrets.get(client_id) == secret else None

    def _token(self, request: Request, client_id: str) -> Response:
        try:
            form = dict(parse_qsl(request.body.decode("ascii"), strict_parsing=True))
        except ValueError:
            return _error(400, "invalid_request")
        if form.get("grant_type") == "refresh_token" and form.get("refresh_token"):
            grant = self._refresh(form["refresh_token"], client_id)
        elif form.get("grant_type") == "authorization_code" and form.get("code") and form.get("redirect_uri"):
            grant = self._exchange(form["code"], form["redirect_uri"], client_id)
        elif form.get("grant_type") in {None, "refresh_token", "authorization_code"}:
            return _error(400, "invalid_request")
        else:
            return _error(400, "unsupported_grant_type")
        if grant is None:
            return _error(400, "invalid_grant")
        hard = request.headers.get(HARD_EXPIRY_HEADER, "").lower() == "true"
        return _json(200, self._tokens(grant, hard=hard))

    def _refresh(self, value: str, client_id: str) -> Grant | None:
        grant, now = self._grants.get(value), self._now()
        if (
            grant is None
            or not grant.alive
            or grant.client_id != client_id
            or min(grant.expires, grant.hard_expires) <= now
        ):
            return None
        if value != grant.refresh_token:
            if grant.replaced[value] <= now:
                grant.alive = not self._switches.reuse_revokes_grant
                return None
        elif self._switches.rotate_every_refresh or now - grant.issued >= ROTATE_AFTER_SECONDS:
            grant.replaced[value] = now + self._switches.rotation_overlap_seconds
            grant.refresh_token, grant.issued = f"RT1-{self._value('refresh', grant.realm_id)[:48]}", now
            self._grants[grant.refresh_token] = grant
        grant.expires = min(now + REFRESH_SECONDS, grant.hard_expires)
        return grant

    def _exchange(self, value: str, redirect_uri: str, client_id: str) -> Grant | None:
        code = self._codes.get(value)
        if code is None:
            return None
        if code.grant is not None:
            code.grant.alive = False
            return None
        if code.client_id != client_id or code.redirect_uri != redirect_uri or code.expires <= self._now():
            return None
        code.grant = self._connect(code.realm_id, client_id, f"RT1-{self._value('refresh', code.realm_id)[:48]}")
        return code.grant

    def _connect(self, realm_id: str, client_id: str, refresh_token: str) -> Grant:
        now = self._now()
        grant = Grant(realm_id, client_id, refresh_token, now, now + REFRESH_SECONDS, now + HARD_SECONDS)
        self._grants[refresh_token] = grant
        return grant

    def _tokens(self, grant: Grant, *, hard: bool) -> Json:
        now = self._now()
        access = f"eyJ{self._value('access', grant.realm_id)}"
        self._access[access] = (grant, now + ACCESS_SECONDS)
        answer = {
            "token_type": "bearer",
            "access_token": access,
            "expires_in": ACCESS_SECONDS,
            "refresh_token": grant.refresh_token,
            "x_refresh_token_expires_in": int(grant.expires - now),
        }
        return {**answer, "x_refresh_token_hard_expires_in": int(grant.hard_expires - now)} if hard else answer

    def _revoke(self, request: Request, client_id: str) -> Response:
        try:
            body = decode(request.body)
        except msgspec.DecodeError:
            return _error(400, "invalid_request")
        token = str(body.get("token", "")) if isinstance(body, dict) else ""
        grant = self._access[token][0] if token in self._access else self._grants.get(token)
        if grant is None or grant.client_id != client_id:
            return _error(400, "invalid_request")
        grant.alive = False
        return Response(200)

    def _value(self, kind: str, realm_id: str) -> str:
        self._issued += 1
        return hashlib.sha512(f"{kind}:{realm_id}:{self._issued}".encode()).hexdigest()

    def _now(self) -> float:
        now: datetime = self._clock.now()
        return now.timestamp()


def discovery(host: str, *, sandbox: bool) -> Json:
    """The discovery document: the vendor's own addresses under its own names, else addresses of the serving host."""
    if host.endswith("intuit.com"):
        accounts = "sandbox-accounts" if sandbox else "accounts"
        user_info = f"https://{accounts}.platform.intuit.com/v1/openid_connect/userinfo"
        token, api = "https://oauth.platform.intuit.com", "https://developer.api.intuit.com"
        consent = "https://appcenter.intuit.com/connect/oauth2"
    else:
        token = api = f"http://{host}"
        user_info, consent = f"{api}/v1/openid_connect/userinfo", f"{api}/connect/oauth2"
    return {
        "issuer": "https://oauth.platform.intuit.com/op/v1",
        "authorization_endpoint": consent,
        "token_endpoint": f"{token}{TOKEN_PATH}",
        "userinfo_endpoint": user_info,
        "revocation_endpoint": f"{api}{REVOKE_PATH}",
        "jwks_uri": f"{token}/op/v1/jwks",
        "response_types_supported": ["code"],
        "scopes_supported": ["openid", "email", "profile", "address", "phone"],
    }


def _json(status: int, body: Json) -> Response:
    return Response(status, {"Content-Type": "application/json;charset=utf-8"}, encode(body))


def _error(status: int, code: str) -> Response:
    return _json(status, {"error": code})
