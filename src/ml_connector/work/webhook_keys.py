"""Which tokens a webhook call can be signed with right now, opened once and kept in memory until one of them changes.

Whose token verified a call decides whose notices it may bring: a call signed with one customer's token says nothing about another's
company, whatever its body claims.
"""

from collections.abc import Iterable
from threading import Lock

import msgspec

from ml_connector.basware import webhooks as basware
from ml_connector.quickbooks import webhooks as quickbooks
from ml_connector.store import webhook_keys
from ml_connector.store.database import Database
from ml_connector.store.schema import System
from ml_connector.store.vault import Vault
from ml_connector.store.webhook_keys import KeyState, WebhookKey


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """A call whose signature is good. `keys`: one for each connection whose token made it. `form`: Basware's way to write it."""

    keys: tuple[WebhookKey, ...]
    form: str = ""


class KeyRing:
    """The tokens of all connections. Threads may share it; `refresh` swaps everything at once."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._lock = Lock()
        self._states: tuple[KeyState, ...] = ()
        self._opened: dict[KeyState, WebhookKey] = {}
        self._by_token: dict[System, dict[str, tuple[WebhookKey, ...]]] = {}

    def refresh(self) -> bool:
        """Look whether any token changed, and read those that did; whether there was anything. Raises a StoreError."""
        with self._lock:
            with self._database.read() as tx:
                states = webhook_keys.states(tx)
                if states == self._states:
                    return False
                if {state.realm_hash.partition(".")[0] for state in states if state.realm_hash} - set(
                    self._vault.keys.ids()
                ):
                    self._vault.keys.look_again()  # companies are known by a master key that only other processes have so far
                found = {
                    state: self._opened.get(state) or webhook_keys.opened(tx, self._vault, state) for state in states
                }
            self._opened = {state: key for state, key in found.items() if key is not None}
            self._by_token = _by_token(self._opened.values())
            self._states = states
            return True

    def verify(self, system: System, body: bytes, signature: str) -> Verified | None:
        """Whose tokens made this signature over exactly these bytes; None: nobody's. Every token is tried."""
        check = _quickbooks if system is System.QUICKBOOKS else _basware
        found: dict[str, WebhookKey] = {}
        form = ""
        for token, keys in self._by_token.get(system, {}).items():
            for key, matched in check(body, signature, token, keys):
                found.setdefault(key.connection_id, key)
                form = matched
        return Verified(keys=tuple(found.values()), form=form) if found else None

    def connections(self, system: System) -> set[str]:
        """The connections that have a token for a system."""
        return {key.connection_id for keys in self._by_token.get(system, {}).values() for key in keys}

    def work(self, system: System, size: int) -> int:
        """How many bytes have to be hashed to check a body of this size."""
        return len(self._by_token.get(system, {})) * size


def _by_token(keys: Iterable[WebhookKey]) -> dict[System, dict[str, tuple[WebhookKey, ...]]]:
    found: dict[System, dict[str, tuple[WebhookKey, ...]]] = {}
    for key in keys:
        same = found.setdefault(key.system, {})
        same[key.token.reveal()] = (*same.get(key.token.reveal(), ()), key)
    return found


def _quickbooks(body: bytes, signature: str, token: str, keys: tuple[WebhookKey, ...]) -> list[tuple[WebhookKey, str]]:
    return [(key, "") for key in keys] if quickbooks.is_signed(body, signature, token) else []


def _basware(body: bytes, signature: str, token: str, keys: tuple[WebhookKey, ...]) -> list[tuple[WebhookKey, str]]:
    form = basware.matching_form(body, signature, token)
    return [] if form is None else [(key, form.value) for key in keys if key.form in {"", form.value}]
