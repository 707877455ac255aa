"""Basware's older way of telling errors, read beside request status: it can tell of a request that request status left open.

Both return the same errors; what request status said already is not said twice. Errors may turn up late, so each reading begins
a day before the newest one known (Basware FAQ).
"""

from datetime import datetime, timedelta
from functools import partial

import msgspec

from ml_connector.basware.monitoring import ErrorFeedback
from ml_connector.store import cursors, outcome_lists, outcomes
from ml_connector.store.database import Tx
from ml_connector.store.outcomes import OutcomeRow, RequestRow
from ml_connector.store.schema import RequestState
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.reading import newest, to_the_end
from ml_connector.work.feeds.verdicts import ERROR_FEEDBACKS, Verdict, settle

FEED = "basware.errorFeedbacks"


class FeedbackCursor(msgspec.Struct, frozen=True, kw_only=True):
    """How far feedbacks were read: the newest one known, and when they were read last."""

    newest: datetime | None = None
    read_at: datetime | None = None


def read_error_feedbacks(desk: Desk) -> int:
    """Read what is new, if something is open that it could tell of and the last reading is long enough ago; how many requests
    failed by it."""
    own, now = desk.settings.basware.outcomes, desk.clock.now()
    overlap = timedelta(seconds=own.error_feedbacks_overlap)
    with desk.database.read() as tx:
        text = cursors.get(tx, desk.connection_id, FEED)
        cursor = msgspec.json.decode(text, type=FeedbackCursor) if text else FeedbackCursor()
        waiting = outcome_lists.anything_undecided(
            tx, desk.connection_id, since=now - overlap - timedelta(seconds=own.patience)
        )
    if not waiting or (cursor.read_at and now < cursor.read_at + timedelta(seconds=own.error_feedbacks_every)):
        return 0
    failed, latest = 0, cursor.newest
    listed = partial(desk.feeds.error_feedbacks, since=(cursor.newest or now) - overlap, page_size=own.page_size)
    for page in to_the_end(listed):
        desk.keep_lease()
        latest = newest((latest, *(one.stamp for one in page.feedbacks)), desk.clock.now())
        with desk.write(durable=True) as tx:
            failed += tell_feedbacks(tx, desk, page.feedbacks)
    with desk.write() as tx:
        moved = FeedbackCursor(newest=latest, read_at=now)
        cursors.put(tx, desk.connection_id, FEED, msgspec.json.encode(moved).decode(), now)
    return failed


def tell_feedbacks(tx: Tx, desk: Desk, feedbacks: tuple[ErrorFeedback, ...]) -> int:
    """Settle by these the requests of ours that nothing is known of yet; how many failed by it."""
    return sum(_tell(tx, desk, row, one) for row, one in _ours(tx, desk, feedbacks))


def _ours(tx: Tx, desk: Desk, feedbacks: tuple[ErrorFeedback, ...]) -> list[tuple[RequestRow, ErrorFeedback]]:
    """Feedbacks about requests of ours that nothing is known of yet."""
    request_ids = {one.request_id for one in feedbacks if one.request_id}
    codes = {one.external_code for one in feedbacks if one.external_code}
    rows = outcomes.undecided(tx, desk.connection_id, request_ids, codes)
    by_request = {row.request_id: row for row in rows if row.request_id}
    by_code = {row.id: row for row in rows}
    found = ((by_request.get(one.request_id) or by_code.get(one.external_code), one) for one in feedbacks)
    return [(row, one) for row, one in found if row is not None]


def _tell(tx: Tx, desk: Desk, row: RequestRow, one: ErrorFeedback) -> bool:
    problem = "; ".join(one.errors) or "Basware calls it an error and names no reason"
    outcome = OutcomeRow(
        request_id=one.request_id or row.request_id,
        system=one.system,
        external_code=one.external_code,
        entity_type=one.entity_type or row.entity_type,
        status="Error",
        category="",
        problem=problem,
        source=ERROR_FEEDBACKS,
        last_updated=one.stamp.isoformat() if one.stamp else "",
    )
    outcomes.note(tx, desk.connection_id, [outcome], desk.clock.now())
    verdict = Verdict(state=RequestState.FAILED, problem=problem)
    return settle(tx, desk, row, verdict, request_id=one.request_id or row.request_id)
