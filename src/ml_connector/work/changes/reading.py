"""The job `changes`: read what notices announced, catch up with what nobody announced, and say when to look again.

What is due is decided from cursors and notices alone. A run with nothing to do calls nobody.
"""

from collections import Counter
from datetime import datetime, timedelta

from ml_connector.rules.catch_up import next_catch_up
from ml_connector.store import books as book_store
from ml_connector.store import jobs, notices, own_writes, payments
from ml_connector.store.books import BookCursor
from ml_connector.store.database import Tx
from ml_connector.store.jobs import JobRow
from ml_connector.store.schema import System
from ml_connector.work.changes.again import begin_again, end_again
from ml_connector.work.changes.catch_up import catch_up, moment, poll
from ml_connector.work.changes.copies import OWN_WRITES_KEPT, Counts
from ml_connector.work.changes.progress import progress_of, take_up_comparison
from ml_connector.work.changes.reading_notices import quiet_at, read_notices
from ml_connector.work.changes.settings import POLLED_LISTS, SINGLE
from ml_connector.work.desk import Desk
from ml_connector.work.drift.watching import look_for_drift
from ml_connector.work.jobs import Job, JobReport
from ml_connector.work.sending.steps import gives_basware

_A_MOMENT = timedelta(minutes=1)


def read_changes(desk: Desk) -> JobReport:
    """Do what is due. Raises what the client raises when QuickBooks cannot be used; what was read until then is kept."""
    counts: Counts = Counter()
    settings = desk.settings.changes
    asked = _asked_by_a_person(desk)
    with desk.write() as tx:
        take_up_comparison(tx, desk)
    again = begin_again(desk, counts)
    if asked or catch_up_at(desk) <= desk.clock.now():
        catch_up(desk, settings.captured, counts)
        poll(desk, counts, at_once=(*POLLED_LISTS, *SINGLE) if asked else ())
        with desk.write() as tx:
            own_writes.forget_old(tx, desk.connection_id, desk.clock.now() - OWN_WRITES_KEPT)
        counts["caught_up"] = 1
    if again is not None:
        end_again(desk, again)
    waiting_until = quiet_at(desk)
    if waiting_until is not None and (asked or waiting_until <= desk.clock.now()):
        read_notices(desk, counts)
        waiting_until = quiet_at(desk)
    if counts["records"] or counts["deleted"]:
        counts["drift"] = look_for_drift(desk)
        _pass_on(desk)
    return _report(desk, counts, waiting_until)


def _pass_on(desk: Desk) -> None:
    """Something changed: whoever gives Basware what QuickBooks has looks at it now."""
    now, basware = desk.clock.now(), desk.settings.basware
    with desk.write() as tx:
        if gives_basware(desk.settings):
            jobs.bring_forward(tx, desk.connection_id, Job.MASTER_DATA, now, now)
        if basware.payments.enabled and payments.anything_unseen(tx, desk.connection_id):
            jobs.bring_forward(tx, desk.connection_id, Job.PAYMENTS, now, now)


def _asked_by_a_person(desk: Desk) -> bool:
    """Whether somebody wants everything read at once. Webhooks never ask: what they announce waits as notices."""
    with desk.database.read() as tx:
        return jobs.get(tx, desk.connection_id, Job.CHANGES).asked_at is not None


def catch_up_at(desk: Desk) -> datetime:
    """When QuickBooks is asked for changes next."""
    with desk.database.read() as tx:
        return catch_up_due(
            tx, desk, book_store.cursors(tx, desk.connection_id), jobs.get(tx, desk.connection_id, Job.CHANGES)
        )


def catch_up_due(tx: Tx, desk: Desk, cursors: dict[str, BookCursor], job: JobRow) -> datetime:
    """The same, from what the caller has read already. A reading under way goes on at once."""
    settings, now = desk.settings.changes, desk.clock.now()
    readable = [entity for entity in settings.captured if not (cursors.get(entity) and cursors[entity].problem)]
    if any(progress_of(cursors.get(entity)) is not None for entity in readable):
        return now
    minutes = settings.catch_up_minutes if webhooks_arrive(tx, desk) else settings.poll_minutes
    return next_catch_up(
        known_to=known_to(cursors, readable),
        last_success=job.succeeded_at or last_asked(cursors),
        now=now,
        interval=timedelta(minutes=minutes),
        gap=timedelta(minutes=settings.gap_minutes),
    )


def webhooks_arrive(tx: Tx, desk: Desk) -> bool:
    """Whether QuickBooks announced anything lately: only then may it be asked seldom."""
    heard = notices.last_received(tx, desk.connection_id, System.QUICKBOOKS)
    trusted = timedelta(days=desk.settings.changes.webhooks_trusted_days)
    return heard is not None and desk.clock.now() - heard <= trusted


def known_to(cursors: dict[str, BookCursor], entities: list[str]) -> datetime | None:
    """Up to which moment every one of these entities is known; None while one never was read."""
    moments = [moment(cursors.get(entity)) for entity in entities]
    known = [one for one in moments if one is not None]
    return min(known) if known and len(known) == len(moments) else None


def last_asked(cursors: dict[str, BookCursor]) -> datetime | None:
    """When QuickBooks was asked last, None if never."""
    return max((one.refreshed_at for one in cursors.values()), default=None)


def _report(desk: Desk, counts: Counts, waiting_until: datetime | None) -> JobReport:
    """What was done. The schedule says when the job runs next; it goes on earlier for notices that still come in, and for a reading
    that is under way."""
    now = desk.clock.now()
    with desk.database.read() as tx:
        cursors = book_store.cursors(tx, desk.connection_id)
    readable = [entity for entity in desk.settings.changes.captured if entity in cursors]
    unfinished = any(progress_of(cursors[entity]) is not None and not cursors[entity].problem for entity in readable)
    again = [at for at in (waiting_until, now + _A_MOMENT if unfinished else None) if at is not None]
    told = [f"{counts['records']} records read", f"{counts['notices']} notices"]
    told += [f"{counts[name]} {words}" for name, words in _TOLD.items() if counts[name]]
    return JobReport(
        outcome=", ".join(told),
        counts=dict(counts),
        current_to=known_to(cursors, readable),
        partial=True,  # while an entity was never read, nothing is known to be current
        again_at=min(again, default=None),
    )


_TOLD = {
    "deleted": "deleted", "echoes": "echoes of our own writes", "ignored": "notices ignored", "failed": "notices failed",
    "unreadable": "records unreadable", "drift": "posted transactions found changed",
}  # fmt: skip
