"""Sending ready writes to QuickBooks, in batches that are stored whole before their first byte is sent.

A batch has one request id, and Intuit answers the same request with the same id from memory instead of doing it again. An answer
that never came makes the batch unclear; `settling.py` finds out what became of it. Nothing is ever guessed, and one refused item
stops no other.
"""

from collections.abc import Iterator, Sequence

import msgspec

from ml_connector.flows.identity import batch_id
from ml_connector.quickbooks import wire
from ml_connector.quickbooks.answers import ItemAnswer
from ml_connector.quickbooks.errors import NoAnswer, QuickBooksError, Refused
from ml_connector.quickbooks.wire import BatchItem
from ml_connector.store import audit, batches, intents
from ml_connector.store.batches import BatchRow
from ml_connector.store.database import Tx
from ml_connector.store.intents import IntentRow
from ml_connector.store.schema import BatchState, IntentState, Operation, System
from ml_connector.work.desk import Desk
from ml_connector.work.results import Sent, apply_answer

_ON_THE_WIRE = {
    Operation.CREATE: wire.Operation.CREATE,
    Operation.UPDATE: wire.Operation.UPDATE,
    Operation.CREATE_VENDOR: wire.Operation.CREATE,
    Operation.CREATE_ORDER: wire.Operation.CREATE,
    Operation.UPDATE_ORDER: wire.Operation.UPDATE,
    Operation.REVERSE: wire.Operation.CREATE,
    Operation.DELETE: wire.Operation.DELETE,
    Operation.RESTORE: wire.Operation.UPDATE,
    Operation.POST_AGAIN: wire.Operation.CREATE,
    Operation.REACTIVATE: wire.Operation.UPDATE,
    Operation.APPLY_CREDIT: wire.Operation.CREATE,
    Operation.ACCRUE: wire.Operation.CREATE,
    Operation.REVERSE_ACCRUAL: wire.Operation.CREATE,
}
_MAX_BATCH_BYTES = 2_000_000


class Delivered(msgspec.Struct, kw_only=True):
    """What one delivery came to, in writes."""

    done: int = 0
    refused: int = 0
    unclear: int = 0
    failures: int = 0
    """Of what was done: answers that told Basware of a failure."""

    def count(self, state: IntentState, number: int = 1) -> None:
        """Add writes that ended in this state."""
        if state is IntentState.DONE:
            self.done += number
        elif state is IntentState.REFUSED:
            self.refused += number
        else:
            self.unclear += number


def deliver_to_quickbooks(desk: Desk) -> Delivered:
    """Send everything that is ready.

    Raises what the client raises when no further call makes sense (sign-in needed, throttled for good, service down);
    what was not executed is ready again by then.
    """
    delivered, singly = Delivered(), 0
    while True:
        size = 1 if singly else desk.settings.quickbooks.batch_size
        with desk.database.read() as tx:
            ready = intents.ready(tx, desk.connection_id, System.QUICKBOOKS, size)
            left = intents.ready_count(tx, desk.connection_id, System.QUICKBOOKS)
        if not ready:
            return delivered
        done = delivered.done + delivered.refused + delivered.unclear
        desk.watch("posting to QuickBooks", done, done + left)
        singly = max(0, singly - 1)
        try:
            for group in _groups(ready, desk.settings.quickbooks.batch_lines):
                send(desk, _recorded(desk, group), group, delivered)
        except Refused:
            # The call as a whole was refused, so one of its items is wrong in a way that hides the others: these one by one.
            singly = len(ready)


def _groups(ready: Sequence[IntentRow], most_lines: int) -> Iterator[list[IntentRow]]:
    """Batches in order: within the limits of lines and bytes; a write with an option of its own goes alone."""
    group: list[IntentRow] = []
    lines = size = 0
    for intent in ready:
        more = intent.body.count('"DetailType"')
        full = lines + more > most_lines or size + len(intent.body) > _MAX_BATCH_BYTES
        if group and (full or intent.include or group[0].include):
            yield group
            group, lines, size = [], 0, 0
        group.append(intent)
        lines, size = lines + more, size + len(intent.body)
    if group:
        yield group


def _recorded(desk: Desk, group: Sequence[IntentRow]) -> BatchRow:
    """Commit the batch, its exact body and its request id before it is sent."""
    name = batch_id([(intent.id, intent.attempts) for intent in group])
    names = [intent.id for intent in group]
    with desk.write(durable=True) as tx:
        batches.record_batch(
            tx, desk.connection_id, name, System.QUICKBOOKS, _body(group).decode(), names, desk.worker, desk.clock.now()
        )
        return batches.get_batch(tx, desk.connection_id, name)


def _body(group: Sequence[IntentRow]) -> bytes:
    if group[0].include:
        return group[0].body.encode()
    items = [
        BatchItem(
            b_id=str(number),
            operation=_ON_THE_WIRE[intent.operation],
            entity=intent.entity,
            body=wire.decode(intent.body.encode()),
        )
        for number, intent in enumerate(group)
    ]
    return wire.batch_body(items)


def send(desk: Desk, batch: BatchRow, group: Sequence[IntentRow], delivered: Delivered) -> None:
    """Send a recorded batch, for the first time or again: byte for byte the same, with the same request id."""
    desk.keep_lease()
    try:
        items, trace = _call(desk, batch, group)
    except NoAnswer as error:
        _mark_unclear(desk, batch, group, str(error))
        delivered.unclear += len(group)
        return
    except QuickBooksError:
        _put_back(desk, batch, group)
        raise
    with desk.write() as tx:
        if not batches.set_batch(
            tx, desk.connection_id, batch.id, desk.clock.now(),
            expected={BatchState.SENDING, BatchState.UNCLEAR}, state=BatchState.DONE, trace=trace,
        ):  # fmt: skip
            return
        for intent, item in zip(group, items, strict=True):
            delivered.count(apply_answer(tx, desk, intent, item, Sent(request_id=batch.id, trace=trace)))


def _call(desk: Desk, batch: BatchRow, group: Sequence[IntentRow]) -> tuple[Sequence[ItemAnswer], str]:
    intent = group[0]
    try:
        if not intent.include:
            answer = desk.quickbooks.send_batch(batch.body.encode(), batch.id)
            return answer.items, answer.trace
        record, trace = desk.quickbooks.send(intent.entity, batch.body.encode(), batch.id, intent.include)
    except Refused as refusal:
        if len(group) > 1:
            raise
        return [ItemAnswer(b_id="0", entity=intent.entity, faults=refusal.faults)], refusal.trace
    else:
        return [ItemAnswer(b_id="0", entity=intent.entity, record=record)], trace


def _mark_unclear(desk: Desk, batch: BatchRow, group: Sequence[IntentRow], reason: str) -> None:
    with desk.write() as tx:
        mark_unclear(tx, desk, batch, group, reason)


def mark_unclear(tx: Tx, desk: Desk, batch: BatchRow, group: Sequence[IntentRow], reason: str) -> None:
    """A batch whose answer never came: neither done nor not done, until it is settled."""
    now = desk.clock.now()
    batches.set_batch(tx, desk.connection_id, batch.id, now, expected={BatchState.SENDING}, state=BatchState.UNCLEAR)
    names = [intent.id for intent in group]
    intents.mark(tx, desk.connection_id, names, now, expected={IntentState.SENDING}, state=IntentState.UNCLEAR)
    audit.record(
        tx, desk.connection_id, at=now, actor=desk.worker, action="no answer from QuickBooks", subject=batch.id, reason=reason,
        request_id=batch.id,
    )  # fmt: skip


def _put_back(desk: Desk, batch: BatchRow, group: Sequence[IntentRow]) -> None:
    """The batch was certainly not executed: its writes are ready again and will get another request id."""
    now = desk.clock.now()
    with desk.write() as tx:
        if batch.state is BatchState.UNCLEAR:
            return  # it may have been executed the first time; it stays unclear
        batches.set_batch(tx, desk.connection_id, batch.id, now, expected={BatchState.SENDING}, state=BatchState.DONE)
        names = [intent.id for intent in group]
        intents.mark(
            tx, desk.connection_id, names, now, expected={IntentState.SENDING}, state=IntentState.READY, batch_id=None
        )
