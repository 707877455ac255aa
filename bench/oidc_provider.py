"""A small OpenID provider on loopback, for tests: discovery, consent without a question, codes, PKCE, signed tokens, two keys.

It checks what a strict provider checks, and can be told to answer wrongly in the ways a client has to notice.
"""

import base64
import hashlib
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import jwt
import uvicorn
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT_ID, CLIENT_SECRET = "ml-connector", "canary-oidc-secret"
Claims = dict[str, Any]


@dataclass
class OidcProvider:
    """What it knows of its one person, how it answers, and what it was asked."""

    issuer: str
    person: Claims = field(
        default_factory=lambda: {"sub": "u-1", "email": "ann@example.com", "email_verified": True, "name": "Ann"}
    )
    now: Callable[[], float] = time.time
    change: Callable[[Claims], Claims] = lambda claims: claims
    signed: Callable[[Claims], str] | None = None
    document: Claims = field(default_factory=dict)
    denies: bool = False
    redirect_uri: str = ""
    calls: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    key_id: str = "first"
    keys: dict[str, rsa.RSAPrivateKey] = field(default_factory=dict)

    def key(self) -> rsa.RSAPrivateKey:
        """The key that signs now."""
        if self.key_id not in self.keys:
            self.keys[self.key_id] = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return self.keys[self.key_id]

    def routes(self) -> list[Route]:
        """Its addresses."""
        return [
            Route("/.well-known/openid-configuration", self._discovery),
            Route("/authorize", self._authorize),
            Route("/token", self._token, methods=["POST"]),
            Route("/keys", self._key_set),
            Route("/userinfo", self._user_info),
        ]

    async def _discovery(self, _request: Request) -> Response:
        self.calls.append("discovery")
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
            }
            | self.document
        )

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        if (
            asked["redirect_uri"] != self.redirect_uri
            or asked["client_id"] != CLIENT_ID
            or asked["code_challenge_method"] != "S256"
        ):
            return Response("this client is not registered so", status_code=400)
        back = {"state": asked["state"], "iss": self.issuer}
        if self.denies:
            back["error"] = "access_denied"
        else:
            back["code"] = secrets.token_urlsafe(16)
            self.codes[back["code"]] = asked
        return RedirectResponse(f"{self.redirect_uri}?{urlencode(back)}")

    async def _token(self, request: Request) -> Response:
        self.calls.append("token")
        form, basic = await request.form(), f"{CLIENT_ID}:{CLIENT_SECRET}"
        asked = self.codes.pop(str(form.get("code")), None)
        verified = (
            base64.urlsafe_b64encode(hashlib.sha256(str(form.get("code_verifier")).encode()).digest())
            .rstrip(b"=")
            .decode()
        )
        by_header = request.headers.get("Authorization") == f"Basic {base64.b64encode(basic.encode()).decode()}"
        by_form = (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        right = (
            asked is not None
            and verified == asked["code_challenge"]
            and form.get("redirect_uri") == asked["redirect_uri"]
        )
        if asked is None or not right or not (by_header or by_form):
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "nonce": asked["nonce"],
            "iat": int(self.now()),
            "exp": int(self.now()) + 300,
        }
        claims = self.change(claims | self.person)
        token = self.signed(claims) if self.signed else self.sign(claims)
        return JSONResponse({"id_token": token, "access_token": "at-1", "token_type": "Bearer"})

    def sign(self, claims: Claims) -> str:
        """A token as it is to be."""
        return jwt.encode(claims, self.key(), algorithm="RS256", headers={"kid": self.key_id})

    async def _key_set(self, _request: Request) -> Response:
        self.calls.append("keys")
        public = RSAAlgorithm.to_jwk(self.key().public_key(), as_dict=True)
        return JSONResponse({"keys": [public | {"kid": self.key_id, "use": "sig", "alg": "RS256"}]})

    async def _user_info(self, request: Request) -> Response:
        self.calls.append("userinfo")
        if request.headers.get("Authorization") != "Bearer at-1":
            return Response(status_code=401)
        return JSONResponse({"sub": "u-1", "email": "ann@example.com", "email_verified": True})


@contextmanager
def oidc_provider() -> Iterator[OidcProvider]:
    """A provider on loopback, while the block runs."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        provider = OidcProvider(f"http://127.0.0.1:{listening.getsockname()[1]}")
        config = uvicorn.Config(Starlette(routes=provider.routes()), log_config=None, access_log=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield provider
        finally:
            server.should_exit = True
            thread.join()
