"""The local engine: one process does what is due for a connection, in the order in which documents move, until nothing is due.

What is due is read from the tables, never remembered: a run that was cut off anywhere is continued by the next one. One worker
at a time holds a connection, by a lease that outlasts any single call.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum

import msgspec

from ml_connector.basware import errors as basware
from ml_connector.quickbooks import errors as quickbooks
from ml_connector.quickbooks.wire import UnreadableError
from ml_connector.store import connections, document_rounds, documents, job_runs
from ml_connector.store.job_runs import JobRun
from ml_connector.store.schema import ConnectionState, RunEnding
from ml_connector.work.accruals.answering import queue_accrual_answers
from ml_connector.work.accruals.noting import take_prebookings
from ml_connector.work.accruals.posting import anything_to_accrue, post_accruals
from ml_connector.work.accruals.reversing import anything_to_reverse, reverse_accruals
from ml_connector.work.answering import answer_basware
from ml_connector.work.answers_due import answer_held
from ml_connector.work.credits.applying import apply_credits
from ml_connector.work.delivery import Delivered, deliver_to_quickbooks
from ml_connector.work.desk import Desk
from ml_connector.work.drift.restoring import queue_restores
from ml_connector.work.drift.watching import look_for_drift
from ml_connector.work.early_answers import answer_early
from ml_connector.work.feeds.invoices_again import read_invoices_again
from ml_connector.work.intake import IntakeReport, take_in
from ml_connector.work.jobs import Job, JobReport
from ml_connector.work.lists import refresh_lists
from ml_connector.work.order_links import look_again
from ml_connector.work.planning import plan_documents
from ml_connector.work.reactivating.queueing import queue_reactivations
from ml_connector.work.reactivating.telling import tell_of_reactivations
from ml_connector.work.settling import settle_unclear
from ml_connector.work.sign_in import keeping
from ml_connector.work.taken_back.noticing import notice_taken_back
from ml_connector.work.taken_back.undoing import anything_to_undo, undo_taken_back
from ml_connector.work.unclaimed import look_for_unclaimed

_ROUNDS = 20
"""More rounds than any document can need: a vendor first, then its invoice, and a second look after a refusal."""


SIGN_IN = (quickbooks.SignInNeeded, quickbooks.ClientRejected, basware.CredentialsRejected, basware.ScopeMissing)
"""Errors that end only when a person signs in or enters credentials again."""


TRY_LATER = (
    quickbooks.Throttled, quickbooks.Unavailable, quickbooks.NoAnswer,
    basware.Throttled, basware.Unavailable, basware.NoAnswer,
)  # fmt: skip
"""Errors that end by themselves: the same run is fine later."""


class Step(StrEnum):
    """The steps of a run, as `sync --only` names them."""

    INTAKE = "intake"
    PLAN = "plan"
    POST = "post"
    ANSWER = "answer"


class RunReport(msgspec.Struct, kw_only=True):
    """What one run did. `next_due` tells when an unanswered write can be settled, None if there is none."""

    intake: IntakeReport = msgspec.field(default_factory=IntakeReport)
    planned: int = 0
    posted: Delivered = msgspec.field(default_factory=Delivered)
    answered: Delivered = msgspec.field(default_factory=Delivered)
    next_due: datetime | None = None


def run(desk: Desk, only: Collection[Step] = tuple(Step), *, asked_by: str = "") -> RunReport:
    """Do everything that is due for the connection now. `asked_by`: who wants it; such a run stands in the list of runs.

    Raises ConnectionBusyError when another worker is at it, and what a client raises when a system cannot be used; what
    could be done without it is done by then.
    """
    desk.take_lease()
    begun = desk.clock.now()
    try:
        report, errors = _run(desk, only)
        _note_state(desk, errors)
        if asked_by:
            _keep(desk, begun, report, errors, asked_by)
    finally:
        desk.release_lease()
    if errors:
        raise _sign_in_error(errors) or errors[0]
    return report


def post_invoices(desk: Desk) -> JobReport:
    """The job `invoices`: the whole run, for an engine that has taken the lease already."""
    report, errors = _run(desk, tuple(Step))
    _note_state(desk, errors)
    if errors:
        raise _sign_in_error(errors) or errors[0]
    taken, posted = _taken(report), report.posted.done
    counts = {"taken": taken, "planned": report.planned, "posted": posted, "refused": report.posted.refused,
              "unclear": report.posted.unclear, "answered": report.answered.done}  # fmt: skip
    return JobReport(outcome=_outcome(report), counts=counts, again_at=report.next_due)


def _taken(report: RunReport) -> int:
    return report.intake.new + report.intake.sent_again


def _outcome(report: RunReport) -> str:
    return f"{_taken(report)} taken over, {report.posted.done} posted, {report.answered.done} answered"


def _keep(desk: Desk, begun: datetime, report: RunReport, errors: Sequence[Exception], asked_by: str) -> None:
    """Put a run that somebody asked for by hand into the list of runs, as engines do with theirs."""
    ending = RunEnding.FAILED if errors else RunEnding.DONE
    told = str(_sign_in_error(errors) or errors[0]) if errors else _outcome(report)
    kept = JobRun(
        id=0, job=Job.INVOICES, started_at=begun, finished_at=desk.clock.now(), ending=ending, told=told, worker=desk.worker,
        asked_by=asked_by,
    )  # fmt: skip
    with desk.database.write() as tx:
        job_runs.add(tx, desk.connection_id, kept)


def _run(desk: Desk, only: Collection[Step]) -> tuple[RunReport, list[Exception]]:
    """Every step, as far as the two systems let it: one that is down stops its own steps and not the other's."""
    report, errors = RunReport(), list[Exception]()
    if Step.INTAKE in only:
        _take_everything_in(desk, report, errors)
    with _kept(errors):
        if Step.POST in only:
            settled, report.next_due = settle_unclear(desk)
            _add(report.posted, settled)
        if Step.PLAN in only and _anything_waits(desk):
            refresh_lists(desk)
            look_for_drift(desk)
        if Step.POST in only:
            queue_restores(desk)
        for _ in range(_ROUNDS):
            if not _round(desk, only, report):
                break
        if Step.POST in only:
            settled, report.next_due = settle_unclear(desk)
            _add(report.posted, settled)
    look_again(desk)
    tell_of_reactivations(desk)
    with _kept(errors):
        if Step.ANSWER in only:
            answer_held(desk)
            _add(report.answered, answer_basware(desk))
    with _kept(errors):
        if Step.ANSWER in only:
            queue_accrual_answers(desk)
            _add(report.answered, answer_early(desk))
    with _kept(errors):
        if Step.INTAKE in only:
            report.intake.unknown = read_invoices_again(desk)
    return report, errors


def _take_everything_in(desk: Desk, report: RunReport, errors: list[Exception]) -> None:
    """Everything that is read from Basware, each list whatever became of the others."""
    with _kept(errors):
        report.intake = take_in(desk)
    with _kept(errors):
        if desk.settings.basware.taken_back.enabled:
            report.intake.taken_back = notice_taken_back(desk)
    with _kept(errors):
        take_prebookings(desk)
    with _kept(errors):
        look_for_unclaimed(desk)


@contextmanager
def _kept(errors: list[Exception]) -> Iterator[None]:
    try:
        yield
    except (quickbooks.QuickBooksError, basware.BaswareError, UnreadableError) as error:
        errors.append(error)


def _note_state(desk: Desk, errors: list[Exception]) -> None:
    """Show on the connection that somebody has to sign in, until a run goes through without."""
    sign_in = _sign_in_error(errors)
    with desk.write() as tx:
        known = connections.get(tx, desk.connection_id)
        if known.state is ConnectionState.PAUSED:
            return  # somebody disconnected it on purpose
        if sign_in is not None:
            connections.set_state(
                tx, desk.connection_id, ConnectionState.SIGN_IN_NEEDED, str(sign_in), desk.clock.now()
            )
        elif (
            known.state is ConnectionState.SIGN_IN_NEEDED
            and not errors
            and not keeping.waits_for_person(tx, desk.connection_id)
        ):
            connections.set_state(tx, desk.connection_id, ConnectionState.ACTIVE, "", desk.clock.now())


def _sign_in_error(errors: Sequence[Exception]) -> Exception | None:
    """What a person has to know first, whatever else ends by itself."""
    return next((error for error in errors if isinstance(error, SIGN_IN)), None)


def _anything_waits(desk: Desk) -> bool:
    """Whether a document is to be planned. Without one the lists are not needed, and reading them is not free at Intuit."""
    waiting = document_rounds.WAITING
    with desk.database.read() as tx:
        return (
            bool(documents.in_state(tx, desk.connection_id, waiting, limit=1))
            or anything_to_undo(tx, desk)
            or anything_to_accrue(tx, desk)
            or anything_to_reverse(tx, desk)
        )


def _round(desk: Desk, only: Collection[Step], report: RunReport) -> bool:
    """Plan and post once; whether another round may find something to do."""
    if Step.POST in only:
        queue_reactivations(desk)
    if Step.PLAN in only:
        report.planned += undo_taken_back(desk)
        report.planned += plan_documents(desk)
        report.planned += post_accruals(desk) + reverse_accruals(desk)
        report.planned += apply_credits(desk)
    if Step.POST not in only:
        return False
    posted = deliver_to_quickbooks(desk)
    _add(report.posted, posted)
    if posted.refused:
        refresh_lists(desk, thorough=True)
    return bool(posted.done or posted.refused)


def _add(total: Delivered, more: Delivered) -> None:
    total.done += more.done
    total.refused += more.refused
    total.unclear += more.unclear
    total.failures += more.failures
