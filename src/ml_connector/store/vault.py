"""Envelope encryption: every secret under a key of its own, that key under the master key, both bound to the secret's place.

An envelope copied to another table, connection or field does not open. The master key lives outside the database; this module
reads it from the environment or a file and knows nothing of tables.

Envelope: `mlc1:<id of the master key>:<nonce and wrapped data key>:<nonce and ciphertext>`, the parts in URL-safe base64.
"""

import binascii
import hmac
import json
import os
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import NoReturn, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ml_connector.store.errors import VaultError

PREFIX = "mlc1"
KEY_VARIABLE = "ML_CONNECTOR_MASTER_KEY"
FILE_VARIABLE = "ML_CONNECTOR_MASTER_KEY_FILE"
OLD_KEYS_VARIABLE = "ML_CONNECTOR_OLD_MASTER_KEYS"
_KEY_BYTES = 32
_NONCE_BYTES = 12
_HOW = (
    f"Make one with `openssl rand -base64 32`, keep a copy in a safe place, and set {KEY_VARIABLE} to it "
    f"or {FILE_VARIABLE} to a file with it."
)


class Secret:
    """A text that does not show itself: not when printed, formatted, logged or pickled. `reveal()` is easy to search for."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for the one call that needs it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(•••)"

    def __str__(self) -> str:
        return "•••"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._text.encode(), other._text.encode())

    __hash__ = None  # type: ignore[assignment]  # a hash would be a fingerprint of the text

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written anywhere but into the vault")


def generate_master_key() -> str:
    """A new master key in the form the environment variable takes."""
    return b64encode(os.urandom(_KEY_BYTES)).decode()


class MasterKeys:
    """The key new secrets are sealed under, and older ones that still open what they sealed."""

    __slots__ = ("_by_id", "current_id")

    def __init__(self, current: bytes, old: tuple[bytes, ...] = ()) -> None:
        if any(len(key) != _KEY_BYTES for key in (current, *old)):
            raise VaultError(f"a master key has {_KEY_BYTES} bytes. {_HOW}")
        self.current_id = _key_id(current)
        self._by_id = {_key_id(key): key for key in (*old, current)}

    def __repr__(self) -> str:
        return f"MasterKeys(current_id={self.current_id!r})"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the keys from variables: the key itself or a file with it, and old keys separated by commas.

        Raises VaultError saying what is wrong and how to make a key; it never quotes what it read.
        """
        text, path = environment.get(KEY_VARIABLE, ""), environment.get(FILE_VARIABLE, "")
        if bool(text) == bool(path):
            raise VaultError(
                f"{KEY_VARIABLE} and {FILE_VARIABLE} are {'both' if text else 'not'} set; one is needed. {_HOW}"
            )
        if path:
            try:
                text = Path(path).read_text(encoding="ascii")
            except (OSError, UnicodeDecodeError) as error:
                raise VaultError(
                    f"the master key file {path} cannot be read ({type(error).__name__}). {_HOW}"
                ) from error
        old = environment.get(OLD_KEYS_VARIABLE, "").split(",")
        return cls(
            _decode_key(text, FILE_VARIABLE if path else KEY_VARIABLE),
            tuple(_decode_key(key, OLD_KEYS_VARIABLE) for key in old if key.strip()),
        )

    def by_id(self, key_id: str) -> bytes:
        """The key with that id. Raises VaultError when this program was not given it."""
        if key_id not in self._by_id:
            raise VaultError(
                f"a secret was sealed under master key {key_id}, which was not given (current key: {self.current_id}); "
                f"add the former key to {OLD_KEYS_VARIABLE}"
            )
        return self._by_id[key_id]

    def ids(self) -> tuple[str, ...]:
        """Ids of all keys, the current one first."""
        return (self.current_id, *(key_id for key_id in self._by_id if key_id != self.current_id))


class Vault:
    """Seals and opens secrets for their place: table, connection and field."""

    def __init__(self, keys: MasterKeys) -> None:
        self._keys = keys

    def seal(self, value: str, *, table: str, connection_id: str, field: str) -> str:
        """The value as an envelope that opens only in this place."""
        place = _place(table, connection_id, field)
        data_key = AESGCM.generate_key(_KEY_BYTES * 8)
        key_id = self._keys.current_id
        return _join(key_id, self._wrap(data_key, key_id, place), _encrypt(data_key, value.encode(), place))

    def open(self, envelope: str, *, table: str, connection_id: str, field: str) -> Secret:
        """The value again. Raises VaultError when the envelope is damaged, from another place, or under an unknown key."""
        place = _place(table, connection_id, field)
        key_id, wrapped, sealed = _split(envelope)
        data_key = self._unwrap(wrapped, key_id, place)
        return Secret(_decrypt(data_key, sealed, place).decode())

    def rewrap(self, envelope: str, *, table: str, connection_id: str, field: str) -> str:
        """The same secret under the current master key; the envelope itself if it is there already."""
        place = _place(table, connection_id, field)
        key_id, wrapped, sealed = _split(envelope)
        if key_id == self._keys.current_id:
            return envelope
        data_key = self._unwrap(wrapped, key_id, place)
        return _join(self._keys.current_id, self._wrap(data_key, self._keys.current_id, place), sealed)

    def fingerprints(self, value: str, *, purpose: str) -> tuple[str, ...]:
        """Keyed hashes that recognise a value without storing it, one for each master key, the current key's first.

        Store the first; look for any, so that a value stored before a change of master keys is still found.
        """
        return tuple(f"{key_id}.{self._fingerprint(key_id, value, purpose)}" for key_id in self._keys.ids())

    def _fingerprint(self, key_id: str, value: str, purpose: str) -> str:
        key = hmac.digest(self._keys.by_id(key_id), b"ml-connector fingerprint:" + purpose.encode(), "sha256")
        return hmac.digest(key, value.encode(), "sha256").hex()

    def _wrap(self, data_key: bytes, key_id: str, place: bytes) -> bytes:
        return _encrypt(self._keys.by_id(key_id), data_key, key_id.encode() + b":" + place)

    def _unwrap(self, wrapped: bytes, key_id: str, place: bytes) -> bytes:
        return _decrypt(self._keys.by_id(key_id), wrapped, key_id.encode() + b":" + place)


def _key_id(key: bytes) -> str:
    return sha256(b"ml-connector master key id:" + key).hexdigest()[:12]


def _decode_key(text: str, source: str) -> bytes:
    try:
        key = b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise VaultError(f"{source} is not base64. {_HOW}") from error
    if len(key) != _KEY_BYTES:
        raise VaultError(f"{source} holds {len(key)} bytes, a master key has {_KEY_BYTES}. {_HOW}")
    return key


def _place(table: str, connection_id: str, field: str) -> bytes:
    # A JSON list, so that no two places read the same however their parts are cut.
    return json.dumps([PREFIX, table, connection_id, field]).encode()


def _encrypt(key: bytes, data: bytes, place: bytes) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, data, place)


def _decrypt(key: bytes, data: bytes, place: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], place)
    except (InvalidTag, ValueError) as error:
        raise VaultError(
            "a secret does not open: it was damaged, or it belongs to another connection or field"
        ) from error


def _join(key_id: str, wrapped: bytes, sealed: bytes) -> str:
    return ":".join((PREFIX, key_id, urlsafe_b64encode(wrapped).decode(), urlsafe_b64encode(sealed).decode()))


def _split(envelope: str) -> tuple[str, bytes, bytes]:
    parts = envelope.split(":")
    if len(parts) != 4 or parts[0] != PREFIX:
        raise VaultError(f"a secret does not open: it is not an envelope of the kind {PREFIX}")
    try:
        return parts[1], urlsafe_b64decode(parts[2]), urlsafe_b64decode(parts[3])
    except (binascii.Error, ValueError) as error:
        raise VaultError("a secret does not open: its envelope is damaged") from error
