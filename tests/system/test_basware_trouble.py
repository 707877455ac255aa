"""Basware loses answers, breaks lists, redirects and refuses. Every document is taken over once and answered once."""

from datetime import timedelta

import pytest

from ml_connector.basware.errors import BaswareError, CredentialsRejected, Throttled
from ml_connector.model.holds import Cause
from ml_connector.model.mapping import Dimension
from ml_connector.store import documents
from ml_connector.work import decisions
from ml_connector.work.engine import Step
from paperwork import invoice, line
from twins.faults import BodyForm, FaultKind, FaultRule
from world import Build, World

ANSWERS = {"path": "/transferResponses$"}
ACKNOWLEDGE = {"path": "/acknowledge$"}


def _approve(world: World, count: int) -> list[str]:
    numbers = [f"A-{number:02}" for number in range(count)]
    for number in numbers:
        world.approve(invoice(number))
    return numbers


def _all_done_once(world: World, numbers: list[str]) -> None:
    for number in numbers:
        world.only_transaction(number)
        assert [answer["success"] for answer in world.answers(number)] == [True], number
        assert world.in_basware(number)["processingStatus"] == "Transferred"
        assert world.state(number) == "confirmed"
    assert len(world.transactions()) == len(numbers)
    assert world.check() == []


@pytest.mark.parametrize("kind", [FaultKind.LOST_BEFORE, FaultKind.LOST_AFTER, FaultKind.DUPLICATE, FaultKind.STATUS])
@pytest.mark.parametrize("call", [ACKNOWLEDGE, ANSWERS], ids=["acknowledgement", "answer"])
def test_a_write_whose_answer_is_lost_or_doubled_counts_once(
    world: World, kind: FaultKind, call: dict[str, str]
) -> None:
    world.basware_faults.add(FaultRule(kind=kind, times=2, status=500, **call))
    numbers = _approve(world, 4)

    world.settle()

    _all_done_once(world, numbers)


@pytest.mark.parametrize("committed", [True, False])
def test_an_answer_that_broke_down_with_a_503_page_is_looked_up(world: World, committed: bool) -> None:
    world.basware_faults.add(
        FaultRule(kind=FaultKind.STATUS, status=503, body=BodyForm.HTML, committed=committed, **ANSWERS)
    )
    numbers = _approve(world, 3)

    world.settle()

    _all_done_once(world, numbers)


def test_answers_that_stay_lost_are_sent_when_basware_is_back_under_the_same_code(world: World) -> None:
    rule = world.basware_faults.add(FaultRule(kind=FaultKind.LOST_BEFORE, times=None, **ANSWERS))
    numbers = _approve(world, 3)
    report = world.run()
    assert report.answered.unclear == 3
    assert [world.state(number) for number in numbers] == ["posted"] * 3

    world.basware_faults.remove(rule)
    world.settle()

    _all_done_once(world, numbers)


def test_a_document_basware_will_not_have_acknowledged_stops_no_other(world: World) -> None:
    numbers = _approve(world, 4)
    bad = world.in_basware("A-01")["invoiceId"]
    world.basware_faults.add(
        FaultRule(kind=FaultKind.STATUS, status=400, times=None, path=f"{bad}/acknowledge$", method="POST")
    )

    world.settle()

    _all_done_once(world, numbers)


def test_a_page_that_arrives_broken_is_asked_for_again(world: World) -> None:
    world.basware_faults.add(FaultRule(kind=FaultKind.TRUNCATED, path="accountingDocuments$", times=2))
    numbers = _approve(world, 4)

    world.settle()

    _all_done_once(world, numbers)


def test_one_broken_document_costs_no_other_on_its_page(world: World) -> None:
    numbers = _approve(world, 4)
    broken = world.approve(invoice("BROKEN"))
    world.basware.act("corrupt", invoice_id=broken, text='{"invoiceId": "' + broken + '", "grossSum": 12,,}')
    numbers += [world.in_basware(world.approve(invoice(f"B-{number}")))["invoiceNumber"] for number in range(3)]

    world.settle()

    _all_done_once(world, numbers)
    with world.database.read() as tx:
        held = documents.in_state(tx, world.connection_id, {"held", "returned"})
    assert [[hold.cause for hold in row.holds] for row in held] == [[Cause.UNREADABLE_DOCUMENT]]


@pytest.mark.parametrize("size", [1, 2, 100])
def test_lists_are_read_to_their_last_page(build: Build, size: int) -> None:
    world = build(page_size=size)
    numbers = _approve(world, 5)

    world.settle()

    _all_done_once(world, numbers)


@pytest.mark.parametrize("hop", ["final", "redirect", "both"])
def test_redirected_lists_are_followed_without_our_sign_in(build: Build, hop: str) -> None:
    world = build(page_size=2)
    world.basware.switches.redirect = "always"
    world.basware.switches.continuation_on = hop
    numbers = _approve(world, 5)

    world.settle()

    _all_done_once(world, numbers)


def test_documents_acknowledged_by_a_process_that_died_are_found_among_those_in_transfer(world: World) -> None:
    numbers = _approve(world, 3)
    for number in numbers:
        world.basware.act("move", invoice_id=world.in_basware(number)["invoiceId"], status="TransferInProgress")

    world.settle()

    _all_done_once(world, numbers)


def test_an_answer_basware_refuses_is_held_and_sent_anew_after_a_retry(world: World) -> None:
    rule = world.basware_faults.add(FaultRule(kind=FaultKind.STATUS, status=400, times=None, **ANSWERS))
    numbers = _approve(world, 2)
    world.settle()
    assert world.causes("A-00") == [Cause.ANSWER_REFUSED]
    world.only_transaction("A-00")

    world.basware_faults.remove(rule)
    decisions.retry(world.desk(), [world.row(number) for number in numbers], actor="Dana")
    world.settle()

    _all_done_once(world, numbers)


def test_a_document_fixed_only_after_basware_gave_up_on_it_is_posted_once_and_answered_when_sent_again(
    world: World,
) -> None:
    world.basware.switches.answer_after_failure = False
    world.approve(invoice("A-1", line("40.00", account="6470")))
    world.settle()
    world.clock.advance(2 * 86400)
    assert world.in_basware("A-1")["processingStatus"] == "TransferFailed"
    world.map(Dimension.ACCOUNT, "6470", "6420")
    world.settle()
    assert world.causes("A-1") == [Cause.ANSWER_REFUSED]

    world.send_again("A-1")
    world.settle()

    _all_done_once(world, ["A-1"])


def test_while_basware_is_down_what_was_taken_over_is_posted(world: World) -> None:
    numbers = _approve(world, 3)
    world.run([Step.INTAKE])
    rule = world.basware_faults.add(FaultRule(kind=FaultKind.STATUS, status=500, times=None))
    with pytest.raises(BaswareError):
        world.run()
    assert [world.state(number) for number in numbers] == ["posted"] * 3

    world.basware_faults.remove(rule)
    world.settle()

    _all_done_once(world, numbers)


@pytest.mark.parametrize("announced", [20.0, None])
def test_a_429_of_basware_is_waited_for(world: World, announced: float | None) -> None:
    for path in ("accountingDocuments$", "/acknowledge$", "/transferResponses$"):
        world.basware_faults.add(FaultRule(kind=FaultKind.STATUS, status=429, retry_after=announced, path=path))
    numbers = _approve(world, 3)

    world.settle()

    _all_done_once(world, numbers)


def test_access_tokens_withdrawn_in_the_middle_are_renewed(world: World) -> None:
    numbers = _approve(world, 3)
    world.run([Step.INTAKE, Step.PLAN])
    world.basware.revoke_tokens()

    world.settle()

    _all_done_once(world, numbers)


def test_a_wrong_client_secret_asks_for_credentials_and_posting_goes_on_with_what_is_here(world: World) -> None:
    numbers = _approve(world, 2)
    world.run([Step.INTAKE])
    world.change_settings(lambda known: known, {"basware.client_secret": "mistyped"})
    with pytest.raises(CredentialsRejected):
        world.run()
    assert [world.state(number) for number in numbers] == ["posted"] * 2

    world.change_settings(lambda known: known, {"basware.client_secret": "demo-basware-secret"})
    world.settle()

    _all_done_once(world, numbers)


def test_a_document_removed_in_basware_before_its_answer_leaves_a_hold_and_no_second_transaction(world: World) -> None:
    numbers = _approve(world, 3)
    world.run([Step.INTAKE, Step.PLAN, Step.POST])
    world.basware.act("remove", invoice_id=world.in_basware("A-00")["invoiceId"])

    world.settle()

    _all_done = numbers[1:]
    for number in _all_done:
        assert world.state(number) == "confirmed"
    assert world.causes("A-00") == [Cause.ANSWER_REFUSED]
    world.only_transaction("A-00")


def test_a_pause_basware_asks_one_process_for_is_kept_by_all_of_them(world: World) -> None:
    """And by another connection with the same sign-in; nobody asks again before it is over."""
    world.basware_faults.add(
        FaultRule(kind=FaultKind.STATUS, status=429, retry_after=600.0, path="/accountingDocuments$")
    )
    row = world.connection
    first, second = world.app.desk(row), world.restart().app.desk(row)
    with pytest.raises(Throttled):
        list(first.basware.documents("WaitingForTransfer"))
    asked = world.basware_seen.requests

    with pytest.raises(Throttled, match="another 600 seconds"):
        list(second.basware.documents("WaitingForTransfer"))

    assert world.basware_seen.requests == asked
    world.clock.advance(590)
    list(second.basware.documents("WaitingForTransfer"))
    assert world.clock.now() >= row.created_at + timedelta(seconds=600)
