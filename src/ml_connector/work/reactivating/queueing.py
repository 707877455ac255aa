"""Putting what people want active again into the outbox: each record is read afresh, with those above it, right before.

The write carries the version it replaces, so what somebody does meanwhile makes QuickBooks refuse it. What is stored with the
intent is stored with the state of the request, in one transaction: neither is ever there without the other.
"""

from collections import Counter
from typing import Any

from ml_connector.flows.identity import reactivation_intent_id
from ml_connector.model.changes import RecordKey
from ml_connector.quickbooks import wire
from ml_connector.quickbooks.records import reference
from ml_connector.quickbooks.translation_reactivation import reactivation_body
from ml_connector.quickbooks.wire import UnsendableError
from ml_connector.store import audit, intents, reactivations
from ml_connector.store.database import Tx
from ml_connector.store.intents import NewIntent
from ml_connector.store.reactivations import ReactivationRow
from ml_connector.store.schema import Operation, ReactivationState, System
from ml_connector.work.changes.copies import Asked, ask, keep_asked
from ml_connector.work.desk import Desk
from ml_connector.work.reactivating.records import LEVELS, gone, is_active, why_not, with_those_above
from ml_connector.work.reactivating.telling import end, not_shown, subject_of

_MOST = 200
"""Records looked at in one go; the rest follows with the next round."""


class _Seen:
    """What QuickBooks says right now to the records that were asked for, and to those above them."""

    def __init__(self, desk: Desk, rows: list[ReactivationRow]) -> None:
        self.answers = list[Asked]()
        self.records = dict[RecordKey, dict[str, Any] | None]()
        self.refused = dict[RecordKey, str]()
        wanted = {(row.entity, row.quickbooks_id) for row in rows}
        for _ in range(LEVELS + 1):
            if not wanted:
                break
            wanted = self._look(desk, wanted)

    def _look(self, desk: Desk, wanted: set[RecordKey]) -> set[RecordKey]:
        """Read these; those above them that are not known yet."""
        by_list = dict[str, list[str]]()
        for entity, record_id in sorted(wanted):
            by_list.setdefault(entity, []).append(record_id)
        answer = ask(desk, by_list)
        self.answers.append(answer)
        self.refused |= answer.refused
        self.records |= {(entity, one): None for entity, ids in answer.gone.items() for one in ids}
        above = set[RecordKey]()
        for entity, found in answer.found.items():
            for record in found:
                self.records[entity, str(record["Id"])] = record
                if parent := reference(record, "ParentRef"):
                    above.add((entity, parent))
        return above - self.records.keys()


def queue_reactivations(desk: Desk) -> int:
    """Put every record that people want active into the outbox, as far as QuickBooks' books allow it now; how many.

    What QuickBooks would not show is asked for again with the next run, and says so until then. Raises what the client raises.
    """
    with desk.database.read() as tx:
        rows = reactivations.in_state(tx, desk.connection_id, ReactivationState.ASKED, limit=_MOST)
    if not rows:
        return 0
    seen = _Seen(desk, rows)
    with desk.write() as tx:
        for answer in seen.answers:
            keep_asked(tx, desk, answer, Counter())
        return sum(_shown(tx, desk, row, seen) and _queue(tx, desk, row, seen) for row in rows)


def _shown(tx: Tx, desk: Desk, row: ReactivationRow, seen: _Seen) -> bool:
    """Whether QuickBooks said anything about the record; if not, the request says so and stays."""
    key = (row.entity, row.quickbooks_id)
    if key in seen.records:
        return True
    problem = not_shown(seen.refused.get(key, "no reason given"))
    reactivations.move(
        tx, desk.connection_id, key, desk.clock.now(), row.state, row.state, problem=problem, tries=row.tries
    )
    return False


def _queue(tx: Tx, desk: Desk, row: ReactivationRow, seen: _Seen) -> bool:
    there = with_those_above(lambda record_id: seen.records.get((row.entity, record_id)), row.quickbooks_id)
    if there is None:
        return _end(tx, desk, row, gone(tx, desk, row.entity, row.quickbooks_id, row.name))
    if is_active(there.record):
        return _end(tx, desk, row, "")
    if problem := why_not(tx, desk, row.entity, there):
        return _end(tx, desk, row, problem)
    try:
        body = wire.encode(reactivation_body(row.entity, there.record)).decode()
    except UnsendableError as error:
        return _end(tx, desk, row, str(error))
    now, key = desk.clock.now(), (row.entity, row.quickbooks_id)
    if not reactivations.move(
        tx, desk.connection_id, key, now, ReactivationState.ASKED, ReactivationState.SENDING, tries=row.tries
    ):
        return False
    subject = subject_of(*key)
    before = intents.for_subject(tx, desk.connection_id, Operation.REACTIVATE, subject)
    name = reactivation_intent_id(desk.connection_id, subject, len(before))
    new = NewIntent(
        id=name, system=System.QUICKBOOKS, operation=Operation.REACTIVATE, subject=subject, entity=row.entity, body=body,
        request_id=name,
    )  # fmt: skip
    return intents.add(tx, desk.connection_id, new, now)


def _end(tx: Tx, desk: Desk, row: ReactivationRow, problem: str) -> bool:
    """Nothing is sent: it is active already, or cannot be, and the person who asked reads why."""
    if end(tx, desk, row, ReactivationState.REFUSED if problem else ReactivationState.DONE, problem=problem):
        audit.record(
            tx, desk.connection_id, at=desk.clock.now(), actor=desk.worker, subject=subject_of(row.entity, row.quickbooks_id),
            action="not reactivated" if problem else "found active in QuickBooks", before=row.name, reason=problem,
        )  # fmt: skip
    return False
