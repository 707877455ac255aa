"""Reading the vendors that other programs gave to Basware through its interface: stored raw, the newest version at hand.

Basware shows here what was posted to its interface, not what its users typed in. The cursor moves with the pages that are stored;
how the list is ordered is not published, so the next reading begins at the newest change only once a reading got to its end.
"""

from datetime import datetime, timedelta

import msgspec

from ml_connector.basware.errors import PlaceLost, Unavailable, UnreadablePage
from ml_connector.basware.feeds import companies_of
from ml_connector.basware.monitoring import instant
from ml_connector.basware.records import RawRecord, RecordPage
from ml_connector.store import copies, cursors
from ml_connector.store.database import Tx
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.reading import Kept, all_readable, backfill_of, keep, keep_unreadable, newest
from ml_connector.work.feeds.reading_again import note_read_again
from ml_connector.work.jobs import Job, JobReport

FEED = "basware.vendors"

_BEGINNINGS = 4


class VendorCursor(msgspec.Struct, frozen=True, kw_only=True):
    """How far vendors were read. `since`: everything changed before was read in full. While a reading is under way, `asked` and
    `page_size` are what its list was asked with, `continuation` the place reached, `newest` the latest change in it so far,
    `begun` when it began, `whole` says whether every page of it could be read, and `backfill` is the day a person asked for."""

    since: datetime | None = None
    asked: datetime | None = None
    page_size: int = 0
    continuation: str = ""
    newest: datetime | None = None
    begun: datetime | None = None
    whole: bool = True
    backfill: str = ""


class _Report(msgspec.Struct, kw_only=True):
    seen: int = 0
    new: int = 0
    changed: int = 0
    unreadable: int = 0

    def add(self, kept: Kept) -> None:
        self.new += kept.new
        self.changed += kept.changed
        self.unreadable += kept.unreadable


def read_vendors(desk: Desk) -> JobReport:
    """The job `vendors`: every vendor that changed since the last reading, going on where a reading was cut off."""
    report = _Report()
    with desk.database.read() as tx:
        cursor = _read_cursor(cursors.get(tx, desk.connection_id, FEED))
        backfill, _ = backfill_of(tx, desk, Job.VENDORS)
    if not cursor.continuation or cursor.backfill != backfill:
        cursor = _begin(desk, cursor)
    for _ in range(_BEGINNINGS):
        try:
            cursor = _read_on(desk, cursor, report)
        except PlaceLost:
            cursor = _begin(desk, cursor)
            continue
        return _told(report, cursor)
    raise Unavailable("Basware forgot the place in its list of vendors again and again. It is read again later.")


def _begin(desk: Desk, cursor: VendorCursor) -> VendorCursor:
    """A reading from the newest change known and a while before, or from the day a person asked for if that is earlier."""
    own = desk.settings.basware.vendors
    asked = cursor.since - timedelta(seconds=own.overlap) if cursor.since else None
    with desk.database.read() as tx:
        backfill, day = backfill_of(tx, desk, Job.VENDORS)
    if asked is not None and day is not None:
        asked = min(asked, day)
    return VendorCursor(
        since=cursor.since, asked=asked, page_size=own.page_size, begun=desk.clock.now(), backfill=backfill
    )


def _read_on(desk: Desk, cursor: VendorCursor, report: _Report) -> VendorCursor:
    """Read to the end. A page that cannot be read is kept as it is; then the next reading begins where this one did."""
    while True:
        try:
            for page in desk.feeds.vendors(since=cursor.asked, page_size=cursor.page_size, start=cursor.continuation):
                cursor = _take_page(desk, page, cursor, report)
                if not cursor.continuation:
                    return cursor
        except UnreadablePage as broken:
            cursor = _pass_by(desk, broken, cursor, report)
            if not cursor.continuation:
                return cursor
        else:
            return _finish(desk, cursor)  # no page at all, or the last one was the end of the list


def _take_page(desk: Desk, page: RecordPage, cursor: VendorCursor, report: _Report) -> VendorCursor:
    desk.keep_lease()
    now = desk.clock.now()
    latest = newest((cursor.newest, *(instant(vendor.last_updated) for vendor in page.records)), now)
    moved = msgspec.structs.replace(cursor, newest=latest, continuation=page.continuation)
    with desk.write(durable=True) as tx:
        known = copies.known(tx, desk.connection_id, FEED, [vendor.id for vendor in page.records if vendor.id])
        ours = [vendor for vendor in page.records if vendor.id in known or _concerns(desk, vendor)]
        kept = keep(tx, desk, FEED, ours, known, acknowledged=True)
        report.add(kept)
        if any(not vendor.id for vendor in page.records):
            moved = msgspec.structs.replace(moved, whole=False)
        moved = moved if page.continuation else _finished(moved)
        _put_cursor(tx, desk, moved)
        if not moved.continuation:
            _end(tx, desk, moved)
    report.seen += len(page.records)
    desk.watch("reading vendors", report.seen, 0)
    return moved


def _concerns(desk: Desk, vendor: RawRecord) -> bool:
    """Whether a vendor is one of the connection's companies, or of a company above them: which those are Basware does not say."""
    if not vendor.id:
        return True
    own = desk.settings.basware.company_codes
    return any(one.company_code in own or one.inherit_to_child_units for one in companies_of(vendor))


def _pass_by(desk: Desk, broken: UnreadablePage, cursor: VendorCursor, report: _Report) -> VendorCursor:
    """Keep a page nobody can read, and go on behind it if its answer says where that is."""
    stuck = broken.continuation == cursor.continuation
    moved = msgspec.structs.replace(cursor, whole=False, continuation="" if stuck else broken.continuation)
    with desk.write(durable=True) as tx:
        keep_unreadable(tx, desk, FEED, broken.body, str(broken))
        report.unreadable += 1
        moved = moved if moved.continuation else _finished(moved)
        _put_cursor(tx, desk, moved)
    return moved


def _finish(desk: Desk, cursor: VendorCursor) -> VendorCursor:
    done = _finished(cursor)
    with desk.write() as tx:
        _put_cursor(tx, desk, done)
        _end(tx, desk, done)
    return done


def _end(tx: Tx, desk: Desk, cursor: VendorCursor) -> None:
    """A reading got to its end: a complaint about what cannot be read is over, and so is what a person asked for."""
    if not cursor.whole:
        return
    all_readable(tx, desk, FEED)
    if cursor.backfill:
        note_read_again(tx, desk, Job.VENDORS, cursor.backfill)


def _finished(cursor: VendorCursor) -> VendorCursor:
    """The cursor after a reading got to its end: at the newest change, unless some of it could not be read."""
    since = (cursor.newest or cursor.since) if cursor.whole else cursor.since
    return VendorCursor(since=since, begun=cursor.begun, whole=cursor.whole, backfill=cursor.backfill)


def _read_cursor(text: str) -> VendorCursor:
    return msgspec.json.decode(text, type=VendorCursor) if text else VendorCursor()


def _put_cursor(tx: Tx, desk: Desk, cursor: VendorCursor) -> None:
    cursors.put(tx, desk.connection_id, FEED, msgspec.json.encode(cursor).decode(), desk.clock.now())


def _told(report: _Report, cursor: VendorCursor) -> JobReport:
    counts = {"seen": report.seen, "new": report.new, "changed": report.changed, "unreadable": report.unreadable}
    unreadable = f", {report.unreadable} could not be read" if report.unreadable else ""
    outcome = f"{report.new} new, {report.changed} changed of {report.seen}{unreadable}"
    return JobReport(outcome=outcome, counts=counts, current_to=cursor.begun)
