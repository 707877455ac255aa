"""Intents and batches: each write once, each sent by one worker, each known after a crash."""

import threading
from datetime import datetime, timedelta

import pytest

from ml_connector.store import batches, intents
from ml_connector.store.database import Database, Tx
from ml_connector.store.errors import IntentNotReadyError, StoreError
from ml_connector.store.intents import NewIntent
from ml_connector.store.schema import BatchState, IntentState, Operation, System


def bill(name: str, invoice_id: str | None = "1", **changes: object) -> NewIntent:
    fields: dict[str, object] = {
        "id": name, "system": System.QUICKBOOKS, "operation": Operation.CREATE, "entity": "Bill", "body": '{"a":1.10}',
        "request_id": name, "invoice_id": invoice_id,
    }  # fmt: skip
    return NewIntent(**(fields | changes))  # type: ignore[arg-type]


def put(tx: Tx, connection_id: str, now: datetime, *names: str) -> None:
    for name in names:
        assert intents.add(tx, connection_id, bill(name), now)


def send(tx: Tx, connection_id: str, batch_id: str, names: list[str], now: datetime, *, worker: str = "w") -> None:
    batches.record_batch(tx, connection_id, batch_id, System.QUICKBOOKS, "body", names, worker, now)


def states(tx: Tx, connection_id: str) -> dict[str, IntentState]:
    return {row.id: row.state for row in intents.in_state(tx, connection_id, list(IntentState))}


def test_a_write_decided_twice_stands_in_the_outbox_once(database: Database, north: str, now: datetime) -> None:
    with database.write() as tx:
        assert intents.add(tx, north, bill("one"), now)
        assert not intents.add(tx, north, bill("one", body="another"), now)
        intents.mark(tx, north, ["one"], now, expected="ready", state=IntentState.DONE)
        assert not intents.add(tx, north, bill("one"), now)
        (row,) = intents.for_document(tx, north, "1")
    assert (row.body, row.state, row.attempts, row.batch_id) == ('{"a":1.10}', IntentState.DONE, 0, None)


def test_what_is_ready_comes_in_order_and_only_for_its_system(database: Database, north: str, now: datetime) -> None:
    with database.write() as tx:
        put(tx, north, now, "z", "a")
        intents.add(tx, north, bill("answer", system=System.BASWARE, operation=Operation.TRANSFER_RESPONSE), now)
        intents.add(tx, north, bill("later", state=IntentState.PROPOSED), now)
        assert [row.id for row in intents.ready(tx, north, System.QUICKBOOKS, 10)] == ["z", "a"]
        assert [row.id for row in intents.ready(tx, north, System.QUICKBOOKS, 1)] == ["z"]
        assert [row.id for row in intents.ready(tx, north, System.BASWARE)] == ["answer"]
        assert [row.id for row in intents.in_state(tx, north, "proposed")] == ["later"]
        row = intents.get(tx, north, "later")
        assert row is not None
        assert row.state is IntentState.PROPOSED


def test_a_batch_takes_its_intents_in_order(database: Database, north: str, now: datetime) -> None:
    with database.write() as tx:
        put(tx, north, now, "a", "b", "c")
        send(tx, north, "batch-1", ["c", "a"], now)
        group = batches.intents_of_batch(tx, north, "batch-1")
        assert [(row.id, row.position, row.state, row.attempts) for row in group] == [
            ("c", 0, IntentState.SENDING, 1),
            ("a", 1, IntentState.SENDING, 1),
        ]
        batch = batches.get_batch(tx, north, "batch-1")
        assert (batch.state, batch.body, batch.worker, batch.sent_at) == (BatchState.SENDING, "body", "w", now)
        assert [row.id for row in intents.ready(tx, north, System.QUICKBOOKS)] == ["b"]


def test_a_batch_with_an_intent_somebody_else_has_is_not_recorded(
    database: Database, north: str, now: datetime
) -> None:
    with database.write() as tx:
        put(tx, north, now, "a", "b")
        send(tx, north, "batch-1", ["a"], now)
    with pytest.raises(IntentNotReadyError, match="intent a"), database.write() as tx:
        send(tx, north, "batch-2", ["b", "a"], now)
    with database.read() as tx:
        assert states(tx, north) == {"a": IntentState.SENDING, "b": IntentState.READY}
        assert [batch.id for batch in batches.open_batches(tx, north, System.QUICKBOOKS)] == ["batch-1"]
        with pytest.raises(StoreError, match="never recorded"):
            batches.get_batch(tx, north, "batch-2")


def test_of_workers_that_want_the_same_intents_exactly_one_gets_them(
    database: Database, north: str, now: datetime
) -> None:
    names = [f"i{number}" for number in range(10)]
    with database.write() as tx:
        put(tx, north, now, *names)
    start, won, lost = threading.Barrier(4), list[str](), list[str]()

    def work(worker: str, order: list[str]) -> None:
        start.wait()
        try:
            with database.write(durable=True) as tx:
                send(tx, north, f"batch-{worker}", order, now, worker=worker)
            won.append(worker)
        except IntentNotReadyError:
            lost.append(worker)

    orders = [names, names[::-1], names, names[::-1]]
    threads = [threading.Thread(target=work, args=(f"w{number}", order)) for number, order in enumerate(orders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 3)
    with database.read() as tx:
        (batch,) = batches.open_batches(tx, north, System.QUICKBOOKS)
        assert batch.worker == won[0]
        assert len(batches.intents_of_batch(tx, north, batch.id)) == 10


def test_an_intent_moves_only_from_an_expected_state(database: Database, north: str, now: datetime) -> None:
    later = now + timedelta(minutes=1)
    with database.write() as tx:
        put(tx, north, now, "a", "b")
        send(tx, north, "batch-1", ["a"], now)
        moved = intents.mark(tx, north, ["a", "b"], later, expected={"sending"}, state=IntentState.UNCLEAR, fault="[]")
        assert moved == 1
        assert states(tx, north) == {"a": IntentState.UNCLEAR, "b": IntentState.READY}
        assert intents.mark(tx, north, ["a"], later, expected="ready", state=IntentState.DONE) == 0
        assert intents.mark(tx, north, [], later, expected="ready", state=IntentState.DONE) == 0
        assert intents.mark(tx, north, ["a"], later, expected="unclear", state=IntentState.READY, batch_id=None) == 1
        row = intents.get(tx, north, "a")
        assert row is not None
        assert (row.batch_id, row.attempts, row.fault, row.updated_at) == (None, 1, "[]", later)
        with pytest.raises(ValueError, match="cannot be set here: body"):
            intents.mark(tx, north, ["a"], now, expected="ready", state=IntentState.DONE, body="x")  # type: ignore[call-arg]


def test_more_intents_than_one_statement_takes_are_all_moved(database: Database, north: str, now: datetime) -> None:
    with database.write() as tx:
        put(tx, north, now, "a", "b")
        names = ["a", *(f"none-{number}" for number in range(12_000)), "b"]
        assert intents.mark(tx, north, names, now, expected="ready", state=IntentState.REFUSED) == 2


def test_an_open_batch_is_found_until_it_is_done(database: Database, north: str, now: datetime) -> None:
    with database.write() as tx:
        put(tx, north, now, "a", "b")
        send(tx, north, "second", ["b"], now + timedelta(seconds=1))
        send(tx, north, "first", ["a"], now)
        assert [batch.id for batch in batches.open_batches(tx, north, System.QUICKBOOKS)] == ["first", "second"]
        assert batches.open_batches(tx, north, System.BASWARE) == []
        assert batches.set_batch(tx, north, "first", now, expected="sending", state=BatchState.UNCLEAR)
        assert not batches.set_batch(tx, north, "first", now, expected="sending", state=BatchState.DONE)
        assert len(batches.open_batches(tx, north, System.QUICKBOOKS)) == 2
        assert batches.set_batch(tx, north, "first", now, expected={"unclear"}, state=BatchState.DONE, trace="1-abc")
        assert [batch.id for batch in batches.open_batches(tx, north, System.QUICKBOOKS)] == ["second"]
        assert batches.get_batch(tx, north, "first").trace == "1-abc"


def test_documents_with_an_unsettled_write_are_known(database: Database, north: str, now: datetime) -> None:
    with database.write() as tx:
        intents.add(tx, north, bill("a", "1"), now)
        intents.add(tx, north, bill("b", "2"), now)
        intents.add(tx, north, bill("v", None, operation=Operation.CREATE_VENDOR, subject="S1"), now)
        intents.mark(tx, north, ["b"], now, expected="ready", state=IntentState.DONE)
        assert intents.busy_documents(tx, north) == {"1"}


def test_ended_writes_about_one_subject_are_counted(database: Database, north: str, now: datetime) -> None:
    with database.write() as tx:
        for number, state in enumerate((IntentState.REFUSED, IntentState.DONE, IntentState.READY)):
            new = bill(f"v{number}", None, operation=Operation.CREATE_VENDOR, subject="S1", state=state)
            intents.add(tx, north, new, now)
        intents.add(
            tx, north, bill("other", None, operation=Operation.CREATE_VENDOR, subject="S2", state=IntentState.DONE), now
        )
        assert intents.ended_count(tx, north, Operation.CREATE_VENDOR, "S1") == 2
        assert [row.id for row in intents.for_subject(tx, north, Operation.CREATE_VENDOR, "S1")] == ["v0", "v1", "v2"]
