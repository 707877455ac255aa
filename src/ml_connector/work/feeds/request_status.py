"""Asking Basware's request status about what is still open: all in one list where there are several, at growing distances.

Right after a request Basware may not know it yet, so not being found is no answer; only after long patience is a person told.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

import msgspec

from ml_connector.basware.errors import UnreadablePage
from ml_connector.basware.monitoring import RequestStatus, instant
from ml_connector.store import cursors, outcomes, outgoing_calls
from ml_connector.store.database import Tx
from ml_connector.store.outcomes import RequestRow
from ml_connector.store.schema import RequestState
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.reading import newest, to_the_end
from ml_connector.work.feeds.verdicts import Verdict, outcome_rows, settle, verdict_of

FEED = "basware.requestStatus"

_ONE_BY_ONE = 50
"""Most requests asked about one by one in a run, when the list cannot be read."""

_AT_ONCE = 500
"""Requests read at once."""

_CLOCKS_APART = timedelta(minutes=2)
"""How far Basware's clock may be behind ours."""

_NEVER_SAID = "Basware never said what became of it"


class Heard(msgspec.Struct, kw_only=True):
    """What one asking brought."""

    asked: int = 0
    done: int = 0
    failed: int = 0
    unheard: int = 0

    def count(self, state: RequestState) -> None:
        """Count one request that is settled."""
        self.done += state is RequestState.DONE
        self.failed += state is RequestState.FAILED
        self.unheard += state is RequestState.UNHEARD


def ask_about(desk: Desk, now: datetime, announced: frozenset[str]) -> Heard:
    """Ask about every request whose time has come, and those that a notification says are finished."""
    with desk.database.read() as tx:
        kinds = outcomes.due_by_kind(tx, desk.connection_id, now, announced)
        first = outcomes.due(tx, desk.connection_id, now, announced, None, 1)
    heard = Heard(asked=sum(kinds.values()))
    if heard.asked == 1 and first[0].request_id and first[0].asked % 2 == 0:
        # Every second time by the list, which also finds a request that Basware knows under another id.
        _ask_for_one(desk, first[0], heard)
    else:
        for entity_type in sorted(kinds):
            _ask_for_many(desk, entity_type, heard)
    last: RequestRow | None = None
    while True:
        with desk.database.read() as tx:
            rows = outcomes.due(tx, desk.connection_id, now, announced, last, _AT_ONCE)
        if not rows:
            return heard
        desk.keep_lease()
        for row in rows:
            _ask_later(desk, row, heard)
        last = rows[-1]


def wait_after(asked: int, first: float, longest: float) -> timedelta:
    """The distance to the next asking: doubled each time, up to the longest."""
    return timedelta(seconds=min(first * 2.0 ** min(asked, 30), longest))


def _ask_for_one(desk: Desk, row: RequestRow, heard: Heard) -> bool:
    """Ask about one request; whether Basware said what became of it."""
    desk.keep_lease()
    try:
        status = desk.feeds.request_status(row.request_id)
    except UnreadablePage:
        return False  # asked again later
    if status is None or not status.is_final:
        return False
    with desk.write(durable=True) as tx:
        note_found(tx, desk, [(row, status)], heard)
    return True


def _ask_for_many(desk: Desk, entity_type: str, heard: Heard) -> None:
    """Read every request of a kind that changed since the last reading, and pick out our own."""
    own = desk.settings.basware.outcomes
    feed = f"{FEED}/{entity_type}"
    with desk.database.read() as tx:
        known = instant(cursors.get(tx, desk.connection_id, feed))
        first = outcomes.oldest_open(tx, desk.connection_id, entity_type)
    if first is None:
        return  # settled meanwhile
    since = max(known or first, first) - timedelta(seconds=own.overlap)
    latest, whole = known, True
    try:
        listed = partial(desk.feeds.request_statuses, entity_type, since=since, page_size=own.page_size)
        for page in to_the_end(listed):
            desk.keep_lease()
            latest = newest((latest, *(one.last_updated for one in page.requests)), desk.clock.now())
            whole = whole and not page.unreadable
            with desk.write(durable=True) as tx:
                rows = ours_among(tx, desk, page.requests, (RequestState.OPEN,))
                wanted = [row for row in rows if row.entity_type == entity_type]
                note_found(tx, desk, matching(wanted, page.requests, codes_in(tx, desk, wanted)), heard)
    except UnreadablePage:
        whole = False
    if whole and latest is not None:
        with desk.write() as tx:
            cursors.put(tx, desk.connection_id, feed, latest.isoformat(), desk.clock.now())
    if not whole:
        with desk.database.read() as tx:
            rows = outcomes.open_of_kind(tx, desk.connection_id, entity_type, _ONE_BY_ONE)
        for row in rows:
            _ask_for_one(desk, row, heard)


def ours_among(
    tx: Tx, desk: Desk, statuses: Sequence[RequestStatus], states: Collection[RequestState]
) -> list[RequestRow]:
    """Our requests that these may be, of those in such states: by Basware's id, or, where that id is not ours, by the records
    they name. Only these are read: there may be tens of thousands of others."""
    rows = outcomes.named(tx, desk.connection_id, {one.request_id for one in statuses}, (), states)
    ids = {row.request_id for row in rows}
    codes = {
        item.external_code for one in statuses if one.request_id not in ids for item in one.items if item.external_code
    }
    carriers = outgoing_calls.requests_carrying(tx, desk.connection_id, codes)
    more = outcomes.named(tx, desk.connection_id, (), codes | carriers, states)
    return list({row.id: row for row in (*rows, *more)}.values())


def codes_in(tx: Tx, desk: Desk, rows: Iterable[RequestRow]) -> dict[str, RequestRow]:
    """The records that name a request, should Basware know it under an id we do not: an answer's own code, or what it carried."""
    own = {row.id: row for row in rows}
    carried = outgoing_calls.codes_of(tx, desk.connection_id, own)
    return own | {code: own[request] for code, request in carried.items()}


def matching(
    rows: Iterable[RequestRow], statuses: Iterable[RequestStatus], by_code: Mapping[str, RequestRow]
) -> list[tuple[RequestRow, RequestStatus]]:
    """Our requests among those listed: by Basware's id, or by all records in them where that id got lost or is another's.

    A request that names some of the records only is somebody else's: it says nothing of the others.
    """
    by_request = {row.request_id: row for row in rows if row.request_id}
    carried: dict[str, set[str]] = {}
    for code, row in by_code.items():
        carried.setdefault(row.id, set()).add(code)
    found: dict[str, tuple[RequestRow, RequestStatus]] = {}
    for status in statuses:
        own = by_request.get(status.request_id)
        if own is None:
            codes = {item.external_code for item in status.items}
            named = (by_code[code] for code in codes if code in by_code)
            own = next((row for row in named if _can_be(row, status) and carried[row.id] - {row.id} <= codes), None)
        if own is not None and (own.id not in found or own.request_id == status.request_id):
            found[own.id] = (own, status)
    return list(found.values())


def _can_be(row: RequestRow, status: RequestStatus) -> bool:
    """Whether a status can be that of a request, which was sent before: an earlier one may have carried the same records."""
    return status.last_updated is None or status.last_updated >= row.sent_at - _CLOCKS_APART


def note_found(tx: Tx, desk: Desk, found: Sequence[tuple[RequestRow, RequestStatus]], heard: Heard) -> None:
    """Keep what Basware says of requests of ours that are finished; those not settled before are, and are counted."""
    final = [(row, status) for row, status in found if status.is_final]
    outcomes.note(
        tx, desk.connection_id, (one for _, status in final for one in outcome_rows(status)), desk.clock.now()
    )
    for row, status in final:
        verdict = verdict_of(status)
        if settle(tx, desk, row, verdict, request_id=status.request_id, acknowledged=status.is_acknowledged):
            heard.count(verdict.state)


def _ask_later(desk: Desk, row: RequestRow, heard: Heard) -> None:
    """Nothing is known yet: ask again after a longer while, and after long patience tell a person, having asked by id once more."""
    own = desk.settings.basware.outcomes
    if desk.clock.now() - row.sent_at >= timedelta(seconds=own.patience):
        if row.request_id and _ask_for_one(desk, row, heard):
            return
        with desk.write() as tx:
            verdict = Verdict(state=RequestState.UNHEARD, problem=_NEVER_SAID)
            if settle(tx, desk, row, verdict, request_id=row.request_id):
                heard.count(RequestState.UNHEARD)
        return
    asked = row.asked + 1
    next_at = desk.clock.now() + wait_after(asked, own.first_wait, own.longest_wait)
    with desk.write() as tx:
        outcomes.ask_again(tx, desk.connection_id, row.id, asked=asked, next_at=next_at)
