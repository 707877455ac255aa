"""Reading QuickBooks' changes again from a day on, because a person asked.

QuickBooks tells of changes, deletions included, for 30 days (Intuit, change data capture). From a day further back everything is
compared as a whole, and what is missing is asked for by id. Long readings go on behind a crash as ordinary ones do; an entity's
cursor never goes back.
"""

from collections.abc import Sequence
from datetime import timedelta

from ml_connector.quickbooks.errors import Refused
from ml_connector.rules.catch_up import can_follow, split
from ml_connector.store import books as book_store
from ml_connector.work.changes import progress as progresses
from ml_connector.work.changes.catch_up import keep_changes, moment
from ml_connector.work.changes.copies import UNREAD, Counts, cannot_read
from ml_connector.work.changes.progress import Progress, progress_of
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.reading_again import ReadingAgain, asked_again
from ml_connector.work.jobs import Job


def begin_again(desk: Desk, counts: Counts) -> ReadingAgain | None:
    """Read what QuickBooks still tells in one answer, and have the rest read by pages; None if nobody asked.

    What is read by pages is done by catching up. Raises what the client raises.
    """
    again = asked_again(desk, Job.CHANGES, UNREAD)
    if again is None:
        return None
    settings, now = desk.settings.changes, desk.clock.now()
    look_back = timedelta(days=settings.look_back_days)
    with desk.database.read() as tx:
        cursors = book_store.cursors(tx, desk.connection_id)
    left = [entity for entity in settings.captured if entity not in again.place.done]
    told = [entity for entity in left if progress_of(cursors.get(entity)) is None
            and can_follow(moment(cursors.get(entity)), now, look_back)]  # fmt: skip
    if not can_follow(again.since, now, look_back):
        _compare(desk, again, left)
        return again
    _compare(desk, again, [entity for entity in left if entity not in told])
    _read(desk, again, told, counts)
    return again


def end_again(desk: Desk, again: ReadingAgain) -> None:
    """Say that it is done, once no reading by pages is under way; one of an entity that cannot be read is not waited for."""
    with desk.database.read() as tx:
        cursors = book_store.cursors(tx, desk.connection_id)
    waited_for = [cursors[entity] for entity in again.place.done if entity in cursors]
    if not any(progress_of(own) is not None and not own.problem for own in waited_for):
        again.end()


def _compare(desk: Desk, again: ReadingAgain, entities: Sequence[str]) -> None:
    """Have entities read as a whole, those too of which only the latest changes are being read."""
    with desk.write() as tx:
        cursors = book_store.cursors(tx, desk.connection_id)
        for entity in entities:
            begun = progress_of(cursors.get(entity))
            if begun is None or begun.kind != "compare":
                progresses.put(tx, desk, entity, Progress(kind="compare"))
        again.finish(tx, *entities)


def _read(desk: Desk, again: ReadingAgain, entities: Sequence[str], counts: Counts) -> None:
    """Ask for the changes of all together; what has too many for one answer is read by pages, in the order of the changes."""
    with desk.database.read() as tx:
        cursors = book_store.cursors(tx, desk.connection_id)
    known = [at for entity in entities if (at := moment(cursors.get(entity))) is not None]
    since = min((again.since, *known)) - timedelta(minutes=desk.settings.changes.overlap_minutes)
    while entities:
        desk.keep_lease()
        try:
            changes = desk.quickbooks.changes(entities, since)
        except Refused as refused:
            if len(entities) > 1:
                for entity in entities:
                    _read(desk, again, [entity], counts)
                return
            with desk.write() as tx:
                cannot_read(tx, desk, entities[0], refused.faults)
                again.finish(tx, *entities)
            return
        if not changes.truncated:
            keep_changes(desk, entities, changes, counts)
            with desk.write() as tx:
                again.finish(tx, *entities)
            return
        seen = {one: len(changes.records.get(one, ())) + len(changes.deleted.get(one, ())) for one in entities}
        heavy, entities = split(entities, seen)
        with desk.write() as tx:
            progresses.put(tx, desk, heavy, Progress(kind="recent", since=since))
            again.finish(tx, heavy)
