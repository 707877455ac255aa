"""The calls to a company's OpenID provider, and the check of what it signs. Knows nothing of people and sessions.

Endpoints come from the provider's discovery document and keys from its key set, both kept for an hour; an unknown key is looked for
once a minute at most. Redirects are not followed and answers are read up to a limit.
"""

import hmac
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2
import jwt
import msgspec
from jwt import PyJWK

from ml_connector.app.trust import trusted
from ml_connector.work.people.provider import ProviderError, ProviderSettings, Shown

_KEPT = timedelta(hours=1)
_KEYS_EVERY = timedelta(minutes=1)
_SECONDS = 10.0
_LARGEST = 1_000_000
_AT_ONCE = 8
"""Threads that may wait for a provider's discovery document: anybody can ask to be sent there, also while it is down."""
_LEEWAY = timedelta(minutes=1)
_ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
"""Signatures with a key that only the provider has. Never "none", and none that the client's secret could make."""
_REQUIRED = ["iss", "sub", "aud", "exp", "iat"]
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_log = logging.getLogger(__name__)


class _Document(msgspec.Struct, frozen=True, kw_only=True):
    """What is used of a discovery document (OpenID Connect Discovery 1.0, section 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class _Tokens(msgspec.Struct, frozen=True, kw_only=True):
    id_token: str
    access_token: str = ""

    def __repr__(self) -> str:
        return "_Tokens([hidden])"


class OpenIdProvider:
    """One provider. Safe to share between threads: two that find nothing kept ask at the same time, and keep the same."""

    def __init__(self, settings: ProviderSettings, now: Callable[[], datetime]) -> None:
        self.settings = settings
        self._now = now
        self._document: tuple[_Document, datetime] | None = None
        self._keys: tuple[dict[str, PyJWK], datetime] | None = None
        self._looking = BoundedSemaphore(_AT_ONCE)

    def authorize_address(self, *, redirect_uri: str, state: str, nonce: str, challenge: str) -> str:
        """Where a browser is sent to sign in. Raises ProviderError."""
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid email profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        endpoint = self._discovered().authorization_endpoint
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(asked)}"

    def shown(self, *, code: str, redirect_uri: str, verifier: str, nonce: str) -> Shown:
        """Whom a code stands for. Raises ProviderError."""
        tokens = self._exchanged(code, redirect_uri, verifier)
        claims = self._checked(tokens.id_token, nonce)
        if not claims.get("email") and self._discovered().userinfo_endpoint and tokens.access_token:
            claims = claims | self._user_info(tokens.access_token, str(claims["sub"]))
        told = claims.get("email_verified")
        verified = told is True or told == "true" or self.settings.trust_email
        email = claims.get("email")
        return Shown(
            subject=str(claims["sub"]),
            email=email if isinstance(email, str) and verified else "",
            name=str(claims.get("name") or ""),
        )

    # the signed answer

    def _checked(self, token: str, nonce: str) -> dict[str, Any]:
        """What an ID token says, after everything section 3.1.3.7 of OpenID Connect Core asks for."""
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in _ALGORITHMS:
                raise jwt.InvalidAlgorithmError("signed in a way that is not accepted")
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key(header.get("kid")),
                algorithms=[header["alg"]],
                audience=self.settings.client_id,
                issuer=self.settings.issuer,
                # our own clock is asked below
                options={"require": _REQUIRED, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
        except (jwt.PyJWTError, KeyError) as error:
            raise self._unbelievable(type(error).__name__) from error
        self._check_times(claims)
        audience = claims["aud"]
        several = isinstance(audience, list) and len(audience) > 1
        if (several or "azp" in claims) and claims.get("azp") != self.settings.client_id:
            raise self._unbelievable("made for another client")
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise self._unbelievable("another nonce")
        return claims

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        now = self._now()
        try:
            ends, made, begins = (float(claims.get(name, claims["iat"])) for name in ("exp", "iat", "nbf"))
        except (TypeError, ValueError) as error:
            raise self._unbelievable("no moments") from error
        if ends <= (now - _LEEWAY).timestamp() or max(made, begins) >= (now + _LEEWAY).timestamp():
            raise self._unbelievable("too old or from the future; look at the clocks of both machines")

    def _key(self, kid: object) -> PyJWK:
        """The key of that id; where a token names none, the only one there is."""
        now, known = self._now(), self._keys
        if known is None or now - known[1] >= _KEPT or (not _has(known[0], kid) and now - known[1] >= _KEYS_EVERY):
            known = self._keys = self._key_set(), now
        keys = known[0]
        return keys[str(kid)] if kid is not None or len(keys) != 1 else next(iter(keys.values()))

    def _key_set(self) -> dict[str, PyJWK]:
        found = {}
        for number, one in enumerate(
            self._asked("GET", self._discovered().jwks_uri, dict[str, list[dict[str, Any]]])["keys"]
        ):
            if one.get("kty") == "oct" or one.get("use", "sig") != "sig":
                continue
            try:
                found[str(one.get("kid", f"#{number}"))] = PyJWK.from_dict(one)
            except jwt.PyJWTError:
                _log.info("a key of the sign-in provider is of a kind that is not known here")
        return found

    # calls

    def _discovered(self) -> _Document:
        now, known = self._now(), self._document
        if known is not None and now - known[1] < _KEPT:
            return known[0]
        if not self._looking.acquire(blocking=False):
            raise self._unreachable()
        try:
            document = self._looked_up()
        finally:
            self._looking.release()
        self._document = document, now
        return document

    def _looked_up(self) -> _Document:
        address = f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"
        document: _Document = self._asked("GET", address, _Document)
        if document.issuer != self.settings.issuer:
            raise self._unbelievable(f"its discovery document is of the issuer {document.issuer}")
        ends = (document.authorization_endpoint, document.token_endpoint, document.jwks_uri, document.userinfo_endpoint)
        if any(end and not is_safe(end) for end in ends):
            raise self._unbelievable("its discovery document names an address without https")
        return document

    def _exchanged(self, code: str, redirect_uri: str, verifier: str) -> _Tokens:
        document, own = self._discovered(), self.settings
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        if "client_secret_basic" in document.token_endpoint_auth_methods_supported:
            auth: httpx2.BasicAuth | None = httpx2.BasicAuth(own.client_id, own.client_secret.reveal())
        else:
            auth = None
            form |= {"client_id": own.client_id, "client_secret": own.client_secret.reveal()}
        tokens: _Tokens = self._asked("POST", document.token_endpoint, _Tokens, data=form, auth=auth)
        return tokens

    def _user_info(self, access_token: str, subject: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {access_token}"}
        told = self._asked("GET", self._discovered().userinfo_endpoint, dict[str, Any], headers=headers)
        if told.get("sub") != subject:
            raise self._unbelievable("user info of somebody else")
        return {name: told[name] for name in ("email", "email_verified", "name") if name in told}

    def _asked(self, method: str, address: str, kind: type[Any], **content: Any) -> Any:
        """One call; the answer as `kind`. Raises ProviderError."""
        try:
            with (
                httpx2.Client(timeout=_SECONDS, verify=trusted(), headers={"Accept": "application/json"}) as http,
                http.stream(method, address, **content) as answer,
            ):
                body = b""
                for piece in answer.iter_bytes():
                    body += piece
                    if len(body) > _LARGEST:
                        raise self._unbelievable("an answer without end")
        except (httpx2.RequestError, httpx2.InvalidURL) as error:
            _log.warning("the sign-in provider cannot be reached: %s", type(error).__name__)
            raise self._unreachable() from error
        if answer.status_code != 200:
            raise self._unbelievable(f"answered {answer.status_code} at {urlsplit(address).path}")
        try:
            return msgspec.json.decode(body, type=kind)
        except msgspec.DecodeError as error:
            raise self._unbelievable(f"not understood at {urlsplit(address).path}") from error

    def _unreachable(self) -> ProviderError:
        return ProviderError(
            f"{self.settings.name} cannot be reached right now. Try again in a moment, or sign in with your password here."
        )

    def _unbelievable(self, detail: str) -> ProviderError:
        _log.warning("the answer of the sign-in provider was refused: %s", detail)
        return ProviderError(
            f"The answer of {self.settings.name} could not be believed, so nobody was signed in. Begin again; if it stays, whoever "
            "looks after this installation finds the reason in its log."
        )


def _has(keys: Mapping[str, PyJWK], kid: object) -> bool:
    return str(kid) in keys if kid is not None else len(keys) == 1


def is_safe(address: str) -> bool:
    """Whether secrets may be sent there: over TLS, or to this very machine."""
    parts = urlsplit(address)
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK))
