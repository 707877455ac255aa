"""A heart that beats beside a running job: it renews the lease, so that leases can be short and a dead worker's work goes on soon.

A process that is stopped or killed has no heartbeat. One that hangs in a call still has; its calls have time limits of their own.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from ml_connector.store.errors import StoreError
from ml_connector.work.desk import Desk

logger = logging.getLogger(__name__)

LEASE_SECONDS = 6.0
"""How long a worker's lease outlasts its last heartbeat."""

_BEATS_PER_LEASE = 4


@contextmanager
def beating(desk: Desk) -> Iterator[None]:
    """Keep the desk's lease while the block runs."""
    over = Event()
    thread = Thread(target=_beat, args=(desk, over), name=f"heart of {desk.tenure.name}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _beat(desk: Desk, over: Event) -> None:
    while not over.wait(desk.tenure.seconds / _BEATS_PER_LEASE):
        try:
            with desk.database.write() as tx:
                kept = desk.tenure.keep(tx)
        except StoreError as error:
            # The database is away for a moment. The work itself will notice, and the fence guards what it writes.
            logger.warning("the lease of %s could not be renewed: %s", desk.connection_name, error)
            continue
        if not kept:
            return
