"""QuickBooks' rotating token chain, kept alive: the access token a call gets, for all threads of a process.

All threads and processes that need a token ask here. What was stored is given out while it serves; who renews it, and how nothing
is lost then, is in `renewal.py`. Asks nobody but the store and `renewal.py`.
"""

from datetime import datetime, timedelta
from threading import Lock, local

from ml_connector.model.clock import Clock
from ml_connector.quickbooks.errors import QuickBooksError, SignInNeeded
from ml_connector.store.database import Database
from ml_connector.store.vault import Vault
from ml_connector.work.sign_in import limits
from ml_connector.work.sign_in.held import TRUST, Held
from ml_connector.work.sign_in.renewal import Refresher, Renewal

_LOOK = 1.0
"""Seconds between two looks at what another refresher is doing."""


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
        self._clock = clock
        self._renewal = Renewal(
            database=database, vault=vault, connection_id=connection_id, connection_name=connection_name, clock=clock,
            refresher=refresher, worker=worker, patience=patience, spread=spread,
        )  # fmt: skip
        self._turn = Lock()
        self._held: Held | None = None
        self._given = local()
        self._forced_at: datetime | None = None

    def access_token(self, force: bool) -> str:
        """A token that is good for some while. `force` after a 401: the one this thread was given last was refused.

        Raises SignInNeeded when a person has to connect again, ClientRejected when the app's keys are wrong, Throttled and
        Unavailable when Intuit gives no token at present and none is left.
        """
        refused = getattr(self._given, "token", "") if force else ""
        held = self._held
        if held is None or not held.believed(refused, self._clock.now()):
            held = self._renewed(refused)
        self._given.token = held.token
        return held.token

    def keep_alive(self, older_than: timedelta) -> bool:
        """Refresh an idle sign-in, whose last refresh is longer ago; whether that was needed. Raises like `access_token`."""
        with self._turn:
            chain = self._renewal.load()
            last = chain.row.refreshed_at if chain.row else None
            if last is not None and self._clock.now() - last < older_than:
                self._renewal.require_living(chain)
                return False
            self._held = self._current(chain.tokens.access_token, keep_spare=False)
        return True

    def _renewed(self, refused: str) -> Held:
        """One thread looks or renews; the others go on with a token that still serves, or wait for that thread."""
        held = self._held
        if held is not None and held.serves(refused, self._clock.now()):
            if not self._turn.acquire(blocking=False):
                return held
        else:
            self._turn.acquire()
        try:
            held = self._held
            if held is None or not held.believed(refused, self._clock.now()):
                held = self._held = self._current(self._still_refused(refused))
            return held
        finally:
            self._turn.release()

    def _still_refused(self, refused: str) -> str:
        """A token that is refused although it is new says nothing about its age: it is not renewed more than once a minute."""
        now = self._clock.now()
        if not refused or (self._forced_at is not None and now - self._forced_at < TRUST):
            return ""
        self._forced_at = now
        return refused

    def _current(self, refused: str, *, keep_spare: bool = True) -> Held:
        """What is stored, renewed if it is time. A token that still serves is used while renewing has to wait."""
        while True:
            chain = self._renewal.load()
            self._renewal.require_living(chain)
            held, now = self._renewal.held_of(chain), self._clock.now()
            if held is not None and held.fresh(refused, now):
                return held
            spare = held if held is not None and keep_spare and held.serves(refused, now) else None
            try:
                self._renewal.require_time(chain)
                if self._renewal.renew(refused):
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
