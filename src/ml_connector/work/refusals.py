"""Webhook calls that nobody's token made: counted, and told to people as an alert that names no body, signature or token.

Most are the world's noise. But a verifier token that was changed on the other side looks exactly the same, and then no change is
announced any more, so somebody has to look.
"""

from datetime import datetime, timedelta
from threading import Lock

from ml_connector.model.clock import Clock
from ml_connector.store import alerts
from ml_connector.store.database import Database
from ml_connector.store.schema import Severity, System
from ml_connector.work.webhook_keys import KeyRing, Verified

KIND = "webhook-signature"
"""The kind of alert; its subject is the system."""

_EVERY = timedelta(minutes=1)
_NAMES = {System.QUICKBOOKS: "QuickBooks", System.BASWARE: "Basware"}
_ADVICE = {
    System.QUICKBOOKS: "If the verifier token was changed in Intuit's portal, store the new one with "
    "`ml-connector webhooks verifier`.",
    System.BASWARE: "If other notices of Basware do not arrive either, run `ml-connector webhooks repair`.",
}


class Refusals:
    """How many calls were refused since people were last told. Threads may share it."""

    def __init__(self, database: Database, ring: KeyRing, clock: Clock) -> None:
        self._database = database
        self._ring = ring
        self._clock = clock
        self._lock = Lock()
        self._count: dict[System, int] = {}
        self._told_at: dict[System, datetime] = {}
        self._open: set[tuple[str, System]] = set()

    def note(self, system: System) -> bool:
        """Count a refused call; whether it is time to `tell`."""
        with self._lock:
            self._count[system] = self._count.get(system, 0) + 1
            now, told = self._clock.now(), self._told_at.get(system)
            if told is not None and now - told < _EVERY:
                return False
            self._told_at[system] = now
            return True

    def tell(self, system: System) -> None:
        """Raise the alert of every connection that could be meant, with the number of calls since last time."""
        with self._lock:
            count = self._count.pop(system, 0)
        if not count:
            return
        now, name = self._clock.now(), _NAMES[system]
        calls = (
            f"{count} webhook calls that say they are {name}'s were"
            if count > 1
            else f"A webhook call that says it is {name}'s was"
        )
        message = f"{calls} refused: the signature was made with none of the tokens stored here. {_ADVICE[system]}"
        connections = sorted(self._ring.connections(system))
        with self._database.write() as tx:
            for connection_id in connections:
                alerts.raise_(
                    tx,
                    connection_id,
                    kind=KIND,
                    subject=system.value,
                    message=message,
                    severity=Severity.WARNING,
                    now=now,
                )
        with self._lock:
            self._open.update((connection_id, system) for connection_id in connections)

    def to_clear(self, system: System, verified: Verified) -> list[str]:
        """The connections of a good call whose alert is still open."""
        with self._lock:
            return [key.connection_id for key in verified.keys if (key.connection_id, system) in self._open]

    def clear(self, system: System, connection_ids: list[str]) -> None:
        """Good calls come again: the alert is over."""
        with self._lock:
            self._open -= {(one, system) for one in connection_ids}
        with self._database.write() as tx:
            for connection_id in connection_ids:
                alerts.clear(tx, connection_id, kind=KIND, subject=system.value, now=self._clock.now())

    def look(self) -> None:
        """Learn which alerts an earlier process left open."""
        found: set[tuple[str, System]] = set()
        with self._database.read() as tx:
            for system in System:
                for connection_id in self._ring.connections(system):
                    rows = alerts.listing(tx, connection_id)
                    found.update((connection_id, system) for row in rows if (row.kind, row.subject) == (KIND, system))
        with self._lock:
            self._open = found
