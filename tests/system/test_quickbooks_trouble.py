"""QuickBooks refuses, throttles, breaks down or signs us out. No document is lost, none stops another, none is posted twice."""

import msgspec
import pytest

from ml_connector.model.holds import Cause
from ml_connector.quickbooks.errors import CompanyReadOnly, SignInNeeded, Unavailable
from ml_connector.store import connections
from ml_connector.store.schema import ConnectionState
from ml_connector.work.engine import Step
from paperwork import invoice, line
from twins.faults import BodyForm, FaultKind, FaultRule
from world import World

WRITES = {"path": "/batch$", "contains": '"operation"'}
"""The requests that write several records, told from the batches of queries."""


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


def test_one_bad_item_in_a_batch_of_thirty_stops_no_other(world: World) -> None:
    numbers = _approve(world, 29)
    world.approve(invoice("BAD", line("5.00", account="6120")))
    world.run([Step.INTAKE, Step.PLAN])
    world.act("inactivate", entity="Account", id="56")
    batches = world.quickbooks_seen.writes

    world.settle()

    _all_posted_once(world, numbers)
    assert world.causes("BAD") == [Cause.ACCOUNT_INACTIVE]
    assert world.quickbooks_seen.writes == batches + 1


def test_a_refusal_no_rule_foresaw_is_held_with_quickbooks_own_words(world: World) -> None:
    fault = '{"Fault":{"Error":[{"Message":"Business Validation Error","Detail":"The moon is full","code":"6000"}]}}'
    world.quickbooks_faults.add(FaultRule(kind=FaultKind.STATUS, status=400, text=fault, times=None, **WRITES))
    _approve(world, 1)

    world.settle()

    (hold,) = world.row("A-00").holds
    assert hold.cause is Cause.QUICKBOOKS_REFUSED
    assert "The moon is full" in hold.facts["detail"]
    assert world.posted("A-00") == []


def test_a_batch_refused_as_a_whole_goes_document_by_document(world: World) -> None:
    world.quickbooks_faults.add(FaultRule(kind=FaultKind.STATUS, status=400, **WRITES))
    numbers = _approve(world, 5)

    world.settle()

    _all_posted_once(world, numbers)
    assert world.quickbooks_seen.writes == 1 + len(numbers)


@pytest.mark.parametrize(("announced", "waited"), [(17.0, 17), (None, 60)])
def test_after_a_429_nothing_is_sent_until_the_time_it_names_or_a_minute(
    world: World, announced: float | None, waited: int
) -> None:
    world.quickbooks_faults.add(FaultRule(kind=FaultKind.STATUS, status=429, retry_after=announced, **WRITES))
    numbers = _approve(world, 3)
    start = world.clock.now()

    world.run()

    _all_posted_once(world, numbers)
    assert waited <= (world.clock.now() - start).total_seconds() < waited + 5


def test_more_calls_than_a_minute_allows_wait_instead_of_being_refused(world: World) -> None:
    settings = world.desk().settings
    one_at_a_time = msgspec.structs.replace(settings.quickbooks, batch_size=1)
    world.change_settings(lambda known: msgspec.structs.replace(known, quickbooks=one_at_a_time))
    world.clock.advance(60)
    numbers = _approve(world, 60)

    world.settle()

    _all_posted_once(world, numbers)
    assert world.quickbooks.calls["throttled"] == 0


@pytest.mark.parametrize("body", [BodyForm.JSON, BodyForm.XML, BodyForm.HTML, BodyForm.EMPTY])
@pytest.mark.parametrize("status", [500, 503])
@pytest.mark.parametrize("committed", [True, False])
def test_a_breakdown_during_a_write_is_settled_whatever_it_looks_like(
    world: World, status: int, body: BodyForm, committed: bool
) -> None:
    world.quickbooks_faults.add(
        FaultRule(kind=FaultKind.STATUS, status=status, body=body, committed=committed, **WRITES)
    )
    numbers = _approve(world, 3)

    world.settle()

    _all_posted_once(world, numbers)


def test_an_answer_cut_in_the_middle_is_settled(world: World) -> None:
    world.quickbooks_faults.add(FaultRule(kind=FaultKind.TRUNCATED, **WRITES))
    numbers = _approve(world, 3)

    world.settle()

    _all_posted_once(world, numbers)


def test_a_html_page_in_place_of_a_list_posts_nothing_and_is_tried_again(world: World) -> None:
    page = FaultRule(kind=FaultKind.STATUS, status=200, body=BodyForm.HTML, path="cdc$|/query$|/batch$", times=None)
    rule = world.quickbooks_faults.add(page)
    numbers = _approve(world, 2)
    with pytest.raises(Unavailable):
        world.run()
    assert world.transactions() == []

    world.quickbooks_faults.remove(rule)
    world.settle()

    _all_posted_once(world, numbers)


def test_properties_intuit_adds_tomorrow_disturb_nothing(world: World) -> None:
    world.quickbooks.switches.additive_share = 1.0
    world.quickbooks_faults.add(FaultRule(kind=FaultKind.EXTRA_FIELDS, times=None))
    world.basware_faults.add(FaultRule(kind=FaultKind.EXTRA_FIELDS, times=None))
    numbers = _approve(world, 3)

    world.settle()

    _all_posted_once(world, numbers)


def test_a_token_that_expires_in_the_middle_is_renewed_and_the_batch_goes_once(world: World) -> None:
    numbers = _approve(world, 3)
    world.run([Step.INTAKE, Step.PLAN])
    world.quickbooks.sign_in.expire_access_tokens()

    world.settle()

    _all_posted_once(world, numbers)


def test_a_refresh_token_that_changes_every_time_is_kept_across_processes(world: World) -> None:
    world.quickbooks.switches.rotate_after_seconds = 0
    world.quickbooks.switches.reuse_revokes_grant = True
    numbers = []
    for day in range(4):
        numbers.append(f"D-{day}")
        world.approve(invoice(numbers[-1]))
        world.clock.advance(86400)
        world.restart(f"process {day}")
        world.settle()

    _all_posted_once(world, numbers)


def test_a_withdrawn_consent_asks_for_a_sign_in_and_nothing_is_lost(world: World) -> None:
    numbers = _approve(world, 3)
    world.run([Step.INTAKE, Step.PLAN])
    world.quickbooks.sign_in.disconnect(world.realm_id)
    with pytest.raises(SignInNeeded):
        world.run()
    assert _connection_state(world) is ConnectionState.SIGN_IN_NEEDED

    world.quickbooks.sign_in.grant(world.realm_id, "demo-quickbooks-client", "RT1-after-new-consent")
    world.change_settings(lambda known: known, {"quickbooks.refresh_token": "RT1-after-new-consent"})
    world.settle()

    _all_posted_once(world, numbers)
    assert _connection_state(world) is ConnectionState.ACTIVE


def test_while_quickbooks_asks_for_a_sign_in_documents_are_still_taken_over(world: World) -> None:
    world.quickbooks.sign_in.disconnect(world.realm_id)
    _approve(world, 2)

    with pytest.raises(SignInNeeded):
        world.run()

    assert world.state("A-00") == "received"
    assert world.in_basware("A-00")["processingStatus"] == "TransferInProgress"


def test_a_company_that_became_read_only_keeps_everything_until_it_is_paid_again(world: World) -> None:
    world.quickbooks.switches.read_only = True
    numbers = _approve(world, 3)
    with pytest.raises(CompanyReadOnly):
        world.run()
    assert world.transactions() == []

    world.quickbooks.switches.read_only = False
    world.quickbooks.forget_answers(world.realm_id)
    world.settle()

    _all_posted_once(world, numbers)


def _connection_state(world: World) -> ConnectionState:
    with world.database.read() as tx:
        return connections.get(tx, world.connection_id).state
