"""Signed tokens (JWT with RS256) and the published key set that proves them, for any twin that hands such tokens out.

The key belongs to the process: it is made on first use, shared by all twins, and never part of a twin's state.
"""

import base64
import hashlib
from functools import cache
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

_encode = msgspec.json.encode


def signed(claims: dict[str, Any], *, kind: str = "JWT") -> str:
    """A JWT over these claims; `kind` is the header's `typ`."""
    header = {"alg": "RS256", "kid": key_id(), "typ": kind}
    content = f"{_base64(_encode(header))}.{_base64(_encode(claims))}"
    signature = _private_key().sign(content.encode(), PKCS1v15(), SHA256())
    return f"{content}.{_base64(signature)}"


def key_set() -> dict[str, Any]:
    """The JSON Web Key Set with the one public key."""
    return {"keys": [published_key()]}


def published_key() -> dict[str, str]:
    """The public key as a key set lists it."""
    return {**_public_key(), "kid": key_id(), "use": "sig", "alg": "RS256"}


@cache
def key_id() -> str:
    """The key's thumbprint (RFC 7638)."""
    return _base64(hashlib.sha256(_encode(_public_key())).digest())


@cache
def _private_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


@cache
def _public_key() -> dict[str, str]:
    numbers = _private_key().public_key().public_numbers()
    return {
        "e": _base64(numbers.e.to_bytes(3, "big")),
        "kty": "RSA",
        "n": _base64(numbers.n.to_bytes(256, "big")),
    }


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
