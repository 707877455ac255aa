"""Signing in: the token endpoint, its signed tokens and published keys, and who a business request comes from.

Source: Basware authentication specification (client credentials grant, JWT with RS256, /.well-known documents) and the
security schemes of the P2P specification (HTTP Basic or OAuth 2).
"""

import base64
import binascii
import hashlib
import hmac
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from twins.basware.answers import in_json
from twins.basware.downloads import scheme_of
from twins.basware.state import Tenant, World
from twins.basware.values import encode, new_uuid
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
        kind, _, credentials = request.headers.get("authorization", "").partition(" ")
        now, switches = self._world.clock.now(), self._world.switches
        if kind.lower() == "bearer" and switches.allow_bearer:
            grant = self._grants.get(credentials.strip())
            if grant is not None and grant.expires > now:
                return grant
        if kind.lower() == "basic" and switches.allow_basic:
            name, _, word = _basic(credentials)
            for tenant in self._world.tenants.values():
                if tenant.user and name == tenant.user and hmac.compare_digest(word.encode(), tenant.password.encode()):
                    return Grant(tenant, tenant.scopes, now)
        return None

    def published_keys(self) -> Response:
        """Answer GET /.well-known/jwks.json: the keys that verify the tokens still good."""
        now = self._world.clock.now()
        shown = {kid: key.shown for kid, key in self._keys.items() if key.needed_until > now}
        return in_json({"keys": list({**shown, _key_id(): _shown_key()}.values())})

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
        kind, _, credentials = header.partition(" ")
        name, _, word = _basic(credentials) if kind.lower() == "basic" else ("", "", "")
        tenant = self._world.tenants.get(name)
        matches = tenant is not None and hmac.compare_digest(word.encode(), tenant.client_secret.encode())
        return tenant if matches else None

    def _granted(self, tenant: Tenant, scopes: list[str]) -> Response:
        now, life = self._world.clock.now(), self._world.switches.token_seconds
        self._grants = {token: grant for token, grant in self._grants.items() if grant.expires > now}
        issued = int(now.timestamp())
        token = _signed(
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
            }
        )
        expires = now + timedelta(seconds=life)
        self._grants[token] = Grant(tenant, frozenset(scopes), expires)
        self._keys[_key_id()] = PublishedKey(_shown_key(), expires)
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


def _basic(credentials: str) -> tuple[str, str, str]:
    """Name and password of a Basic header; empty ones when it can't be read."""
    try:
        return base64.b64decode(credentials.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", "", ""


@cache
def _private_key() -> RSAPrivateKey:
    """The signing key, made on first use and shared by the twins of a process, because making one takes a while."""
    return generate_private_key(public_exponent=65537, key_size=2048)


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@cache
def _public_key() -> dict[str, str]:
    numbers = _private_key().public_key().public_numbers()
    return {
        "e": _base64(numbers.e.to_bytes(3, "big")),
        "kty": "RSA",
        "n": _base64(numbers.n.to_bytes(256, "big")),
    }


def _shown_key() -> dict[str, str]:
    return {**_public_key(), "kid": _key_id(), "use": "sig", "alg": "RS256"}


@cache
def _key_id() -> str:
    """The key's thumbprint (RFC 7638)."""
    return _base64(hashlib.sha256(encode(_public_key())).digest())


def _signed(claims: dict[str, Any]) -> str:
    header = {"alg": "RS256", "kid": _key_id(), "typ": "at+jwt"}
    content = f"{_base64(encode(header))}.{_base64(encode(claims))}"
    signature = _private_key().sign(content.encode(), PKCS1v15(), SHA256())
    return f"{content}.{_base64(signature)}"
