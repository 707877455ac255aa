"""QuickBooks' rotating token chain, kept alive: one refresher at a time, and nothing is used before it is stored.

Intuit gives out a new refresh token about once a day and the old one dies at once, so a refresh token that was issued but not
stored is a connection lost. All threads and processes that need a token ask here. The lease lets one of them refresh; the
generation of what it read decides whether its answer is still the newest, however long it was stopped in between.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Lock, local
from typing import NamedTuple
from uuid import uuid4

import msgspec

from ml_connector.model.clock import Clock
from ml_connector.quickbooks.auth import TokenSet
from ml_connector.quickbooks.errors import ClientRejected, QuickBooksError, SignInNeeded, Throttled, Unavailable
from ml_connector.store import leases
from ml_connector.store.database import Database
from ml_connector.store.errors import DatabaseUnavailableError
from ml_connector.store.schema import ChainState
from ml_connector.store.vault import Vault
from ml_connector.work.sign_in import keeping, limits
from ml_connector.work.sign_in.keeping import Chain
from ml_connector.work.workers import has_died

LEASE = "quickbooks token"
_MARGIN = 60.0
"""Seconds the lease lasts longer than the longest an answer can take."""
_LOOK = 1.0
"""Seconds between two looks at what another refresher is doing."""
_TRUST = timedelta(seconds=60)
"""How long what was read is believed: by then every process knows that a person connected again, or disconnected."""
_STORING = (1.0, 2.0, 4.0)
"""Seconds between the attempts to store a new token in a database that does not answer."""

Refresher = Callable[[str], TokenSet]
"""Exchanges a refresh token for a new set. Raises SignInNeeded, ClientRejected, Unavailable or Throttled."""


class _Held(msgspec.Struct, frozen=True, kw_only=True):
    """An access token in this process's memory, and how long for what. It never shows: the type does not print its fields."""

    token: str
    renew_at: datetime
    serves_until: datetime
    looked_at: datetime

    def __repr__(self) -> str:
        return f"_Held(token='[hidden]', renew_at={self.renew_at.isoformat()})"

    def fresh(self, refused: str, now: datetime) -> bool:
        return self.token != refused and now < self.renew_at

    def serves(self, refused: str, now: datetime) -> bool:
        return self.token != refused and now < self.serves_until


class _Unsaved(NamedTuple):
    """An answer of Intuit that the database could not take yet."""

    before: Chain
    fresh: TokenSet
    asked_at: datetime


class TokenChain:
    """The access token of one connection, for all threads of a process. `refresher` talks to Intuit; the store keeps its answers.

    `patience`: the longest an answer of Intuit can take, in seconds. `spread` decides when exactly, in the time for it, a token is
    renewed.
    """

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        connection_id: str,
        connection_name: str,
        clock: Clock,
        refresher: Refresher,
        worker: str,
        patience: float = 140.0,
        spread: limits.Spread = limits.spread,
    ) -> None:
        self._database = database
        self._vault = vault
        self._connection_id = connection_id
        self._connection_name = connection_name
        self._clock = clock
        self._refresher = refresher
        self._worker = worker
        self._holder = f"{worker}/{uuid4().hex[:12]}"  # two chains of one process are two refreshers
        self._lease_seconds = patience + _MARGIN
        self._spread = spread
        self._turn = Lock()
        self._held: _Held | None = None
        self._given = local()
        self._forced_at: datetime | None = None
        self._unsaved: _Unsaved | None = None

    def access_token(self, force: bool) -> str:
        """A token that is good for some while. `force` after a 401: the one this thread was given last was refused.

        Raises SignInNeeded when a person has to connect again, ClientRejected when the app's keys are wrong, Throttled and
        Unavailable when Intuit gives no token at present and none is left.
        """
        refused = getattr(self._given, "token", "") if force else ""
        held = self._held
        if held is None or not self._believed(held, refused):
            held = self._renewed(refused)
        self._given.token = held.token
        return held.token

    def keep_alive(self, older_than: timedelta) -> bool:
        """Refresh an idle sign-in, whose last refresh is longer ago; whether that was needed. Raises like `access_token`."""
        with self._turn:
            chain = self._load()
            last = chain.row.refreshed_at if chain.row else None
            if last is not None and self._clock.now() - last < older_than:
                self._require_living(chain)
                return False
            self._held = self._current(chain.tokens.access_token, keep_spare=False)
        return True

    def _believed(self, held: _Held, refused: str) -> bool:
        now = self._clock.now()
        return held.fresh(refused, now) and now - held.looked_at < _TRUST

    def _renewed(self, refused: str) -> _Held:
        """One thread looks or renews; the others go on with a token that still serves, or wait for that thread."""
        held = self._held
        if held is not None and held.serves(refused, self._clock.now()):
            if not self._turn.acquire(blocking=False):
                return held
        else:
            self._turn.acquire()
        try:
            held = self._held
            if held is None or not self._believed(held, refused):
                held = self._held = self._current(self._still_refused(refused))
            return held
        finally:
            self._turn.release()

    def _still_refused(self, refused: str) -> str:
        """A token that is refused although it is new says nothing about its age: it is not renewed more than once a minute."""
        now = self._clock.now()
        if not refused or (self._forced_at is not None and now - self._forced_at < _TRUST):
            return ""
        self._forced_at = now
        return refused

    # what is stored

    def _load(self) -> Chain:
        with self._database.read() as tx:
            return keeping.load(tx, self._vault, self._connection_id)

    def _as_held(self, chain: Chain) -> _Held | None:
        row, token = chain.row, chain.tokens.access_token
        if row is None or row.refreshed_at is None or row.access_expires_at is None or not token:
            return None
        issued, ends = row.refreshed_at, row.access_expires_at
        share = self._spread(f"{self._connection_id} {ends.isoformat()}")
        return _Held(
            token=token,
            renew_at=limits.renew_at(issued, ends, share),
            serves_until=limits.serves_until(issued, ends),
            looked_at=self._clock.now(),
        )

    def _require_living(self, chain: Chain) -> None:
        """Nothing is asked of Intuit for a sign-in that is over, until new tokens are stored."""
        if chain.state in {ChainState.ENDED, ChainState.DISCONNECTED}:
            raise SignInNeeded(chain.row.problem if chain.row else "")
        if not chain.tokens.refresh_token:
            raise SignInNeeded(keeping.never_connected(self._connection_name))

    def _require_time(self, chain: Chain) -> None:
        """After a failure Intuit is left alone for a while."""
        row = chain.row
        if row is None or row.retry_at is None or self._clock.now() >= row.retry_at:
            return
        if chain.state is ChainState.CLIENT_REJECTED:
            raise ClientRejected(row.problem)
        raise Unavailable(f"Intuit's sign-in service gave no tokens; it is asked again after {row.retry_at:%H:%M:%S} UTC",
                          detail=row.problem)  # fmt: skip

    # renewing

    def _current(self, refused: str, *, keep_spare: bool = True) -> _Held:
        """What is stored, renewed if it is time. A token that still serves is used while renewing has to wait."""
        while True:
            chain = self._load()
            self._require_living(chain)
            held, now = self._as_held(chain), self._clock.now()
            if held is not None and held.fresh(refused, now):
                return held
            spare = held if held is not None and keep_spare and held.serves(refused, now) else None
            try:
                self._require_time(chain)
                if self._renew(refused):
                    continue
            except SignInNeeded:
                raise
            except QuickBooksError:
                if spare is None or not spare.serves(refused, self._clock.now()):
                    raise
                return spare
            if spare is not None:
                return spare
            self._clock.sleep(_LOOK)

    def _renew(self, refused: str) -> bool:
        """Refresh as the one who may; False when another one is at it. Afterwards the store is to be read again."""
        with self._lease() as fence:
            if fence is None:
                return False
            chain = self._load()
            held = self._as_held(chain)
            if held is not None and held.fresh(refused, self._clock.now()):
                return True
            if self._unsaved is not None:
                self._save()
                return True
            self._require_living(chain)
            self._require_time(chain)
            asked_at = self._clock.now()
            try:
                fresh = self._ask(chain, fence)
            except SignInNeeded as error:
                self._give_up(chain, error)
                return True
            except QuickBooksError as error:
                self._note(chain, error)
                raise
            if fresh is not None:
                self._unsaved = _Unsaved(chain, fresh, asked_at)
                self._save()
            return True

    def _ask(self, chain: Chain, fence: int) -> TokenSet | None:
        """Ask Intuit; None when somebody else stored newer tokens meanwhile. Raises SignInNeeded when every token was tried.

        An answer that got lost is asked for again at once with the same token: if nothing was replaced, or both values work
        for a while, it comes now.
        """
        token, previous = chain.tokens.refresh_token, chain.tokens.previous
        try:
            try:
                return self._refresher(token)
            except Unavailable:
                if not self._keep(fence):
                    return None
                return self._refresher(token)
        except SignInNeeded:
            if self._load().generation != chain.generation:
                return None
            if not previous or not self._keep(fence):
                raise
        return self._refresher(previous)

    def _give_up(self, chain: Chain, error: SignInNeeded) -> None:
        now, name = self._clock.now(), self._connection_name
        problem = f"QuickBooks ended the connection of {name}. {keeping.advice(name)}"
        with self._database.write(durable=True) as tx:
            keeping.note_ended(tx, self._connection_id, chain, f"{problem} ({error})", now, self._worker)

    def _note(self, chain: Chain, error: QuickBooksError) -> None:
        failures, now = (chain.row.failures if chain.row else 0) + 1, self._clock.now()
        wait = limits.wait_after(
            failures,
            self._spread(f"{self._connection_id} {failures} {now.isoformat()}"),
            error.retry_after if isinstance(error, Throttled) else None,
            busy=isinstance(error, Throttled),
        )
        rejected = isinstance(error, ClientRejected)
        problem = f"{error}. {_CORRECT_KEYS}" if rejected else str(error)
        with self._database.write() as tx:
            keeping.note_failure(
                tx, self._connection_id, chain, problem=problem, rejected=rejected, retry_at=now + wait, now=now
            )

    def _save(self) -> None:
        """Commit before anybody uses it. The new token may be the only one that works, so a database that is away is waited for."""
        for wait in (*_STORING, None):
            try:
                self._save_once()
            except DatabaseUnavailableError:
                if wait is None:
                    raise
                self._clock.sleep(wait)
            else:
                return

    def _save_once(self) -> None:
        if self._unsaved is None:
            return
        before, fresh, asked_at = self._unsaved
        with self._database.write(durable=True) as tx:
            keeping.keep_renewed(tx, self._vault, self._connection_id, before, fresh, asked_at, self._worker)
        self._unsaved = None

    # the lease

    @contextmanager
    def _lease(self) -> Iterator[int | None]:
        now = self._clock.now()
        with self._database.read() as tx:
            holder = leases.holder(tx, self._connection_id, LEASE, now)
        if holder is not None and not has_died(holder):
            yield None
            return
        with self._database.write() as tx:
            if holder is not None:
                leases.release(tx, self._connection_id, LEASE, holder)
            fence = leases.acquire(tx, self._connection_id, LEASE, self._holder, now, self._lease_seconds)
        try:
            yield fence
        finally:
            if fence is not None:
                with self._database.write() as tx:
                    leases.give_back(tx, self._connection_id, LEASE, fence)

    def _keep(self, fence: int) -> bool:
        """Have the lease for another whole wait; False when another one has it by now."""
        with self._database.write() as tx:
            return leases.extend(tx, self._connection_id, LEASE, fence, self._clock.now(), self._lease_seconds)


_CORRECT_KEYS = (
    "Copy the app's client id and client secret from Intuit's developer portal again (production keys for a live company, "
    "development keys for a sandbox), and save the connection file with `ml-connector connection add FILE`."
)
