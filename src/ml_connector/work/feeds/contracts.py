"""Taking over the contracts that Basware exports, and what is spent on them: stored raw first, acknowledged after that.

Nothing is posted for them. Acknowledging names a record and not its version, so what was acknowledged is read back, as with orders.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial

import msgspec

from ml_connector.basware.errors import NoAnswer, Refused, UnreadablePage
from ml_connector.basware.feeds import EXPORTED, WAITING, company_of
from ml_connector.basware.monitoring import instant
from ml_connector.basware.records import RawRecord, RecordPage, content_hash, text_of
from ml_connector.store import copies, cursors
from ml_connector.store.columns import KEY_LIMIT
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.reading import Kept, all_readable, keep, keep_unreadable, to_the_end

CONTRACTS, SPENDS = "basware.exportedContracts", "basware.exportedContractSpends"
_STATUS = ("processingStatus",)
_GROUP = 100


class _Feed(msgspec.Struct, frozen=True, kw_only=True):
    """One of the two: where it is kept, how Basware's rights call it, its reading, and what its records are part of."""

    name: str
    right: str
    read: Callable[..., Iterator[RecordPage]]
    part_of: Callable[[RawRecord], str]


def by_code(external_code: str) -> str:
    """What a spend is kept as part of that names its contract by Basware's code."""
    return f"code {external_code.strip()}"[:KEY_LIMIT]


def by_number(number: str) -> str:
    """The same for one that names it by its number only, which several companies' contracts may have."""
    return f"number {number.strip()}"[:KEY_LIMIT]


def _contract_of(spend: RawRecord) -> str:
    code, number = (text_of(spend.fields.get(name)) for name in ("contractExternalCode", "contractNumber"))
    return by_code(code) if code else by_number(number) if number else ""


def _nothing(_: RawRecord) -> str:
    return ""


def take_over_contracts(desk: Desk) -> Kept:
    """Contracts, then spends, of the connection's companies. Raises what Basware's client raises; what was stored stays."""
    total = Kept()
    for feed in (
        _Feed(name=CONTRACTS, right="contracts", read=desk.feeds.exported_contracts, part_of=_nothing),
        _Feed(name=SPENDS, right="contract spends", read=desk.feeds.exported_spends, part_of=_contract_of),
    ):
        _take_over(desk, feed, total)
    return total


def _take_over(desk: Desk, feed: _Feed, total: Kept) -> None:
    begun, unreadable = desk.clock.now(), total.unreadable
    for page in _waiting(desk, feed, total):
        desk.keep_lease()
        ours = [one for one in page.records if not one.id or company_of(one) in desk.settings.basware.company_codes]
        names = [one.id for one in ours if one.id]
        with desk.write(durable=True) as tx:
            known = copies.known(tx, desk.connection_id, feed.name, names)
            _add(
                total, keep(tx, desk, feed.name, ours, known, status=_STATUS, acknowledged=False, part_of=feed.part_of)
            )
            if names and not cursors.get(tx, desk.connection_id, _back(feed)):
                cursors.put(tx, desk.connection_id, _back(feed), begun.isoformat(), begun)
        for start in range(0, len(names), _GROUP):
            _acknowledge(desk, feed, names[start : start + _GROUP])
    _read_back(desk, feed, total)
    if total.unreadable == unreadable:
        with desk.write() as tx:
            all_readable(tx, desk, feed.name)


def _waiting(desk: Desk, feed: _Feed, total: Kept) -> Iterator[RecordPage]:
    """Every page of what waits. When one cannot be read, all are read again one to a page: so one record costs no other."""
    try:
        yield from to_the_end(partial(feed.read, WAITING, page_size=desk.settings.basware.orders.page_size))
    except UnreadablePage:
        yield from _one_by_one(desk, feed, total)


def _one_by_one(desk: Desk, feed: _Feed, total: Kept) -> Iterator[RecordPage]:
    start = ""
    while True:
        try:
            yield from feed.read(WAITING, page_size=1, start=start)
        except UnreadablePage as broken:
            with desk.write(durable=True) as tx:
                keep_unreadable(tx, desk, feed.name, broken.body, str(broken))
            total.unreadable += 1
            if not broken.continuation or broken.continuation == start:
                return
            start = broken.continuation
        else:
            return


def _back(feed: _Feed) -> str:
    """The cursor that says since when records were acknowledged and not read back; empty when none were."""
    return f"{feed.name}/read back"


def _acknowledge(desk: Desk, feed: _Feed, names: Sequence[str]) -> None:
    """Acknowledge together; one by one when Basware takes none because of one. What got no answer, or was refused by itself, is
    listed again by the next run as long as it waits."""
    told: list[str] = []
    try:
        if desk.feeds.acknowledge_contracts(feed.right, names):
            told = list(names)
        else:
            told.extend(name for name in names if _acknowledge_one(desk, feed, name))
    except (NoAnswer, Refused):
        told.extend(name for name in names if name not in told and _acknowledge_one(desk, feed, name))
    finally:
        with desk.write() as tx:
            copies.set_acknowledged(tx, desk.connection_id, feed.name, told, desk.clock.now())


def _acknowledge_one(desk: Desk, feed: _Feed, name: str) -> bool:
    """Acknowledge one record; whether Basware knows by now that it is here. What it says about one stops no other."""
    try:
        desk.feeds.acknowledge_contracts(feed.right, [name])  # False: acknowledged before, or gone
    except (NoAnswer, Refused):
        return False
    return True


def _read_back(desk: Desk, feed: _Feed, total: Kept) -> None:
    """Keep what Basware changed between our reading and our acknowledging."""
    with desk.database.read() as tx:
        since = instant(cursors.get(tx, desk.connection_id, _back(feed)))
    if since is None:
        return
    since -= timedelta(seconds=desk.settings.basware.orders.overlap)
    size = desk.settings.basware.orders.page_size
    for page in to_the_end(partial(feed.read, EXPORTED, page_size=size, since=since)):
        _compare(desk, feed, page, total)
    with desk.write() as tx:
        cursors.put(tx, desk.connection_id, _back(feed), "", desk.clock.now())


def _compare(desk: Desk, feed: _Feed, page: RecordPage, total: Kept) -> None:
    desk.keep_lease()
    with desk.write(durable=True) as tx:
        known = copies.known(tx, desk.connection_id, feed.name, [one.id for one in page.records if one.id])
        changed = [one for one in page.records if one.id in known and known[one.id].content_hash != _hash(one)]
        _add(total, keep(tx, desk, feed.name, changed, known, status=_STATUS, acknowledged=True, part_of=feed.part_of))
        copies.set_acknowledged(tx, desk.connection_id, feed.name, list(known), desk.clock.now())


def _hash(record: RawRecord) -> str:
    return content_hash(record, without=(*_STATUS, "lastUpdated"))


def _add(total: Kept, kept: Kept) -> None:
    total.new += kept.new
    total.changed += kept.changed
    total.unreadable += kept.unreadable
