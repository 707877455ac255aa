"""Calls of the API that are sent again."""

import pytest

from instruments import VirtualClock
from ml_connector.store.database import Database
from ml_connector.work.people import repeats
from ml_connector.work.people.identity import Identity
from ml_connector.work.people.repeats import Answered, RepeatError
from twins.clock import Clock as TwinClock
from twins.demo_company import TODAY

pytestmark = pytest.mark.both_databases


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(TwinClock(TODAY, running=False))


@pytest.fixture
def identity(database: Database, clock: VirtualClock) -> Identity:
    return Identity(database=database, clock=clock)


def claim(identity: Identity, key: str = "k", request: str = "POST /retry", scope: str = "ann") -> Answered | None:
    return repeats.claim(identity, scope=scope, key=key, request_hash=request)


def test_a_call_sent_again_gets_its_first_answer(identity: Identity) -> None:
    assert claim(identity) is None
    repeats.keep(identity, scope="ann", key="k", status=200, text='{"retried":1}')

    assert claim(identity) == Answered(status=200, text='{"retried":1}')


def test_a_key_is_for_one_call_and_one_caller(identity: Identity) -> None:
    assert claim(identity) is None

    with pytest.raises(RepeatError, match="another call"):
        claim(identity, request="POST /ignore")
    assert claim(identity, scope="bea") is None
    assert claim(identity, key="other") is None


def test_a_call_under_way_is_not_done_twice(identity: Identity) -> None:
    assert claim(identity) is None

    with pytest.raises(RepeatError, match="still being done"):
        claim(identity)


def test_a_call_that_failed_without_doing_anything_may_be_tried_again(identity: Identity) -> None:
    assert claim(identity) is None
    repeats.give_up(identity, scope="ann", key="k")

    assert claim(identity) is None


def test_a_call_that_was_cut_off_may_be_tried_again_after_a_while(identity: Identity, clock: VirtualClock) -> None:
    assert claim(identity) is None
    clock.advance(5 * 60)

    assert claim(identity) is None
    with pytest.raises(RepeatError):
        claim(identity)


def test_an_answer_is_kept_for_a_day(identity: Identity, clock: VirtualClock) -> None:
    assert claim(identity) is None
    repeats.keep(identity, scope="ann", key="k", status=200, text="{}")
    clock.advance(24 * 3600)

    assert claim(identity) is None
