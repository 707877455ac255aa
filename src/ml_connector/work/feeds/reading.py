"""What all polled feeds share: reading a list to its end whatever happens on the way, and keeping what it brought.

A page is kept in one transaction: raw in the inbox, and as the newest version of its records. What is here already costs nothing.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import TypeVar

import msgspec

from ml_connector.basware.errors import PlaceLost, Unavailable
from ml_connector.basware.monitoring import instant
from ml_connector.basware.records import RawRecord, content_hash
from ml_connector.model.money import rank_of
from ml_connector.store import alerts, copies, inbox, jobs
from ml_connector.store.copies import CopyRow, NewCopy
from ml_connector.store.database import Tx
from ml_connector.store.schema import Severity
from ml_connector.work.desk import Desk
from ml_connector.work.jobs import Job
from ml_connector.work.plans import UNREADABLE_PREFIX

P = TypeVar("P")

UNREADABLE = "unreadable records"
"""The kind of alert that says that a feed brought something nobody can read."""

_BEGINNINGS = 4


class Kept(msgspec.Struct, kw_only=True):
    """What was new in a page: records never seen, other versions of known ones, and what could not be read."""

    new: int = 0
    changed: int = 0
    unreadable: int = 0


def to_the_end(read: Callable[[], Iterator[P]]) -> Iterator[P]:
    """Every page of a list, from its beginning again when Basware forgot the place. What was seen before comes again then."""
    for _ in range(_BEGINNINGS):
        try:
            yield from read()
        except PlaceLost:
            continue
        return
    raise Unavailable(f"Basware forgot the place in its list {_BEGINNINGS} times in a row. It is read again later.")


def keep(
    tx: Tx,
    desk: Desk,
    feed: str,
    records: Sequence[RawRecord],
    known: dict[str, CopyRow],
    *,
    status: Collection[str] = (),
    acknowledged: bool,
    named: Callable[[RawRecord], tuple[str, Decimal | None]] = lambda _record: ("", None),
    part_of: Callable[[RawRecord], str] = lambda _record: "",
) -> Kept:
    """Store what is new or changed of these records. `known`: what was here of them before. `status` names properties that change
    without any change of content; `acknowledged`: whether their sender need not be told that they are here; `named`: number and
    worth of a record, for lists that are put in order by them; `part_of` as in a copy."""
    kept, fresh, now = Kept(), list[NewCopy](), desk.clock.now()
    for record in records:
        if not record.id:
            keep_unreadable(tx, desk, feed, record.raw, record.problem)
            kept.unreadable += 1
            continue
        digest = content_hash(record, without=(*status, "lastUpdated"))
        before = known.get(record.id)
        if before is not None and (before.content_hash, before.last_updated) == (digest, record.last_updated):
            continue
        inbox_id, _ = inbox.store(
            tx,
            desk.connection_id,
            feed=feed,
            external_id=record.id,
            content_hash=digest,
            last_updated=record.last_updated,
            payload=_text(record.raw),
            received_at=now,
        )
        kept.new += before is None
        kept.changed += before is not None
        number, worth = named(record)
        fresh.append(
            NewCopy(
                number=number,
                worth_rank=rank_of(worth),
                external_id=record.id,
                inbox_id=inbox_id,
                content_hash=digest,
                last_updated=record.last_updated,
                acknowledged=acknowledged,
                part_of=part_of(record),
            )
        )
    copies.put_many(tx, desk.connection_id, feed, fresh, now)
    return kept


def keep_unreadable(tx: Tx, desk: Desk, feed: str, raw: bytes, problem: str) -> None:
    """Keep something nobody can read, and say so to a person."""
    now = desk.clock.now()
    digest = sha256(raw).hexdigest()
    inbox.store(
        tx,
        desk.connection_id,
        feed=feed,
        external_id=f"{UNREADABLE_PREFIX}{digest[:16]}",
        content_hash=digest,
        last_updated="",
        payload=_text(raw),
        problem=problem or "it cannot be read",
        received_at=now,
    )
    message = (
        f"Basware sent something in {feed} that cannot be read: {problem or 'unknown form'}. It is kept as it came and read "
        f"again with every run; everything around it is taken over. If it stays, give Basware's support the request from "
        f"`ml-connector calls`."
    )
    alerts.raise_(
        tx, desk.connection_id, kind=UNREADABLE, subject=feed, message=message, severity=Severity.WARNING, now=now
    )


def all_readable(tx: Tx, desk: Desk, feed: str) -> None:
    """A whole reading of the feed found nothing that cannot be read."""
    alerts.clear(tx, desk.connection_id, kind=UNREADABLE, subject=feed, now=desk.clock.now())


def backfill_of(tx: Tx, desk: Desk, job: Job) -> tuple[str, datetime | None]:
    """From which day on a person wants a feed read again, as asked for and as the moment it began in UTC; nothing if none."""
    text = jobs.get(tx, desk.connection_id, job).backfill_from
    return text, instant(text)


def newest(stamps: Iterable[datetime | None], now: datetime) -> datetime | None:
    """The latest of these moments; one that lies ahead of our clock counts as now, lest a wrong one hide all that follows."""
    return max((min(stamp, now) for stamp in stamps if stamp is not None), default=None)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", errors="backslashreplace")
