"""Asking Basware once more what became of everything we sent, from a day on.

It tells of requests that were given up as never heard of, and puts down anew what is known of the others. What a request was
settled as stays: Basware's word on it is final (Basware P2P specification, requestStatus).
"""

from collections.abc import Sequence
from functools import partial

from ml_connector.basware.errors import ScopeMissing
from ml_connector.basware.monitoring import RequestStatus
from ml_connector.store import outcome_lists
from ml_connector.store.database import Tx
from ml_connector.store.schema import RequestState
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.error_feedbacks import tell_feedbacks
from ml_connector.work.feeds.reading_again import ReadingAgain, asked_again
from ml_connector.work.feeds.request_status import FEED, Heard, codes_in, matching, note_found, ours_among
from ml_connector.work.jobs import Job


def read_outcomes_again(desk: Desk, heard: Heard) -> list[str]:
    """Read from the day a person asked for, if one did; what could not be read for want of a right, in words.

    Raises what the client raises, ScopeMissing for request status among it.
    """
    again = asked_again(desk, Job.OUTCOMES, FEED)
    if again is None:
        return []
    own, lacking = desk.settings.basware.outcomes, list[str]()
    with desk.database.read() as tx:
        kinds = outcome_lists.entity_types(tx, desk.connection_id)
    for kind in kinds:
        listed = partial(desk.feeds.request_statuses, kind, since=again.since)
        for page in again.pages(kind, own.page_size, listed):
            with desk.write(durable=True) as tx:
                _note(tx, desk, page.requests, heard)
                again.move(tx, page.continuation)
    if own.error_feedbacks:
        try:
            _read_feedbacks(desk, again, heard)
        except ScopeMissing as error:
            lacking.append(f"error feedbacks not read again: {error}")
    again.end()
    return lacking


def _note(tx: Tx, desk: Desk, statuses: Sequence[RequestStatus], heard: Heard) -> None:
    rows = ours_among(tx, desk, statuses, tuple(RequestState))
    note_found(tx, desk, matching(rows, statuses, codes_in(tx, desk, rows)), heard)


def _read_feedbacks(desk: Desk, again: ReadingAgain, heard: Heard) -> None:
    listed = partial(desk.feeds.error_feedbacks, since=again.since)
    size = desk.settings.basware.outcomes.page_size
    for page in again.pages("error feedbacks", size, listed):
        with desk.write(durable=True) as tx:
            heard.failed += tell_feedbacks(tx, desk, page.feedbacks)
            again.move(tx, page.continuation)
