"""Reads what QuickBooks' notices announced: gathered until it is quiet, judged together, read in as few calls as there can be.

A notice is settled in the transaction that stores what was read for it. What cannot be read is settled as failed, and the next
catch-up looks again.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from ml_connector.flows.announcements import Verdict, judge
from ml_connector.model.changes import Announcement, OwnWrite, RecordKey
from ml_connector.store import books as book_store
from ml_connector.store import notices, own_writes
from ml_connector.store.database import Tx
from ml_connector.store.notices import NoticeRow
from ml_connector.store.own_writes import OwnWriteRow
from ml_connector.store.schema import NoticeState, System
from ml_connector.work.changes.catch_up import moment
from ml_connector.work.changes.copies import Asked, Counts, ask, keep_asked
from ml_connector.work.desk import Desk

_AT_ONCE = 1000
"""Notices judged together; so many waiting are not waited with any longer."""


def quiet_at(desk: Desk) -> datetime | None:
    """When the waiting notices are to be read: once it is quiet, or the first waited long enough; None when none waits."""
    settings = desk.settings.changes
    with desk.database.read() as tx:
        span = notices.span_waiting(tx, desk.connection_id, System.QUICKBOOKS)
    if span is None:
        return None
    if span.number >= _AT_ONCE:
        return span.oldest
    quiet = span.newest + timedelta(seconds=settings.quiet_seconds)
    return min(quiet, span.oldest + timedelta(seconds=settings.longest_wait_seconds))


def read_notices(desk: Desk, counts: Counts) -> None:
    """Read up on every waiting notice."""
    while True:
        with desk.database.read() as tx:
            waiting = notices.waiting(tx, desk.connection_id, System.QUICKBOOKS, limit=_AT_ONCE)
            verdict = _judged(tx, desk, waiting)
        if not waiting:
            return
        desk.watch("reading what was announced", counts["notices"], counts["notices"] + len(waiting))
        asked = ask(desk, verdict.read)
        with desk.write() as tx:
            keep_asked(tx, desk, asked, counts, verdict.merged)
            _settle(tx, desk, verdict, asked, counts)
        counts["notices"] += len(waiting)


def _judged(tx: Tx, desk: Desk, waiting: Iterable[NoticeRow]) -> Verdict:
    settings = desk.settings.changes
    announcements = [
        Announcement(
            notice_id=row.id, entity=row.entity, record_id=row.entity_id, operation=row.operation,
            merged_id=row.merged_id, occurred_at=row.occurred_at,
        )
        for row in waiting
    ]  # fmt: skip
    names = {name.lower(): name for name in settings.watched}
    keys: set[RecordKey] = set()
    for one in announcements:
        name = names.get(one.entity.lower())
        if name is not None:
            keys |= {(name, one.record_id), (name, one.merged_id)} if one.merged_id else {(name, one.record_id)}
    writes = [
        OwnWrite(key=(row.entity, row.quickbooks_id), sync_token=row.sync_token, written_at=row.written_at)
        for row in own_writes.of_records(tx, desk.connection_id, keys)
    ]
    return judge(
        announcements,
        watched=settings.watched,
        own_writes=writes,
        known_as_of=_known_as_of(tx, desk, keys),
        tolerance=timedelta(seconds=settings.echo_seconds + 1),  # our own times are cut to whole seconds
        margin=timedelta(minutes=settings.overlap_minutes),
    )


def _known_as_of(tx: Tx, desk: Desk, keys: Iterable[RecordKey]) -> dict[RecordKey, datetime]:
    """From which moment our copies are: that of the record itself, or of the last answer that named every change since."""
    by_entity: dict[str, set[str]] = {}
    for entity, key in keys:
        by_entity.setdefault(entity, set()).add(key)
    cursors = book_store.cursors(tx, desk.connection_id)
    known: dict[RecordKey, datetime] = {}
    for entity, ids in by_entity.items():
        followed = moment(cursors.get(entity)) if entity in desk.settings.changes.captured else None
        rows = book_store.some_of(tx, desk.connection_id, entity, ids)
        for key in ids:
            own = rows[key].as_of if key in rows else None
            moments = [one for one in (own, followed) if one is not None]
            if moments:
                known[entity, key] = max(moments)
    return known


def _settle(tx: Tx, desk: Desk, verdict: Verdict, asked: Asked, counts: Counts) -> None:
    """Say what became of each notice."""
    now = desk.clock.now()

    def settle(ids: Iterable[int], state: NoticeState, problem: str = "") -> None:
        notices.settle(tx, desk.connection_id, list(ids), state, now, problem)

    settle(verdict.echoes, NoticeState.ECHO)
    settle(verdict.known, NoticeState.DONE)
    for reason in sorted(set(verdict.ignored.values())):
        settle([one for one, why in verdict.ignored.items() if why == reason], NoticeState.IGNORED, reason)
    for key, ids in verdict.to_read.items():
        if key in asked.refused:
            settle(ids, NoticeState.FAILED, f"QuickBooks does not show it: {asked.refused[key]}")
            counts["failed"] += len(ids)
        else:
            settle(ids, NoticeState.DONE)
    counts["echoes"] += len(verdict.echoes)
    counts["ignored"] += len(verdict.ignored)
    own_writes.announced(
        tx,
        desk.connection_id,
        [
            OwnWriteRow(
                entity=one.key[0], quickbooks_id=one.key[1], sync_token=one.sync_token, written_at=one.written_at
            )
            for one in verdict.spent
        ],
    )
