"""Moves everything that hangs on a former master key to the current one while other processes go on working.

Small transactions, so that nobody waits; each value replaced only if it is still the one that was read. A value written
meanwhile under the former key is found by the next pass.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from ml_connector.store import connections, sealed, secrets
from ml_connector.store.database import Database
from ml_connector.store.errors import VaultError
from ml_connector.store.vault import Vault

_PORTION = 100
"""Envelopes in one transaction: some milliseconds, in which SQLite lets nobody else write."""
_PASSES = 10
_WEBHOOK_TOKENS = tuple(
    f"{system}.{name}" for system in ("quickbooks", "basware") for name in ("webhook_token", "old_webhook_token")
)


class KeyUse(msgspec.Struct, frozen=True, kw_only=True):
    """One master key, by its id, and what hangs on it. `known`: this program was given it."""

    key: str
    current: bool
    known: bool
    envelopes: dict[str, int]
    """By table."""
    company_hashes: int


class Rotation(msgspec.Struct, kw_only=True):
    """What one rotation did: how much it moved to which key, and what is still under another one."""

    key: str = ""
    envelopes: int = 0
    company_hashes: int = 0
    remaining: int = 0
    """Envelopes and hashes that are not under the current key: those of `unreadable`, and what others wrote at the last moment."""
    unreadable: list[str] = []
    """Places whose value does not open, because its key is not known or it was damaged."""


def key_uses(database: Database, vault: Vault) -> list[KeyUse]:
    """All master keys that are known or in use, the current one first."""
    with database.read() as tx:
        envelopes, hashes = sealed.envelopes_by_key(tx), sealed.hashes_by_key(tx)
    known = vault.keys.ids()
    return [
        KeyUse(
            key=key,
            current=key == known[0],
            known=key in known,
            envelopes=envelopes.get(key, {}),
            company_hashes=hashes.get(key, 0),
        )
        for key in dict.fromkeys((*known, *sorted(envelopes), *sorted(hashes)))
    ]


def rotate(database: Database, vault: Vault, watch: Callable[[int], None] = lambda _done: None) -> Rotation:
    """Move every envelope and every keyed hash to the current master key. `watch` is told how many envelopes are done.

    Repeats until a pass finds nothing, since others may write under the former key until they notice the new one. Secrets come
    first: whoever opens one afterwards learns of the new key before a hash made with it is met.
    """
    vault.keys.notice_changes()
    work = _Work(database, vault, watch)
    for _ in range(_PASSES):
        if not work.go_over_everything():
            break
    uses = key_uses(database, vault)
    work.report.key = uses[0].key
    work.report.remaining = sum(sum(one.envelopes.values()) + one.company_hashes for one in uses[1:])
    return work.report


class _Work:
    """One rotation under way."""

    def __init__(self, database: Database, vault: Vault, watch: Callable[[int], None]) -> None:
        self._database = database
        self._vault = vault
        self._watch = watch
        self.report = Rotation()

    def go_over_everything(self) -> int:
        """One pass; how much it moved."""
        self.report.unreadable = []
        return sum(self._rewrap(kind) for kind in sealed.SEALED) + self._rehash() + self._rehash_tokens()

    def _rewrap(self, kind: sealed.Kind) -> int:
        moved, after = 0, tuple[Any, ...]()
        while True:
            with self._database.read() as tx:
                portion = sealed.not_under(tx, kind, self._vault.keys.current_id, after, _PORTION)
            if not portion:
                return moved
            fresh = [(one, envelope) for one in portion if (envelope := self._fresh_envelope(one))]
            with self._database.write(durable=True) as tx:
                done = sum(sealed.replace(tx, one, envelope) for one, envelope in fresh)
            moved += done
            self.report.envelopes += done
            self._watch(self.report.envelopes)
            after = portion[-1].key

    def _fresh_envelope(self, one: sealed.Sealed) -> str:
        try:
            return one.rewrapped(self._vault)
        except VaultError:
            self.report.unreadable.append(one.place)
            return ""

    def _rehash(self) -> int:
        current = self._vault.keys.current_id
        with self._database.read() as tx:
            rows = [row for row in connections.list_all(tx) if row.realm_hash.partition(".")[0] not in {"", current}]
        moved = 0
        for row in rows:
            if fresh := self._fresh_hash(row.id):
                with self._database.write(durable=True) as tx:
                    moved += sealed.rehash(tx, row.realm_hash, fresh)
            else:
                self.report.unreadable.append(f"connections {row.name} realm_hash")
        self.report.company_hashes += moved
        return moved

    def _fresh_hash(self, connection_id: str) -> str:
        """The hash of the connection's company with the current key; empty when its id is not stored or does not open."""
        try:
            with self._database.read() as tx:
                realm_id = secrets.get(tx, self._vault, connection_id, "quickbooks.realm_id")
        except VaultError:
            return ""
        return self._vault.fingerprints(realm_id.reveal(), purpose="realm")[0] if realm_id else ""

    def _rehash_tokens(self) -> int:
        """Deliveries name the tokens that verified them by hashes. Those of tokens nobody has any more stay as they are."""
        fresh: dict[str, str] = {}
        for token in self._webhook_tokens():
            now, *before = self._vault.fingerprints(token, purpose="webhook token")
            fresh |= dict.fromkeys(before, now)
        with self._database.read() as tx:
            stored = sealed.token_hashes(tx)
        moved = 0
        for text in stored:
            better = " ".join(sorted({fresh.get(one, one) for one in text.split()}))
            if any(one in fresh for one in text.split()):
                with self._database.write(durable=True) as tx:
                    moved += sealed.rehash_tokens(tx, text, better)
        return moved

    def _webhook_tokens(self) -> list[str]:
        found: list[str] = []
        with self._database.read() as tx:
            for row in connections.list_all(tx):
                for field in _WEBHOOK_TOKENS:
                    try:
                        token = secrets.get(tx, self._vault, row.id, field)
                    except VaultError:
                        continue  # named as unreadable where envelopes are moved
                    found += [token.reveal()] if token else []
        return found
