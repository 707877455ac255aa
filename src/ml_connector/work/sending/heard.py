"""What P2P made of the records of a call: each is done, or refused and held, or worth another try by itself.

Called inside the transaction that settles the request.
"""

from datetime import datetime, timedelta

import msgspec

from ml_connector.basware.bank_accounts import without_numbers
from ml_connector.basware.master_data import resource_named
from ml_connector.basware.monitoring import GOOD_ITEMS, WARNING
from ml_connector.basware.vendor_bodies import bank_details
from ml_connector.model.holds import Cause, Hold
from ml_connector.rules.vendor_refusals import way_out
from ml_connector.store import audit, jobs, outcomes, outgoing, outgoing_calls
from ml_connector.store.database import Tx
from ml_connector.store.outcomes import OutcomeRow, RequestRow
from ml_connector.store.outgoing import OutgoingRow
from ml_connector.store.outgoing_calls import ItemVerdict
from ml_connector.store.schema import RequestState
from ml_connector.work.desk import Desk
from ml_connector.work.document_calls import redacted
from ml_connector.work.jobs import Job

OUTGOING = "outgoing "
"""How the subject of a request begins that carried such records."""

VENDORS = "vendors"

_TECHNICAL = "Technical"
"""Category of an error that Basware has to see to, not the customer (Basware P2P specification, requestStatus)."""

_TRIES = 5
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=10), timedelta(hours=12)


def is_outgoing(row: RequestRow) -> bool:
    """Whether a request carried records that Basware is to hold."""
    return row.subject.startswith(OUTGOING)


def settle_records(tx: Tx, desk: Desk, row: RequestRow, state: RequestState, problem: str) -> None:
    """Say what became of every record of a request. One that nobody ever told of is sent again, as something new."""
    now = desk.clock.now()
    if state is RequestState.UNHEARD:
        outgoing_calls.send_anew(tx, desk.connection_id, row.id, now)
        return
    waiting = {one.external_code: one for one in outgoing_calls.carried_by(tx, desk.connection_id, row.id)}
    said = {one.external_code: one for one in outcomes.items_of(tx, desk.connection_id, row.request_id)}
    late = resource_named(row.subject.removeprefix(OUTGOING)).late
    verdicts = [_verdict(one, said.get(code), state, problem, now, late=late) for code, one in waiting.items()]
    for refused in outgoing_calls.settle(tx, desk.connection_id, row.id, verdicts, now):
        # Masked before it is kept: the audit is sealed and exported as it is, so nothing could be masked later.
        audit.record(
            tx, desk.connection_id, at=now, actor=desk.worker, action="record not taken by Basware",
            subject=refused.subject, after=redacted(refused.body),
            reason=_words(refused, said.get(refused.external_code), problem), request_id=row.id, trace=row.request_id,
        )  # fmt: skip
    _go_on(tx, desk, row.subject.removeprefix(OUTGOING), now)


def _verdict(
    row: OutgoingRow, item: OutcomeRow | None, state: RequestState, problem: str, now: datetime, *, late: bool
) -> ItemVerdict:
    """A record Basware says nothing about went the way of its request; a warning means that it was saved."""
    good = state is RequestState.DONE if item is None else item.status in GOOD_ITEMS or item.status == WARNING
    words = "" if item is None and good else _words(row, item, problem)
    if good:
        return ItemVerdict(external_code=row.external_code, good=True, problem=words)
    by_itself = (late or (item is not None and item.category == _TECHNICAL)) and row.tries < _TRIES
    return ItemVerdict(
        external_code=row.external_code,
        good=False,
        problem=words or "Basware calls it an error and names no reason",
        holds=(refused_hold(row, words),),
        again_at=now + min(_FIRST_WAIT * 2**row.tries, _LONGEST_WAIT) if by_itself else None,
    )


def _words(row: OutgoingRow, item: OutcomeRow | None, problem: str) -> str:
    """What Basware says about a record, or about its whole request; without the numbers of its bank accounts."""
    said = problem if item is None else item.problem
    return (
        without_numbers(said, bank_details(msgspec.json.decode(row.body)))
        if row.resource == VENDORS and row.body
        else said
    )


def refused_hold(row: OutgoingRow, problem: str) -> Hold:
    """Why a record waits."""
    told = way_out(problem) if row.resource == VENDORS else ""
    facts = {"name": row.name, "detail": problem} | ({"way_out": told} if told else {})
    return Hold(cause=Cause.RECORD_REFUSED, subject=row.subject, facts=facts)


def _go_on(tx: Tx, desk: Desk, resource: str, now: datetime) -> None:
    """Have the job run again: at once when others wait for this resource, else when a refused record is due."""
    decided = not outgoing.open_records(tx, desk.connection_id, [resource])
    at = now if decided else outgoing.next_try(tx, desk.connection_id)
    if at is not None:
        jobs.bring_forward(tx, desk.connection_id, Job.MASTER_DATA, at, now)
