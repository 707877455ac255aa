"""Catches up with what changed in QuickBooks: one call of change data capture for all entities, and what follows where that fails.

An entity that was never read, or not for longer than QuickBooks remembers, is compared as a whole. A cursor moves only in the
transaction that stores what was read.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ml_connector.quickbooks.answers import Changes
from ml_connector.quickbooks.errors import Refused
from ml_connector.quickbooks.queries import page_of
from ml_connector.quickbooks.wire import MAX_CHANGES
from ml_connector.rules.catch_up import can_follow, split
from ml_connector.store import alerts
from ml_connector.store import books as book_store
from ml_connector.store.books import BookCursor
from ml_connector.work.changes.comparing import compare, compare_together
from ml_connector.work.changes.copies import UNREAD, Counts, ask, cannot_read, keep, keep_asked
from ml_connector.work.changes.progress import progress_of
from ml_connector.work.changes.recent import read_recent
from ml_connector.work.changes.settings import CAPTURED_LISTS, POLLED_LISTS, SINGLE
from ml_connector.work.desk import Desk


def catch_up(desk: Desk, entities: Sequence[str], counts: Counts, *, along: Sequence[str] = ()) -> None:
    """Bring entities up to date. Those in `along` are asked for in the same call as far as that costs nothing."""
    settings, now = desk.settings.changes, desk.clock.now()
    with desk.database.read() as tx:
        cursors = book_store.cursors(tx, desk.connection_id)
    look_back = timedelta(days=settings.look_back_days)

    def follows(entity: str) -> bool:
        own = cursors.get(entity)
        return progress_of(own) is None and can_follow(moment(own), now, look_back)

    followed = [entity for entity in entities if follows(entity)]
    guests = [entity for entity in along if entity not in entities and follows(entity)]
    whole = [entity for entity in entities if entity not in followed]
    if followed:
        _capture(desk, followed, cursors, counts, guests)
    _read_whole(desk, [entity for entity in whole if not _is_recent(cursors.get(entity))], counts)
    for entity in whole:
        if _is_recent(cursors.get(entity)):
            read_recent(desk, entity, now, counts)


def moment(cursor: BookCursor | None) -> datetime | None:
    """The moment up to which an entity is known."""
    return datetime.fromisoformat(cursor.cursor) if cursor is not None and cursor.cursor else None


def _is_recent(cursor: BookCursor | None) -> bool:
    progress = progress_of(cursor)
    return progress is not None and progress.kind == "recent"


def _read_whole(desk: Desk, entities: Sequence[str], counts: Counts) -> None:
    lists = [entity for entity in entities if entity in CAPTURED_LISTS]
    compare_together(desk, lists, counts)
    for entity in entities:
        if entity not in lists:
            compare(desk, entity, counts)


def _capture(
    desk: Desk,
    entities: Sequence[str],
    cursors: dict[str, BookCursor],
    counts: Counts,
    guests: Sequence[str] = (),
) -> None:
    """One question for all; asked again in parts where the answer was cut off or one of the entities is refused."""
    every = [*entities, *guests]
    known = [known for entity in every if (known := moment(cursors.get(entity))) is not None]
    since = min(known) - timedelta(minutes=desk.settings.changes.overlap_minutes)
    desk.keep_lease()
    try:
        changes = desk.quickbooks.changes(every, since)
    except Refused as refused:
        if len(every) == 1:
            with desk.write() as tx:
                cannot_read(tx, desk, every[0], refused.faults)
            return
        for entity in entities:
            _capture(desk, [entity], cursors, counts)
        return
    if not changes.truncated:
        keep_changes(desk, every, changes, counts)
    elif guests:
        _capture(desk, entities, cursors, counts)
    else:
        _capture_in_parts(desk, entities, cursors, counts, changes, since)


def _capture_in_parts(  # noqa: PLR0917
    desk: Desk,
    entities: Sequence[str],
    cursors: dict[str, BookCursor],
    counts: Counts,
    changes: Changes,
    since: datetime,
) -> None:
    seen = {entity: len(changes.records.get(entity, ())) + len(changes.deleted.get(entity, ())) for entity in entities}
    heavy, others = split(entities, seen)
    if others:
        _capture(desk, others, cursors, counts)
    if not others or seen[heavy] >= MAX_CHANGES:
        read_recent(desk, heavy, since, counts, suspects=changes.deleted.get(heavy, ()))
    else:
        _capture(desk, [heavy], cursors, counts)


def keep_changes(desk: Desk, entities: Sequence[str], changes: Changes, counts: Counts) -> None:
    """Store a whole answer; the entities are known up to its moment then.

    What it calls deleted is asked for first: updated records were seen to be called so.
    """
    with desk.database.read() as tx:
        known = {
            entity: book_store.some_of(tx, desk.connection_id, entity, ids) for entity, ids in changes.deleted.items()
        }
    suspects = {
        entity: [one for one in ids if one not in known[entity] or not known[entity][one].deleted]
        for entity, ids in changes.deleted.items()
        if entity in entities
    }
    asked = ask(desk, suspects)
    undecided = {entity for entity, _ in asked.refused}
    now = desk.clock.now()
    with desk.write() as tx:
        before = counts["unreadable"]
        for entity in entities:
            keep(tx, desk, entity, changes.records.get(entity, ()), changes.time, counts)
        keep_asked(tx, desk, asked, counts)
        for entity in entities:
            if entity not in undecided:
                book_store.move_cursor(tx, desk.connection_id, entity, changes.time.isoformat(), now)
        if counts["unreadable"] == before:
            for entity in set(entities) - undecided:
                alerts.clear(tx, desk.connection_id, kind=UNREAD, subject=entity, now=now)


def poll(desk: Desk, counts: Counts, *, at_once: Sequence[str] = ()) -> None:
    """Read what QuickBooks neither announces nor captures, in one call, as far as it is due; some of it whether due or not."""
    now, age = desk.clock.now(), timedelta(minutes=desk.settings.changes.slow_minutes)
    with desk.database.read() as tx:
        cursors = book_store.cursors(tx, desk.connection_id)

    def is_due(entity: str) -> bool:
        own = cursors.get(entity)
        return own is None or not own.cursor or now - own.refreshed_at >= age

    due = [entity for entity in (*POLLED_LISTS, *SINGLE) if entity in at_once or is_due(entity)]
    lists = [entity for entity in due if entity in POLLED_LISTS]
    single = [entity for entity in due if entity in SINGLE]
    _read_single_and_short(desk, single, lists, counts)


def _read_single_and_short(desk: Desk, single: Sequence[str], lists: Sequence[str], counts: Counts) -> None:
    statements = [f"SELECT * FROM {entity}" for entity in single] + [page_of(entity) for entity in lists]  # noqa: S608
    if not statements:
        return
    desk.keep_lease()
    pages = dict(zip((*single, *lists), desk.quickbooks.pages(statements), strict=True))
    now = desk.clock.now()
    with desk.write() as tx:
        for entity in single:
            page = pages[entity]
            if page.faults or page.time is None:
                cannot_read(tx, desk, entity, page.faults)
                continue
            keep(tx, desk, entity, page.rows, page.time, counts)
            book_store.put_cursor(tx, desk.connection_id, entity, page.time.isoformat(), now)
    for entity in lists:
        compare(desk, entity, counts, first=pages[entity])
