"""Signing in: the token endpoint, its signed tokens and published keys, and who a business request comes from.

Source: Basware authentication specification (client credentials grant, JWT with RS256, /.well-known documents) and the
security schemes of the P2P specification (HTTP Basic or OAuth 2).
"""

import hmac
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from twins import signing
from twins.basware.answers import in_json
from twins.basware.credentials import read_basic
from twins.basware.downloads import scheme_of
from twins.basware.state import Tenant, World
from twins.basware.values import new_uuid
from twins.http import Request, Response


@dataclass(frozen=True)
class Grant:
    """What an access token stands for."""

    tenant: Tenant
    scopes: frozenset[str]
    expires: datetime


@dataclass(frozen=True)
class PublishedKey:
    """A key as /.well-known/jwks.json shows it, and until when tokens signed with it are good."""

    shown: dict[str, str]
    needed_until: datetime


class Tokens:
    """The tokens handed out and still good, and the keys that verify them.

    The private key belongs to the process and is never part of this state. So a twin restored from a file signs with a new
    key, and goes on publishing the old one until its last token has ended, as after any change of keys.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._grants: dict[str, Grant] = {}
        self._keys: dict[str, PublishedKey] = {}
        self._ids = random.Random(world.source.getrandbits(64))

    def issue(self, request: Request) -> Response:
        """Answer POST /v1/tokens."""
        form = _form(request)
        if refused := self._incomplete(request, form):
            return refused
        tenant = self._client(request.headers["authorization"])
        if tenant is None:
            return in_json({"error": "invalid_client"}, 401)
        if form["grant_type"] != "client_credentials":
            return _invalid("invalid_request", "grant_type must be client_credentials")
        asked = list(dict.fromkeys(form["scope"].split()))
        granted = [scope for scope in asked if scope in tenant.scopes]
        if not granted or (granted != asked and self._world.switches.ungranted_scopes == "refuse"):
            refused_scopes = " ".join(scope for scope in asked if scope not in granted)
            return _invalid("invalid_scope", f"not granted to this client: {refused_scopes}")
        return self._granted(tenant, granted)

    def who(self, request: Request) -> Grant | None:
        """The grant behind a business request; None for bad, expired or missing credentials."""
        header = request.headers.get("authorization", "")
        kind, _, credentials = header.partition(" ")
        now, switches = self._world.clock.now(), self._world.switches
        if kind.lower() == "bearer" and switches.allow_bearer:
            grant = self._grants.get(credentials.strip())
            if grant is not None and grant.expires > now:
                return grant
        if switches.allow_basic:
            name, word = read_basic(header)
            for tenant in self._world.tenants.values():
                if tenant.user and name == tenant.user and hmac.compare_digest(word.encode(), tenant.password.encode()):
                    return Grant(tenant, tenant.scopes, now)
        return None

    def published_keys(self) -> Response:
        """Answer GET /.well-known/jwks.json: the keys that verify the tokens still good."""
        now = self._world.clock.now()
        shown = {kid: key.shown for kid, key in self._keys.items() if key.needed_until > now}
        return in_json({"keys": list({**shown, signing.key_id(): signing.published_key()}.values())})

    def revoke_all(self) -> None:
        """Make every token worthless at once, as a changed client secret does."""
        self._grants.clear()

    def _incomplete(self, request: Request, form: dict[str, str]) -> Response | None:
        """What a request without its header or one of its form fields gets."""
        missing = [("header", "authorization")] if "authorization" not in request.headers else []
        missing += [("body", name) for name in ("grant_type", "scope") if not form.get(name)]
        if not missing:
            return None
        if missing[0][0] == "body" and self._world.switches.missing_form_fields == "invalid request":
            return _invalid("invalid_request", f"{missing[0][1]} field required")
        detail = [{"loc": list(where), "msg": "field required", "type": "value_error.missing"} for where in missing]
        return in_json({"detail": detail}, 422)

    def _client(self, header: str) -> Tenant | None:
        name, word = read_basic(header)
        tenant = self._world.tenants.get(name)
        matches = tenant is not None and hmac.compare_digest(word.encode(), tenant.client_secret.encode())
        return tenant if matches else None

    def _granted(self, tenant: Tenant, scopes: list[str]) -> Response:
        now, life = self._world.clock.now(), self._world.switches.token_seconds
        self._grants = {token: grant for token, grant in self._grants.items() if grant.expires > now}
        issued = int(now.timestamp())
        token = signing.signed(
            {
                "sub": tenant.client_id,
                "scope": " ".join(scopes),
                "auth_time": issued,
                "iss": self._world.issuer,
                "aud": "OpenAPI",
                "exp": issued + life,
                "iat": issued,
                "jti": new_uuid(self._ids),
                "bwcid": tenant.bwcid,
            },
            kind="at+jwt",
        )
        expires = now + timedelta(seconds=life)
        self._grants[token] = Grant(tenant, frozenset(scopes), expires)
        self._keys[signing.key_id()] = PublishedKey(signing.published_key(), expires)
        told = life // 60 if self._world.switches.expires_in == "minutes" else life
        body = {"access_token": token, "scope": " ".join(scopes), "expires_in": told, "token_type": "Bearer"}
        return in_json(body)


def published_configuration(request: Request, issuer: str) -> Response:
    """Answer GET /.well-known/openid-configuration. Its issuer ends with a slash, that of the tokens does not."""
    keys = f"{scheme_of(request.host)}://{request.host}/.well-known/jwks.json"
    return in_json({"issuer": f"{issuer}/", "jwks_uri": keys})


def _form(request: Request) -> dict[str, str]:
    if "application/x-www-form-urlencoded" not in request.headers.get("content-type", "").lower():
        return {}
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def _invalid(error: str, description: str) -> Response:
    return in_json({"error": error, "error_description": description}, 400)
