"""Reads what changed in one entity when there is more than change data capture shows: queries in the order of the changes.

Pages begin at the time of the last record read, not at a position, so records that change meanwhile move behind what is still to
be read and none is skipped. Only records of one and the same second are paged by position. Deletions are in no query: the
numbers of records are compared, and if they differ the entity is compared as a whole.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from ml_connector.quickbooks.answers import Page
from ml_connector.quickbooks.queries import changed_since, count_of
from ml_connector.quickbooks.records import instant
from ml_connector.quickbooks.wire import MAX_PAGE
from ml_connector.rules.paging import anchors, joins, next_position
from ml_connector.store import books as book_store
from ml_connector.work.changes import progress as progresses
from ml_connector.work.changes.comparing import compare
from ml_connector.work.changes.copies import Counts, ask, cannot_read, keep, keep_asked
from ml_connector.work.changes.progress import Progress, progress_of
from ml_connector.work.desk import Desk


def read_recent(desk: Desk, entity: str, since: datetime, counts: Counts, *, suspects: Sequence[str] = ()) -> None:
    """Read everything changed at or after an instant. `suspects` are ids said to be deleted, as far as anybody said."""
    with desk.database.read() as tx:
        begun = progress_of(book_store.cursor(tx, desk.connection_id, entity))
    progress = begun if begun is not None and begun.kind == "recent" else Progress(kind="recent", since=since)
    while True:
        desk.keep_lease()
        page = desk.quickbooks.pages([changed_since(entity, progress.since or since, start=progress.position)])[0]
        if page.faults:
            with desk.write() as tx:
                cannot_read(tx, desk, entity, page.faults)
            return
        ids = [str(row.get("Id", "")) for row in page.rows if isinstance(row, dict)]
        if not joins(progress.position, ids, progress.anchors):
            # Records of this second changed meanwhile and left it: what was behind them moved ahead of the page.
            progress = msgspec.structs.replace(progress, position=1, anchors=())
            continue
        progress = _keep_page(desk, entity, progress, page, ids, counts)
        desk.watch(f"changed {entity}", counts["records"], 0)
        if len(page.rows) < MAX_PAGE:
            break
    _settle_deletions(desk, entity, progress, counts, suspects)


def _keep_page(  # noqa: PLR0917
    desk: Desk, entity: str, progress: Progress, page: Page, ids: list[str], counts: Counts
) -> Progress:
    further = msgspec.structs.replace(progress, began=progress.began or page.time)
    last = instant(page.rows[-1], "MetaData", "LastUpdatedTime") if page.rows else None
    if len(page.rows) == MAX_PAGE:
        if last is not None and progress.since is not None and last > progress.since:
            further = msgspec.structs.replace(further, since=last, position=1, anchors=())
        else:
            position = next_position(progress.position, len(page.rows))
            further = msgspec.structs.replace(further, position=position, anchors=tuple(anchors(ids)))
    with desk.write() as tx:
        keep(tx, desk, entity, page.rows, page.time, counts)
        progresses.put(tx, desk, entity, further)
    counts["pages"] += 1
    return further


def _settle_deletions(desk: Desk, entity: str, progress: Progress, counts: Counts, suspects: Sequence[str]) -> None:
    """See whether something was deleted that nobody named; the last changes and the number of records come in one call."""
    asked = ask(desk, {entity: suspects})
    since, began = progress.since, progress.began
    assert since is not None  # noqa: S101 - a reading of recent changes has a beginning
    assert began is not None  # noqa: S101
    desk.keep_lease()
    latest, counted = desk.quickbooks.pages([changed_since(entity, since), count_of(entity)])
    complete = not latest.faults and len(latest.rows) < MAX_PAGE
    with desk.write() as tx:
        keep_asked(tx, desk, asked, counts)
        if complete:
            keep(tx, desk, entity, latest.rows, latest.time, counts)
        known = book_store.count(tx, desk.connection_id, entity)
        if complete and counted.count == known:
            book_store.put_cursor(tx, desk.connection_id, entity, began.isoformat(), desk.clock.now())
            return
        progresses.put(tx, desk, entity, Progress(kind="compare"))
    compare(desk, entity, counts)
