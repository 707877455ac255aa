"""Learning what became of what we sent. Basware's interface answers 200 when it took a request; P2P may refuse it afterwards.

What P2P refused becomes visible on the document and in one alert. Finished requests of ours are acknowledged, so that the list
Basware shows by default holds what nobody has looked at.
"""

from collections.abc import Sequence
from datetime import datetime

from ml_connector.basware.errors import NoAnswer, Refused, ScopeMissing
from ml_connector.store import alerts, notices, outcome_lists, outcomes
from ml_connector.store.database import Tx
from ml_connector.store.schema import RequestState, Severity, System
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.error_feedbacks import read_error_feedbacks
from ml_connector.work.feeds.outcomes_again import read_outcomes_again
from ml_connector.work.feeds.request_status import Heard, ask_about
from ml_connector.work.jobs import TASK_TYPES, Job, JobReport

ALERT = "not processed by Basware"
"""The kind of alert that says that Basware took something and did not do it."""
_WHERE = "What is concerned waits under Needs you in the console; `ml-connector outcomes list` has every request, and what to do."

_TOGETHER = 100
"""Requests acknowledged in one call; Basware publishes no limit."""


def learn_outcomes(desk: Desk) -> JobReport:
    """The job `outcomes`: ask about everything that is due, acknowledge what is finished.

    A right that is missing for one of the two interfaces leaves the other one in use; without request status the job fails.
    """
    begun, lacking = desk.clock.now(), list[ScopeMissing]()
    heard, extra = Heard(), list[str]()
    try:
        heard = _ask(desk, begun)
    except ScopeMissing as error:
        lacking.append(error)
    if desk.settings.basware.outcomes.error_feedbacks:
        try:
            heard.failed += read_error_feedbacks(desk)
        except ScopeMissing as error:
            extra.append(f"error feedbacks not read: {error}")
    try:
        extra += read_outcomes_again(desk, heard)
    except ScopeMissing as error:
        lacking.append(error)
    if desk.settings.basware.outcomes.acknowledge:
        try:
            _acknowledge_finished(desk)
        except ScopeMissing as error:
            extra.append(f"finished requests not acknowledged: {error}")
    with desk.write() as tx:
        _tell_people(tx, desk)
        left = outcomes.still_open(tx, desk.connection_id)
    if lacking:
        raise lacking[0]
    told = f"{heard.done} processed, {heard.failed} refused, {heard.unheard} never heard of, {left.number} still open"
    counts = {"asked": heard.asked, "processed": heard.done, "refused": heard.failed,
              "unheard": heard.unheard, "open": left.number}  # fmt: skip
    return JobReport(outcome="; ".join([told, *extra]), counts=counts, current_to=begun, again_at=left.next_at)


def _ask(desk: Desk, now: datetime) -> Heard:
    with desk.database.read() as tx:
        finished = notices.waiting(tx, desk.connection_id, System.BASWARE, entities=TASK_TYPES[Job.OUTCOMES])
    return ask_about(desk, now, frozenset(notice.entity_id for notice in finished))


def _acknowledge_finished(desk: Desk) -> None:
    """Acknowledge our own finished requests, many in a call."""
    while True:
        with desk.database.read() as tx:
            names = outcomes.unacknowledged(tx, desk.connection_id, _TOGETHER)
        if not names or not _acknowledge(desk, names):
            return


def _acknowledge(desk: Desk, names: Sequence[str]) -> bool:
    """Acknowledge some requests; False when Basware does not say whether it did. It takes all or none: a call that is refused is
    taken apart, and one request that is refused alone was acknowledged before or is no longer known."""
    desk.keep_lease()
    try:
        taken = desk.feeds.acknowledge_requests(names)
    except (NoAnswer, Refused):
        return False  # the next run goes on
    if not taken and len(names) > 1:
        middle = len(names) // 2
        return _acknowledge(desk, names[:middle]) and _acknowledge(desk, names[middle:])
    with desk.write() as tx:
        outcomes.set_acknowledged(tx, desk.connection_id, names)
    return True


def _tell_people(tx: Tx, desk: Desk) -> None:
    """One alert for everything that Basware took and did not do, until it is made up for."""
    now, found = desk.clock.now(), outcome_lists.open_problems(tx, desk.connection_id)
    failed, unheard = found.get(RequestState.FAILED, 0), found.get(RequestState.UNHEARD, 0)
    if not found:
        alerts.clear(tx, desk.connection_id, kind=ALERT, now=now)
        return
    said = [
        f"Basware's interface took {failed} of our requests, and Purchase-to-Pay refused {'it' if failed == 1 else 'them'} "
        "afterwards."
        if failed
        else "",
        f"Of {unheard} requests Basware never said what became of them." if unheard else "",
        _WHERE,
    ]
    alerts.raise_(
        tx, desk.connection_id, kind=ALERT, message=" ".join(filter(None, said)), now=now,
        severity=Severity.ERROR if failed else Severity.WARNING,
    )  # fmt: skip
