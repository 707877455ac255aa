"""Reading again from a day on, because a person asked: where it stands, so that a crash costs one page and no more.

It has a place of its own beside the feed's cursor, which stays where ordinary work put it. Each page is stored in the transaction
that moves the place. What a page means is the feed's affair.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Protocol, TypeVar

import msgspec

from ml_connector.basware.errors import PlaceLost, Unavailable, UnreadablePage
from ml_connector.store import audit, cursors, jobs
from ml_connector.store.database import Tx
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.reading import all_readable, backfill_of, keep_unreadable
from ml_connector.work.jobs import Job

_BEGINNINGS = 4


class _Page(Protocol):
    @property
    def continuation(self) -> str: ...


P = TypeVar("P", bound=_Page)


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """How far reading from the day `asked` has come.

    `done`: lists that were read to their end. `step`: the list being read, with `page_size` records to a page, reached up to
    `continuation`. `whole`: whether every page could be read.
    """

    asked: str
    done: tuple[str, ...] = ()
    step: str = ""
    page_size: int = 0
    continuation: str = ""
    whole: bool = True


class ReadingAgain:
    """One reading from a day on. `since` is the moment that day began, in UTC."""

    def __init__(self, desk: Desk, job: Job, feed: str, since: datetime, place: Place) -> None:
        self._desk = desk
        self._job = job
        self._feed = feed
        self.since = since
        self.place = place

    def pages(self, step: str, page_size: int, listed: Callable[..., Iterator[P]]) -> Iterator[P]:
        """Every page of a list that was not read yet. Whoever takes a page calls `move` in the transaction that stores it.

        `listed` is called with `page_size` and `start`, the continuation to go on from.
        A page that cannot be read has the list read once more one record to a page, and costs that record only. Raises what
        the client raises, and Unavailable when Basware forgets the place again and again.
        """
        if step in self.place.done:
            return
        if self.place.step != step:
            self.place = msgspec.structs.replace(self.place, step=step, page_size=page_size, continuation="")
        for _ in range(_BEGINNINGS):
            try:
                yield from self._read_on(listed)
            except PlaceLost:
                self.place = msgspec.structs.replace(self.place, continuation="")
                continue
            with self._desk.write() as tx:
                self.finish(tx, step)
            return
        raise Unavailable(f"Basware forgot the place in its list {_BEGINNINGS} times in a row. It is read again later.")

    def _read_on(self, listed: Callable[..., Iterator[P]]) -> Iterator[P]:
        while True:
            try:
                for page in listed(page_size=self.place.page_size, start=self.place.continuation):
                    self._desk.keep_lease()
                    yield page
            except UnreadablePage as broken:
                if not self._pass_by(broken):
                    return
            else:
                return

    def _pass_by(self, broken: UnreadablePage) -> bool:
        """Get past a page nobody can read; False at the end of the list."""
        if self.place.page_size > 1:
            self.place = msgspec.structs.replace(self.place, page_size=1, continuation="")
            return True
        further = broken.continuation != self.place.continuation and bool(broken.continuation)
        with self._desk.write(durable=True) as tx:
            keep_unreadable(tx, self._desk, self._feed, broken.body, str(broken))
            self.place = msgspec.structs.replace(self.place, whole=False)
            if further:
                self.move(tx, broken.continuation)
        return further

    def move(self, tx: Tx, continuation: str) -> None:
        """A page is stored, and this leads to the next one; empty: it was the last."""
        self.place = msgspec.structs.replace(self.place, continuation=continuation)
        if continuation:
            self._put(tx)
        else:
            self.finish(tx, self.place.step)

    def finish(self, tx: Tx, *steps: str) -> None:
        """These lists need no further reading."""
        done = dict.fromkeys((*self.place.done, *steps))
        self.place = msgspec.structs.replace(self.place, done=tuple(done), step="", continuation="")
        self._put(tx)

    def end(self, left: str = "") -> None:
        """All of it was read. `left` tells what could not be, and stays due by itself."""
        with self._desk.write() as tx:
            cursors.put(tx, self._desk.connection_id, _name(self._job), "", self._desk.clock.now())
            if self.place.whole:
                all_readable(tx, self._desk, self._feed)
            note_read_again(tx, self._desk, self._job, self.place.asked, left)

    def _put(self, tx: Tx) -> None:
        text = msgspec.json.encode(self.place).decode()
        cursors.put(tx, self._desk.connection_id, _name(self._job), text, self._desk.clock.now())


def asked_again(desk: Desk, job: Job, feed: str) -> ReadingAgain | None:
    """What a person asked a job to read again, from where an earlier run left it; None if nobody did.

    `feed` names the job's records where something cannot be read. Another day than the one being read begins anew.
    """
    with desk.database.read() as tx:
        asked, since = backfill_of(tx, desk, job)
        text = cursors.get(tx, desk.connection_id, _name(job))
    if since is None:
        return None
    place = msgspec.json.decode(text, type=Place) if text else Place(asked=asked)
    return ReadingAgain(desk, job, feed, since, place if place.asked == asked else Place(asked=asked))


def note_read_again(tx: Tx, desk: Desk, job: Job, asked: str, left: str = "") -> None:
    """Everything from a day on was read again: it is asked for no more, and the audit says so, and what is `left`."""
    now = desk.clock.now()
    jobs.backfilled(tx, desk.connection_id, job, asked, now)
    audit.record(
        tx, desk.connection_id, at=now, actor=desk.worker, action="read again", subject=job, after=f"from {asked}",
        reason=left,
    )  # fmt: skip


def _name(job: Job) -> str:
    return f"read again/{job}"
