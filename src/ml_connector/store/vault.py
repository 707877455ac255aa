"""Envelope encryption: every secret under a key of its own, that key under the master key, both bound to the secret's place.

An envelope copied to another table, connection or field does not open. The master key lives outside the database; where, is
`master_keys.py`'s. Knows nothing of tables.

Envelope: `mlc1:<id of the master key>:<nonce and wrapped data key>:<nonce and ciphertext>`, the parts in URL-safe base64.
"""

import binascii
import hmac
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from typing import NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ml_connector.store.errors import VaultError
from ml_connector.store.master_keys import (
    COMMAND_VARIABLE,
    FILE_VARIABLE,
    KEY_BYTES,
    KEY_VARIABLE,
    OLD_KEYS_VARIABLE,
    MasterKeys,
    generate_master_key,
)

__all__ = [
    "COMMAND_VARIABLE",
    "FILE_VARIABLE",
    "KEY_VARIABLE",
    "OLD_KEYS_VARIABLE",
    "PREFIX",
    "MasterKeys",
    "Secret",
    "Vault",
    "generate_master_key",
    "key_of",
]

PREFIX = "mlc1"
_NONCE_BYTES = 12


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


class Vault:
    """Seals and opens secrets for their place: table, connection and field."""

    def __init__(self, keys: MasterKeys) -> None:
        self.keys = keys

    def seal(self, value: str, *, table: str, connection_id: str, field: str) -> str:
        """The value as an envelope that opens only in this place."""
        place = _place(table, connection_id, field)
        data_key = AESGCM.generate_key(KEY_BYTES * 8)
        self.keys.notice_changes()
        key_id = self.keys.current_id
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
        current = self.keys.current_id
        if key_id == current:
            return envelope
        data_key = self._unwrap(wrapped, key_id, place)
        return _join(current, self._wrap(data_key, current, place), sealed)

    def fingerprints(self, value: str, *, purpose: str) -> tuple[str, ...]:
        """Keyed hashes that recognise a value without storing it, one for each master key, the current key's first.

        Store the first; look for any, so that a value stored before a change of master keys is still found.
        """
        self.keys.notice_changes()
        return tuple(f"{key_id}.{self._fingerprint(key_id, value, purpose)}" for key_id in self.keys.ids())

    def learn_from(self, fingerprints: Iterable[str]) -> bool:
        """Look for the keys that stored fingerprints were made with, should one not be known here; whether anything was learnt."""
        made_with = {fingerprint.partition(".")[0] for fingerprint in fingerprints if fingerprint}
        return bool(made_with - set(self.keys.ids())) and self.keys.look_again()

    def _fingerprint(self, key_id: str, value: str, purpose: str) -> str:
        key = hmac.digest(self.keys.by_id(key_id), b"ml-connector fingerprint:" + purpose.encode(), "sha256")
        return hmac.digest(key, value.encode(), "sha256").hex()

    def _wrap(self, data_key: bytes, key_id: str, place: bytes) -> bytes:
        return _encrypt(self.keys.by_id(key_id), data_key, key_id.encode() + b":" + place)

    def _unwrap(self, wrapped: bytes, key_id: str, place: bytes) -> bytes:
        return _decrypt(self.keys.by_id(key_id), wrapped, key_id.encode() + b":" + place)


def key_of(envelope: str) -> str:
    """The id of the master key an envelope is under. Raises VaultError for what is no envelope."""
    return _split(envelope)[0]


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
