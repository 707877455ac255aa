"""The token chain: refreshed by one process at a time, stored before it is used, never thrown away for a failed answer."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from instruments import VirtualClock
from ml_connector.quickbooks.auth import TokenSet
from ml_connector.quickbooks.errors import QuickBooksError, SignInNeeded, Throttled, Unavailable
from ml_connector.store import connections, leases, secrets
from ml_connector.store.database import Database
from ml_connector.store.vault import MasterKeys, Vault
from ml_connector.work.tokens import TokenChain
from twins.clock import Clock

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
CONNECTION = "c1"


class Intuit:
    """A token service that hands out a new pair each time, or fails as told."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.asked: list[str] = []
        self.fails: list[QuickBooksError] = []

    def __call__(self, refresh_token: str) -> TokenSet:
        self.asked.append(refresh_token)
        if self.fails:
            raise self.fails.pop(0)
        number, now = len(self.asked), self._clock.now()
        return TokenSet(
            access_token=f"access-{number}",
            refresh_token=f"refresh-{number}",
            access_expires_at=now + timedelta(hours=1),
            refresh_expires_at=now + timedelta(days=100),
        )


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(Clock(START, running=False))


@pytest.fixture
def intuit(clock: VirtualClock) -> Intuit:
    return Intuit(clock)


@pytest.fixture
def chain(database: Database, clock: VirtualClock, intuit: Intuit) -> Callable[[str], TokenChain]:
    vault = Vault(MasterKeys(b"t" * 32))
    with database.write() as tx:
        connections.add(tx, connection_id=CONNECTION, name="acme", settings="{}", now=START)
        secrets.put(tx, vault, CONNECTION, "quickbooks.refresh_token", "first", START)

    def of(worker: str) -> TokenChain:
        return TokenChain(
            database=database, vault=vault, connection_id=CONNECTION, clock=clock, refresher=intuit, worker=worker
        )

    return of


def test_a_token_is_asked_for_once_and_again_shortly_before_it_ends(
    chain: Callable[[str], TokenChain], clock: VirtualClock, intuit: Intuit
) -> None:
    own = chain("a")
    assert [own.access_token(False), own.access_token(False)] == ["access-1", "access-1"]
    clock.sleep(54 * 60)
    assert own.access_token(False) == "access-1"
    clock.sleep(2 * 60)
    assert own.access_token(False) == "access-2"
    assert intuit.asked == ["first", "refresh-1"]


def test_a_new_process_goes_on_with_the_stored_tokens(chain: Callable[[str], TokenChain], intuit: Intuit) -> None:
    chain("a").access_token(False)
    assert chain("b").access_token(False) == "access-1"
    assert intuit.asked == ["first"]


def test_a_refused_token_is_renewed_once_for_all_processes(chain: Callable[[str], TokenChain], intuit: Intuit) -> None:
    one, two = chain("a"), chain("b")
    assert one.access_token(False) == two.access_token(False) == "access-1"
    assert one.access_token(True) == "access-2"
    assert two.access_token(True) == "access-2"
    assert intuit.asked == ["first", "refresh-1"]


@pytest.mark.parametrize("errors", [[Unavailable("down"), Unavailable("down")], [Throttled("busy")]])
def test_a_living_token_serves_while_the_token_service_is_down_or_busy(
    chain: Callable[[str], TokenChain], clock: VirtualClock, intuit: Intuit, errors: list[QuickBooksError]
) -> None:
    own = chain("a")
    own.access_token(False)
    clock.sleep(56 * 60)
    intuit.fails = list(errors)
    assert own.access_token(False) == "access-1"
    assert own.access_token(False) == f"access-{len(errors) + 2}"


def test_a_lost_answer_is_asked_for_again_at_once_with_the_same_token(
    chain: Callable[[str], TokenChain], intuit: Intuit
) -> None:
    intuit.fails = [Unavailable("no answer")]
    assert chain("a").access_token(False) == "access-2"
    assert intuit.asked == ["first", "first"]


def test_a_token_service_that_stays_down_costs_no_token(chain: Callable[[str], TokenChain], intuit: Intuit) -> None:
    own = chain("a")
    intuit.fails = [Unavailable("down"), Unavailable("down")]
    with pytest.raises(Unavailable):
        own.access_token(False)
    assert own.access_token(False) == "access-3"
    assert intuit.asked == ["first"] * 3


def test_a_grant_that_is_over_needs_a_person_and_keeps_what_is_stored(
    chain: Callable[[str], TokenChain], clock: VirtualClock, intuit: Intuit
) -> None:
    own = chain("a")
    own.access_token(False)
    clock.sleep(2 * 3600)
    intuit.fails = [SignInNeeded("invalid_grant")]
    with pytest.raises(SignInNeeded):
        own.access_token(False)
    assert chain("b").access_token(False) == "access-3"
    assert intuit.asked[-1] == "refresh-1"


def test_a_process_waits_for_the_one_that_is_refreshing(
    chain: Callable[[str], TokenChain], database: Database, clock: VirtualClock, intuit: Intuit
) -> None:
    with database.write() as tx:
        leases.acquire(tx, CONNECTION, "quickbooks token", "elsewhere", clock.now(), 30)
    assert chain("a").access_token(False) == "access-1"
    assert clock.now() >= START + timedelta(seconds=30)
