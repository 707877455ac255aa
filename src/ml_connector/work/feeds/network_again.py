"""Trying once more to have what could not be had of documents of the Network, from a day on.

A notification that was put away is gone, and the Network lists no documents: only those announced to us can be read again, by
their bumId (Basware Network guide: notifications, invoices). So this reads what was given up, and files that were missing.
"""

from collections.abc import Iterator

import msgspec

from ml_connector.basware.errors import NoAnswer, Unavailable
from ml_connector.basware.network import NetworkClient
from ml_connector.store import alerts, network
from ml_connector.store.network import NetworkRow
from ml_connector.store.schema import NetworkState, Severity
from ml_connector.work.desk import Desk
from ml_connector.work.feeds import network_documents
from ml_connector.work.feeds.network_documents import NOTIFICATIONS, NotTaken
from ml_connector.work.feeds.network_telling import ALERT, confirm
from ml_connector.work.feeds.reading_again import asked_again
from ml_connector.work.jobs import Job

_MOST_TROUBLE = 3
"""Documents in a row that cannot be had because of the Network before it counts as down."""


class Mended(msgspec.Struct, kw_only=True):
    """What reading again brought: documents and missing files that are here now, and documents that still cannot be had."""

    taken: int = 0
    completed: int = 0
    failed: int = 0


class _Page(msgspec.Struct, frozen=True, kw_only=True):
    row: NetworkRow
    continuation: str


def read_network_again(desk: Desk, client: NetworkClient) -> Mended:
    """Read from the day a person asked for, if one did. Raises what concerns the whole Network."""
    mended, trouble = Mended(), 0
    again = asked_again(desk, Job.NETWORK, NOTIFICATIONS)
    if again is None:
        return mended
    since = again.since

    def listed(*, page_size: int, start: str) -> Iterator[_Page]:
        while True:
            with desk.database.read() as tx:
                rows = network.incomplete(tx, desk.connection_id, since=since, after=start, limit=page_size)
            if not rows:
                return
            yield from (_Page(row=row, continuation=row.bum_id) for row in rows)
            start = rows[-1].bum_id

    for page in again.pages("documents", 100, listed):
        try:
            _mend(desk, client, page.row, mended)
            trouble = 0
        except NotTaken as problem:
            _note_failure(desk, page.row, str(problem), mended)
        except (NoAnswer, Unavailable) as error:
            trouble += 1
            if trouble >= _MOST_TROUBLE:
                raise
            _note_failure(desk, page.row, str(error), mended)
        with desk.write() as tx:
            again.move(tx, page.continuation)
    again.end()
    return mended


def _mend(desk: Desk, client: NetworkClient, row: NetworkRow, mended: Mended) -> None:
    if row.state is not NetworkState.FAILED:
        network_documents.complete_files(desk, client, row.bum_id)
        mended.completed += 1
        return
    taken = network_documents.take_over(desk, client, row.bum_id)
    confirm(desk, client, taken)
    with desk.write() as tx:
        alerts.clear(tx, desk.connection_id, kind=ALERT, subject=row.bum_id, now=desk.clock.now())
    mended.taken += 1


def _note_failure(desk: Desk, row: NetworkRow, problem: str, mended: Mended) -> None:
    now = desk.clock.now()
    with desk.write(durable=True) as tx:
        tries = network.note_try(tx, desk.connection_id, row.bum_id, problem, now)
        message = (
            f"The document {row.bum_id} of the Basware Network was read again and still could not be had ({tries}x). "
            f"{problem.rstrip('.')}. Ask the supplier or Basware to send it again."
        )
        alerts.raise_(
            tx, desk.connection_id, kind=ALERT, subject=row.bum_id, message=message, severity=Severity.ERROR, now=now
        )  # fmt: skip
    mended.failed += 1
