"""Reads an entity as a whole, page by page, and finds what is no longer there: the first reading, and the way back after a month.

Goes on where a crash left it. Memory holds one page.
"""

from collections.abc import Sequence

import msgspec

from ml_connector.quickbooks.answers import Page
from ml_connector.quickbooks.queries import page_of
from ml_connector.quickbooks.wire import MAX_PAGE
from ml_connector.rules.paging import anchors, earlier_position, joins, next_position
from ml_connector.store import alerts
from ml_connector.store import books as book_store
from ml_connector.work.changes import progress as progresses
from ml_connector.work.changes.copies import UNREAD, Counts, ask, cannot_read, keep, keep_asked, warn
from ml_connector.work.changes.progress import Progress, progress_of
from ml_connector.work.desk import Desk


def compare_together(desk: Desk, entities: Sequence[str], counts: Counts) -> None:
    """Compare short lists: their first pages come in one call. One that was begun already goes on by itself."""
    with desk.database.read() as tx:
        cursors = book_store.cursors(tx, desk.connection_id)
    fresh = [entity for entity in entities if progress_of(cursors.get(entity)) is None]
    if fresh:
        desk.keep_lease()
        pages = desk.quickbooks.pages([page_of(entity) for entity in fresh])
        for entity, page in zip(fresh, pages, strict=True):
            compare(desk, entity, counts, first=page)
    for entity in entities:
        if entity not in fresh:
            compare(desk, entity, counts)


def compare(desk: Desk, entity: str, counts: Counts, first: Page | None = None) -> None:
    """Read every record of an entity and mark those of ours that are gone. `first` is the first page if it was read already."""
    with desk.database.read() as tx:
        begun = progress_of(book_store.cursor(tx, desk.connection_id, entity))
        expected = book_store.count(tx, desk.connection_id, entity)
    progress = begun if begun is not None and begun.kind == "compare" else Progress(kind="compare")
    page = first if progress.position == 1 else None
    while True:
        if page is None:
            desk.keep_lease()
            page = desk.quickbooks.pages([page_of(entity, start=progress.position)])[0]
        if page.faults:
            with desk.write() as tx:
                cannot_read(tx, desk, entity, page.faults)
            return
        ids = [str(row.get("Id", "")) for row in page.rows if isinstance(row, dict)]
        if not joins(progress.position, ids, progress.anchors):
            progress = msgspec.structs.replace(progress, position=earlier_position(progress.position, MAX_PAGE))
            page = None
            continue
        progress = _keep_page(desk, entity, progress, page, ids, counts)
        desk.watch(f"comparing {entity}", progress.position, expected)
        if len(page.rows) < MAX_PAGE:
            break
        page = None
    _find_missing(desk, entity, progress, counts)


def _keep_page(  # noqa: PLR0917
    desk: Desk, entity: str, progress: Progress, page: Page, ids: list[str], counts: Counts
) -> Progress:
    is_last = len(page.rows) < MAX_PAGE
    further = msgspec.structs.replace(
        progress,
        began=progress.began or page.time,
        position=progress.position if is_last else next_position(progress.position, len(page.rows)),
        anchors=progress.anchors if is_last else tuple(anchors(ids)),
    )
    with desk.write() as tx:
        keep(tx, desk, entity, page.rows, page.time, counts, afresh=progress.afresh)
        progresses.put(tx, desk, entity, further)
    counts["pages"] += 1
    return further


def _find_missing(desk: Desk, entity: str, progress: Progress, counts: Counts) -> None:
    """Records of ours that no page showed: QuickBooks is asked for them by id before they count as deleted."""
    began, after = progress.began, ""
    assert began is not None  # a page was read  # noqa: S101
    refused: dict[tuple[str, str], str] = {}
    while True:
        with desk.database.read() as tx:
            unseen = book_store.unseen_since(tx, desk.connection_id, entity, began, after, MAX_PAGE)
        if not unseen:
            break
        after = unseen[-1]
        asked = ask(desk, {entity: unseen})
        refused |= asked.refused
        with desk.write() as tx:
            keep_asked(tx, desk, asked, counts)
    with desk.write() as tx:
        if refused:
            warn(tx, desk, entity, f"QuickBooks does not say whether {len(refused)} records of {entity} still exist.")
            return
        book_store.put_cursor(tx, desk.connection_id, entity, began.isoformat(), desk.clock.now())
        if not counts["unreadable"]:
            alerts.clear(tx, desk.connection_id, kind=UNREAD, subject=entity, now=desk.clock.now())
