"""Copies and awaited requests: newest versions, what is still open, and nothing across connections."""

from datetime import datetime, timedelta

from ml_connector.store import copies, inbox, outcome_lists, outcomes
from ml_connector.store.copies import NewCopy
from ml_connector.store.database import Database, Tx
from ml_connector.store.outcomes import OutcomeRow
from ml_connector.store.schema import RequestState


def arrive(
    tx: Tx, connection: str, code: str, now: datetime, *, content: str = "1", acknowledged: bool = False
) -> None:
    row, _ = inbox.store(
        tx, connection, feed="f", external_id=code, content_hash=content, last_updated="", payload=f"{code} {content}",
        received_at=now,
    )  # fmt: skip
    new = NewCopy(external_id=code, inbox_id=row, content_hash=content, last_updated="", acknowledged=acknowledged)
    copies.put_many(tx, connection, "f", [new], now)


def test_a_copy_is_always_the_newest_version(database: Database, north: str, now: datetime) -> None:
    with database.write() as tx:
        arrive(tx, north, "a", now, acknowledged=True)
        arrive(tx, north, "a", now, content="2")
        known = copies.known(tx, north, "f", ["a", "b"])
        found = copies.content(tx, north, "f", "a")
        assert found is not None
        assert (list(known), known["a"].content_hash, found.payload) == (["a"], "2", "a 2")
        assert [one.external_id for one in copies.unacknowledged(tx, north, "f", 9)] == ["a"]
        assert copies.set_acknowledged(tx, north, "f", ["a"], now) == 1
        assert copies.unacknowledged(tx, north, "f", 9) == []
        assert copies.count(tx, north, "f") == 1
        assert [one.payload for one in copies.listing(tx, north, "f", text="A 2")] == ["a 2"]
        assert copies.listing(tx, north, "f", text="%") == []


def test_copies_are_scoped(database: Database, north: str, south: str, now: datetime) -> None:
    with database.write() as tx:
        arrive(tx, north, "a", now)
        assert copies.known(tx, south, "f", ["a"]) == {}
        assert copies.unacknowledged(tx, south, "f", 9) == []
        assert copies.set_acknowledged(tx, south, "f", ["a"], now) == 0
        assert copies.count(tx, south, "f") == 0
        assert copies.listing(tx, south, "f") == []
        assert copies.content(tx, south, "f", "a") is None


def expect(tx: Tx, connection: str, name: str, now: datetime, *, request_id: str = "", subject: str = "i") -> bool:
    return outcomes.expect(
        tx,
        connection,
        name,
        request_id=request_id,
        entity_type="TransferResponse",
        subject=subject,
        now=now,
        next_at=now,
    )


def test_a_request_is_awaited_once_and_settled_once(database: Database, north: str, now: datetime) -> None:
    with database.write() as tx:
        assert expect(tx, north, "a", now, request_id="r")
        assert not expect(tx, north, "a", now, request_id="other")
        assert outcomes.settle(tx, north, "a", RequestState.UNHEARD, now, request_id="r")
        assert [row.id for row in outcomes.undecided(tx, north, ["r"], [])] == ["a"]
        assert outcomes.settle(tx, north, "a", RequestState.FAILED, now, request_id="r", problem="no")
        assert not outcomes.settle(tx, north, "a", RequestState.DONE, now, request_id="r")
        assert outcomes.undecided(tx, north, ["r"], ["a"]) == []
        assert outcomes.unacknowledged(tx, north, 9) == ["r"]
        outcomes.set_acknowledged(tx, north, ["r"])
        assert outcomes.unacknowledged(tx, north, 9) == []


def test_a_later_success_about_the_same_subject_makes_up_for_a_failure(
    database: Database, north: str, now: datetime
) -> None:
    with database.write() as tx:
        expect(tx, north, "a", now)
        expect(tx, north, "b", now + timedelta(seconds=1))
        expect(tx, north, "c", now, subject="other")
        for name in "ac":
            outcomes.settle(tx, north, name, RequestState.FAILED, now, request_id="")
        assert outcome_lists.open_problems(tx, north) == {RequestState.FAILED: 2}
        outcomes.settle(tx, north, "b", RequestState.DONE, now, request_id="")
        assert outcome_lists.open_problems(tx, north) == {RequestState.FAILED: 1}


def test_awaited_requests_are_scoped(database: Database, north: str, south: str, now: datetime) -> None:
    said = OutcomeRow(
        request_id="r", system="P2P", external_code="a", entity_type="T", status="Error", category="Technical", problem="no",
        source="requestStatus", last_updated="",
    )  # fmt: skip
    with database.write() as tx:
        expect(tx, north, "a", now, request_id="r")
        outcomes.note(tx, north, [said, said], now)
        outcomes.ask_again(tx, south, "a", asked=9, next_at=now)
        assert outcomes.still_open(tx, south).number == 0
        assert outcomes.undecided(tx, south, ["r"], ["a"]) == []
        assert not outcomes.settle(tx, south, "a", RequestState.FAILED, now, request_id="r")
        outcomes.settle(tx, north, "a", RequestState.FAILED, now, request_id="r", problem="no")
        outcomes.set_acknowledged(tx, south, ["r"])
        assert outcomes.unacknowledged(tx, north, 9) == ["r"]
        assert outcome_lists.open_problems(tx, south) == {}
        assert outcome_lists.listing(tx, south) == []
        assert not outcome_lists.anything_undecided(tx, south, since=now)
        [line] = outcome_lists.listing(tx, north, text="NO")
        assert (line.asked, line.category, line.source) == (0, "Technical", "requestStatus")


def test_requests_are_listed_state_by_state_and_no_page_leaves_one_out(
    database: Database, north: str, now: datetime
) -> None:
    states = [RequestState.DONE, RequestState.FAILED, RequestState.OPEN, RequestState.FAILED, RequestState.DONE]
    with database.write() as tx:
        for number, state in enumerate(states):
            sent = now + timedelta(minutes=number)
            outcomes.expect(
                tx, north, f"R{number}", request_id=f"r{number}", entity_type="T", subject="", next_at=now, now=sent
            )
            if state is not RequestState.OPEN:
                outcomes.settle(tx, north, f"R{number}", state, sent, request_id=f"r{number}")
    with database.read() as tx:
        whole = [row.id for row in outcome_lists.listing(tx, north)]
        paged = [row.id for start in range(0, 6, 2) for row in outcome_lists.listing(tx, north, limit=2, offset=start)]
        done = [row.id for row in outcome_lists.listing(tx, north, states=[RequestState.DONE], limit=1, offset=1)]

    assert whole == paged == ["R3", "R1", "R2", "R4", "R0"]
    assert done == ["R0"]
