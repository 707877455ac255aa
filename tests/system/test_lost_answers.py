"""Answers of QuickBooks that never come: what became of the write is found out, never guessed, and there is one transaction."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from ml_connector.model.policy import PostingPolicy, UnknownVendor
from ml_connector.model.postings import DuplicateChoice
from ml_connector.store.database import Database
from ml_connector.work import decisions
from ml_connector.work.engine import Step
from paperwork import invoice, line
from twins.faults import FaultKind, FaultRule
from world import Build, World, build_world

WRITES = {"path": "/batch$", "contains": '"operation"'}
BOTH = [FaultKind.LOST_AFTER, FaultKind.LOST_BEFORE]


def _approve(world: World, count: int) -> list[str]:
    numbers = [f"A-{number:02}" for number in range(count)]
    for number in numbers:
        world.approve(invoice(number))
    return numbers


def _all_posted_once(world: World, numbers: list[str]) -> None:
    for number in numbers:
        world.only_transaction(number)
        assert [answer["success"] for answer in world.answers(number)] == [True], number
    assert len(world.transactions()) == len(numbers)
    assert world.check() == []


@pytest.fixture(params=["on sqlite", "on postgresql"])
def anywhere(request: pytest.FixtureRequest) -> Iterator[World]:
    """An empty demo company on each database."""
    databases = request.getfixturevalue("fast_files" if "sqlite" in request.param else "postgres")
    with databases.fresh() as url:
        database = Database.open(url)
        yield build_world(database, company="empty")
        database.close()


@pytest.mark.parametrize("kind", BOTH)
def test_a_lost_answer_ends_in_one_transaction_and_one_response(anywhere: World, kind: FaultKind) -> None:
    anywhere.quickbooks_faults.add(FaultRule(kind=kind, **WRITES))
    numbers = _approve(anywhere, 3)

    anywhere.settle()

    _all_posted_once(anywhere, numbers)


def test_nothing_is_looked_up_or_sent_again_before_intuits_own_time_limit_is_over(world: World) -> None:
    world.quickbooks_faults.add(FaultRule(kind=FaultKind.LOST_AFTER, **WRITES))
    numbers = _approve(world, 2)
    report = world.run()
    sent = world.quickbooks_seen.writes
    assert report.next_due is not None
    assert (report.posted.unclear, [world.state(number) for number in numbers]) == (2, ["posting", "posting"])

    world.clock.move_to(report.next_due - timedelta(seconds=1))
    assert world.run().next_due == report.next_due
    assert world.quickbooks_seen.writes == sent
    assert world.answers("A-00") == []

    world.clock.move_to(report.next_due)
    world.run()

    _all_posted_once(world, numbers)
    assert world.quickbooks_seen.writes == sent, "what the marker finds is not sent again"


def test_what_was_not_done_is_replayed_with_the_very_same_request(world: World) -> None:
    lost = world.quickbooks_faults.add(FaultRule(kind=FaultKind.LOST_BEFORE, **WRITES))
    numbers = _approve(world, 2)

    world.settle()

    _all_posted_once(world, numbers)
    assert world.quickbooks_faults.hits(lost) == 1
    assert world.quickbooks.calls["batches"] > 0


def test_an_answer_lost_again_at_the_replay_waits_for_the_time_limit_once_more(world: World) -> None:
    world.quickbooks_faults.add(FaultRule(kind=FaultKind.LOST_BEFORE, times=2, **WRITES))
    numbers = _approve(world, 2)
    first = world.run().next_due
    assert first is not None
    world.clock.move_to(first)

    again = world.run().next_due

    assert again is not None
    assert again - world.clock.now() > timedelta(seconds=120)
    assert world.quickbooks_seen.writes == 2
    world.settle()
    _all_posted_once(world, numbers)


def test_a_time_out_counts_as_a_lost_answer(world: World) -> None:
    world.quickbooks_faults.add(FaultRule(kind=FaultKind.SLOW, delay=1000, **WRITES))
    numbers = _approve(world, 2)

    world.settle()

    _all_posted_once(world, numbers)


def test_when_intuit_forgot_the_request_the_marker_still_finds_the_transaction(world: World) -> None:
    world.quickbooks_faults.add(FaultRule(kind=FaultKind.LOST_AFTER, **WRITES))
    numbers = _approve(world, 3)
    world.run()
    world.quickbooks.forget_answers(world.realm_id)

    world.settle()

    _all_posted_once(world, numbers)


def test_of_a_batch_done_by_half_only_the_rest_is_sent_again(world: World) -> None:
    world.quickbooks_faults.add(FaultRule(kind=FaultKind.LOST_AFTER, **WRITES))
    numbers = _approve(world, 4)
    world.run()
    world.quickbooks.forget_answers(world.realm_id)
    for number in numbers[2:]:  # as if the batch had broken off after its second item
        world.act("delete", entity="Bill", id=world.only_transaction(number)[1]["Id"])

    world.settle()

    _all_posted_once(world, numbers)


@pytest.mark.parametrize("kind", BOTH)
def test_a_lost_answer_to_an_update_is_settled(world: World, kind: FaultKind) -> None:
    world.approve(invoice("A-1", line("60.00")))
    world.settle()
    fresh = invoice("A-1", line("65.00"))
    world.quickbooks_faults.add(FaultRule(kind=kind, **WRITES))

    world.send_again("A-1", **{name: fresh[name] for name in ("codingRows", "netSum", "grossSum")})
    world.settle()

    _, bill = world.only_transaction("A-1")
    assert bill["TotalAmt"] == 65
    assert [answer["success"] for answer in world.answers("A-1")] == [True, True]


@pytest.mark.parametrize("kind", BOTH)
def test_a_lost_answer_to_a_new_vendor_makes_one_vendor(build: Build, kind: FaultKind) -> None:
    world = build(policy=PostingPolicy(unknown_vendor=UnknownVendor.CREATE))
    world.quickbooks_faults.add(FaultRule(kind=kind, **WRITES))
    for number in ("A-1", "A-2"):
        world.approve(invoice(number, supplier="V-77001", supplier_name="Alder Legal LLP"))

    world.settle()

    vendors = [one for one in world.quickbooks.books(world.realm_id)["Vendor"] if one.get("AcctNum") == "V-77001"]
    assert len(vendors) == 1
    _all_posted_once(world, ["A-1", "A-2"])


@pytest.mark.parametrize("kind", BOTH)
def test_a_lost_answer_to_a_second_bill_with_one_number_is_settled(world: World, kind: FaultKind) -> None:
    """Such a bill travels alone, since only it may carry the number once more."""
    world.approve(invoice("A-1", line("10.00")))
    second = world.approve({**invoice("A-1", line("20.00")), "invoiceId": "f" * 32})
    world.settle()
    decisions.decide_duplicate(
        world.desk(), world.row(second), DuplicateChoice.POST_ANYWAY, link_to="", reason="two", actor="Dana"
    )
    world.quickbooks_faults.add(FaultRule(kind=kind, path="/bill$", method="POST"))

    world.settle()

    world.only_transaction(second)
    assert len(world.transactions()) == 2


def test_a_request_that_arrives_twice_is_done_once(world: World) -> None:
    world.quickbooks_faults.add(FaultRule(kind=FaultKind.DUPLICATE, times=None, **WRITES))
    numbers = _approve(world, 3)

    world.settle()

    _all_posted_once(world, numbers)


def test_a_process_that_dies_between_sending_and_hearing_is_continued_by_the_next(world: World) -> None:
    numbers = _approve(world, 3)
    world.run([Step.INTAKE, Step.PLAN])
    world.quickbooks_faults.add(FaultRule(kind=FaultKind.LOST_AFTER, **WRITES))
    world.run()

    world.restart("next process")
    world.settle()

    _all_posted_once(world, numbers)
