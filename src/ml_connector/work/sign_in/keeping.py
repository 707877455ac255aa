"""Where tokens are kept, and what follows from storing or losing them: one transaction for each, all or nothing.

The tokens are sealed; `token_chains` has what may be seen. Knows nothing of Intuit's wire and decides nothing about time but what
`limits.py` says.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from ml_connector.quickbooks.auth import TokenSet
from ml_connector.store import alerts, audit, connections, jobs, secrets, token_chains
from ml_connector.store.database import Tx
from ml_connector.store.schema import ChainState, ConnectionState, Severity
from ml_connector.store.token_chains import TokenChainRow
from ml_connector.store.vault import Vault
from ml_connector.work.sign_in.limits import hard_limit

TOKENS = "quickbooks.tokens"
"""The secret that holds the present tokens."""
FIRST = "quickbooks.refresh_token"
"""The secret that holds the refresh token of a connection file."""

SIGN_IN_NEEDED = "sign-in needed"
"""The kind of the alert that a person has to connect QuickBooks again."""
SIGN_IN_ENDS = "sign-in ends"
"""The kind of the alerts that a sign-in will end, days ahead."""
_SYSTEM = "quickbooks"


@dataclass(frozen=True)
class Tokens:
    """The tokens as they are sealed. None of them shows when this is printed.

    `previous` is the refresh token before the present one: where Intuit's own memory went back by one, it is the good one.
    """

    access_token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    previous: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class Chain:
    """What is stored at one moment. No row: nobody ever signed in, or an earlier version of this program stored the tokens."""

    row: TokenChainRow | None
    tokens: Tokens

    @property
    def generation(self) -> int:
        """Which tokens these are."""
        return 0 if self.row is None else self.row.generation

    @property
    def state(self) -> ChainState:
        """Whether the sign-in holds; one without a row has yet to be tried."""
        return ChainState.LIVING if self.row is None else self.row.state


def load(tx: Tx, vault: Vault, connection_id: str) -> Chain:
    """The tokens of a connection as they are stored now."""
    row = token_chains.get(tx, connection_id)
    sealed = secrets.get(tx, vault, connection_id, TOKENS)
    if sealed is not None:
        return Chain(row=row, tokens=msgspec.json.decode(sealed.reveal(), type=Tokens))
    first = secrets.get(tx, vault, connection_id, FIRST)
    return Chain(row=row, tokens=Tokens(refresh_token=first.reveal() if first else ""))


def keep_renewed(  # noqa: PLR0917
    tx: Tx, vault: Vault, connection_id: str, before: Chain, fresh: TokenSet, now: datetime, actor: str
) -> bool:
    """Store what a refresh gave in place of the tokens it was asked with. False, with nothing stored, when there are newer ones.

    `now` is the moment before Intuit was asked. A sign-in that was given up meanwhile lives again.
    """
    old, row = before.tokens, before.row
    known = token_chains.get(tx, connection_id, lock=True)  # it may have been given up since `before` was read
    rotated = fresh.refresh_token != old.refresh_token
    moved = token_chains.move(
        tx, connection_id, before.generation, now,
        state=ChainState.LIVING, refreshed_at=now, access_expires_at=fresh.access_expires_at,
        refresh_expires_at=fresh.refresh_expires_at, hard_expires_at=hard_limit(row, fresh, now),
        rotated_at=now if rotated or row is None else row.rotated_at,
        refreshes=(row.refreshes if row else 0) + 1, rotations=(row.rotations if row else 0) + rotated,
        failures=0, retry_at=None, problem="",
    )  # fmt: skip
    if not moved:
        return False
    previous = old.refresh_token if rotated else old.previous
    _seal(tx, vault, connection_id, Tokens(fresh.access_token, fresh.refresh_token, previous), now)
    if known is not None and known.state is not ChainState.LIVING:
        _resume(tx, connection_id, now, disconnected=False)
        audit.record(tx, connection_id, at=now, actor=actor, action="sign-in works again", subject=_SYSTEM)
    return True


def keep_connected(tx: Tx, vault: Vault, connection_id: str, tokens: TokenSet, now: datetime) -> None:
    """Store what a person's sign-in gave. It wins over whatever is being renewed at this moment, and everything resumes."""
    known = token_chains.get(tx, connection_id)
    token_chains.begin(
        tx, connection_id, now, refreshed_at=now, rotated_at=now, access_expires_at=tokens.access_expires_at,
        refresh_expires_at=tokens.refresh_expires_at, hard_expires_at=tokens.hard_expires_at,
    )  # fmt: skip
    _seal(tx, vault, connection_id, Tokens(tokens.access_token, tokens.refresh_token), now)
    _resume(tx, connection_id, now, disconnected=known is not None and known.state is ChainState.DISCONNECTED)


def keep_first(tx: Tx, vault: Vault, connection_id: str, refresh_token: str, now: datetime) -> None:
    """Begin a chain from a refresh token somebody got elsewhere. It is first used when a token is first needed."""
    known = token_chains.get(tx, connection_id)
    token_chains.begin(tx, connection_id, now, begun_with=_digest(refresh_token))
    _seal(tx, vault, connection_id, Tokens(refresh_token=refresh_token), now)
    _resume(tx, connection_id, now, disconnected=known is not None and known.state is ChainState.DISCONNECTED)


def began_with(tx: Tx, connection_id: str, refresh_token: str) -> bool:
    """Whether this connection's sign-in began with that token once: by now it was replaced, or given back with the sign-in."""
    row = token_chains.get(tx, connection_id)
    return row is not None and row.begun_with == _digest(refresh_token)


def waits_for_person(tx: Tx, connection_id: str) -> bool:
    """Whether QuickBooks cannot be called until a person did something. A run that had nothing to call tells nothing about that."""
    row = token_chains.get(tx, connection_id)
    if row is None:
        return not {TOKENS, FIRST} & set(secrets.fields(tx, connection_id))
    return row.state is not ChainState.LIVING


def note_saved(tx: Tx, vault: Vault, connection_id: str, now: datetime) -> None:
    """A person saved the connection: Intuit may be asked again at once, and the connection works unless a sign-in is missing."""
    token_chains.try_again(tx, connection_id)
    chain, known = load(tx, vault, connection_id), connections.get(tx, connection_id)
    if chain.state is ChainState.DISCONNECTED:
        return
    if chain.state is ChainState.ENDED:
        state, reason = ConnectionState.SIGN_IN_NEEDED, chain.row.problem if chain.row else ""
    elif not chain.tokens.refresh_token:
        state, reason = ConnectionState.SIGN_IN_NEEDED, never_connected(known.name)
    else:
        state, reason = ConnectionState.ACTIVE, ""
    connections.set_state(tx, connection_id, state, reason, now)


def advice(connection: str) -> str:
    """What a person does when a sign-in is over."""
    return (
        f"An administrator of the QuickBooks company connects it again, in the console or with "
        f"`ml-connector connection connect {connection}`; everything that waits goes on by itself then."
    )


def never_connected(connection: str) -> str:
    """What is said of a connection that has no token at all."""
    return (
        f"Nobody has connected {connection} to QuickBooks yet. An administrator of the company does it in the console or with "
        f"`ml-connector connection connect {connection}`."
    )


def note_failure(
    tx: Tx, connection_id: str, before: Chain, *, problem: str, rejected: bool, retry_at: datetime, now: datetime
) -> None:
    """Intuit gave no tokens this time: not again before `retry_at`. Nothing is noted when there are newer tokens by now.

    `rejected`: it was the app's own keys that were refused. A person has to correct them; the sign-in may still be good.
    """
    columns: dict[str, object] = {"retry_at": retry_at, "problem": problem}
    columns["failures"] = (before.row.failures if before.row else 0) + 1
    if rejected:
        columns["state"] = ChainState.CLIENT_REJECTED
    if _mark(tx, connection_id, before, now, columns) and rejected:
        _needs_a_person(tx, connection_id, problem, now)


def note_ended(tx: Tx, connection_id: str, before: Chain, problem: str, now: datetime, actor: str) -> bool:  # noqa: PLR0917
    """The sign-in is over: mark it, raise the alert, keep all work. False, with nothing marked, when there are newer tokens."""
    columns: dict[str, object] = {"state": ChainState.ENDED, "problem": problem, "retry_at": None}
    if not _mark(tx, connection_id, before, now, columns):
        return False
    _needs_a_person(tx, connection_id, problem, now)
    audit.record(tx, connection_id, at=now, actor=actor, action="sign-in ended", subject=_SYSTEM, reason=problem)
    return True


def forget(tx: Tx, connection_id: str, reason: str, now: datetime) -> None:
    """Forget all tokens and let the connection rest; what is queued stays queued."""
    token_chains.forget(tx, connection_id, reason)
    secrets.remove(tx, connection_id, TOKENS)
    secrets.remove(tx, connection_id, FIRST)
    connections.set_state(tx, connection_id, ConnectionState.PAUSED, reason, now)
    for kind in (SIGN_IN_NEEDED, SIGN_IN_ENDS):
        alerts.clear(tx, connection_id, kind=kind, now=now)


def _digest(refresh_token: str) -> str:
    """Not worth guessing at: a refresh token is long and random, and this one is not good for anything any more."""
    return hashlib.sha256(refresh_token.encode()).hexdigest()


def _seal(tx: Tx, vault: Vault, connection_id: str, tokens: Tokens, now: datetime) -> None:
    secrets.put(tx, vault, connection_id, TOKENS, msgspec.json.encode(tokens).decode(), now)


def _mark(tx: Tx, connection_id: str, before: Chain, now: datetime, columns: dict[str, object]) -> bool:
    """Note something of the tokens that were read, making the row of a chain that has none."""
    if before.row is None:
        return token_chains.move(tx, connection_id, 0, now, **columns)
    return token_chains.change(tx, connection_id, before.generation, **columns)


def _needs_a_person(tx: Tx, connection_id: str, problem: str, now: datetime) -> None:
    if connections.get(tx, connection_id).state is not ConnectionState.PAUSED:
        connections.set_state(tx, connection_id, ConnectionState.SIGN_IN_NEEDED, problem, now)
    alerts.raise_(
        tx, connection_id, kind=SIGN_IN_NEEDED, subject=_SYSTEM, message=problem, severity=Severity.ERROR, now=now
    )


def _resume(tx: Tx, connection_id: str, now: datetime, *, disconnected: bool) -> None:
    """Everything goes on by itself: the state, the alerts, and every job, whatever it was waiting for after a failure."""
    state = connections.get(tx, connection_id).state
    if state is ConnectionState.SIGN_IN_NEEDED or (state is ConnectionState.PAUSED and disconnected):
        connections.set_state(tx, connection_id, ConnectionState.ACTIVE, "", now)
    for kind in (SIGN_IN_NEEDED, SIGN_IN_ENDS):
        alerts.clear(tx, connection_id, kind=kind, now=now)
    for name, job in jobs.of_connection(tx, connection_id).items():
        if job.paused_at is None:
            jobs.ask(tx, connection_id, name, now, "QuickBooks was connected again")
