"""Renewing a company's tokens: one refresher at a time, and nothing is used before it is stored.

Intuit gives out a new refresh token about once a day and the old one dies at once, so a refresh token that was issued but not
stored is a connection lost. The lease lets one of all processes refresh; the generation of what it read decides whether its answer
is still the newest, however long it was stopped in between. Which token a call gets is decided in `chain.py`.
"""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from ml_connector.model.clock import Clock
from ml_connector.quickbooks.auth import TokenSet
from ml_connector.quickbooks.errors import ClientRejected, QuickBooksError, SignInNeeded, Throttled, Unavailable
from ml_connector.store.database import Database
from ml_connector.store.errors import DatabaseUnavailableError
from ml_connector.store.schema import ChainState
from ml_connector.store.vault import Vault
from ml_connector.work.sign_in import keeping, limits
from ml_connector.work.sign_in.held import Held, held_of
from ml_connector.work.sign_in.keeping import Chain
from ml_connector.work.sign_in.lease import RefreshLease

_MARGIN = 60.0
"""Seconds the lease lasts longer than the longest an answer can take."""
_STORING = (1.0, 2.0, 4.0)
"""Seconds between the attempts to store a new token in a database that does not answer."""
_CORRECT_KEYS = (
    "Copy the app's client id and client secret from Intuit's developer portal again (production keys for a live company, "
    "development keys for a sandbox), and save the connection file with `ml-connector connection add FILE`."
)

Refresher = Callable[[str], TokenSet]
"""Exchanges a refresh token for a new set. Raises SignInNeeded, ClientRejected, Unavailable or Throttled."""


class _Unsaved(NamedTuple):
    """An answer of Intuit that the database could not take yet."""

    before: Chain
    fresh: TokenSet
    asked_at: datetime


class Renewal:
    """What is stored of one connection's sign-in, and renewing it. Used by one thread at a time; `patience` in seconds."""

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
        patience: float,
        spread: limits.Spread,
    ) -> None:
        self._database = database
        self._vault = vault
        self._connection_id = connection_id
        self._connection_name = connection_name
        self._clock = clock
        self._refresher = refresher
        self._worker = worker
        self._lease = RefreshLease(
            database, clock, connection_id=connection_id, worker=worker, seconds=patience + _MARGIN
        )
        self._spread = spread
        self._unsaved: _Unsaved | None = None

    # what is stored

    def load(self) -> Chain:
        """What is stored now."""
        with self._database.read() as tx:
            return keeping.load(tx, self._vault, self._connection_id)

    def held_of(self, chain: Chain) -> Held | None:
        """The access token of what was read just now."""
        return held_of(chain, self._connection_id, self._spread, self._clock.now())

    def require_living(self, chain: Chain) -> None:
        """Nothing is asked of Intuit for a sign-in that is over, until new tokens are stored. Raises SignInNeeded."""
        if chain.state in {ChainState.ENDED, ChainState.DISCONNECTED}:
            raise SignInNeeded(chain.row.problem if chain.row else "")
        if not chain.tokens.refresh_token:
            raise SignInNeeded(keeping.never_connected(self._connection_name))

    def require_time(self, chain: Chain) -> None:
        """After a failure Intuit is left alone for a while. Raises ClientRejected or Unavailable until then."""
        row = chain.row
        if row is None or row.retry_at is None or self._clock.now() >= row.retry_at:
            return
        if chain.state is ChainState.CLIENT_REJECTED:
            raise ClientRejected(row.problem)
        raise Unavailable(f"Intuit's sign-in service gave no tokens; it is asked again after {row.retry_at:%H:%M:%S} UTC",
                          detail=row.problem)  # fmt: skip

    # renewing

    def renew(self, refused: str) -> bool:
        """Refresh as the one who may; False when another one is at it. Afterwards the store is to be read again.

        Raises what `require_living`, `require_time` and the refresher raise; the end of a sign-in is noted and not raised.
        """
        with self._lease.taken() as fence:
            if fence is None:
                return False
            chain = self.load()
            held = self.held_of(chain)
            if held is not None and held.fresh(refused, self._clock.now()):
                return True
            if self._unsaved is not None:
                self._save()
                return True
            self.require_living(chain)
            self.require_time(chain)
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
                if not self._lease.keep(fence):
                    return None
                return self._refresher(token)
        except SignInNeeded:
            if self.load().generation != chain.generation:
                return None
            if not previous or not self._lease.keep(fence):
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
