"""Taking over the purchase orders that Basware exports: stored raw and whole first, acknowledged after that.

An order is exported again after each change. Acknowledging names the order and not its version, so a change made between our
reading and our acknowledging would be acknowledged unseen: therefore what was acknowledged is read back, in bulk.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

import msgspec

from ml_connector.basware.errors import NoAnswer, Refused, UnreadablePage
from ml_connector.basware.feeds import EXPORTED, WAITING, company_of, number_and_worth, status_of
from ml_connector.basware.monitoring import instant
from ml_connector.basware.records import RawRecord, RecordPage, content_hash
from ml_connector.store import copies, cursors
from ml_connector.store.copies import CopyRow
from ml_connector.store.database import Tx
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.contracts import take_over_contracts
from ml_connector.work.feeds.orders_to_quickbooks import FEED as ORDERS_FEED
from ml_connector.work.feeds.orders_to_quickbooks import Posted, post_orders
from ml_connector.work.feeds.reading import Kept, all_readable, keep, keep_unreadable, to_the_end
from ml_connector.work.feeds.reading_again import asked_again
from ml_connector.work.jobs import Job, JobReport
from ml_connector.work.same_customer import codes_to_take

FEED = ORDERS_FEED
READ_BACK = f"{FEED}/read back"
"""The cursor that says since when orders were acknowledged and not read back; empty when none were."""

_STATUS = ("processingStatus",)
_GROUP = 25
"""Orders acknowledged between two transactions; after a crash at most this many are asked about one by one."""
_LEFT_OVER = 200
"""Most orders asked about one by one in a run."""


class _Report(msgspec.Struct, kw_only=True):
    new: int = 0
    changed: int = 0
    unreadable: int = 0
    acknowledged: int = 0
    seen: set[str] = msgspec.field(default_factory=set)

    def add(self, kept: Kept) -> None:
        self.new += kept.new
        self.changed += kept.changed
        self.unreadable += kept.unreadable


def take_over_orders(desk: Desk) -> JobReport:
    """The job `orders`: everything Basware waits to export for the connection's companies."""
    report, begun = _Report(), desk.clock.now()
    for company_code in codes_to_take(desk):
        for page in _waiting(desk, company_code, report):
            _take_page(desk, page, company_code, report, begun)
    _settle_left_over(desk, report)
    _read_back(desk, report)
    _read_again(desk, report)
    if not report.unreadable:
        with desk.write() as tx:
            all_readable(tx, desk, FEED)
    posted = post_orders(desk) if desk.settings.basware.orders.post else Posted()
    counts = {"new": report.new, "changed": report.changed, "acknowledged": report.acknowledged,
              "unreadable": report.unreadable}  # fmt: skip
    outcome = f"{report.new} new, {report.changed} changed, {report.acknowledged} acknowledged"
    if desk.settings.basware.orders.contracts:
        taken = take_over_contracts(desk)
        counts |= {"contracts": taken.new + taken.changed}
        outcome += f"; {taken.new} new contracts and spends, {taken.changed} changed"
    if desk.settings.basware.orders.post:
        counts |= {"queued": posted.queued, "held": posted.held}
        outcome += f"; {posted.queued} for QuickBooks, {posted.held} held"
    return JobReport(outcome=outcome, counts=counts, current_to=begun)


def _waiting(desk: Desk, company_code: str, report: _Report) -> Iterator[RecordPage]:
    """Every page of waiting orders. When one cannot be read, all are read again one to a page: so one costs no other."""
    size = desk.settings.basware.orders.page_size
    try:
        yield from to_the_end(partial(desk.feeds.exported_orders, WAITING, company_code=company_code, page_size=size))
    except UnreadablePage:
        yield from _one_by_one(desk, company_code, report)


def _one_by_one(desk: Desk, company_code: str, report: _Report) -> Iterator[RecordPage]:
    """The waiting orders, one to a page. What cannot be read even so is kept, and the rest goes on behind it."""
    start = ""
    while True:
        try:
            yield from desk.feeds.exported_orders(WAITING, company_code=company_code, page_size=1, start=start)
        except UnreadablePage as broken:
            with desk.write(durable=True) as tx:
                keep_unreadable(tx, desk, FEED, broken.body, str(broken))
            report.unreadable += 1
            if not broken.continuation or broken.continuation == start:
                return
            start = broken.continuation
        else:
            return


def _take_page(desk: Desk, page: RecordPage, company_code: str, report: _Report, begun: datetime) -> None:
    desk.keep_lease()
    ours = [order for order in page.records if not order.id or company_of(order) == company_code]
    names = [order.id for order in ours if order.id]
    with desk.write(durable=True) as tx:
        known = copies.known(tx, desk.connection_id, FEED, names)
        report.add(keep(tx, desk, FEED, ours, known, status=_STATUS, acknowledged=False, named=number_and_worth))
        if names:
            _remember_to_read_back(tx, desk, begun)
    report.seen.update(names)
    for start in range(0, len(names), _GROUP):
        _acknowledge_group(desk, names[start : start + _GROUP], report)
    desk.watch("taking over purchase orders", report.acknowledged, 0)


def _acknowledge_group(desk: Desk, names: Sequence[str], report: _Report) -> None:
    """Acknowledge some orders and note which; also of a group that a system going down cuts off."""
    desk.keep_lease()
    told: list[str] = []
    try:
        told.extend(name for name in names if _acknowledge(desk, name))
    finally:
        with desk.write() as tx:
            copies.set_acknowledged(tx, desk.connection_id, FEED, told, desk.clock.now())
    report.acknowledged += len(told)


def _acknowledge(desk: Desk, name: str) -> bool:
    """Acknowledge one order; whether Basware knows by now that it is here. What it says about one order stops no other."""
    try:
        desk.feeds.acknowledge_order(name)  # False is a 405: somebody did so before
    except (NoAnswer, Refused):
        return False  # it is stored; the next run finds it waiting, or asks what it is
    return True


def _settle_left_over(desk: Desk, report: _Report) -> None:
    """Orders of which an earlier run does not know whether they were acknowledged: ask Basware what each is."""
    with desk.database.read() as tx:
        left = copies.unacknowledged(tx, desk.connection_id, FEED, _LEFT_OVER)
    for copy in left:
        if copy.external_id in report.seen:
            continue
        desk.keep_lease()
        try:
            order = desk.feeds.exported_order(copy.external_id)
        except UnreadablePage:
            continue  # it is stored; the next run asks again
        if order is not None and status_of(order) == WAITING:
            continue  # listed in the next run
        with desk.write(durable=True) as tx:
            if order is not None:
                _keep_if_changed(tx, desk, [order], {order.id: copy}, report)
            copies.set_acknowledged(tx, desk.connection_id, FEED, [copy.external_id], desk.clock.now())
        report.acknowledged += 1


def _remember_to_read_back(tx: Tx, desk: Desk, begun: datetime) -> None:
    if not cursors.get(tx, desk.connection_id, READ_BACK):
        cursors.put(tx, desk.connection_id, READ_BACK, begun.isoformat(), desk.clock.now())


def _read_back(desk: Desk, report: _Report) -> None:
    """Compare what was acknowledged with what is here, and keep what Basware changed in between."""
    with desk.database.read() as tx:
        since = instant(cursors.get(tx, desk.connection_id, READ_BACK))
    if since is None:
        return
    own = desk.settings.basware.orders
    since -= timedelta(seconds=own.overlap)
    for company_code in desk.settings.basware.company_codes:
        exported = partial(
            desk.feeds.exported_orders, EXPORTED, company_code=company_code, page_size=own.page_size, since=since
        )
        for page in to_the_end(exported):
            _compare_page(desk, page, report)
    with desk.write() as tx:
        cursors.put(tx, desk.connection_id, READ_BACK, "", desk.clock.now())


def _compare_page(desk: Desk, page: RecordPage, report: _Report) -> None:
    """Only orders taken over before are compared: what others acknowledged is not ours."""
    desk.keep_lease()
    with desk.write(durable=True) as tx:
        known = copies.known(tx, desk.connection_id, FEED, [order.id for order in page.records])
        _keep_if_changed(tx, desk, [order for order in page.records if order.id in known], known, report)


def _read_again(desk: Desk, report: _Report) -> None:
    """Orders exported before this connection knew of them, if a person asked for them from some day on."""
    again = asked_again(desk, Job.ORDERS, FEED)
    if again is None:
        return
    size = desk.settings.basware.orders.page_size
    for company_code in desk.settings.basware.company_codes:
        listed = partial(desk.feeds.exported_orders, EXPORTED, company_code=company_code, since=again.since)
        for page in again.pages(company_code, size, listed):
            ours = [order for order in page.records if order.id and company_of(order) == company_code]
            with desk.write(durable=True) as tx:
                known = copies.known(tx, desk.connection_id, FEED, [order.id for order in ours])
                new = [order for order in ours if order.id not in known]
                report.add(keep(tx, desk, FEED, new, {}, status=_STATUS, acknowledged=True, named=number_and_worth))
                _keep_if_changed(tx, desk, [order for order in ours if order.id in known], known, report)
                again.move(tx, page.continuation)
    again.end()


def _keep_if_changed(
    tx: Tx, desk: Desk, orders: Sequence[RawRecord], known: dict[str, CopyRow], report: _Report
) -> None:
    """Keep those whose content is not what is here. Acknowledging alone may move Basware's time stamp: that is no new version."""
    changed = [
        order
        for order in orders
        if known[order.id].content_hash != content_hash(order, without=(*_STATUS, "lastUpdated"))
    ]
    report.add(keep(tx, desk, FEED, changed, known, status=_STATUS, acknowledged=True, named=number_and_worth))
