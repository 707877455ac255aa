"""Sends what people are to be told: notices what is new, then sends what is due, one target never waiting for another's trouble.

Belongs to no one connection and to no job of one: a connection that is paused or cannot be used is what people have to hear of.
Every process that works runs one. A message is taken before it is sent and settled after; a process that dies in between leaves
one that is sent again later, so that a message arrives at least once.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event, Thread

from ml_connector.model.clock import Clock
from ml_connector.store import alerts, connections, messages
from ml_connector.store.database import Database
from ml_connector.store.errors import DatabaseUnavailableError, StoreError
from ml_connector.store.messages import MessageRow
from ml_connector.store.schema import Severity
from ml_connector.store.vault import Vault
from ml_connector.work.messages.noticing import UNDELIVERED, notice
from ml_connector.work.messages.words import Text

logger = logging.getLogger(__name__)

TICK = 2.0
"""Seconds between two looks at what is due."""

_NOTICE_EVERY = timedelta(minutes=1)
_TAKEN_FOR = timedelta(minutes=5)
_WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
_GIVE_UP = timedelta(days=1)
_KEEP = timedelta(days=90)
_AGAIN = "\n\nThis may have reached you already: it could not be seen whether it arrived the first time."


class DeliveryError(Exception):
    """A target did not take a message. The words say why, and hold nothing secret."""


Deliver = Callable[[str, str, str], None]
"""Sends to an address a title and a body. Raises DeliveryError."""


class Courier:
    """One process's part in sending. Not shared between threads."""

    def __init__(self, database: Database, vault: Vault, clock: Clock, deliver: Deliver, address: str) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._deliver = deliver
        self._address = address
        self._noticed_at: datetime | None = None

    def look(self) -> int:
        """Notice what is new, unless that was done within the last minute, and send what is due; how many were sent.

        Raises DatabaseUnavailableError.
        """
        now = self._clock.now()
        if self._noticed_at is None or now - self._noticed_at >= _NOTICE_EVERY:
            self._noticed_at = now
            self._notice(now)
        return self._send(now)

    def _notice(self, now: datetime) -> None:
        with self._database.read() as tx:
            everyone = messages.targets(tx)
            rows = connections.list_all(tx) if everyone else []
        for row in rows:
            told = [one for one in everyone if one.connection_id in {"", row.id}]
            if told:
                with self._database.write() as tx:
                    notice(tx, row, told, self._address, now)
        if everyone:
            with self._database.write() as tx:
                messages.forget_before(tx, now - _KEEP)

    def _send(self, now: datetime) -> int:
        with self._database.read() as tx:
            waiting = messages.due(tx, now)
        broken, sent = set[str](), 0
        for message in waiting:
            if message.target_id in broken:
                continue
            with self._database.write() as tx:
                taken = messages.take(tx, message.id, now, self._clock.now() + _TAKEN_FOR)
            if not taken:
                continue
            if self._send_one(message):
                sent += 1
            else:
                broken.add(message.target_id)
        return sent

    def _send_one(self, message: MessageRow) -> bool:
        """Send a message that was taken; whether the target took it."""
        never_settled = message.tries > 0 and not message.problem
        try:
            with self._database.read() as tx:
                address = messages.address(tx, self._vault, message.target_id)
            if address is None:
                return True  # its target was removed meanwhile, and the message with it
            self._deliver(address.reveal(), message.title, message.body + (_AGAIN if never_settled else ""))
        except DatabaseUnavailableError:
            raise
        except (DeliveryError, StoreError) as error:
            self._failed(message, str(error))
            return False
        with self._database.write() as tx:
            messages.sent(tx, message.id, self._clock.now())
            alerts.clear(tx, message.connection_id, kind=UNDELIVERED, subject=message.target_id, now=self._clock.now())
        return True

    def _failed(self, message: MessageRow, problem: str) -> None:
        now, tries = self._clock.now(), message.tries
        over = now - message.created_at >= _GIVE_UP
        again_at = None if over else now + _WAITS[min(tries, len(_WAITS) - 1)]
        with self._database.write() as tx:
            messages.failed(tx, message.id, problem, again_at)
            said = (
                f"A message could not be sent: {problem}. It is tried again for a day. Check the address, or remove it, under "
                f"Who is told in the console or with `ml-connector notify list` (target {message.target_id})."
            )
            alerts.raise_(
                tx, message.connection_id, kind=UNDELIVERED, subject=message.target_id, severity=Severity.WARNING,
                message=said, now=now,
            )  # fmt: skip
        logger.warning("a message for target %s could not be sent: %s", message.target_id, problem)


TRIAL = Text(
    title="ml-connector: a trial",
    body="Messages about your books arrive here. Nothing needs you: somebody tried out whether they do.",
)


@contextmanager
def couriering(courier: Courier, stop: Event) -> Iterator[None]:
    """Send on a thread of its own while the block runs, so that a target that hangs keeps no job waiting."""

    def carry() -> None:
        while not stop.is_set():
            try:
                courier.look()
            except DatabaseUnavailableError as error:
                logger.warning("messages wait, the database cannot be used: %s", error)
            stop.wait(TICK)

    thread = Thread(target=carry, name="courier", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
